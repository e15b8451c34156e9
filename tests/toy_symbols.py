"""The package's functions on CasADi symbols. Runs in a process of its own (see native.py)."""

from __future__ import annotations

from typing import Any

import numpy as np

from footstrike.dynamics.joint_functions import evaluate
from footstrike.model.description import Function, PathPolynomial
from footstrike.muscles.moment_arms import polynomial_length
from footstrike.workers.casadi_ import ca


def evaluate_functions(functions: list[Function], x: Any) -> list[Any]:
    """Value and two derivatives (3, n) of each function at ``x``, through symbols."""
    symbol = ca.SX.sym("x")
    out = []
    for f in functions:
        compiled = ca.Function("f", [symbol], [ca.vertcat(*evaluate(f, symbol))])
        out.append(np.array(compiled(np.asarray(x)[None, :])))
    return out


def evaluate_path(path: PathPolynomial, q: Any) -> Any:
    """Length and its derivatives (1 + n, frames) by CasADi's own differentiation of the length."""
    symbols = ca.SX.sym("q", len(path.coordinates))
    length, _ = polynomial_length(path, dict(zip(path.coordinates, ca.vertsplit(symbols), strict=True)))
    both = ca.vertcat(length, ca.gradient(length, symbols))
    return np.array(ca.Function("path", [symbols], [both])(np.asarray(q).T))
