"""A sweep on a cluster of Dask: blocks of cells as tasks, each solved in a process of its own beside Dask's worker.

Where a worker sees the sweep's folder, it works in it, so that what it has finished is kept when it is lost. Elsewhere it
works in a temporary folder and sends the files at the end of its block.
"""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Iterator
from concurrent.futures import CancelledError
from importlib import import_module
from pathlib import Path
from typing import Any

from footstrike.errors import FootstrikeError, InputError
from footstrike.files import write_atomically
from footstrike.study.folder import CELLS, FAILED, PLAN, SweepFolder
from footstrike.study.local import LOOK_S, start_cell_worker
from footstrike.study.plan import Plan
from footstrike.study.solving import CRASHED
from footstrike.study.tally import Counter, Watch

PATIENCE_S = "30s"  # for a scheduler to answer
Files = dict[str, bytes]
"""What a task made: bytes by path within the sweep's folder."""


def solve_on_dask(folder: SweepFolder, plan: Plan, keys: tuple[str, ...], dask: Any, watch: Watch) -> None:
    """Solve the entries of these keys on a cluster: first the habitual gaits, then the blocks.

    Parameters
    ----------
    dask
        Address of a scheduler, or a ``distributed.Client``.

    Raises
    ------
    InputError
        Dask is not installed, or nothing answers at the address.
    FootstrikeError
        The scheduler is lost, a worker has another version, or a result cannot be written; what is finished stays.
    """
    count = Counter(folder, plan, keys)
    wanted = set(keys)
    habits = [(key,) for key in keys if plan.entries[key].habit is None]
    with _client(dask) as client:
        for jobs in (habits, _blocks(plan, wanted)):
            open_jobs = [left for job in jobs if (left := tuple(k for k in job if not folder.is_ended(k)))]
            _solve(client, folder, plan, open_jobs, count, watch)
    watch(count.tally())


def _blocks(plan: Plan, wanted: set[str]) -> list[tuple[str, ...]]:
    """Keys of the cells block by block."""
    found: dict[int, list[str]] = {}
    for key, entry in plan.entries.items():
        if key in wanted and entry.habit is not None:
            found.setdefault(entry.block, []).append(key)
    return [tuple(block) for block in found.values()]


def _solve(
    client: Any, folder: SweepFolder, plan: Plan, jobs: list[tuple[str, ...]], count: Counter, watch: Watch
) -> None:
    there = str(folder.path.absolute())
    futures = {}
    for job in jobs:
        known = _needed(folder, plan, job)
        future = client.submit(run_block, there, plan.only(job).to_json(), list(job), known, pure=False)
        futures[future] = job
    while futures:
        with contextlib.suppress(TimeoutError), _scheduler_there(client):
            _distributed().wait(list(futures), timeout=LOOK_S, return_when="FIRST_COMPLETED")
        for future in [f for f in futures if f.done()]:
            with _scheduler_there(client):
                made, error = (
                    (future.result(), None) if future.status == "finished" else ({}, future.exception())
                )
            _keep(folder, plan, futures.pop(future), made, error)
        watch(count.tally())


@contextlib.contextmanager
def _scheduler_there(client: Any) -> Iterator[None]:
    """What a lost connection makes fail is told in one way."""
    try:
        if client.status != "running":
            raise CancelledError
        yield
    except TimeoutError:
        raise
    except (CancelledError, OSError) as error:
        raise FootstrikeError(
            "the scheduler of Dask is gone; what is finished stays: give the same command again to go on"
        ) from error


def _needed(folder: SweepFolder, plan: Plan, job: tuple[str, ...]) -> Files:
    """What a block needs that has ended: its habits (as files, or as the reason why there is none)."""
    found = {}
    for key in dict.fromkeys(plan.entries[k].habit for k in job):
        for file in (folder.cell_file(key), folder.failed_file(key)) if key else ():
            if file.exists():
                found[str(file.relative_to(folder.path))] = file.read_bytes()
    return found


def _keep(
    folder: SweepFolder, plan: Plan, job: tuple[str, ...], made: Files, error: Exception | None
) -> None:
    """Write what a task made; a task that was lost too often is a failure of what it had not finished."""
    if isinstance(error, FootstrikeError):
        raise error
    for name, data in made.items():
        if not (folder.path / name).exists():
            write_atomically(folder.path / name, data)
    for key in job if error is not None else ():
        if not folder.is_ended(key):
            told = str(error) or type(error).__name__
            folder.fail(plan.entries[key], CRASHED, f"the worker of Dask was lost: {' '.join(told.split())}")


def run_block(there: str, plan: str, keys: list[str], known: Files) -> Files:
    """What a worker of Dask does: solve a block in a process of its own.

    Parameters
    ----------
    there
        The sweep's folder, which this computer may see or not.
    plan
        Text of the plan of these entries.
    known
        Files that it needs.

    Returns
    -------
    dict
        Files that it made; nothing where it worked in the sweep's folder itself.

    Raises
    ------
    FootstrikeError
        What its process says.
    """
    if _sees(Path(there), keys):
        _run(Path(there), keys)
        return {}
    with tempfile.TemporaryDirectory(prefix="footstrike-sweep-") as name:
        own = Path(name)
        for file, data in {PLAN: plan.encode(), **known}.items():
            write_atomically(own / file, data)
        for part in (CELLS, FAILED, "running"):
            (own / part).mkdir(exist_ok=True)
        _run(own, keys)
        made = [*(own / CELLS).glob("*.h5"), *(own / FAILED).glob("*.json")]
        return {str(f.relative_to(own)): f.read_bytes() for f in made if str(f.relative_to(own)) not in known}


def _sees(folder: Path, keys: list[str]) -> bool:
    try:
        return set(keys) <= set(SweepFolder(folder).plan().entries)
    except InputError:
        return False


def _run(folder: Path, keys: list[str]) -> None:
    """The process that solves; it ends with Dask's worker, since its standard input closes then."""
    refused = ""
    with tempfile.TemporaryFile() as log, start_cell_worker(folder, keys, log) as process:
        assert process.stdout is not None
        for line in process.stdout:
            event = json.loads(line)
            if event["event"] == "error":
                refused = event["text"]
        code = process.wait()
    if refused:
        raise FootstrikeError(refused)
    if code != 0:
        raise RuntimeError(f"the process of a block ended with code {code}")


@contextlib.contextmanager
def _client(dask: Any) -> Iterator[Any]:
    kind = _distributed().Client
    if isinstance(dask, kind):
        yield dask
        return
    try:
        client = kind(dask, timeout=PATIENCE_S)
    except (OSError, ValueError) as error:
        raise InputError(f"no scheduler of Dask answers at {dask!r}: {error}") from error
    try:
        yield client
    finally:
        client.close()


def _distributed() -> Any:
    try:
        return import_module("distributed")
    except ImportError:
        raise InputError("Dask is not installed: pip install 'footstrike[dask]'") from None
