"""Fits the length of a curved muscle path by a sparse polynomial in the coordinates that it spans.

Lengths and moment arms (minus the derivatives of length) are fitted together by least squares, each
weighted by the error that is allowed. The total order rises until samples that the fit has not seen are
met; then terms are dropped, always the one that costs least, while the errors stay below their targets.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

from footstrike.model.description import Array, PathPolynomial

Exponents = NDArray[np.int_]
Mask = NDArray[np.bool_]

LENGTH_LIMIT, ARM_LIMIT = 1.0e-3, 1.5e-3  # m RMS, what the package promises
STRANGE = 3.0  # times the limits: such a sample may lie beyond a jump of the path
AIM = 0.7  # share of the limits at which the order is high enough
KEPT = 0.8  # share of the limits up to which terms are dropped
LOSS = 1.003  # or, where that is out of reach, how much the errors may grow by dropping terms
GAIN = 0.97  # how much better a higher order must be to be taken
HIGHEST_ORDER = 12
MOST_TERMS = 500
DENSE = 24  # coordinates; beyond, not every pair of them gets a term
MOST_SCREENED, MOST_CUBICS = 700, 400
RIDGE = 1e-11
EVERY, HELD_OUT = slice(None), slice(None, None, 4)  # samples; every fourth is not fitted at first
BATCH = 30
BALANCING = 6  # times that the weight of length against moment arms is adapted
STEP = 1.2  # power of their ratio that it is multiplied by


class Grid:
    """Where muscles of one span were sampled, with the monomials there; shared by all of them.

    Parameters
    ----------
    coordinates, turning
        n names, and whether each turns (its arm is in metres) or shifts.
    low, high
        (n,) range sampled, rad or m.
    q
        (N, n), rad or m.
    """

    def __init__(
        self, coordinates: tuple[str, ...], turning: Mask, low: Array, high: Array, q: Array
    ) -> None:
        self.coordinates, self.turning = coordinates, turning
        self.centre, self.scale = (low + high) / 2, (high - low) / 2
        self.x = (q - self.centre) / self.scale
        self._columns: dict[int, Monomials] = {}

    def rising(self) -> Iterator[Monomials]:
        """Monomials of rising total order."""
        for order in range(1, HIGHEST_ORDER + 1):
            if order not in self._columns:
                exponents = all_exponents(self.x.shape[1], order)
                if order > 2 and len(exponents) > MOST_TERMS:
                    return
                self._columns[order] = columns_at(self.x, self.scale, exponents)
            yield self._columns[order]


class Monomials:
    """Values (N, k) of monomials, minus their derivatives (n, N, k), and products over the samples."""

    def __init__(self, exponents: Exponents, value: Array, arm: Array) -> None:
        self.exponents, self.value, self.arm = exponents, value, arm

    @cached_property
    def products(self) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
        """Normal matrices of length and arms, weighted by the limits: over all samples, over those held
        out.
        """
        return self._product(EVERY), self._product(HELD_OUT)

    @cached_property
    def moved(self) -> list[NDArray[np.intp]]:
        """The monomials that each of the variables is in; the others have no derivative by it."""
        return [np.flatnonzero(e) for e in self.exponents.T]

    def _product(self, rows: slice) -> tuple[Array, Array]:
        v = self.value[rows] / LENGTH_LIMIT
        arms = np.zeros((len(self.exponents), len(self.exponents)))
        for arm, moved in zip(self.arm, self.moved, strict=True):
            a = arm[rows][:, moved] / ARM_LIMIT
            arms[np.ix_(moved, moved)] += a.T @ a
        return v.T @ v, arms


@dataclass(frozen=True)
class Targets:
    """Length (N,) and moment arms (N, n) of one muscle on a grid, m."""

    length: Array
    arms: Array


@dataclass(frozen=True)
class FitProblem:
    """Least squares for one muscle: normal matrices and right-hand sides of length and of moment arms."""

    grid: Grid
    columns: Monomials
    targets: Targets
    length: tuple[Array, Array]
    arm: tuple[Array, Array]

    def normal(self, weight: float) -> tuple[Array, Array]:
        """Normal equations with a weight of length against arms."""
        return weight * self.length[0] + self.arm[0], weight * self.length[1] + self.arm[1]

    def errors(self, c: Array, rows: slice) -> tuple[float, float]:
        """Root-mean-square errors of length and of the moment arms of coordinates that turn, m."""
        length = self.columns.value[rows] @ c - self.targets.length[rows]
        arms = (self.columns.arm[self.grid.turning, rows] @ c).T - self.targets.arms[rows, self.grid.turning]
        return rms(length), rms(arms)

    def relative(self, c: Array, rows: slice) -> tuple[float, float]:
        """The same as shares of their limits."""
        length, arm = self.errors(c, rows)
        return length / LENGTH_LIMIT, arm / ARM_LIMIT


def _screened(grid: Grid, targets: Targets) -> Iterator[Monomials]:
    """Linear terms, then also those of second order that the slopes of the moment arms say are largest."""
    n = len(grid.coordinates)
    linear = all_exponents(n, 1)
    yield columns_at(grid.x, grid.scale, linear)
    design = np.column_stack([np.ones(len(grid.x)), grid.x])
    slope = np.linalg.lstsq(design, targets.arms * grid.scale, rcond=None)[0][1:]
    i, k = np.triu_indices(n)
    largest = np.argsort(-np.abs(slope + slope.T)[i, k])[: MOST_SCREENED - len(linear)]
    pairs = np.zeros((len(largest), n), dtype=int)
    np.add.at(pairs, (np.arange(len(largest)), i[largest]), 1)
    np.add.at(pairs, (np.arange(len(largest)), k[largest]), 1)
    yield columns_at(grid.x, grid.scale, np.vstack([linear, pairs]))


def _candidates(grid: Grid, targets: Targets) -> Iterator[Monomials]:
    """Monomials of rising order; where they are too many, those of third order that matter most."""
    columns = None
    for columns in _screened(grid, targets) if len(grid.coordinates) > DENSE else grid.rising():
        yield columns
    if columns is not None and int(columns.exponents.sum(axis=1).max()) == 2:
        yield _with_cubics(grid, targets, columns)


def _with_cubics(grid: Grid, targets: Targets, columns: Monomials) -> Monomials:
    """Add the monomials of third order that go best with what is left of the moment arms.

    The coordinates are taken for independent and uniform over the range. A coordinate that is in a monomial
    twice is so in its derivative; here that counts as two terms.
    """
    problem = _problem(grid, columns, targets, without_held_out=False)
    c = _solve(*problem.normal(1.0))
    left = (targets.arms - (columns.arm @ c).T) / grid.scale
    square = grid.x**2 - 1 / 3
    pairs = np.array([(grid.x * r[:, None]).T @ grid.x for r in left.T])  # sums of r_v x_i x_k
    for v, r in enumerate(left.T):
        np.fill_diagonal(pairs[v], r @ square)
    triples = np.array(list(combinations_with_replacement(range(len(grid.coordinates)), 3)))
    gain, size = np.zeros((2, len(triples)))
    for v, i, k in ((0, 1, 2), (1, 0, 2), (2, 0, 1)):
        t = triples.T
        gain += pairs[t[v], t[i], t[k]]
        size += np.where(t[i] == t[k], 4 / 45, 1 / 9) / grid.scale[t[v]] ** 2
    chosen = triples[np.argsort(-(gain**2) / size)[:MOST_CUBICS]]
    added = np.zeros((len(chosen), len(grid.coordinates)), dtype=int)
    for column in chosen.T:
        np.add.at(added, (np.arange(len(chosen)), column), 1)
    return columns_at(grid.x, grid.scale, np.vstack([columns.exponents, added]))


def _problem(grid: Grid, columns: Monomials, targets: Targets, without_held_out: bool) -> FitProblem:
    def right(rows: slice) -> tuple[Array, Array]:
        length = columns.value[rows].T @ targets.length[rows] / LENGTH_LIMIT**2
        arm = sum(a[rows].T @ targets.arms[rows, k] for k, a in enumerate(columns.arm)) / ARM_LIMIT**2
        return length, arm

    (length, arm), (length_held, arm_held) = columns.products
    b_length, b_arm = right(EVERY)
    if without_held_out:
        held = right(HELD_OUT)
        length, arm = length - length_held, arm - arm_held
        b_length, b_arm = b_length - held[0], b_arm - held[1]
    return FitProblem(grid, columns, targets, (length, b_length), (arm, b_arm))


def fit(grid: Grid, targets: Targets) -> PathPolynomial:
    """The smallest polynomial found that meets the limits, or the best one where none does."""
    best: tuple[float, Monomials] | None = None
    for columns in _candidates(grid, targets):
        score, _ = _balanced(_problem(grid, columns, targets, without_held_out=True), HELD_OUT)
        if best is None or score < GAIN * best[0]:
            best = score, columns
        if score <= AIM:
            break
    assert best is not None
    problem = _problem(grid, best[1], targets, without_held_out=False)
    kept, coefficients = _sparse(problem)
    full = np.zeros(len(best[1].exponents))
    full[kept] = coefficients
    length_rms, arm_rms = problem.errors(full, EVERY)
    return PathPolynomial(
        grid.coordinates,
        grid.centre,
        grid.scale,
        best[1].exponents[kept],
        coefficients,
        length_rms,
        arm_rms,
    )


def residuals(polynomial: PathPolynomial, q: Array, targets: Targets) -> tuple[Array, Array]:
    """Differences of length (N,) and moment arms (N, n) from what was measured at ``q`` (N, n), m."""
    x = (q - polynomial.centre) / polynomial.scale
    columns = columns_at(x, polynomial.scale, polynomial.exponents)
    c = polynomial.coefficients
    return columns.value @ c - targets.length, (columns.arm @ c).T - targets.arms


def strangeness(length: Array, arms: Array) -> Array:
    """Residuals (N,) of length (N,) and moment arms (N, n), in m, as multiples of their limits."""
    return np.asarray(
        np.maximum(np.abs(length) / LENGTH_LIMIT, np.abs(arms).max(axis=1, initial=0.0) / ARM_LIMIT)
    )


def all_exponents(n: int, order: int) -> Exponents:
    """Exponents (k, n) of all monomials of ``n`` variables up to a total order."""
    rows: list[list[int]] = [[]]
    for _ in range(n):
        rows = [[*row, e] for row in rows for e in range(order - sum(row) + 1)]
    return np.array(sorted(rows, key=sum), dtype=int).reshape(-1, n)


def columns_at(x: Array, scale: Array, exponents: Exponents) -> Monomials:
    """Monomials at scaled coordinates ``x`` (N, n)."""
    powers = np.ones((int(exponents.max(initial=0)) + 1, *x.shape))
    for e in range(1, len(powers)):
        powers[e] = powers[e - 1] * x
    arm = np.zeros((x.shape[1], len(x), len(exponents)))
    for k in range(x.shape[1]):
        moved = np.flatnonzero(exponents[:, k])
        lower = exponents[moved] - np.eye(x.shape[1], dtype=int)[k]
        arm[k][:, moved] = _monomials(powers, lower) * (-exponents[moved, k] / scale[k])
    return Monomials(exponents, _monomials(powers, exponents), arm)


def _monomials(powers: Array, exponents: Exponents) -> Array:
    """Values (N, k) of monomials from the powers (order, N, n) of their variables."""
    out = np.ones((powers.shape[1], len(exponents)))
    for i in range(exponents.shape[1]):
        present = np.flatnonzero(exponents[:, i])
        out[:, present] *= powers[exponents[present, i], :, i].T
    return out


def _balanced(problem: FitProblem, judged: slice) -> tuple[float, float]:
    """The weight of length against arms that makes the larger of the two errors least, and that error."""
    best, weight, chosen = np.inf, 1.0, 1.0
    for _ in range(BALANCING):
        length, arm = problem.relative(_solve(*problem.normal(weight)), judged)
        if max(length, arm) < best:
            best, chosen = max(length, arm), weight
        if best <= AIM or arm == 0.0:
            break
        weight *= min(max((length / arm) ** STEP, 0.1), 10.0)
    return best, chosen


def _solve(H: Array, b: Array) -> Array:
    d = 1 / np.sqrt(np.maximum(np.diag(H), np.finfo(float).tiny))
    scaled = H * np.outer(d, d) + RIDGE * np.eye(len(b))
    return np.asarray(d * np.linalg.solve(scaled, d * b))


def rms(x: Array) -> float:
    """Root mean square, zero of nothing."""
    return float(np.sqrt(np.mean(x**2))) if x.size else 0.0


def _sparse(problem: FitProblem) -> tuple[NDArray[np.intp], Array]:
    """Terms to keep and their coefficients: dropped, the cheapest first, while the errors stay allowed."""
    _, weight = _balanced(problem, EVERY)
    H, b = problem.normal(weight)
    allowed = [max(KEPT, LOSS * e) for e in problem.relative(_solve(H, b), EVERY)]
    order = _cheapest_first(H, b)

    def without(count: int) -> tuple[NDArray[np.intp], Array]:
        index = np.sort(order[count:])
        return index, _solve(H[np.ix_(index, index)], b[index])

    def good(count: int) -> bool:
        c = np.zeros(len(b))
        index, values = without(count)
        c[index] = values
        return all(e <= most for e, most in zip(problem.relative(c, EVERY), allowed, strict=True))

    few, many = 0, len(order) - 1
    while few < many:
        middle = (few + many + 1) // 2
        if good(middle):
            few = middle
        else:
            many = middle - 1
    return without(few)


def _cheapest_first(H: Array, b: Array) -> NDArray[np.intp]:
    """The order in which terms leave when always those go that add least to the squared error.

    While many are left, several go at a time (one in :data:`BATCH`).
    """
    d = 1 / np.sqrt(np.maximum(np.diag(H), np.finfo(float).tiny))
    inverse = np.linalg.inv(H * np.outer(d, d) + RIDGE * np.eye(len(b)))
    c = inverse @ (d * b)
    left = np.arange(len(b))
    order: list[int] = []
    while len(left):
        cost = c**2 / np.diag(inverse)
        gone = np.argsort(cost)[: max(1, len(left) // BATCH)]
        order += [int(k) for k in left[gone]]
        columns = inverse[:, gone]
        update = np.linalg.solve(inverse[np.ix_(gone, gone)], np.column_stack([c[gone], columns.T]))
        c = c - columns @ update[:, 0]
        inverse = inverse - columns @ update[:, 1:]
        stay = np.setdiff1d(np.arange(len(left)), gone)
        left, c, inverse = left[stay], c[stay], inverse[np.ix_(stay, stay)]
    return np.array(order, dtype=np.intp)
