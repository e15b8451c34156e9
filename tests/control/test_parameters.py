"""Physical numbers are parameters: one set of derivatives serves every runner of the same structure."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from native import run_native
from toy_leg import leg
from trolley import NOTHING, answer, masses, problem

from footstrike.control.problem import Drive, Spring, TrackProblem

OTHER: dict[str, Any] = {"length": 0.47, "mass": 4.1, "strength": 1300.0, "stiffness": 1.2e6}


def of(asked: TrackProblem) -> tuple[dict[str, float], bytes]:
    found: tuple[dict[str, float], bytes] = run_native("casadi_side.parameters_of", asked)
    return found


def test_parameters_have_names_and_values() -> None:
    values, _ = of(leg())
    expected = {
        "gravity.y": -9.81,
        "body.shank.mass": 0.9,
        "body.thigh.inertia.xy": 0.6 * 3.0 * 0.16 * 0.01,
        "joint.knee_r.parent_pose.p.y": -0.4,
        "joint.knee_r.axes.0.function.coefficients.2": 0.008,
        "joint.weld.parent_pose.R.zx": -0.8,
        "sphere.toe_r.stiffness": 1e6,
        "sphere.toe_r.location.x": 0.12,
        "muscle.back_r.pennation": 0.2,
        "muscle.front_r.max_isometric_force": 1000.0,
        "path.back_r.coefficients.1": -0.04,
        "cost.front_r": 2.0,
        "scale.knee_angle_r": 1.5,
        "spring.knee_angle_r.damping": 0.1,
    }
    assert {name: values.get(name) for name in expected} == pytest.approx(expected)
    constants = {"body.thigh.com.z", "muscle.front_r.pennation", "joint.root.axes.0.function.coefficients.1"}
    assert not constants & values.keys()
    assert not any(name.startswith("joint.root") for name in values)


def test_another_size_strength_and_contact_is_the_same_structure() -> None:
    (values, structure), (others, other) = of(leg()), of(leg(**OTHER))
    assert structure == other
    assert list(values) == list(others)
    assert values != others


@pytest.mark.parametrize(
    "change",
    [
        lambda p: replace(p, description=replace(p.description, gravity=np.array([0.1, -9.81, 0.0]))),
        lambda p: replace(p, drive=replace(p.drive, muscles=(replace(p.drive.muscles[0], pennation=0.1), *p.drive.muscles[1:]))),
        lambda p: replace(p, drive=replace(p.drive, compliant=())),
        lambda p: replace(p, drive=replace(p.drive, tissue=False)),
        lambda p: replace(p, drive=replace(p.drive, springs={})),
        lambda p: replace(p, description=replace(p.description, spheres=p.description.spheres[:1])),
        lambda p: replace(p, objective=replace(p.objective, terms=p.objective.terms[1:])),
    ],
    ids=["zero of gravity", "zero of pennation", "stiff tendon", "tissue", "spring", "sphere", "term"],
)  # fmt: skip
def test_a_zero_or_a_part_that_differs_is_another_structure(change: Any) -> None:
    assert of(leg())[1] != of(change(leg()))[1]


def test_derivatives_made_for_another_runner_are_the_runners_own() -> None:
    own, _ = run_native("casadi_side.point_derivatives", leg(), None)
    by_others, _ = run_native("casadi_side.point_derivatives", leg(), leg(**OTHER))
    assert len(own) == len(by_others)
    for mine, found in zip(own, by_others, strict=True):
        assert np.abs(mine).max() > 0.0
        np.testing.assert_allclose(found, mine, rtol=1e-9, atol=1e-12 * np.abs(mine).max())
    different, _ = run_native("casadi_side.point_derivatives", leg(**OTHER), leg())
    assert not np.allclose(different[0], own[0], rtol=1e-3)


def test_parameters_add_few_operations() -> None:
    """Independent of the machine: what depends on parameters alone is not computed at every point."""
    _, numbers = run_native("casadi_side.point_derivatives", leg(), None)
    _, symbols = run_native("casadi_side.point_derivatives", leg(), leg())
    for most, found in zip(numbers, symbols, strict=True):
        assert found <= 1.1 * most


def test_another_runner_solves_without_a_new_differentiation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTSTRIKE_CACHE", str(tmp_path))
    time = np.linspace(0.0, 1.0, 1001)
    asked = replace(
        problem(slide=0.1 * np.sin(2 * np.pi * time)),
        objective=NOTHING.weighted(motion=1.0, torque=1e-2),
        drive=Drive(springs={"slide": Spring(20.0, 1.0)}),
    )
    first, *bodies = masses().bodies
    heavier = replace(
        asked,
        description=replace(masses(), bodies=(replace(first, mass=2 * first.mass), *bodies)),
        drive=Drive(springs={"slide": Spring(30.0, 2.0)}),
    )
    alone = answer(heavier)
    for file in (tmp_path / "functions").iterdir():
        file.unlink()
    assert not answer(asked).derivatives_cached
    again = answer(heavier)
    assert again.derivatives_cached
    np.testing.assert_allclose(again.gaits[0].coefficients, alone.gaits[0].coefficients, atol=1e-9)
    assert len(list((tmp_path / "functions").iterdir())) == 1
