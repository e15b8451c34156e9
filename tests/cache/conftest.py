"""A cache of its own for every test, and another process that uses it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from footstrike.cache import entries

PREAMBLE = """
import os, sys, threading, time
from footstrike.cache import entries
from footstrike.cache.results import Format, cached
entries.fingerprint = lambda stage: stage
BYTES = Format(lambda data: data, lambda data: data)
"""


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder of the cache; its keys leave the code out, whose reading would take the time of a test."""
    monkeypatch.setenv("FOOTSTRIKE_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("FOOTSTRIKE_CACHE_LIMIT", raising=False)
    monkeypatch.setattr(entries, "fingerprint", lambda stage: stage)
    return tmp_path / "cache"


@pytest.fixture
def elsewhere() -> Callable[[str], subprocess.Popen[str]]:
    """Start a script in another process."""

    def start(script: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", PREAMBLE + script],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start
