"""Measured runners: what their curves say of a claim's metrics, and the contrast of two groups with its interval.

Single runners of Fukuchi et al. 2017 are not carried. A group's runner is its mean and scores of the modes between runners
(`experiments/targets/leg_modes.csv`), so means and spreads of a metric over the group come from many such runners.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from footstrike.brief import brief
from footstrike.gait import habitual_tables
from footstrike.gait.variation import LEG_MODES, of_legs
from footstrike.outcomes import signals
from footstrike.outcomes.ground import Stance, exposure, loading_rates
from footstrike.outcomes.shock import IMPACT_BAND_HZ, WHOLE_BAND_HZ
from footstrike.outcomes.signals import Contact
from footstrike.resources import resource

if TYPE_CHECKING:
    from pandas import DataFrame

Array = NDArray[np.float64]

SAMPLES = 1000
ACTIVE = 0.25  # of stance: the active peak comes later


@dataclass(frozen=True)
class GroupCurves:
    """Mean of a group at a speed (m/s): curves by quantity, (100,) of the stride in rad, (101,) of stance in body weights; s."""

    __repr__ = brief

    speed: float
    curves: Mapping[str, Array]
    stride_time: float
    contact_time: float


@cache
def carried_group(strike: str, speed: float) -> GroupCurves:
    """A measured group by the tables that simulations track (experiments/targets)."""
    joints = {name: pair[0] for name, pair in habitual_tables.joint_curves()[strike, speed].items()}
    forces = {name: pair[0] for name, pair in habitual_tables.force_curves()[strike, speed].items()}
    times = habitual_tables.timings()[strike, speed]
    return GroupCurves(speed, {**joints, **forces}, times["stride_time"][0], times["contact_time"][0])


def group_runners(of: GroupCurves, scores: Array) -> DataFrame:
    """Metrics of runners of a group, a row each.

    Parameters
    ----------
    of
        The group's mean.
    scores
        (n, 14) scores of the modes, in SDs.
    """
    from pandas import DataFrame

    return DataFrame([_runner(of, dict(zip(LEG_MODES, map(float, row), strict=True))) for row in scores])


def _runner(of: GroupCurves, scores: Mapping[str, float]) -> dict[str, float]:
    own = of_legs(scores, of.speed)
    curve = {name: mean + own[name] if name in own else mean for name, mean in of.curves.items()}
    stride, contact = (
        mean + float(np.sum(own.get(name, 0.0)))
        for name, mean in (("stride_time", of.stride_time), ("contact_time", of.contact_time))
    )
    knee = -np.degrees(curve["knee_angle"])
    in_stance = knee[: int(np.ceil(100.0 * contact / stride))]
    shank = np.degrees(curve["hip_flexion"][0] + curve["pelvis_tilt"][0]) - knee[0]
    return {
        "knee_flexion_contact_deg": float(knee[0]),
        "knee_flexion_peak_stance_deg": float(in_stance.max()),
        "shank_angle_contact_deg": float(shank),
        "pelvis_rotation_rom_deg": float(np.degrees(np.ptp(curve["pelvis_rotation"]))),
        "step_length_m": of.speed * stride / 2,
        "cadence_spm": 120.0 / stride,
        "contact_time_s": contact,
        **_ground(curve["fx"], curve["fy"], contact, stride),
    }


def _ground(fx: Array, fy: Array, contact: float, stride: float) -> dict[str, float]:
    """Metrics of the ground force, (101,) over stance, as those of a run; NaN where the curve begins at a maximum."""
    t = np.linspace(0.0, contact, SAMPLES)
    at = np.linspace(0.0, 1.0, len(fy))
    phase = Stance(
        Contact(0.0, contact), 0.0, t, np.interp(t / contact, at, fx), np.interp(t / contact, at, fy)
    )
    with np.errstate(divide="ignore"):
        valr, vilr = loading_rates(phase)
    backward = np.maximum(-phase.fx, 0.0)
    whole = np.linspace(0.0, stride, SAMPLES + 1)
    force = np.where(whole <= contact, np.interp(whole / contact, at, fy), 0.0)
    found = {
        "valr_bw_per_s": valr if np.isfinite(valr) else np.nan,
        "vilr_bw_per_s": vilr,
        "vgrf_active_peak_bw": float(phase.fy[t >= ACTIVE * contact].max()),
        "braking_impulse_bw_s": float(np.trapezoid(backward, t)),
        "peak_braking_bw": float(backward.max()),
        "vgrf_power_share_12_20_hz": signals.power_share(force, stride, IMPACT_BAND_HZ, WHOLE_BAND_HZ),
    }
    for level in (1.0, 2.0):
        time, impulse_above = exposure(phase, level)
        found |= {f"time_above_{level:g}bw_s": time, f"impulse_above_{level:g}bw_bw_s": impulse_above}
    return found


@dataclass(frozen=True)
class MeasuredContrast:
    """Forefoot less rearfoot of measured runners in one metric.

    Attributes
    ----------
    rearfoot, forefoot, effect
        Means and their difference, in the metric's unit.
    low, high
        95 % interval of the effect (Welch).
    effect_size
        Hedges' g: the effect over the pooled SD, corrected for few runners.
    n
        Runners in the two groups.
    how, source
        How the means and SDs were had, and from which data.
    """

    metric: str
    speed_mps: float
    rearfoot: float
    forefoot: float
    effect: float
    low: float
    high: float
    effect_size: float
    n: tuple[int, int]
    how: str
    source: str


def measured_contrasts(
    metrics: Sequence[str] | None = None, speed: float | None = None
) -> list[MeasuredContrast]:
    """Contrasts of the measured runners (experiments/claims/measured.csv), of some metrics or at one speed (m/s) only."""
    with resource("experiments", "claims", "measured.csv").open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    found: dict[tuple[str, str], dict[str, dict[str, str]]] = {}
    for row in rows:
        found.setdefault((row["metric"], row["speed_mps"]), {})[row["strike"]] = row
    out = [_contrast(groups) for groups in found.values()]
    return [
        c for c in out if (metrics is None or c.metric in metrics) and (speed is None or c.speed_mps == speed)
    ]


def _contrast(groups: Mapping[str, Mapping[str, str]]) -> MeasuredContrast:
    rear, fore = groups["rearfoot"], groups["forefoot"]
    means, sds = (np.array([float(row[c]) for row in (rear, fore)]) for c in ("mean", "sd"))
    n = int(rear["n"]), int(fore["n"])
    effect, low, high, size = welch(means, sds, n)
    return MeasuredContrast(
        metric=rear["metric"],
        speed_mps=float(rear["speed_mps"]),
        rearfoot=float(means[0]),
        forefoot=float(means[1]),
        effect=effect,
        low=low,
        high=high,
        effect_size=size,
        n=n,
        how=rear["how"],
        source=rear["source"],
    )


def welch(means: Array, sds: Array, n: tuple[int, int]) -> tuple[float, float, float, float]:
    """Second less first mean, the ends of its 95 % interval (Welch 1947), and Hedges' g."""
    from scipy.stats import t

    parts = sds**2 / np.array(n)
    degrees = parts.sum() ** 2 / np.sum(parts**2 / (np.array(n) - 1))
    half = float(t.ppf(0.975, degrees) * np.sqrt(parts.sum()))
    effect = float(means[1] - means[0])
    free = n[0] + n[1] - 2
    pooled = float(np.sqrt(np.sum((np.array(n) - 1) * sds**2) / free))
    return effect, effect - half, effect + half, effect / pooled * (1.0 - 3.0 / (4.0 * free - 1.0))
