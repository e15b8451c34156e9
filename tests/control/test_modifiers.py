"""What is asked of a gait: limits, how the reference moves along, what is constrained."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from strides import Runner
from trolley import AT_REST, NOTHING, masses, problem, solved

from footstrike.control.modifiers import (
    MODIFIERS,
    ArmSwing,
    Cadence,
    FootStrikeAngle,
    Rotation,
    StepLength,
    TrunkLean,
    VerticalOscillation,
    modifier,
    recorded,
)
from footstrike.control.problem import Event, TrackProblem, default_breaks
from footstrike.control.reference import THORAX_TILT, Average, Reference, step_reference, stride_reference
from footstrike.dynamics.foot import foot_pitch
from footstrike.dynamics.rigid_body import Tree
from footstrike.errors import InputError
from footstrike.gait.targets import target
from footstrike.outcomes.registry import known_metrics
from footstrike.simulation.request import Request

CONTACTS = {"r": 0.12}
AIM = target("rearfoot", 3.5)
STEP = TrackProblem(masses(), (step_reference(AIM),), default_breaks())
STRIDE = replace(STEP, references=(stride_reference(AIM),), ends="periodic")


def moved(asked: TrackProblem) -> Reference:
    (reference,) = asked.references
    return reference


def mean(reference: Reference, curve: np.ndarray) -> float:
    return float(np.trapezoid(curve, reference.phase))


@pytest.mark.parametrize("kind", MODIFIERS.values(), ids=list(MODIFIERS))
def test_a_value_out_of_range_names_field_value_and_limits(kind) -> None:
    kind(kind.least), kind(kind.most)
    for value in (kind.least - 1.0, kind.most + 1.0, float("nan")):
        with pytest.raises(InputError, match=f"{kind.name} .*allowed: a number from {kind.least:g}"):
            kind(value)


def test_what_says_how_far_it_was_met_is_a_metric() -> None:
    assert {kind.metric for kind in MODIFIERS.values() if kind.metric} <= set(known_metrics())


def test_a_run_records_every_modifier_and_which_were_asked() -> None:
    request = Request.of(strike="rearfoot", rotation=0.0, trunk_lean=5.0)
    recorded_in = request.specification()
    assert {kind.key() for kind in MODIFIERS.values()} <= set(recorded_in)
    assert set(recorded(recorded_in)) == set(request.modifiers) == {Rotation(0.0), TrunkLean(5.0)}


def test_an_unknown_name_gets_the_nearest_one() -> None:
    with pytest.raises(InputError, match="did you mean 'trunk_lean'"):
        modifier("trunk_leen", 5.0)


@pytest.mark.parametrize("before", [STEP, STRIDE], ids=["half a stride", "a stride"])
def test_steps_of_a_length_and_of_a_cadence_take_the_same_time(before: TrackProblem) -> None:
    by_length = moved(StepLength(1.2).applied(before, CONTACTS)).duration
    by_cadence = moved(Cadence(60 * 3.5 / 1.2).applied(before, CONTACTS)).duration
    assert by_length == pytest.approx(by_cadence, rel=1e-12)
    assert by_length == pytest.approx((1.2 / 3.5) * (1 if before is STEP else 2), rel=1e-12)


def test_lean_is_held_as_a_mean_and_taken_by_the_spine() -> None:
    reference = moved(
        TrunkLean(20.0).applied(replace(STEP, references=(replace(moved(STEP), averages=()),)), CONTACTS)
    )
    tilt = sum(mean(reference, reference.coordinates[name]) for name in THORAX_TILT)
    assert np.degrees(tilt) == pytest.approx(-20.0, abs=0.05)
    (average,) = reference.averages
    assert (average.names, average.value) == (THORAX_TILT, pytest.approx(-np.radians(20.0)))
    assert np.array_equal(reference.coordinates["pelvis_tilt"], moved(STEP).coordinates["pelvis_tilt"])


@pytest.mark.parametrize("kind", [Rotation, ArmSwing, VerticalOscillation])
@pytest.mark.parametrize("before", [STEP, STRIDE], ids=["half a stride", "a stride"])
@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_the_moved_reference_has_the_amplitude_that_is_held(kind, before, share: float) -> None:
    amplitude = kind.least + share * (kind.most - kind.least)
    old, new = moved(before), moved(kind(amplitude).applied(before, CONTACTS))
    for average in new.averages[len(old.averages) :]:
        found = sum(
            mean(new, shape * new.coordinates[name])
            for name, shape in zip(average.names, average.shapes, strict=True)
        )
        assert found == pytest.approx(average.value, abs=1e-12)
        for name in average.names:
            swing = np.ptp(old.coordinates[name])
            assert np.ptp(new.coordinates[name]) == pytest.approx(amplitude * swing, abs=1e-12)
    untouched = set(old.coordinates) - {n for a in new.averages[len(old.averages) :] for n in a.names}
    assert all(np.array_equal(old.coordinates[n], new.coordinates[n]) for n in untouched)


def test_amplitude_one_changes_nothing() -> None:
    new = moved(Rotation(1.0).applied(STEP, CONTACTS))
    for name, curve in moved(STEP).coordinates.items():
        assert new.coordinates[name] == pytest.approx(curve, abs=1e-12)


def test_a_foot_strike_angle_takes_the_place_of_the_strikes_range(runner: Runner) -> None:
    """The foot of the reference is at that angle when it lands, and as before half a step later."""
    landing = Event("vertical_force", "r", 0.12, 0.07, 0.07)
    before = replace(
        STEP,
        description=runner.description,
        events=(landing, Event("foot_pitch", "r", 0.12, 0.1, np.inf)),
    )
    after = FootStrikeAngle(17.2).applied(before, CONTACTS)
    first, angle = after.events
    assert first is landing
    tree = Tree(runner.description)

    def pitch(problem: TrackProblem, phase: float) -> float:
        (reference,) = problem.references
        at = {n: np.interp([phase], reference.phase, c) for n, c in reference.coordinates.items()}
        return float(np.degrees(np.ravel(foot_pitch(tree, tree.motion(at), "r"))[0]))

    assert pitch(after, CONTACTS["r"]) == pytest.approx(15.1, abs=0.3)
    assert pitch(after, 0.6) == pytest.approx(pitch(before, 0.6), abs=0.05)
    assert (
        np.degrees(angle.low) == np.degrees(angle.high) == pytest.approx(15.1)
    )  # experiments/targets/foot_strike.csv


def test_an_average_is_held_by_a_solve() -> None:
    """Of a mass that would rather stay: its mean, and its projection on a wave."""
    wave = np.sin(2 * np.pi * np.linspace(0.0, 1.0, 1001))
    asked = problem()
    (reference,) = asked.references
    held = (Average(("slide",), 0.05), Average(("slide",), 0.02, (wave,)))
    gait = solved(
        replace(
            asked,
            references=(replace(reference, averages=held),),
            objective=NOTHING.weighted(motion=1.0, torque=1e-3),
            prescribed=AT_REST[:2],
        )
    )
    phase = np.linspace(0.0, 1.0, 1001)
    slide = gait.basis.matrix(phase) @ gait.coefficients[:, gait.names.index("slide")]
    assert np.trapezoid(slide, phase) == pytest.approx(0.05, abs=1e-5)
    assert np.trapezoid(slide * wave, phase) == pytest.approx(0.02, abs=1e-5)
