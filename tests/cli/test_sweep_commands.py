"""``footstrike sweep`` and what belongs to it: results on standard output, progress beside it, exit codes."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
import toy_cells
from rich.console import Console
from toy_cells import UNSOLVED_DEG

from footstrike.cli import commands
from footstrike.cli.sweep_table import SweepTable, duration
from footstrike.study import local, plan
from footstrike.study.tally import Running, Tally

TEXT = """
[fixed]
legs = "torques"
[grid]
strike = ["rearfoot"]
knee_flexion = {values}
"""


@pytest.fixture(autouse=True)
def toys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "COMMAND", toy_cells.COMMAND)
    monkeypatch.setattr(plan, "fingerprint_of_cells", toy_cells.without_code)
    monkeypatch.setenv("TOY_LOG", str(tmp_path))
    monkeypatch.chdir(tmp_path)


def experiment(folder: Path, *values: float) -> str:
    file = folder / "small.toml"
    file.write_text(TEXT.format(values=list(values)))
    return str(file)


def test_a_sweep_prints_what_it_did(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.run(["sweep", experiment(tmp_path, 10, 20), "--json", "--workers", "1"]) == 0
    output, errors = capsys.readouterr()
    found = json.loads(output)
    assert (found["name"], found["cells"], found["solved"], found["failed"]) == ("small", 2, 2, 0)
    assert "3 of 3 solved, 0 failed" in errors
    assert (tmp_path / "footstrike-small" / "plan.json").exists()
    assert commands.run(["sweep", "status", "footstrike-small"]) == 0
    assert "2 of 2 cells solved" in capsys.readouterr().out


def test_a_failed_cell_ends_with_3_and_its_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = experiment(tmp_path, 10, UNSOLVED_DEG)
    assert commands.run(["sweep", file, "-o", "out"]) == 3
    output, errors = capsys.readouterr()
    assert "not_converged: strike rearfoot, knee_flexion 39: too much for a toy" in output
    assert errors.splitlines()[-1].startswith("error: 1 of 3 simulations were not solved")
    assert commands.run(["sweep", "run", file, "-o", "out", "--retry"]) == 3


def test_parts_are_merged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "parts.toml").write_text("block = 1\n" + TEXT.format(values=[10, 20]))
    for i in (1, 2):
        assert commands.run(["sweep", "parts.toml", "-o", f"part-{i}", "--shard", f"{i}/2"]) == 0
    capsys.readouterr()
    assert commands.run(["sweep", "merge", "part-1", "part-2", "-o", "whole", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["solved"] == 2


def test_a_script_asks_for_every_shard(capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.run(["sweep", "script", "map", "--shards", "4", "-o", "a folder"]) == 0
    script = capsys.readouterr().out
    assert script.startswith("#!/bin/bash\n")
    assert "#SBATCH --array=1-4\n" in script
    assert "footstrike sweep map -o 'a folder' --workers 1 --shard \"$SLURM_ARRAY_TASK_ID/4\"" in script


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("sweep", "EXPERIMENT.toml"),
        ("sweep none.toml", "none.toml does not exist"),
        ("sweep quik", "did you mean 'quick'"),
        ("sweep quick --shard 9/9", "blocks"),
        ("sweep quick --workers 0", "workers 0"),
        ("sweep quick --workers many", "many"),
        ("sweep quick -o small.toml", "small.toml"),
        ("sweep status .", "holds no sweep"),
        ("sweep status none", "holds no sweep"),
        ("sweep merge . -o out", "holds no sweep"),
        ("sweep script map --shards 99", "shards 99"),
    ],
)
def test_bad_input_ends_with_2_and_one_line(
    arguments: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    experiment(tmp_path, 10)
    assert commands.run(arguments.split()) == 2
    output, errors = capsys.readouterr()
    assert output == ""
    assert words in errors
    assert errors.count("\n") == 1


def test_the_table_shows_what_runs_and_what_is_left() -> None:
    console = Console(width=100, record=True, force_terminal=True, file=io.StringIO())
    with SweepTable(console) as table:
        running = (Running("k", "strike rearfoot, knee_flexion 10 deg", "solving, iteration 7", 12.0),)
        table.show(Tally(20, 4, 1, running, 60.0, 300.0))
    shown = console.export_text()
    for words in (
        "4 of 20 solved, 1 failed, 1 running, about 5 min left",
        "knee_flexion 10 deg",
        "iteration 7",
        "12 s",
    ):
        assert words in shown


@pytest.mark.parametrize(("seconds", "text"), [(5, "5 s"), (200, "3 min"), (9000, "2.5 h")])
def test_times_are_in_their_own_unit(seconds: float, text: str) -> None:
    assert duration(seconds) == text
