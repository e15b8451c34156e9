"""The optimality conditions of a solved program to first order: one factorisation answers how a solution moves.

At a solution the gradient of the Lagrangian vanishes, and so does what each constraint lacks. By the implicit function theorem
a change moves variables and multipliers by the solution of one linear system, whose matrix is the same for all changes (Fiacco
1983, Introduction to Sensitivity and Stability Analysis in Nonlinear Programming). A bound takes part by its multiplier over its
slack, as in the solver's last barrier problem, so that one that is about to switch counts in part (Pirnay, Lopez-Negrete &
Biegler 2012, Math Program Comput 4:307).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import splu

from footstrike.control.layout import LAST, Layout
from footstrike.control.nlp import Assembly
from footstrike.control.solution import NlpResult

Array = NDArray[np.float64]

STIFFEST = 1e10  # of a bound: what is fixed does not move
PIVOT = 1e-3  # least diagonal entry kept as a pivot, of the largest in its column
SLACK = 1e-12  # least distance from a bound
REGULAR = 1e-11  # of equality constraints, should two say the same
SCALINGS = 8
TINY = 1e-300
WIDE = 0.5  # of the cycle: a constraint whose variables lie further apart closes it


class Optimality:
    """The linear system of a solved program, factorised.

    Attributes
    ----------
    gradient, values
        (nx,) of cost and weighted constraints, and (ng,) of the constraints, at the solution.
    of_bounds
        (nx,) stiffness of the bounds: what a bound that moves by one adds to the right-hand side of its variable.
    """

    def __init__(self, a: Assembly, layout: Layout, result: NlpResult, fixed: Sequence[int] = ()) -> None:
        """``fixed`` variables are held where they are, as if by bounds."""
        p = a.p
        low, high = a.limits
        self.gradient, self.values = a.stationarity(result.x, result.multipliers)
        self.of_bounds = _stiffness(result.x, result.bound_multipliers, p.low, p.high)
        self.of_bounds[list(fixed)] = STIFFEST
        of_rows = _stiffness(self.values, result.multipliers, low, high)
        self._solve = _factorised(a, layout, result.x, result.multipliers, self.of_bounds, of_rows)

    def step(self, of_variables: Array, of_constraints: Array) -> tuple[Array, Array]:
        """Steps of variables (nx,) and multipliers (ng,) that take up a right-hand side."""
        found = self._solve(np.concatenate([of_variables, of_constraints]))
        return found[: len(self.gradient)], found[len(self.gradient) :]

    def following(self, fixed: int) -> Array:
        """(nx,) change of all variables per unit of one that is fixed, all constraints and optimality kept."""
        right = np.zeros_like(self.gradient)
        right[fixed] = self.of_bounds[fixed]
        return self.step(right, np.zeros_like(self.values))[0]


def _stiffness(values: Array, multipliers: Array, low: Array, high: Array) -> Array:
    """Multiplier of a bound over its slack; what is fixed is stiffest."""
    slack = np.where(multipliers > 0, high - values, values - low)
    stiff = np.abs(multipliers) / np.maximum(slack, SLACK)
    stiff[~np.isfinite(slack)] = 0.0
    return np.where(low == high, STIFFEST, np.minimum(stiff, STIFFEST))


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
