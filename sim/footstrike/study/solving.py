"""One cell of a sweep solved: the only place of a study that calls a simulation."""

from __future__ import annotations

from dataclasses import dataclass

from footstrike.control.solution import Status
from footstrike.errors import InputError, SolveError, WorkerError
from footstrike.progress import Progress, silent
from footstrike.runs.store import image
from footstrike.simulation.pipeline import simulate
from footstrike.simulation.request import Request
from footstrike.study.folder import SweepFolder
from footstrike.study.plan import Entry, Plan

REFUSED, CRASHED = "refused", "crashed"


def solve_cell(
    request: Request, neighbour: Request | None, progress: Progress = silent
) -> tuple[str, str, bytes]:
    """Status, message and the file's bytes of one simulation.

    Parameters
    ----------
    neighbour
        What was asked of the solved gait that this one may start from; None: from the habitual gait.
    """
    run = simulate(request, progress)
    return run.status, run.message, image(run) if run.solved else b""


@dataclass(frozen=True)
class Outcome:
    """How the work at an entry ended: ``solved``, or why not."""

    key: str
    solved: bool
    status: str
    reason: str


def work_at(folder: SweepFolder, plan: Plan, entry: Entry, progress: Progress = silent) -> Outcome:
    """Solve an entry of a sweep, and keep its run or the reason why there is none.

    Raises
    ------
    FootstrikeError
        The result cannot be written.
    """
    if entry.habit is not None and folder.is_failed(entry.habit):
        status, message, data = (
            REFUSED,
            f"its habitual gait was not solved: {folder.reason(entry.habit)['reason']}",
            b"",
        )
    else:
        status, message, data = _solved(entry, _neighbour(folder, plan, entry), progress)
    if data:
        folder.keep(entry, data)
    else:
        folder.fail(entry, status, message)
    return Outcome(entry.key, bool(data), status, message)


def _solved(entry: Entry, neighbour: Entry | None, progress: Progress) -> tuple[str, str, bytes]:
    """Like :func:`solve_cell`; what a solve raises is a status too, and one whose process died is tried once more."""
    start = neighbour.request if neighbour else None
    try:
        try:
            return solve_cell(entry.request, start, progress)
        except WorkerError:
            return solve_cell(entry.request, start, progress)
    except InputError as error:
        return REFUSED, str(error), b""
    except SolveError as error:
        return Status.NOT_CONVERGED, str(error), b""
    except WorkerError as error:
        return CRASHED, str(error), b""


def _neighbour(folder: SweepFolder, plan: Plan, entry: Entry) -> Entry | None:
    """The entry to start from: its neighbour, or, where that was not solved, the neighbour's own."""
    key = entry.neighbour
    while key is not None and not folder.is_solved(key):
        key = plan.entries[key].neighbour
    return None if key is None else plan.entries[key]


def is_ready(folder: SweepFolder, entry: Entry) -> bool:
    """Whether what an entry starts from has ended, solved or not."""
    return all(folder.is_ended(key) for key in (entry.habit, entry.neighbour) if key is not None)
