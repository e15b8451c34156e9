"""A worker of sweeps whose solves are made up, at once and always alike; a log of the folder counts them.

``TOY_SECONDS`` is what a solve takes, ``TOY_GOODBYE_SECONDS`` what is between the worker's last word and its end. A knee flexion of 39 deg is not solved, one of 38 kills the process.
"""

from __future__ import annotations

import hashlib
import os
import signal
import time
from collections import Counter
from pathlib import Path
from typing import Any

from synthetic import analytic_run, changed

from footstrike.progress import Progress, silent
from footstrike.runs.store import image
from footstrike.simulation.request import Request
from footstrike.study import cell_worker, solving
from footstrike.study.folder import SweepFolder
from footstrike.study.plan import PlannedRun
from footstrike.study.variables import identity

COMMAND = (str(Path(__file__).resolve()),)
UNSOLVED_DEG, DEADLY_DEG = 39.0, 38.0
GRID: dict[str, Any] = {
    "fixed": {"speed": 3.5, "legs": "torques"},
    "grid": {
        "strike": ["rearfoot", "forefoot"],
        "step_length": {"relative": [-10, 0, 10]},
        "knee_flexion": [10, 15, 20],
    },
    "block": 5,
}
ENTRIES = 20  # cells of GRID and its two habitual gaits


def toy(request: Request, progress: Progress = silent) -> tuple[str, str, bytes]:
    """A run whose numbers follow from the request."""
    _log("begun", request)
    progress({"stage": "solving", "iteration": 1, "objective": None, "infeasibility": None, "elapsed_s": 0.0})
    time.sleep(float(os.environ.get("TOY_SECONDS", "0")))
    knee = {m.name: m.value for m in request.modifiers}.get("knee_flexion")
    if knee == DEADLY_DEG:
        os.kill(os.getpid(), signal.SIGKILL)
    if knee == UNSOLVED_DEG:
        return "not_converged", "too much for a toy", b""
    said = request.specification()
    run = analytic_run(401, bump=0.01 * (knee or 0.0), **{k: v for k, v in said.items() if k != "speed_mps"})
    run = changed(run, spec={**run.spec, **said})
    return run.status, run.message, image(run)


def solves(folder: Path, what: str = "done") -> Counter[str]:
    """How often each request was solved (or begun), by a hash of it."""
    lines = (folder / "log").read_text().splitlines() if (folder / "log").exists() else []
    return Counter(line.split()[1] for line in lines if line.startswith(what))


def children(pid: int) -> list[int]:
    """Processes that a process has started."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(status.parent.name))
    return found


def kill(pid: int) -> None:
    """``kill -9``."""
    os.kill(pid, signal.SIGKILL)


def _log(what: str, request: Request) -> None:
    line = f"{what} {hashlib.sha256(identity(request).encode()).hexdigest()}\n"
    handle = os.open(Path(os.environ["TOY_LOG"], "log"), os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(handle, line.encode())
    os.close(handle)


def counted_keep(folder: SweepFolder, entry: PlannedRun, data: bytes) -> None:
    """Keep a run, and count it once it is kept."""
    keep(folder, entry, data)
    _log("done", entry.request)


def without_code() -> str:
    """In place of the hash of all code, whose reading takes longer than a toy."""
    return "toys"


keep = SweepFolder.keep

if __name__ == "__main__":
    solving.solve_cell = toy
    SweepFolder.keep = counted_keep  # type: ignore[method-assign]
    cell_worker.fingerprint_of_cells = without_code
    cell_worker.main()
    os.closerange(3, 100)  # the end of its output is seen before its own
    time.sleep(float(os.environ.get("TOY_GOODBYE_SECONDS", "0")))
