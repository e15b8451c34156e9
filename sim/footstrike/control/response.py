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

NEAREST = 1e-9  # a variable is at least that far from its bound
FREE_ROW = 1e8  # compliance of an inequality that does not hold the solution back, at most


def changes(program: Program, result: NlpResult, fixed: list[int], wanted: slice) -> Array:
    """(wanted, fixed): change of variables per unit of fixed ones, all constraints and optimality kept."""
    x = result.x
    nlp = Assembly(program)
    H, J, g = nlp.second_order(x, result.multipliers)
    low, high = nlp.limits
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
