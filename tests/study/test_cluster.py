"""A sweep on Dask is the sweep that it is elsewhere, whoever of the cluster is lost on the way."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from toy_cells import ENTRIES, GRID, children, kill, solves

from footstrike.errors import FootstrikeError, InputError
from footstrike.study import cluster
from footstrike.study.sweep import Sweep, sweep

distributed = pytest.importorskip(
    "distributed", reason="Dask is not installed: pip install 'footstrike[dask]'"
)
pytestmark = pytest.mark.filterwarnings("ignore")  # of Dask's own, when it is killed

TESTS = Path(__file__).resolve().parents[1]
PRELOAD = """
import sys
sys.path.insert(0, {tests!r})
import toy_cells
from footstrike.study import local
local.COMMAND = toy_cells.COMMAND
"""


def until(true: Callable[[], bool], seconds: float = 120.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)


def files(folder: Path) -> dict[str, bytes]:
    """Bytes of the cells; a file that is being written is not one."""
    finished = (path for path in sorted((folder / "cells").iterdir()) if path.suffix != ".part")
    return {path.name: path.read_bytes() for path in finished}


@pytest.fixture
def client() -> Iterator[Any]:
    """Of a cluster of two workers in this process."""
    with (
        distributed.LocalCluster(2, threads_per_worker=1, processes=False, dashboard_address=None) as local,
        distributed.Client(local) as found,
    ):
        yield found


@contextmanager
def processes(folder: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """Address of a scheduler, and the processes of it and of its two workers."""
    preload, address = folder / "preload.py", folder / "scheduler.json"
    preload.write_text(PRELOAD.format(tests=str(TESTS)))
    command = [sys.executable, "-m", "distributed.cli.dask_{}", "--scheduler-file", str(address)]
    own = [
        ["scheduler", "--port", "0", "--no-dashboard"],
        *[["worker", "--nthreads", "1", "--no-nanny", "--no-dashboard", "--preload", str(preload)]] * 2,
    ]
    started = []
    try:
        for kind, *options in own:
            line = [part.format(kind) for part in command]
            started.append(
                subprocess.Popen(
                    [*line, *options], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
                )
            )
            until(address.exists)
        yield json.loads(address.read_text())["address"], started
    finally:
        for process in started:
            process.kill()
            process.wait()


def test_a_cluster_solves_what_one_computer_solves(client: Any, tmp_path: Path) -> None:
    sweep(GRID, tmp_path / "here", workers=2)
    seen = []
    found = sweep(GRID, tmp_path / "there", dask=client, watch=seen.append)
    assert files(tmp_path / "there") == files(tmp_path / "here")
    assert set(solves(tmp_path).values()) == {2}
    assert seen[-1].solved == ENTRIES
    assert found.status()["open"] == 0


def test_workers_that_do_not_see_the_folder_send_their_files(
    client: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep(GRID, tmp_path / "here", workers=2)
    monkeypatch.setattr(cluster, "_sees", lambda _folder, _keys: False)
    sweep(GRID, tmp_path / "there", dask=client)
    assert files(tmp_path / "there") == files(tmp_path / "here")
    assert set(solves(tmp_path).values()) == {2}


def test_a_lost_worker_and_a_lost_scheduler_lose_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    monkeypatch.setenv("TOY_SECONDS", "0.3")

    def lose(tally: Any) -> None:
        if tally.solved >= 4 and started[1].poll() is None:
            kill(started[1].pid)
        if tally.solved >= 10:
            kill(started[0].pid)

    with processes(tmp_path) as (address, started):
        with pytest.raises(FootstrikeError, match="scheduler of Dask is gone"):
            sweep(GRID, out, dask=address, watch=lose)
        assert started[1].wait() != 0
    before = files(out)
    assert 10 <= len(before) < ENTRIES
    time.sleep(1.0)  # what was under way has noticed
    sweep(GRID, out)
    assert Sweep(out).status()["solved"] == ENTRIES - 2
    assert before.items() <= files(out).items()
    assert set(solves(tmp_path).values()) == {1}
    assert not children(started[1].pid)


def test_an_address_where_nothing_answers_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "PATIENCE_S", "1s")
    with pytest.raises(InputError, match=r"no scheduler of Dask answers at 'tcp://127\.0\.0\.1:9'"):
        sweep(GRID, tmp_path / "out", dask="tcp://127.0.0.1:9")


def test_without_dask_it_is_said_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"pip install 'footstrike\[dask\]'"):
        sweep(GRID, tmp_path / "out", dask="tcp://127.0.0.1:9")
