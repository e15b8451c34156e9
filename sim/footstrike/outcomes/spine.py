"""Loads of the lumbar joints over a stride, in body weights.

The force is the one on the upper vertebra of a level. Compression acts along a stated axis: the chord
between the joint centres (names without suffix) or the normal of the disc (``*_disc``); anterior shear is
minus the anterior component: positive when the load pushes the upper vertebra forward over the lower. Muscle
forces are always part of it: for a motion solved without muscles nothing is reported.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from footstrike.model.rows import LEVELS
from footstrike.outcomes import signals
from footstrike.outcomes.ground import FORCE_CUTOFF_HZ, stance, weight
from footstrike.outcomes.registry import Quantity, several
from footstrike.outcomes.signals import Array
from footstrike.runs.run import Run

IMPACT_WINDOW_S = 0.060
HIGH_LOAD_BW = 2.0

CHORD = "along the chord of joint centres"
DISC = "along the normal of the disc"
DAMAGE = "time integral of compression to the power {} in 1 km; a pull counts nothing"
FORWARD = "upper vertebra pushed forward over the lower"


@dataclass(frozen=True)
class OfLevel:
    """A quantity that each level has: its name there, unit, what comes before ``at L5/S1`` in its label and what after."""

    name: str
    unit: str
    label: str
    source: str
    after: str = ""

    @property
    def labelled(self) -> str:
        """Label and unit without a level."""
        return f"{self.label}{self.after}" + ("" if self.unit == "1" else f", {self.unit}")

    def at(self, level: str) -> Quantity:
        """The quantity of one level."""
        label = f"{self.label} at {shown(level)}{self.after}"
        return Quantity(f"lumbar.{level}.{self.name}", self.unit, label, self.source)


QUANTITIES = (
    OfLevel("peak_resultant_bw", "BW", "peak resultant force", "over the stride"),
    OfLevel("peak_compression_bw", "BW", "peak compression", f"{CHORD}, over the stride"),
    OfLevel("peak_anterior_shear_bw", "BW", "peak anterior shear", f"{FORWARD}, across the chord"),
    OfLevel("mean_compression_bw", "BW", "mean compression", f"{CHORD}, over the stride"),
    OfLevel(
        "peak_load_rate_bw_per_s", "BW/s", "peak load rate", "steepest rise of compression, 50 Hz low-pass"
    ),
    OfLevel(
        "impulse_per_step_bw_s", "BW s", "compression impulse", f"{CHORD}, over half a stride", " per step"
    ),
    OfLevel(
        "impulse_per_km_bw_s",
        "BW s",
        "compression impulse",
        "of a step times steps in 1 km",
        " per kilometre",
    ),
    OfLevel("damage_m4_per_km_bw4_s", "BW⁴ s", "damage", DAMAGE.format(4), " per kilometre, exponent 4"),
    OfLevel("damage_m10_per_km_bw10_s", "BW¹⁰ s", "damage", DAMAGE.format(10), " per kilometre, exponent 10"),
    OfLevel(
        "impact_load_rate_bw_per_s", "BW/s", "peak load rate", "within 60 ms after right contact", ", impact"
    ),
    OfLevel("time_above_2bw_s", "s", "time per step above 2 BW", f"compression {CHORD}"),
    OfLevel("peak_compression_disc_bw", "BW", "peak compression", DISC, ", disc normal"),
    OfLevel(
        "peak_anterior_shear_disc_bw",
        "BW",
        "peak anterior shear",
        f"{FORWARD}, across {DISC}",
        ", disc plane",
    ),
    OfLevel("mean_muscle_share", "1", "mean share of muscles in the joint force", "over the stride"),
    OfLevel("mean_inertia_share", "1", "mean share of inertia in the joint force", "over the stride"),
    OfLevel("peak_coupler_moment_nm", "N m", "peak moment of the lumbar rhythm", "carried by its couplers"),
)
"""What each level has, in the order of :func:`of_level`."""


def quantity(name: str) -> OfLevel:
    """What each level has by that name."""
    return next(of for of in QUANTITIES if of.name == name)


def shown(level: str) -> str:
    """``L5S1`` as ``L5/S1``."""
    return "T12/L1" if level == "T12L1" else f"{level[:2]}/{level[2:]}"


def of_level(run: Run, name: str) -> tuple[float | None, ...] | None:
    """Loads of one level in the order of ``QUANTITIES``; None for a run that does not know it or has no muscle forces.

    Peaks and means are over the whole stride. Load rate is the steepest rise of compression over the stride after a
    50 Hz low-pass, and the same within 60 ms after right contact. Impulse per step is the time integral of
    compression over half the stride, per kilometre that times the number of steps in it; damage is the same integral of a power of it. The time above 2 BW is per
    step.
    """
    if not run.muscle_driven or name not in run.lumbar:
        return None
    level = run.lumbar[name]
    bw, step_time = weight(run), run.period / 2
    compression = level["compression"] / bw
    impulse = signals.mean(compression) * step_time
    rate = signals.derivative(signals.low_pass(compression, run.period, FORCE_CUTOFF_HZ), run.period)
    return (
        _peak(level.get("resultant"), bw),
        float(compression.max()),
        _peak(level.get("anterior_shear"), bw),
        signals.mean(compression),
        float(rate.max()),
        impulse,
        impulse * 1000.0 / (run.speed * step_time),
        *(signals.mean(np.maximum(compression, 0.0) ** m) * 1000.0 / run.speed for m in (4, 10)),
        _early_rate(rate, run),
        float(np.mean(compression[:-1] > HIGH_LOAD_BW)) * step_time,
        _peak(level.get("compression_disc"), bw),
        _peak(level.get("anterior_shear_disc"), bw),
        _mean(level.get("muscle_share")),
        _mean(level.get("inertia_share")),
        _peak_norm(level.get("coupler_moment")),
    )


def _early_rate(rate: Array, run: Run) -> float | None:
    phase = stance(run)
    if phase is None:
        return None
    return float(signals.window(rate, phase.contact.start, IMPACT_WINDOW_S, run.period)[1].max())


def _peak(values: Array | None, unit: float) -> float | None:
    return None if values is None else float(values.max() / unit)


def _mean(values: Array | None) -> float | None:
    return None if values is None else signals.mean(values)


def _peak_norm(values: Array | None) -> float | None:
    return None if values is None else float(np.linalg.norm(values, axis=1).max())


def _register(level: str) -> None:
    def loads(run: Run) -> tuple[float | None, ...] | None:
        return of_level(run, level)

    several(*(quantity.at(level) for quantity in QUANTITIES))(loads)


for _level in LEVELS:
    _register(_level)
