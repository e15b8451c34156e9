"""Calls into the worker processes. The caller's process never loads opensim or casadi.

Plain subprocesses, not :mod:`multiprocessing`: spawn runs the user's script again in the child, and with it the
very import that clashes.
"""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Literal, Self

from footstrike.engines.wire import receive, send
from footstrike.errors import FootstrikeError, WorkerError

Engine = Literal["opensim", "casadi"]
ProgressSink = Callable[[Any], None]


class Worker:
    """One worker process of an engine; started at the first call, started again after a crash."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """Process number of the worker, or None while none runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def call(self, task: str, *args: Any, progress: ProgressSink | None = None, **kwargs: Any) -> Any:
        """Run ``task`` in the worker and return its answer.

        Raises
        ------
        FootstrikeError
            What the task refused, as it was raised in the worker.
        WorkerError
            The worker died (crash, kill, out of memory) or failed in a way nobody foresaw.
        """
        if progress is not None:
            kwargs["report_progress"] = True
        with self._lock:
            process = self._running()
            assert process.stdin is not None
            assert process.stdout is not None
            try:
                send(process.stdin, (task, args, kwargs))
                while True:
                    kind, answer = receive(process.stdout)
                    if kind != "progress":
                        break
                    if progress is not None:
                        progress(answer)
            except (EOFError, BrokenPipeError, ConnectionError) as error:
                raise WorkerError(self._obituary(task)) from error
            except BaseException:
                self._kill()
                raise
        if kind == "result":
            return answer
        if isinstance(answer, FootstrikeError):
            raise answer
        raise WorkerError(f"the {self.engine} worker failed in {task!r}: {answer}")

    def close(self) -> None:
        """End the process, if one runs."""
        self._kill()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._kill()
            self._log = tempfile.TemporaryFile()
            source = str(Path(__file__).resolve().parents[2])
            path = os.pathsep.join(filter(None, [source, os.environ.get("PYTHONPATH")]))
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "footstrike.engines.serve", self.engine],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._log,
                env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
                start_new_session=True,
            )
        return self._process

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            for stream in (self._process.stdin, self._process.stdout):
                if stream is not None:
                    try:
                        stream.close()
                    except BrokenPipeError:
                        pass
            self._process.wait()
            self._process = None
        if self._log is not None:
            self._log.close()
            self._log = None

    def _obituary(self, task: str) -> str:
        assert self._process is not None
        code = self._process.wait()
        last = self._last_words()
        self._kill()
        how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
        words = f"; its last words: {last}" if last else ""
        return (
            f"the {self.engine} worker {how} while running {task!r}{words}. "
            "Results already saved are safe; run the same command again to go on"
        )

    def _last_words(self) -> str:
        if self._log is None:
            return ""
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""


_shared: dict[Engine, Worker] = {}


def opensim_worker() -> Worker:
    """The OpenSim worker that the whole session shares; kept warm."""
    if "opensim" not in _shared:
        _shared["opensim"] = worker = Worker("opensim")
        atexit.register(worker.close)
    return _shared["opensim"]


def casadi_worker() -> Worker:
    """A new CasADi worker: one solve each, so close it after (it is a context manager)."""
    return Worker("casadi")
