"""The whole tracking program: what is unknown, where it starts, what it is compared with, how a stride closes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from footstrike.control.basis import Basis
from footstrike.control.nlp import PointFunctions, Program
from footstrike.control.point import Point
from footstrike.control.problem import FLIGHT_BEFORE_CONTACT, TrackProblem, change_names
from footstrike.dynamics.rigid_body import Tree
from footstrike.gait.mirror import mirror
from footstrike.gait.targets import Target
from footstrike.model.description import Description

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Layout:
    """Where things lie in the vector of variables: per gait its coefficients (point-major) and duration; shared last."""

    size: int
    n: int
    gaits: int
    shared_count: int

    @property
    def stride(self) -> int:
        """Variables of one gait."""
        return self.size * self.n + 1

    def coefficients(self, gait: int) -> slice:
        """Spline coefficients of a gait."""
        return slice(gait * self.stride, gait * self.stride + self.size * self.n)

    def duration(self, gait: int) -> int:
        """Duration of a gait's step."""
        return (gait + 1) * self.stride - 1

    @property
    def shared(self) -> slice:
        """Contact changes, shared by all gaits."""
        return slice(self.gaits * self.stride, self.gaits * self.stride + self.shared_count)

    @property
    def count(self) -> int:
        """All variables."""
        return self.gaits * self.stride + self.shared_count


def tracking_program(
    problem: TrackProblem, basis: Basis, point: Point, functions: PointFunctions
) -> tuple[Program, Layout]:
    """The program of a tracking problem, and where its variables lie."""
    names, n = point.names, len(point.names)
    layout = Layout(basis.size, n, len(problem.targets), len(point.shared_names))
    guess = np.zeros(layout.count)
    low, high = np.full(layout.count, -np.inf), np.full(layout.count, np.inf)
    data, rows, values = [], [], []
    for g, target in enumerate(problem.targets):
        reference = _reference(target, names, basis.points)
        data.append(_data(target, names, basis.points, reference))
        guess[layout.coefficients(g)] = _guess(problem, g, basis, names).ravel()
        guess[layout.duration(g)] = problem.step_time or target.stride_time / 2
        low[layout.duration(g)], high[layout.duration(g)] = _durations(problem, target)
        a, b = _ends(basis, names, layout, g, target.speed)
        rows.append(a)
        values.append(b)
    for k, name in enumerate(point.shared_names):
        i = layout.shared.start + k
        bound = _of_kind(_CHANGE_BOUNDS, name)
        low[i], high[i] = -bound, bound
        guess[i] = problem.guess.contact.get(name, 0.0) if problem.guess else 0.0
    linear, level = sparse.vstack(rows, format="csr"), np.concatenate(values)
    zero = np.zeros(functions.size[2])
    return (
        Program(
            functions,
            _seen(basis, layout),
            np.tile(basis.weights, layout.gaits),
            np.concatenate(data, axis=1),
            linear,
            level,
            level,
            zero,
            zero,
            low,
            high,
            guess,
            _roughness(problem, basis, layout),
        ),
        layout,
    )


def _durations(problem: TrackProblem, target: Target) -> tuple[float, float]:
    """Bounds on the duration of a step, s: the target's own, unless another is prescribed."""
    duration = problem.step_time or target.stride_time / 2
    return duration, duration


def _roughness(problem: TrackProblem, basis: Basis, layout: Layout) -> Any:
    """The jerk part of the objective, at the target's duration."""
    blocks: list[Any] = []
    for target in problem.targets:
        scale = 2 * problem.weights.jerk / layout.n / (1e5 * (target.stride_time / 2) ** 3) ** 2
        blocks += [
            sparse.kron(scale * _clean(basis.roughness()), sparse.identity(layout.n)),
            sparse.csr_matrix((1, 1)),
        ]
    prior = [_CHANGE_PRIOR / _of_kind(_CHANGE_BOUNDS, name) ** 2 for name in change_names(problem.contact)]
    blocks.append(sparse.diags(prior) if prior else sparse.csr_matrix((0, 0)))
    return sparse.block_diag(blocks, format="csc")


_CHANGE_BOUNDS = {"log_stiffness": 3.0, "x": 0.03, "y": 0.03, "log_dissipation": 2.0}
_CHANGE_PRIOR = 0.02  # cost of a change as large as its bound: keeps what the forces do not tell


def _of_kind(table: dict[str, float], name: str) -> float:
    return next(value for kind, value in table.items() if name.startswith(kind + "_"))


def _guess(problem: TrackProblem, gait: int, basis: Basis, names: list[str]) -> Array:
    """(m, n) spline coefficients to start from: an earlier solution's, or those nearest to the target."""
    if problem.guess is None:
        return _fit(basis, problem.targets[gait], names, problem.description)
    earlier = problem.guess.gaits[gait]
    if np.array_equal(earlier.basis.knots, basis.knots):
        return earlier.coefficients
    dense = np.linspace(0.0, 1.0, 40 * len(basis.breaks))
    values = earlier.basis.matrix(dense) @ earlier.coefficients
    return np.asarray(np.linalg.lstsq(basis.matrix(dense), values, rcond=None)[0])


def _stride_phase(points: Array) -> Array:
    """Phase of the stride (0 = right initial contact) from phase of the half cycle."""
    return np.asarray(points / 2 - FLIGHT_BEFORE_CONTACT)


def _interpolate(target: Target, curve: Array, phase: Array) -> Array:
    return np.asarray(np.interp(np.mod(phase, 1.0), target.phase, curve))


def _reference(target: Target, names: list[str], points: Array) -> Array:
    """(K, n) target of each coordinate, pelvis_tx with its progression."""
    phase = _stride_phase(points)
    columns = []
    for name in names:
        curve = _interpolate(target, target.coordinates[name], phase)
        if name == "pelvis_tx":
            curve = curve + target.speed * target.stride_time * points / 2
        columns.append(curve)
    return np.stack(columns, axis=1)


_SIDEWAYS_BW = (
    0.1  # no group mean is published with the data; peaks are about this (Cavanagh & Lafortune 1980)
)
_SMALLEST_SPREAD = np.deg2rad(2.0)
_LANDING_POSTURE = (
    "pelvis_tilt",
    "hip_flexion_r",
    "knee_angle_r",
    "ankle_angle_r",
)  # defines the strike pattern
_LANDING_EMPHASIS, _LANDING_WIDTH = 20.0, 0.03  # how much more it counts, and how long; of a stride


def _data(target: Target, names: list[str], points: Array, reference: Array) -> Array:
    """(nd, K) reference and tightness of motion and ground force at the points."""
    phase = _stride_phase(points)
    spread = np.stack([_interpolate(target, target.spread[n], phase) for n in names], axis=1)
    tightness = 1 / np.maximum(spread, _SMALLEST_SPREAD) ** 2
    landing = 1 + _LANDING_EMPHASIS * np.exp(-((phase / _LANDING_WIDTH) ** 2))
    for name in _LANDING_POSTURE:
        tightness[:, names.index(name)] *= landing
    for name in ("pelvis_tx", "pelvis_ty", "pelvis_tz"):
        tightness[:, names.index(name)] = 0.0  # where the body is, the forces decide
    tightness[:, names.index("pelvis_tz")] = 1 / 0.05**2
    force, force_tightness = _force_reference(target, phase)
    return np.vstack([reference.T, tightness.T, force.T, force_tightness.T])


def _force_reference(target: Target, phase: Array) -> tuple[Array, Array]:
    """(K, 6) each: right fx, fy, fz, left fx, fy, fz in body weights, and 1/SD^2; zero in flight.

    Measured means carry 0.98 of the weight; they are scaled to carry all of it, since no periodic motion can
    follow less and the solver would seek the difference in the gaps of the mesh.
    """
    carried = np.trapezoid(target.force["fy"], target.force_phase) * target.contact_time
    to_weight = target.stride_time / 2 / float(carried)
    force, tightness = [], []
    for shift in (0.0, 0.5):
        stance = np.mod(phase + shift, 1.0) * target.stride_time / target.contact_time
        for axis in ("fx", "fy"):
            inside = stance <= 1.0
            curve = to_weight * target.force[axis]
            force.append(np.where(inside, np.interp(stance, target.force_phase, curve), 0.0))
            typical = float(np.mean(target.force_spread[axis]))
            tightness.append(np.full(len(phase), 1 / typical**2))
        force.append(np.zeros(len(phase)))
        tightness.append(np.full(len(phase), 1 / _SIDEWAYS_BW**2))
    return np.stack(force, axis=1), np.stack(tightness, axis=1)


def _fit(basis: Basis, target: Target, names: list[str], description: Description) -> Array:
    """(m, n) spline coefficients nearest to the target: the initial guess."""
    dense = np.linspace(0.0, 1.0, 40 * len(basis.breaks))
    reference = _reference(target, names, dense)
    reference[:, names.index("pelvis_ty")] += _standing_height(description, target, names, dense, reference)
    reference[:, names.index("pelvis_tx")] -= reference[0, names.index("pelvis_tx")]
    return np.asarray(np.linalg.lstsq(basis.matrix(dense), reference, rcond=None)[0])


def _standing_height(
    description: Description, target: Target, names: list[str], points: Array, reference: Array
) -> float:
    """Pelvis height that lets the lowest right sphere sink 5 mm in on average over stance."""
    tree = Tree(description)
    motion = tree.motion({n: reference[:, i] for i, n in enumerate(names)})
    bottoms = np.stack(
        [
            np.asarray(tree.position(motion, s.body, list(map(float, s.location)))[1]) - s.radius
            for s in description.spheres
            if s.name.endswith("_r")
        ]
    )
    phase = _stride_phase(points)
    stance = (phase > 0) & (phase < target.contact_time / target.stride_time)
    return float(-0.005 - bottoms.min(axis=0)[stance].mean())


def _seen(basis: Basis, layout: Layout) -> Any:
    """Sparse map from the variables to (q, q', q'', duration, shared) at every point of every gait."""
    levels = [sparse.csr_matrix(_clean(basis.matrix(basis.points, d))) for d in range(3)]
    K, n = len(basis.points), layout.n
    blocks = []
    for g in range(layout.gaits):
        per_point = []
        for k in range(K):
            rows = [sparse.kron(level[k], sparse.identity(n)) for level in levels]
            wide: Any = sparse.lil_matrix((3 * n, layout.count))
            wide[:, layout.coefficients(g)] = sparse.vstack(rows)
            tail: Any = sparse.lil_matrix((1 + layout.shared_count, layout.count))
            tail[0, layout.duration(g)] = 1.0
            for s in range(layout.shared_count):
                tail[1 + s, layout.shared.start + s] = 1.0
            per_point += [wide, tail]
        blocks.append(sparse.vstack(per_point, format="csr"))
    return sparse.vstack(blocks, format="csr")


def _clean(matrix: Array) -> Array:
    return np.where(np.abs(matrix) < 1e-12 * np.abs(matrix).max(), 0.0, matrix)


def _ends(basis: Basis, names: list[str], layout: Layout, gait: int, speed: float) -> tuple[Any, Array]:
    """Linear constraints: the end of the half cycle mirrors its start, one step further on."""
    rows: list[Any] = []
    for derivative in range(basis.smoothness + 1):
        first, last = (basis.matrix(np.array([p]), derivative)[0] for p in (0.0, 1.0))
        for i, name in enumerate(names):
            other, sign = mirror(name)
            row = np.zeros((basis.size, layout.n))
            row[:, i] += last
            row[:, names.index(other)] -= sign * first
            wide = np.zeros(layout.count)
            wide[layout.coefficients(gait)] = row.ravel()
            if name == "pelvis_tx" and derivative == 0:
                wide[layout.duration(gait)] = -speed
            rows.append(wide)
    origin = np.zeros((basis.size, layout.n))
    origin[:, names.index("pelvis_tx")] = basis.matrix(np.array([0.0]))[0]
    wide = np.zeros(layout.count)
    wide[layout.coefficients(gait)] = origin.ravel()
    rows.append(wide)
    return sparse.csr_matrix(_clean(np.array(rows))), np.zeros(len(rows))
