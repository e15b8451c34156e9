"""Contact forces of the leg: statics by hand, what a muscle adds, and OpenSim's own joint reactions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from strides import Runner, stride
from synthetic import PERIOD, analytic_run, changed

from footstrike.dynamics.rigid_body import Force, Tree, stack_matrix
from footstrike.errors import InputError
from footstrike.model.description import Array
from footstrike.model.measured import MusclePath
from footstrike.model.subject import Subject
from footstrike.outcomes.joint_contact import AXES, joint_contact
from footstrike.outcomes.metrics import metrics
from footstrike.outcomes.muscle_outputs import with_muscle_outputs
from footstrike.runs.run import Run
from footstrike.workers.client import opensim_worker

FRAMES = 12
CALF = ("soleus_r", "med_gas_r", "lat_gas_r")


@pytest.fixture(scope="module")
def runner() -> Runner:
    text = opensim_worker().call("build_runner", Subject(legs="hamner"))
    return Runner(text, opensim_worker().call("describe", text), *stride(2.5, FRAMES))


@pytest.fixture(scope="module")
def paths(runner: Runner) -> list[MusclePath]:
    bent = [m.name for m in runner.description.muscles if not m.path]
    names = runner.description.coordinate_names
    found: list[MusclePath] = opensim_worker().call(
        "muscle_paths", runner.text, names, runner.rows(runner.q), bent
    )
    return found


def tensions(runner: Runner) -> Array:
    return np.random.default_rng(5).uniform(0.0, 500.0, (FRAMES, len(runner.description.muscles)))


def contact(
    runner: Runner, paths: list[MusclePath], tension: Array, names: list[str] | None = None
) -> dict[str, Array]:
    known = names or [m.name for m in runner.description.muscles]
    motion = (runner.q, runner.qd, runner.qdd)
    return joint_contact(runner.description, *motion, (), known, tension, paths)


def pulling(runner: Runner, names: tuple[str, ...], force: float = 1000.0) -> Array:
    return np.array([[force * (m.name in names) for m in runner.description.muscles]] * FRAMES)


def test_reactions_are_those_of_opensim(runner: Runner, paths: list[MusclePath]) -> None:
    """All 196 muscles pull; every joint of the leg within 1e-6 body weights in all three directions."""
    d, tension = runner.description, tensions(runner)
    ours = contact(runner, paths, tension)
    theirs = opensim_worker().call(
        "muscle_driven_reactions",
        runner.text,
        d.coordinate_names,
        *(runner.rows(x) for x in (runner.q, runner.qd, runner.qdd)),
        {m.name: tension[:, k] for k, m in enumerate(d.muscles)},
        list(ours),
    )
    tree = Tree(d)
    motion = tree.motion(runner.q)
    for k, joint in enumerate(ours):
        name, side = joint.split("_")
        R = stack_matrix(tree.orientation(motion, f"{AXES[name]}_{side}"), FRAMES)
        outward = np.array([1.0, 1.0, 1.0 if side == "r" else -1.0])
        expected = np.einsum("tji,tj->ti", R, theirs[:, k, :3]) * outward
        assert np.abs(ours[joint] - expected).max() < 1e-6 * runner.weight


def test_standing_ankles_carry_the_body_less_the_feet(runner: Runner) -> None:
    d = runner.description
    still = {name: np.zeros(1) for name in d.coordinate_names}
    half = 0.5 * runner.weight
    ground = [Force(f"calcn_{side}", [0.05, 0.0, 0.0], [0.0, half, 0.0]) for side in "rl"]
    found = joint_contact(d, still, still, still, ground, ["soleus_r"], np.zeros((1, 1)), [])
    foot = sum(b.mass for b in d.bodies if b.name in ("talus_r", "calcn_r", "toes_r")) * 9.80665
    np.testing.assert_allclose(found["ankle_r"], [[0.0, foot - half, 0.0]], atol=1e-9)
    np.testing.assert_allclose(found["ankle_l"], found["ankle_r"], atol=1e-9)
    assert -half < found["knee_r"][0, 1] < -0.4 * runner.weight


def test_calf_presses_ankle_and_its_two_joint_part_the_knee(runner: Runner, paths: list[MusclePath]) -> None:
    none = contact(runner, paths, 0.0 * tensions(runner))
    soleus, calf = (contact(runner, paths, pulling(runner, names)) for names in (CALF[:1], CALF))
    more = none["ankle_r"][:, 1] - soleus["ankle_r"][:, 1]
    assert np.all((more > 900.0) & (more <= 1000.0))
    np.testing.assert_allclose(soleus["knee_r"], none["knee_r"], atol=1e-9)
    np.testing.assert_allclose(soleus["ankle_l"], none["ankle_l"], atol=1e-9)
    assert np.all(calf["knee_r"][:, 1] < none["knee_r"][:, 1] - 1000.0)
    np.testing.assert_allclose(calf["hip_r"], none["hip_r"], atol=1e-9)


def test_a_symmetric_stride_has_symmetric_contact(runner: Runner, paths: list[MusclePath]) -> None:
    names = [m.name for m in runner.description.muscles]
    left = [names.index(n[:-2] + ("_l" if n.endswith("_r") else "_r")) for n in names]
    tension = tensions(runner)
    mirrored = np.roll(tension, FRAMES // 2, axis=0)[:, left]
    one, other = contact(runner, paths, tension), contact(runner, paths, mirrored)
    for joint in AXES:
        np.testing.assert_allclose(
            other[f"{joint}_l"], np.roll(one[f"{joint}_r"], FRAMES // 2, axis=0), atol=0.5
        )


def test_an_unknown_muscle_is_refused(runner: Runner, paths: list[MusclePath]) -> None:
    with pytest.raises(InputError, match="soleus_r"):
        contact(runner, paths, np.zeros((FRAMES, 1)), ["solius_r"])


def with_legs(runner: Runner) -> Run:
    """A run with the runner's motion whose muscles all pull with a quarter of their strength."""
    time = np.linspace(0.0, runner.period, FRAMES)
    muscles = runner.description.muscles
    quarter = np.tile([0.25 * m.max_isometric_force for m in muscles], (FRAMES, 1))
    return replace(
        analytic_run(FRAMES),
        model_osim=runner.text,
        time=time,
        coordinates=runner.q,
        speeds=runner.qd,
        accelerations=runner.qdd,
        muscle_names=[m.name for m in muscles],
        muscle_groups=[m.group for m in muscles],
        activations=np.full_like(quarter, 0.25),
        muscle_forces=quarter,
    )


def test_a_run_gets_everything_that_its_muscle_forces_tell(runner: Runner, tmp_path) -> None:
    run = with_muscle_outputs(with_legs(runner), runner.description, [])
    run.check()
    assert set(run.joint_contact) == {f"{joint}_{side}" for joint in AXES for side in "rl"}
    assert run.fibre_length.shape == run.metabolic_rate.shape == run.muscle_forces.shape
    assert 0.4 < run.fibre_length.min() < run.fibre_length.max() < 1.6
    back = Run.load(run.save(tmp_path / "run.h5"))
    assert back.content_hash() == run.content_hash()
    for name in ("fibre_length", "fibre_velocity", "metabolic_rate"):
        np.testing.assert_array_equal(getattr(back, name), getattr(run, name))
    np.testing.assert_array_equal(back.joint_contact["knee_r"], run.joint_contact["knee_r"])


def test_given_fibre_states_are_kept(runner: Runner) -> None:
    run = with_legs(runner)
    ones, still = np.ones_like(run.muscle_forces), np.zeros_like(run.muscle_forces)
    found = with_muscle_outputs(replace(run, fibre_length=ones, fibre_velocity=still), runner.description, [])
    np.testing.assert_array_equal(found.fibre_length, ones)
    rigid = with_muscle_outputs(run, runner.description, [])
    assert np.abs(found.metabolic_rate - rigid.metabolic_rate).max() > 1.0


def test_a_run_without_leg_muscles_stays_as_it_is(runner: Runner) -> None:
    run = changed(analytic_run(), muscle_names=["RA_r", "RA_l", "QL_r"])
    assert with_muscle_outputs(run, runner.description, []) is run


def test_peaks_are_in_body_weights_and_impulses_of_one_step() -> None:
    run = analytic_run()
    bw = run.mass * 9.80665
    force = bw * np.tile([0.3, -8.0, 0.4], (run.time.size, 1))
    found = metrics(changed(run, joint_contact={"ankle_r": force, "knee_r": force}))
    assert found["ankle_contact_peak_bw"] == pytest.approx(8.0)
    assert found["ankle_contact_impulse_bw_s"] == pytest.approx(8.0 * PERIOD)
    assert found["ankle_shear_peak_bw"] == pytest.approx(0.5)
    assert found["ankle_resultant_peak_bw"] == pytest.approx(np.hypot(8.0, 0.5))
    assert found["knee_contact_peak_bw"] == pytest.approx(8.0)
    assert found["hip_contact_peak_bw"] is None
    assert "knee_shear_peak_bw" not in found
