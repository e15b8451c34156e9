"""Loads of the lumbar joints over a stride, in body weights.

The force is the one on the upper vertebra of a level. Compression acts along a stated axis: the chord
between the joint centres (names without suffix) or the normal of the disc (``*_disc``); anterior shear is
minus the anterior component: positive when the load pushes the upper vertebra forward over the lower. Muscle
forces are always part of it: for a motion solved without muscles nothing is reported.
"""

from __future__ import annotations

import numpy as np

from footstrike.outcomes import signals
from footstrike.outcomes.ground import FORCE_CUTOFF_HZ, weight
from footstrike.outcomes.signals import Array, Contact
from footstrike.runs.run import Run

LEVELS = ("L5S1", "L4L5", "L3L4", "L2L3", "L1L2", "T12L1")
IMPACT_WINDOW_S = 0.060
HIGH_LOAD_BW = 2.0


def loads(run: Run, contact: Contact | None) -> dict[str, dict[str, float | None]]:
    """All levels that the run knows, from bottom to top; empty for a run without muscle forces."""
    if not run.muscle_driven:
        return {}
    known = [level for level in LEVELS if level in run.lumbar]
    return {level: level_loads(run, run.lumbar[level], contact) for level in known}


def level_loads(run: Run, level: dict[str, Array], contact: Contact | None) -> dict[str, float | None]:
    """Loads of one level.

    Peaks and means are over the whole stride. ``peak_load_rate_bw_per_s`` is the steepest rise of
    compression over the stride after a 50 Hz low-pass, ``impact_load_rate_bw_per_s`` the same within 60 ms
    after right contact. ``impulse_per_step_bw_s`` is the time integral of compression over half the stride,
    ``impulse_per_km_bw_s`` that times the number of steps in a kilometre; ``time_above_2bw_s`` is per step.
    """
    bw, step_time = weight(run), run.period / 2
    compression = level["compression"] / bw
    impulse = signals.mean(compression) * step_time
    rate = signals.derivative(signals.low_pass(compression, run.period, FORCE_CUTOFF_HZ), run.period)
    return {
        "peak_resultant_bw": _peak(level.get("resultant"), bw),
        "peak_compression_bw": float(compression.max()),
        "peak_anterior_shear_bw": _peak(level.get("anterior_shear"), bw),
        "mean_compression_bw": signals.mean(compression),
        "peak_load_rate_bw_per_s": float(rate.max()),
        "impulse_per_step_bw_s": impulse,
        "impulse_per_km_bw_s": impulse * 1000.0 / (run.speed * step_time),
        "impact_load_rate_bw_per_s": _early_rate(rate, run, contact),
        "time_above_2bw_s": float(np.mean(compression[:-1] > HIGH_LOAD_BW)) * step_time,
        "peak_compression_disc_bw": _peak(level.get("compression_disc"), bw),
        "peak_anterior_shear_disc_bw": _peak(level.get("anterior_shear_disc"), bw),
        "mean_muscle_share": _mean(level.get("muscle_share")),
        "mean_inertia_share": _mean(level.get("inertia_share")),
        "peak_coupler_moment_nm": _peak_norm(level.get("coupler_moment")),
    }


def _early_rate(rate: Array, run: Run, contact: Contact | None) -> float | None:
    if contact is None:
        return None
    return float(signals.window(rate, contact.start, IMPACT_WINDOW_S, run.period)[1].max())


def _peak(values: Array | None, unit: float) -> float | None:
    return None if values is None else float(values.max() / unit)


def _mean(values: Array | None) -> float | None:
    return None if values is None else signals.mean(values)


def _peak_norm(values: Array | None) -> float | None:
    return None if values is None else float(np.linalg.norm(values, axis=1).max())
