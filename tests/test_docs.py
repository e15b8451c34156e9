"""The documentation: tutorials that run, tables that have an origin, a picture that is current."""

from __future__ import annotations

import csv
import json
import re
import sys
import tomllib
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest

import footstrike as fs
from footstrike.cli import commands

DOCS = Path(__file__).resolve().parents[1] / "docs"
DATA = DOCS / "data"
RESULTS = tomllib.loads((DATA / "results.toml").read_text(encoding="utf-8"))
PAGES = "\n".join(page.read_text(encoding="utf-8") for page in DOCS.rglob("*.md"))


def run_blocks(page: str) -> dict[str, object]:
    """The names that the Python blocks of a page leave behind, run in their order."""
    text = (DOCS / page).read_text(encoding="utf-8")
    space: dict[str, object] = {}
    for block in re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL):
        exec(compile(block, page, "exec"), space)
    return space


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, where figures need no display."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "agg")
    return tmp_path


def test_the_tutorial_on_a_stride_runs(elsewhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    space = run_blocks("tutorial-stride.md")
    assert space["run"].solved
    assert {path.name for path in elsewhere.iterdir()} == {"rearfoot.png", "rearfoot.h5"}
    (shown,) = re.findall(r"^# (strike .*)$", (DOCS / "tutorial-stride.md").read_text("utf-8"), flags=re.M)
    assert shown in capsys.readouterr().out  # the error that the page shows is the one that is raised


def test_the_tutorial_on_mechanics_runs(elsewhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    space = run_blocks("tutorial-mechanics.md")
    weight = space["description"].mass * 9.80665
    assert space["tau"]["pelvis_ty"] == pytest.approx(weight)
    assert 0.0 < float(space["standing"].lumbar["L5S1"]["compression"][0]) < 1.5 * weight
    assert capsys.readouterr().out


def test_the_reference_has_every_public_name() -> None:
    described = set(re.findall(r"::\s+footstrike\.(\w+)$", (DOCS / "api.md").read_text("utf-8"), flags=re.M))
    assert described == set(fs.__all__) - {"__version__"}


def test_every_table_of_results_is_shown_and_tells_its_origin() -> None:
    files = {path.stem for path in DATA.glob("*.csv")}
    assert files == set(RESULTS) == set(re.findall(r"```\{results\} (\w+)", PAGES))
    for name, made in RESULTS.items():
        assert {"made", "version", "by"} <= set(made), name
        script = re.search(r"experiments/\S+\.py", made["by"])
        assert script is None or (DOCS.parent / script[0]).exists(), name


@pytest.mark.parametrize("name", sorted(RESULTS))
def test_tables_of_results_have_no_ragged_row(name: str) -> None:
    with (DATA / f"{name}.csv").open(newline="", encoding="utf-8") as stream:
        rows = list(csv.reader(stream))
    assert len({len(row) for row in rows}) == 1
    assert len(rows) > 1


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(DOCS / "_ext"))
    import validation_table

    return validation_table


def test_every_row_of_validation_is_shown_as_it_was_judged(table: ModuleType) -> None:
    found = json.loads((DATA / "validation.json").read_text(encoding="utf-8"))
    assert {"date", "versions"} <= set(found["provenance"])
    directives = re.findall(r"```\{validation\}\n:rows: (.*)\n(?::speed: (.*)\n)?", PAGES)
    shown = [
        row
        for numbers, speed in directives
        for row in table.validation_table(found["validation"], numbers.split(), float(speed or 0))
    ]
    assert {row[0] for row in shown} == {one["row"] for one in found["validation"]}
    for one in found["validation"]:
        if one["result"] == "fail" and one["speed_mps"] in (None, 3.0, 3.5, 4.0):
            assert any(row[0] == one["row"] and "miss" in row[4] for row in shown), one["row"]


def test_the_command_says_when_the_table_was_made(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("footstrike.api.validate", lambda directory, progress: [])
    assert commands.run(["validate", "--json"]) == 0
    made = json.loads(capsys.readouterr().out)["provenance"]
    assert made["versions"]["footstrike"] == fs.__version__
    assert date.fromisoformat(made["date"]) <= date.today()


def test_both_strikes_stand_side_by_side(table: ModuleType) -> None:
    def judged(strike: str, measured: float | None, result: str, speed: float = 3.5) -> dict[str, object]:
        return {
            "row": "5a", "quantity": "stiffness", "units": "kN/m", "strike": strike, "speed_mps": speed,
            "expected": f"of {strike}", "measured": measured, "result": result, "tracked": False,
        }  # fmt: skip

    both = [judged("forefoot", 13.26, "fail"), judged("rearfoot", 12.44, "pass")]
    (row,) = table.validation_table(both, ["1-14"], 3.5)
    assert row == ["5a", "stiffness, kN/m", "of rearfoot / of forefoot", "12.4 / 13.3", "pass / **miss**"]
    (row,) = table.validation_table(both[1:], ["5"], 3.0)
    assert row[1] == "stiffness, kN/m, rearfoot, at 3.5 m/s"
    (row,) = table.validation_table([judged("rearfoot", None, "not available")], ["5"], 3.5)
    assert row[3:] == ["none", "not judged"]
    assert table.validation_table(both, ["1-4", "6"], 3.5) == []


def test_the_picture_of_the_rooms_is_current(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(DOCS / "_ext"))
    monkeypatch.delitem(sys.modules, "rooms", raising=False)
    import rooms

    drawn = rooms.PICTURE.read_text(encoding="utf-8")
    assert drawn == rooms.picture(), "run: python docs/_ext/rooms.py"
