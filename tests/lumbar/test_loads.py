from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from strides import Runner
from synthetic import analytic_run

from footstrike.dynamics.rigid_body import Force, Motion, Tree, stack
from footstrike.errors import InputError, ModelError
from footstrike.lumbar.disc_stiffness import passive_moments
from footstrike.lumbar.levels import level_frames
from footstrike.lumbar.loads import LEVELS, LUMBAR, LumbarOptions, LumbarResult, lumbar_loads
from footstrike.model.description import Polynomial
from footstrike.model.measured import OptimiserSettings
from footstrike.model.sides import REVERSING
from footstrike.model.tables import carried_tables
from footstrike.muscles.paths import path_geometry
from footstrike.muscles.properties import abdominal_wall, cost_weights
from footstrike.runs.run import Run
from footstrike.workers.client import Worker


@pytest.fixture(scope="module")
def solved(runner: Runner) -> LumbarResult:
    return lumbar_loads(runner.description, runner.q, runner.qd, runner.qdd)


def pulls(runner: Runner, tree: Tree, motion: Motion, result: LumbarResult) -> list[Force]:
    """The muscles' forces as point forces, written independently of the path code."""
    out = []
    for muscle, tension in zip(runner.description.muscles, result.muscle_forces.T, strict=True):
        points = [stack(tree.position(motion, b, list(x)), runner.frames) for b, x in muscle.path]
        for k in range(len(points) - 1):
            along = points[k + 1] - points[k]
            pull = tension[:, None] * along / np.linalg.norm(along, axis=1, keepdims=True)
            for (body, x), sign in ((muscle.path[k], 1), (muscle.path[k + 1], -1)):
                out.append(Force(body, list(x), list(sign * pull.T)))
    return out


def test_shapes_are_those_of_a_run(runner: Runner, solved: LumbarResult) -> None:
    assert tuple(solved.lumbar) == LEVELS
    assert solved.activations.shape == (runner.frames, len(solved.muscle_names))
    for level in solved.lumbar.values():
        for name, values in level.items():
            assert values.shape == (runner.frames, *((3,) if name in ("force", "coupler_moment") else ()))
            assert np.isfinite(values).all(), name


def test_without_muscles_the_joint_carries_the_newton_euler_force(runner: Runner) -> None:
    bare = replace(
        runner.description,
        muscles=tuple(replace(m, max_isometric_force=1e-9) for m in runner.description.muscles),
    )
    result = lumbar_loads(bare, runner.q, runner.qd, runner.qdd)
    tree, motion = runner.moving()
    wrenches = tree.wrenches(motion)
    for frame in level_frames(tree, motion, runner.frames):
        force = stack(tree.reaction(motion, wrenches, frame.name)[0], runner.frames)
        np.testing.assert_allclose(
            result.lumbar[frame.name]["force"], np.einsum("tij,tj->ti", frame.chord, force), atol=1e-5
        )


def test_forces_and_moments_of_the_muscles_close_the_balance(runner: Runner, solved: LumbarResult) -> None:
    tree, motion = runner.moving()
    wrenches = tree.wrenches(motion, pulls(runner, tree, motion, solved))
    left = tree.generalised(motion, wrenches)
    for name in LUMBAR:
        np.testing.assert_allclose(left[name], solved.reserves[name], atol=1e-8)
    for frame in level_frames(tree, motion, runner.frames):
        force, moment = (stack(v, runner.frames) for v in tree.reaction(motion, wrenches, frame.name))
        level = solved.lumbar[frame.name]
        np.testing.assert_allclose(level["force"], np.einsum("tij,tj->ti", frame.chord, force), atol=1e-8)
        np.testing.assert_allclose(
            level["coupler_moment"], np.einsum("tij,tj->ti", frame.chord, moment), atol=1e-8
        )


def test_every_part_above_a_level_moves_as_newton_says(runner: Runner, solved: LumbarResult) -> None:
    tree, motion = runner.moving()
    d = runner.description
    pull = path_geometry(tree, motion, runner.frames, d.muscles).pull(solved.muscle_forces)
    for frame in level_frames(tree, motion, runner.frames):
        above = [b for b in d.bodies if tree.placement[b.name].node in tree.children()[frame.node]]
        needed = sum(
            b.mass * (stack(tree.acceleration(motion, b.name, list(b.com)), runner.frames) - d.gravity)
            for b in above
        )
        joint = np.einsum("tij,ti->tj", frame.chord, solved.lumbar[frame.name]["force"])
        np.testing.assert_allclose(joint + pull[:, frame.node, :3], needed, atol=1e-7)


def test_a_symmetric_stride_loads_both_steps_alike(runner: Runner, solved: LumbarResult) -> None:
    half = runner.frames // 2
    for level in solved.lumbar.values():
        for name, sign in (("force", [1, 1, -1]), ("coupler_moment", [-1, -1, 1])):
            np.testing.assert_allclose(np.roll(level[name], half, axis=0), level[name] * sign, atol=1e-6)
    names = solved.muscle_names
    mirrored = [names.index(n[:-1] + ("l" if n.endswith("r") else "r")) for n in names]
    np.testing.assert_allclose(
        np.roll(solved.activations, half, axis=0), solved.activations[:, mirrored], atol=1e-6
    )
    assert set(REVERSING) & set(runner.q)


def standing(runner: Runner, **options: Any) -> LumbarResult:
    still = {name: np.zeros(1) for name in runner.description.coordinate_names}
    return lumbar_loads(runner.description, still, still, still, options=LumbarOptions(**options))


def test_standing_upright_loads_the_spine_with_about_half_the_body_weight(runner: Runner) -> None:
    result = standing(runner)
    load = [float(result.lumbar[level]["resultant"][0]) / runner.weight for level in LEVELS]
    assert load == sorted(load, reverse=True)
    assert 0.4 < result.lumbar["L4L5"]["compression"][0] / runner.weight < 1.0
    for level in result.lumbar.values():
        assert abs(level["force"][0, 2]) < 1e-9
        assert level["inertia_share"][0] == pytest.approx(0.0, abs=1e-12)


def test_disc_and_chord_see_the_same_force(solved: LumbarResult) -> None:
    for level in solved.lumbar.values():
        along_chord = np.hypot(level["compression"], level["anterior_shear"])
        along_disc = np.hypot(level["compression_disc"], level["anterior_shear_disc"])
        np.testing.assert_allclose(along_chord, along_disc, rtol=0.05, atol=5.0)
        np.testing.assert_allclose(level["resultant"], np.linalg.norm(level["force"], axis=1))


def test_strength_changes_forces_only_where_a_bound_binds(runner: Runner) -> None:
    normal, strong = standing(runner), standing(runner, strength_factor=2.0)
    assert normal.activations.max() < 1.0
    np.testing.assert_allclose(strong.muscle_forces, normal.muscle_forces, atol=1e-2)
    np.testing.assert_allclose(2 * strong.activations, normal.activations, atol=1e-4)


def test_a_least_activation_of_the_abdominal_wall_adds_load(runner: Runner, solved: LumbarResult) -> None:
    floor = abdominal_wall(runner.description, 0.05)
    stiff = lumbar_loads(
        runner.description, runner.q, runner.qd, runner.qdd, options=LumbarOptions(floor=floor)
    )
    wall = [stiff.muscle_names.index(name) for name in floor]
    assert stiff.activations[:, wall].min() >= 0.05
    assert stiff.lumbar["L5S1"]["compression"].mean() > solved.lumbar["L5S1"]["compression"].mean()


def test_pressure_unloads_the_spine_and_pushes_nothing_else(runner: Runner, solved: LumbarResult) -> None:
    pressed = lumbar_loads(
        runner.description, runner.q, runner.qd, runner.qdd, options=LumbarOptions(pressure_pa=5000.0)
    )
    change = pressed.lumbar["T12L1"]["compression"] - solved.lumbar["T12L1"]["compression"]
    assert change.mean() < -50.0
    assert pressed.loads["lumbar_extension"].mean() != solved.loads["lumbar_extension"].mean()


def test_weights_of_the_reduced_trunk_are_those_of_the_table(runner: Runner, solved: LumbarResult) -> None:
    weights = cost_weights(runner.description)
    assert weights
    again = lumbar_loads(
        runner.description, runner.q, runner.qd, runner.qdd, options=LumbarOptions(weights=weights)
    )
    np.testing.assert_array_equal(again.activations, solved.activations)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"weights": {"psoas": 1.0}}, "psoas"),
        ({"balanced": ["lumbar_flexion"]}, "lumbar_extension"),
        ({"pressure_pa": -1.0}, "pressure"),
        ({"strength_factor": 0.0}, "strength"),
    ],
)
def test_what_cannot_be_is_refused(runner: Runner, options: dict[str, object], text: str) -> None:
    with pytest.raises(InputError, match=text):
        standing(runner, **options)


def test_a_model_without_lumbar_levels_is_refused(runner: Runner) -> None:
    joints = tuple(replace(j, name=f"joint_{j.name}") for j in runner.description.joints)
    d = replace(runner.description, joints=joints)
    with pytest.raises(ModelError, match="L5S1"):
        lumbar_loads(d, runner.q, runner.qd, runner.qdd)


def test_joint_reactions_are_those_of_opensim(runner: Runner, solved: LumbarResult, worker: Worker) -> None:
    some = [0, 9, 22, 35]
    theirs = worker.call(
        "muscle_driven_reactions",
        runner.text,
        runner.description.coordinate_names,
        *(runner.rows(series)[some] for series in (runner.q, runner.qd, runner.qdd)),
        dict(zip(solved.muscle_names, solved.muscle_forces[some].T, strict=True)),
        list(LEVELS),
    )
    tree, motion = runner.moving()
    for k, frame in enumerate(level_frames(tree, motion, runner.frames)):
        level, axes = solved.lumbar[frame.name], frame.chord[some]
        force = np.einsum("tij,tj->ti", axes, theirs[:, k, :3])
        moment = np.einsum("tij,tj->ti", axes, theirs[:, k, 3:])
        assert np.abs(level["force"][some] - force).max() < 1e-6 * runner.weight
        np.testing.assert_allclose(level["coupler_moment"][some], moment, atol=1e-4)


def test_static_optimisation_is_that_of_opensim(runner: Runner, worker: Worker) -> None:
    """A slow, small motion, so that OpenSim's optimiser converges soon; plain squares, the same reserves."""
    count, period = 60, 4.0
    time = np.arange(count + 1) / count * period
    amplitude = {"lumbar_extension": 0.25, "lumbar_bending": 0.15, "lumbar_rotation": 0.15}
    rate = 2 * np.pi / period
    names = runner.description.coordinate_names
    q, qd, qdd = ({n: np.zeros(count + 1) for n in names} for _ in range(3))
    for k, (name, size) in enumerate(amplitude.items()):
        wave = rate * time + k
        q[name], qd[name] = size * np.sin(wave), size * rate * np.cos(wave)
        qdd[name] = -rate * rate * q[name]
    theirs = worker.call(
        "static_optimisation",
        runner.text,
        time,
        names,
        np.column_stack([q[n] for n in names]),
        list(LUMBAR),
        OptimiserSettings(every=20, tolerance=1e-6),
        reactions=LEVELS,
    )
    at = np.rint(theirs["time"] / period * count).astype(int)
    inner = np.flatnonzero((at > 5) & (at < count - 5))
    at = at[inner]
    ours = lumbar_loads(
        runner.description,
        *({n: v[at] for n, v in series.items()} for series in (q, qd, qdd)),
        options=LumbarOptions(weights={}, floor=theirs["floor"], reserve_penalty=1.0),
    )
    forces = np.column_stack([theirs["forces"][n][inner] for n in ours.muscle_names])
    tree = Tree(runner.description, keep=LEVELS)
    motion = tree.motion({n: v[at] for n, v in q.items()})
    geometry = path_geometry(tree, motion, len(at), runner.description.muscles)
    change = geometry.pull(forces - ours.muscle_forces)
    for frame in level_frames(tree, motion, len(at)):
        assert np.linalg.norm(change[:, frame.node, :3], axis=1).max() < 0.03 * runner.weight
        reaction = np.linalg.norm(theirs["reactions"][frame.name][inner], axis=1)
        assert np.abs(reaction - ours.lumbar[frame.name]["resultant"]).max() < 0.03 * runner.weight


def test_springs_at_the_discs_take_moment_off_the_muscles_and_keep_every_level_in_equilibrium(
    runner: Runner, solved: LumbarResult
) -> None:
    sprung = lumbar_loads(
        runner.description, runner.q, runner.qd, runner.qdd, options=LumbarOptions(discs="stiffness")
    )
    fractions = carried_tables().rhythms["christophy"].fractions
    springs = passive_moments(runner.q, fractions)
    tree, motion = runner.moving()
    wrenches = tree.wrenches(motion, pulls(runner, tree, motion, sprung))
    left = tree.generalised(motion, wrenches)
    for name in LUMBAR:
        np.testing.assert_allclose(sprung.loads[name], solved.loads[name] - springs[name], atol=1e-9)
        np.testing.assert_allclose(left[name] - springs[name], sprung.reserves[name], atol=1e-7)
    for frame in level_frames(tree, motion, runner.frames):
        force, moment = (stack(v, runner.frames) for v in tree.reaction(motion, wrenches, frame.name))
        level = sprung.lumbar[frame.name]
        np.testing.assert_allclose(level["force"], np.einsum("tij,tj->ti", frame.chord, force), atol=1e-7)
        carried = level["coupler_moment"] + level["disc_moment"]
        np.testing.assert_allclose(carried, np.einsum("tij,tj->ti", frame.chord, moment), atol=1e-7)


def test_every_quantity_of_a_level_has_a_label_and_axes_and_can_be_kept(
    runner: Runner, tmp_path: Path
) -> None:
    sprung = lumbar_loads(
        runner.description, runner.q, runner.qd, runner.qdd, options=LumbarOptions(discs="stiffness")
    )
    run = analytic_run(samples=runner.frames)
    again = Run.load(replace(run, lumbar=sprung.lumbar).save(tmp_path / "run.h5"))
    assert set(again.lumbar["L5S1"]) == set(sprung.lumbar["L5S1"])
    data = again.to_xarray()
    for name, values in sprung.lumbar["L5S1"].items():
        assert data[f"lumbar_{name}"].sel(level="L5S1").shape == values.shape, name


def test_springs_at_the_discs_push_back_and_unload_a_bent_trunk(runner: Runner) -> None:
    posture = {name: np.zeros(3) for name in runner.description.coordinate_names}
    posture["lumbar_extension"] = np.full(3, -0.2)
    posture["lumbar_rotation"] = np.array([0.2, -0.2, 0.0])
    still = {name: np.zeros(3) for name in posture}
    plain, sprung = (
        lumbar_loads(runner.description, posture, still, still, options=LumbarOptions(discs=d)).lumbar["L4L5"]
        for d in (None, "low")
    )
    assert (sprung["disc_moment"][:, 2] > 0.0).all()  # extends: about the right axis
    np.testing.assert_allclose(sprung["disc_moment"][0] * [-1, -1, 1], sprung["disc_moment"][1], atol=1e-8)
    assert 0.0 < sprung["compression"][2] < plain["compression"][2]
    assert "disc_moment" not in plain


def test_springs_need_levels_that_follow_the_lumbar_coordinates(runner: Runner) -> None:
    joints = tuple(
        replace(j, axes=tuple(replace(a, function=Polynomial((0.0, -0.1))) for a in j.axes))
        if j.name == "L3L4"
        else j
        for j in runner.description.joints
    )
    with pytest.raises(ModelError, match="L3L4"):
        lumbar_loads(
            replace(runner.description, joints=joints),
            runner.q,
            runner.qd,
            runner.qdd,
            options=LumbarOptions(discs="stiffness"),
        )
