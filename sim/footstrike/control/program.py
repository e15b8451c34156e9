"""The whole tracking program: what is unknown, where it starts, what it is compared with, how a cycle closes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from footstrike.control.basis import Basis, carried
from footstrike.control.habit import usual
from footstrike.control.nlp import PointFunctions, Program
from footstrike.control.point import Point
from footstrike.control.problem import Controls, Ends, Gait, TrackProblem, change_names
from footstrike.control.reference import Reference
from footstrike.dynamics.rigid_body import Tree
from footstrike.gait.mirror import mirror

Array = NDArray[np.float64]

TENDON_START = 0.1  # of the maximal isometric force
ACTIVATION_START = 0.1
CHANGE_BOUNDS = {"log_stiffness": 3.0, "x": 0.03, "y": 0.03, "log_dissipation": 2.0}
_CHANGE_PRIOR = 0.02  # cost of a change as large as its bound: keeps what the forces do not tell


@dataclass(frozen=True)
class Layout:
    """Where things lie in the vector of variables.

    Per gait: spline coefficients (coefficient-major), activations at the nodes (node-major), reserves
    (point-major), duration. Contact changes, shared by all gaits, come last.

    Attributes
    ----------
    size, splines
        Coefficients of a spline; coordinates and tendons.
    nodes, muscles
        Free nodes of the activations: ends of the mesh intervals, without the first where the cycle closes.
    points, reserves
        Collocation points; coordinates with a reserve.
    """

    size: int
    splines: int
    nodes: int
    muscles: int
    points: int
    reserves: int
    gaits: int
    shared_count: int

    @property
    def stride(self) -> int:
        """Variables of one gait."""
        return self.size * self.splines + self.nodes * self.muscles + self.points * self.reserves + 1

    def coefficients(self, gait: int) -> slice:
        """Spline coefficients of a gait."""
        return slice(gait * self.stride, gait * self.stride + self.size * self.splines)

    def activations(self, gait: int) -> slice:
        """Activations at the free nodes of a gait."""
        start = self.coefficients(gait).stop
        return slice(start, start + self.nodes * self.muscles)

    def reserved(self, gait: int) -> slice:
        """Reserves at the points of a gait."""
        start = self.activations(gait).stop
        return slice(start, start + self.points * self.reserves)

    def duration(self, gait: int) -> int:
        """Duration of a gait's cycle."""
        return (gait + 1) * self.stride - 1

    @property
    def shared(self) -> slice:
        """Contact changes, shared by all gaits."""
        return slice(self.gaits * self.stride, self.gaits * self.stride + self.shared_count)

    @property
    def count(self) -> int:
        """All variables."""
        return self.gaits * self.stride + self.shared_count


def layout_of(problem: TrackProblem, basis: Basis, point: Point) -> Layout:
    """Where the variables of a problem lie."""
    return Layout(
        basis.size,
        len(point.splines),
        len(basis.breaks) - (problem.ends != "free"),
        len(point.controls),
        len(basis.points),
        len(point.balanced),
        len(problem.references),
        len(point.shared_names),
    )


def tracking_program(
    problem: TrackProblem, basis: Basis, point: Point, functions: PointFunctions
) -> tuple[Program, Layout]:
    """The program of a tracking problem, and where its variables lie."""
    layout = layout_of(problem, basis, point)
    guess = np.zeros(layout.count)
    low, high = np.full(layout.count, -np.inf), np.full(layout.count, np.inf)
    centre = np.zeros(layout.count)
    data, rows = [], _Rows(layout.count)
    nodes = _node_map(problem.ends, point.controls, len(basis.breaks))
    for g, reference in enumerate(problem.references):
        data.append(np.hstack([*reference.at(point.names, basis.points), *usual(problem, basis, point, g)]).T)
        if problem.habit:
            habit = problem.habit.gaits[g]
            of_motion = centre[layout.coefficients(g)].reshape(layout.size, -1)[:, : len(point.names)]
            of_motion[:] = carried(habit.basis, habit.coefficients, basis)
        _start(problem, basis, point, layout, g, guess)
        tendons = low[layout.coefficients(g)].reshape(layout.size, -1)[:, len(point.names) :]
        tendons[:] = 0.0  # a tendon pulls: so does a spline of such coefficients
        low[layout.activations(g)], high[layout.activations(g)] = problem.drive.floor, 1.0
        most = np.tile([problem.drive.limit.get(n, np.inf) for n in point.balanced], layout.points)
        low[layout.reserved(g)], high[layout.reserved(g)] = -most, most
        room = problem.duration_room
        low[layout.duration(g)] = reference.duration * (1 - room)
        high[layout.duration(g)] = reference.duration * (1 + room)
        _close(rows, problem.ends, basis, point, layout, g, reference.speed)
        _prescribe(rows, problem, basis, point, layout, g)
        shortest = low[layout.duration(g)]
        _activation_dynamics(rows, problem, np.diff(basis.breaks) * shortest, nodes, layout, g)
    for k, name in enumerate(point.shared_names):
        i = layout.shared.start + k
        bound = _of_kind(CHANGE_BOUNDS, name)
        low[i], high[i] = -bound, bound
        guess[i] = problem.guess.contact.get(name, 0.0) if problem.guess else 0.0
    linear, linear_low, linear_high = rows.matrix()
    return (
        Program(
            functions,
            _seen(basis, layout, nodes),
            np.tile(basis.weights, layout.gaits),
            np.concatenate(data, axis=1),
            linear,
            linear_low,
            linear_high,
            -point.bounds,
            point.bounds,
            low,
            high,
            guess,
            _roughness(problem, basis, layout, len(point.names)),
            centre,
        ),
        layout,
    )


def gait_of(x: Array, problem: TrackProblem, basis: Basis, point: Point, layout: Layout, gait: int) -> Gait:
    """What the variables say of a gait."""
    coefficients = x[layout.coefficients(gait)].reshape(layout.size, layout.splines)
    n = len(point.names)
    controls = None
    if layout.muscles:
        free = x[layout.activations(gait)].reshape(-1)
        nodes = _node_map(problem.ends, point.controls, len(basis.breaks))
        controls = Controls(
            point.controls,
            free[nodes],
            list(problem.drive.compliant),
            coefficients[:, n:],
            point.balanced,
            x[layout.reserved(gait)].reshape(layout.points, layout.reserves),
        )
    duration = float(x[layout.duration(gait)])
    return Gait(basis, point.names, coefficients[:, :n], duration, problem.ends, controls)


def _node_map(ends: Ends, muscles: list[str], count: int) -> NDArray[np.intp]:
    """(nodes, M) place of every muscle's activation among the free ones; a closed cycle starts as it ends."""
    M = len(muscles)
    free = count if ends == "free" else count - 1
    inner = np.arange(free * M).reshape(free, M)
    if ends == "free":
        return inner
    other = [muscles.index(mirror(m)[0]) for m in muscles] if ends == "mirrored" else list(range(M))
    return np.vstack([inner[-1:, other], inner])


class _Rows:
    """Rows of linear constraints, collected as triplets."""

    def __init__(self, columns: int) -> None:
        self._columns, self._count = columns, 0
        self._parts: list[tuple[Array, Array, Array]] = []
        self._low: list[Array] = []
        self._high: list[Array] = []

    def add(self, rows: Any, columns: Any, values: Any, low: Any, high: Any) -> None:
        """Add constraints ``low <= sum values x[columns] <= high``; ``rows`` count from 0 in each call."""
        low, high = np.atleast_1d(low).astype(float), np.atleast_1d(high).astype(float)
        flat = [np.ravel(x) for x in np.broadcast_arrays(rows, columns, values)]
        self._parts.append((flat[0] + self._count, flat[1], flat[2].astype(float)))
        self._low.append(low)
        self._high.append(high)
        self._count += len(low)

    def matrix(self) -> tuple[Any, Array, Array]:
        rows, columns, values = (np.concatenate(x) for x in zip(*self._parts, strict=True))
        keep = values != 0.0
        shape = (self._count, self._columns)
        matrix = sparse.csr_matrix((values[keep], (rows[keep], columns[keep])), shape=shape)
        return matrix, np.concatenate(self._low), np.concatenate(self._high)


def _close(
    rows: _Rows, ends: Ends, basis: Basis, point: Point, layout: Layout, gait: int, speed: float | None
) -> None:
    """The end of a cycle repeats its start, mirrored after half a stride, and one cycle further on."""
    if ends == "free":
        return
    start = layout.coefficients(gait).start
    coefficient = np.arange(basis.size)
    for derivative in range(basis.smoothness + 1):
        first, last = (_clean(basis.matrix(np.array([p]), derivative))[0] for p in (0.0, 1.0))
        for i, name in enumerate(point.splines):
            other, sign = mirror(name) if ends == "mirrored" else (name, 1.0)
            columns = [start + coefficient * layout.splines + k for k in (i, point.splines.index(other))]
            index, value = np.concatenate(columns), np.concatenate([last, -sign * first])
            if name == "pelvis_tx" and derivative == 0:
                if speed is None:
                    continue
                index, value = np.append(index, layout.duration(gait)), np.append(value, -speed)
            rows.add(0, index, value, 0.0, 0.0)
    if speed is None:
        return
    first = _clean(basis.matrix(np.array([0.0])))[0]
    rows.add(0, start + coefficient * layout.splines + point.names.index("pelvis_tx"), first, 0.0, 0.0)


def _prescribe(
    rows: _Rows, problem: TrackProblem, basis: Basis, point: Point, layout: Layout, gait: int
) -> None:
    reference = problem.references[gait]
    start, coefficient = layout.coefficients(gait).start, np.arange(basis.size)
    for p in problem.prescribed:
        values = _clean(basis.matrix(np.array([p.phase]), int(p.rate)))[0]
        columns = start + coefficient * layout.splines + point.names.index(p.coordinate)
        if p.rate:  # a rate's derivative by phase is the rate times the duration
            columns, values = np.append(columns, layout.duration(gait)), np.append(values, -p.value)
        value, room = (0.0, p.room * reference.duration) if p.rate else (p.value, p.room)
        rows.add(0, columns, values, value - room, value + room)
    values = _clean(basis.matrix(basis.points))
    each = np.arange(layout.points)
    for name, (least, most) in problem.ranges.items():
        columns = start + coefficient * layout.splines + point.names.index(name)
        rows.add(each[:, None], columns, values, np.full(len(each), least), np.full(len(each), most))


def _activation_dynamics(
    rows: _Rows, problem: TrackProblem, steps: Array, nodes: NDArray[np.intp], layout: Layout, gait: int
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


def _roughness(problem: TrackProblem, basis: Basis, layout: Layout, coordinates: int) -> Any:
    """The jerk part of the objective, at the reference's duration, and the prior on contact changes."""
    blocks: list[Any] = []
    of_spline = sparse.diags((np.arange(layout.splines) < coordinates).astype(float))
    roughness = _clean(basis.roughness())
    for reference in problem.references:
        scale = 2 * problem.weights.jerk / coordinates / (1e5 * reference.duration**3) ** 2
        rest = layout.stride - layout.size * layout.splines
        blocks += [sparse.kron(scale * roughness, of_spline), sparse.csr_matrix((rest, rest))]
    prior = [_CHANGE_PRIOR / _of_kind(CHANGE_BOUNDS, name) ** 2 for name in change_names(problem.contact)]
    blocks.append(sparse.diags(prior) if prior else sparse.csr_matrix((0, 0)))
    return sparse.block_diag(blocks, format="csc")


def _of_kind(table: dict[str, float], name: str) -> float:
    return next(value for kind, value in table.items() if name.startswith(kind + "_"))


def _start(
    problem: TrackProblem, basis: Basis, point: Point, layout: Layout, gait: int, guess: Array
) -> None:
    """Fill in where a gait starts from: an earlier solution's, or the motion nearest to the reference."""
    reference = problem.references[gait]
    earlier = problem.guess.gaits[gait] if problem.guess else None
    coefficients = np.full((layout.size, layout.splines), TENDON_START)
    n = len(point.names)
    guess[layout.duration(gait)] = reference.duration
    guess[layout.activations(gait)] = ACTIVATION_START
    if earlier is None:
        begin = problem.begin[gait] if problem.begin else reference
        coefficients[:, :n] = _fit(basis, begin, point)
        low, high = (reference.duration * (1 + side * problem.duration_room) for side in (-1, 1))
        guess[layout.duration(gait)] = min(max(begin.duration, low), high)
    else:
        coefficients[:, :n] = carried(earlier.basis, earlier.coefficients, basis)
        guess[layout.duration(gait)] = earlier.duration
        controls = earlier.controls
        if controls is not None and controls.muscles == point.controls:
            at = basis.breaks if problem.ends == "free" else basis.breaks[1:]
            values = [np.interp(at, earlier.basis.breaks, a) for a in controls.activations.T]
            guess[layout.activations(gait)] = np.stack(values, axis=1).ravel()
            if controls.tendons == list(problem.drive.compliant):
                coefficients[:, n:] = carried(earlier.basis, controls.tendon_force, basis)
            points = earlier.basis.points
            values = [np.interp(basis.points, points, r) for r in controls.reserves.T]
            guess[layout.reserved(gait)] = np.stack(values, axis=1).ravel() if values else 0.0
    guess[layout.coefficients(gait)] = coefficients.ravel()


def _fit(basis: Basis, reference: Reference, point: Point) -> Array:
    """(m, n) spline coefficients nearest to the reference."""
    dense = np.linspace(0.0, 1.0, 40 * len(basis.breaks))
    motion = reference.at(point.names, dense)[0]
    if reference.speed is not None:
        motion[:, point.names.index("pelvis_ty")] += _standing_height(point, reference, dense, motion)
        motion[:, point.names.index("pelvis_tx")] -= motion[0, point.names.index("pelvis_tx")]
    return np.asarray(np.linalg.lstsq(basis.matrix(dense), motion, rcond=None)[0])


def _standing_height(point: Point, reference: Reference, phase: Array, motion: Array) -> float:
    """Pelvis height that lets the lowest right sphere sink 5 mm in on average over stance."""
    tree: Tree = point.tree
    state = tree.motion({n: motion[:, i] for i, n in enumerate(point.names)})
    bottoms = np.stack(
        [
            np.asarray(tree.position(state, s.body, list(map(float, s.location)))[1]) - s.radius
            for s in tree.description.spheres
            if s.name.endswith("_r")
        ]
    )
    stance = np.interp(phase, reference.phase, reference.force[:, 1]) > 0
    return float(-0.005 - bottoms.min(axis=0)[stance].mean())


def _seen(basis: Basis, layout: Layout, nodes: NDArray[np.intp]) -> Any:
    """Sparse map from the variables to what every point of every gait sees.

    Point by point: splines, first and second derivatives, activations, reserves, duration, contact changes.
    """
    K, n, M, C = layout.points, layout.splines, layout.muscles, layout.reserves
    ny = 3 * n + M + C + 1 + layout.shared_count
    rows, columns, values = [], [], []

    def add(row: Any, column: Any, value: Array) -> None:
        r, c, v = np.broadcast_arrays(row, column, value)
        keep = v != 0.0
        rows.append(r[keep])
        columns.append(c[keep])
        values.append(v[keep])

    for g in range(layout.gaits):
        first = (g * K + np.arange(K)) * ny
        spline = np.arange(n)
        for d in range(3):
            matrix = _clean(basis.matrix(basis.points, d))
            k, i = np.nonzero(matrix)
            add(
                (first[k] + d * n)[:, None] + spline,
                layout.coefficients(g).start + i[:, None] * n + spline,
                np.broadcast_to(matrix[k, i][:, None], (len(k), n)),
            )
        interval = np.clip(np.searchsorted(basis.breaks, basis.points) - 1, 0, len(basis.breaks) - 2)
        share = (basis.points - basis.breaks[interval]) / np.diff(basis.breaks)[interval]
        for node, part in ((interval, 1 - share), (interval + 1, share)):
            add(
                (first + 3 * n)[:, None] + np.arange(M),
                layout.activations(g).start + nodes[node],
                np.broadcast_to(part[:, None], (K, M)),
            )
        add(
            (first + 3 * n + M)[:, None] + np.arange(C),
            layout.reserved(g).start + np.arange(K * C).reshape(K, C),
            np.ones((K, C)),
        )
        add(first + 3 * n + M + C, np.full(K, layout.duration(g)), np.ones(K))
        tail = np.arange(layout.shared_count)
        add(
            (first + ny - layout.shared_count)[:, None] + tail,
            layout.shared.start + tail,
            np.ones((K, len(tail))),
        )
    triplets = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
    return sparse.csr_matrix(triplets, shape=(layout.gaits * K * ny, layout.count))


def _clean(matrix: Array) -> Array:
    return np.where(np.abs(matrix) < 1e-12 * np.abs(matrix).max(), 0.0, matrix)
