"""A process that solves cells of a sweep: ``python -m footstrike.study.cell_worker``; whoever shares them out starts it.

The first line of its standard input is its job in JSON: ``folder``, and ``keys`` of the entries that it may solve. It ends
when that input closes, in the middle of a solve too. Each line of its output is an event in JSON.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from footstrike.cache import unfinished
from footstrike.errors import FootstrikeError
from footstrike.progress import Progress
from footstrike.study.folder import SweepFolder
from footstrike.study.plan import PlannedRun, fingerprint_of_cells
from footstrike.study.solving import is_ready, work_at

PAUSE_S = 0.2  # between two looks whether what is left can be begun

Tell = Callable[..., None]


def main() -> None:
    """Do the job that standard input names, and leave with 0 if everything has ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whether work goes on after Ctrl-C is the parent's decision
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    job = json.loads(sys.stdin.readline())
    finished = threading.Event()
    threading.Thread(target=_leave_with_parent, args=(finished,), daemon=True).start()

    def tell(event: str, key: str = "", **more: Any) -> None:
        print(json.dumps({"event": event, "key": key, **more}), file=answers, flush=True)

    try:
        work(SweepFolder(Path(job["folder"])), job["keys"], tell)
    except FootstrikeError as error:
        tell("error", text=str(error), exit_code=error.exit_code)
        raise SystemExit(error.exit_code) from None
    finally:
        finished.set()


def work(folder: SweepFolder, keys: Sequence[str], tell: Tell) -> None:
    """Solve all entries of these keys that nobody else solves, and wait for those that somebody does.

    Raises
    ------
    FootstrikeError
        This Footstrike is another than the plan's, or the folder cannot be written.
    """
    plan = folder.plan()
    if plan.fingerprint != fingerprint_of_cells():
        raise FootstrikeError(
            "the worker has another version of Footstrike, its tables or libraries than the sweep"
        )
    wanted = set(keys)
    left = [entry for key, entry in plan.entries.items() if key in wanted]
    while left := [entry for entry in left if not folder.is_ended(entry.key)]:
        if not any(_attempt(folder, entry, tell) for entry in left):
            time.sleep(PAUSE_S)


def _attempt(folder: SweepFolder, entry: PlannedRun, tell: Tell) -> bool:
    """Solve an entry if it can be begun and is nobody else's; whether that was so."""
    if not is_ready(folder, entry):
        return False
    with folder.alone(entry.key) as mine:
        if not mine or folder.is_ended(entry.key):
            return False
        tell("begun", entry.key)
        outcome = work_at(folder, entry, _progress(entry.key, tell))
    tell("ended", entry.key, solved=outcome.solved, status=outcome.status, reason=outcome.reason)
    return True


def _progress(key: str, tell: Tell) -> Progress:
    return lambda event: tell("progress", key, stage=event["stage"], iteration=event["iteration"])


def _leave_with_parent(finished: threading.Event) -> None:
    """End the process when its standard input closes before it has finished: nobody waits for it any more."""
    while os.read(0, 4096):
        pass
    if not finished.is_set():
        unfinished.abandon()
        os._exit(1)


if __name__ == "__main__":
    main()
