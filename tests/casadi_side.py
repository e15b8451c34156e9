"""What tests ask of CasADi. Runs in a process of its own (see native.py)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from profiled import modules_in
from scipy import sparse

from footstrike.control.nlp import Assembly, PointProblem, Program, differentiate, solve
from footstrike.dynamics.equations import dynamics_function
from footstrike.model.description import Description
from footstrike.workers.casadi_ import ca


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
        centre=random.normal(size=len(root)),
    )


def derivatives(seed: int) -> dict[str, tuple[Any, Any]]:
    """Each derivative of a small program: as assembled, and as CasADi or finite differences have it."""
    program = small_program(seed)
    nlp = Assembly(program)
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
    along, values_there = nlp.stationarity(x, lam)
    return {
        "gradient of the Lagrangian": (along, gradient + lam @ jacobian),
        "constraints": (values_there, _dense(values(x, empty)[1]).ravel()),
        "gradient": (gradient, _dense(theirs[0]).ravel()),
        "jacobian": (jacobian, _dense(theirs[1])),
        "hessian": (hessian, _dense(theirs[2])),
        "gradient by differences": (gradient, f_differences[0]),
        "jacobian by differences": (jacobian, g_differences),
        "hessian by differences": (hessian, _differences(slope, x)),
    }


def gauss_newton(seed: int) -> tuple[Any, Any]:
    """The approximate Hessian of a small program, and of one with affine errors beside its exact one."""
    curved, flat = Assembly(small_program(seed)), Assembly(small_program(seed, quadratic=True))
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
    nlp = Assembly(program)
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


def muscle_derivatives(
    description: Description, drive: Any, seed: int, loads: Any = ()
) -> list[tuple[Any, Any]]:
    """Jacobian of muscles' rows and Hessian of their weighted sum, exact and by central differences."""
    from footstrike.control.muscle_part import Columns, LoadRow, muscle_part

    spanned = {c for m in drive.muscles for c in drive.paths[m.name].coordinates}
    names = [*sorted(spanned), *drive.compliant]
    n, m = len(names), len(drive.muscles)
    place = {name: i for i, name in enumerate(names)}
    columns = Columns(
        place,
        {name: n + i for name, i in place.items()},
        2 * n + m,
        {name: 2 * n + i for i, name in enumerate(drive.names)},
        {name: 2 * n + m + 1 + i for i, name in enumerate(drive.names)},
    )
    y = ca.SX.sym("y", 2 * n + 2 * m + 1)
    rows = {name: i for i, name in enumerate(names[: n - len(drive.compliant)])}
    balances = {name: len(rows) + i for i, name in enumerate(drive.compliant)}
    count = n + len(loads)
    part = muscle_part(
        drive, y, columns, rows, balances, count, [LoadRow(n + i, x) for i, x in enumerate(loads)]
    )
    value = ca.Function("value", [y], [part.value])
    first = ca.Function("first", [y], [ca.densify(part.jacobian)])
    second = ca.Function("second", [y, part.multipliers], [ca.densify(part.hessian)])
    random = np.random.default_rng(seed)
    at = random.uniform(-0.2, 0.2, y.numel())
    at[[place[name] for name in drive.compliant]] = 0.4
    at[2 * n : 2 * n + m], at[2 * n + m] = 0.5, 0.35
    weights, step = random.normal(size=count), 1e-6

    def slope(x: Any) -> Any:
        return np.array(first(x)).T @ weights

    def difference(f: Callable[[Any], Any]) -> Any:
        moves = np.eye(len(at)) * step
        return np.stack([(f(at + d) - f(at - d)) / (2 * step) for d in moves], axis=-1)

    H = np.array(second(at, weights))
    return [
        (np.array(first(at)), difference(lambda x: np.array(value(x)).ravel())),
        (H + np.triu(H, 1).T, difference(slope)),
    ]


def nearest_gait(problem: Any) -> Any:
    """The gait that a tracking problem driven by actuators starts from."""
    x, layout, point, basis = _start(problem, driven=False)
    from footstrike.control.program import gait_of

    return gait_of(x, _without_muscles(problem), basis, point, layout, 0)


def constraints_at(problem: Any, gait: Any) -> dict[str, Any]:
    """Values (rows, points) of the point constraints at a gait, and their names."""
    from dataclasses import replace

    from footstrike.control.point import point_problem
    from footstrike.control.solution import NlpResult, Solution

    nothing = NlpResult(np.zeros(0), np.zeros(0), 0.0, "", True, 0, 0.0)
    x, _, point, basis = _start(replace(problem, guess=Solution((gait,), {}, nothing)), driven=True)
    functions = differentiate(point_problem(problem))
    program = _program(replace(problem, guess=Solution((gait,), {}, nothing)), basis, point, functions)
    seen = (program.seen @ x).reshape(len(basis.points), -1).T
    constants = ca.repmat(functions.constants(program.parameters), 1, len(basis.points))
    values = functions.value.map(len(basis.points))(seen, program.data, constants)[1]
    return {"values": np.array(values), "names": {n: i for i, n in enumerate(point.constraint_names)}}


def loads_at(problem: Any, gait: Any) -> dict[str, Any]:
    """The loads of a problem (K,) at the points of a gait, by name."""
    from dataclasses import replace

    from footstrike.control.nlp import PointFunctions
    from footstrike.control.optimum import Evaluation
    from footstrike.control.point import Point
    from footstrike.control.program import _seen, layout_of, node_map
    from footstrike.control.solution import NlpResult, Solution

    nothing = NlpResult(np.zeros(0), np.zeros(0), 0.0, "", True, 0, 0.0)
    at_gait = replace(problem, guess=Solution((gait,), {}, nothing))
    x, layout, _, basis = _start(replace(at_gait, loads=()), driven=True)
    point = Point(problem)
    whole, own = layout_of(problem, basis, point), np.zeros(layout_of(problem, basis, point).count)
    own[: layout.reserved(0).stop] = x[: layout.reserved(0).stop]
    own[whole.duration(0)] = x[layout.duration(0)]
    expressed = point.problem()
    none = ca.SX.sym("none", 0)
    given = [expressed.y, expressed.data, none]
    value = ca.Function("value", given, [ca.SX(0), expressed.constraint + expressed.part.value])
    sizes = (expressed.y.numel(), expressed.data.numel(), expressed.constraint.numel())
    functions = PointFunctions(
        value, None, None, None, None, None, sizes, ca.Function("none", [none], [none])
    )
    nodes = node_map(problem.ends, point.controls, len(basis.breaks))
    seen = _seen(basis, basis.points, whole, nodes, point.seen)
    loads = Evaluation(functions, seen, np.zeros(0)).loads(point, whole, own)
    return dict(zip(point.load_names, loads.T, strict=True))


def _without_muscles(problem: Any) -> Any:
    from dataclasses import replace

    from footstrike.control.problem import Drive

    return replace(problem, drive=Drive(), loads=())


def _start(problem: Any, driven: bool) -> Any:
    from footstrike.control.basis import radau_basis
    from footstrike.control.nlp import PointFunctions
    from footstrike.control.point import Point
    from footstrike.control.program import layout_of

    problem = problem if driven else _without_muscles(problem)
    basis, point = radau_basis(problem.breaks), Point(problem)
    rows = len(point.constraint_names)
    sizes = PointFunctions(None, None, None, None, None, None, (0, 0, rows), None)
    program = _program(problem, basis, point, sizes)
    return program.guess, layout_of(problem, basis, point), point, basis


def _program(problem: Any, basis: Any, point: Any, functions: Any) -> Any:
    from footstrike.control.program import tracking_program

    return tracking_program(problem, basis, point, functions)[0]


def modules_that_run(given: Any) -> dict[str, set[str]]:
    """Modules of the package whose functions run while a toy's derivatives are made, and while it is solved."""
    from dataclasses import replace

    from footstrike.control.point import point_problem
    from footstrike.control.track import track

    asked, prescribed = given
    problem = replace(
        asked, objective=asked.objective.weighted(motion=1.0, torque=0.1), prescribed=prescribed
    )
    return {
        "functions": modules_in(lambda: differentiate(point_problem(problem))),
        "gaits": modules_in(lambda: track(problem)),
    }


def read_by_a_point(problem: Any) -> set[str]:
    """Fields of a tracking problem that its point's expressions read."""
    from footstrike.control.point import Point

    class Watched:
        def __init__(self) -> None:
            self.read: set[str] = set()

        def __getattr__(self, name: str) -> Any:
            self.read.add(name)
            return getattr(problem, name)

    watched = Watched()
    Point(watched).problem()  # type: ignore[arg-type]
    return watched.read


def symbolic() -> tuple[str, ...]:
    """Fields that are part of the key of a point's derivatives."""
    from footstrike.control.parameters import SYMBOLIC

    return SYMBOLIC


def point_derivatives(problem: Any, made_for: Any) -> tuple[list[Any], list[int]]:
    """Values and derivatives of a problem's point at one state, and how many operations each takes.

    By derivatives made for another problem, which have its parameters as symbols; without one (None), by the problem's own,
    which have its parameters in them as numbers.
    """
    from footstrike.control.parameters import parameters
    from footstrike.control.point import Point, point_problem

    functions = differentiate(point_problem(made_for) if made_for else Point(problem).problem())
    numbers = list(parameters(problem).values()) if made_for else []
    random = np.random.default_rng(6)
    ny, nd, ng = functions.size
    given = [random.uniform(0.1, 0.5, ny), random.uniform(0.1, 1.0, nd), functions.constants(numbers)]
    weighted = [*given, 0.7, random.normal(size=ng)]
    answers = [
        *functions.value(*given),
        *functions.first(*given),
        functions.second(*weighted),
        functions.gauss_newton(*weighted),
    ]
    made = (functions.value, functions.first, functions.second, functions.gauss_newton)
    return [_dense(a).ravel() for a in answers], [f.n_instructions() for f in made]


def parameters_of(problem: Any) -> tuple[dict[str, float], bytes]:
    """Parameters of a problem by name, and its structure."""
    from footstrike.control.parameters import parameters, structure

    return parameters(problem), structure(problem)
