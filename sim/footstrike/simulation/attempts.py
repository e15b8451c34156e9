"""Solving a request: the habitual gait, what is asked of it, several starts, fallbacks."""

from __future__ import annotations

import time as clock
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from footstrike.cache.results import cached
from footstrike.control.carry_over import carried_over
from footstrike.control.fallback import solve_with_fallbacks
from footstrike.control.modifiers import Contacts, FootStrikeAngle, Modifier
from footstrike.control.problem import Event, TrackProblem
from footstrike.control.proximal import near
from footstrike.control.reference import scattered
from footstrike.control.solution import Solution
from footstrike.errors import SolveError
from footstrike.gait.foot_strike import between_markers, bound, on_skeleton, skeleton_angle
from footstrike.gait.targets import Target
from footstrike.model.description import Description
from footstrike.runs import assemble
from footstrike.simulation.best_gait import Start, optimised
from footstrike.simulation.gait_cache import ANSWERS, Answer
from footstrike.simulation.initial_contact import contact_phases
from footstrike.simulation.problems import Model, posed
from footstrike.simulation.reporter import ProgressReporter
from footstrike.simulation.request import Request

Array = NDArray[np.float64]
Ask = Callable[[TrackProblem], Solution]

LANDING = (
    *((-s, -np.inf, 0.2) for s in (0.036, 0.028, 0.021, 0.015, 0.010)),
    (-0.006, -np.inf, 1.0),
    (-0.003, -np.inf, 1.0),
    (0.0, 1.0, 1.0),
    (0.010, 2.0, np.inf),
)
"""How a foot meets the ground: seconds since contact, least and most vertical force in contact thresholds.

A foot that only hovers at the threshold has not landed. Habitual gaits at 3.5 m/s: less than 0.1 at -10 ms, 7 and 11 at 10 ms.
"""


def answered(
    request: Request,
    model: Model,
    problem: TrackProblem,
    ask: Ask,
    reporter: ProgressReporter,
    aims: Mapping[str, Target],
) -> Answer:
    """The answer to a request, read back if it was had before.

    ``problem`` is that of the habitual gait; where the request modifies it, the answer to that comes first. ``aims`` are
    the targets that the right and the left foot land like.

    Raises
    ------
    SolveError
        If the habitual gait was not solved.
    """

    def answer() -> Answer:
        started = clock.perf_counter()
        if request.optimise:
            begin = _near_habit(request, model, problem, ask, reporter, aims)
            solved, tried = optimised(request, begin, ask, reporter.stage)
            fallbacks: tuple[str, ...] = ()
        else:
            if request.modified:
                asked = _modified(request, model, problem, ask, reporter, aims)
            else:
                asked = _begun(request, problem, ask, reporter)
            solved, fallbacks, tried = best_of(request, asked, ask, reporter)
        return Answer(solved, fallbacks, spread(tried, request.speed), clock.perf_counter() - started)

    result = cached("gaits", gait_key(request, problem, aims), answer, ANSWERS, reporter.stage)
    if result.found:
        reporter.stage("the gait was solved before")
    return result.value


def gait_key(request: Request, problem: TrackProblem, aims: Mapping[str, Target]) -> tuple[Any, ...]:
    """What the answer to a request is cached by."""
    return problem, aims if request.modified else {}, request.specification()


def _begun(request: Request, problem: TrackProblem, ask: Ask, reporter: ProgressReporter) -> TrackProblem:
    """The problem of a habitual gait, with where it starts: a runner who is drawn at random, from the nominal one's gait.

    So draws have the minimum next to that of the nominal gait.
    """
    nominal = request.nominal
    if nominal == request:
        return problem
    reporter.stage("the nominal runner's gait first")
    at = posed(nominal, reporter)
    found = answered(nominal, at.model, at.problem, ask, reporter, at.aims).solved
    return replace(problem, guess=carried_over(found, at.problem, problem)) if found.nlp.success else problem


def _modified(
    request: Request,
    model: Model,
    problem: TrackProblem,
    ask: Ask,
    reporter: ProgressReporter,
    aims: Mapping[str, Target],
) -> TrackProblem:
    """The problem of the gait nearest to the habitual one in which what is asked for holds."""
    start = _near_habit(request, model, problem, ask, reporter, aims)
    reporter.stage("the nearest gait to the habitual one")
    return nearest(request, start)


def nearest(request: Request, start: Start) -> TrackProblem:
    """The problem whose solution is the modified gait nearest to habit, by the request's scale of nearness."""
    return replace(start.problem, objective=start.problem.objective.scaled(motion=request.nearness))


def _near_habit(
    request: Request,
    model: Model,
    problem: TrackProblem,
    ask: Ask,
    reporter: ProgressReporter,
    aims: Mapping[str, Target],
) -> Start:
    """The habitual gait, solved, and the problem near it in which what is asked for holds."""
    reporter.stage("the habitual gait first")
    habit = answered(request.habit, model, habitual(problem), ask, reporter, aims).solved
    if not habit.nlp.success:
        raise SolveError(
            f"the habitual gait was not solved ({habit.nlp.words}), so nothing can be asked of it. "
            f"{habit.nlp.diagnosis}"
        )
    return departing(request, model, problem, aims, habit)


def habitual(problem: TrackProblem) -> TrackProblem:
    """The problem of the habitual gait: its duration is the measured one."""
    return replace(problem, duration_bound=0.0)


def departing(
    request: Request, model: Model, problem: TrackProblem, aims: Mapping[str, Target], habit: Solution
) -> Start:
    """The problem near a solved habitual gait in which what is asked for holds.

    The feet meet the ground at the phases at which they do in the habitual gait (where a periodic gait begins is free),
    so what is asked for at initial contact holds exactly there; they land as the strike does.
    """
    contacts = contact_phases(model.description, habit.gaits[0], request.speed)
    asked = near(problem, habit)
    asked = replace(asked, events=landing_events(model.description, aims, contacts, habit.gaits[0].duration))
    for modifier in (*_conversion(request, aims["right"]), *request.modifiers):
        asked = modifier.applied(asked, contacts)
    return Start(asked, habit, contacts, model)


def landing_events(
    description: Description, aims: Mapping[str, Target], contacts: Contacts, duration: float
) -> tuple[Event, ...]:
    """Each foot meets the ground at its phase, with a foot-strike angle in the range of its strike."""
    threshold = assemble.CONTACT_N / assemble.weight(description)
    events = []
    for side, phase in contacts.items():
        for since, least, most in LANDING:
            at = phase + since / duration
            if at >= 0.0:
                events.append(Event("vertical_force", side, at, least * threshold, most * threshold))
        held = bound(aims.get(assemble.SIDE_OF[side], aims["right"]))
        pitch = np.deg2rad(on_skeleton(held.angle))
        low, high = (-np.inf, pitch) if held.kind == "at most" else (pitch, np.inf)
        events.append(Event("foot_pitch", side, phase, low, high))
    return tuple(events)


def _conversion(request: Request, aim: Target) -> tuple[Modifier, ...]:
    """What a runner of another habit is asked: the foot-strike angle that the strike's own runners have."""
    if request.from_strike is None or any(isinstance(m, FootStrikeAngle) for m in request.modifiers):
        return ()
    return (FootStrikeAngle(between_markers(skeleton_angle(aim))),)


def best_of(
    request: Request, problem: TrackProblem, ask: Ask, reporter: ProgressReporter
) -> tuple[Solution, tuple[str, ...], list[Solution]]:
    """The best solution from all starts, the fallbacks it took, and all that were solved."""
    best, fallbacks = solve_with_fallbacks(problem, ask, reporter.stage)
    tried = [best] if best.nlp.success else []
    for seed in range(1, request.options.starts):
        reporter.stage(f"start {seed + 1} of {request.options.starts}")
        begin = tuple(scattered(r, seed, problem.duration_bound) for r in problem.references)
        other = ask(replace(problem, begin=begin, guess=None))
        if other.nlp.success:
            tried.append(other)
    if tried:
        best = min(tried, key=lambda s: s.nlp.objective)
    return best, fallbacks, tried


def spread(tried: list[Solution], speed: float) -> dict[str, Any]:
    """Objectives and step lengths of all solved starts, and how far they differ."""
    objectives = [s.optimum.value if s.optimum else s.nlp.objective for s in tried]
    steps = [speed * s.gaits[0].duration / (1 if s.gaits[0].ends == "mirrored" else 2) for s in tried]
    several = len(tried) > 1
    return {
        "objective_spread": max(objectives) - min(objectives) if several else None,
        "step_length_spread_m": max(steps) - min(steps) if several else None,
        "start_objectives": objectives,
        "start_step_lengths_m": steps,
    }
