"""What tests ask of CasADi. Runs in a process of its own (see native.py)."""

from __future__ import annotations

from footstrike.engines.casadi_ import ca
from footstrike.engines.casadi_dynamics import dynamics_function
from footstrike.model.description import Description


def operations(description: Description, contact: bool) -> tuple[int, int]:
    """Instructions of the inverse dynamics, and non-zeros of its Jacobian."""
    function = dynamics_function(description, contact)
    jacobian = ca.Function("jacobian", function.sx_in(), [ca.jacobian(*_first(function))])
    return function.n_instructions(), jacobian.nnz_out(0)


def _first(function: object) -> tuple[object, object]:
    q, qd, qdd = function.sx_in()  # type: ignore[attr-defined]
    return function(q, qd, qdd), ca.vertcat(q, qd, qdd)  # type: ignore[operator]
