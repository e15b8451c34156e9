"""What a solution becomes when its problem changes a little: one factorisation of its optimality conditions.

At a solution the gradient of the Lagrangian vanishes, and so does what each constraint lacks. By the implicit function theorem
a change of the problem moves variables and multipliers by the solution of one linear system, whose matrix is the
same for all changes (Fiacco 1983, Introduction to Sensitivity and Stability Analysis in Nonlinear Programming). A bound
takes part by its multiplier over its slack, as in the solver's last barrier problem, so that one that is about to switch
counts in part (Pirnay, Lopez-Negrete & Biegler 2012, Math Program Comput 4:307).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import splu

from footstrike.control.basis import Basis, radau_basis
from footstrike.control.layout import LAST, Layout
from footstrike.control.nlp import Assembly
from footstrike.control.point import Point
from footstrike.control.problem import TrackProblem
from footstrike.control.program import tracking_program
from footstrike.control.solution import Solution
from footstrike.control.track import derivatives
from footstrike.control.wanted import gaits_of

Array = NDArray[np.float64]

STIFFEST = 1e10  # of a bound: what is fixed does not move
PIVOT = 1e-3  # least diagonal entry kept as a pivot, of the largest in its column
SLACK = 1e-12  # least distance from a bound
REGULAR = 1e-11  # of equality constraints, should two say the same
SCALINGS = 8
TINY = 1e-300
WIDE = 0.5  # of the cycle: a constraint whose variables lie further apart closes it


def predicted(
    problem: TrackProblem, solved: Solution, others: Sequence[TrackProblem], reach: float = 1.0
) -> list[Solution]:
    """First-order prediction of the solutions of other problems near a solved one (runs in a CasADi worker).

    Parameters
    ----------
    problem, solved
        A problem, and its solution with the solver's vectors.
    others
        Problems of the same structure and mesh.
    reach
        How many times the difference of each from ``problem`` is gone.

    Returns
    -------
    list[Solution]
        Near the solutions of the others, to first order; their gaits can be read, and a solve can start from them.
    """
    at = _Optimum(problem, solved)
    return [at.moved(other, reach) for other in others]


@dataclass(frozen=True)
class _Stated:
    """A problem as a program, and where its variables lie."""

    problem: TrackProblem
    basis: Basis
    point: Point
    layout: Layout
    assembly: Assembly

    @classmethod
    def of(cls, problem: TrackProblem) -> _Stated:
        basis = radau_basis(problem.breaks, problem.points_per_interval, problem.smoothness)
        point = Point(problem)
        program, layout = tracking_program(problem, basis, point, derivatives(problem, None).value)
        return cls(problem, basis, point, layout, Assembly(program))


class _Optimum:
    """A solution and the factorised matrix of its optimality conditions."""

    def __init__(self, problem: TrackProblem, solved: Solution) -> None:
        self._solved, self._stated = solved, _Stated.of(problem)
        nlp, a = solved.nlp, self._stated.assembly
        self._x, self._multipliers = nlp.x, nlp.multipliers
        self._gradient, self._values = self._stated.assembly.stationarity(nlp.x, nlp.multipliers)
        low, high = a.limits
        self._of_bounds = _stiffness(nlp.x, nlp.bound_multipliers, a.p.low, a.p.high)
        of_rows = _stiffness(self._values, nlp.multipliers, low, high)
        self._solve = _factorised(a, self._stated.layout, nlp.x, nlp.multipliers, self._of_bounds, of_rows)
        self._upper = (nlp.bound_multipliers > 0, nlp.multipliers > 0)

    def moved(self, other: TrackProblem, reach: float) -> Solution:
        """Where the solution goes."""
        there = _Stated.of(other)
        gradient, values = there.assembly.stationarity(self._x, self._multipliers)
        here, a = self._stated.assembly, there.assembly
        bounds = _shift((here.p.low, here.p.high), (a.p.low, a.p.high), self._upper[0])
        rows = _shift(here.limits, a.limits, self._upper[1])
        wanted = np.concatenate(
            [self._gradient - gradient + self._of_bounds * bounds, self._values - values + rows]
        )
        step = reach * self._solve(wanted)
        x, multipliers = np.split(np.concatenate([self._x, self._multipliers]) + step, [len(self._x)])
        x = np.clip(x, a.p.low, a.p.high)
        free, _ = a.stationarity(x, multipliers)
        nlp = replace(self._solved.nlp, x=x, multipliers=multipliers, bound_multipliers=-free)
        gaits = gaits_of(nlp, other, a.p, there.basis, there.point, there.layout)
        return replace(self._solved, gaits=gaits, nlp=nlp)


def _stiffness(values: Array, multipliers: Array, low: Array, high: Array) -> Array:
    """Multiplier of a bound over its slack; what is fixed is stiffest."""
    slack = np.where(multipliers > 0, high - values, values - low)
    stiff = np.abs(multipliers) / np.maximum(slack, SLACK)
    stiff[~np.isfinite(slack)] = 0.0
    return np.where(low == high, STIFFEST, np.minimum(stiff, STIFFEST))


def _shift(here: tuple[Array, Array], there: tuple[Array, Array], upper: NDArray[np.bool_]) -> Array:
    """How far the bound that a multiplier belongs to moves; one that is not there does not."""
    with np.errstate(invalid="ignore"):
        moves = [
            np.nan_to_num(b - a, nan=0.0, posinf=0.0, neginf=0.0) for a, b in zip(here, there, strict=True)
        ]
    return np.where(upper, moves[1], moves[0])


def _factorised(
    a: Assembly, layout: Layout, x: Array, multipliers: Array, of_bounds: Array, of_rows: Array
) -> Callable[[Array], Array]:
    """Solver of the linear system ``[H + bounds, J'; J, -1 / rows]``.

    Rows that give way are eliminated first. What is left is ordered by the phase at which it acts, so that little fills in: a third of
    the time that a general ordering takes.
    """
    curvature, jacobian, _ = a.second_order(x, multipliers)
    stiff = of_rows >= STIFFEST
    give, soft = np.flatnonzero(~stiff), np.maximum(of_rows[~stiff], 1 / STIFFEST)
    held, giving = jacobian.tocsr()[np.flatnonzero(stiff)], jacobian.tocsr()[give]
    hessian = curvature + sparse.diags(of_bounds) + giving.T @ sparse.diags(soft) @ giving
    softness = sparse.diags(np.full(held.shape[0], -REGULAR))
    matrix = sparse.csc_matrix(sparse.bmat([[hessian, held.T], [held, softness]]))
    scale = _scale(matrix)
    phase = layout.phases()
    order = np.argsort(np.concatenate([phase, _acts_at(held, phase)]), kind="stable")
    scaled = sparse.diags(scale) @ matrix @ sparse.diags(scale)
    factors = splu(
        sparse.csc_matrix(scaled.tocsr()[order][:, order]),
        permc_spec="NATURAL",
        diag_pivot_thresh=PIVOT,
        options={"SymmetricMode": True},
    )

    def once(wanted: Array) -> Array:
        found = np.empty_like(wanted)
        found[order] = factors.solve((scale * wanted)[order])
        return scale * found

    def solve(wanted: Array) -> Array:
        n = len(x)
        of_variables, of_constraints = wanted[:n], wanted[n:]
        right = np.concatenate(
            [of_variables + giving.T @ (soft * of_constraints[give]), of_constraints[stiff]]
        )
        found = once(right)
        found += once(right - matrix @ found)
        step, multiplier = found[:n], np.empty(len(of_rows))
        multiplier[stiff] = found[n:]
        multiplier[give] = soft * (giving @ step - of_constraints[give])
        return np.concatenate([step, multiplier])

    return solve


def _scale(matrix: Any) -> Array:
    """(n,) factors of rows and columns alike that bring the largest entry of each near one: pivots then stay in place."""
    scale, size = np.ones(matrix.shape[0]), abs(matrix)
    for _ in range(SCALINGS):
        largest = (sparse.diags(scale) @ size @ sparse.diags(scale)).max(axis=1).toarray().ravel()
        scale /= np.sqrt(np.maximum(largest, TINY))
    return scale


def _acts_at(rows: Any, phase: Array) -> Array:
    """(rows,) phase at which each constraint acts; those that close the cycle come late, those of what is shared last."""
    out = np.full(rows.shape[0], LAST)
    for k, (start, end) in enumerate(pairwise(rows.indptr)):
        own = phase[rows.indices[start:end]]
        own = own[own < LAST]
        if len(own):
            out[k] = LAST / 2 if np.ptp(own) > WIDE else np.median(own)
    return out
