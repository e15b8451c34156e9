"""A gait that departs from another one: the same where nothing is asked for, near it where something is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from trolley import AT_REST, answer, at_points, masses, solved, there_and_back

from footstrike.cache.results import cached
from footstrike.control.modifiers import KneeFlexion
from footstrike.control.problem import Prescribed, TrackProblem, default_breaks
from footstrike.control.proximal import near
from footstrike.control.reference import step_reference
from footstrike.control.solution import Solution
from footstrike.gait.targets import target
from footstrike.simulation.gait_cache import ANSWERS, Answer

TIME = np.linspace(0.0, 1.0, 1001)
ASKED = there_and_back(motion=1.0, torque=0.3, jerk=1e-3)


@pytest.fixture(scope="module")
def habit() -> Solution:
    return answer(ASKED)


def test_asked_for_nothing_it_is_the_habit_and_costs_nothing(habit: Solution) -> None:
    again = answer(near(ASKED, habit))
    assert again.nlp.objective == pytest.approx(0.0, abs=1e-9)
    assert again.gaits[0].coefficients == pytest.approx(habit.gaits[0].coefficients, abs=1e-6)
    assert (
        np.ptp(at_points(habit.gaits[0])["slide"]) < 0.599
    )  # of 0.6: tracking alone is a compromise with effort


def test_it_meets_what_is_asked_and_stays_near_the_habit_elsewhere(habit: Solution) -> None:
    usual = at_points(habit.gaits[0])["slide"]
    phase = habit.gaits[0].basis.points
    wanted = float(np.interp(0.5, phase, usual)) + 0.05
    apart = near(ASKED, habit)
    gait = solved(replace(apart, prescribed=(*AT_REST, Prescribed("slide", 0.5, wanted))))
    change = at_points(gait)["slide"] - usual
    assert np.interp(0.5, phase, change) == pytest.approx(0.05, abs=1e-4)
    assert np.abs(change[phase < 0.25]).max() < 0.025
    assert abs(change[0]) < 1e-4


def test_a_habit_done_slower_keeps_its_shape(habit: Solution) -> None:
    reference = replace(ASKED.references[0], duration=1.25)
    slower = solved(near(replace(ASKED, references=(reference,)), habit))
    assert slower.duration == pytest.approx(1.25)
    shapes = [at_points(gait)["slide"] for gait in (slower, habit.gaits[0])]
    assert np.corrcoef(shapes)[0, 1] > 0.99


def test_a_bent_knee_leaves_the_foot_as_it_lands_and_the_cycle_closed() -> None:
    before = TrackProblem(masses(), (step_reference(target("rearfoot", 3.5)),), default_breaks())
    after = KneeFlexion(20.0).applied(before, {"r": 0.12})
    (prescribed,) = after.prescribed
    old, new = before.references[0], after.references[0]
    change = {name: new.coordinates[name] - curve for name, curve in old.coordinates.items()}
    foot = sum(change[f"{joint}_r"] for joint in ("hip_flexion", "knee_angle", "ankle_angle"))
    assert foot == pytest.approx(0.0, abs=1e-12)
    knee = np.interp(prescribed.phase, new.phase, new.coordinates["knee_angle_r"])
    assert knee == pytest.approx(np.deg2rad(-20.0), abs=1e-4)
    assert change["knee_angle_l"][-1] == pytest.approx(change["knee_angle_r"][0], rel=1e-3)


def test_a_solved_gait_is_cached_with_what_its_derivatives_need(
    habit: Solution, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTSTRIKE_CACHE", str(tmp_path))
    given = Answer(habit, ("a fallback",), {"start_objectives": [1.0]}, 2.0)
    assert given.solved.nlp.x.size
    assert not cached("gaits", (ASKED,), lambda: given, ANSWERS).found
    found = cached("gaits", (ASKED,), pytest.fail, ANSWERS).value
    assert np.array_equal(found.solved.gaits[0].coefficients, habit.gaits[0].coefficients)
    assert found.solved.nlp.objective == habit.nlp.objective
    for vector in ("x", "multipliers", "bound_multipliers"):
        assert np.array_equal(getattr(found.solved.nlp, vector), getattr(habit.nlp, vector))
    assert found.solved.nlp.violations.size == 0
    assert (found.fallbacks, found.starts, found.wall_s) == (given.fallbacks, given.starts, given.wall_s)
    other = (replace(ASKED, duration_bound=0.1),)
    unsolved = replace(given, solved=replace(habit, nlp=replace(habit.nlp, success=False)))
    assert [cached("gaits", other, lambda: unsolved, ANSWERS) for _ in range(2)] == [(unsolved, False)] * 2
