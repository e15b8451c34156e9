"""The range of motion over which curved muscle paths are sampled and checked."""

from __future__ import annotations

import csv
import re
from functools import lru_cache

import numpy as np

from footstrike.dynamics.rigid_body import Tree, stack
from footstrike.model.description import Array, Coordinate, Description
from footstrike.resources import resource

FILE = "motion_range.csv"
TURN, SHIFT = np.pi / 2, 1.0  # rad and m about the default, where neither file nor table says less
BELIEVED = np.deg2rad(150.0)  # a range in the file that is no wider is taken whole
LARGEST_SPINE_TURN = np.deg2rad(35.0)  # the spine's turn about its default by one coordinate with couplers
NOTICED = 2.0  # turns per unit from which a coordinate has a transmission


def motion_range(c: Coordinate) -> tuple[float, float]:
    """Lowest and highest value of a coordinate, rad or m.

    The range in the file, if it is wider than 150 degrees at most a quarter turn (or 1 m) from its default;
    for coordinates with the usual names of gait models also within what walking and running use (models/motion_range.csv). A
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
    if c.motion != "translation" and 0.0 < high - low <= BELIEVED and low <= c.default <= high:
        return low, high
    cut = max(low, c.default - reach), min(high, c.default + reach)
    return cut if cut[0] < cut[1] else (c.default, c.default)


def ranges(d: Description) -> Array:
    """(n, 2) ranges of the free coordinates; one that turns more than itself turns the whole by no more
    than LARGEST_SPINE_TURN.
    """
    low, high = np.array([motion_range(c) for c in d.coordinates]).reshape(-1, 2).T
    transmission = transmissions(d)
    default = np.array([c.default for c in d.coordinates])
    reach = np.where(transmission > 1.0, LARGEST_SPINE_TURN / transmission, np.inf)
    return np.column_stack([np.maximum(low, default - reach), np.minimum(high, default + reach)])


def transmissions(d: Description) -> Array:
    """(n,) how far each coordinate turns what it turns most, per unit; 1 where that is about itself.

    A coordinate that couplers make the leader of a spine turns the spine several times as far as its own
    joint.
    """
    tree = Tree(d)
    rest = {c.name: c.default for c in d.coordinates}
    out = np.ones(len(d.coordinates))
    for k, c in enumerate(d.coordinates):
        if c.motion == "translation":
            continue
        motion = tree.motion(rest, {n: float(n == c.name) for n in rest})
        fastest = max(float(np.linalg.norm(stack(w, 1))) for w in motion.w)
        out[k] = fastest if fastest > NOTICED else 1.0
    return out


def _of_name(name: str) -> tuple[float, float] | None:
    return next((span for pattern, span in _table().items() if re.match(pattern, name)), None)


@lru_cache(maxsize=1)
def _table() -> dict[str, tuple[float, float]]:
    with resource("models", FILE).open(encoding="utf-8", newline="") as file:
        return {
            row["coordinate"]: (np.deg2rad(float(row["minimum_deg"])), np.deg2rad(float(row["maximum_deg"])))
            for row in csv.DictReader(file)
        }
