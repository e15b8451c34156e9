"""The tracking problem: a measured gait made dynamically consistent, with ground contact, over half a stride."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from footstrike import cache
from footstrike.control.basis import radau_basis
from footstrike.control.kept import load_functions, save_functions
from footstrike.control.nlp import PointFunctions, differentiate, solve
from footstrike.control.point import Point
from footstrike.control.problem import Gait, Solved, TrackProblem
from footstrike.control.program import tracking_program


def track(problem: TrackProblem, progress: Callable[[dict[str, Any]], None] | None = None) -> Solved:
    """Solve the tracking problem (runs in a CasADi worker)."""
    basis = radau_basis(problem.breaks, problem.points_per_interval, problem.smoothness)
    point = Point(problem)
    functions, kept = derivatives(point, problem, progress)
    program, layout = tracking_program(problem, basis, point, functions)
    if progress:
        progress({"stage": "assembling the problem"})

    def report(iteration: int, objective: float, infeasibility: float) -> None:
        if progress:
            progress(
                {
                    "stage": "solving",
                    "iteration": iteration,
                    "objective": objective,
                    "infeasibility": infeasibility,
                }
            )

    outcome = solve(program, {**_IPOPT, **problem.ipopt}, report)
    gaits = tuple(
        Gait(
            basis,
            point.names,
            outcome.x[layout.coefficients(g)].reshape(basis.size, len(point.names)),
            float(outcome.x[layout.duration(g)]),
        )
        for g in range(len(problem.targets))
    )
    shared = outcome.x[layout.shared]
    contact = dict(zip(point.shared_names, map(float, shared), strict=True))
    return Solved(gaits, contact, outcome, derivatives_kept=kept)


def derivatives(
    point: Point, problem: TrackProblem, progress: Callable[[dict[str, Any]], None] | None
) -> tuple[PointFunctions, bool]:
    """The point problem's derivatives, and whether they were found in the cache instead of made anew."""
    folder = cache.folder() / "functions" / cache.key(problem.description, problem.weights, problem.contact)
    functions = load_functions(folder)
    if functions is not None:
        return functions, True
    if progress:
        progress({"stage": "differentiating the equations of motion (once for this model)"})
    functions = differentiate(point.problem())
    save_functions(functions, folder)
    return functions, False


_IPOPT = {
    "ipopt.tol": 1e-4,
    "ipopt.constr_viol_tol": 1e-6,
    "ipopt.acceptable_tol": 1e-3,
    "ipopt.max_iter": 500,
    "ipopt.mu_strategy": "monotone",
    "ipopt.linear_solver": "mumps",
    "ipopt.print_level": 0,
    "ipopt.sb": "yes",
}
