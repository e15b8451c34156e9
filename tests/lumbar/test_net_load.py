"""The net load at L5/S1 against weights, Newton, and OpenSim."""

from __future__ import annotations

import numpy as np
import pytest
from strides import Runner

from footstrike.dynamics.rigid_body import Force, Motion, Tree, stack, stack_matrix
from footstrike.lumbar.net_load import PELVIS, THORAX, joint_axes, net_load
from footstrike.model.description import Array, Body
from footstrike.workers.client import Worker


def loads(tree: Tree, motion: Motion, frames: int, forces: tuple[Force, ...] = ()) -> tuple[Array, Array]:
    force, moment = net_load(tree, motion, tree.wrenches(motion, forces))
    return stack(force, frames), stack(moment, frames)


def above(tree: Tree) -> list[Body]:
    """Bodies that L5/S1 carries."""
    joint = next(j for j in tree.description.joints if j.name == "L5S1")
    carried = tree.children()[tree.placement[joint.child].node]
    return [b for b in tree.description.bodies if tree.placement[b.name].node in carried]


def axes(tree: Tree, motion: Motion, frames: int) -> Array:
    """(T, 3, 3), one axis in each row."""
    both = (tree.orientation(motion, body) for body in (PELVIS, THORAX))
    return np.stack([stack(axis, frames) for axis in joint_axes(*both)], axis=1)


def posed(runner: Runner, **angles: float) -> tuple[Tree, Motion]:
    tree = Tree(runner.description)
    return tree, tree.motion(dict.fromkeys(runner.description.coordinate_names, 0.0) | angles)


@pytest.mark.parametrize(
    "pose",
    [
        {},
        {"pelvis_tilt": -0.5},
        {"lumbar_extension": -0.6},
        {"lumbar_bending": 0.3, "arm_flex_r": 1.5, "pelvis_rotation": 0.7},
        {"pelvis_list": 0.2, "lumbar_rotation": 0.4, "arm_add_l": -1.2},
    ],
    ids=["upright", "bent at the hips", "bent at the spine", "bent sideways", "leaning and turned"],
)
def test_in_a_pose_the_moment_is_weight_times_arm(runner: Runner, pose: dict[str, float]) -> None:
    tree, motion = posed(runner, **pose)
    force, moment = loads(tree, motion, 1)
    body, place = runner.description.markers["back"]
    centre = np.array(tree.position(motion, body, place.tolist()))
    needed, weight = np.zeros(3), np.zeros(3)
    for body in above(tree):
        arm = np.array(tree.position(motion, body.name, body.com.tolist())) - centre
        weight += body.mass * runner.description.gravity
        needed -= np.cross(arm, body.mass * runner.description.gravity)
    np.testing.assert_allclose(force[0], -weight, atol=1e-9)
    np.testing.assert_allclose(moment[0], axes(tree, motion, 1)[0] @ needed, atol=1e-9)


def test_a_trunk_that_leans_forward_needs_extension_and_one_that_bends_right_a_moment_to_the_left(
    runner: Runner,
) -> None:
    tree, motion = posed(runner, lumbar_extension=-0.5)
    assert loads(tree, motion, 1)[1][0, 0] > 20.0
    tree, motion = posed(runner, lumbar_bending=0.3)
    _, moment = loads(tree, motion, 1)
    assert moment[0, 1] < -10.0


@pytest.mark.parametrize(
    ("name", "index"), [("lumbar_extension", 0), ("lumbar_bending", 1), ("lumbar_rotation", 2)]
)
def test_a_moment_is_positive_where_it_speeds_the_trunk_up_that_way(
    runner: Runner, name: str, index: int
) -> None:
    names = runner.description.coordinate_names
    still = dict.fromkeys(names, 0.0)
    tree = Tree(runner.description)
    at_rest = loads(tree, tree.motion(still), 1)[1][0]
    faster = loads(tree, tree.motion(still, still, still | {name: 10.0}), 1)[1][0]
    assert faster[index] - at_rest[index] > 1.0


def test_the_force_is_what_newton_asks_for(runner: Runner) -> None:
    tree, motion = runner.moving()
    force, _ = loads(tree, motion, runner.frames)
    gravity = runner.description.gravity
    needed = sum(
        b.mass * (stack(tree.acceleration(motion, b.name, b.com.tolist()), runner.frames) - gravity)
        for b in above(tree)
    )
    np.testing.assert_allclose(force, needed, atol=1e-7)


def test_what_the_ground_does_to_the_legs_is_no_part_of_it(runner: Runner) -> None:
    tree, motion = runner.moving()
    push = Force("calcn_r", [0.05, 0.0, 0.0], [50.0, 900.0, 20.0])
    for with_ground, without in zip(
        loads(tree, motion, runner.frames, (push,)), loads(tree, motion, runner.frames), strict=True
    ):
        np.testing.assert_array_equal(with_ground, without)


def test_a_symmetric_stride_is_mirrored_half_a_stride_later(runner: Runner) -> None:
    tree, motion = runner.moving()
    for load, sign in zip(loads(tree, motion, runner.frames), ([1, 1, -1], [1, -1, -1]), strict=True):
        np.testing.assert_allclose(np.roll(load, runner.frames // 2, axis=0), load * sign, atol=1e-6)


def test_it_is_opensims_joint_reaction_without_muscles(runner: Runner, worker: Worker) -> None:
    """Motion of a stride, forces and moments of whatever moves the joint, couplers and actuators alike."""
    some = slice(None, None, 8)
    rows = [runner.rows(series)[some] for series in (runner.q, runner.qd, runner.qdd)]
    names = runner.description.coordinate_names
    theirs = worker.call("muscle_driven_reactions", runner.text, names, *rows, {}, ["L5S1"])[:, 0]
    tree, motion = runner.moving()
    force, moment = (load[some] for load in loads(tree, motion, runner.frames))
    joint = next(j for j in runner.description.joints if j.name == "L5S1")
    body, place = runner.description.markers["back"]
    back = stack(tree.position(motion, body, place.tolist()), runner.frames)
    centre = stack(tree.position(motion, joint.child, joint.child_pose.p.tolist()), runner.frames)
    about = theirs[:, 3:] + np.cross((centre - back)[some], theirs[:, :3])
    along = np.einsum("tij,tj->ti", axes(tree, motion, runner.frames)[some], about)
    np.testing.assert_allclose(force, theirs[:, :3], atol=1e-6 * runner.weight)
    np.testing.assert_allclose(moment, along, atol=1e-5 * np.abs(moment).max())


def test_axes_are_those_of_the_joint_coordinates(runner: Runner) -> None:
    """Relative to the pelvis, the thorax turns about the first, second and third axis as the three angles rise."""
    tree, motion = runner.moving()
    turned = axes(tree, motion, runner.frames)
    pelvis, thorax = (stack_matrix(tree.orientation(motion, b), runner.frames) for b in (PELVIS, THORAX))
    np.testing.assert_allclose(turned[:, 0], pelvis[:, :, 2], atol=1e-12)
    np.testing.assert_allclose(turned[:, 2], thorax[:, :, 1], atol=1e-12)
    np.testing.assert_allclose(np.linalg.norm(turned, axis=2), 1.0, atol=1e-12)
    assert np.abs(np.einsum("ti,ti->t", turned[:, 1], turned[:, 0])).max() < 1e-12
    assert np.abs(np.einsum("ti,ti->t", turned[:, 1], turned[:, 2])).max() < 1e-12
    assert turned[:, 1, 0].min() > 0.7
