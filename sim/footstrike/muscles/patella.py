"""The force behind the patella, from that of the quadriceps."""

from __future__ import annotations

from functools import cache

import numpy as np

from footstrike.model.description import Array
from footstrike.resources import carried_toml


def patella_ratio(flexion: Array) -> Array:
    """Patellofemoral force over quadriceps force at a knee flexion (rad); models/patella.toml has the source.

    Beyond full extension and 110 degrees the ratio stays what it is there.
    """
    numerator, denominator, largest = _patella()
    degrees = np.clip(np.degrees(flexion), 0.0, largest)
    return np.asarray(np.polyval(numerator[::-1], degrees) / np.polyval(denominator[::-1], degrees))


@cache
def _patella() -> tuple[list[float], list[float], float]:
    read = carried_toml("models", "patella.toml")
    return read["numerator"], read["denominator"], float(read["largest_flexion_deg"])
