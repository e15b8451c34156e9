"""How a solved gait's loads change with what was chosen for it, by the implicit function theorem.

At a solution the conditions of optimality hold; their derivative with respect to a fixed variable gives that of all others from
one factorisation. Bounds and inequalities count by their multiplier over their distance, as the barrier has them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from footstrike.control.nlp import Assembly, Program
from footstrike.control.solution import NlpResult
from footstrike.model.description import Array
from footstrike.workers.casadi_ import ca

NEAREST = 1e-9  # a variable is at least that far from its bound
FREE_ROW = 1e8  # compliance of an inequality that does not hold the solution back, at most


def changes(program: Program, result: NlpResult, fixed: list[int], wanted: slice) -> Array:
    """(wanted, fixed): change of variables per unit of fixed ones, all constraints and optimality kept."""
    x = result.x
    H, J, g = _second_order(program, result)
    low, high = _row_bounds(program)
    moving = program.high > program.low
    moving[fixed] = False
    slope = np.abs(result.bound_multipliers)
    distance = np.maximum(np.minimum(x - program.low, program.high - x), NEAREST)
    barrier = np.where(np.isfinite(distance), slope / distance, 0.0)
    equal = high - low < NEAREST
    gap = np.maximum(np.minimum(g - low, high - g), NEAREST)
    compliance = np.where(
        equal, 0.0, np.minimum(gap / np.maximum(np.abs(result.multipliers), NEAREST), FREE_ROW)
    )
    kept = compliance < FREE_ROW
    F = np.flatnonzero(moving)
    rows = np.flatnonzero(kept)
    A = (H + sparse.diags(barrier))[F][:, F]
    B = J[rows][:, F]
    kkt: Any = sparse.bmat([[A, B.T], [B, -sparse.diags(compliance[rows])]], format="csc")
    right = -np.vstack([H[F][:, fixed].toarray(), J[rows][:, fixed].toarray()])
    scale = 1 / np.sqrt(np.maximum(np.abs(kkt).max(axis=0).toarray().ravel(), 1e-12))
    S: Any = sparse.diags(scale)
    step = scale[:, None] * splu((S @ kkt @ S).tocsc()).solve(scale[:, None] * right)
    out = np.zeros((len(x), len(fixed)))
    out[F] = step[: len(F)]
    return out[wanted]


def _second_order(program: Program, result: NlpResult) -> tuple[Any, Any, Array]:
    """Hessian of the Lagrangian and Jacobian of the constraints, sparse; the constraints."""
    nlp, none = Assembly(program), ca.DM(0, 1)
    upper = nlp.hess_lag(nlp.second)(result.x, none, 1.0, result.multipliers)
    g, J = nlp.jac_g()(result.x, none)
    U = sparse.csc_matrix(upper.sparse() if hasattr(upper, "sparse") else upper)
    return U + sparse.triu(U, 1).T, sparse.csr_matrix(J.sparse()), np.array(g).ravel()


def _row_bounds(program: Program) -> tuple[Array, Array]:
    K = len(program.weights)
    low: list[Any] = [program.linear_low, np.tile(program.point_low, K), [e.low for e in program.events]]
    high: list[Any] = [program.linear_high, np.tile(program.point_high, K), [e.high for e in program.events]]
    return np.concatenate(low), np.concatenate(high)
