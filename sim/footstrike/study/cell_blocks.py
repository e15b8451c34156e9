"""Blocks of a sweep's cells: what a shard or a task of a cluster solves as a whole.

They follow from the cells alone, whoever solves them and how many at once.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def scaled(points: Array) -> Array:
    """Points (n, d) with every variable over its range; one that does not vary is 0."""
    span = np.ptp(points, axis=0)
    return np.asarray((points - points.min(axis=0)) / np.where(span > 0.0, span, 1.0))


def blocks(points: Array, most: int) -> list[list[int]]:
    """Indices of neighbouring points (n, d), halved along the longest side until no block has more than ``most``."""
    return _halved(points, list(range(len(points))), most)


def _halved(points: Array, members: list[int], most: int) -> list[list[int]]:
    if len(members) <= most:
        return [members]
    inside = points[members]
    side = int(np.argmax(np.ptp(inside, axis=0))) if inside.shape[1] else 0
    along = inside[:, side] if inside.shape[1] else np.zeros(len(members))
    order = [members[i] for i in np.argsort(along, kind="stable")]
    half = (len(order) + 1) // 2
    return [*_halved(points, sorted(order[:half]), most), *_halved(points, sorted(order[half:]), most)]
