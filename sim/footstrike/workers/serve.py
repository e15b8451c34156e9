"""What a worker process runs: ``python -m footstrike.workers.serve ENGINE FOLDER``; the client starts it."""

from __future__ import annotations

import importlib
import os
import pickle
import queue
import shutil
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from footstrike.cache import unfinished
from footstrike.errors import FootstrikeError
from footstrike.workers.wire import receive_bytes, send

_TASK_MODULES = {
    "opensim": "footstrike.opensim.tasks",
    "casadi": "footstrike.control.tasks",
}


def main(engine: str, folder: str) -> None:
    """Answer requests on standard input until it closes; ``folder`` is the worker's own and goes with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whether work goes on after Ctrl-C is the parent's decision
    questions, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # native libraries print: keep that out of the answers
    requests: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    for watch in (lambda: _listen(questions, requests), _await_adoption):
        threading.Thread(target=_leave_after, args=(watch, folder), daemon=True).start()
    os.chdir(folder)  # native libraries leave files where they stand
    tasks: dict[str, Callable[..., Any]] = importlib.import_module(_TASK_MODULES[engine]).TASKS
    while True:
        answer = _perform(tasks, requests.get(), lambda event: send(answers, ("progress", event)))
        try:
            send(answers, answer)
        except (pickle.PicklingError, TypeError, AttributeError) as error:
            send(answers, _failure(error))


def _perform(
    tasks: dict[str, Callable[..., Any]], request: bytes, progress: Callable[[Any], None]
) -> tuple[str, Any]:
    try:
        task, args, kwargs, wants_progress = pickle.loads(request)
        if wants_progress:
            kwargs["progress"] = progress
        return "result", tasks[task](*args, **kwargs)
    except FootstrikeError as error:
        return "refused", error
    except Exception as error:
        return _failure(error)


def _failure(error: Exception) -> tuple[str, Any]:
    return "failed", (f"{type(error).__name__}: {error}", traceback.format_exc())


def _listen(stream: IO[bytes], requests: queue.SimpleQueue[bytes]) -> None:
    """Pass requests on until the pipe closes: the client ended us, or the parent is gone."""
    while True:
        try:
            requests.put(receive_bytes(stream))
        except (EOFError, OSError):
            return


def _await_adoption() -> None:
    """Return when the parent is gone: a child that it forked may still hold the pipe open."""
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(1.0)


def _leave_after(watch: Callable[[], None], folder: str) -> None:
    """End the process when ``watch`` returns, even in the middle of a solve: nobody could read the answer."""
    watch()
    unfinished.abandon()
    os.chdir(Path(folder).parent)
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:3])
