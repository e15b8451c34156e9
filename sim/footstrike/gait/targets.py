"""The motion and ground force that a simulation of habitual running tracks, per strike and speed.

Legs, pelvis and forces are group means of Fukuchi et al. 2017 (PeerJ 5:e3298, CC-BY 4.0); trunk and arms are
those of subject 1 of Hamner & Delp 2013 (J Biomech 46:780) for both strikes, since no public data show a
difference. `docs/targets.md` tells what was done to them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from footstrike.brief import brief
from footstrike.errors import InputError, unknown_name
from footstrike.gait import tables
from footstrike.gait.fourier import Parity, evaluate, smooth
from footstrike.gait.mirror import REVERSING

Array = NDArray[np.float64]

STRIKES = ("rearfoot", "forefoot")
SPEED_LIMITS = (2.0, 5.5)
LEG_SCALE_LIMITS = (0.6, 1.4)
TRANSLATIONS = ("pelvis_tx", "pelvis_ty", "pelvis_tz")

INTERVALS = 100
HARMONICS = 10

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
        (m,) 0..1 of stance; {"fx" forward, "fy" up: (m,)} of the right foot, body weights.
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
    source: str


def target(strike: str, speed: float, leg_scale: float | None = None) -> Target:
    """Habitual running of a strike pattern at a speed, linear in speed between the measured ones.

    For another body size the motion is dynamically similar (Alexander & Jayes 1983, J Zool 201:135): angles
    and forces in body weights are kept, times go with the square root of leg length, distances of the pelvis
    with leg length. The speed stays, so the stride goes with the square root as well.

    Parameters
    ----------
    strike
        ``rearfoot`` or ``forefoot``.
    speed
        m/s, within 2.0 to 5.5; below 2.5 and above 4.5 it is extrapolated (`is_extrapolated`, ``source``).
    leg_scale
        Leg length over that of the reference runner; the measured runners' own motion if None.

    Raises
    ------
    InputError
        If the strike is unknown, or the speed or leg scale is not usable.
    """
    check_strike(strike)
    speed = check_speed(speed)
    habitual = _habitual(strike, speed)
    return habitual if leg_scale is None else _similar(habitual, check_leg_scale(leg_scale))


def _habitual(strike: str, speed: float) -> Target:
    by_speed = tables.weights(speed, tables.speeds(strike))
    stride_time, contact_time = (_time(strike, by_speed, name) for name in ("stride_time", "contact_time"))
    forces = {name: _group_curve(tables.force_curves(), strike, by_speed, name) for name in ("fx", "fy")}

    mean, spread = _legs_and_pelvis(strike, by_speed)
    _add_trunk_and_arms(mean, speed)
    for name, (value, sd) in tables.choices().items():
        spread[name] = np.full(INTERVALS, sd)
        if name in SIDED and value is not None:
            mean[name] = np.full(INTERVALS, value)
    spread["lumbar_extension"] = spread.pop("thorax_tilt")

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
        source=_source(strike, speed),
    )


def _similar(habitual: Target, leg_scale: float) -> Target:
    """The same motion of a runner whose legs are ``leg_scale`` times as long."""
    lengths = {name: leg_scale if name in TRANSLATIONS else 1.0 for name in habitual.coordinates}
    return replace(
        habitual,
        stride_time=habitual.stride_time * math.sqrt(leg_scale),
        contact_time=habitual.contact_time * math.sqrt(leg_scale),
        coordinates={name: x * lengths[name] for name, x in habitual.coordinates.items()},
        spread={name: x * lengths[name] for name, x in habitual.spread.items()},
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
    measured = tables.speeds(check_strike(strike))
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
    return sum(share * tables.timings()[strike, v][name][0] for v, share in by_speed.items())


def _group_curve(
    groups: dict[tuple[str, float], tables.Curves], strike: str, by_speed: dict[float, float], name: str
) -> tuple[Array, Array]:
    """Mean and SD of one curve at a speed; the SD is not extrapolated."""
    inside = {v: min(max(share, 0.0), 1.0) for v, share in by_speed.items()}
    mean = np.sum([share * groups[strike, v][name][0] for v, share in by_speed.items()], axis=0)
    spread = np.sum([share * groups[strike, v][name][1] for v, share in inside.items()], axis=0)
    return mean, spread


def _legs_and_pelvis(strike: str, by_speed: dict[float, float]) -> tuple[dict[str, Array], dict[str, Array]]:
    """Right side and midline, (INTERVALS,), smoothed."""
    mean, spread = {}, {}
    for name in tables.joint_curves()[strike, next(iter(by_speed))]:
        curve, sd = _group_curve(tables.joint_curves(), strike, by_speed, name)
        parity: Parity = "any" if name in SIDED else "reverses" if name in REVERSING else "repeats"
        mean[name] = smooth(curve, HARMONICS, parity)
        spread[name] = smooth(sd, HARMONICS, "any" if name in SIDED else "repeats")
    return mean, spread


def _add_trunk_and_arms(mean: dict[str, Array], speed: float) -> None:
    """Add trunk, arms, surge and sway.

    The thorax leans alike in both strikes, forward and sideways, so the lumbar angles take up what the pelvis
    does. The lumbar rotation itself is alike: held in space, the thorax would ask more of it than was ever
    measured.
    """
    series = tables.trunk_series()
    by_speed = tables.weights(speed, tuple(sorted(series)))
    phase = np.arange(INTERVALS) / INTERVALS
    curves = {
        name: evaluate(np.sum([share * series[v][name] for v, share in by_speed.items()], axis=0), phase)
        for name in series[next(iter(by_speed))]
    }
    lean, _ = tables.choices()["thorax_tilt"]
    thorax = curves["thorax_tilt"] - curves["thorax_tilt"].mean() + (lean or 0.0)
    mean["lumbar_extension"] = smooth(thorax - mean["pelvis_tilt"], HARMONICS, "repeats")
    mean["lumbar_bending"] = smooth(curves["thorax_list"] - mean["pelvis_list"], HARMONICS, "reverses")
    for name in ("lumbar_rotation", "pelvis_tz"):
        mean[name] = smooth(curves[name], HARMONICS, "reverses")
    mean["pelvis_tx"] = smooth(curves["pelvis_tx"], HARMONICS, "repeats")
    for name in _ARM:
        mean[name] = curves[name]


def _both_sides(right: dict[str, Array]) -> dict[str, Array]:
    """Every free coordinate (INTERVALS + 1,); the left side is the right one half a stride later."""
    half = INTERVALS // 2
    left = {f"{name}_l": np.roll(right[name], half) for name in SIDED}
    every = right | left | {f"{name}_r": right[name] for name in SIDED}
    return {name: np.append(every[name], every[name][0]) for name in COORDINATES}


def _source(strike: str, speed: float) -> str:
    text = "legs, pelvis, forces: Fukuchi 2017 (PeerJ 5:e3298, CC-BY 4.0); trunk, arms: Hamner & Delp 2013"
    if is_extrapolated(strike, speed):
        measured = tables.speeds(strike)
        text += f"; extrapolated: measured from {measured[0]} to {measured[-1]} m/s only"
    return text
