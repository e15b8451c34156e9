from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from strides import Runner

from footstrike.dynamics.rigid_body import Force
from footstrike.errors import ModelError
from footstrike.lumbar.loads import LUMBAR, LumbarOptions, lumbar_loads
from footstrike.model.description import Description, Muscle, PathPolynomial
from footstrike.model.measured import MeasuredMuscles
from footstrike.muscles.joint_forces import joint_loads
from footstrike.muscles.load_sharing import Sharing
from footstrike.workers.client import Worker


def test_lumbar_reactions_are_those_of_the_levels(runner: Runner) -> None:
    motion = runner.q, runner.qd, runner.qdd
    levels = lumbar_loads(runner.description, *motion).lumbar
    joints = joint_loads(runner.description, *motion, balanced=LUMBAR)
    assert set(joints.reactions) == {j.name for j in runner.description.joints}
    for name, level in levels.items():
        resultant = np.linalg.norm(joints.reactions[name][:, :3], axis=1)
        np.testing.assert_allclose(resultant, level["resultant"], rtol=1e-9)


def test_a_leg_muscle_known_by_its_length_only_does_not_matter_to_the_spine(runner: Runner) -> None:
    length = PathPolynomial(
        ("knee_angle_r",), np.zeros(1), np.ones(1), np.zeros((1, 1), int), np.full(1, 0.3), 0.0, 0.0
    )
    vastus = Muscle("vastus_r", 5000.0, 0.1, 0.2, 0.1, 10.0, (), length)
    d = replace(runner.description, muscles=(vastus, *runner.description.muscles))
    result = lumbar_loads(d, runner.q, runner.qd, runner.qdd)
    assert result.muscle_names == [m.name for m in runner.description.muscles]
    with pytest.raises(ModelError, match="vastus_r"):
        joint_loads(d, runner.q, runner.qd, runner.qdd)


def test_muscles_balance_what_they_can_drive_both_ways(runner: Runner) -> None:
    joints = joint_loads(runner.description, runner.q, runner.qd, runner.qdd)
    assert set(LUMBAR) <= set(joints.reserves)
    assert not any(name.startswith(("pelvis", "knee", "ankle", "arm")) for name in joints.reserves)


def test_ground_force_passes_through_the_ankle(runner: Runner) -> None:
    still = {name: np.zeros(1) for name in runner.description.coordinate_names}
    half = 0.5 * runner.weight
    forces = [Force(f"calcn_{side}", [0.05, 0.0, 0.0], [0.0, half, 0.0]) for side in "rl"]
    ankle = joint_loads(runner.description, still, still, still, forces, balanced=LUMBAR).reactions["ankle_r"]
    foot = (
        sum(b.mass for b in runner.description.bodies if b.name in ("talus_r", "calcn_r", "toes_r")) * 9.80665
    )
    np.testing.assert_allclose(ankle[0, :3], [0.0, foot - half, 0.0], atol=1e-9)


@pytest.fixture(scope="module")
def published(worker: Worker) -> tuple[str, Description]:
    folder = os.environ.get("FOOTSTRIKE_DATA")
    if not folder:
        pytest.skip("FOOTSTRIKE_DATA does not name a folder with the published models")
    text = Path(folder, "models", "FBLS_Raabe2016.osim").read_text(encoding="utf-8")
    return text, worker.call("describe", text, fit_paths=False)


def test_a_published_model_with_wraps_has_opensims_reactions(
    published: tuple[str, Description], worker: Worker
) -> None:
    """324 muscles, 95 of them bent; each joint's force with the same tensions within 1e-6 body weights."""
    text, d = published
    names = d.coordinate_names
    random = np.random.default_rng(1)
    q, qd, qdd = (scale * random.uniform(-1, 1, (3, len(names))) for scale in (0.15, 1.0, 10.0))
    q[:, [names.index("knee_angle_r"), names.index("knee_angle_l")]] -= 0.4
    bent = [m.name for m in d.muscles if not m.path]
    assert bent
    with pytest.raises(ModelError, match="path"):
        joint_loads(d, *({n: np.zeros(1) for n in names} for _ in range(3)))
    paths = worker.call("muscle_paths", text, names, q, bent)
    active = worker.call("muscle_strength", text, names, q, qd, [m.name for m in d.muscles])
    measured = MeasuredMuscles(paths, active)
    series = [{n: rows[:, k] for k, n in enumerate(names)} for rows in (q, qd, qdd)]
    ours = joint_loads(d, *series, measured=measured, sharing=Sharing(reserve_penalty=1.0))
    theirs = worker.call(
        "muscle_driven_reactions",
        text,
        names,
        q,
        qd,
        qdd,
        dict(zip(ours.muscle_names, ours.muscle_forces.T, strict=True)),
        list(ours.reactions),
    )
    for k, reaction in enumerate(ours.reactions.values()):
        assert np.abs(reaction[:, :3] - theirs[:, k, :3]).max() < 1e-6 * d.mass * 9.80665
    spine = lumbar_loads(d, *series, options=LumbarOptions(balanced=None), measured=measured)
    assert list(spine.lumbar) == ["L5S1", "L4L5", "L3L4", "L2L3", "L1L2"]
