"""A modified gait shares its moments by least effort, like the habit that it departs from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from trolley import AT_REST, answer, at_points, there_and_back

from footstrike.control.problem import Drive, Prescribed, TrackProblem
from footstrike.control.proximal import near
from footstrike.control.solution import Gait, Solution
from footstrike.model.description import Muscle, PathPolynomial

ARM = 0.05
FLOOR = 0.01


def two_muscles() -> TrackProblem:
    """The mass is pulled there and back by two muscles."""

    def path(start: float, slope: float) -> PathPolynomial:
        terms = np.array([[0], [1]])
        return PathPolynomial(("slide",), np.zeros(1), np.ones(1), terms, np.array([start, slope]), 0.0, 0.0)

    muscles = tuple(Muscle(n, 600.0, 0.1, 0.2, 0.0, 10.0, ()) for n in ("there", "back"))
    paths = {"there": path(0.315, -ARM), "back": path(0.285, ARM)}
    asked = there_and_back(motion=1.0, activation=1.0, reserve=1.0, jerk=1e-3)
    return replace(asked, drive=Drive(muscles, paths, ("slide",), floor=FLOOR))


ASKED = two_muscles()


@pytest.fixture(scope="module")
def habit() -> Solution:
    return answer(ASKED)


def activations(gait: Gait) -> np.ndarray:
    assert gait.controls is not None
    return gait.controls.activations[1:-1]


def test_asked_for_nothing_it_is_the_habit(habit: Solution) -> None:
    again = answer(near(ASKED, habit))
    assert activations(again.gaits[0]) == pytest.approx(activations(habit.gaits[0]), abs=2e-3)
    assert at_points(again.gaits[0])["slide"] == pytest.approx(at_points(habit.gaits[0])["slide"], abs=1e-4)


def test_a_muscle_at_rest_wants_less_than_it_can_do(habit: Solution) -> None:
    controls = habit.gaits[0].controls
    assert controls is not None
    assert controls.wanted is not None
    at_rest = controls.activations[2:-2] < FLOOR + 1e-3
    assert at_rest.sum() > 10
    assert (controls.wanted[2:-2][at_rest] < FLOOR + 1e-3).all()


def braced(habit: Solution) -> float:
    """Mean of the lesser activation above the least, where the mass is to go back where it went there."""
    back = (*AT_REST, Prescribed("slide", 0.5, -0.3))
    gait = answer(replace(near(ASKED, habit), prescribed=back)).gaits[0]
    assert np.abs(activations(gait) - activations(habit.gaits[0])).max() > 0.1
    return float(np.mean(np.min(activations(gait), axis=1)) - FLOOR)


def test_what_is_asked_does_not_brace(habit: Solution) -> None:
    """Counted from what the muscles do in the habit, both would pull at once."""
    (gait,) = habit.gaits
    assert gait.controls is not None
    from_activations = replace(gait, controls=replace(gait.controls, wanted=None))
    counted = braced(habit), braced(replace(habit, gaits=(from_activations,)))
    assert counted[0] < counted[1] / 2
