"""What tests ask of CasADi. Runs in a process of its own (see native.py)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import sparse

from footstrike.control.nlp import PointProblem, Program, _Assembly, differentiate, solve
from footstrike.engines.casadi_ import ca
from footstrike.engines.casadi_dynamics import dynamics_function
from footstrike.model.description import Description


def operations(description: Description, contact: bool) -> tuple[int, int]:
    """Instructions of the inverse dynamics, and non-zeros of its Jacobian."""
    function = dynamics_function(description, contact)
    jacobian = ca.Function("jacobian", function.sx_in(), [ca.jacobian(*_first(function))])
    return function.n_instructions(), jacobian.nnz_out(0)


def _first(function: Any) -> tuple[Any, Any]:
    q, qd, qdd = function.sx_in()
    return function(q, qd, qdd), ca.vertcat(q, qd, qdd)


def small_program(seed: int, quadratic: bool = False) -> Program:
    """A program whose points see overlapping combinations of the variables.

    With ``quadratic`` the errors are affine and the constraint linear, so that the solution is known.
    """
    random = np.random.default_rng(seed)
    ny, nd, points, nx = 4, 2, 3, 6
    y, data = ca.SX.sym("y", ny), ca.SX.sym("data", nd)
    if quadratic:
        errors, constraint = ca.vertcat(y[0] - data[0], y[1] + 2 * y[2] - data[1], y[3]), y[0] - y[2]
    else:
        errors = ca.vertcat(ca.sin(y[0]) * y[1] - data[0], y[2] ** 2 - data[1], y[0] * y[3])
        constraint = ca.vertcat(y[0] * y[1] * y[2], ca.cos(y[3]) + y[1] ** 2)
    seen = random.normal(size=(ny * points, nx)) * (random.uniform(size=(ny * points, nx)) < 0.6)
    seen[np.arange(ny * points), np.arange(ny * points) % nx] = 1.0
    root = random.normal(size=(nx, nx))
    ng = constraint.numel()
    return Program(
        functions=differentiate(PointProblem(y, data, errors, constraint)),
        seen=sparse.csr_matrix(seen),
        weights=random.uniform(0.1, 1.0, points),
        data=random.normal(size=(nd, points)),
        linear=sparse.csr_matrix(random.normal(size=(2, nx))),
        linear_low=np.full(2, -np.inf),
        linear_high=np.full(2, np.inf),
        point_low=np.zeros(ng),
        point_high=np.zeros(ng),
        low=np.full(nx, -np.inf),
        high=np.full(nx, np.inf),
        guess=random.normal(size=nx),
        quadratic=sparse.csc_matrix(root @ root.T),
    )


def derivatives(seed: int) -> dict[str, tuple[Any, Any]]:
    """Each derivative of a small program: as assembled, and as CasADi or finite differences have it."""
    program = small_program(seed)
    nlp = _Assembly(program)
    random = np.random.default_rng(seed + 1)
    x, sigma, lam = random.normal(size=nlp.nx), 0.7, random.normal(size=nlp.ng)
    values = nlp.problem()
    X = ca.MX.sym("X", nlp.nx)
    f, g = values(X, ca.MX(0, 1))
    lagrangian = sigma * f + ca.dot(lam, g)
    theirs = ca.Function("theirs", [X], [ca.gradient(f, X), ca.jacobian(g, X), ca.hessian(lagrangian, X)[0]])(
        x
    )
    empty = ca.DM(0, 1)
    gradient = _dense(nlp.grad_f()(x, empty)[1]).ravel()
    jacobian = _dense(nlp.jac_g()(x, empty)[1])
    hessian = _symmetric(_dense(nlp.hess_lag(nlp.second)(x, empty, sigma, lam)))

    def slope(v: Any) -> Any:
        return sigma * _dense(nlp.grad_f()(v, empty)[1]).ravel() + lam @ _dense(nlp.jac_g()(v, empty)[1])

    f_differences, g_differences = (
        _differences(lambda v, i=i: _dense(values(v, empty)[i]).ravel(), x) for i in (0, 1)
    )
    return {
        "gradient": (gradient, _dense(theirs[0]).ravel()),
        "jacobian": (jacobian, _dense(theirs[1])),
        "hessian": (hessian, _dense(theirs[2])),
        "gradient by differences": (gradient, f_differences[0]),
        "jacobian by differences": (jacobian, g_differences),
        "hessian by differences": (hessian, _differences(slope, x)),
    }


def gauss_newton(seed: int) -> tuple[Any, Any]:
    """The approximate Hessian of a small program, and of one with affine errors beside its exact one."""
    curved, flat = _Assembly(small_program(seed)), _Assembly(small_program(seed, quadratic=True))
    x, empty = np.random.default_rng(seed).normal(size=curved.nx), ca.DM(0, 1)
    first = _symmetric(_dense(curved.hess_lag(curved.gauss_newton)(x, empty, 1.0, np.ones(curved.ng))))
    pair = [
        _symmetric(_dense(flat.hess_lag(h)(x, empty, 1.0, np.ones(flat.ng))))
        for h in (flat.gauss_newton, flat.second)
    ]
    return first, pair


def solved_quadratic(seed: int) -> tuple[Any, Any, list[tuple[int, float, float]]]:
    """Solution of a quadratic program by the solver and by its optimality conditions; what was reported."""
    program = small_program(seed, quadratic=True)
    reports: list[tuple[int, float, float]] = []
    options = {"ipopt.print_level": 0, "ipopt.sb": "yes", "ipopt.tol": 1e-10}
    outcome = solve(program, options, lambda *values: reports.append(values))
    nlp = _Assembly(program)
    zero, empty = np.zeros(nlp.nx), ca.DM(0, 1)
    H = _symmetric(_dense(nlp.hess_lag(nlp.second)(zero, empty, 1.0, np.zeros(nlp.ng))))
    c = _dense(nlp.grad_f()(zero, empty)[1]).ravel()
    J = _dense(nlp.jac_g()(zero, empty)[1])[program.linear.shape[0] :]
    m = len(J)
    kkt = np.block([[H, J.T], [J, np.zeros((m, m))]])
    expected = np.linalg.lstsq(kkt, np.concatenate([-c, np.zeros(m)]), rcond=None)[0][: nlp.nx]
    return outcome, expected, reports


def _dense(value: Any) -> Any:
    return np.array(value, dtype=float)


def _symmetric(upper: Any) -> Any:
    assert np.allclose(upper, np.triu(upper))
    return upper + np.triu(upper, 1).T


def _differences(function: Callable[[Any], Any], x: Any, step: float = 1e-6) -> Any:
    columns = [(function(x + step * e) - function(x - step * e)) / (2 * step) for e in np.eye(len(x))]
    return np.stack(columns, axis=1)
