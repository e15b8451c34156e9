"""Postures and the walking stride with which measured spines are compared."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from footstrike.claims.definitions import validation_rows
from footstrike.claims.verdicts import value_of
from footstrike.dynamics.rigid_body import Tree
from footstrike.lumbar.activities import (
    POSTURES,
    STANDARD_GRAVITY,
    STRIDE_S,
    WALKING_SPEED,
    activities,
    bent,
    periodic,
    posture_loads,
    walking_motion,
)
from footstrike.model.description import Description
from footstrike.model.rows import LEVELS
from footstrike.model.subject import Subject
from footstrike.model.tables import carried_tables
from footstrike.workers.client import Worker


@pytest.fixture(scope="module")
def described(worker: Worker) -> Description:
    answer: Description = worker.call("describe", worker.call("build_runner", Subject(legs="none")))
    return answer


def test_bending_is_shared_and_the_arms_hang() -> None:
    angles = bent(29.0).degrees
    assert angles["pelvis_tilt"] + angles["lumbar_extension"] == pytest.approx(-29.0)
    assert angles["lumbar_extension"] == pytest.approx(1.9 * angles["pelvis_tilt"])
    assert angles["arm_flex_r"] == angles["arm_flex_l"] == 29.0


def test_a_held_weight_asks_for_its_weight_times_its_distance(described: Description) -> None:
    holding = POSTURES["holding_20kg"]
    loads = [posture_loads(described, replace(holding, held=kg)).loads for kg in (0.0, holding.held)]
    tree = Tree(described)
    at = tree.motion(
        dict.fromkeys(described.coordinate_names, 0.0)
        | {name: np.deg2rad(angle) for name, angle in holding.degrees.items()}
    )
    hand = next(b for b in described.bodies if b.name == "hand_r")
    ahead = tree.position(at, hand.name, hand.com.tolist())[0]
    shares = carried_tables().rhythms["christophy"].fractions["extension"]
    lever = 0.0
    for joint in described.joints:
        if joint.name in LEVELS:
            lever += shares[joint.name] * (
                ahead - tree.position(at, joint.child, joint.child_pose.p.tolist())[0]
            )
    change = loads[1]["lumbar_extension"] - loads[0]["lumbar_extension"]
    assert change[0] == pytest.approx(holding.held * STANDARD_GRAVITY * lever, rel=1e-6)
    assert 0.2 < lever < 0.35


def test_more_bending_and_more_weight_load_more(described: Description) -> None:
    def load(posture: object) -> float:
        return float(posture_loads(described, posture).lumbar["L4L5"]["compression"][0])  # type: ignore[arg-type]

    assert load(bent(0.0)) < load(bent(15.0)) < load(bent(30.0))
    holding = POSTURES["holding_20kg"]
    assert load(replace(holding, held=0.0)) < load(replace(holding, held=10.0)) < load(holding)


def test_the_walking_stride_repeats_and_its_speeds_are_its_slopes(described: Description) -> None:
    q, qd, qdd = periodic(walking_motion(), described)
    step = STRIDE_S / len(q["pelvis_ty"])
    for name in walking_motion():
        travel = WALKING_SPEED if name == "pelvis_tx" else 0.0
        for value, rate in ((q[name], qd[name] - travel), (qd[name], qdd[name])):
            slope = (np.roll(value, -1) - np.roll(value, 1)) / (2 * step)
            assert np.abs(slope - rate).max() < 0.03 * max(np.abs(rate).max(), 0.1), name
    assert np.ptp(q["pelvis_ty"]) < 0.08
    assert np.all(q["knee_angle_r"] == 0.0)  # legs do not matter to the spine


def test_every_row_of_the_table_finds_its_value() -> None:
    found = activities()
    assert set(found) == {*POSTURES, "walking"}
    for row in validation_rows():
        if row.needs in ("posture", "walking"):
            assert isinstance(value_of(found, row.field or ""), float), row.id
