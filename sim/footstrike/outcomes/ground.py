"""What the field reads from the ground force: contact, impact peak, loading rates, braking, leg stiffness.

Definitions are those of the reference data (Fukuchi, Fukuchi & Duarte 2017, PeerJ 5:e3298, as analysed for
the group means): forces low-passed at 50 Hz (fourth order, zero phase), contact by a 50 N threshold. Forces
are in body weights (BW) of the runner; ground axes forward, up, right.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TypeVar

import numpy as np
from scipy.constants import g
from scipy.optimize import least_squares

from footstrike.brief import brief
from footstrike.outcomes import signals
from footstrike.outcomes.registry import Quantity, metric, once, several
from footstrike.outcomes.signals import Array, Contact
from footstrike.outcomes.stride import step_time
from footstrike.runs.assemble import CONTACT_N
from footstrike.runs.run import Run

FORCE_CUTOFF_HZ = 50.0
IMPACT_WINDOW = 0.25  # of stance: a local maximum later than this is no impact peak
NO_PEAK_INSTANT = 0.13  # of stance: stands for the impact peak where there is none
LOWER_LEG_SHARE = 0.08  # of body mass: Clark, Ryan & Weyand 2017, J Exp Biol 220:247
EXPOSURE_BW = (1.0, 2.0)

T = TypeVar("T")

FILTERED = "right foot, low-passed at 50 Hz (Fukuchi et al. 2017)"


@dataclass(frozen=True)
class Stance:
    """Force under one foot from contact to toe-off, filtered: ``t`` (n,) s since contact, ``fx``, ``fy`` (n,) BW.

    ``touches`` is when the force as it is, not filtered, first exceeds the threshold, s: initial contact of postures.
    """

    __repr__ = brief

    contact: Contact
    touches: float
    t: Array
    fx: Array
    fy: Array


@dataclass(frozen=True)
class ImpactPeak:
    """A distinct first maximum of the vertical force: instant since contact (s), force (BW), and the dip
    after it (s).
    """

    time: float
    force: float
    dip: float


def weight(run: Run) -> float:
    """Body weight, N."""
    return run.mass * g


@once
def stance(run: Run, side: str = "right") -> Stance | None:
    """Stance of one side (``right`` or ``left``), or ``None`` if that foot never leaves or meets the
    ground.
    """
    force = signals.low_pass(run.ground_force[side], run.period, FORCE_CUTOFF_HZ)
    contact = signals.find_contact(force[:, 1], run.period, CONTACT_N)
    if contact is None:
        return None
    cut = [signals.window(force[:, axis], contact.start, contact.duration, run.period) for axis in (0, 1)]
    bw = weight(run)
    raw = signals.find_contact(run.ground_force[side][:-1, 1], run.period, CONTACT_N) or contact
    return Stance(contact, raw.start, cut[0][0], cut[0][1] / bw, cut[1][1] / bw)


def in_stance(function: Callable[[Run, Stance], T]) -> Callable[[Run], T | None]:
    """A function of a run and the stance of its right foot as one of the run; None where there is no stance."""

    @wraps(function)
    def of_run(run: Run) -> T | None:
        phase = stance(run)
        return None if phase is None else function(run, phase)

    return of_run


@metric("contact_time_s", unit="s", label="contact time", source=f"vertical force above 50 N; {FILTERED}")
@in_stance
def contact_time(run: Run, phase: Stance) -> float:
    """Time of the right foot on the ground, s."""
    return phase.contact.duration


@metric("flight_time_s", unit="s", label="flight time", source="step time less contact time")
@in_stance
def flight_time(run: Run, phase: Stance) -> float:
    """Time without contact in a step, s."""
    return step_time(run) - phase.contact.duration


@metric(
    "vgrf_mean_bw",
    unit="BW",
    label="mean vertical force over a stride",
    source="both feet; 1 where the motion is periodic",
)
def mean_vertical(run: Run) -> float:
    """Mean vertical force of both feet over a stride, BW."""
    total = run.ground_force["right"][:, 1] + run.ground_force["left"][:, 1]
    return signals.mean(total) / weight(run)


def impact_peak(phase: Stance) -> ImpactPeak | None:
    """First local maximum in the first quarter of stance that a dip separates from the active peak."""
    limit = IMPACT_WINDOW * phase.contact.duration
    slope = np.diff(phase.fy)
    tops = np.flatnonzero((slope[:-1] > 0) & (slope[1:] <= 0)) + 1
    dips = np.flatnonzero((slope[:-1] <= 0) & (slope[1:] > 0)) + 1
    for top in tops[phase.t[tops] <= limit]:
        later = dips[dips > top]
        if later.size:
            return ImpactPeak(float(phase.t[top]), float(phase.fy[top]), float(phase.t[later[0]]))
    return None


@several(
    Quantity(
        "vgrf_impact_peak_bw",
        "BW",
        "impact peak of the vertical force",
        f"first maximum, in the first quarter of stance and before a dip; {FILTERED}",
    ),
    Quantity("vgrf_impact_peak_time_s", "s", "time of the impact peak", "after contact"),
    Quantity(
        "impact_phase_duration_s",
        "s",
        "duration of the impact phase",
        "from contact to the dip after the peak",
    ),
)
@in_stance
def _impact(run: Run, phase: Stance) -> tuple[float, float, float] | None:
    peak = impact_peak(phase)
    return None if peak is None else (peak.force, peak.time, peak.dip)


def early_force(phase: Stance) -> float:
    """Vertical force at 13 % of stance, BW: what stands for the impact peak where there is none."""
    return float(np.interp(NO_PEAK_INSTANT * phase.contact.duration, phase.t, phase.fy))


@metric(
    "vgrf_active_peak_bw",
    unit="BW",
    label="active peak of the vertical force",
    source=f"largest force after the first quarter of stance; {FILTERED}",
)
@in_stance
def active_peak(run: Run, phase: Stance) -> float:
    """Largest vertical force after the first quarter of stance, BW."""
    return float(phase.fy[phase.t >= IMPACT_WINDOW * phase.contact.duration].max())


def loading_rates(phase: Stance) -> tuple[float, float]:
    """Average and instantaneous vertical loading rate (VALR, VILR), BW/s.

    VALR is the slope of the straight line from 20 to 80 % of the force at the impact peak, or at 13 % of
    stance where there is no distinct peak; VILR is the steepest slope between contact and that instant.
    """
    peak = impact_peak(phase)
    instant = peak.time if peak else NO_PEAK_INSTANT * phase.contact.duration
    rise = phase.t <= instant
    t, force = phase.t[rise], phase.fy[rise]
    t20, t80 = (_first_time_above(t, force, share * force[-1]) for share in (0.2, 0.8))
    steepest = float(np.max(np.diff(force) / np.diff(t)))
    return float(0.6 * force[-1] / (t80 - t20)), steepest


@several(
    Quantity(
        "valr_bw_per_s",
        "BW/s",
        "average vertical loading rate",
        f"20 to 80 % of the force at the impact peak, or at 13 % of stance where there is none; {FILTERED}",
    ),
    Quantity(
        "vilr_bw_per_s",
        "BW/s",
        "instantaneous vertical loading rate",
        f"steepest rise between contact and the same instant; {FILTERED}",
    ),
)
@in_stance
def _loading_rates(run: Run, phase: Stance) -> tuple[float, float]:
    return loading_rates(phase)


@several(
    Quantity(
        "braking_impulse_bw_s", "BW s", "braking impulse", f"of the backward force in stance; {FILTERED}"
    ),
    Quantity("peak_braking_bw", "BW", "peak braking force", f"largest backward force in stance; {FILTERED}"),
)
@in_stance
def braking(run: Run, phase: Stance) -> tuple[float, float]:
    """Braking impulse (BW s) and peak braking force (BW), both positive: the backward part of the fore-aft
    force.
    """
    backward = np.maximum(-phase.fx, 0.0)
    return float(np.trapezoid(backward, phase.t)), float(backward.max())


@metric(
    "leg_length_m",
    unit="m",
    label="leg length",
    source="of the specification, or hip to knee to ankle plus the lowest ankle height",
)
def leg_length(run: Run) -> float | None:
    """Leg length, m: ``leg_length_m`` of the specification, or hip to knee to ankle plus the lowest ankle
    height.
    """
    if run.spec.get("leg_length_m") is not None:
        return float(run.spec["leg_length_m"])
    if not {"hip_r", "knee_r", "ankle_r"} <= run.points.keys():
        return None
    hip, knee, ankle = (run.points[f"{name}_r"] for name in ("hip", "knee", "ankle"))
    thigh = np.linalg.norm(hip - knee, axis=1).mean()
    shank = np.linalg.norm(knee - ankle, axis=1).mean()
    return float(thigh + shank + ankle[:, 1].min())


def leg_stiffness(peak: float, contact_time: float, mass: float, speed: float, length: float) -> float | None:
    """Spring-mass leg stiffness, N/m, from the measured peak force (N).

    Morin et al. 2005, J Appl Biomech 21:167: the leg shortens by
    ``dL = L - sqrt(L**2 - (v tc / 2)**2) + dy`` with the drop of the centre of mass
    ``dy = Fmax tc**2 / (m pi**2) - g tc**2 / 8``, and ``k = Fmax / dL``. ``None`` where the formula has no
    value.
    """
    drop = peak * contact_time**2 / (mass * np.pi**2) - g * contact_time**2 / 8
    half_sweep = speed * contact_time / 2
    if half_sweep >= length:
        return None
    shortening = length - np.sqrt(length**2 - half_sweep**2) + drop
    return float(peak / shortening) if shortening > 0 else None


@metric(
    "leg_stiffness_kn_per_m",
    unit="kN/m",
    label="leg stiffness",
    source="Morin et al. 2005, J Appl Biomech 21:167, from the measured peak force",
)
@in_stance
def _leg_stiffness(run: Run, phase: Stance) -> float | None:
    length = leg_length(run)
    if length is None:
        return None
    peak = float(phase.fy.max()) * weight(run)
    stiffness = leg_stiffness(peak, phase.contact.duration, run.mass, run.speed, length)
    return None if stiffness is None else stiffness / 1000.0


def exposure(phase: Stance, level: float) -> tuple[float, float]:
    """Time (s) that the vertical force stays above ``level`` (BW) in a step, and the impulse above it (BW
    s).
    """
    excess = np.maximum(phase.fy - level, 0.0)
    step = float(phase.t[1])
    return float(np.mean(phase.fy > level) * phase.fy.size * step), float(np.trapezoid(excess, phase.t))


@several(
    *(
        Quantity(f"time_above_{level:g}bw_s", "s", f"time per step above {level:g} BW", FILTERED)
        for level in EXPOSURE_BW
    ),
    *(
        Quantity(f"impulse_above_{level:g}bw_bw_s", "BW s", f"impulse per step above {level:g} BW", FILTERED)
        for level in EXPOSURE_BW
    ),
)
@in_stance
def _exposures(run: Run, phase: Stance) -> list[float]:
    return [exposure(phase, level)[part] for part in (0, 1) for level in EXPOSURE_BW]


@metric(
    "two_mass_r2",
    unit="1",
    label="fit of the two-mass model to the vertical force, R2",
    source="Clark, Ryan & Weyand 2017, J Exp Biol 220:247",
)
@in_stance
def two_mass_r2(run: Run, phase: Stance) -> float | None:
    """R2 of the two-mass model of the vertical force (Clark, Ryan & Weyand 2017, J Exp Biol 220:247).

    The lower leg (8 % of body mass) is stopped within ``2 T1`` by a raised cosine whose impulse follows from
    the ankle's vertical speed at contact; the rest of the body takes the rest of the impulse ``g T_step`` by
    a second, skewed one. Only ``T1`` and the instant of the second peak are fitted.
    """
    if "ankle_r" not in run.points:
        return None
    height = run.points["ankle_r"][:, 1]
    rate = np.gradient(height, run.time)
    arrival = max(0.0, -signals.at(rate, phase.contact.start - 0.005, run.period))
    duration, total = phase.contact.duration, run.period / 2

    def model(parameters: Array) -> Array:
        half, top = parameters
        first = LOWER_LEG_SHARE * (arrival / half / g + 1.0) * 2.0 * half
        impact = _raised_cosine(phase.t, half, half, half) * first / half
        rest = _raised_cosine(phase.t, top, top, duration - top) * 2.0 * (total - first) / duration
        return np.asarray(impact + rest)

    start = np.array([0.15 * duration, 0.45 * duration])
    limits = ([0.05 * duration, 0.3 * duration], [0.29 * duration, 0.7 * duration])

    def misfit(parameters: Array) -> Array:
        return model(parameters) - phase.fy

    fit = least_squares(misfit, start, bounds=limits)
    spread = float(np.sum((phase.fy - phase.fy.mean()) ** 2))
    return 1.0 - float(np.sum(fit.fun**2)) / spread


def _raised_cosine(t: Array, centre: float, rise: float, fall: float) -> Array:
    """Unit bump: zero at ``centre - rise``, one at ``centre``, zero at ``centre + fall``."""
    width = np.where(t < centre, rise, fall)
    phase = np.clip((t - centre) / width, -1.0, 1.0)
    return np.asarray(0.5 * (1.0 + np.cos(np.pi * phase)))


def _first_time_above(t: Array, force: Array, level: float) -> float:
    i = int(np.argmax(force >= level))
    if i == 0:
        return float(t[0])
    share = (level - force[i - 1]) / (force[i] - force[i - 1])
    return float(t[i - 1] + share * (t[i] - t[i - 1]))
