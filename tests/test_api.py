"""The public functions that need no solve, and the commands over them, on the real model."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from synthetic import looking_run

import footstrike as fs
from footstrike.cli import commands
from footstrike.errors import InputError
from footstrike.model.subject import SIMULATED
from footstrike.runs.run import Run
from footstrike.workers.client import opensim_worker


@pytest.fixture(scope="module")
def osim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fs.build_model(tmp_path_factory.mktemp("model") / "runner.osim")


def test_the_built_model_is_the_runner(osim: Path) -> None:
    assert osim.read_text(encoding="utf-8") == opensim_worker().call("build_runner", SIMULATED)


def test_showing_a_file_says_what_showing_the_runner_says(osim: Path, tmp_path: Path) -> None:
    shown = fs.show_model(osim)
    assert shown == fs.show_model()
    assert shown["free_coordinates"] == 31
    assert shown["muscles"] == 196
    assert "picture" not in shown
    drawn = fs.show_model(osim, tmp_path / "runner.svg")
    assert Path(drawn["picture"]).stat().st_size > 10_000


def test_checks_of_the_runner_pass(osim: Path) -> None:
    report = fs.check_model(osim)
    assert {row["check"] for row in report["checks"]} >= {"inverse dynamics", "joint reaction"}
    assert report["passed"] is True


def test_a_missing_model_is_refused(tmp_path: Path) -> None:
    for function in (fs.show_model, fs.check_model):
        with pytest.raises(InputError, match=r"none\.osim"):
            function(tmp_path / "none.osim")


@pytest.mark.parametrize("command", ["show", "check"])
def test_model_commands_print_one_json_object(
    command: str,
    osim: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)  # where the picture lands
    assert commands.run(["model", command, str(osim), "--json"]) == 0
    assert isinstance(json.loads(capsys.readouterr().out), dict)


def test_export_command_writes_what_it_lists(
    osim: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run: Run = replace(looking_run(samples=51), model_osim=osim.read_text(encoding="utf-8"))
    trunk = opensim_worker().call("describe", run.model_osim).muscles[:3]  # the runner has no leg muscles
    run = replace(run, muscle_names=[m.name for m in trunk], muscle_groups=[m.group for m in trunk])
    file = run.save(tmp_path / "run.h5")
    assert commands.run(["export", str(file), str(tmp_path / "out"), "--json"]) == 0
    files = [Path(name) for name in json.loads(capsys.readouterr().out)["files"]]
    assert sorted(files) == sorted((tmp_path / "out").iterdir())
    assert {"runner.osim", "motion.mot", "README.txt"} <= {p.name for p in files}


def test_an_unknown_preset_is_refused_with_those_that_there_are(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"'fast' is unknown .*allowed: quick, standard, full"):
        fs.run_claims("fast", tmp_path / "out")
    assert not (tmp_path / "out").exists()
