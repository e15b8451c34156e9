"""Every command on every kind of input that it takes, and on bad ones: a row is a line of the table.

A row has the arguments, the exit code, and words that must be in the one line of error, or in the result.
Names in braces stand for files and folders (:func:`places`).
"""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from native import run_native
from synthetic import analytic_run, changed, looking_run

import footstrike as fs
from footstrike.cache.results import Format, cached
from footstrike.cli import commands
from footstrike.progress import stage
from footstrike.runs.store import image
from footstrike.study.folder import SweepFolder
from footstrike.study.plan import Plan
from footstrike.study.sweep import Sweep

GOOD, BAD, FAILED = 0, 2, 3
ROWS = [
    # command                                                          code    words
    ("--version", GOOD, fs.__version__),
    ("--help", GOOD, "simulate"),
    ("", GOOD, "simulate"),
    ("frobnicate", BAD, "frobnicate"),
    ("--frobnicate", BAD, "--frobnicate"),
    ("simulate --strike rearfoot", GOOD, "contact L5S1"),
    ("simulate --strike forefoot --speed 2 --legs torques -o {new}/run.h5", GOOD, "contact L5S1"),
    ("simulate --strike rearfoot --left-strike forefoot --height 1.7 --mass 60 --sex female", GOOD, "lumbar"),
    ("simulate --strike rearfoot --step-length 1.1 --knee-flexion 20 --points 60 --starts 2", GOOD, "contact L5S1"),
    ("simulate --strike rearfoot --free-step", GOOD, "contact L5S1"),
    ("simulate", BAD, "--strike"),
    ("simulate --strike", BAD, "--strike"),
    ("simulate --strike heel", BAD, "strike 'heel' rearfoot, forefoot"),
    ("simulate --strike rearfoot --speed nan", BAD, "speed nan 2 to 5.5 m/s"),
    ("simulate --strike rearfoot --speed 9", BAD, "speed 9 2 to 5.5 m/s"),
    ("simulate --strike rearfoot --speed fast", BAD, "speed fast"),
    ("simulate --strike rearfoot --step-length 0.4", BAD, "step_length 0.4 out of reach"),
    ("simulate --strike rearfoot --step-length inf", BAD, "step_length inf"),
    ("simulate --strike rearfoot --free-step --step-length 1.1", BAD, "free_step step_length"),
    ("simulate --strike rearfoot --knee-flexion -5", BAD, "knee_flexion -5 0 to 60"),
    ("simulate --strike rearfoot --height 3", BAD, "height 3"),
    ("simulate --strike rearfoot --mass nan", BAD, "mass nan"),
    ("simulate --strike rearfoot --height 1.7 --mass 20", BAD, "mass 20"),
    ("simulate --strike rearfoot --sex other", BAD, "sex other female, male"),
    ("simulate --strike rearfoot --legs arms", BAD, "legs arms muscles, torques"),
    ("simulate --strike rearfoot --left-strike heel", BAD, "left_strike heel"),
    ("simulate --strike rearfoot --points 3", BAD, "points 3 30 to 480"),
    ("simulate --strike rearfoot --starts 0", BAD, "starts 0"),
    ("simulate --strike rearfoot --trunk-lean 50", BAD, "trunk_lean 50 -15 to 35"),
    ("simulate --strike rearfoot --rotation 3", BAD, "rotation 3 0 to 2"),
    ("simulate --strike rearfoot --from heel", BAD, "from_strike heel rearfoot"),
    ("simulate --strike rearfoot -o {folder}", BAD, "{folder} folder"),
    ("simulate --strike rearfoot -o {text}/run.h5", BAD, "{text}"),
    ("simulate --strike rearfoot surplus", BAD, "surplus"),
    ("simulate --strike rearfoot --speed 4.9", FAILED, "not_converged use more points"),
    ("claims -o {new}/claims", GOOD, "C1"),
    ("claims --preset fast", BAD, "preset 'fast' quick, standard, full"),
    ("claims -o {text}", BAD, "{text}"),
    ("claims -o {text}/inside", BAD, "{text}"),
    ("validate {runs}", GOOD, "cadence"),
    ("validate {missing}", BAD, "{missing} does not exist"),
    ("validate {run}", BAD, "{run} not a folder"),
    ("validate {folder}", BAD, "{folder}"),
    ("validate {damaged}", BAD, "{truncated}"),
    ("report {runs} -o {new}/page.html", GOOD, "page.html"),
    ("report {missing}", BAD, "{missing} does not exist"),
    ("report {run}", BAD, "{run} not a folder"),
    ("report {folder}", BAD, "{folder}"),
    ("report {runs} -o {folder}", BAD, "{folder} folder"),
    ("report", BAD, "directory"),
    ("explore {missing}", BAD, "{missing} does not exist"),
    ("explore {runs}", BAD, "{runs} no sweep plan.json"),
    ("front {runs}", BAD, "{runs} no sweep plan.json"),
    ("front {runs} --confirm x", BAD, "--confirm"),
    ("explore -o {new}/page.html", GOOD, "page.html"),
    ("export {run} {new}/out", GOOD, "runner.osim"),
    ("export {missing} {new}", BAD, "{missing} does not exist"),
    ("export {folder} {new}", BAD, "{folder} folder"),
    ("export {empty} {new}", BAD, "{empty} empty"),
    ("export {text} {new}", BAD, "{text} not an HDF5 file"),
    ("export {model} {new}", BAD, "{model} not an HDF5 file"),
    ("export {truncated} {new}", BAD, "{truncated} truncated or damaged"),
    ("export {tampered} {new}", BAD, "{tampered} content hash"),
    ("export {run} {text}", BAD, "{text}"),
    ("export {run} {new} --to matlab", BAD, "matlab opensim"),
    ("export {run}", BAD, "DIR"),
    ("model", BAD, "missing command"),
    ("model bild", BAD, "bild"),
    ("model build -o {new}/runner.osim", GOOD, "runner.osim"),
    ("model build -o {folder}", BAD, "{folder} folder"),
    ("model build -o {text}/runner.osim", BAD, "{text}"),
    ("model check {toy}", GOOD, "inverse dynamics"),
    ("model check {missing}", BAD, "{missing} does not exist"),
    ("model check {folder}", BAD, "{folder} not a file"),
    ("model check {empty}", BAD, "{empty}"),
    ("model check {text}", BAD, "{text}"),
    ("model check {run}", BAD, "{run}"),
    ("model check {cut}", BAD, "{cut}"),
    ("model show {model} -o {new}/a.png", GOOD, "coordinates"),
    ("model show {toy} -o {new}/b.svg", GOOD, "coordinates"),
    ("model show {missing}", BAD, "{missing} does not exist"),
    ("model show {folder}", BAD, "{folder} not a file"),
    ("model show {empty} -o {new}/c.png", BAD, "{empty}"),
    ("model show {text} -o {new}/c.png", BAD, "{text}"),
    ("model show {cut} -o {new}/c.png", BAD, "{cut}"),
    ("model show {model} -o {folder}", BAD, "{folder} folder"),
    ("cache", BAD, "missing command"),
    ("cache info", GOOD, "running_paths {cache}"),
    ("cache info surplus", BAD, "surplus"),
    ("cache clear --yes", GOOD, "1"),
    ("cache clear gaits --yes", GOOD, "1"),
    ("cache clear runs", GOOD, "0"),
    ("cache clear", BAD, "--yes 1 result {cache}"),
    ("cache clear gait", BAD, "stage 'gait' gaits"),
    ("cache clear gait --yes", BAD, "stage 'gait' gaits"),
]  # fmt: skip
NO_COMMAND = (
    "--version",
    "--help",
    "",
    "frobnicate",
    "--frobnicate",
    "model",
    "model bild",
    "cache",
    "simulate --strike",
)  # knows --json


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("matrix")
    names = {
        "run": "run.h5", "missing": "nowhere.h5", "folder": "a-folder", "empty": "empty.h5", "text": "words.txt",
        "truncated": "damaged/truncated.h5", "tampered": "tampered.h5", "model": "runner.osim", "toy": "toy.osim",
        "cut": "cut.osim", "runs": "runs", "damaged": "damaged",
    }  # fmt: skip
    at = {name: root / file for name, file in names.items()}
    for folder in ("folder", "runs", "damaged"):
        at[folder].mkdir()
    fs.build_model(at["model"])
    osim = at["model"].read_text(encoding="utf-8")
    for strike in ("rearfoot", "forefoot"):
        run = replace(looking_run(samples=51, strike=strike), model_osim=osim)
        run.save(at["runs"] / f"{strike}.h5")
    shutil.copy(at["runs"] / "rearfoot.h5", at["run"])
    at["empty"].touch()
    at["text"].write_text("words")
    whole = at["run"].read_bytes()
    at["truncated"].write_bytes(whole[: len(whole) // 2])
    at["tampered"].write_bytes(whole.replace(b'"speed_mps": 3.5', b'"speed_mps": 3.6'))
    at["toy"].write_text(run_native("toy_models.build", "joints"), encoding="utf-8")
    at["cut"].write_text(osim[: len(osim) // 2], encoding="utf-8")
    return at


@pytest.fixture(autouse=True)
def _nothing_is_solved(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In place of a solve there is a run; one at 4.9 m/s does not converge. Nothing lands where the tests stand."""

    def simulate(request: fs.Request, progress=lambda event: None) -> fs.Run:
        stage(progress)("solving")
        run = analytic_run(samples=101, strike=request.strike)
        return (
            changed(run, status="not_converged", message="use more points") if request.speed == 4.9 else run
        )

    monkeypatch.setattr("footstrike.api.simulate", simulate)

    def solve_plan(asked: Plan, out: Path, *_: object, **__: object) -> Sweep:
        folder = SweepFolder(out)
        folder.begin(asked)
        for entry in asked.entries.values():
            folder.keep(entry, image(simulate(entry.request)))
        return Sweep(out)

    monkeypatch.setattr("footstrike.main_job.solve_plan", solve_plan)
    for activities in ("lumbar.activities.activities", "report.page._activities"):  # they take half a minute
        monkeypatch.setattr(f"footstrike.{activities}", lambda progress=None: {})
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("as_json", [False, True], ids=["plain", "json"])
@pytest.mark.parametrize(("line", "code", "words"), ROWS, ids=[row[0] or "nothing" for row in ROWS])
def test_row(
    line: str,
    code: int,
    words: str,
    as_json: bool,
    places: dict[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    named = {**places, "new": tmp_path / "new", "cache": tmp_path / "new" / "cache"}
    if line.startswith("cache"):
        monkeypatch.setenv("FOOTSTRIKE_CACHE", str(named["cache"]))
        cached("gaits", (), lambda: "a gait", Format(str.encode, bytes.decode))
    arguments = [part.format(**named) for part in line.split()]
    if as_json and line in NO_COMMAND:
        pytest.skip("no command that knows --json")
    found = commands.run([*arguments, "--json"] if as_json else arguments)
    output, errors = capsys.readouterr()
    assert found == code, errors
    assert "Traceback" not in output + errors
    said = [text for text in errors.splitlines() if text.startswith("error: ")]
    expected = [word.format(**named) for word in words.split()]
    if code == GOOD:
        assert said == []
        missing = [word for word in expected if word not in output]
    else:
        assert len(said) == 1, errors
        missing = [word for word in expected if word not in said[0]]
        assert output == "" or code == FAILED
    assert missing == [], output + errors
    if as_json and output:
        assert isinstance(json.loads(output, parse_constant=pytest.fail), dict)
    assert {path.name for path in tmp_path.iterdir()} <= {"new"}
