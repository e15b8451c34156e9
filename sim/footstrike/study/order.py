"""The order of a sweep's cells: blocks of neighbours, and in each block which solved cell another one starts from.

It follows from the cells alone, whoever solves them and how many at once; so a cell starts from the same neighbour in one
process, in two shards and on a cluster, and comes out the same.
"""

from __future__ import annotations

from collections.abc import Sequence

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


def neighbours(points: Array, members: Sequence[int], start: Array) -> list[tuple[int, int | None]]:
    """Members of a block in the order in which they are solved, each with the neighbour that it starts from.

    The first is the one nearest to ``start`` (d,), the habitual gait, from which it starts itself (None). Then comes, again
    and again, the one nearest to any before it; of several equally near, the one whose way back to the first is shortest.
    """
    left = list(members)
    apart = np.round(np.linalg.norm(points[:, None] - points[None, :], axis=-1), 9)
    first = min(left, key=lambda i: (round(float(np.linalg.norm(points[i] - start)), 9), i))
    left.remove(first)
    found: list[tuple[int, int | None]] = [(first, None)]
    steps = {first: 0}
    while left:
        _, _, new, old = min((apart[i, j], steps[j], i, j) for i in left for j in steps)
        left.remove(new)
        steps[new] = steps[old] + 1
        found.append((new, old))
    return found
