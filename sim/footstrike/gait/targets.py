"""The motion and ground force that a simulation of habitual running tracks, per strike and speed.

Legs and forces of the two habitual groups are means of Fukuchi et al. 2017 (PeerJ 5:e3298, CC-BY 4.0). Trunk, arms, pelvis
tilt and list, and the net moments at L5/S1 are means of the ten runners of Hamner & Delp 2013 (J Biomech 46:780) for both,
since no public data show a difference. The one of the ten who lands on the forefoot is a third pattern.
`docs/targets.md` tells what was done to them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from footstrike.brief import brief
from footstrike.errors import InputError, unknown_name
from footstrike.gait import habitual_tables
from footstrike.gait.fourier import Parity, smooth
from footstrike.gait.variation import LEAN, MOMENTS, Variation, check_variation, of_legs, of_trunk
from footstrike.model.sides import REVERSING

Array = NDArray[np.float64]

HABITUAL = ("rearfoot", "forefoot")
STRIKER = "true_forefoot"
STRIKES = (*HABITUAL, STRIKER)
SPEED_LIMITS = (2.0, 5.5)
LEG_SCALE_LIMITS = (0.6, 1.4)
TRANSLATIONS = ("pelvis_tx", "pelvis_ty", "pelvis_tz")

INTERVALS = 100
HARMONICS = 10
TRUNK_HARMONICS = 8
AXES: dict[str, Parity] = {"extension": "repeats", "bending": "reverses", "rotation": "reverses"}

_LEG = (
    "hip_flexion", "hip_adduction", "hip_rotation",
    "knee_angle", "ankle_angle", "subtalar_angle", "mtp_angle",
)  # fmt: skip
_ARM = ("arm_flex", "arm_add", "arm_rot", "elbow_flex")
SIDED = _LEG + _ARM
COORDINATES = (
    "pelvis_tilt", "pelvis_list", "pelvis_rotation", "pelvis_tx", "pelvis_ty", "pelvis_tz",
    *(f"{name}_{side}" for side in "rl" for name in _LEG),
    "lumbar_extension", "lumbar_bending", "lumbar_rotation",
    *(f"{name}_{side}" for side in "rl" for name in _ARM),
)  # fmt: skip


@dataclass(frozen=True)
class Target:
    """One periodic, left-right symmetric stride of habitual running.

    Attributes
    ----------
    strike, speed
        ``rearfoot`` or ``forefoot``; m/s.
    stride_time, contact_time
        Two steps, and the stance of one foot, s.
    phase
        (n,) 0..1 of the stride, 0 = right initial contact; the last sample is the first one again.
    coordinates, spread
        {free coordinate: (n,)} mean and SD between runners; rad, m. ``pelvis_tx`` is the oscillation about
        steady progression, ``pelvis_ty`` about its mean.
    force_phase, force, force_spread
        (m,) 0..1 of stance; {"fx" forward, "fy" up, "fz" to the right: (m,)} of the right foot, body weights.
    moments, moment_spread
        {"L5S1_extension", "L5S1_bending", "L5S1_rotation": (n,)} net moments of :func:`footstrike.lumbar.net_load.net_load`,
        N m per kg of body mass.
    lean, lean_spread
        Mean forward lean of the thorax over the stride against standing, and its SD between runners, rad.
    source
        Where the numbers come from, and whether the speed lies outside the measured range.
    """

    __repr__ = brief

    strike: str
    speed: float
    stride_time: float
    contact_time: float
    phase: Array
    coordinates: dict[str, Array]
    spread: dict[str, Array]
    force_phase: Array
    force: dict[str, Array]
    force_spread: dict[str, Array]
    moments: dict[str, Array]
    moment_spread: dict[str, Array]
    lean: float
    lean_spread: float
    source: str


def target(strike: str, speed: float, leg_scale: float | None = None, variation: Variation = ()) -> Target:
    """Habitual running of a strike pattern at a speed, linear in speed between the measured ones.

    For another body size the motion is dynamically similar (Alexander & Jayes 1983, J Zool 201:135): angles
    and forces in body weights are kept, times go with the square root of leg length, distances of the pelvis and
    moments per mass with leg length. The speed stays, so the stride goes with the square root as well.

    Parameters
    ----------
    strike
        ``rearfoot`` or ``forefoot``.
    speed
        m/s, within 2.0 to 5.5; below 2.5 and above 4.5 it is extrapolated (`is_extrapolated`, ``source``).
    leg_scale
        Leg length over that of the reference runner; the measured runners' own motion if None.
    variation
        How the runner differs from the group's mean (:mod:`footstrike.gait.variation`); not for the pattern of one runner.

    Raises
    ------
    InputError
        If the strike is unknown, or the speed or leg scale is not usable.
    """
    check_strike(strike)
    speed = check_speed(speed)
    if variation and strike == STRIKER:
        raise InputError(
            f"{variation[0][0]} cannot be given for {STRIKER}, one runner (allowed for: {', '.join(HABITUAL)})"
        )
    habitual = _habitual(strike, speed, dict(check_variation(variation)))
    return habitual if leg_scale is None else _similar(habitual, check_leg_scale(leg_scale))


def _habitual(strike: str, speed: float, variation: Mapping[str, float]) -> Target:
    own = of_legs(variation, speed)
    by_speed = habitual_tables.weights(speed, habitual_tables.speeds(strike))
    stride_time, contact_time = (
        _time(strike, by_speed, name) + float(np.sum(own.get(name, 0.0)))
        for name in ("stride_time", "contact_time")
    )
    forces = {
        name: _moved(
            habitual_tables.mixed(_of_strike(habitual_tables.force_curves(), strike), by_speed, name),
            own,
            name,
        )
        for name in ("fx", "fy")
    }
    sideways = habitual_tables.sideways_force()
    forces["fz"] = habitual_tables.mixed(sideways, _at_speed(sideways, speed), "fz")

    mean, spread = _legs(strike, by_speed, own)
    chosen, lean_spread = habitual_tables.choices()["thorax_tilt"]
    tilt = -np.deg2rad(variation[LEAN]) if LEAN in variation else chosen or 0.0
    trunk = _trunk(strike, speed, of_trunk(variation))
    if strike != STRIKER:
        _carry_over(mean, spread, trunk)
    _add_trunk_and_arms(mean, spread, trunk, tilt)
    for name, (value, sd) in habitual_tables.choices().items():
        spread.setdefault(name, np.full(INTERVALS, sd))
        if name in SIDED and value is not None:
            mean[name] = np.full(INTERVALS, value)
    spread.pop("thorax_tilt")
    moments = _moments(speed, variation)

    return Target(
        strike=strike,
        speed=speed,
        stride_time=stride_time,
        contact_time=contact_time,
        phase=np.linspace(0.0, 1.0, INTERVALS + 1),
        coordinates=_both_sides(mean),
        spread=_both_sides(spread),
        force_phase=np.linspace(0.0, 1.0, len(forces["fy"][0])),
        force={name: pair[0] for name, pair in forces.items()},
        force_spread={name: pair[1] for name, pair in forces.items()},
        moments={name: pair[0] for name, pair in moments.items()},
        moment_spread={name: pair[1] for name, pair in moments.items()},
        lean=-tilt,
        lean_spread=lean_spread,
        source=_source(strike, speed) + _told(variation),
    )


def _told(variation: Mapping[str, float]) -> str:
    changes = ", ".join(f"{name} {value:.4g}" for name, value in variation.items())
    return f"; varied between runners: {changes}" if changes else ""


def _moved(pair: tuple[Array, Array], own: Mapping[str, Array], name: str) -> tuple[Array, Array]:
    """Mean and SD of a curve, the mean changed by what is the runner's own."""
    return (pair[0] + own[name], pair[1]) if name in own else pair


def _similar(habitual: Target, leg_scale: float) -> Target:
    """The same motion of a runner whose legs are ``leg_scale`` times as long."""
    lengths = {name: leg_scale if name in TRANSLATIONS else 1.0 for name in habitual.coordinates}
    return replace(
        habitual,
        stride_time=habitual.stride_time * math.sqrt(leg_scale),
        contact_time=habitual.contact_time * math.sqrt(leg_scale),
        coordinates={name: x * lengths[name] for name, x in habitual.coordinates.items()},
        spread={name: x * lengths[name] for name, x in habitual.spread.items()},
        moments={name: x * leg_scale for name, x in habitual.moments.items()},
        moment_spread={name: x * leg_scale for name, x in habitual.moment_spread.items()},
        source=f"{habitual.source}; times and distances for legs {leg_scale:.3f} times as long",
    )


def check_leg_scale(leg_scale: float) -> float:
    """Return the leg scale, or raise `InputError` with what is allowed."""
    low, high = LEG_SCALE_LIMITS
    if not low <= leg_scale <= high:
        raise InputError(f"leg_scale {leg_scale!r} cannot be used (allowed: a number from {low} to {high})")
    return leg_scale


def is_extrapolated(strike: str, speed: float) -> bool:
    """Whether the speed (m/s) lies outside those at which the strike was measured."""
    measured = habitual_tables.speeds(check_strike(strike))
    return not measured[0] <= speed <= measured[-1]


def check_strike(strike: str) -> str:
    """Return the strike, or raise `InputError` with what is allowed."""
    if strike not in STRIKES:
        raise unknown_name("strike", str(strike), STRIKES)
    return strike


def check_speed(speed: float) -> float:
    """Return the speed (m/s) as a float, or raise `InputError` with what is allowed."""
    low, high = SPEED_LIMITS
    try:
        value = float(speed)
    except (TypeError, ValueError):
        value = math.nan
    if not low <= value <= high:
        raise InputError(f"speed {speed!r} m/s cannot be used (allowed: a number from {low} to {high} m/s)")
    return value


def _time(strike: str, by_speed: dict[float, float], name: str) -> float:
    return sum(share * habitual_tables.timings()[strike, v][name][0] for v, share in by_speed.items())


def _of_strike(
    groups: dict[tuple[str, float], habitual_tables.Curves], strike: str
) -> dict[float, habitual_tables.Curves]:
    return {speed: curves for (name, speed), curves in groups.items() if name == strike}


def _at_speed(curves: Mapping[float, habitual_tables.Curves], speed: float) -> dict[float, float]:
    return habitual_tables.weights(speed, tuple(sorted(curves)))


def _smooth(pair: tuple[Array, Array], harmonics: int, parity: Parity) -> tuple[Array, Array]:
    """Mean and SD of a curve (INTERVALS,) smoothed; an SD has no sign that could change with the side."""
    return smooth(pair[0], harmonics, parity), smooth(
        pair[1], harmonics, "any" if parity == "any" else "repeats"
    )


def _parity(name: str) -> Parity:
    if name in SIDED:
        return "any"
    return "reverses" if name in REVERSING else "repeats"


def _legs(
    strike: str, by_speed: dict[float, float], own: Mapping[str, Array]
) -> tuple[dict[str, Array], dict[str, Array]]:
    """Right leg, and pelvis as it was measured with it: mean and SD (INTERVALS,), smoothed."""
    mean, spread = {}, {}
    curves = _of_strike(habitual_tables.joint_curves(), strike)
    for name in curves[next(iter(by_speed))]:
        mean[name], spread[name] = _smooth(
            _moved(habitual_tables.mixed(curves, by_speed, name), own, name), HARMONICS, _parity(name)
        )
    return mean, spread


def _trunk(strike: str, speed: float, own: Mapping[str, Array]) -> dict[str, tuple[Array, Array]]:
    """Trunk, arms, surge and sway, and the pelvis that was measured with them: mean and SD (INTERVALS,), smoothed."""
    curves = habitual_tables.trunk_curves("s19" if strike == STRIKER else "ten")
    by_speed = _at_speed(curves, speed)
    return {
        name: _smooth(
            _moved(habitual_tables.mixed(curves, by_speed, name), own, name), TRUNK_HARMONICS, _parity(name)
        )
        for name in curves[next(iter(by_speed))]
    }


def _add_trunk_and_arms(
    mean: dict[str, Array], spread: dict[str, Array], trunk: dict[str, tuple[Array, Array]], tilt: float
) -> None:
    """Add trunk, arms, surge and sway, and the pelvis of theirs; ``tilt`` is the mean of the thorax (rad, backward +)."""
    for name, (curve, sd) in trunk.items():
        mean[name], spread[name] = curve, sd
    extension = mean["lumbar_extension"]
    mean["lumbar_extension"] = extension - extension.mean() + tilt - mean["pelvis_tilt"].mean()
    for name in TRANSLATIONS:
        spread.pop(name)  # chosen, not measured


def _carry_over(
    legs: dict[str, Array], spread: dict[str, Array], ten: dict[str, tuple[Array, Array]]
) -> None:
    """Put the trunk of ten runners on the legs of others, in place.

    What the spine does is thorax less pelvis, so tilt and list of the pelvis are those of the runners whose thorax it
    is. In the sagittal plane the thigh stays where it was measured in space and the hip takes up the difference; adduction and
    rotation of the hip go with the list. Mean tilt, rotation and height of the pelvis are those measured with the legs,
    and the thorax turns in space as that of the ten does.
    """
    tilt = ten["pelvis_tilt"][0] - ten["pelvis_tilt"][0].mean() + legs["pelvis_tilt"].mean()
    thigh, _ = habitual_tables.choices()["thigh"]
    legs["hip_flexion"] = legs["hip_flexion"] + legs["pelvis_tilt"] - tilt + (thigh or 0.0)
    turned = ten["pelvis_rotation"][0] + ten["lumbar_rotation"][0]
    ten["lumbar_rotation"] = turned - legs["pelvis_rotation"], ten["lumbar_rotation"][1]
    ten["pelvis_tilt"] = tilt, ten["pelvis_tilt"][1]
    for name in ("pelvis_rotation", "pelvis_ty"):
        ten[name] = legs[name], spread[name]


def _moments(speed: float, variation: Mapping[str, float]) -> dict[str, tuple[Array, Array]]:
    """Net moments at L5/S1 and their SD (INTERVALS + 1,)."""
    curves = habitual_tables.lumbar_moments()
    by_speed = _at_speed(curves, speed)
    pairs = {
        f"L5S1_{axis}": _smooth(habitual_tables.mixed(curves, by_speed, axis), TRUNK_HARMONICS, parity)
        for axis, parity in AXES.items()
    }
    factors = {moment: variation.get(name, 1.0) for name, moment in MOMENTS.items()}
    return {name: (_closed(factors[name] * mean), _closed(sd)) for name, (mean, sd) in pairs.items()}


def _closed(curve: Array) -> Array:
    return np.append(curve, curve[0])


def _both_sides(right: dict[str, Array]) -> dict[str, Array]:
    """Every free coordinate (INTERVALS + 1,); the left side is the right one half a stride later."""
    half = INTERVALS // 2
    left = {f"{name}_l": np.roll(right[name], half) for name in SIDED}
    every = right | left | {f"{name}_r": right[name] for name in SIDED}
    return {name: _closed(every[name]) for name in COORDINATES}


def _source(strike: str, speed: float) -> str:
    text = "legs, forces: Fukuchi 2017 (PeerJ 5:e3298, CC-BY 4.0); trunk, arms, moments at L5/S1: Hamner & Delp 2013, ten runners"
    if strike == STRIKER:
        text = "legs, trunk, forces: runner s19 of Hamner & Delp 2013 (J Biomech 46:780); moments at L5/S1: ten runners"
    if is_extrapolated(strike, speed):
        measured = habitual_tables.speeds(strike)
        text += f"; extrapolated: measured from {measured[0]} to {measured[-1]} m/s only"
    return text
