"""The range of motion over which curved muscle paths are sampled and checked."""

from __future__ import annotations

import csv
import re
from functools import lru_cache

import numpy as np

from footstrike.model.description import Array, Coordinate
from footstrike.resources import resource

FILE = "motion_range.csv"
TURN, SHIFT = np.pi / 2, 1.0  # rad and m about the default, where neither file nor table says less


def motion_range(c: Coordinate) -> tuple[float, float]:
    """Lowest and highest value of a coordinate, rad or m.

    The range in the file, at most a quarter turn (or 1 m) from its default; for coordinates with the
    usual names of gait models also within what walking and running use (models/motion_range.csv). A
    coordinate that counts the other way round in the file is mirrored.
    """
    low, high = file_range(c)
    table = _of_name(c.name)
    if table is None:
        return low, high
    chosen = max((table, (-table[1], -table[0])), key=lambda t: min(high, t[1]) - max(low, t[0]))
    inside = max(low, chosen[0]), min(high, chosen[1])
    return inside if inside[0] < inside[1] else (low, high)


def file_range(c: Coordinate) -> tuple[float, float]:
    """The range in the model's file, cut to what a posture can reach where the file says nothing useful."""
    reach = SHIFT if c.motion == "translation" else TURN
    low, high = sorted((c.minimum, c.maximum))
    cut = max(low, c.default - reach), min(high, c.default + reach)
    return cut if cut[0] < cut[1] else (c.default, c.default)


def ranges(coordinates: tuple[Coordinate, ...]) -> Array:
    """(n, 2) ranges of coordinates."""
    return np.array([motion_range(c) for c in coordinates]).reshape(-1, 2)


def _of_name(name: str) -> tuple[float, float] | None:
    return next((span for pattern, span in _table().items() if re.match(pattern, name)), None)


@lru_cache(maxsize=1)
def _table() -> dict[str, tuple[float, float]]:
    with resource("models", FILE).open(encoding="utf-8", newline="") as file:
        return {
            row["coordinate"]: (np.deg2rad(float(row["minimum_deg"])), np.deg2rad(float(row["maximum_deg"])))
            for row in csv.DictReader(file)
        }
