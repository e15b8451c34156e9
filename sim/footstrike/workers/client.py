"""Calls into the worker processes. The caller's process never loads opensim or casadi.

Plain subprocesses, not :mod:`multiprocessing`: spawn runs the user's script again in the child, and with it
the very import that clashes. A worker stands in a temporary folder of its own, so what native libraries leave
where they stand (``opensim.log``) never lands in the user's; paths are made absolute before they are sent.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import weakref
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Literal, Self

from footstrike.cache import unfinished
from footstrike.cache.location import folder
from footstrike.errors import FootstrikeError, WorkerError
from footstrike.workers.wire import receive, send

Engine = Literal["opensim", "casadi"]
ProgressSink = Callable[[Any], None]

CITES: dict[Engine, tuple[str, ...]] = {"opensim": ("seth2018",), "casadi": ("andersson2019", "wachter2006")}

_SOURCE = Path(__file__).resolve().parents[2]
_LAST_WORDS = 4096  # bytes of a dead worker's output that are read
# glibc: freed memory stays with the worker. A factorisation frees and asks for 150 MB at every iteration of a solve;
# to have the kernel hand out and clear the pages each time took a fifth of the linear algebra.
_MEMORY_KEPT = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(2**33)}
_PATIENCE_S = 5.0  # for a worker that hung up to be gone

# Ctrl-C reaches every process of a terminal; what it means for its workers the parent decides.
_OWN_GROUP = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)  # on Windows; elsewhere a session does it


class Worker:
    """One worker process of an engine; started at the first call, started again after a crash.

    Calls from several threads wait for one another. A ``progress`` function may raise, which ends the process
    and the call, but must not call the same worker.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._lock = threading.Lock()
        self._process: _Process | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """Process number of the worker, or None while none runs."""
        process = self._process
        return process.popen.pid if process is not None and process.alive else None

    def call(self, task: str, *args: Any, progress: ProgressSink | None = None, **kwargs: Any) -> Any:
        """Run ``task`` in the worker and return its answer.

        Raises
        ------
        FootstrikeError
            What the task refused, as it was raised in the worker.
        WorkerError
            The worker died (crash, kill, out of memory) or failed in a way nobody foresaw.
        """
        args = tuple(map(_absolute, args))
        kwargs = {name: _absolute(value) for name, value in kwargs.items()}
        with self._lock:
            if self._process is None or not self._process.alive:
                self._end()
                self._process = _Process(self.engine)
            process = self._process
            try:
                kind, answer = process.ask((task, args, kwargs, progress is not None), progress)
            except _HungUpError as error:
                how, words = process.obituary()
                self._end()
                raise WorkerError(f"the {self.engine} worker {how} while running {task!r}{words}") from error
            except BaseException:
                self._end()
                raise
        if kind == "result":
            return answer
        if isinstance(answer, FootstrikeError):
            raise answer
        summary, details = answer
        failure = WorkerError(f"the {self.engine} worker failed in {task!r}: {summary}")
        failure.add_note(details)
        raise failure

    def close(self) -> None:
        """End the process, if one runs; a call that waits for it in another thread gets a WorkerError."""
        process = self._process
        if process is not None:
            process.kill()
        with self._lock:
            self._end()

    def _end(self) -> None:
        if self._process is not None:
            self._process.end()
            self._process = None


class _HungUpError(Exception):
    """The pipe to or from the worker broke."""


class _Process:
    """A started worker: the process, its folder, and what it printed since the last request."""

    def __init__(self, engine: Engine) -> None:
        folder = tempfile.mkdtemp(prefix=f"footstrike-{engine}-")
        self.log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        try:
            self.popen = subprocess.Popen(
                [sys.executable, "-P", "-m", "footstrike.workers.serve", engine, folder],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self.log,
                env=worker_environment(),
                creationflags=_OWN_GROUP,
                start_new_session=True,
            )
        except OSError as error:
            self.log.close()
            shutil.rmtree(folder, ignore_errors=True)
            raise WorkerError(f"the {engine} worker cannot be started: {error}") from error
        self.end = weakref.finalize(self, _end, self.popen, self.log, folder, os.getpid())

    @property
    def alive(self) -> bool:
        return self.popen.poll() is None

    def ask(self, request: Any, progress: ProgressSink | None) -> tuple[str, Any]:
        assert self.popen.stdin is not None
        assert self.popen.stdout is not None
        self.log.seek(0)
        self.log.truncate()  # shared with the worker: it goes on writing at the start
        try:
            send(self.popen.stdin, request)
        except OSError as error:
            raise _HungUpError from error
        while True:
            try:
                kind, answer = receive(self.popen.stdout)
            except (EOFError, OSError) as error:
                raise _HungUpError from error
            if kind != "progress":
                return kind, answer
            if progress is not None:
                progress(answer)

    def kill(self) -> None:
        self.popen.kill()

    def obituary(self) -> tuple[str, str]:
        """How it ended, and its last words with advice."""
        try:
            code = self.popen.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            code = self.popen.wait()
        how = f"was killed by {_signal_name(-code)}" if code < 0 else f"ended with code {code}"
        self.log.seek(max(0, self.log.seek(0, os.SEEK_END) - _LAST_WORDS))
        lines = self.log.read().decode(errors="replace").strip().splitlines()
        words = f"; its last words: {lines[-1]}" if lines else ""
        return how, f"{words}. Results already saved are safe; run the same command again to go on"


def _end(popen: subprocess.Popen[bytes], log: IO[bytes], folder: str, owner: int) -> None:
    """Kill the process and leave nothing of it behind; in a fork of the owner, only let go of it."""
    if os.getpid() == owner:
        popen.kill()
        popen.wait()
        unfinished.sweep()
        shutil.rmtree(folder, ignore_errors=True)
    for stream in (popen.stdin, popen.stdout, log):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()


def worker_environment() -> dict[str, str]:
    """The caller's environment, with this copy of the package on the path and opensim's libraries off it.

    ``import opensim`` in the caller's own script puts its folder on the library path of every later child,
    where casadi would find the wrong libcasadi.
    """
    found = find_spec("opensim")
    theirs = {str(Path(p)) for p in (found.submodule_search_locations if found else None) or ()}
    env = dict(os.environ)
    for name in ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PATH"):
        if name in env:
            kept = [p for p in env[name].split(os.pathsep) if not p or str(Path(p)) not in theirs]
            env[name] = os.pathsep.join(kept)
    env["FOOTSTRIKE_CACHE"] = str(folder())  # absolute: a worker stands elsewhere
    env.setdefault("PATH", os.defpath)  # opensim reads it
    path = os.pathsep.join(filter(None, [str(_SOURCE), env.get("PYTHONPATH")]))
    return {**_MEMORY_KEPT, **env, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def _signal_name(number: int) -> str:
    try:
        name = signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
    return f"{name} (often: memory ran out)" if name == "SIGKILL" else name


def _absolute(value: Any) -> Any:
    return value.absolute() if isinstance(value, Path) else value


_shared: dict[Engine, Worker] = {}


def opensim_worker() -> Worker:
    """The OpenSim worker that the whole session shares; kept warm."""
    return _shared.setdefault("opensim", Worker("opensim"))


def casadi_worker() -> Worker:
    """A new CasADi worker: close it after (it is a context manager)."""
    return Worker("casadi")


_idle: list[Worker] = []


@contextlib.contextmanager
def warm_casadi_worker() -> Iterator[Worker]:
    """A CasADi worker for one solve at a time, the last idle one if there is any: it keeps what the next solve needs, too.

    One stays idle at most; what fails is ended.
    """
    worker = _idle.pop() if _idle else casadi_worker()
    try:
        yield worker
    except BaseException:
        worker.close()
        raise
    if _idle:
        worker.close()
    else:
        _idle.append(worker)


if hasattr(os, "register_at_fork"):  # a forked child must not talk into its parent's pipes
    os.register_at_fork(after_in_child=_shared.clear)
    os.register_at_fork(after_in_child=_idle.clear)
