"""OpenSim reproduces a run from its exported folder: motion, dynamics, loads of the spine."""

from __future__ import annotations

import errno
import os
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from native import run_native
from synthetic import analytic_run, changed

from footstrike import files
from footstrike.control.sample import Kinematics
from footstrike.dynamics.joint_functions import evaluate
from footstrike.dynamics.rigid_body import Tree
from footstrike.errors import FootstrikeError, InputError
from footstrike.export.bundle import export_opensim
from footstrike.export.series import MARGIN
from footstrike.lumbar.loads import LEVELS, lumbar_loads
from footstrike.model.description import Array, Description
from footstrike.model.measured import MeasuredMuscles, MusclePath
from footstrike.model.subject import Subject
from footstrike.model.tables import groups_named
from footstrike.muscles.load_sharing import Given
from footstrike.muscles.paths import path_geometry
from footstrike.outcomes.metrics import metrics
from footstrike.runs import assemble
from footstrike.runs.run import Run
from footstrike.workers.client import opensim_worker

PERIOD = 0.7  # s
FRAMES = 141
IDLE = 3  # muscles that the run does not know
REACTIONS = "runner_JointReaction_ReactionLoads.sto"


def runner_model() -> str:
    text: str = opensim_worker().call("build_runner", Subject(legs="hamner"))
    return text


@pytest.fixture(scope="module")
def description() -> Description:
    described: Description = opensim_worker().call("describe", runner_model())
    return described


def bouncing(description: Description) -> Kinematics:
    """Both feet bounce on the ground, every joint sways; exact speeds and accelerations."""
    random = np.random.default_rng(11)
    t = np.linspace(0.0, PERIOD, FRAMES)
    q, qd, qdd = {}, {}, {}
    for c in description.coordinates:
        w, shift, size = 2 * np.pi / PERIOD * random.integers(1, 3), random.uniform(0, 6), 0.03
        if c.name in ("pelvis_ty", "pelvis_tz"):
            size = 0.012 if c.name == "pelvis_ty" else 0.006  # high enough to leave the ground on any sole
        q[c.name] = c.default + size * np.sin(w * t + shift)
        qd[c.name] = size * w * np.cos(w * t + shift)
        qdd[c.name] = -size * w * w * np.sin(w * t + shift)
    for letter in assemble.SIDES.values():
        q[f"mtp_angle_{letter}"] -= 0.4  # toes press on the ground, too
    q["pelvis_tx"] = q["pelvis_tx"] + 0.5 * t
    qd["pelvis_tx"] = qd["pelvis_tx"] + 0.5
    m = assemble.mechanics(description, (), Kinematics(q, qd, qdd))
    bottoms = [
        np.asarray(m.tree.position(m.motion, s.body, [float(x) for x in s.location])[1]) - s.radius
        for s in description.spheres
    ]
    lowest = float(np.min(bottoms))
    q["pelvis_ty"] = q["pelvis_ty"] - lowest - 0.016
    return Kinematics(q, qd, qdd)


def pulling(names: list[str]) -> tuple[Array, Array]:
    """Activations and tensions (T, M) that change once and twice in a stride."""
    random = np.random.default_rng(1)
    turn = 2 * np.pi * np.linspace(0.0, 1.0, FRAMES)[:, None] * random.integers(1, 3, len(names))
    activations = 0.3 + 0.3 * np.sin(turn + random.uniform(0, 6, len(names)))
    return activations, activations * random.uniform(50, 400, len(names))


@pytest.fixture(scope="module")
def sampled(description: Description) -> list[MusclePath]:
    """Paths of the muscles that are not straight."""
    names = description.coordinate_names
    q = np.column_stack([bouncing(description).q[n] for n in names])
    bent = [m.name for m in description.muscles if not m.path]
    paths: list[MusclePath] = opensim_worker().call("muscle_paths", runner_model(), names, q, bent)
    return paths


@pytest.fixture(scope="module")
def run(description: Description, sampled: list[MusclePath]) -> Run:
    state = bouncing(description)
    m = assemble.mechanics(description, description.spheres, state)
    names = [muscle.name for muscle in description.muscles][:-IDLE]
    activations, tension = pulling(names)
    known = [path for path in sampled if path.name in names]
    spine = lumbar_loads(
        description,
        state.q,
        state.qd,
        state.qdd,
        m.contact,
        measured=MeasuredMuscles(known),
        given=Given(names, activations, tension),
    )
    return replace(
        analytic_run(FRAMES),
        model_osim=runner_model(),
        mass=description.mass,
        time=np.linspace(0.0, PERIOD, FRAMES),
        coordinates=state.q,
        speeds=state.qd,
        accelerations=state.qdd,
        torques=m.torques,
        ground_force=assemble.ground_forces(m),
        ground_point=assemble.centres_of_pressure(m),
        muscle_names=names,
        muscle_groups=groups_named(names),
        activations=activations,
        muscle_forces=tension,
        lumbar=spine.lumbar,
    )


@pytest.fixture(scope="module")
def folder(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("exported") / "run"
    export_opensim(run, place)
    return place


def read(path: Path) -> dict[str, Array]:
    """Columns of a .mot or .sto file as OpenSim reads them, time included."""
    labels, time, values = run_native("opensim_side.read_table", str(path))
    return {"time": time, **dict(zip(labels, values.T, strict=True))}


def within(run: Run) -> slice:
    """The stride within the exported series."""
    return slice(MARGIN, MARGIN + run.time.size)


def test_the_motion_is_worth_the_name(run: Run, description: Description) -> None:
    """Feet leave the ground and land, the force is of the order of running, and muscles pull on the spine."""
    total = sum(f[:, 1] for f in run.ground_force.values()) / assemble.weight(description)
    assert total.min() < 0.05
    assert 1.0 < total.max() < 8.0
    assert metrics(run)["lumbar"]["L5S1"]["mean_muscle_share"] > 0.5


def test_every_file_is_there_and_told_of(folder: Path) -> None:
    names = {p.name for p in folder.iterdir()}
    assert names == {
        "runner.osim", "motion.mot", "ground_forces.mot", "external_loads.xml", "inverse_dynamics.xml",
        "activations.sto", "forces.sto", "joint_moments.sto", "lumbar_loads.sto", "joint_reaction.xml",
        "static_optimisation.xml", "joint_reaction_of_static_optimisation.xml", "README.txt",
    }  # fmt: skip
    readme = (folder / "README.txt").read_text()
    assert all(name in readme for name in names - {"README.txt"})


def test_the_readme_tells_the_peaks_of_the_run(run: Run, folder: Path) -> None:
    readme = (folder / "README.txt").read_text()
    for level, loads in metrics(run)["lumbar"].items():
        assert f"{level:6} resultant {loads['peak_resultant_bw']:.3f}" in readme
    assert "lumbar_bending_force + 0.18106 x L4L5_bending_moment + " in readme  # names as OpenSim has them


def test_opensim_reads_the_motion_as_it_was(run: Run, folder: Path, description: Description) -> None:
    time, values = run_native(
        "opensim_side.read_motion", str(folder / "runner.osim"), str(folder / "motion.mot")
    )
    assert time[within(run)] == pytest.approx(run.time, abs=1e-12)
    for name, expected in run.coordinates.items():
        assert values[name][within(run)] == pytest.approx(expected, abs=1e-12), name
    assert set(values) == {*run.coordinates, *(c.dependent for c in description.couplers)}
    assert any(c.motion == "coupled" for c in description.coordinates)  # a file in degrees breaks these


def test_series_go_on_beyond_both_ends_as_the_strides_there_do(run: Run, folder: Path) -> None:
    motion, forces = read(folder / "motion.mot"), read(folder / "forces.sto")
    way = run.coordinates["pelvis_tx"][-1] - run.coordinates["pelvis_tx"][0]
    for table in (motion, forces, read(folder / "ground_forces.mot")):
        assert np.diff(table["time"]) == pytest.approx(PERIOD / (FRAMES - 1), abs=1e-9)
        assert table["time"][[0, -1]] == pytest.approx([-0.2, 0.9])
    for table in (motion, forces):
        for name in set(table) - {"time", "pelvis_tx"}:
            assert table[name][: 2 * MARGIN + 1] == pytest.approx(table[name][FRAMES - 1 :], abs=1e-9), name
    assert motion["pelvis_tx"][: 2 * MARGIN + 1] + way == pytest.approx(motion["pelvis_tx"][FRAMES - 1 :])


def test_a_stride_that_does_not_close_is_refused(run: Run, tmp_path: Path) -> None:
    limping = run.coordinates | {"knee_angle_r": run.coordinates["knee_angle_r"] - 0.1 * run.time}
    with pytest.raises(InputError, match="does not close"):
        export_opensim(changed(run, coordinates=limping), tmp_path / "out")
    assert not list(tmp_path.iterdir())


def test_dependent_coordinates_obey_their_couplers(run: Run, folder: Path, description: Description) -> None:
    model, file = str(folder / "runner.osim"), str(folder / "motion.mot")
    _, values = run_native("opensim_side.read_motion", model, file)
    dependents = [c.dependent for c in description.couplers]
    for frame in (0, FRAMES // 3):
        theirs = run_native("opensim_side.obeyed_couplers", model, values, dependents, frame)
        assert np.array([values[n][frame] for n in dependents]) == pytest.approx(theirs, abs=1e-8)


def test_ground_forces_keep_force_point_and_moment(run: Run, folder: Path) -> None:
    found = {name: values[within(run)] for name, values in read(folder / "ground_forces.mot").items()}
    for side, letter in assemble.SIDES.items():
        force, moment = np.zeros((FRAMES, 3)), np.zeros((FRAMES, 3))
        for body in (f"calcn_{letter}", f"toes_{letter}"):
            f, p, free = (
                np.stack([found[f"{start}{axis}"] for axis in "xyz"], axis=1)
                for start in (f"ground_force_{body}_v", f"ground_force_{body}_p", f"ground_torque_{body}_")
            )
            loaded = f[:, 1] > 2 * assemble.FLIGHT_N
            assert loaded.any()
            assert np.abs(free[loaded][:, [0, 2]]).max() < 1e-8  # the point takes all but the free torque
            assert np.all(p[:, 1] == 0.0)
            force, moment = force + f, moment + np.cross(p, f) + free
        assert force == pytest.approx(run.ground_force[side], abs=1e-9)
        loaded = np.isfinite(run.ground_point[side][:, 0])
        centre = (
            np.stack([moment[:, 2], 0 * moment[:, 1], -moment[:, 0]], axis=1)[loaded] / force[loaded, 1:2]
        )
        assert centre == pytest.approx(run.ground_point[side][loaded], abs=1e-9)


def test_forces_that_the_model_did_not_make_act_on_the_calcanei(run: Run, tmp_path: Path) -> None:
    measured = {side: 1.1 * force for side, force in run.ground_force.items()}
    export_opensim(changed(run, ground_force=measured), tmp_path / "out")
    found = read(tmp_path / "out" / "ground_forces.mot")
    assert not [name for name in found if "toes" in name]
    assert found["ground_force_calcn_r_vy"][within(run)] == pytest.approx(measured["right"][:, 1], abs=1e-9)
    assert max(np.abs(v).max() for name, v in found.items() if "torque" in name) < 1e-9


def test_every_actuator_of_the_model_has_its_force(run: Run, folder: Path, description: Description) -> None:
    forces = read(folder / "forces.sto")
    names = run_native("opensim_side.actuator_names", str(folder / "runner.osim"))
    assert list(forces)[1:] == names
    assert set(names) == {m.name for m in description.muscles} | {
        f"actuator_{name}" for name in description.coordinate_names
    }
    for name, values in zip(run.muscle_names, run.muscle_forces.T, strict=True):
        assert forces[name][within(run)] == pytest.approx(values, abs=1e-9)
    idle = {m.name for m in description.muscles} - set(run.muscle_names)
    assert len(idle) == IDLE
    assert all(np.all(forces[name] == 0.0) for name in idle)


def test_activations_and_loads_survive(run: Run, folder: Path) -> None:
    found = read(folder / "activations.sto")
    for name, values in zip(run.muscle_names, run.activations.T, strict=True):
        assert found[f"/forceset/{name}/activation"][within(run)] == pytest.approx(values, abs=1e-9)
    found = read(folder / "lumbar_loads.sto")
    for level, loads in run.lumbar.items():
        assert found[f"{level}_compression"][within(run)] == pytest.approx(loads["compression"], abs=1e-9)
        assert found[f"{level}_force_superior"][within(run)] == pytest.approx(loads["force"][:, 1], abs=1e-9)


def test_inverse_dynamics_gives_the_runs_moments(run: Run, folder: Path, description: Description) -> None:
    """Over the whole file, ends included, within 1 % of body weight; its columns summed through the couplers."""
    opensim_worker().call("run_tool", folder / "inverse_dynamics.xml")
    found, told = read(folder / "inverse_dynamics.sto"), read(folder / "joint_moments.sto")
    assert found["time"] == pytest.approx(run.time, abs=1e-6)
    names = {name.removesuffix("_moment").removesuffix("_force"): name for name in found}
    column = {name: found[label] for name, label in names.items()}
    total = {name: column[name].copy() for name in run.torques}
    for c in description.couplers:
        slope = evaluate(c.function, run.coordinates[c.independent])[1]
        total[c.independent] += slope * column[c.dependent]
    weight = assemble.weight(description)
    for name, torque in run.torques.items():
        assert np.abs(total[name] - torque).max() < 0.01 * weight, name
        assert told[names[name]][within(run)] == pytest.approx(torque, abs=1e-9)
    own = np.abs(column["lumbar_bending"]).max()
    assert own < 0.5 * np.abs(total["lumbar_bending"]).max()  # what OpenSim's column alone would have said


def test_joint_reaction_gives_the_runs_lumbar_loads(run: Run, folder: Path) -> None:
    """Peaks of all six levels within 1 %, on the run's own axes, run from another folder."""
    log = run_native("opensim_side.analyse_from_elsewhere", str(folder / "joint_reaction.xml"))
    assert "Actuator forces will be constructed from forces.sto" in log
    found = read(folder / "joint_reaction" / REACTIONS)
    expected = metrics(run)["lumbar"]
    weight = run.mass * 9.80665
    assert list(expected) == list(LEVELS)
    for level, loads in expected.items():
        names = [n for n in found if n.startswith(f"{level}_on_") and n[-3:] in ("_fx", "_fy", "_fz")]
        force = np.column_stack([found[n] for n in names]) / weight
        limit = 0.01 * loads["peak_resultant_bw"]
        assert np.linalg.norm(force, axis=1).max() == pytest.approx(loads["peak_resultant_bw"], abs=limit)
        assert force[:, 1].max() == pytest.approx(loads["peak_compression_bw"], abs=limit)
        assert (-force[:, 0]).max() == pytest.approx(loads["peak_anterior_shear_bw"], abs=limit)
        assert force * weight == pytest.approx(run.lumbar[level]["force"], abs=limit * weight)


def moment_arms(description: Description, run: Run, sampled: list[MusclePath], names: list[str]) -> Array:
    """(T, M, C) m of all muscles of the model."""
    tree = Tree(description)
    moving = tree.motion(run.coordinates, run.speeds)
    return path_geometry(tree, moving, FRAMES, list(description.muscles), sampled, run.speeds).moment_arms(
        names
    )


def test_static_optimisation_balances_the_runs_moments(
    run: Run, folder: Path, description: Description, sampled: list[MusclePath], tmp_path: Path
) -> None:
    """Its muscles and actuators supply the moments of the run; joint reaction takes its forces."""
    for file in folder.iterdir():
        if file.is_file():
            text = file.read_text()
            span = f"<final_time>{PERIOD:.15g}</final_time>"
            (tmp_path / file.name).write_text(text.replace(span, "<final_time>0.042</final_time>"))
    opensim_worker().call("run_tool", tmp_path / "static_optimisation.xml")
    forces = read(tmp_path / "static_optimisation" / "runner_StaticOptimization_force.sto")
    frames = np.abs(run.time[:, None] - forces["time"]).argmin(axis=0)
    shared = np.abs(run.time[frames] - forces["time"]) < 1e-9  # the last instant need not be a sample
    frames = frames[shared]
    assert len(frames) == 3
    names = [n for n in description.coordinate_names if not n.startswith("pelvis")]
    arms = moment_arms(description, run, sampled, names)[frames]
    tension = np.column_stack([forces[m.name][shared] for m in description.muscles])
    pulled = np.einsum("tmc,tm->tc", arms, tension)
    for k, name in enumerate(names):
        error = pulled[:, k] + forces[f"actuator_{name}"][shared] - run.torques[name][frames]
        assert np.abs(error).max() < 0.01 * assemble.weight(description), name
    setup = tmp_path / "joint_reaction_of_static_optimisation.xml"
    log = run_native("opensim_side.analyse_from_elsewhere", str(setup))
    assert "Actuator forces will be constructed from static_optimisation/" in log


def test_an_unsolved_run_is_refused(run: Run, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not solved"):
        export_opensim(changed(run, status="not_converged"), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_run_without_muscles_has_no_files_of_them(run: Run, tmp_path: Path) -> None:
    bare = changed(
        run, muscle_names=[], activations=np.zeros((0, 0)), muscle_forces=np.zeros((0, 0)), lumbar={}
    )
    written = export_opensim(bare, tmp_path)
    assert written == [p for p in written if p.exists()]
    told = {p.name for p in written}
    assert not told & {"activations.sto", "lumbar_loads.sto", "joint_reaction.xml", "static_optimisation.xml"}
    forces = read(tmp_path / "forces.sto")
    assert forces["actuator_knee_angle_r"][within(run)] == pytest.approx(
        run.torques["knee_angle_r"], abs=1e-9
    )


def test_a_folder_that_is_not_empty_is_refused_and_left_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="is not empty"):
        export_opensim(run, tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    ("stop", "told"),
    [
        (
            OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)),
            pytest.raises(FootstrikeError, match="no space left"),
        ),
        (KeyboardInterrupt(), pytest.raises(KeyboardInterrupt)),
    ],
)
def test_a_full_disk_or_an_interrupt_leaves_nothing_behind(
    stop: BaseException,
    told: AbstractContextManager[object],
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    synced = 0

    def full(handle: int) -> None:
        nonlocal synced
        synced += 1
        if synced == 4:
            raise stop

    monkeypatch.setattr(files.os, "fsync", full)
    texts = {p.name: p.read_text() for p in folder.iterdir() if p.is_file()}
    with told:
        files.write_folder(tmp_path / "out", texts)
    assert synced == 4
    assert not list(tmp_path.iterdir())


def test_a_file_and_the_current_folder_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "taken").write_text("mine")
    with pytest.raises(InputError, match="is a file"):
        files.check_new_folder(tmp_path / "taken")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(InputError, match="is the current one"):
        files.check_new_folder(Path())
    files.check_new_folder(Path("new"))
    assert not list(Path().iterdir())
