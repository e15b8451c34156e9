"""A request from first attempt to answer: starts, fallbacks, and what is asked of a gait held where the foot lands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from trolley import AT_REST, NOTHING, answer, problem

import footstrike as fs
from footstrike.control.basis import radau_basis
from footstrike.control.fallback import FALLBACKS
from footstrike.control.problem import TrackProblem
from footstrike.control.solution import Gait, NlpResult, Solution, Status
from footstrike.progress import silent
from footstrike.runs.assemble import CONTACT_N
from footstrike.simulation.attempts import answered, best_of
from footstrike.simulation.problems import posed
from footstrike.simulation.reporter import ProgressReporter
from footstrike.simulation.request import Request

ASKED = replace(problem(slide=0.1), objective=NOTHING.weighted(motion=1.0, torque=0.1), prescribed=AT_REST)


def ended(solution: Solution, words: str, objective: float = 0.0, violation: float = 1.0) -> Solution:
    nlp = replace(solution.nlp, words=words, success=not words, objective=objective, infeasibility=violation)
    return replace(solution, nlp=nlp)


@pytest.fixture(scope="module")
def solution() -> Solution:
    return answer(ASKED)


def tried(
    solution: Solution, outcomes: list[Solution], starts: int = 1
) -> tuple[Solution, tuple[str, ...], list[TrackProblem]]:
    asked: list[TrackProblem] = []

    def ask(p: TrackProblem) -> Solution:
        asked.append(p)
        return outcomes[len(asked) - 1]

    request = Request.of(strike="rearfoot", starts=starts)
    best, fallbacks, _ = best_of(request, ASKED, ask, ProgressReporter(silent))
    return best, fallbacks, asked


def test_what_solves_at_once_needs_no_fallback(solution: Solution) -> None:
    best, fallbacks, asked = tried(solution, [solution])
    assert best is solution
    assert fallbacks == ()
    assert len(asked) == 1


def test_the_best_of_several_starts_counts_and_each_begins_elsewhere(solution: Solution) -> None:
    outcomes = [ended(solution, "", o, 0.0) for o in (2.0, 1.0, 3.0)]
    best, _, asked = tried(solution, outcomes, starts=3)
    assert best is outcomes[1]
    begins = [p.begin[0].coordinates["slide"] for p in asked[1:] if p.begin]
    assert len(begins) == 2
    assert not np.allclose(begins[0], begins[1])


def test_a_failed_start_is_not_the_best(solution: Solution) -> None:
    outcomes = [ended(solution, "", 2.0, 0.0), ended(solution, "Maximum_Iterations_Exceeded", 1.0)]
    assert tried(solution, outcomes, starts=2)[0] is outcomes[0]


def test_fallbacks_follow_in_order_and_an_easier_problem_only_starts_the_real_one(solution: Solution) -> None:
    failed = ended(solution, "Maximum_Iterations_Exceeded")
    best, fallbacks, asked = tried(solution, [failed, failed, solution, solution])
    assert best is solution
    assert fallbacks == tuple(f.words for f in FALLBACKS[1:3])
    assert asked[2].objective.weights["reserve"] == pytest.approx(ASKED.objective.weights["reserve"] / 10)
    assert asked[3].objective == ASKED.objective
    assert asked[3].guess is solution


def test_when_all_fails_the_nearest_attempt_is_told(solution: Solution) -> None:
    near, far = (ended(solution, "Restoration_Failed", violation=v) for v in (0.1, 1.0))
    best, fallbacks, _ = tried(solution, [far, near, far, far])
    assert best is near
    assert fallbacks == tuple(f.words for f in FALLBACKS[1:])
    assert best.status is Status.INFEASIBLE
    assert "change speed" in best.status.remedy


@pytest.fixture(scope="module")
def simulated() -> Callable[..., fs.Run]:
    def of(**asked: float | str) -> fs.Run:
        return fs.simulate(Request.of(legs="torques", points=30, **asked))

    return of


def test_what_is_asked_holds_where_the_foot_first_touches_the_ground(
    simulated: Callable[..., fs.Run],
) -> None:
    run = simulated(strike="rearfoot", knee_flexion=25.0, step_length=1.15)
    assert run.solved
    force = run.ground_force["right"][:, 1]
    assert force[0] == pytest.approx(CONTACT_N, abs=0.5)
    before = (run.time - run.time[-1] > -0.036) & (run.time - run.time[-1] < -0.004)
    assert force[before].max() < CONTACT_N
    assert -np.degrees(run.coordinates["knee_angle_r"][0]) == pytest.approx(25.0, abs=0.01)
    assert fs.metrics(run)["knee_flexion_contact_deg"] == pytest.approx(25.0, abs=0.01)
    assert run.speed * run.period / 2 == pytest.approx(1.15, abs=1e-9)
    assert "which is not" not in run.message


def test_a_runner_asked_to_land_otherwise_has_the_other_strikes_angle_and_a_free_step(
    simulated: Callable[..., fs.Run],
) -> None:
    habit = simulated(strike="rearfoot")
    run = simulated(strike="forefoot", from_strike="rearfoot")
    assert run.solved
    pitch = np.degrees(run.segments["foot_pitch_r"][0])
    assert pitch == pytest.approx(0.4, abs=1.0)  # the group's, experiments/targets/foot_strike.csv
    assert run.period != habit.period
    assert run.spec["from_strike"] == "rearfoot"


def test_a_drawn_runner_starts_from_the_nominal_ones_gait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTSTRIKE_CACHE", str(tmp_path))
    nominal = Request.of(strike="forefoot", legs="torques", points=30)
    drawn = nominal.model_copy(update={"variation": (("leg_mode_1", 1.0),)})
    assert drawn.nominal == nominal
    assert nominal.nominal is nominal
    asked: list[TrackProblem] = []

    def ask(p: TrackProblem) -> Solution:
        """A gait that stands still."""
        asked.append(p)
        basis = radau_basis(p.breaks, p.points_per_interval, p.smoothness)
        names = p.description.coordinate_names
        gait = Gait(basis, names, np.zeros((basis.size, len(names))), p.references[0].duration)
        return Solution((gait,), {}, NlpResult(np.zeros(0), np.zeros(0), 0.0, "", True, 1, 0.0))

    reporter = ProgressReporter(silent)
    at = posed(drawn, reporter)
    answered(drawn, at.model, at.problem, ask, reporter, at.aims)
    first, second = asked
    assert first.guess is None
    assert second.guess is not None
    moved = second.guess.gaits[0].evaluate(np.array([0.5]))[0]["knee_angle_r"][0]
    knees = (
        np.interp(0.5, p.references[0].phase, p.references[0].coordinates["knee_angle_r"]) for p in asked
    )
    assert moved == pytest.approx(-next(knees) + next(knees), abs=1e-3)
