"""A gait of one runner as the start of another one's solve."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from footstrike.control.basis import radau_basis
from footstrike.control.carry_over import carried_over
from footstrike.control.problem import TrackProblem, default_breaks
from footstrike.control.reference import step_reference
from footstrike.control.solution import Gait, NlpResult, Solution
from footstrike.dynamics.foot import sole_height
from footstrike.dynamics.rigid_body import Tree
from footstrike.gait.targets import target
from footstrike.model.subject import Subject
from footstrike.workers.client import Worker

PHASE = np.linspace(0.0, 1.0, 201)


def problem_of(worker: Worker, height: float, variation: tuple[tuple[str, float], ...] = ()) -> TrackProblem:
    body = worker.call(
        "describe", worker.call("build_runner", Subject(height=height, mass=75.0, legs="none"))
    )
    reference = step_reference(target("rearfoot", 3.5, None, variation))
    return TrackProblem(body, (reference,), default_breaks(48))


@pytest.fixture(scope="module")
def problem(worker: Worker) -> TrackProblem:
    return problem_of(worker, 1.8)


@pytest.fixture(scope="module")
def solved(problem: TrackProblem) -> Solution:
    """A gait that follows the reference, with the pelvis at 0.9 m."""
    basis = radau_basis(problem.breaks, 3, 1)
    names = problem.description.coordinate_names
    (reference,) = problem.references
    curves = reference.tracked("coordinates", names, PHASE)[0]
    curves[:, names.index("pelvis_ty")] += 0.9
    coefficients = np.linalg.lstsq(basis.matrix(PHASE), curves, rcond=None)[0]
    nothing = NlpResult(np.zeros(0), np.zeros(0), 0.0, "", True, 0, 0.0)
    return Solution((Gait(basis, names, coefficients, reference.duration),), {}, nothing)


def soles(problem: TrackProblem, gait: Gait) -> np.ndarray:
    tree = Tree(problem.description)
    stance = np.interp(PHASE, problem.references[0].phase, problem.references[0].force[:, 1]) > 0
    return sole_height(tree, tree.motion(gait.evaluate(PHASE)[0]))[stance]


def test_onto_itself_nothing_changes(problem: TrackProblem, solved: Solution) -> None:
    (gait,) = carried_over(solved, problem, problem).gaits
    assert gait.coefficients == pytest.approx(solved.gaits[0].coefficients, abs=1e-9)
    assert gait.duration == solved.gaits[0].duration


def test_a_taller_body_stands_as_high_above_the_ground(
    worker: Worker, problem: TrackProblem, solved: Solution
) -> None:
    taller = problem_of(worker, 1.95)
    (gait,) = carried_over(solved, problem, taller).gaits
    before, after = (soles(p, g) for p, g in ((problem, solved.gaits[0]), (taller, gait)))
    assert soles(taller, solved.gaits[0]).mean() < before.mean() - 0.05
    assert after.mean() == pytest.approx(before.mean(), abs=2e-3)


def test_joints_move_along_with_what_is_asked_otherwise(
    worker: Worker, problem: TrackProblem, solved: Solution
) -> None:
    other = replace(problem, references=problem_of(worker, 1.8, (("leg_mode_1", 1.0),)).references)
    (gait,) = carried_over(solved, problem, other).gaits
    asked, was = (
        np.interp(PHASE, p.references[0].phase, p.references[0].coordinates["knee_angle_r"])
        for p in (other, problem)
    )
    moved = gait.evaluate(PHASE)[0]["knee_angle_r"] - solved.gaits[0].evaluate(PHASE)[0]["knee_angle_r"]
    assert np.abs(asked - was).max() > np.deg2rad(1.0)
    assert moved == pytest.approx(asked - was, abs=np.deg2rad(0.5))
    assert gait.duration / solved.gaits[0].duration == pytest.approx(
        other.references[0].duration / problem.references[0].duration
    )
