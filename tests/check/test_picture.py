from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import small_osim as small

import footstrike as fs
from footstrike.check.picture import show
from footstrike.check.scene import Scene, is_left, posture, region, scene
from footstrike.errors import InputError
from footstrike.model.description import Description
from footstrike.model.measured import MuscleLine
from footstrike.model.subject import SIMULATED
from footstrike.simulation.request import Request
from footstrike.workers.client import Worker


def placed(worker: Worker, text: str) -> tuple[Description, dict[str, MuscleLine], Scene]:
    d = worker.call("describe", text, fit_paths=False)
    lines = worker.call("muscle_lines", text, posture(d))
    return d, lines, scene(d, posture(d), lines)


@pytest.fixture(scope="module")
def runner(worker: Worker) -> tuple[Description, dict[str, MuscleLine], Scene]:
    return placed(worker, worker.call("build_runner", SIMULATED))


def test_the_runner_shown_is_the_one_that_is_simulated() -> None:
    assert Request(strike="rearfoot").subject == SIMULATED


def test_lines_are_as_long_as_the_muscles(
    worker: Worker, toys: dict[str, str], runner: tuple[Description, dict[str, MuscleLine], Scene]
) -> None:
    text = toys["paths"]
    d, curved, _ = placed(worker, text)
    assert any(len(line.points) > 5 for line in curved.values())  # round a wrap
    for osim, names, lines in (
        (text, d.coordinate_names, curved),
        (worker.call("build_runner", SIMULATED), runner[0].coordinate_names, runner[1]),
    ):
        q = np.array([[posture(d if lines is curved else runner[0])[n] for n in names]])
        lengths = worker.call("muscle_lengths", osim, names, q, list(lines))[0]
        for length, (name, line) in zip(lengths, lines.items(), strict=True):
            along = float(np.linalg.norm(np.diff(line.points, axis=0), axis=1).sum())
            assert along == pytest.approx(length, rel=2e-3), name


def test_the_runner_stands_upright_with_a_head_and_all_that_moves(
    runner: tuple[Description, dict[str, MuscleLine], Scene],
) -> None:
    d, _, s = runner
    assert s.head is not None
    head, half = s.head
    assert head[1] - half > max(p[1] for n, p in s.joints.items() if n.startswith("acromial"))
    assert head[1] + half == pytest.approx(1.80, abs=0.06)
    assert min(p[1] for p in s.joints.values()) > 0.0
    assert {line.moves for line in s.lines} == {"trunk", "hip", "knee", "ankle and foot", "shoulder"}
    assert list(s.levels) == ["L5/S1", "L4/L5", "L3/L4", "L2/L3", "L1/L2", "T12/L1"]
    assert len(s.lines) == len(d.muscles) == 196
    sides = [line.left for line in s.lines]
    assert sum(sides) == len(sides) - sum(sides)


def test_bones_join_the_joints(runner: tuple[Description, dict[str, MuscleLine], Scene]) -> None:
    d, _, s = runner
    segments = {seg.name: seg for seg in s.segments}
    (thigh,) = segments["femur_r"].sticks
    assert np.linalg.norm(thigh[1] - thigh[0]) == pytest.approx(
        np.linalg.norm(
            s.joints["walker_knee_r" if "walker_knee_r" in s.joints else "knee_r"] - s.joints["hip_r"]
        )
    )
    assert segments["femur_l"].left
    assert not segments["femur_r"].left
    assert {j.child for j in d.joints} >= segments.keys() - {"ground"}


@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("walker_knee_r", "knee"),
        ("acromial_l", "shoulder"),
        ("L5_S1_IVDjnt", "trunk"),
        ("radius_hand_r", "wrist and hand"),
        ("subtalar_l", "ankle and foot"),
        ("hip_r", "hip"),
        ("joint7", None),
    ],
)
def test_names_of_published_models_tell_the_region(name: str, where: str | None) -> None:
    assert region(name) == where


def test_names_tell_the_side() -> None:
    assert all(is_left(n) for n in ("femur_l", "l_hip", "hip_left", "Psoas_L", "gaslat_l_2"))
    assert not any(is_left(n) for n in ("femur_r", "tibialis", "L5S1", "lumbar", "hl"))


def test_up_is_against_gravity(worker: Worker) -> None:
    upright = placed(worker, small.chain())[2]
    lying = placed(worker, small.chain().replace("0 -9.81 0", "0 0 -9.81"))[2]
    down = upright.joints["hip"] - upright.joints["knee"]
    assert down == pytest.approx([0, 0.4, 0])
    assert lying.joints["hip"] - lying.joints["knee"] == pytest.approx([0, 0, -0.4])


@pytest.mark.parametrize(
    "name",
    ["joints", "functions", "muscles", "paths", "function_path", "forces", "knee", "no_coordinates", "flip"],
)
def test_every_model_that_can_be_read_can_be_drawn(
    worker: Worker, toys: dict[str, str], tmp_path: Path, name: str
) -> None:
    d, lines, _ = placed(worker, toys[name])
    assert show(d, lines, tmp_path / f"{name}.png").stat().st_size > 5_000


def test_a_picture_says_by_its_letters_what_it_shows(tmp_path: Path) -> None:
    path = tmp_path / "small.osim"
    front = small.muscle(
        "front",
        small.point("a", "/bodyset/thigh", "0.05 -0.1 0"),
        small.point("b", "/bodyset/shank", "0.05 -0.1 0"),
    )
    path.write_text(small.chain(forces=front))
    fs.show_model(path, tmp_path / "small.svg")
    svg = (tmp_path / "small.svg").read_text()
    for words in ("side", "front", "small: 12.0 kg, 2 coordinates, 1 muscles", "knee"):
        assert words in svg


def test_another_ending_is_refused(worker: Worker, tmp_path: Path) -> None:
    d, lines, _ = placed(worker, small.chain())
    with pytest.raises(InputError, match=r"picture\.gif"):
        show(d, lines, tmp_path / "picture.gif")


def test_a_coordinate_that_is_not_there_is_refused(worker: Worker) -> None:
    with pytest.raises(InputError, match="did you mean 'knee'"):
        posture(placed(worker, small.chain())[0], {"kne": 0.1})
