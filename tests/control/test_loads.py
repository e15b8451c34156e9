"""Loads as variables of a point: their numbers are the outcomes', their derivatives exact, their peak a bound, a limit's price right."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from native import run_native
from trolley import NOTHING, SECOND, answer, lift

from footstrike.control.aims import Aim, Choice
from footstrike.control.drive import drive_of
from footstrike.control.goals import goal, loads_of
from footstrike.control.load_maker import LoadMaker
from footstrike.control.point_loads import BoneForce
from footstrike.control.problem import Prescribed, TrackProblem, default_breaks
from footstrike.control.reference import step_reference
from footstrike.control.sample import BEFORE_CONTACT, at_collocation_points, frames
from footstrike.control.solution import Solution
from footstrike.control.start import with_shared_load
from footstrike.control.terms import NEAREST, Aims, Objective, Size, Smoothness
from footstrike.gait.targets import target
from footstrike.lumbar.loads import lumbar_loads
from footstrike.model.measured import MeasuredMuscles
from footstrike.model.subject import SIMULATED
from footstrike.muscles.load_sharing import Given
from footstrike.outcomes.joint_contact import joint_contact
from footstrike.outcomes.muscle_state import muscle_state
from footstrike.runs import assemble
from footstrike.simulation.problems import Model, muscle_paths, runner
from footstrike.workers.client import opensim_worker

SPEED = 3.0
GOALS = (
    "peak_compression",
    "peak_shear",
    "peak_resultant.L4L5",
    "knee_force",
    "achilles_force",
    "metabolic_cost",
)


def measure(model: Model) -> Any:
    return lambda names, q, muscles: opensim_worker().call("muscle_paths", model.osim, names, q, muscles)


@pytest.fixture(scope="module")
def model() -> Model:
    return runner(SIMULATED)


@pytest.fixture(scope="module")
def make(model: Model) -> LoadMaker:
    bare = LoadMaker(model.description, drive_of(model.description, muscle_paths(model)), SPEED)
    return bare.with_pulls(loads_of(map(goal, GOALS), bare), measure(model))


@pytest.fixture(scope="module")
def gait(model: Model, make: LoadMaker) -> tuple[TrackProblem, Any]:
    """A gait that nobody solved, its moments shared out over the muscles."""
    loads = loads_of(map(goal, GOALS), make)
    reference = step_reference(target("rearfoot", SPEED))
    problem = TrackProblem(model.description, (reference,), default_breaks(30), drive=make.drive, loads=loads)
    return problem, with_shared_load(problem, run_native("casadi_side.nearest_gait", problem))


@pytest.fixture(scope="module")
def outcomes(model: Model, gait: tuple[TrackProblem, Any]) -> dict[str, Any]:
    """The same loads as a run has them, body weights, at the collocation points."""
    problem, solved = gait
    d, motion = model.description, at_collocation_points(solved, SPEED)
    time = (solved.basis.points - BEFORE_CONTACT[solved.ends]) * solved.duration
    bent = [m.name for m in problem.drive.muscles if not m.path]
    names = d.coordinate_names
    sampled = measure(model)(names, frames(motion.q, names), bent)
    mechanics = assemble.mechanics(d, d.spheres, motion)
    state = muscle_state(problem.drive, solved, d, motion, time, sampled)
    given = Given(state.names, state.activations, state.tension)
    moving = (d, motion.q, motion.qd, motion.qdd, mechanics.contact)
    spine = lumbar_loads(*moving, given=given, measured=MeasuredMuscles(sampled)).lumbar
    legs = joint_contact(*moving, state.names, state.tension, sampled)
    calf = [m.group in ("soleus", "gastrocnemius") and m.name.endswith("_r") for m in problem.drive.muscles]
    of = {
        "compression L5S1": spine["L5S1"]["compression"],
        "anterior_shear L5S1": spine["L5S1"]["anterior_shear"],
        "resultant L4L5": spine["L4L5"]["resultant"],
        "knee r": -legs["knee_r"][:, 1],
        "achilles r": state.tension[:, calf].sum(axis=1),
    }
    return {name: values / assemble.weight(d) for name, values in of.items()}


@pytest.fixture(scope="module")
def loads(gait: tuple[TrackProblem, Any]) -> dict[str, Any]:
    return run_native("casadi_side.loads_at", *gait)


@pytest.mark.parametrize(
    ("name", "share"),
    [
        ("compression L5S1", 0.003),
        ("anterior_shear L5S1", 0.005),
        ("resultant L4L5", 0.003),
        ("knee r", 0.012),
        ("achilles r", 1e-9),
    ],
)
def test_a_load_is_the_outcome_of_the_same_gait(
    name: str, share: float, loads: dict[str, Any], outcomes: dict[str, Any]
) -> None:
    assert np.ptp(outcomes[name]) > 0.3
    np.testing.assert_allclose(loads[name], outcomes[name], atol=share * np.abs(outcomes[name]).max())


def test_derivatives_of_loads_are_those_of_finite_differences(model: Model, make: LoadMaker) -> None:
    names = ("soleus_r", "rect_fem_r", "PS_L5S1_1_r", "bifemlh_r")
    few = tuple(m for m in make.drive.muscles if m.name in names)
    small = replace(make.drive, muscles=few, compliant=("soleus_r",))
    loads = loads_of(map(goal, ("peak_compression", "knee_force", "metabolic_cost")), make)
    jacobian, hessian = run_native("casadi_side.muscle_derivatives", model.description, small, 4, loads)
    for exact, numeric in (jacobian, hessian):
        assert np.abs(exact).max() > 0.1
        np.testing.assert_allclose(exact, numeric, atol=2e-5 * np.abs(exact).max())


FORCE = BoneForce("force", -SECOND, of="slide", bone="mass")  # g + acceleration of the lifted mass
EFFORT = Size("torque", 1.0, "torques", per="joint")
SMOOTH = Smoothness("jerk", 1e-3)


def lifting(weight: float, most: float | None, effort: float) -> TrackProblem:
    aim = Aim("peak", "peak", ("force",), weight, most)
    objective = Objective((replace(EFFORT, weight=effort), Aims("aim", 1.0, "aims", per="one")), SMOOTH)
    return replace(lift(), loads=(FORCE,), aims=(aim,), objective=objective)


@pytest.fixture(scope="module")
def habit() -> Solution:
    return answer(replace(lift(), objective=NOTHING.weighted(torque=1.0, jerk=1e-3)))


def of(habit: Solution, problem: TrackProblem) -> Solution:
    return answer(replace(problem, habit=habit, guess=habit))


def force(solved: Solution) -> Any:
    gait = solved.gaits[0]
    return 9.8 + gait.evaluate(gait.basis.points)[2]["slide"]


def test_a_peak_is_the_largest_load_of_all_points_and_smaller_than_in_the_habit(habit: Solution) -> None:
    solved = of(habit, lifting(weight=100.0, most=None, effort=1e-3))
    assert solved.optimum is not None
    (aim,) = solved.optimum.aims
    assert aim.value == pytest.approx(force(solved).max(), rel=1e-5)
    assert aim.habitual == pytest.approx(force(habit).max(), rel=1e-5)
    assert aim.ratio < 0.85


def test_the_multiplier_of_a_limit_is_what_the_objective_gains(habit: Solution) -> None:
    step = 0.01
    less, limited, more = (of(habit, lifting(0.0, most, 1e4)) for most in (0.9 - step, 0.9, 0.9 + step))
    assert limited.optimum is not None
    (aim,) = limited.optimum.aims
    assert aim.binds
    assert aim.ratio == pytest.approx(0.9, rel=1e-4)
    slope = (less.nlp.objective - more.nlp.objective) / (2 * step * aim.habitual)
    assert aim.multiplier == pytest.approx(slope, rel=0.05)


def test_what_a_choice_does_to_the_loads_is_known_from_one_solve(habit: Solution) -> None:
    def to(height: float) -> Solution:
        lifted = Choice("height", 1.0, height, height, {}, (0.0, 0.0, 0.0, 0.0, 1.0, 0.0))
        problem = replace(lift(), loads=(FORCE,), choices=(lifted,), objective=Objective((EFFORT,), SMOOTH))
        return of(habit, problem)

    one, two = to(1.0), to(1.2)
    assert one.response is not None
    assert two.response is not None
    slope = (two.response.values - one.response.values)[:, 0] / 0.2
    assert np.ptp(slope) > 1.0
    np.testing.assert_allclose(one.response.slopes[:, 0, 0], slope, atol=0.02 * np.abs(slope).max())


def test_the_default_prescribed_end_is_reached(habit: Solution) -> None:
    end = [p for p in lift().prescribed if p.phase == 1.0 and not p.rate]
    assert end == [Prescribed("slide", 1.0, 1.0)]
    assert habit.gaits[0].evaluate(np.array([1.0]))[0]["slide"][0] == pytest.approx(1.0, abs=1e-6)


def test_nearest_and_optimal_differ_in_what_activations_count_from() -> None:
    assert [t.name for t in NEAREST.terms if isinstance(t, Size)] == []
