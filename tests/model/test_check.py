from __future__ import annotations

import os
from pathlib import Path

import pytest
from native import run_native

from footstrike.errors import InputError
from footstrike.model.check import CheckReport, check
from footstrike.progress import ProgressEvent

ROWS = ["total mass", "inverse dynamics", "joint reaction", "muscle length", "moment arm"]
DATA = os.environ.get("FOOTSTRIKE_DATA")


@pytest.fixture(scope="module")
def runner() -> tuple[CheckReport, list[ProgressEvent]]:
    events: list[ProgressEvent] = []
    return check(progress=events.append), events


@pytest.fixture(scope="module")
def toys() -> dict[str, str]:
    return run_native("toy_models.build_all")


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


def test_progress_is_told_with_growing_time(runner: tuple[CheckReport, list[ProgressEvent]]) -> None:
    _, events = runner
    assert {"reading the model", "comparing inverse dynamics"} <= {e["stage"] for e in events}
    times = [e["elapsed_s"] for e in events]
    assert times == sorted(times)


@pytest.mark.parametrize(
    "name", ["joints", "couplers", "knee", "paths", "function_path", "forces", "muscles"]
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


def test_a_missing_file_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nothing\.osim"):
        check(tmp_path / "nothing.osim")


@pytest.mark.skipif(not DATA, reason="FOOTSTRIKE_DATA is not set: published models are not here")
@pytest.mark.parametrize(
    "name", ["models/Hamner2010.osim", "models/Rajagopal2016.osim", "hamner_s01/subject01_scaled.osim"]
)
def test_published_models_agree_with_opensim(name: str) -> None:
    path = Path(DATA or "", name)
    if not path.exists():
        pytest.skip(f"{name} is not below FOOTSTRIKE_DATA")
    report = check(path)
    assert report.passed, [row for row in report.rows if not row["passed"]]
