"""Exported files mean to OpenSim what the run says: values, units, forces, and dynamics."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from native import run_native
from synthetic import analytic_run, changed, level_loads

from footstrike.control.sample import Kinematics
from footstrike.engines.client import opensim_worker
from footstrike.errors import InputError
from footstrike.model.description import Array, Description
from footstrike.model.runner import RunnerSpec
from footstrike.solution import assemble
from footstrike.solution.export import export_opensim
from footstrike.solution.run import Run

PERIOD = 0.7  # s
FRAMES = 281


@pytest.fixture(scope="module")
def description() -> Description:
    described: Description = opensim_worker().call("describe", bouncing_model())
    return described


def bouncing_model() -> str:
    text: str = opensim_worker().call("build_runner", RunnerSpec())
    return text


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


@pytest.fixture(scope="module")
def run(description: Description) -> Run:
    state = bouncing(description)
    m = assemble.mechanics(description, description.spheres, state)
    time = np.linspace(0.0, PERIOD, FRAMES)
    names = [muscle.name for muscle in description.muscles][:3]
    base = analytic_run(FRAMES)
    return replace(
        base,
        model_osim=bouncing_model(),
        mass=description.mass,
        time=time,
        coordinates=state.q,
        speeds=state.qd,
        accelerations=state.qdd,
        torques=m.torques,
        ground_force=assemble.ground_forces(m),
        ground_point=assemble.centres_of_pressure(m),
        muscle_names=names,
        activations=np.random.default_rng(0).uniform(0, 1, (FRAMES, 3)),
        muscle_forces=np.random.default_rng(1).uniform(0, 900, (FRAMES, 3)),
        lumbar={"L5S1": level_loads(time), "L4L5": level_loads(time, 0.9)},
    )


@pytest.fixture(scope="module")
def folder(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("exported")
    export_opensim(run, place)
    return place


def columns(table: tuple[list[str], Array, Array]) -> dict[str, Array]:
    return dict(zip(table[0], table[2].T, strict=True))


def test_the_motion_is_worth_the_name(run: Run, description: Description) -> None:
    """Feet leave the ground and land, and the force is of the order of running."""
    total = sum(f[:, 1] for f in run.ground_force.values()) / assemble.weight(description)
    assert total.min() < 0.05
    assert 1.0 < total.max() < 8.0


def test_every_file_is_there_and_told_of(run: Run, folder: Path) -> None:
    names = {p.name for p in folder.iterdir()}
    assert names == {
        "runner.osim", "motion.mot", "ground_forces.mot", "external_loads.xml", "inverse_dynamics.xml",
        "activations.sto", "muscle_forces.sto", "lumbar_loads.sto", "README.txt",
    }  # fmt: skip
    readme = (folder / "README.txt").read_text()
    assert all(name in readme for name in names - {"README.txt"})


def test_opensim_reads_the_motion_as_it_was(run: Run, folder: Path, description: Description) -> None:
    time, read = run_native(
        "opensim_side.read_motion", str(folder / "runner.osim"), str(folder / "motion.mot")
    )
    assert time == pytest.approx(run.time, abs=1e-12)
    for name, values in run.coordinates.items():
        assert read[name] == pytest.approx(values, abs=1e-12), name
    assert set(read) == {*run.coordinates, *(c.dependent for c in description.couplers)}
    assert any(c.motion == "coupled" for c in description.coordinates)  # a file in degrees breaks these


def test_dependent_coordinates_obey_their_couplers(run: Run, folder: Path, description: Description) -> None:
    model, file = str(folder / "runner.osim"), str(folder / "motion.mot")
    _, read = run_native("opensim_side.read_motion", model, file)
    dependents = [c.dependent for c in description.couplers]
    for frame in (0, FRAMES // 3):
        theirs = run_native("opensim_side.obeyed_couplers", model, read, dependents, frame)
        assert np.array([read[n][frame] for n in dependents]) == pytest.approx(theirs, abs=1e-8)


def test_ground_forces_keep_force_point_and_moment(run: Run, folder: Path) -> None:
    found = columns(run_native("opensim_side.read_table", str(folder / "ground_forces.mot")))
    for side, letter in assemble.SIDES.items():
        force, point, torque = (
            np.stack([found[f"{start}{axis}"] for axis in "xyz"], axis=1)
            for start in (f"ground_force_{letter}_v", f"ground_force_{letter}_p", f"ground_torque_{letter}_")
        )
        assert force == pytest.approx(run.ground_force[side], abs=1e-9)
        loaded = np.isfinite(run.ground_point[side][:, 0])
        assert point[loaded] == pytest.approx(run.ground_point[side][loaded], abs=1e-12)
        assert np.all(point[~loaded] == 0.0)
        assert np.abs(torque[loaded][:, [0, 2]]).max() < 1e-8  # the point takes all but the free torque
        assert np.abs(torque[loaded][:, 1]).max() > 0.1


def test_forces_that_the_model_did_not_make_have_no_torque(run: Run, tmp_path: Path) -> None:
    measured = {side: 1.1 * force for side, force in run.ground_force.items()}
    export_opensim(changed(run, ground_force=measured), tmp_path)
    found = columns(run_native("opensim_side.read_table", str(tmp_path / "ground_forces.mot")))
    assert all(np.all(v == 0.0) for name, v in found.items() if "torque" in name)


def test_activations_forces_and_loads_survive(run: Run, folder: Path) -> None:
    for file, values, pattern in (
        ("activations.sto", run.activations, "/forceset/{}/activation"),
        ("muscle_forces.sto", run.muscle_forces, "{}"),
    ):
        labels, time, read = run_native("opensim_side.read_table", str(folder / file))
        assert labels == [pattern.format(n) for n in run.muscle_names]
        assert time == pytest.approx(run.time, abs=1e-12)
        assert read == pytest.approx(values, abs=1e-9)
    found = columns(run_native("opensim_side.read_table", str(folder / "lumbar_loads.sto")))
    for level, loads in run.lumbar.items():
        assert found[f"{level}_compression"] == pytest.approx(loads["compression"], abs=1e-9)
        assert found[f"{level}_force_superior"] == pytest.approx(loads["force"][:, 1], abs=1e-9)


def test_opensims_inverse_dynamics_of_the_files_gives_the_runs_moments(
    run: Run, folder: Path, tmp_path: Path, description: Description
) -> None:
    """Its own splines and derivatives in between: 1 % of the largest, but for the toes (see the README)."""
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    setup = str(tmp_path / "inverse_dynamics.xml")
    labels, time, values = run_native("opensim_side.inverse_dynamics_tool", setup)
    found = dict(
        zip((n.removesuffix("_moment").removesuffix("_force") for n in labels), values.T, strict=True)
    )
    assert time == pytest.approx(run.time, abs=1e-6)
    inner = slice(8, -8)  # away from the ends of OpenSim's splines
    for name, torque in run.torques.items():
        if not name.startswith(("mtp", "lumbar")):  # OpenSim's lumbar moment is that of its own level alone
            error = np.abs(found[name] - torque)[inner].max() / assemble.weight(description)
            assert error < 0.01, name


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
    assert not [p for p in written if p.suffix == ".sto"]
