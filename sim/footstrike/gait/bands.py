"""Group bands for figures: mean and SD between runners, in degrees and body weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from footstrike.errors import unknown_name
from footstrike.gait.targets import target

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Band:
    """Mean and SD between runners of one curve.

    Attributes
    ----------
    percent
        (n,) of the stride from right contact (joints), or of stance (forces).
    mean, sd
        (n,) in ``unit``: "deg", "m", "BW" or "N m/kg".
    """

    percent: Array
    mean: Array
    sd: Array
    unit: str


def joint_band(strike: str, speed: float, coordinate: str) -> Band:
    """Band of one coordinate over the stride; signs as in the model (knee flexion negative)."""
    habitual = target(strike, speed)
    if coordinate not in habitual.coordinates:
        raise unknown_name("coordinate", coordinate, habitual.coordinates)
    length = coordinate in ("pelvis_tx", "pelvis_ty", "pelvis_tz")
    scale, unit = (1.0, "m") if length else (180.0 / np.pi, "deg")
    mean, sd = habitual.coordinates[coordinate], habitual.spread[coordinate]
    return Band(100.0 * habitual.phase, scale * mean, scale * sd, unit)


def force_band(strike: str, speed: float, component: str) -> Band:
    """Band of the fore-aft (``fx``) or vertical (``fy``) ground force of one foot over stance, BW."""
    habitual = target(strike, speed)
    if component not in habitual.force:
        raise unknown_name("force component", component, habitual.force)
    mean, sd = habitual.force[component], habitual.force_spread[component]
    return Band(100.0 * habitual.force_phase, mean, sd, "BW")
