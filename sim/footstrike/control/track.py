"""The tracking problem: a measured gait made dynamically consistent, with ground contact, over a cycle."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from footstrike.cache.results import Result, cached
from footstrike.control.basis import radau_basis
from footstrike.control.derivative_cache import DERIVATIVES
from footstrike.control.diagnosis import diagnose
from footstrike.control.memory import recalled
from footstrike.control.nlp import PointFunctions, differentiate, solve
from footstrike.control.optimum import Variables, optimum_of, response_of
from footstrike.control.options import FROM_AFAR, FROM_HABIT, FROM_OTHER, OF_ENDS, PROBLEM, ROUGH, Phase
from footstrike.control.parameters import structure
from footstrike.control.point import Point, point_problem
from footstrike.control.problem import FreeContact, TrackProblem
from footstrike.control.program import habitual_aims, tracking_program
from footstrike.control.solution import Solution
from footstrike.control.start import with_shared_load
from footstrike.control.wanted import gaits_of

Report = Callable[[dict[str, Any]], None] | None


def track(problem: TrackProblem, progress: Report = None) -> Solution:
    """Solve the tracking problem (runs in a CasADi worker).

    Without a guess it starts from a smooth version of the gait, driven by actuators, whose moments are then shared
    out over the muscles. A solved gait of another problem is far away, too: what is asked may change everything.
    """
    guess = problem.guess or _smooth(problem, progress)
    found = problem.guess is not None or guess.derivatives_cached
    if problem.drive.muscles and any(gait.controls is None for gait in guess.gaits):
        _tell(progress, stage="sharing the moments out over the muscles")
        guess = replace(guess, gaits=tuple(with_shared_load(problem, gait) for gait in guess.gaits))
        solved = _solved(replace(problem, guess=guess), progress, FROM_AFAR)
    else:
        solved = _solved(replace(problem, guess=guess), progress, _phases(problem))
    return replace(solved, derivatives_cached=found and solved.derivatives_cached)


def _phases(problem: TrackProblem) -> tuple[Phase, ...]:
    if problem.guess is None:
        return FROM_AFAR
    return FROM_HABIT if problem.guess is problem.habit else FROM_OTHER


def _smooth(problem: TrackProblem, progress: Report) -> Solution:
    """The same gait driven by actuators and nearly converged, with weights that lead there from afar."""
    objective = problem.objective.scaled(force=1 / 4, torque=5.0, jerk=10.0)
    return _solved(
        replace(problem, drive=problem.drive.actuators, objective=objective, contact=FreeContact()),
        progress,
        (ROUGH,),
    )


def _solved(problem: TrackProblem, progress: Report, phases: Sequence[Phase]) -> Solution:
    basis = radau_basis(problem.breaks, problem.points_per_interval, problem.smoothness)
    point = Point(problem)
    functions, found = derivatives(problem, progress)
    _tell(progress, stage="assembling the problem")
    habitual = habitual_aims(problem, basis, point, functions)
    program, layout = tracking_program(problem, basis, point, functions, habitual)

    def report(iteration: int, objective: float, infeasibility: float) -> None:
        _tell(
            progress,
            stage="solving",
            iteration=iteration,
            total=ipopt["ipopt.max_iter"],
            objective=objective,
            infeasibility=infeasibility,
        )

    ipopt = {**PROBLEM, **OF_ENDS[problem.ends], **problem.ipopt}
    result = solve(program, ipopt, report, phases)
    gaits = gaits_of(result, problem, program, basis, point, layout)
    if not result.success:
        missed = result.violations.reshape(-1, functions.size[2])[: len(basis.points)].T
        result = replace(result, diagnosis=diagnose(problem, basis, point, gaits[0], missed))
    changes = result.x[layout.shared][point.shared["changes"]]
    contact = dict(zip(point.change_names, map(float, changes), strict=True))
    at = Variables(layout, program.guess, program.low, program.high)
    optimum = optimum_of(problem, point, at, result, habitual) if problem.aims else None
    response = None
    if problem.loads and not problem.aims and result.success:
        response = response_of(program, point, layout, result)
    return Solution(gaits, contact, result, found, optimum, response)


def _tell(progress: Report, **event: Any) -> None:
    if progress:
        progress(event)


def derivatives(problem: TrackProblem, progress: Report) -> Result[PointFunctions]:
    """The point problem's derivatives, and whether they were found in the cache instead of made anew."""

    def tell(words: str) -> None:
        _tell(progress, stage=words)

    def make() -> PointFunctions:
        tell("differentiating the equations of motion (once for models of this structure)")
        return differentiate(point_problem(problem))

    key = structure(problem)

    def read() -> Result[PointFunctions]:
        return cached("functions", (key,), make, DERIVATIVES, tell)

    return recalled("derivatives", key, read)
