"""Emptying the cache asks first."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from footstrike.cache.results import Format, cached
from footstrike.cli import commands

TEXT = Format[str](str.encode, bytes.decode)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("said", "removed"), [("y\n", 1), ("n\n", 0), ("\n", 0)])
def test_a_question_is_asked_on_a_terminal(
    said: str,
    removed: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("FOOTSTRIKE_CACHE", str(tmp_path))
    cached("gaits", (1,), lambda: "a gait", TEXT)
    monkeypatch.setattr("sys.stdin", Terminal(said))
    assert commands.run(["cache", "clear", "gaits", "--json"]) == 0
    output, errors = capsys.readouterr()
    assert f"Remove 1 result (38 bytes) from {tmp_path}? [y/N]" in errors
    assert json.loads(output)["results"] == removed
    assert cached("gaits", (1,), lambda: "another", TEXT).found != bool(removed)


def test_an_end_of_the_input_is_no_yes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTSTRIKE_CACHE", str(tmp_path))
    cached("gaits", (1,), lambda: "a gait", TEXT)
    monkeypatch.setattr("sys.stdin", Terminal(""))
    assert commands.run(["cache", "clear"]) == 130
    assert cached("gaits", (1,), lambda: "another", TEXT).found
