from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pytest

from footstrike.check.model_check import CheckReport, check
from footstrike.errors import InputError, ModelError
from footstrike.files import to_json
from footstrike.progress import ProgressEvent

ROWS = ["total mass", "inverse dynamics", "joint reaction", "muscle length", "moment arm"]
DATA = os.environ.get("FOOTSTRIKE_DATA")


@pytest.fixture(scope="module")
def runner() -> tuple[CheckReport, list[ProgressEvent]]:
    events: list[ProgressEvent] = []
    return check(progress=events.append), events


def test_the_runner_agrees_with_opensim(runner: tuple[CheckReport, list[ProgressEvent]]) -> None:
    report, _ = runner
    assert [row["check"] for row in report.rows][:5] == ROWS
    assert report.passed, [row for row in report.rows if not row["passed"]]
    for row in report.rows:
        assert row.keys() >= {"check", "value", "limit", "passed", "unit", "detail"}
        assert (row["value"] <= row["limit"]) is row["passed"]


def test_the_report_says_what_was_understood(runner: tuple[CheckReport, list[ProgressEvent]]) -> None:
    report, _ = runner
    assert report.understood["free coordinates"] == 31
    assert report.understood["total mass, kg"] == pytest.approx(75.34, abs=0.05)
    assert "CustomJoint" in report.understood["joints"]
    assert "hip_flexion_r" in report.understood["names of these"]


def test_the_report_is_one_json_object(runner: tuple[CheckReport, list[ProgressEvent]]) -> None:
    whole = json.loads(to_json(runner[0].plain()))
    assert whole["passed"] is True
    assert {"model", "understood", "checks", "muscle_types", "muscles", "warnings"} <= whole.keys()


def test_progress_is_told_with_growing_time(runner: tuple[CheckReport, list[ProgressEvent]]) -> None:
    _, events = runner
    assert {"reading the model", "comparing inverse dynamics"} <= {e["stage"] for e in events}
    times = [e["elapsed_s"] for e in events]
    assert times == sorted(times)


@pytest.mark.parametrize(
    "name", ["joints", "couplers", "knee", "paths", "function_path", "forces", "muscles", "flip", "reporting"]
)
def test_toy_models_agree_with_opensim(toys: dict[str, str], tmp_path: Path, name: str) -> None:
    path = tmp_path / f"{name}.osim"
    path.write_text(toys[name])
    report = check(path)
    assert report.passed, [row for row in report.rows if not row["passed"]]


def test_a_model_without_muscles_or_motion_is_checked_as_far_as_it_goes(
    toys: dict[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "still.osim"
    path.write_text(toys["no_coordinates"])
    report = check(path)
    assert [row["check"] for row in report.rows] == ["total mass"]
    assert "the model has no muscles" in report.warnings


def test_where_opensim_is_at_odds_with_itself_it_is_said(toys: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "knee.osim"
    path.write_text(toys["knee"])
    report = check(path)
    assert any("quadratic in the speeds" in w and "knee" in w for w in report.warnings)


def test_every_muscle_and_every_type_has_its_errors(toys: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "muscles.osim"
    path.write_text(toys["muscles"])
    report = check(path)
    assert len(report.muscles) == 6
    types = {row["type"]: row for row in report.muscle_types}
    assert types["DeGrooteFregly2016Muscle"]["force_error_max"] == 0.0
    thelen = types["Thelen2003Muscle"]
    assert 0.0 < thelen["force_error_rms"] < thelen["force_error_max"] < 0.5
    assert thelen["worst"] == "Thelen2003Muscle"


def test_the_worst_curved_path_comes_first(toys: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "paths.osim"
    path.write_text(toys["paths"])
    report = check(path)
    rows = {row["check"]: row for row in report.rows}
    assert rows["muscle length"]["value"] == max(m["length_rms_mm"] for m in report.muscles)
    first = report.muscles[0]
    assert first["path"] == "polynomial"
    assert set(first["coordinates"]) <= {"q0", "q1"}
    assert report.understood["wrapping surfaces"].count("1 Wrap") == 3
    assert "1 ConditionalPathPoint" in report.understood["path points that come, go or move"]


def test_a_second_check_reads_the_fits_of_the_first(toys: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "paths.osim"
    path.write_text(toys["paths"].replace("<Model name=", "<!--kept--><Model name=", 1))
    stages: list[str] = []
    first = check(path)
    second = check(path, progress=lambda event: stages.append(event["stage"]))
    assert second.muscles == first.muscles
    assert not any("fitting" in s for s in stages)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (gzip.compress(b"<OpenSimDocument/>"), "gzip"),
        (b"PK\x03\x04rest", "zip"),
        (bytes(range(256)), "not UTF-8 text"),
    ],
    ids=["empty", "gzip", "zip", "bytes"],
)
def test_files_that_are_not_text_are_input_errors(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "odd.osim"
    path.write_bytes(content)
    with pytest.raises(InputError, match=words) as caught:
        check(path)
    assert "odd.osim" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="directory"):
        check(tmp_path)


@pytest.mark.parametrize("name", ["two_joints", "weld_constraint", "point_constraint"])
def test_loops_are_refused_by_name(toys: dict[str, str], tmp_path: Path, name: str) -> None:
    path = tmp_path / "loop.osim"
    path.write_text(toys[name])
    with pytest.raises(ModelError, match=r"'(closing|second)'.*loop"):
        check(path)


def test_a_missing_file_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nothing\.osim"):
        check(tmp_path / "nothing.osim")


@pytest.mark.skipif(not DATA, reason="FOOTSTRIKE_DATA is not set: published models are not here")
@pytest.mark.parametrize(
    "name",
    [
        "models/Hamner2010.osim",
        "models/Rajagopal2016.osim",
        "models/FBLS_Raabe2016.osim",
        "hamner_s01/subject01_scaled.osim",
        "walking/subject_walk_scaled.osim",
    ],
)
def test_published_models_agree_with_opensim(name: str) -> None:
    path = Path(DATA or "", name)
    if not path.exists():
        pytest.skip(f"{name} is not below FOOTSTRIKE_DATA")
    report = check(path)
    assert report.passed, [row for row in report.rows if not row["passed"]]
