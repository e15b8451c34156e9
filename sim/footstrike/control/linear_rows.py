"""Linear constraints of a tracking program: how a cycle closes, what is prescribed, how fast activation changes.

Splines are named in their order: coordinates first, then muscles whose tendons stretch.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from footstrike.control.basis import Basis, clean
from footstrike.control.layout import Layout
from footstrike.control.point import Point
from footstrike.control.problem import TrackProblem
from footstrike.control.solution import Ends
from footstrike.model.sides import mirror

Array = NDArray[np.float64]


class Rows:
    """Rows of linear constraints, collected as triplets."""

    def __init__(self, columns: int) -> None:
        self._columns, self._count = columns, 0
        none = np.zeros(0, dtype=int)
        self._parts: list[tuple[Any, Any, Array]] = [(none, none, np.zeros(0))]
        self._low, self._high = [np.zeros(0)], [np.zeros(0)]

    def add(self, rows: Any, columns: Any, values: Any, low: Any, high: Any) -> None:
        """Add constraints ``low <= sum values x[columns] <= high``; ``rows`` count from 0 in each call."""
        low, high = np.atleast_1d(low).astype(float), np.atleast_1d(high).astype(float)
        flat = [np.ravel(x) for x in np.broadcast_arrays(rows, columns, values)]
        self._parts.append((flat[0] + self._count, flat[1], flat[2].astype(float)))
        self._low.append(low)
        self._high.append(high)
        self._count += len(low)

    def matrix(self) -> tuple[Any, Array, Array]:
        """Matrix (rows, columns), sparse, and the bounds (rows,) of its product with the variables."""
        rows, columns, values = (np.concatenate(x) for x in zip(*self._parts, strict=True))
        keep = values != 0.0
        shape = (self._count, self._columns)
        matrix = sparse.csr_matrix((values[keep], (rows[keep], columns[keep])), shape=shape)
        return matrix, np.concatenate(self._low), np.concatenate(self._high)


def close(
    rows: Rows, ends: Ends, basis: Basis, splines: list[str], layout: Layout, gait: int, speed: float | None
) -> None:
    """The end of a cycle repeats its start, mirrored after half a stride, and one cycle further on."""
    if ends == "free":
        return
    start = layout.coefficients(gait).start
    coefficient = np.arange(basis.size)
    for derivative in range(basis.smoothness + 1):
        first, last = (clean(basis.matrix(np.array([p]), derivative))[0] for p in (0.0, 1.0))
        for i, name in enumerate(splines):
            other, sign = mirror(name) if ends == "mirrored" else (name, 1.0)
            columns = [start + coefficient * layout.splines + k for k in (i, splines.index(other))]
            index, value = np.concatenate(columns), np.concatenate([last, -sign * first])
            if name == "pelvis_tx" and derivative == 0:
                if speed is None:
                    continue
                index, value = np.append(index, layout.duration(gait)), np.append(value, -speed)
            rows.add(0, index, value, 0.0, 0.0)
    if speed is None:
        return
    first = clean(basis.matrix(np.array([0.0])))[0]
    rows.add(0, start + coefficient * layout.splines + splines.index("pelvis_tx"), first, 0.0, 0.0)


def prescribe(
    rows: Rows, problem: TrackProblem, basis: Basis, point: Point, layout: Layout, gait: int
) -> None:
    """Values and rates prescribed at a phase, means over the cycle, and ranges that are kept throughout.

    What is chosen moves the values along.
    """
    reference, splines = problem.references[gait], point.splines
    start, coefficient = layout.coefficients(gait).start, np.arange(basis.size)
    chosen = layout.shared.start + point.shared["choices"].start + np.arange(len(problem.choices))
    for k, p in enumerate(problem.prescribed):
        values = clean(basis.matrix(np.array([p.phase]), int(p.rate)))[0]
        columns = start + coefficient * layout.splines + splines.index(p.coordinate)
        if p.rate:  # a rate's derivative by phase is the rate times the duration
            columns, values = np.append(columns, layout.duration(gait)), np.append(values, -p.value)
        value, bound = (0.0, p.bound * reference.duration) if p.rate else (p.value, p.bound)
        columns = np.concatenate([columns, chosen])
        values = np.concatenate([values, [-choice.prescribed[k] for choice in problem.choices]])
        rows.add(0, columns, values, value - bound, value + bound)
    values = clean(basis.matrix(basis.points))
    for k, average in enumerate(reference.averages):
        columns = [start + coefficient * layout.splines + splines.index(name) for name in average.names]
        shapes = average.shapes or (np.ones_like(reference.phase),) * len(average.names)
        at = [np.interp(basis.points, reference.phase, shape) for shape in shapes]
        row = [(basis.weights * s) @ values for s in at] + [
            [-choice.averages[k] for choice in problem.choices]
        ]
        rows.add(0, np.concatenate([*columns, chosen]), np.concatenate(row), average.value, average.value)
    each = np.arange(layout.points)
    for name, (least, most) in problem.ranges.items():
        columns = start + coefficient * layout.splines + splines.index(name)
        rows.add(each[:, None], columns, values, np.full(len(each), least), np.full(len(each), most))


def activation_dynamics(
    rows: Rows, problem: TrackProblem, steps: Array, nodes: NDArray[np.intp], layout: Layout, gait: int
) -> None:
    """Activation between two nodes rises and falls no faster than activation dynamics let it.

    It is linear there, so both limits hold everywhere if they hold where the interval ends.
    """
    if not layout.muscles:
        return
    place = nodes + layout.activations(gait).start
    before, after = place[:-1].ravel(), place[1:].ravel()
    count = len(before)
    row = np.arange(count)
    h = np.repeat(steps, layout.muscles)
    drive = problem.drive
    fall, rise = 1 + h / drive.deactivation_time, 1 + h / drive.activation_time
    index = np.concatenate([row, row])
    columns = np.concatenate([before, after])
    free = np.full(count, np.inf)
    rows.add(index, columns, np.concatenate([-np.ones(count), fall]), np.zeros(count), free)
    rows.add(index, columns, np.concatenate([-np.ones(count), rise]), -free, h / drive.activation_time)
