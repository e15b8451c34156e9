from __future__ import annotations

import numpy as np
from conftest import Runner

from footstrike.dynamics.rigid_body import Tree
from footstrike.engines.client import Worker
from footstrike.lumbar.muscle import strength
from footstrike.lumbar.paths import PathGeometry, path_geometry

SOME = ["lumbar_extension", "lumbar_bending", "lumbar_rotation", "hip_flexion_r", "arm_flex_l", "pelvis_ty"]


def geometry(runner: Runner) -> PathGeometry:
    tree, motion = runner.moving()
    return path_geometry(tree, motion, runner.frames, runner.description.muscles)


def test_lengths_speeds_and_moment_arms_are_those_of_opensim(runner: Runner, worker: Worker) -> None:
    ours = geometry(runner)
    some = [0, 13, 27]
    theirs = worker.call(
        "muscle_geometry",
        runner.text,
        runner.description.coordinate_names,
        runner.rows(runner.q)[some],
        runner.rows(runner.qd)[some],
        SOME,
    )
    np.testing.assert_allclose(ours.length[some], theirs["length"], atol=1e-12)
    np.testing.assert_allclose(ours.velocity[some], theirs["velocity"], atol=1e-11)
    np.testing.assert_allclose(ours.moment_arms(SOME)[some], theirs["moment_arm"], atol=1e-12)
    able = strength(runner.description.muscles, ours.length, ours.velocity)
    along_tendon = cosine(runner, ours) * theirs["active"]
    np.testing.assert_allclose(able.active[some], along_tendon, rtol=1e-10)


def cosine(runner: Runner, ours: PathGeometry) -> np.ndarray:
    """Of pennation; OpenSim's force for static optimisation with this muscle class is the fibre's."""
    muscles = runner.description.muscles
    able = strength(muscles, ours.length, ours.velocity)
    along = ours.length - [m.tendon_slack_length for m in muscles]
    return (along / (able.fibre_length * [m.optimal_fibre_length for m in muscles]))[[0, 13, 27]]


def test_moment_arms_are_minus_the_slope_of_length(runner: Runner) -> None:
    tree = Tree(runner.description)
    arms = geometry(runner).moment_arms(SOME)
    h = 1e-5
    for k, name in enumerate(SOME):
        lengths = []
        for sign in (1, -1):
            moved = {**runner.q, name: runner.q[name] + sign * h}
            motion = tree.motion(moved)
            lengths.append(path_geometry(tree, motion, runner.frames, runner.description.muscles).length)
        np.testing.assert_allclose(arms[..., k], -(lengths[0] - lengths[1]) / (2 * h), atol=1e-9)


def test_power_of_tension_is_that_of_its_generalised_forces(runner: Runner) -> None:
    ours = geometry(runner)
    names = runner.description.coordinate_names
    power = np.einsum("tmc,tc->tm", ours.moment_arms(names), runner.rows(runner.qd))
    np.testing.assert_allclose(ours.velocity, -power, atol=1e-12)


def test_a_muscle_pulls_with_no_net_force_or_moment(runner: Runner) -> None:
    ours = geometry(runner)
    everything = range(-1, len(ours.kinematics.tree.nodes))
    about = np.zeros((runner.frames, 3))
    np.testing.assert_allclose(ours.wrench_on(everything, about), 0.0, atol=1e-12)
