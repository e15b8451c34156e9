from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from footstrike.errors import InputError, ModelError
from footstrike.model.placement import crossed, path_length, posture, wrench
from footstrike.model.rows import LEVELS, LUMBAR_AXES, RunnerTables
from footstrike.model.subject import Subject
from footstrike.model.tables import load_tables
from footstrike.resources import resource

JOINTS = (*LEVELS, "abdomen", "hip_r", "hip_l", "acromial_r", "acromial_l")
# Raabe & Chaudhari 2016 (doi:10.1016/j.jbiomech.2016.02.046): places in the pelvis, all coordinates zero, m
FBLS_PLACES = {
    "lumbar5": (-0.088, 0.054, 0.0),
    "lumbar4": (-0.079, 0.0861, 0.0),
    "lumbar3": (-0.0784, 0.1193, 0.0),
    "lumbar2": (-0.0851, 0.1544, 0.0),
    "lumbar1": (-0.0965, 0.1832, 0.0),
    "torso": (-0.094, 0.0932, 0.0),
    "Abdomen": (0.002, 0.144, 0.0),
    "humerus_r": (-0.090845, 0.4647, 0.17),
    "femur_l": (-0.0707, -0.0661, -0.0835),
    "calcn_r": (-0.12397, -0.93387, 0.09142),
    "toes_r": (0.05483, -0.93587, 0.0925),
}


def test_mass_is_that_of_the_source_model(tables: RunnerTables) -> None:
    assert sum(b.mass for b in tables.bodies) == pytest.approx(75.34, abs=0.003)


@pytest.mark.parametrize("body", FBLS_PLACES)
def test_neutral_places_are_those_of_the_source_model(tables: RunnerTables, body: str) -> None:
    tolerance = (
        3e-4 if body.startswith(("calcn", "toes")) else 1e-9
    )  # the refitted knee moves the foot a little
    assert posture(tables, {}).bodies[body].p == pytest.approx(FBLS_PLACES[body], abs=tolerance)


def test_t12l1_lies_where_the_lifting_model_has_it(tables: RunnerTables) -> None:
    at = posture(tables, {})
    assert at.centres["T12L1"] - at.centres["L1L2"] == pytest.approx(
        np.array([-0.0104, 0.0275, 0.0]) - [0.0014, -0.0038, 0.0], abs=1e-9
    )


def test_vertebrae_are_not_wider_than_a_waist(tables: RunnerTables) -> None:
    for body in tables.bodies:
        if body.name.startswith("lumbar"):
            assert max(np.sqrt(np.array(body.moments) / body.mass)) < 0.12, body.name


def test_thorax_and_vertebrae_together_are_the_trunk_of_hamner(tables: RunnerTables) -> None:
    """Mass, height of the centre of mass and moments of inertia of Hamner et al. 2010's torso."""
    at = posture(tables, {}).bodies
    trunk = [b for b in tables.bodies if b.name == "torso" or b.name.startswith("lumbar")]
    masses = np.array([b.mass for b in trunk])
    places = np.array([at[b.name].p + at[b.name].R @ b.com for b in trunk])
    centre = masses @ places / masses.sum()
    away = places - centre
    inertia = sum(np.array(b.moments) for b in trunk) + masses @ ((away**2).sum(axis=1)[:, None] - away**2)
    assert masses.sum() == pytest.approx(26.8266, abs=1e-9)
    assert centre[1:] == pytest.approx([0.0815 + 0.32, 0.0], abs=1e-4)  # on the joint of the back
    assert inertia == pytest.approx([1.4745, 0.7555, 1.4314], abs=1e-3)


def test_sides_are_mirror_images(tables: RunnerTables) -> None:
    flip = np.array([1.0, 1.0, -1.0])
    bodies = {b.name: b for b in tables.bodies}
    for name, body in bodies.items():
        if name.endswith("_r"):
            other = bodies[name[:-2] + "_l"]
            assert (other.mass, other.moments) == (body.mass, body.moments)
            assert np.array(other.com) == pytest.approx(flip * body.com)
    for chosen in tables.fascicles.values():
        by_name = {f.name: f for f in chosen}
        assert len(by_name) == len(chosen)
        for f in chosen:
            twin = by_name[f.name[:-2] + ("_l" if f.name.endswith("_r") else "_r")]
            assert twin.max_isometric_force == f.max_isometric_force
            assert twin.tendon_slack_length == f.tendon_slack_length
            for (body, x), (body_twin, x_twin) in zip(f.path, twin.path, strict=True):
                assert body_twin.removesuffix("_l").removesuffix("_r") == body.removesuffix(
                    "_l"
                ).removesuffix("_r")
                assert np.array(x_twin) == pytest.approx(flip * x)


@pytest.mark.parametrize("rhythm", ["christophy", "lfb"])
def test_levels_add_up_to_the_coordinate(tables: RunnerTables, rhythm: str) -> None:
    for axis in LUMBAR_AXES:
        assert sum(tables.rhythms[rhythm].fractions[axis].values()) == pytest.approx(1.0, abs=1e-12)
        thorax = posture(tables, {f"lumbar_{axis}": 0.3}, rhythm).bodies["torso"].R
        assert np.arccos((np.trace(thorax) - 1) / 2) == pytest.approx(0.3, abs=1e-9)


def test_reduced_set_crosses_the_same_joints(tables: RunnerTables) -> None:
    beyond = posture(tables, {}).beyond
    full = {f.name: f for f in tables.fascicles["full"]}
    stood_for = []
    for f in tables.fascicles["reduced"]:
        stood_for += f.members
        assert f.max_isometric_force == pytest.approx(
            sum(full[m].max_isometric_force for m in f.members), rel=1e-6
        )
        for m in f.members:
            assert crossed(f.path, beyond, JOINTS) == crossed(full[m].path, beyond, JOINTS), (f.name, m)
    assert len(stood_for) == len(set(stood_for))
    left_out = set(full) - set(stood_for)
    assert all(not set(crossed(full[m].path, beyond, JOINTS)) & set(LEVELS) for m in left_out), (
        "only shoulder fascicles"
    )
    assert len(full) == 238
    assert len(tables.fascicles["reduced"]) >= 62


@pytest.mark.parametrize(
    "pose", [{}, {"lumbar_extension": -0.4}, {"lumbar_bending": 0.2, "lumbar_rotation": -0.2}]
)
def test_reduced_set_is_as_strong_as_the_full_one(tables: RunnerTables, pose: dict[str, float]) -> None:
    at = posture(tables, pose)
    for level in LEVELS:
        load = {
            key: np.array(
                [
                    np.multiply(f.max_isometric_force, np.concatenate(wrench(f.path, at, level)))
                    for f in chosen
                ]
            )
            for key, chosen in tables.fascicles.items()
        }
        for column in (3, 4, 5):
            for sign in (1.0, -1.0):
                full, reduced = (
                    np.maximum(sign * load[k][:, column], 0.0).sum() for k in ("full", "reduced")
                )
                assert reduced == pytest.approx(full, rel=0.05)
        assert load["reduced"][:, 1].sum() == pytest.approx(load["full"][:, 1].sum(), rel=0.01)


@pytest.mark.parametrize("chosen", ["full", "reduced"])
@pytest.mark.parametrize(
    "pose", [{}, {"lumbar_extension": -0.35}, {"lumbar_rotation": 0.35}, {"hip_flexion_r": 1.0}]
)
def test_fibres_work_near_their_optimal_length(
    tables: RunnerTables, chosen: str, pose: dict[str, float]
) -> None:
    at = posture(tables, pose)
    for f in tables.fascicles[chosen]:
        along = path_length(f.path, at) - f.tendon_slack_length
        assert 0.4 < along / f.optimal_fibre_length < 1.5, f.name


def test_moment_arms_are_slopes_of_the_path_length(tables: RunnerTables) -> None:
    step, q = 1e-5, {"lumbar_extension": -0.2}
    fractions = tables.rhythms["christophy"].fractions["extension"]
    at = posture(tables, q)
    for f in tables.fascicles["reduced"]:
        lengths = [
            path_length(f.path, posture(tables, {"lumbar_extension": -0.2 + s})) for s in (-step, step)
        ]
        levels = sum(fractions[level] * wrench(f.path, at, level)[1][2] for level in LEVELS)
        abdomen = tables.couplers[0].slope * wrench(f.path, at, "abdomen")[1][2]
        assert levels + abdomen == pytest.approx((lengths[0] - lengths[1]) / (2 * step), abs=1e-7), f.name


@pytest.mark.parametrize(
    ("table", "old", "new", "said"),
    [
        ("bodies.csv", "pelvis,11.777", "pelvis,-1", "mass = '-1' must be greater than 0"),
        (
            "bodies.csv",
            "0.01219,0.01765,0.00546",
            "0.01219,0.21765,0.00546",
            "iyy = '0.21765' must be positive and at most",
        ),
        ("joints.csv", "hip_r,custom,pelvis", "hip_r,hinge,pelvis", "one of custom, spine, weld"),
        ("rhythm.csv", "christophy,extension,0.125", "christophy,extension,0.225", "sum to 1"),
        ("contact.csv", "heel_r,calcn_r", "heel_r,heel", "body = 'heel' must be one of"),
        ("coordinates.csv", "lumbar_bending,rotation,0", "lumbar_bending,rotation,9", "default = '9'"),
        ("trunk_points.csv", "rect_abd_r,1,torso", "rect_abd_r,1,pelvis", "two bodies or more"),
    ],
)
def test_errors_name_file_row_field_and_value(
    tmp_path: Path, table: str, old: str, new: str, said: str
) -> None:
    shutil.copytree(resource("models"), tmp_path / "models")
    file = tmp_path / "models" / table
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ModelError, match="row") as caught:
        load_tables(tmp_path / "models")
    assert said in str(caught.value)
    assert ".csv" in str(caught.value)


def test_fitted_contact_replaces_the_starting_values(tmp_path: Path) -> None:
    shutil.copytree(resource("models"), tmp_path / "models")
    (tmp_path / "models" / "contact.toml").write_text(
        "[all]\ndissipation = 0.7\n[heel]\nx = 0.01\nz = -0.02\n"
    )
    spheres = {s.name: s for s in load_tables(tmp_path / "models").spheres}
    assert spheres["heel_r"].location[::2] == (0.01, -0.02)
    assert spheres["heel_l"].location[::2] == (0.01, 0.02)
    assert {s.dissipation for s in spheres.values()} == {0.7}
    (tmp_path / "models" / "contact.toml").write_text("[heel]\nstifness = 1.0\n")
    with pytest.raises(ModelError, match="stifness"):
        load_tables(tmp_path / "models")


def test_a_misspelt_choice_is_answered_with_the_likely_one() -> None:
    with pytest.raises(InputError, match="did you mean 'christophy'"):
        Subject(rhythm="christofy", legs="none")
    with pytest.raises(InputError, match="full"):
        Subject(trunk="ful", legs="none")
