"""Shock at the shank and the sacrum, and what is lost between them.

Accelerations are kinematic (gravity not included) and given in g.
"""

from __future__ import annotations

import numpy as np
from scipy.constants import g

from footstrike.outcomes import signals
from footstrike.outcomes.signals import Array, Contact
from footstrike.runs.run import Run

CUTOFF_HZ = 60.0
WINDOW_S = 0.060  # after contact: the impact, before the active peak
IMPACT_BAND_HZ = (12.0, 20.0)  # Shorten & Winslow 1992, Int J Sport Biomech 8:288
ACTIVE_BAND_HZ = (4.0, 8.0)
WHOLE_BAND_HZ = (1.0, 60.0)


def tibial_axial(run: Run) -> Array | None:
    """Acceleration of the right mid-shank along the shank, from ankle to knee, (T,) m/s2."""
    acceleration = run.point_accelerations.get("tibia_r")
    if acceleration is None or not {"knee_r", "ankle_r"} <= run.points.keys():
        return None
    axis = run.points["knee_r"] - run.points["ankle_r"]
    axis = axis / np.linalg.norm(axis, axis=1, keepdims=True)
    return np.asarray(np.sum(acceleration * axis, axis=1))


def sacral_vertical(run: Run) -> Array | None:
    """Vertical acceleration of the sacrum, (T,) m/s2."""
    acceleration = run.point_accelerations.get("sacrum")
    return None if acceleration is None else acceleration[:, 1]


def peak(signal: Array | None, run: Run, contact: Contact) -> float | None:
    """Largest value in the first 60 ms after contact of a 60 Hz low-passed acceleration, g."""
    if signal is None:
        return None
    smooth = signals.low_pass(signal, run.period, CUTOFF_HZ)
    _, values = signals.window(smooth, contact.start, WINDOW_S, run.period)
    return float(values.max() / g)


def impact_power_share(signal: Array | None, run: Run) -> float | None:
    """Share of power between 12 and 20 Hz of the power between 1 and 60 Hz over the stride."""
    return None if signal is None else signals.power_share(signal, run.period, IMPACT_BAND_HZ, WHOLE_BAND_HZ)


def attenuation_db(run: Run, band: tuple[float, float] = IMPACT_BAND_HZ) -> float | None:
    """Transfer from tibia to sacrum in a band, dB: ``10 log10(P_sacrum / P_tibia)``; negative is attenuation.

    The form of Shorten & Winslow 1992, with the sacrum in place of the head, from the harmonics of one
    stride.
    """
    tibia, sacrum = tibial_axial(run), sacral_vertical(run)
    if tibia is None or sacrum is None:
        return None
    below, above = (signals.band_power(s, run.period, band) for s in (tibia, sacrum))
    return float(10.0 * np.log10(above / below)) if below > 0 and above > 0 else None
