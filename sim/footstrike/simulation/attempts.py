"""Solving a request: several starts, retries, and a prescribed posture moved to where the foot really lands."""

from __future__ import annotations

import time as clock
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from footstrike import cache
from footstrike.control.fallback import solve_with_fallbacks
from footstrike.control.problem import TrackProblem
from footstrike.control.proximal import near
from footstrike.control.reference import scattered
from footstrike.control.sample import Kinematics, sample
from footstrike.control.solution import Gait, Solution
from footstrike.errors import SolveError
from footstrike.runs import assemble
from footstrike.simulation.gait_cache import Answer, keep, recall
from footstrike.simulation.landing import breaks_around
from footstrike.simulation.problems import Model, departs, habitual, with_knee_flexion
from footstrike.simulation.reporter import ProgressReporter
from footstrike.simulation.request import Request

Array = NDArray[np.float64]
Ask = Callable[[TrackProblem], Solution]

CONTACT_PASSES, KNEE_TOLERANCE_DEG = 5, 0.2
SLOPES = 0.5, 2.0  # of the flexion at landing over the one prescribed: what a secant may believe


def answered(
    request: Request,
    model: Model,
    problem: TrackProblem,
    usual: TrackProblem,
    ask: Ask,
    reporter: ProgressReporter,
) -> Answer:
    """The answer to a request, read back if it was had before.

    ``problem`` is what the request asks for; where that departs from the habitual gait, the answer to ``usual`` comes
    first.

    Raises
    ------
    SolveError
        If the habitual gait was not solved.
    """
    place = cache.place("gaits", problem, usual, request.specification())
    known = recall(place)
    if known is not None:
        reporter.stage("the gait was solved before")
        return known
    started = clock.perf_counter()
    if departs(request):
        solved, fallbacks, tried = _departed(request, model, problem, usual, ask, reporter)
    else:
        solved, fallbacks, tried = best_of(request, problem, ask, reporter)
    answer = Answer(solved, fallbacks, spread(tried, request.speed), clock.perf_counter() - started)
    if solved.nlp.success:
        keep(place, answer)
    return answer


def _departed(
    request: Request,
    model: Model,
    problem: TrackProblem,
    usual: TrackProblem,
    ask: Ask,
    reporter: ProgressReporter,
) -> tuple[Solution, tuple[str, ...], list[Solution]]:
    reporter.stage("the habitual gait first")
    habit = answered(habitual(request), model, usual, usual, ask, reporter).solved
    if not habit.nlp.success:
        raise SolveError(
            f"the habitual gait was not solved ({habit.nlp.words}), so nothing can depart from it. "
            f"{habit.nlp.diagnosis}"
        )
    problem = near(problem, habit)
    reporter.stage("departing from the habitual gait")
    best, fallbacks, tried = best_of(request, _asked(problem, request.knee_flexion), ask, reporter)
    if best.nlp.success:
        best = at_true_contact(request, model, problem, best, ask)
    return best, fallbacks, tried


def _asked(problem: TrackProblem, knee_flexion: float | None) -> TrackProblem:
    """The problem with a knee flexion (deg) prescribed, if there is one."""
    return problem if knee_flexion is None else with_knee_flexion(problem, np.deg2rad(knee_flexion))


def best_of(
    request: Request, problem: TrackProblem, ask: Ask, reporter: ProgressReporter
) -> tuple[Solution, tuple[str, ...], list[Solution]]:
    """The best solution from all starts, the fallbacks it took, and all that were solved."""
    best, fallbacks = solve_with_fallbacks(problem, ask, reporter.stage)
    tried = [best] if best.nlp.success else []
    for seed in range(1, request.starts):
        reporter.stage(f"start {seed + 1} of {request.starts}")
        begin = tuple(scattered(r, seed, problem.duration_bound) for r in problem.references)
        other = ask(replace(problem, begin=begin, guess=None))
        if other.nlp.success:
            tried.append(other)
    if tried:
        best = min(tried, key=lambda s: s.nlp.objective)
    return best, fallbacks, tried


def spread(tried: list[Solution], speed: float) -> dict[str, Any]:
    """Objectives and step lengths of all solved starts, and how far they differ."""
    objectives = [s.nlp.objective for s in tried]
    steps = [speed * s.gaits[0].duration / (1 if s.gaits[0].ends == "mirrored" else 2) for s in tried]
    several = len(tried) > 1
    return {
        "objective_spread": max(objectives) - min(objectives) if several else None,
        "step_length_spread_m": max(steps) - min(steps) if several else None,
        "start_objectives": objectives,
        "start_step_lengths_m": steps,
    }


def at_true_contact(
    request: Request, model: Model, problem: TrackProblem, solved: Solution, ask: Ask
) -> Solution:
    """Solve again for where the foot really lands, as often as that moves: with a mesh that is dense there, and with
    the knee flexion that was asked for there.

    ``problem`` has no flexion prescribed yet; ``solved`` is its solution with that of the request.
    """
    aim, slope, mesh = request.knee_flexion, 1.0, problem.breaks
    for _ in range(CONTACT_PASSES):
        miss = _knee_miss(request, model, solved.gaits[0])
        breaks = breaks_around(mesh, solved.gaits[0], _landing(request, model, solved.gaits[0]))
        if breaks is None and abs(miss) < KNEE_TOLERANCE_DEG:
            break
        step = miss / slope
        if aim is not None:
            aim += step
        if breaks is not None:
            problem = replace(problem, breaks=breaks)
        again = ask(replace(_asked(problem, aim), guess=solved))
        if not again.nlp.success:
            break
        if step and breaks is None:
            left = _knee_miss(request, model, again.gaits[0])
            slope = float(np.clip((miss - left) / step, *SLOPES))
        solved = again
    return solved


def _knee_miss(request: Request, model: Model, gait: Gait) -> float:
    """How much more flexion was asked for than the knee lands with, deg; none if none was."""
    if request.knee_flexion is None:
        return 0.0
    landing = np.array([_landing(request, model, gait)])
    return request.knee_flexion + float(np.rad2deg(sample(gait, landing, request.speed).q["knee_angle_r"][0]))


def knee_missed(request: Request, model: Model, gait: Gait) -> str:
    """What to add to the message if the foot does not land with the knee flexion asked for; else nothing."""
    miss = _knee_miss(request, model, gait)
    if request.knee_flexion is None or abs(miss) < KNEE_TOLERANCE_DEG:
        return ""
    return f"; but the knee lands with {request.knee_flexion - miss:.1f} deg of flexion, not {request.knee_flexion:g}"


def _landing(request: Request, model: Model, gait: Gait) -> float:
    """When the right foot lands, s from the target's contact."""
    return contact_time(model, lambda t: sample(gait, t, request.speed), gait.duration)


def contact_time(model: Model, at: Callable[[Array], Kinematics], duration: float) -> float:
    """When the right foot first carries the contact threshold, s from the target's contact."""
    time = np.linspace(-0.1 * duration, 0.3 * duration, 801)
    fy = assemble.ground_forces(assemble.mechanics(model.description, model.description.spheres, at(time)))[
        "right"
    ][:, 1]
    loaded = np.flatnonzero(fy > assemble.CONTACT_N)
    return float(time[loaded[0]]) if len(loaded) else 0.0
