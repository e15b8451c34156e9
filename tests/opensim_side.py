"""What tests ask of OpenSim itself. Runs in a process of its own (see native.py)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from footstrike.engines.osim import osim


def contact_wrenches(
    osim_text: str, names: list[str], states: list[tuple[list[float], list[float]]]
) -> list[dict[str, list[float]]]:
    """For each (q, qd): sphere -> force (N) and torque about its body's origin (N m), in ground."""
    Path("model.osim").write_text(osim_text)
    model = osim.Model("model.osim")
    state = model.initSystem()
    forces = {}
    for force in list(model.getComponentsList()):
        contact = osim.SmoothSphereHalfSpaceForce.safeDownCast(force)
        if contact is not None:
            forces[contact.getSocket("sphere").getConnecteeAsObject().getName()] = contact
    coordinates = model.getCoordinateSet()
    answer = []
    for q, qd in states:
        for name, x, v in zip(names, q, qd, strict=True):
            coordinates.get(name).setValue(state, x, False)
            coordinates.get(name).setSpeedValue(state, v)
        model.assemble(state)
        for name, v in zip(names, qd, strict=True):
            coordinates.get(name).setSpeedValue(state, v)
        model.realizeDynamics(state)
        records = {name: force.getRecordValues(state) for name, force in forces.items()}
        answer.append({name: [r.get(i) for i in range(6)] for name, r in records.items()})
    return answer


def versions() -> str:
    """Version of OpenSim."""
    return str(osim.GetVersion())


def vector(values: Any) -> Any:
    """(n,) array from an OpenSim vector."""
    return np.array([values.get(i) for i in range(values.size())])
