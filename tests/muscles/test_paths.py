from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from strides import Runner

from footstrike.dynamics.rigid_body import Tree
from footstrike.errors import ModelError
from footstrike.muscles.paths import PathGeometry, path_geometry
from footstrike.muscles.strength import strength
from footstrike.workers.client import Worker

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
    tension = np.random.default_rng(0).uniform(0, 1000, ours.length.shape)
    carried = ours.pull(tension)
    tree = ours.nodes.tree
    roots = [k for k, node in enumerate(tree.nodes) if node.parent < 0]
    np.testing.assert_allclose(carried[:, [*roots, -1]].sum(axis=1), 0.0, atol=1e-8)


def test_paths_sampled_from_opensim_are_the_straight_ones(runner: Runner, worker: Worker) -> None:
    ours = geometry(runner)
    d = runner.description
    some, wanted = [0, 17], [m.name for m in d.muscles[::5]]
    paths = worker.call("muscle_paths", runner.text, d.coordinate_names, runner.rows(runner.q)[some], wanted)
    tree = Tree(d)
    parts = ({n: v[some] for n, v in series.items()} for series in (runner.q, runner.qd))
    mixed = path_geometry(tree, tree.motion(*parts), len(some), d.muscles, paths)
    np.testing.assert_allclose(mixed.length, ours.length[some], atol=1e-12)
    np.testing.assert_allclose(mixed.velocity, ours.velocity[some], atol=1e-10)
    np.testing.assert_allclose(mixed.moment_arms(SOME), ours.moment_arms(SOME)[some], atol=1e-11)


def test_a_muscle_without_a_path_is_refused(runner: Runner) -> None:
    tree, motion = runner.moving()
    bent = replace(runner.description.muscles[0], path=())
    with pytest.raises(ModelError, match=bent.name):
        path_geometry(tree, motion, runner.frames, [bent])
