"""Angles of one joint on six levels: the thorax stays where the one joint has it."""

from __future__ import annotations

import numpy as np
import pytest
from strides import Runner

from footstrike.lumbar.one_joint import THORAX, _places, on_six_levels

ANGLES = np.deg2rad([[0.0, -15.0, 5.0, -8.0], [0.0, 0.0, 12.0, -10.0], [0.0, 0.0, -6.0, 15.0]])


def test_upright_stays_upright(runner: Runner) -> None:
    np.testing.assert_allclose(on_six_levels(runner.description, ANGLES[:, :1]), 0.0, atol=1e-9)


def test_the_thorax_is_nearer_to_where_one_joint_has_it_than_with_the_same_angles(runner: Runner) -> None:
    from scipy.spatial.transform import Rotation

    d = runner.description
    back = d.markers["back"][1]
    turned = Rotation.from_euler("ZXY", ANGLES.T).as_matrix()
    standing = _places(d, np.zeros((3, 1))).reshape(len(THORAX), 3)
    wanted = np.concatenate([(turned @ (p - back) + back).T for p in standing])
    held = np.abs(_places(d, on_six_levels(d, ANGLES)) - wanted).max(axis=0)
    same = np.abs(_places(d, ANGLES) - wanted).max(axis=0)
    assert (held[1:] < 0.6 * same[1:]).all()
    assert held.max() < 0.015


@pytest.mark.parametrize("axis", [0, 1])
def test_six_levels_must_bend_further_than_one_joint(runner: Runner, axis: int) -> None:
    angles = np.zeros((3, 1))
    angles[axis] = 0.2
    assert 1.03 < on_six_levels(runner.description, angles)[axis, 0] / 0.2 < 1.35
