"""What a tracking problem can ask for, on two masses in a row whose motion is known: nothing pushes the first one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from trolley import (
    AT_REST,
    FIRST,
    NOTHING,
    REDUCED,
    SECOND,
    answer,
    at_points,
    problem,
    solved,
    there_and_back,
)

from footstrike.control.passive_moments import passive_moment, passive_torque
from footstrike.control.problem import Drive, Prescribed, Spring


def test_a_mass_on_a_spring_oscillates_by_itself() -> None:
    stiffness, damping, pulled = 27.0, 1.5, 0.1
    asked = replace(
        problem(),
        objective=NOTHING.weighted(torque=1.0),
        drive=Drive(springs={"slide": Spring(stiffness, damping)}),
        prescribed=(*AT_REST[:2], Prescribed("slide", 0.0, pulled), AT_REST[3]),
    )
    gait = solved(asked)
    t, slide = gait.basis.points, at_points(gait)["slide"]
    decay = damping / REDUCED / 2
    turn = np.sqrt(stiffness / REDUCED - decay**2)
    expected = pulled * np.exp(-decay * t) * (np.cos(turn * t) + decay / turn * np.sin(turn * t))
    assert slide == pytest.approx(expected, abs=1e-4 * pulled)
    momentum = (FIRST + SECOND) * at_points(gait, 1)["pelvis_tx"] + SECOND * at_points(gait, 1)["slide"]
    assert np.abs(momentum).max() < 1e-5


def test_rates_are_tracked() -> None:
    time = np.linspace(0.0, 1.0, 1001)
    asked = replace(problem(rate=np.sin(4 * time)), objective=NOTHING.weighted(rate=1.0), prescribed=AT_REST)
    gait = solved(asked)
    points = gait.basis.points
    assert at_points(gait, 1)["slide"] == pytest.approx(np.sin(4 * points), abs=1e-4)
    assert at_points(gait)["slide"] == pytest.approx((1 - np.cos(4 * points)) / 4, abs=1e-4)


def test_an_actuator_obeys_its_limit() -> None:
    asked = there_and_back(motion=1.0, torque=1e-6)
    free, limited = solved(asked), solved(replace(asked, drive=Drive(limit={"slide": 6.0})))
    force = [REDUCED * np.abs(at_points(gait, 2)["slide"]).max() for gait in (free, limited)]
    assert force[0] > 7.0
    assert force[1] == pytest.approx(6.0, rel=1e-3)


def test_effort_counts_by_its_scale() -> None:
    asked = there_and_back(motion=1.0, torque=1e-2)
    weak, strong = (
        np.ptp(at_points(solved(replace(asked, drive=Drive(scale={"slide": s}))))["slide"])
        for s in (1.0, 100.0)
    )
    assert weak < 0.5 < strong


def test_a_range_is_kept_at_the_points() -> None:
    time = np.linspace(0.0, 1.0, 1001)
    asked = replace(
        problem(slide=0.2 * np.sin(2 * np.pi * time)),
        objective=NOTHING.weighted(motion=1.0, torque=1e-6),
        ranges={"slide": (-1.0, 0.1)},
    )
    slide = at_points(solved(asked))["slide"]
    assert slide.max() == pytest.approx(0.1, abs=1e-4)
    assert slide.min() == pytest.approx(-0.2, abs=0.01)


def test_a_cycle_may_close_anywhere_ahead_and_start_within_some_room() -> None:
    time = np.linspace(0.0, 1.0, 1001)
    asked = replace(
        problem("periodic", trolley=0.5 + 1.2 * time, slide=0.1 * np.sin(2 * np.pi * time)),
        objective=NOTHING.weighted(motion=1.0, torque=1e-6),
        prescribed=(Prescribed("pelvis_tx", 0.0, 0.3, 0.1), Prescribed("slide", 0.0, 0.5, 0.3, rate=True)),
    )
    gait = solved(asked)
    first, last = (gait.basis.matrix(np.array([p])) @ gait.coefficients for p in (0.0, 1.0))
    moved = dict(zip(gait.names, (last - first)[0], strict=True))
    assert moved["slide"] == pytest.approx(0.0, abs=1e-9)
    assert moved["pelvis_tx"] == pytest.approx(1.2, abs=0.05)
    start = dict(zip(gait.names, first[0], strict=True))
    assert start["pelvis_tx"] == pytest.approx(0.4, abs=1e-3)  # as far as its room lets it
    rate = (gait.basis.matrix(np.zeros(1), 1) @ gait.coefficients)[0, gait.names.index("slide")]
    assert 0.2 - 1e-6 <= rate <= 0.8 + 1e-6


def test_tissue_and_springs_add_up_where_muscles_act() -> None:
    drive = Drive(balanced=("knee_angle_r",), springs={"knee_angle_r": Spring(2.0, 3.0)})
    tissue = passive_moment("knee_angle_r", -0.5)
    assert passive_torque(drive, "knee_angle_r", -0.5, 0.1) == pytest.approx(tissue + 1.0 - 0.3)
    assert passive_torque(replace(drive, tissue=False), "knee_angle_r", -0.5, 0.1) == pytest.approx(0.7)
    assert passive_torque(drive, "knee_angle_l", -0.5, 0.1) == 0.0
    assert drive.actuators.springs == drive.springs
    assert not drive.actuators.balanced


def test_cached_derivatives_solve_alike_and_damaged_ones_are_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTSTRIKE_CACHE", str(tmp_path))
    time = np.linspace(0.0, 1.0, 1001)
    asked = replace(
        problem(slide=0.1 * np.sin(2 * np.pi * time)), objective=NOTHING.weighted(motion=1.0, torque=1e-6)
    )
    first, second = answer(asked), answer(asked)
    assert [s.derivatives_cached for s in (first, second)] == [False, True]
    assert np.array_equal(first.gaits[0].coefficients, second.gaits[0].coefficients)
    for file in (tmp_path / "functions").iterdir():
        file.write_bytes(file.read_bytes()[:-100])
    assert not answer(asked).derivatives_cached
    assert answer(asked).derivatives_cached
