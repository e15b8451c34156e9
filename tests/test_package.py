"""The package as a whole: its public names, what its wheel carries, and documentation that holds."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
import zipfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
import typer

import footstrike as fs
from footstrike.cli import commands

ROOT = Path(__file__).resolve().parents[1]
PAGES = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "docs" / "notes").glob("*.md")),
]


def test_public_names_are_there_and_listed() -> None:
    for name, home in fs._HOMES.items():
        assert getattr(fs, name) is getattr(importlib.import_module(f"footstrike.{home}"), name), name
    assert set(fs.__all__) == {*fs._HOMES, "__version__"}
    assert set(fs.__all__) <= set(dir(fs))


def test_type_checkers_see_the_same_names() -> None:
    tree = ast.parse(Path(fs.__file__).read_text(encoding="utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {
        alias.name: str(node.module).removeprefix("footstrike.")
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert seen == fs._HOMES


def test_unknown_names_are_refused() -> None:
    with pytest.raises(AttributeError, match="simulat"):
        fs.simulat  # noqa: B018


def test_the_version_is_that_of_the_installation() -> None:
    try:
        installed = version("footstrike")
    except PackageNotFoundError:
        pytest.skip("footstrike runs from its source, it is not installed")
    assert installed == fs.__version__


def test_the_citation_names_this_version() -> None:
    assert f"\nversion: {fs.__version__}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Names of the files in the wheel."""
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("wheel")
    build = "import sys, hatchling.build; hatchling.build.build_wheel(sys.argv[1])"
    subprocess.run(
        [sys.executable, "-c", build, str(folder)], cwd=ROOT, check=True, capture_output=True, timeout=120
    )
    (file,) = folder.glob("*.whl")
    with zipfile.ZipFile(file) as archive:
        return set(archive.namelist())


@pytest.mark.parametrize(
    ("folder", "inside"),
    [
        ("models", "footstrike/_carried/models"),
        ("experiments", "footstrike/_carried/experiments"),
        ("sim/footstrike", "footstrike"),
    ],
)
def test_the_wheel_carries_everything(wheel: set[str], folder: str, inside: str) -> None:
    here = [p for p in (ROOT / folder).rglob("*") if p.is_file() and "__pycache__" not in p.parts]
    missing = {f"{inside}/{p.relative_to(ROOT / folder).as_posix()}" for p in here} - wheel
    assert not missing
    assert len(here) > 5


def test_the_wheel_installs_one_name(wheel: set[str]) -> None:
    top = {name.split("/")[0] for name in wheel}
    assert {name for name in top if not name.endswith(".dist-info")} == {"footstrike"}
    assert "footstrike/py.typed" in wheel
    assert any(name.endswith("licenses/LICENSE") for name in wheel)
    assert not [name for name in wheel if name.endswith(".pyc")]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)\)", page.read_text(encoding="utf-8"))
    broken = [x for x in links if not x.startswith("http") and not (page.parent / x).exists()]
    assert not broken


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_functions_and_commands_of_the_text_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    unknown = {name for name in re.findall(r"\bfs\.(\w+)", text) if not hasattr(fs, name)}
    command = typer.main.get_command(commands.app)
    known = getattr(command, "commands", {})
    asked = set(re.findall(r"^(?:`|\| `|.*&& )?footstrike ([a-z]+)", text, flags=re.MULTILINE))
    unknown |= {f"footstrike {name}" for name in asked if name not in known}
    assert not unknown
