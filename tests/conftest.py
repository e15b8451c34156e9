"""What tests of several folders share; shared helpers beside this file are on the import path."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from native import run_native
from strides import Runner, stride

from footstrike.model.rows import RunnerTables
from footstrike.model.subject import Subject
from footstrike.model.tables import carried_tables
from footstrike.workers.client import Worker


@pytest.fixture(scope="session")
def worker() -> Iterator[Worker]:
    with Worker("opensim") as started:
        yield started


@pytest.fixture(scope="session")
def runner(worker: Worker) -> Runner:
    """The generic runner over a stride at 2.5 m/s, 40 frames."""
    text = worker.call("build_runner", Subject())
    return Runner(text, worker.call("describe", text), *stride(2.5, 40))


@pytest.fixture(scope="session")
def toys() -> dict[str, str]:
    """Small models by name, as texts of .osim files."""
    models: dict[str, str] = run_native("toy_models.build_all")
    return models


@pytest.fixture(scope="session")
def tables() -> RunnerTables:
    return carried_tables()


@pytest.fixture(scope="session")
def data() -> Path:
    """Folder of the measured data; a test that asks for it is skipped without."""
    folder = os.environ.get("FOOTSTRIKE_DATA")
    if not folder:
        pytest.skip("FOOTSTRIKE_DATA does not name the folder of the data")
    return Path(folder)
