"""What a worker process runs: ``python -m footstrike.engines.serve opensim|casadi``. Started by the client only."""

from __future__ import annotations

import importlib
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any

from footstrike.engines.wire import receive, send
from footstrike.errors import FootstrikeError

_TASK_MODULES = {
    "opensim": "footstrike.engines.opensim_tasks",
    "casadi": "footstrike.engines.casadi_tasks",
}


def main(engine: str) -> None:
    """Answer requests on standard input until it closes."""
    requests = sys.stdin.buffer
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # native libraries print: keep that out of the answers
    _end_with_parent()
    tasks: dict[str, Callable[..., Any]] = importlib.import_module(_TASK_MODULES[engine]).TASKS
    while True:
        try:
            task, args, kwargs = receive(requests)
        except EOFError:
            return
        send(answers, _perform(tasks[task], args, kwargs, lambda event: send(answers, ("progress", event))))


def _perform(
    task: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], progress: Callable[[Any], None]
) -> tuple[str, Any]:
    try:
        if kwargs.pop("report_progress", False):
            kwargs["progress"] = progress
        return "result", task(*args, **kwargs)
    except FootstrikeError as error:
        return "refused", error
    except Exception as error:
        traceback.print_exc()
        return "failed", f"{type(error).__name__}: {error}"


def _end_with_parent() -> None:
    """Leave when the parent is gone, even in the middle of a solve: nobody could read the answer."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    main(sys.argv[1])
