"""First-order prediction of changed problems, on two masses in a row whose motion is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from trolley import AT_REST, NOTHING, REDUCED, answer, at_points, problem, there_and_back

from footstrike.control.problem import Drive, Prescribed, Spring, TrackProblem
from footstrike.control.solution import Solution
from footstrike.workers.client import casadi_worker

STIFFNESS, DAMPING, PULLED = 27.0, 1.5, 0.1


def predicted(asked: TrackProblem, solved: Solution, other: TrackProblem, reach: float = 1.0) -> Solution:
    with casadi_worker() as worker:
        (found,) = worker.call("predicted", asked, solved, [other], reach)
    moved: Solution = found
    return moved


def on_spring(stiffness: float = STIFFNESS, pulled: float = PULLED) -> TrackProblem:
    return replace(
        problem(),
        objective=NOTHING.weighted(torque=1.0),
        drive=Drive(springs={"slide": Spring(stiffness, DAMPING)}),
        prescribed=(*AT_REST[:2], Prescribed("slide", 0.0, pulled), AT_REST[3]),
    )


def slide_of(solution: Solution) -> NDArray[np.float64]:
    return np.asarray(at_points(solution.gaits[0])["slide"])


def oscillation(t: NDArray[np.float64], stiffness: float) -> NDArray[np.float64]:
    decay = DAMPING / REDUCED / 2
    turn = np.sqrt(stiffness / REDUCED - decay**2)
    return np.asarray(PULLED * np.exp(-decay * t) * (np.cos(turn * t) + decay / turn * np.sin(turn * t)))


def test_a_parameter_of_the_model_moves_the_solution_as_its_formula_says() -> None:
    asked, step = on_spring(), 0.01
    solved = answer(asked)
    moved = predicted(asked, solved, on_spring(stiffness=STIFFNESS + step))
    t = solved.gaits[0].basis.points
    expected = (oscillation(t, STIFFNESS + step) - oscillation(t, STIFFNESS - step)) / 2
    assert slide_of(moved) - slide_of(solved) == pytest.approx(expected, abs=1e-3 * np.abs(expected).max())


def test_what_is_prescribed_is_followed_far() -> None:
    """The motion is proportional to what the mass is pulled by; ``reach`` goes beyond the other problem."""
    asked = on_spring()
    solved = answer(asked)
    moved = predicted(asked, solved, on_spring(pulled=1.5 * PULLED), reach=2.0)
    assert slide_of(moved) == pytest.approx(2.0 * slide_of(solved), abs=1e-5)


def test_a_limit_that_binds_binds_as_it_moves() -> None:
    asked = replace(there_and_back(motion=1.0, torque=1e-6), drive=Drive(limit={"slide": 6.0}))
    other = replace(asked, drive=Drive(limit={"slide": 5.97}))
    solved, exact = answer(asked), answer(other)
    moved = predicted(asked, solved, other)
    force = [REDUCED * np.abs(at_points(s.gaits[0], 2)["slide"]).max() for s in (solved, moved, exact)]
    assert force == pytest.approx([6.0, 5.97, 5.97], rel=1e-4)
    change = slide_of(exact) - slide_of(solved)
    assert slide_of(moved) - slide_of(solved) == pytest.approx(change, abs=0.05 * np.abs(change).max())
