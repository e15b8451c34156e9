"""A nonlinear program whose nonlinear part is the same small function at every collocation point.

Every point sees ``y = M_k x``: a constant linear map of the decision variables (spline coefficients, controls of
the point, shared parameters). The point functions are differentiated once, on symbols; the derivatives of the
whole program follow by constant sparse products, so nothing large is ever differentiated. Numbers that are the same at all
points (parameters of the model) may be symbols of their own: what depends on them alone is computed once for a program.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from footstrike.control.options import FROM_AFAR, Phase
from footstrike.control.products import hessian_product, jacobian_product, to_casadi
from footstrike.control.solution import NlpResult
from footstrike.workers.casadi_ import ca

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Differentiated:
    """A part of the constraint (ng,) that comes with its derivatives (CasADi SX).

    ``jacobian`` (ng, ny); ``hessian`` (ny, ny) upper triangle of the part's sum weighted by ``multipliers`` (ng,).
    """

    value: Any
    jacobian: Any
    hessian: Any
    multipliers: Any


@dataclass(frozen=True)
class PointProblem:
    """Expressions at one point (CasADi SX).

    ``y`` (ny,) what the point sees; ``data`` (nd,) its constants; ``errors`` (nr,), whose sum of squares is the
    cost, integrated with the point's weight; ``constraint`` (ng,), zero or bounded, to which ``part`` is added;
    ``parameters`` (np,), the same at all points.
    """

    y: Any
    data: Any
    errors: Any
    constraint: Any
    part: Differentiated | None = None
    parameters: Any = None


@dataclass(frozen=True)
class PointFunctions:
    """Compiled-in-memory values and derivatives of a :class:`PointProblem`, all as dense vectors of non-zeros."""

    value: Any  # (y, data, constants) -> cost, constraint
    first: Any  # (y, data, constants) -> cost gradient (ny), constraint Jacobian non-zeros
    second: Any  # (y, data, constants, cost factor, multipliers) -> Hessian non-zeros (upper triangle)
    gauss_newton: Any  # the same without the curvature of errors and constraints: never indefinite
    jacobian: Any  # Sparsity (ng, ny)
    hessian: Any  # Sparsity (ny, ny), upper triangle
    size: tuple[int, int, int]  # ny, nd, ng
    constants: Any  # parameters (np) -> constants (nc), all that the other functions need of them


def differentiate(problem: PointProblem) -> PointFunctions:
    """Exact first and second derivatives of the point problem, on symbols."""
    y, data, constraint, part = problem.y, problem.data, problem.constraint, problem.part
    sigma = ca.SX.sym("sigma")
    lam = part.multipliers if part else ca.SX.sym("lam", constraint.numel())
    cost = ca.sumsqr(problem.errors)
    gradient = ca.gradient(cost, y)
    jacobian = ca.jacobian(constraint, y)
    hessian = ca.triu(ca.hessian(sigma * cost + ca.dot(lam, constraint), y)[0])
    if part:
        constraint, jacobian = constraint + part.value, jacobian + part.jacobian
        hessian = hessian + part.hessian
    error_jacobian = ca.jacobian(problem.errors, y)
    gauss_newton: Any = ca.project(ca.triu(2 * sigma * error_jacobian.T @ error_jacobian), hessian.sparsity())
    outputs = [cost, constraint, ca.densify(gradient), jacobian.nz[:], hessian.nz[:], gauss_newton.nz[:]]
    (cost, constraint, gradient, slopes, curvature, approximate), constants, prepared = _apart(
        outputs, problem.parameters
    )
    given, weighted = [y, data, constants], [y, data, constants, sigma, lam]
    return PointFunctions(
        ca.Function("value", given, [cost, constraint]),
        ca.Function("first", given, [gradient, slopes]),
        ca.Function("second", weighted, [curvature]),
        ca.Function("gauss_newton", weighted, [approximate]),
        jacobian.sparsity(),
        hessian.sparsity(),
        (y.numel(), data.numel(), constraint.numel()),
        prepared,
    )


def _apart(expressions: list[Any], parameters: Any) -> tuple[list[Any], Any, Any]:
    """The expressions of constants in place of all that depends on parameters alone; those symbols; their function.

    What the expressions have in common is there once.
    """
    shared = ca.cse(expressions)
    if parameters is None or not parameters.numel():
        none = ca.SX.sym("none", 0)
        return shared, none, ca.Function("constants", [none], [none])
    left, symbols, values = ca.extract_parametric(shared, parameters, {"extract_trivial": True})
    return left, ca.vertcat(*symbols), ca.Function("constants", [parameters], [ca.vertcat(*values)])


@dataclass(frozen=True)
class EventFunctions:
    """One number at one phase of a cycle, and its derivatives, of what is seen there."""

    value: Any  # y -> number
    gradient: Any  # y -> (1, ny)
    hessian: Any  # y -> (ny, ny) upper triangle

    @classmethod
    def of(cls, y: Any, value: Any) -> EventFunctions:
        """Differentiate an expression."""
        options = {"cse": True}
        hessian, _ = ca.hessian(value, y)
        return cls(
            ca.Function("event", [y], [value], options),
            ca.Function("event_gradient", [y], [ca.jacobian(value, y)], options),
            ca.Function("event_hessian", [y], [ca.triu(hessian)], options),
        )


@dataclass(frozen=True)
class EventRow:
    """``low <= functions.value(seen @ x) <= high``; ``seen`` (ny, nx) sparse."""

    functions: EventFunctions
    seen: Any
    low: float
    high: float


@dataclass(frozen=True)
class Program:
    """The whole problem.

    Attributes
    ----------
    functions : at a point
    seen : (ny * K, nx) sparse, rows ordered point by point: what the points see of the variables
    weights : (K,) integration weights of the cost
    data : (nd, K)
    parameters : (np,)
    linear : (nl, nx) sparse; ``linear_low <= linear @ x <= linear_high``
    point_low, point_high : (ng,) bounds of the point constraints
    low, high, guess : (nx,)
    events : further constraints, one number each
    quadratic, centre : (nx, nx) sparse, symmetric, and (nx,); beside the points' part the cost has
        ``d @ quadratic @ d / 2`` with ``d = x - centre``
    """

    functions: PointFunctions
    seen: Any
    weights: Array
    data: Array
    linear: Any
    linear_low: Array
    linear_high: Array
    point_low: Array
    point_high: Array
    low: Array
    high: Array
    guess: Array
    quadratic: Any
    centre: Array
    events: tuple[EventRow, ...] = ()
    parameters: Array = field(default_factory=lambda: np.zeros(0))


def solve(
    program: Program,
    options: dict[str, Any],
    report: Callable[[int, float, float], None] | None = None,
    phases: Sequence[Phase] = FROM_AFAR,
) -> NlpResult:
    """Solve with IPOPT; ``report(iteration, objective, infeasibility)`` is called at every iteration.

    The Gauss-Newton Hessian leads from afar to the neighbourhood of a good minimum; from there the exact one makes sure that
    it is one. Each phase starts from the variables and multipliers of the one before.
    """
    nlp = Assembly(program)
    low, high = nlp.limits
    common = {"print_time": False, "error_on_fail": False, "grad_f": nlp.grad_f(), "jac_g": nlp.jac_g()}
    if report:
        common["iteration_callback"] = _Watcher(nlp.nx, low, high, report)
    at = {"x0": program.guess}
    iterations = 0
    for phase in phases:
        second = nlp.second if phase.exact else nlp.gauss_newton
        settings = {**common, "hess_lag": nlp.hess_lag(second), **options, **phase.settings}
        solver = ca.nlpsol("solver", "ipopt", nlp.problem(), settings)
        answer = solver(**at, lbx=program.low, ubx=program.high, lbg=low, ubg=high)
        stats = solver.stats()
        at = {"x0": answer["x"], "lam_x0": answer["lam_x"], "lam_g0": answer["lam_g"]}
        iterations += int(stats["iter_count"])
    return NlpResult(
        np.array(answer["x"]).ravel(),
        np.array(answer["lam_g"]).ravel(),
        float(answer["f"]),
        str(stats["return_status"]),
        bool(stats["success"]),
        iterations,
        _violation(np.array(answer["g"]).ravel(), low, high),
        _violations(np.array(answer["g"]).ravel(), low, high)[program.linear.shape[0] : nlp.first_event],
        np.array(answer["lam_x"]).ravel(),
    )


def _violations(g: Array, low: Array, high: Array) -> Array:
    return np.asarray(np.maximum(np.maximum(low - g, g - high), 0.0))


def _violation(g: Array, low: Array, high: Array) -> float:
    return float(_violations(g, low, high).max(initial=0.0))


class _Watcher(ca.Callback):  # type: ignore[misc]
    """Passes each iteration of IPOPT on."""

    def __init__(self, nx: int, low: Array, high: Array, report: Callable[[int, float, float], None]) -> None:
        ca.Callback.__init__(self)
        self._shape, self._report, self._count = (nx, len(low)), report, 0
        self._low, self._high = low, high
        self.construct("watcher", {})

    def get_n_in(self) -> int:
        return int(ca.nlpsol_n_out())

    def get_n_out(self) -> int:
        return 1

    def get_name_in(self, i: int) -> str:
        return str(ca.nlpsol_out(i))

    def get_name_out(self, i: int) -> str:
        return "ret"

    def get_sparsity_in(self, i: int) -> Any:
        n = {
            "f": 1,
            "x": self._shape[0],
            "lam_x": self._shape[0],
            "g": self._shape[1],
            "lam_g": self._shape[1],
        }
        return ca.Sparsity.dense(n.get(ca.nlpsol_out(i), 0), 1 if ca.nlpsol_out(i) in n else 0)

    def eval(self, arg: list[Any]) -> list[int]:
        named = dict(zip((ca.nlpsol_out(i) for i in range(len(arg))), arg, strict=True))
        g = np.array(named["g"]).ravel()
        self._report(self._count, float(named["f"]), _violation(g, self._low, self._high))
        self._count += 1
        return [0]


class _Remembered(ca.Callback):  # type: ignore[misc]
    """A function of one vector that keeps its last answer."""

    def __init__(self, function: Any) -> None:
        ca.Callback.__init__(self)
        self._function = function
        self._at, self._answer = b"", list[Any]()
        self.construct(f"remembered_{function.name()}", {})

    def get_n_in(self) -> int:
        return 1

    def get_n_out(self) -> int:
        return int(self._function.n_out())

    def get_sparsity_in(self, i: int) -> Any:
        return self._function.sparsity_in(i)

    def get_sparsity_out(self, i: int) -> Any:
        return self._function.sparsity_out(i)

    def eval(self, arg: list[Any]) -> list[Any]:
        at = np.array(arg[0]).tobytes()
        if at != self._at:
            self._at, self._answer = at, self._function.call(arg)
        return self._answer


class Assembly:
    """CasADi functions of the whole program from those of a point."""

    def __init__(self, program: Program) -> None:
        self.p = program
        self.K = len(program.weights)
        self.nx = len(program.guess)
        ny, _, ng = program.functions.size
        self.ny, self.local_ng = ny, ng
        self.first_event = program.linear.shape[0] + ng * self.K
        self.ng = self.first_event + len(program.events)
        self.events = [(e.functions, to_casadi(e.seen)) for e in program.events]
        self.M = to_casadi(program.seen)
        self.A = to_casadi(program.linear)
        self.R, self.centre = to_casadi(program.quadratic), ca.DM(program.centre)
        self.data = ca.DM(program.data)
        self.constants = program.functions.constants(program.parameters)
        self.weights = ca.DM(program.weights).T

    @cached_property
    def value(self) -> Any:
        """Cost and constraint of all points, of what they see and their data."""
        return self._at_points(self.p.functions.value)

    @cached_property
    def first(self) -> Any:
        """First derivatives at all points."""
        return self._at_points(self.p.functions.first)

    @cached_property
    def second(self) -> Any:
        """Exact second derivatives at all points."""
        return self._at_points(self.p.functions.second)

    @cached_property
    def gauss_newton(self) -> Any:
        """The same without the curvature of errors and constraints."""
        return self._at_points(self.p.functions.gauss_newton)

    @property
    def limits(self) -> tuple[Array, Array]:
        """(ng,) each: least and greatest values of the constraints."""
        p = self.p
        low: list[Array] = [p.linear_low, np.tile(p.point_low, self.K), np.array([e.low for e in p.events])]
        high: list[Array] = [
            p.linear_high,
            np.tile(p.point_high, self.K),
            np.array([e.high for e in p.events]),
        ]
        return np.concatenate(low), np.concatenate(high)

    def _at_points(self, function: Any) -> Any:
        """The function with its constants in place, of all points at once."""
        given = [ca.MX.sym(function.name_in(i), function.size1_in(i)) for i in range(function.n_in())]
        others = [*given[:2], *given[3:]]
        outputs = function.call([*given[:2], ca.MX(self.constants), *given[3:]])
        return ca.Function(function.name(), others, outputs).map(self.K, "thread", 2)

    @cached_property
    def _slopes(self) -> Any:
        """First derivatives at the points: asked for twice at every iteration, computed once."""
        x = ca.MX.sym("x", self.nx)
        return _Remembered(ca.Function("first", [x], list(self.first(self._seen(x), self.data))))

    def _seen(self, x: Any) -> Any:
        return ca.reshape(self.M @ x, self.ny, self.K)

    def problem(self) -> Any:
        """Cost and constraints of all variables."""
        x, p = ca.MX.sym("x", self.nx), ca.MX.sym("p", 0)
        f, g = self._values(x)
        return ca.Function("nlp", [x, p], [f, g], ["x", "p"], ["f", "g"])

    def _values(self, x: Any) -> tuple[Any, Any]:
        cost, constraint = self.value(self._seen(x), self.data)
        d = x - self.centre
        return ca.dot(cost, self.weights) + ca.dot(d, self.R @ d) / 2, ca.vertcat(
            self.A @ x, ca.vec(constraint), *(f.value(seen @ x) for f, seen in self.events)
        )

    def grad_f(self) -> Any:
        """Cost, and its gradient (nx,)."""
        x, p = ca.MX.sym("x", self.nx), ca.MX.sym("p", 0)
        gradient = self._slopes(x)[0]
        weighted = gradient * ca.repmat(self.weights, self.ny, 1)
        return ca.Function(
            "nlp_grad_f",
            [x, p],
            [self._values(x)[0], self.M.T @ ca.vec(weighted) + self.R @ (x - self.centre)],
        )

    def jac_g(self) -> Any:
        """Values of the constraints (ng,), and their Jacobian (ng, nx)."""
        x, p = ca.MX.sym("x", self.nx), ca.MX.sym("p", 0)
        nonzeros = self._slopes(x)[1]
        product, sparsity = jacobian_product(self.p.seen, self.p.functions.jacobian)
        J = ca.MX(sparsity, product @ ca.vec(nonzeros))
        own = [f.gradient(seen @ x) @ seen for f, seen in self.events]
        return ca.Function("nlp_jac_g", [x, p], [self._values(x)[1], ca.vertcat(self.A, J, *own)])

    @cached_property
    def _hessian(self) -> tuple[Any, Any]:
        """From non-zeros at the points to those of the whole; the same for the exact Hessian and its approximation."""
        return hessian_product(self.p.seen, self.p.functions.hessian)

    def hess_lag(self, second: Any) -> Any:
        """Upper triangle of the Hessian of the Lagrangian (nx, nx), by ``second`` at the points."""
        x, p = ca.MX.sym("x", self.nx), ca.MX.sym("p", 0)
        lam_f, lam_g = ca.MX.sym("lam_f"), ca.MX.sym("lam_g", self.ng)
        lam = ca.reshape(lam_g[self.p.linear.shape[0] : self.first_event], self.local_ng, self.K)
        nonzeros = second(self._seen(x), self.data, lam_f * self.weights, lam)
        product, sparsity = self._hessian
        H = ca.MX(sparsity, product @ ca.vec(nonzeros)) + lam_f * ca.triu(self.R)
        if second is self.second:
            for k, (f, seen) in enumerate(self.events):
                local = f.hessian(seen @ x)
                whole = seen.T @ (local + local.T - ca.diag(ca.diag(local))) @ seen
                H = H + lam_g[self.first_event + k] * ca.triu(whole)
        return ca.Function("nlp_hess_l", [x, p, lam_f, lam_g], [H])

    def stationarity(self, x: Array, multipliers: Array) -> tuple[Array, Array]:
        """Gradient of cost and constraints weighted by the multipliers (nx,); values of the constraints (ng,).

        Point by point, so that no derivative of the whole is ever assembled.
        """
        p, of = self.p, self.p.functions.jacobian
        seen = (p.seen @ x).reshape(self.K, self.ny).T
        gradient, slopes = (
            np.array(v).ravel(order="F").reshape(self.K, -1).T for v in self.first(seen, self.data)
        )
        of_points = multipliers[p.linear.shape[0] : self.first_event].reshape(self.K, self.local_ng).T
        rows, columns = np.array(of.row()), np.array(of.get_col())
        onto = sparse.csr_matrix(
            (np.ones(len(columns)), (columns, np.arange(len(columns)))), (self.ny, len(columns))
        )
        local = gradient * p.weights + onto @ (slopes * of_points[rows])
        total = p.seen.T @ local.T.ravel() + p.quadratic @ (x - p.centre)
        total += p.linear.T @ multipliers[: p.linear.shape[0]]
        values = [p.linear @ x, np.array(self.value(seen, self.data)[1]).T.ravel()]
        for k, event in enumerate(p.events):
            there = event.seen @ x
            slope = np.array(event.functions.gradient(there)).ravel()
            total += multipliers[self.first_event + k] * (event.seen.T @ slope)
            values.append(np.array(event.functions.value(there)).ravel())
        return np.asarray(total), np.concatenate(values)

    def second_order(self, x: Array, multipliers: Array) -> tuple[Any, Any, Array]:
        """At variables and multipliers: Hessian of the Lagrangian (nx, nx), Jacobian (ng, nx), constraints (ng,)."""
        upper = _scipy(self.hess_lag(self.second)(x, [], 1.0, multipliers))
        values, jacobian = self.jac_g()(x, [])
        return upper + sparse.triu(upper, 1).T, _scipy(jacobian), np.array(values).ravel()


def _scipy(matrix: Any) -> Any:
    s = matrix.sparsity()
    return sparse.csc_matrix((np.array(matrix.nz[:]).ravel(), s.row(), s.colind()), shape=s.shape)
