from __future__ import annotations

import numpy as np
import pytest

from footstrike.model.description import Description
from footstrike.model.rows import LEVELS
from footstrike.model.subject import Subject
from footstrike.model.tables import carried_tables
from footstrike.workers.client import Worker

FREE = [
    *(f"pelvis_{n}" for n in ("tilt", "list", "rotation", "tx", "ty", "tz")),
    *(
        f"{n}_{side}"
        for side in "rl"
        for n in (
            "hip_flexion",
            "hip_adduction",
            "hip_rotation",
            "knee_angle",
            "ankle_angle",
            "subtalar_angle",
            "mtp_angle",
        )
    ),
    "lumbar_extension",
    "lumbar_bending",
    "lumbar_rotation",
    *(f"{n}_{side}" for side in "rl" for n in ("arm_flex", "arm_add", "arm_rot", "elbow_flex")),
]


@pytest.fixture(scope="module")
def reduced(worker: Worker) -> Description:
    described: Description = worker.call("describe", worker.call("build_runner", Subject(legs="none")))
    return described


def test_free_coordinates_are_the_agreed_ones(reduced: Description) -> None:
    assert sorted(reduced.coordinate_names) == sorted(FREE)
    assert reduced.warnings == ()


def test_lumbar_joints_carry_their_names_and_order(reduced: Description) -> None:
    names = [j.name for j in reduced.joints if j.name in LEVELS]
    assert names == list(LEVELS)


def test_mass_and_inertia_survive(reduced: Description) -> None:
    assert reduced.mass == pytest.approx(sum(b.mass for b in carried_tables().bodies), abs=1e-6)
    for body in reduced.bodies:
        moments = np.linalg.eigvalsh(body.inertia)
        assert moments[0] > 0.0
        assert moments[2] <= (moments[0] + moments[1]) * (1 + 1e-6), body.name


@pytest.mark.parametrize(("rhythm", "trunk"), [("christophy", "full"), ("lfb", "reduced")])
def test_other_choices_load_too(worker: Worker, rhythm: str, trunk: str) -> None:
    text = worker.call("build_runner", Subject(rhythm=rhythm, trunk=trunk, legs="none"))
    described: Description = worker.call("describe", text)
    assert sorted(described.coordinate_names) == sorted(FREE)
    assert len(described.muscles) == len(carried_tables().fascicles[trunk])
    assert described.warnings == ()


def test_feet_and_ground_touch(reduced: Description) -> None:
    assert {s.name for s in reduced.spheres} == {
        f"{n}_{side}" for n in ("heel", "midfoot", "met1", "met5", "toe") for side in "rl"
    }


def test_building_twice_gives_the_same_text(worker: Worker) -> None:
    assert worker.call("build_runner", Subject(legs="none")) == worker.call(
        "build_runner", Subject(legs="none")
    )
