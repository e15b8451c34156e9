"""Solving a request: several starts, retries, and a prescribed posture moved to where the foot really lands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from footstrike.control.ladder import climb
from footstrike.control.problem import Gait, Solved, TrackProblem
from footstrike.control.reference import scattered
from footstrike.control.sample import BEFORE_CONTACT, Kinematics, sample
from footstrike.gait.request import Request
from footstrike.solution import assemble
from footstrike.solution.ground import THRESHOLD_N
from footstrike.solution.problems import Model
from footstrike.solution.teller import Teller

Array = NDArray[np.float64]
Ask = Callable[[TrackProblem], Solved]

CONTACT_PASSES, KNEE_TOLERANCE_DEG = 3, 0.2


def best_of(
    request: Request, problem: TrackProblem, ask: Callable[[TrackProblem], Solved], told: Teller
) -> tuple[Solved, tuple[str, ...], list[Solved]]:
    """The best solution from all starts, the rungs it took, and all that were solved."""
    best, rungs = climb(problem, ask, told.stage)
    tried = [best] if best.outcome.success else []
    for seed in range(1, request.starts):
        told.stage(f"start {seed + 1} of {request.starts}")
        begin = tuple(scattered(r, seed, problem.duration_room) for r in problem.references)
        other = ask(replace(problem, begin=begin))
        if other.outcome.success:
            tried.append(other)
    if tried:
        best = min(tried, key=lambda s: s.outcome.objective)
    return best, rungs, tried


def spread(tried: list[Solved], speed: float) -> dict[str, Any]:
    """Objectives and step lengths of all solved starts, and how far they differ."""
    objectives = [s.outcome.objective for s in tried]
    steps = [speed * s.gaits[0].duration / (1 if s.gaits[0].ends == "mirrored" else 2) for s in tried]
    several = len(tried) > 1
    return {
        "objective_spread": max(objectives) - min(objectives) if several else None,
        "step_length_spread_m": max(steps) - min(steps) if several else None,
        "start_objectives": objectives,
        "start_step_lengths_m": steps,
    }


def at_true_contact(
    request: Request,
    model: Model,
    problem: TrackProblem,
    solved: Solved,
    ask: Callable[[TrackProblem], Solved],
) -> tuple[Solved, TrackProblem]:
    """Move the prescribed knee flexion to where the foot really lands, and solve again from there."""
    assert request.knee_flexion is not None
    for _ in range(CONTACT_PASSES):
        gait = solved.gaits[0]

        def at(t: Array, gait: Gait = gait) -> Kinematics:
            return sample(gait, t, request.speed)

        landing = contact_time(model, at, gait.duration)
        knee = -float(np.rad2deg(at(np.array([landing])).q["knee_angle_r"][0]))
        if abs(knee - request.knee_flexion) < KNEE_TOLERANCE_DEG:
            break
        p = problem.prescribed[0]
        moved = replace(p, phase=BEFORE_CONTACT[gait.ends] + landing / gait.duration)
        problem = replace(problem, prescribed=(moved,), guess=solved)
        solved = ask(problem)
    return solved, problem


def contact_time(model: Model, at: Callable[[Array], Kinematics], duration: float) -> float:
    """When the right foot first carries the contact threshold, s from the target's contact."""
    time = np.linspace(-0.1 * duration, 0.3 * duration, 801)
    fy = assemble.ground_forces(assemble.mechanics(model.description, model.description.spheres, at(time)))[
        "right"
    ][:, 1]
    loaded = np.flatnonzero(fy > THRESHOLD_N)
    return float(time[loaded[0]]) if len(loaded) else 0.0
