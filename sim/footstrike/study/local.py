"""A sweep on this computer: worker processes that share the cells through the folder."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter as Counts
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from footstrike.errors import FootstrikeError, InputError, WorkerError
from footstrike.study.folder import SweepFolder
from footstrike.study.plan import Plan
from footstrike.study.solving import CRASHED
from footstrike.study.tally import Counter, Watch
from footstrike.workers.client import worker_environment

COMMAND = ("-P", "-m", "footstrike.study.cell_worker")
TRIES = 2  # of a cell whose process dies
LOOK_S = 0.5  # between two looks at the folder
_LAST_WORDS = 2000  # bytes


def solve_locally(folder: SweepFolder, plan: Plan, keys: tuple[str, ...], workers: int, watch: Watch) -> None:
    """Solve the entries of these keys by several processes at once; those that other sweeps solve are waited for.

    Raises
    ------
    FootstrikeError
        A result cannot be written (full disk).
    WorkerError
        Worker processes die before they begin anything.
    """
    count = Counter(folder, plan, keys, workers)
    _Pool(folder, plan, keys, count).run(workers, watch)


class CellProcess:
    """A worker process with its job: what it tells goes into a queue, as (process, event); None at its end."""

    def __init__(self, folder: SweepFolder, keys: tuple[str, ...], told: queue.SimpleQueue[Any]) -> None:
        self.current: str | None = None
        self.log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        self.popen = start_cell_worker(folder.path.absolute(), keys, self.log)
        self.reader = threading.Thread(target=self._read, args=(told,), daemon=True)
        self.reader.start()

    def _read(self, told: queue.SimpleQueue[Any]) -> None:
        assert self.popen.stdout is not None
        for line in self.popen.stdout:
            with contextlib.suppress(ValueError):
                told.put((self, json.loads(line)))
        told.put((self, None))

    def end(self) -> int:
        """End it if it still runs, and return its exit code."""
        with contextlib.suppress(OSError):
            if self.popen.stdin is not None:
                self.popen.stdin.close()  # it ends by itself and tidies up
        try:
            code = self.popen.wait(5.0)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            code = self.popen.wait()
        self.reader.join()
        if self.popen.stdout is not None:
            self.popen.stdout.close()
        return code

    def last_words(self) -> str:
        """The last line that it printed."""
        self.log.seek(max(0, self.log.seek(0, os.SEEK_END) - _LAST_WORDS))
        lines = self.log.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""


def start_cell_worker(folder: Path, keys: Sequence[str], log: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start a process that solves entries of a sweep (:mod:`footstrike.study.cell_worker`); it ends when its input closes."""
    process = subprocess.Popen(
        [sys.executable, *COMMAND],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        env=worker_environment(),
        start_new_session=True,
    )
    assert process.stdin is not None
    with contextlib.suppress(OSError):  # it died: its end tells
        process.stdin.write(json.dumps({"folder": str(folder), "keys": list(keys)}).encode() + b"\n")
        process.stdin.flush()
    return process


class _Pool:
    """Worker processes, started again when they die."""

    def __init__(self, folder: SweepFolder, plan: Plan, keys: tuple[str, ...], count: Counter) -> None:
        self.folder, self.plan, self.keys, self.count = folder, plan, keys, count
        self.told: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self.running: set[CellProcess] = set()
        self.deaths: Counts[str] = Counts()

    def run(self, workers: int, watch: Watch) -> None:
        try:
            for _ in range(min(workers, self.count.tally().open)):
                self._start()
            looked = 0.0
            while self.running:
                with contextlib.suppress(queue.Empty):
                    self._hear(*self.told.get(timeout=LOOK_S))
                if time.monotonic() - looked >= LOOK_S:
                    watch(self.count.tally())
                    looked = time.monotonic()
            watch(self.count.tally())
        finally:
            for process in self.running:
                process.end()
                process.log.close()

    def _start(self) -> None:
        self.running.add(CellProcess(self.folder, self.keys, self.told))

    def _hear(self, process: CellProcess, event: dict[str, Any] | None) -> None:
        if event is None:
            self._ended(process)
        elif event["event"] == "error":
            kind = InputError if event["exit_code"] == InputError.exit_code else FootstrikeError
            raise kind(event["text"])
        else:
            process.current = event["key"] if event["event"] != "ended" else None
            self.count.hear(event)

    def _ended(self, process: CellProcess) -> None:
        self.running.discard(process)
        code = process.end()
        words = process.last_words()
        process.log.close()
        if code == 0:
            return
        key = process.current
        self.deaths[key or ""] += 1
        ended = (
            f"was killed by signal {-code} (often: memory ran out)" if code < 0 else f"ended with code {code}"
        )
        told = f"its process {ended}{f'; its last words: {words}' if words else ''}"
        if key is not None:
            self.count.forget([key])
        if key is None and self.deaths[""] > TRIES:
            raise WorkerError(f"a worker of the sweep cannot work: {told}")
        if key is not None and self.deaths[key] >= TRIES and not self.folder.is_ended(key):
            self.folder.fail(self.plan.entries[key], CRASHED, f"{told} ({TRIES} times)")
        self._start()


def shard_of(plan: Plan, shard: str) -> tuple[str, ...]:
    """Keys of a part of a sweep, ``I/N`` (1/4 to 4/4): whole blocks, and the habits that they need.

    Raises
    ------
    InputError
        It is not such a part, or the sweep has fewer blocks than parts.
    """
    number, of = _parts(shard)
    if of > plan.blocks:
        raise InputError(
            f"shard {shard}: the sweep has {plan.blocks} blocks: ask for at most {plan.blocks} shards, or "
            "set a smaller block in its file"
        )
    sizes = Counts(e.block for e in plan.entries.values())
    loads = [0] * of
    mine: set[int] = set()
    for block, size in sorted(sizes.items(), key=lambda item: (-item[1], item[0])):
        least = loads.index(min(loads))
        loads[least] += size
        if least == number - 1:
            mine.add(block)
    return tuple(plan.only([key for key, e in plan.entries.items() if e.block in mine]).entries)


def _parts(shard: str) -> tuple[int, int]:
    number, _, of = shard.partition("/")
    if not (number.isdigit() and of.isdigit() and 1 <= int(number) <= int(of)):
        raise InputError(f"shard {shard!r} cannot be used (allowed: I/N, such as 1/4 to 4/4)")
    return int(number), int(of)


def default_workers() -> int:
    """Number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def checked_workers(workers: int | None) -> int:
    """A number of workers.

    Raises
    ------
    InputError
        It is below 1.
    """
    if workers is None:
        return default_workers()
    if workers < 1:
        raise InputError(f"workers {workers} cannot be used (allowed: a whole number from 1)")
    return workers
