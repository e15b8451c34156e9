"""OpenSim's own metabolic rates. Runs in a process of its own (see native.py)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from footstrike.opensim.osim import osim

RATES = ("Activation", "Maintenance", "Shortening", "MechanicalWork", "Metabolic")


def bhargava(
    osim_text: str, q: dict[str, float], speeds: dict[str, float], activation: Any, of: dict[str, Any]
) -> dict[str, Any]:
    """States of all muscles at the activations (M,), and the rates that OpenSim gives each of them.

    ``of``: by muscle its share of slow fibres and its mass, kg. Every muscle has a metabolics of its own.
    """
    Path("model.osim").write_text(osim_text)
    model = osim.Model("model.osim")
    muscles = list(model.getMuscleList())
    for muscle, (slow, mass) in zip(muscles, (of[m.getName()] for m in muscles), strict=True):
        own = osim.Bhargava2004SmoothedMuscleMetabolics()
        own.setName(f"metabolics_{muscle.getName()}")
        own.set_use_smoothing(False)
        own.set_use_force_dependent_shortening_prop_constant(True)
        own.set_basal_coefficient(0.0)
        own.addMuscle(muscle.getName(), muscle, slow, 250000.0, mass)
        model.addComponent(own)
    model.finalizeConnections()
    state = model.initSystem()
    for name, value in q.items():
        model.getCoordinateSet().get(name).setValue(state, value, False)
    model.assemble(state)
    for name, value in speeds.items():
        model.getCoordinateSet().get(name).setSpeedValue(state, value)
    for muscle, a in zip(muscles, activation, strict=True):
        muscle.setActivation(state, float(a))
    model.equilibrateMuscles(state)  # compliant tendons: fibres at rest between them and the joints
    model.realizeVelocity(state)
    controls = osim.Vector(model.getNumControls(), 0.0)
    for muscle, a in zip(muscles, activation, strict=True):
        muscle.addInControls(osim.Vector(1, float(a)), controls)
    model.setControls(state, controls)
    model.realizeDynamics(state)
    own = {c.getName(): c for c in list(model.getComponentsList())}
    metabolics = [
        osim.Bhargava2004SmoothedMuscleMetabolics.safeDownCast(own[f"metabolics_{m.getName()}"])
        for m in muscles
    ]
    strongest = np.array([m.getMaxIsometricForce() for m in muscles])
    at_length = np.array([m.getActiveForceLengthMultiplier(state) for m in muscles])
    return {
        "names": [m.getName() for m in muscles],
        "excitation": np.array([m.getControl(state) for m in muscles]),
        "activation": np.array([m.getActivation(state) for m in muscles]),
        "length": np.array([m.getNormalizedFiberLength(state) for m in muscles]),
        "velocity": np.array([m.getFiberVelocity(state) for m in muscles]),
        "active": np.array([m.getActiveFiberForce(state) for m in muscles]),
        "passive": np.array([m.getPassiveFiberForce(state) for m in muscles]),
        "tendon": np.array([m.getTendonForce(state) for m in muscles]),
        "isometric": np.asarray(activation) * at_length * strongest,
        "rates": np.array([[getattr(c, f"getTotal{kind}Rate")(state) for kind in RATES] for c in metabolics]),
    }
