"""Shock at the shank and the sacrum, and what is lost between them.

Accelerations are kinematic (gravity not included) and given in g.
"""

from __future__ import annotations

import numpy as np
from scipy.constants import g

from footstrike.outcomes import signals
from footstrike.outcomes.ground import Stance, in_stance
from footstrike.outcomes.registry import metric
from footstrike.outcomes.signals import Array, Contact
from footstrike.runs.run import Run

CUTOFF_HZ = 60.0
WINDOW_S = 0.060  # after contact: the impact, before the active peak
IMPACT_BAND_HZ = (12.0, 20.0)  # Shorten & Winslow 1992, Int J Sport Biomech 8:288
ACTIVE_BAND_HZ = (4.0, 8.0)
WHOLE_BAND_HZ = (1.0, 60.0)
SHARE = "share of the power between 1 and 60 Hz; band of Shorten & Winslow 1992, Int J Sport Biomech 8:288"
EARLY = "within 60 ms after right contact, low-passed at 60 Hz, gravity not included"


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


@metric("tibial_shock_g", unit="g", label="peak axial acceleration of the shank", source=EARLY)
@in_stance
def tibial_shock(run: Run, phase: Stance) -> float | None:
    """Peak acceleration of the right shank along its axis after contact, g."""
    return peak(tibial_axial(run), run, phase.contact)


@metric("sacral_shock_g", unit="g", label="peak vertical acceleration of the sacrum", source=EARLY)
@in_stance
def sacral_shock(run: Run, phase: Stance) -> float | None:
    """Peak vertical acceleration of the sacrum after right contact, g."""
    return peak(sacral_vertical(run), run, phase.contact)


@metric(
    "vgrf_power_share_12_20_hz",
    unit="1",
    label="share of the vertical force signal at 12-20 Hz",
    source=f"right foot, {SHARE}",
)
def force_power_share(run: Run) -> float | None:
    """Share of the power of the right foot's vertical force at impact frequencies."""
    return impact_power_share(run.ground_force["right"][:, 1], run)


@metric(
    "tibial_power_share_12_20_hz",
    unit="1",
    label="share of the shank acceleration at 12-20 Hz",
    source=SHARE,
)
def tibial_power_share(run: Run) -> float | None:
    """Share of the power of the shank's acceleration at impact frequencies."""
    return impact_power_share(tibial_axial(run), run)


@metric(
    "sacral_power_share_12_20_hz",
    unit="1",
    label="share of the sacral acceleration at 12-20 Hz",
    source=SHARE,
)
def sacral_power_share(run: Run) -> float | None:
    """Share of the power of the sacrum's acceleration at impact frequencies."""
    return impact_power_share(sacral_vertical(run), run)


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


@metric(
    "shock_attenuation_12_20_hz_db",
    unit="dB",
    label="attenuation of shock from shank to sacrum, 12-20 Hz",
    source="Shorten & Winslow 1992, Int J Sport Biomech 8:288, with the sacrum in place of the head; negative is attenuation",
)
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
