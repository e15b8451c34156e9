"""What landing belongs to which strike, and what a run says that lands otherwise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from synthetic import analytic_run

from footstrike.dynamics.rigid_body import Tree
from footstrike.gait.foot_strike import between_markers, bound, skeleton_angle
from footstrike.gait.targets import SPEED_LIMITS, target
from footstrike.model.subject import Subject
from footstrike.outcomes.strike import other_strike
from footstrike.workers.client import Worker

SPEEDS = np.linspace(*SPEED_LIMITS, 8)


def landing(skeleton: float, strike: str = "rearfoot", left: float | None = None):
    """A run whose right foot, or both, land with these angles of the skeleton, deg."""
    run = analytic_run(samples=351, strike=strike)
    pitch = {"foot_pitch_r": skeleton} | ({} if left is None else {"foot_pitch_l": left})
    return replace(run, segments={name: np.full_like(run.time, np.radians(a)) for name, a in pitch.items()})


def test_angles_between_markers_are_those_of_the_measured_groups() -> None:
    assert between_markers(skeleton_angle(target("rearfoot", 3.5))) == pytest.approx(17.2, abs=0.1)
    assert between_markers(skeleton_angle(target("forefoot", 3.5))) == pytest.approx(-1.2, abs=0.1)
    angles = np.linspace(-20.0, 30.0, 51)
    assert (np.diff([between_markers(a) for a in angles]) > 0).all()


@pytest.mark.parametrize("strike", ["rearfoot", "forefoot", "true_forefoot"])
def test_every_habitual_gait_lands_as_its_strike(strike: str) -> None:
    for speed in SPEEDS:
        aim = target(strike, float(speed))
        assert bound(aim).holds(between_markers(skeleton_angle(aim)))


def test_a_target_lands_with_the_angle_that_the_model_has_in_it(worker: Worker) -> None:
    """The sum of the joint angles is the pitch of the model's foot, but for the joints' oblique axes."""
    description = worker.call("describe", worker.call("build_runner", Subject(legs="none")))
    tree = Tree(description)
    for strike in ("rearfoot", "forefoot"):
        aim = target(strike, 3.5)
        motion = tree.motion({name: float(curve[0]) for name, curve in aim.coordinates.items()})
        (body, heel), (_, toe) = (description.markers[f"foot_{end}_r"] for end in ("heel", "toe"))
        at, standing = (
            np.array([tree.position(m, body, list(map(float, p))) for p in (heel, toe)], dtype=float)
            for m in (motion, tree.motion(dict.fromkeys(description.coordinate_names, 0.0)))
        )
        pitch = [np.degrees(np.arctan2(*(x[1] - x[0])[[1, 0]])) for x in (at, standing)]
        assert pitch[0] - pitch[1] == pytest.approx(skeleton_angle(aim), abs=1.5)


def test_a_rearfoot_gait_with_a_straight_knee_may_be_none() -> None:
    aim = {"right": target("rearfoot", 3.5)}
    words = other_strike(landing(5.0), aim)
    assert words == (
        "; but the foot lands with a foot-strike angle of 5.0 deg (4.6 between shoe markers), which is not a rearfoot "
        "landing (at least 8.0 between shoe markers)"
    )
    assert other_strike(landing(12.2), aim) == ""


def test_a_forefoot_gait_may_land_two_degrees_above_its_habit() -> None:
    aim = target("forefoot", 3.5)
    habit = skeleton_angle(aim)
    for more, said in ((-10.0, False), (0.0, False), (1.5, False), (1.8, True), (8.0, True)):
        words = other_strike(landing(habit + more, "forefoot"), {"right": aim})
        assert ("not a forefoot landing (at most 0.7" in words) is said, more


def test_each_foot_is_held_to_its_own_strike() -> None:
    aims = {"right": target("rearfoot", 3.5), "left": target("forefoot", 3.5)}
    assert other_strike(landing(12.0, left=-2.0), aims) == ""
    words = other_strike(landing(12.0, left=6.0), aims)
    assert words.startswith("; but the left foot lands")
    assert "not a forefoot landing" in words
    assert other_strike(landing(1.0, left=6.0), aims).count("; but the ") == 2


def test_a_run_without_the_angle_says_nothing() -> None:
    run = replace(landing(0.0), segments={})
    assert other_strike(run, {"right": target("rearfoot", 3.5)}) == ""
