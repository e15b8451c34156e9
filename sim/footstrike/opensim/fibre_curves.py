"""How strong a muscle's fibre is in OpenSim, and the nearest De Groote-Fregly curves. OpenSim worker.

Every muscle model of OpenSim is measured in the same way, on a copy of the muscle with unit strength and
lengths that spans a sliding body: either with a rigid tendon, so that length and velocity of the fibre are
given, or, where the model has no rigid tendon, by stretching the tendon in steps and reading the velocity
the fibre then has.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from footstrike.model.muscle_curves import muscle_curves
from footstrike.muscles.strength import force_length, force_velocity, passive_force
from footstrike.opensim.opened_model import Array
from footstrike.opensim.osim import osim

LENGTHS = np.linspace(0.5, 1.5, 21)  # optimal lengths
VELOCITIES = np.linspace(-1.0, 1.0, 21)  # maximal velocities, lengthening +
WIDTHS = np.linspace(1.0, 2.5, 151)  # OpenSim allows no narrower ones
STRAINS = np.linspace(0.2, 2.0, 181)
_STRETCH = np.concatenate([np.linspace(0.0, 0.02, 20), np.linspace(0.02, 0.25, 116)[1:]])
_SCALES = {
    "max_isometric_force": 1.0,
    "optimal_fiber_length": 1.0,
    "tendon_slack_length": 1.0,
    "pennation_angle_at_optimal": 0.0,
    "max_contraction_velocity": 1.0,
}
_NO_FORCE = 1e-3
_NOT_CURVES = {*_SCALES, "path", "components", "min_control", "max_control", "default_activation",
               "default_fiber_length", "default_normalized_tendon_force", "optimal_force", "appliesForce",
               "activation_time_constant", "deactivation_time_constant", "minimum_activation",
               "FmaxTendonStrain", "TendonForceLengthCurve", "tendon_strain_at_one_norm_force",
               "tendon_compliance_dynamics_mode", "maximum_pennation_angle", "ignore_tendon_compliance",
               "ignore_activation_dynamics", "fiber_damping"}  # fmt: skip


@dataclass(frozen=True)
class Fibre:
    """Force of a fibre at full activation over LENGTHS x VELOCITIES, and its passive force over LENGTHS."""

    total: Array
    passive: Array


@dataclass(frozen=True)
class CurveFit:
    """Parameters of the De Groote-Fregly curves that come closest, largest and RMS difference of force."""

    width_scale: float
    passive_strain: float
    error: float | None
    rms: float = 0.0


def closest_curves(muscle: Any, cached: dict[str, CurveFit]) -> CurveFit:
    """The mapping of a muscle's curves; muscles with the same curves share one in ``cached``."""
    if muscle.getConcreteClassName() == "DeGrooteFregly2016Muscle":
        return _same(osim.DeGrooteFregly2016Muscle.safeDownCast(muscle))
    key = _signature(muscle)
    if key not in cached:
        fibre = _measured(muscle)
        cached[key] = CurveFit(1.0, muscle_curves().passive_strain, None) if fibre is None else closest(fibre)
    return cached[key]


def closest(fibre: Fibre) -> CurveFit:
    """Width and passive strain by least squares on each curve, and the largest difference of force."""
    isometric = fibre.total[:, len(VELOCITIES) // 2] - fibre.passive
    width = WIDTHS[np.argmin([np.sum((_active(w) - isometric) ** 2) for w in WIDTHS])]
    strain = STRAINS[np.argmin([np.sum((_passive(s) - fibre.passive) ** 2) for s in STRAINS])]
    if not fibre.passive.any():
        strain = np.inf
    off = _total(float(width), float(strain)) - fibre.total
    rms = float(np.sqrt(np.mean(off**2)))
    return CurveFit(float(width), float(strain), float(np.abs(off).max()), rms)


def _same(muscle: Any) -> CurveFit:
    strain = (
        np.inf
        if muscle.get_ignore_passive_fiber_force()
        else muscle.get_passive_fiber_strain_at_one_norm_force()
    )
    return CurveFit(float(muscle.get_active_force_width_scale()), float(strain), 0.0)


def _signature(muscle: Any) -> str:
    parts = [muscle.getConcreteClassName()]
    for i in range(muscle.getNumProperties()):
        p = muscle.getPropertyByIndex(i)
        if p.getName() in _NOT_CURVES:
            continue
        text = p.getValueAsObject().dump() if p.isObjectProperty() and p.size() else p.toString()
        parts.append(re.sub(r'name="[^"]*"', "", text))
    return "\n".join(parts)


def _measured(muscle: Any) -> Fibre | None:
    """The fibre's forces, or None where OpenSim cannot compute them."""
    ways: tuple[Callable[[], Fibre], ...] = (
        lambda: _driven(*_rig(muscle, True)),
        lambda: _stretched(*_rig(muscle, False)),
        lambda: _by_curves(muscle),
    )
    for measure in ways:
        try:
            fibre = measure()
        except (RuntimeError, ValueError, AttributeError):
            continue
        if np.all(np.isfinite(fibre.total)) and fibre.total.max() > 0.5:
            return fibre
    return None


def _rig(muscle: Any, rigid: bool) -> tuple[Any, Any, Any]:
    """A model in which a unit copy of the muscle pulls a sliding body."""
    model = osim.Model()
    body = osim.Body("body", 1.0, osim.Vec3(0), osim.Inertia(1))
    model.addBody(body)
    model.addJoint(osim.SliderJoint("slider", model.getGround(), body))
    clone = muscle.clone()
    clone.thisown = False  # the model owns it from here on
    copy = osim.Muscle.safeDownCast(clone)
    copy.setName("copy")
    for name, value in _SCALES.items():
        getattr(copy, f"set_{name}")(value)
    copy.set_ignore_tendon_compliance(rigid)
    copy.set_appliesForce(True)
    copy.set_path(osim.GeometryPath())
    copy.addNewPathPoint("origin", model.getGround(), osim.Vec3(0))
    copy.addNewPathPoint("insertion", body, osim.Vec3(0))
    model.addForce(copy)
    state = model.initSystem()
    return model, state, osim.Muscle.safeDownCast(model.getForceSet().get(0))


def _driven(model: Any, state: Any, muscle: Any) -> Fibre:
    """With a rigid tendon: the slider sets length and velocity of the fibre."""
    slider = model.getCoordinateSet().get(0)
    total, passive = np.zeros((len(LENGTHS), len(VELOCITIES))), np.zeros(len(LENGTHS))
    for i, length in enumerate(LENGTHS):
        for k, velocity in enumerate(VELOCITIES):
            slider.setValue(state, 1.0 + float(length), False)
            slider.setSpeedValue(state, float(velocity))
            model.realizeVelocity(state)
            if abs(muscle.getNormalizedFiberLength(state) - length) > 1e-6:
                raise ValueError("the fibre does not follow")
            passive[i] = muscle.getPassiveForceMultiplier(state)
            active = muscle.getActiveForceLengthMultiplier(state)
            total[i, k] = active * muscle.getForceVelocityMultiplier(state) + passive[i]
    return Fibre(total, passive)


def _stretched(model: Any, state: Any, muscle: Any) -> Fibre:
    """With a compliant tendon: force and velocity of the active fibre at every stretch of the tendon."""
    total, passive = np.zeros((len(LENGTHS), len(VELOCITIES))), np.zeros(len(LENGTHS))
    deprecated = muscle.getConcreteClassName().endswith("_Deprecated")
    for i, length in enumerate(LENGTHS):
        points = [_pulled(model, state, muscle, float(length), float(s)) for s in _STRETCH]
        velocity, force = np.array(sorted(points)).T / np.array([[fastest(muscle)], [1.0]])
        if velocity[-1] < 1.0 or (velocity[0] > -1.0 + 1e-6 and force[0] > _NO_FORCE):
            raise ValueError("the tendon does not reach the forces needed")
        total[i] = np.interp(VELOCITIES, velocity, force)
        passive[i] = total[i, 0] if deprecated else max(muscle.getPassiveForceMultiplier(state), 0.0)
    if muscle.hasProperty("passive_force_length_curve"):  # where damping hides it at the highest velocity
        curve = osim.Function.safeDownCast(
            muscle.getPropertyByName("passive_force_length_curve").getValueAsObject()
        )
        passive = np.array([curve.calcValue(osim.Vector(1, float(x))) for x in LENGTHS])
    return Fibre(total, passive)


def _pulled(model: Any, state: Any, muscle: Any, length: float, stretch: float) -> tuple[float, float]:
    """Velocity (fibre lengths per second) and force of the fibre while the tendon is stretched."""
    slider = model.getCoordinateSet().get(0)
    slider.setValue(state, 1.0 + stretch + length, False)
    slider.setSpeedValue(state, 0.0)
    model.setStateVariableValue(state, "/forceset/copy/activation", 1.0)
    model.setStateVariableValue(state, "/forceset/copy/fiber_length", length)
    model.realizeDynamics(state)
    return muscle.getFiberVelocity(state), muscle.getTendonForce(state)


def fastest(muscle: Any) -> float:
    """Maximal velocity, optimal lengths per second; older models have it under other names."""
    kind = muscle.getConcreteClassName()
    if kind == "Thelen2003Muscle_Deprecated":
        return _number(muscle, "Vmax")
    if kind in ("Schutte1993Muscle_Deprecated", "Delp1990Muscle_Deprecated"):
        return 1.0 / _number(muscle, "time_scale")
    return float(muscle.getMaxContractionVelocity())


def _number(muscle: Any, name: str) -> float:
    return float(osim.PropertyHelper.getValueDouble(muscle.getPropertyByName(name)))


def _by_curves(muscle: Any) -> Fibre:
    """From the curves themselves, where a model has them as objects but cannot be driven."""
    active, passive, velocity = (
        getattr(osim, name).safeDownCast(muscle.getPropertyByName(name).getValueAsObject())
        for name in ("ActiveForceLengthCurve", "FiberForceLengthCurve", "ForceVelocityCurve")
    )
    rest = np.array([passive.calcValue(float(x)) for x in LENGTHS])
    strength = np.array([active.calcValue(float(x)) for x in LENGTHS])
    speed = np.array([velocity.calcValue(float(v)) for v in VELOCITIES])
    return Fibre(np.outer(strength, speed) + rest[:, None], rest)


def _active(width: float) -> Array:
    """Active force over LENGTHS with a widened curve; the widening is that of OpenSim's muscle."""
    return np.asarray(force_length((LENGTHS - 1.0) / width + 1.0))


def _passive(strain: float) -> Array:
    """Passive force over LENGTHS that is 1 at ``strain``, and 0 at any length for an infinite one."""
    return np.asarray(passive_force(LENGTHS, strain))


def _total(width: float, strain: float) -> Array:
    return np.asarray(np.outer(_active(width), force_velocity(VELOCITIES)) + _passive(strain)[:, None])
