"""Leg muscles: their tables, the paths that OpenSim makes of them, and the published model."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from footstrike.errors import InputError, ModelError
from footstrike.gait.targets import HABITUAL, target
from footstrike.model.description import Array
from footstrike.model.leg_tables import PASSIVE_STRAIN
from footstrike.model.placement import path_length, posture
from footstrike.model.rows import MuscleRow, RunnerTables
from footstrike.model.scaling import scaled
from footstrike.model.subject import Subject
from footstrike.model.tables import carried_tables, load_tables
from footstrike.muscles.strength import passive_force, tendon_compliance
from footstrike.resources import resource
from footstrike.workers.client import Worker

JOINTS = (
    "hip_flexion",
    "hip_adduction",
    "hip_rotation",
    "knee_angle",
    "ankle_angle",
    "subtalar_angle",
    "mtp_angle",
)
LOW = np.radians([-30, -20, -25, -115, -40, -20, -25])
HIGH = np.radians([85, 20, 25, 3, 30, 20, 50])


@pytest.fixture(scope="module")
def text(worker: Worker) -> str:
    built: str = worker.call("build_runner", Subject(legs="hamner"))
    return built


def coordinates(side: str) -> list[str]:
    return [f"{name}_{side}" for name in JOINTS]


def postures(count: int, seed: int) -> Array:
    return np.random.default_rng(seed).uniform(LOW, HIGH, (count, len(JOINTS)))


def path_at(muscle: MuscleRow, q: dict[str, float]) -> list[tuple[str, tuple[float, float, float]]]:
    """The path where moving points are at one of their knots."""
    out = []
    for p in muscle.path:
        value = q.get(p.coordinate, 0.0)
        if p.within is not None and not p.within[0] <= value <= p.within[1]:
            continue
        x, y, z = (v[p.knots.index(value)] for v in p.moves) if p.moves else p.at
        out.append((p.body, (x, y, z)))
    return out


def test_no_muscle_is_there_twice(tables: RunnerTables) -> None:
    names = [m.name for m in tables.leg_muscles["hamner"]]
    assert len(set(names)) == 84
    assert not {"psoas_r", "ercspn_r", "intobl_r", "extobl_r"} & set(names)
    psoas = [f.max_isometric_force for f in tables.fascicles["reduced"] if f.group == "PS"]
    assert sum(psoas) / 2 == pytest.approx(1113.0, rel=0.01)  # the strength of the published model's psoas


def test_sides_are_mirror_images(tables: RunnerTables) -> None:
    by_name = {m.name: m for m in tables.leg_muscles["hamner"]}
    for name, right in by_name.items():
        if name.endswith("_r"):
            left = by_name[name[:-2] + "_l"]
            assert left.max_isometric_force == right.max_isometric_force
            for a, b in zip(right.path, left.path, strict=True):
                assert b.at == pytest.approx(np.array(a.at) * [1, 1, -1])
                assert b.within == a.within
                assert b.coordinate == a.coordinate.replace("_r", "_l")


def test_default_runner_has_no_leg_muscles(worker: Worker) -> None:
    assert "glut_med1_r" not in worker.call("build_runner", Subject(legs="none"))


def test_opensim_has_the_paths_of_the_tables(worker: Worker, text: str, tables: RunnerTables) -> None:
    muscles = [m for m in tables.leg_muscles["hamner"] if m.name.endswith("_r")]
    knots = next(p.knots for m in muscles for p in m.path if p.moves)
    q = postures(12, 0)
    q[:, 3] = np.random.default_rng(1).choice([k for k in knots if k < 0.17], 12)
    found = worker.call("muscle_lengths", text, coordinates("r"), q, [m.name for m in muscles])
    for row, lengths in zip(q, found, strict=True):
        state = dict(zip(coordinates("r"), map(float, row), strict=True))
        at = posture(tables, state)
        assert lengths == pytest.approx([path_length(path_at(m, state), at) for m in muscles], abs=1e-6)


def test_lengths_and_arms_are_those_of_the_published_model(worker: Worker, text: str) -> None:
    folder = os.environ.get("FOOTSTRIKE_DATA")
    if not folder:
        pytest.skip("FOOTSTRIKE_DATA does not name a folder with the model of Hamner et al. 2010")
    published = (Path(folder) / "models" / "Hamner2010.osim").read_text(encoding="utf-8")
    published = published.replace("<locked>true", "<locked>false")  # subtalar and mtp
    for side in "rl":
        names = [m.name for m in carried_tables().leg_muscles["hamner"] if m.name.endswith(side)]
        q = postures(64, 2)
        own, theirs = (
            worker.call("muscle_lengths", t, coordinates(side), q, names) for t in (text, published)
        )
        assert np.sqrt(np.mean((own - theirs) ** 2, axis=0)).max() <= 1e-3
        own, theirs = (
            worker.call("moment_arms", t, coordinates(side), q[:16], names) for t in (text, published)
        )
        assert np.sqrt(np.mean((own - theirs) ** 2, axis=0)).max() <= 1.5e-3


@pytest.mark.parametrize("strike", HABITUAL)
@pytest.mark.parametrize("speed", [2.5, 4.5])
def test_fibres_work_within_their_range_in_running(
    worker: Worker, text: str, tables: RunnerTables, strike: str, speed: float
) -> None:
    names, muscles = coordinates("r"), [m for m in tables.leg_muscles["hamner"] if m.name.endswith("_r")]
    habitual = target(strike, speed)
    q = np.stack([habitual.coordinates[n] for n in names], axis=1)
    for m, length in zip(
        muscles, worker.call("muscle_lengths", text, names, q, [m.name for m in muscles]).T, strict=True
    ):
        along, width = length - m.tendon_slack_length, m.optimal_fibre_length * np.sin(m.pennation)
        assert along.min() > 0.0, m.name  # a rigid tendon is never slack
        normalised = np.hypot(along, width) / m.optimal_fibre_length
        assert normalised.min() > 0.49, m.name
        assert normalised.max() < 1.41, m.name


def test_a_flexed_knee_is_resisted_as_measured(worker: Worker, text: str, tables: RunnerTables) -> None:
    """Riener & Edrich 1999 (J Biomech 32:539): 10 people; excessive passive force makes antagonists co-contract."""
    names = coordinates("r")
    muscles = [m for m in tables.leg_muscles["hamner"] if m.name.endswith("_r")]
    strength, fibre, tendon, pennation = np.array(
        [(m.max_isometric_force, m.optimal_fibre_length, m.tendon_slack_length, m.pennation) for m in muscles]
    ).T
    hip, ankle, flexion = 20.0, 0.0, np.array([60.0, 80.0, 100.0, 110.0])
    q = np.zeros((len(flexion), len(names)))
    q[:, 0], q[:, 3] = np.radians(hip), -np.radians(flexion)
    which = [m.name for m in muscles]
    along = worker.call("muscle_lengths", text, names, q, which) - tendon
    length = np.hypot(along, fibre * np.sin(pennation))
    tension = strength * along / length * np.maximum(passive_force(length / fibre, PASSIVE_STRAIN), 0.0)
    arms = worker.call("moment_arms", text, names, q, which)[:, :, names.index("knee_angle_r")]
    measured = (  # extending
        np.exp(-3.971 + 0.0004 * ankle + 0.0495 * flexion - 0.0128 * hip)
        + 4.820
        - np.exp(1.800 + 0.0460 * ankle - 0.0352 * flexion + 0.0217 * hip)
        - np.exp(2.220 - 0.150 * flexion)
    )
    assert np.sum(tension * arms, axis=1) == pytest.approx(measured, abs=6.0)


def test_the_achilles_tendon_is_as_stiff_as_measured(worker: Worker, text: str) -> None:
    """188 N/mm (Lichtwark & Wilson 2005, J Exp Biol 208:4715) to 430 (Peltonen et al. 2010, J Exp Biol 213:1259)."""
    muscles = {m.name: m for m in worker.call("describe", text).muscles}
    calf = [muscles[name] for name in ("soleus_r", "med_gas_r", "lat_gas_r")]
    strength = sum(m.max_isometric_force for m in calf)
    for force in (2000.0, 4000.0):
        stiffness = sum(
            m.max_isometric_force
            / (m.tendon_slack_length * tendon_compliance(force / strength, m.tendon_strain))
            for m in calf
        )
        assert 150e3 < stiffness < 450e3


@pytest.mark.parametrize(
    "runner", [Subject(1.50, 45.0, "female", legs="none"), Subject(2.05, 110.0, legs="none")]
)
def test_standing_fibres_keep_their_normalised_length_at_any_size(
    worker: Worker, tables: RunnerTables, runner: Subject
) -> None:
    """OpenSim writes six digits of the splines that move points: up to 0.05 um along each axis is lost."""
    names, zero = coordinates("r"), np.zeros((1, len(JOINTS)))
    fibres = []
    for spec in (Subject(legs="hamner"), replace(runner, legs="hamner")):
        own = scaled(tables, spec)
        muscles, at = own.leg_muscles["hamner"], posture(own, {})
        length = np.array([path_length(m.standing_path, at) for m in muscles])
        built = worker.call("build_runner", spec)
        theirs = worker.call("muscle_lengths", built, names, zero, [m.name for m in muscles])[0]
        assert np.abs(theirs - length).max() < 1e-7
        slack, optimal = np.array([(m.tendon_slack_length, m.optimal_fibre_length) for m in muscles]).T
        fibres.append((length - slack) / optimal)
    assert fibres[1] == pytest.approx(fibres[0], rel=1e-9)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("tibia_r,conditional", "tibia_r,sometimes", "one of fixed, conditional, moving"),
        ("knee_angle_r,-0.55851", "knee_r,-0.55851", "coordinate = 'knee_r' must be one of"),
        ("-0.55851,0.17453", "-0.55851,-0.7", "maximum = '-0.7' must be a finite number from -0.55851"),
        ("-2.0944 -1.99997 -1.5708", "-2.0944 -2.99997 -1.5708", "two numbers or more, rising"),
        ("0.0155805 0.0179938 ", "0.0155805 ", "17 numbers, one for each knot"),
    ],
)
def test_errors_name_row_field_and_value(tmp_path: Path, old: str, new: str, said: str) -> None:
    shutil.copytree(resource("models"), tmp_path / "models")
    file = tmp_path / "models" / "leg_points.csv"
    content = file.read_text(encoding="utf-8")
    assert old in content
    file.write_text(content.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ModelError, match=r"leg_points\.csv, row") as caught:
        load_tables(tmp_path / "models")
    assert said in str(caught.value)


def test_a_misspelt_set_is_answered_with_the_likely_one() -> None:
    with pytest.raises(InputError, match="did you mean 'hamner'"):
        Subject(legs="hammer")
