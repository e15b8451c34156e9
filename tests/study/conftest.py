"""Sweeps whose solves are made up (:mod:`toy_cells`), and what they are made of."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import toy_cells

from footstrike.study import local, plan

TESTS = Path(__file__).resolve().parents[1]
ELSEWHERE = """
import sys
sys.path.insert(0, {tests!r})
import toy_cells
from footstrike.study import local, plan
from footstrike.study.sweep import sweep
local.COMMAND = toy_cells.COMMAND
plan.fingerprint_of_cells = toy_cells.without_code
sweep({experiment!r}, {out!r}, workers={workers})
"""


@pytest.fixture(autouse=True)
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder of the log of solves; the workers of sweeps are toys."""
    monkeypatch.setattr(local, "COMMAND", toy_cells.COMMAND)
    monkeypatch.setattr(plan, "fingerprint_of_cells", toy_cells.without_code)
    monkeypatch.setenv("TOY_LOG", str(tmp_path))
    monkeypatch.delenv("TOY_SECONDS", raising=False)
    return tmp_path


@pytest.fixture
def elsewhere() -> Callable[..., subprocess.Popen[str]]:
    """Start a sweep in another process, at the head of a group of its own."""

    def start(experiment: dict[str, Any], out: Path, workers: int = 2) -> subprocess.Popen[str]:
        script = ELSEWHERE.format(tests=str(TESTS), experiment=experiment, out=str(out), workers=workers)
        return subprocess.Popen(
            [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    return start
