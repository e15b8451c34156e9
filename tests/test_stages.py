"""A cached result is made anew when anything that it depends on changes, and when nothing else does."""

from __future__ import annotations

import ast
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from native import run_native
from profiled import modules_in
from trolley import AT_REST, problem

from footstrike import stages
from footstrike.cache.entries import content
from footstrike.control.solution import NlpResult, Solution
from footstrike.gait import foot_strike, variation
from footstrike.gait import habitual_tables as curves
from footstrike.gait.targets import HABITUAL, STRIKES, target
from footstrike.model.subject import Subject
from footstrike.simulation.attempts import answered
from footstrike.simulation.problems import Model, track_problem
from footstrike.simulation.reporter import ProgressReporter
from footstrike.simulation.request import Request
from footstrike.stages import PACKAGE, PLUMBING, STAGES, Stage, code, fingerprint, modules
from footstrike.workers.client import Worker

ROOT = Path(__file__).resolve().parents[1]
TABLES = sorted(
    path.relative_to(ROOT).as_posix()
    for folder in ("models", "experiments")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in {".csv", ".toml"}
)
IN_THE_MODEL = (*stages.RUNNER, "models/anthropometry.csv")
IN_THE_TARGETS = tuple(
    f"experiments/targets/{name}.csv"
    for name in (
        "choices",
        "ground_force",
        "kinematics",
        "timing",
        "trunk_arms",
        "l5s1_target",
        "sideways_force",
        "striker_kinematics",
        "striker_force",
        "striker_timing",
        "leg_modes",
        "trunk_modes",
    )
)
READ_ANEW = re.compile(  # whatever is made of these is made at every command
    r"experiments/(claims/.*|context/.*|validation/.*|benchmarks/.*|sweeps/.*|modified_gaits/.*)"
    r"|models/(static_markers\.csv|hip_centre\.toml|limits\.toml|citations\.toml)"
)
A_RECORD = ("models/trunk_reduced_error.csv",)
BY_VALUE = {
    "build_runner",
    "describe",
}  # tasks whose answers, text and description of the model, are in every key


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Root of a copy of package and tables that may be edited."""
    root = tmp_path_factory.mktemp("copy")
    for folder in ("models", "experiments"):
        shutil.copytree(ROOT / folder, root / folder)
    shutil.copytree(PACKAGE, root / "footstrike", ignore=shutil.ignore_patterns("__pycache__", "_carried"))
    return root


def forget() -> None:
    for known in (fingerprint, stages._tree, stages._meaning):
        known.cache_clear()


@contextmanager
def edited(path: Path, edit: Callable[[str], str]) -> Iterator[None]:
    """A file with another text for a while."""
    text = path.read_text(encoding="utf-8")
    path.write_text(edit(text), encoding="utf-8")
    forget()
    try:
        yield
    finally:
        path.write_text(text, encoding="utf-8")
        forget()


@pytest.mark.parametrize("table", TABLES)
def test_an_edited_table_changes_the_keys_of_the_stages_that_read_it(
    table: str, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stages, "resource", copy.joinpath)
    monkeypatch.setattr(stages, "code", lambda stage: "")
    forget()  # what other tests asked for
    before = {name: fingerprint(name) for name in STAGES}
    with edited(copy / table, lambda text: text + "\n"):
        found = {name for name in STAGES if fingerprint(name) != before[name]}
    assert found == {name for name, stage in STAGES.items() if table in stage.tables}
    how = [
        bool(found),
        table in {*IN_THE_MODEL, *IN_THE_TARGETS, *A_RECORD} and not found,
        READ_ANEW.fullmatch(table) is not None,
    ]
    assert sum(how) == 1, f"{table}: who reads it? Declare it in footstrike.stages"


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_declares_every_table_that_its_modules_name(name: str) -> None:
    words = {
        node.value
        for module in modules(STAGES[name])
        for node in ast.walk(stages._tree(stages._source(module, PACKAGE)))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(r"\w+\.(csv|toml)", node.value)
    }
    named = {
        table
        for table in TABLES
        for word in words
        if Path(table).name == word or (word.startswith("_") and table.endswith(word))
    }
    assert named == set(STAGES[name].tables)


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_holds_what_it_asks_of_workers(name: str) -> None:
    homes: dict[str, set[str]] = {}
    for room in ("opensim", "control"):
        for node in stages._tree(PACKAGE / room / "tasks.py").body:
            if isinstance(node, ast.ImportFrom) and node.module:
                home = node.module.removeprefix("footstrike.")
                for alias in node.names:
                    homes.setdefault(alias.name, set()).add(home)
    made_by = modules(STAGES[name])
    asked = {
        node.args[0].value
        for module in made_by
        for node in ast.walk(stages._tree(stages._source(module, PACKAGE)))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "call"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }
    assert asked <= homes.keys()
    asked_before_the_key = BY_VALUE | ({"muscle_paths"} if name == "gaits" else set())
    assert not [task for task in asked - asked_before_the_key if not homes[task] & made_by]


def test_every_name_in_the_table_of_stages_exists() -> None:
    for stage in STAGES.values():
        for module in {*stage.made_by, *stage.given, *PLUMBING}:
            assert stages._source(module, PACKAGE).is_file(), module
        assert set(stage.tables) <= set(TABLES)


def codes(copy: Path) -> dict[str, str]:
    return {name: code(stage, copy / "footstrike") for name, stage in STAGES.items()}


@pytest.fixture(scope="module")
def before(copy: Path) -> dict[str, str]:
    return codes(copy)


def test_comments_docstrings_and_layout_change_nothing(copy: Path, before: dict[str, str]) -> None:
    kept = {path: path.read_text(encoding="utf-8") for path in (copy / "footstrike").rglob("*.py")}
    for path, text in kept.items():
        said = text.replace('"""', '"""Said otherwise. ', 1) if text.startswith('"""') else text
        path.write_text(f"# a comment\n\n{said}\n\n# another\n", encoding="utf-8")
    forget()
    after = codes(copy)
    for path, text in kept.items():
        path.write_text(text, encoding="utf-8")
    forget()
    assert len(kept) > 100
    assert after == before


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        ("outcomes/shock.py", set()),
        ("outcomes/metrics.py", {"sensitivities"}),
        ("export/bundle.py", set()),
        ("report/figures.py", set()),
        ("claims/validation.py", set()),
        ("cli/commands.py", set()),
        ("files.py", set()),
        ("cache/results.py", set()),
        ("gait/targets.py", set()),  # its curves are in the key
        ("opensim/build.py", set()),  # so is its model
        ("outcomes/metabolics.py", {"runs", "sensitivities"}),
        ("outcomes/strike.py", {"runs", "sensitivities"}),
        ("outcomes/laws.py", {"runs", "sensitivities"}),
        ("lumbar/loads.py", {"runs", "sensitivities"}),
        ("simulation/attempts.py", {"gaits", "runs", "sensitivities"}),
        ("control/fallback.py", {"gaits", "runs", "sensitivities"}),
        ("control/reference.py", {"gaits", "runs", "sensitivities"}),
        ("control/point.py", {"functions", "gaits", "runs", "sensitivities"}),
        ("dynamics/contact.py", {"functions", "gaits", "runs", "sensitivities"}),
        ("dynamics/rigid_body.py", set(STAGES)),
        ("opensim/path_polynomials.py", {"paths"}),
        ("muscles/running_paths.py", {"running_paths"}),
    ],
)
def test_edited_code_changes_the_keys_of_the_stages_that_run_it(
    module: str, expected: set[str], copy: Path, before: dict[str, str]
) -> None:
    with edited(copy / "footstrike" / module, lambda text: f"{text}\n\nEDITED = 1\n"):
        after = codes(copy)
    assert {name for name in STAGES if after[name] != before[name]} == expected


def test_a_version_of_a_library_is_part_of_every_key(monkeypatch: pytest.MonkeyPatch) -> None:
    before = {name: fingerprint(name) for name in STAGES}
    forget()
    monkeypatch.setattr(stages, "version", lambda name: "0")
    assert all(fingerprint(name) != before[name] for name in STAGES)
    forget()


def test_what_a_type_checker_alone_sees_is_not_followed(tmp_path: Path) -> None:
    package = tmp_path / "footstrike"
    (package / "room").mkdir(parents=True)
    (package / "room" / "__init__.py").write_text("from footstrike.room.inner import f\n")
    (package / "room" / "inner.py").write_text("def f(): return 1\n")
    (package / "typed.py").write_text("class T: ...\n")
    (package / "top.py").write_text(
        "from typing import TYPE_CHECKING\nfrom footstrike.room import f\n"
        "if TYPE_CHECKING:\n    from footstrike.typed import T\n"
    )
    assert modules(Stage(("top",)), package) == {"top", "room", "room.inner"}
    assert modules(Stage(("top",), given=("room",)), package) == {"top"}


@pytest.mark.parametrize("table", IN_THE_MODEL)
def test_an_edited_table_of_the_runner_changes_the_model(
    table: str, edited_models: dict[str, str | None]
) -> None:
    assert edited_models[table] is not None, f"no number of {table} could be changed"
    assert edited_models[table] != edited_models["as it is", table]


@pytest.fixture(scope="module")
def edited_models(copy: Path) -> dict[str, str | None]:
    found: dict[str, str | None] = run_native("opensim_side.edited_models", str(copy), list(IN_THE_MODEL))
    return found


@pytest.mark.parametrize("table", IN_THE_TARGETS)
def test_an_edited_table_of_the_targets_changes_what_is_tracked(
    table: str, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers = (
        curves.joint_curves,
        curves.force_curves,
        curves.timings,
        curves.trunk_curves,
        curves.choices,
        curves.lumbar_moments,
        curves.sideways_force,
        curves.rows,
        foot_strike._rows,
        variation._modes,
    )
    runner = (("leg_mode_1", 1.0), ("trunk_mode_1", 1.0))

    def tracked() -> bytes:
        for reader in readers:
            reader.cache_clear()
        speeds = (2.5, 3.5, 4.5)
        own = [target(strike, speed, None, runner) for strike in HABITUAL for speed in speeds]
        return content([own, [target(strike, speed) for strike in STRIKES for speed in speeds]])

    monkeypatch.setattr(curves, "resource", copy.joinpath)
    path, before = copy / table, tracked()
    text = path.read_text(encoding="utf-8")
    path.write_text(
        re.sub(r"(?<!foot,)(?<=,)(-?\d+\.\d+)(?=,)", lambda m: f"{1.01 * float(m[0]) + 1e-3:.6f}", text)
    )
    try:
        assert tracked() != before
    finally:
        path.write_text(text, encoding="utf-8")
        tracked()
    monkeypatch.undo()
    tracked()


def test_nothing_runs_that_a_stage_does_not_hold() -> None:
    """What is called while the derivatives and a solution of a toy are made, by the profiler of Python."""
    time = np.linspace(0.0, 1.0, 1001)
    asked = problem(slide=0.1 * np.sin(2 * np.pi * time))
    ran = run_native("casadi_side.modules_that_run", [asked, AT_REST])
    assert ran["functions"] <= modules(STAGES["functions"]) | PLUMBING
    assert ran["gaits"] <= modules(STAGES["gaits"]) | PLUMBING
    assert {"control.point", "dynamics.rigid_body"} <= ran["functions"]
    assert "control.program" in ran["gaits"]


def test_answering_a_request_runs_nothing_that_the_stage_of_gaits_does_not_hold(
    worker: Worker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bent knee at initial contact, the solver's part by the nearest gait."""
    monkeypatch.setenv("FOOTSTRIKE_CACHE", str(tmp_path))
    text = worker.call("build_runner", Subject(legs="none"))
    model = Model(text, worker.call("describe", text))
    request = Request.of(strike="rearfoot", legs="torques", points=30, knee_flexion=20, starts=2)
    aim = target("rearfoot", 3.5)
    asked = track_problem(model, request, aim)
    gait = run_native("casadi_side.nearest_gait", asked)
    found = Solution((gait,), {}, NlpResult(np.zeros(0), np.zeros(0), 1.0, "", True, 1, 0.0))
    told: list[str] = []

    def answer() -> None:
        answered(
            request,
            model,
            asked,
            lambda p: found,
            ProgressReporter(lambda event: told.append(event["stage"])),
            {"right": aim},
        )

    ran = modules_in(answer)
    assert {
        "control.proximal",
        "control.fallback",
        "simulation.initial_contact",
        "control.modification",
    } <= ran
    assert ran <= modules(STAGES["gaits"]) | PLUMBING | {"simulation.request"}  # whose fields are in the key
    assert len(list((tmp_path / "gaits").iterdir())) == 2
    told.clear()
    answer()
    assert told == ["the gait was solved before"]


def test_the_expressions_of_a_point_depend_on_nothing_but_what_their_key_holds() -> None:
    read = run_native("casadi_side.read_by_a_point", problem())
    held_in_part = {"references", "objective", "aims", "choices"}  # names, terms without weights, counts
    assert read - held_in_part <= set(run_native("casadi_side.symbolic"))
