"""One cell of a sweep solved: the only place of a study that calls a simulation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from footstrike.control.solution import Status
from footstrike.errors import InputError, SolveError, WorkerError
from footstrike.progress import Progress, silent
from footstrike.runs.store import image
from footstrike.simulation.pipeline import simulate
from footstrike.simulation.request import Request
from footstrike.simulation.sensitivity import with_sensitivities
from footstrike.study.folder import SweepFolder
from footstrike.study.plan import PlannedRun

REFUSED, CRASHED = "refused", "crashed"
UNKNOWN = "unknown"
"""Entry of a run's sensitivities that says why there are none."""


def solve_cell(request: Request, progress: Progress = silent) -> tuple[str, str, bytes]:
    """Status, message and the file's bytes of one simulation."""
    run = simulate(request, progress)
    return run.status, run.message, image(run) if run.solved else b""


def solve_with_derivatives(
    request: Request, progress: Progress = silent, inputs: Sequence[str] = ()
) -> tuple[str, str, bytes]:
    """Like :func:`solve_cell`, the run with its sensitivities to inputs; where they are not known, it keeps why."""
    run = simulate(request, progress)
    if run.solved:
        try:
            run = with_sensitivities(run, request, progress, inputs)
        except (InputError, SolveError) as error:
            run = replace(run, sensitivities={UNKNOWN: {"reason": str(error)}})
    return run.status, run.message, image(run) if run.solved else b""


@dataclass(frozen=True)
class Outcome:
    """How the work at an entry ended: ``solved``, or why not."""

    key: str
    solved: bool
    status: str
    reason: str


def work_at(folder: SweepFolder, entry: PlannedRun, progress: Progress = silent) -> Outcome:
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
        status, message, data = _solved(entry, progress)
    if data:
        folder.keep(entry, data)
    else:
        folder.fail(entry, status, message)
    return Outcome(entry.key, bool(data), status, message)


def _solved(entry: PlannedRun, progress: Progress) -> tuple[str, str, bytes]:
    """Like :func:`solve_cell`; what a solve raises is a status too, and one whose process died is tried once more."""

    def solve(request: Request, progress: Progress) -> tuple[str, str, bytes]:
        if entry.derivatives:
            return solve_with_derivatives(request, progress, entry.derivatives)
        return solve_cell(request, progress)

    try:
        try:
            return solve(entry.request, progress)
        except WorkerError:
            return solve(entry.request, progress)
    except InputError as error:
        return REFUSED, str(error), b""
    except SolveError as error:
        return Status.NOT_CONVERGED, str(error), b""
    except WorkerError as error:
        return CRASHED, str(error), b""


def is_ready(folder: SweepFolder, entry: PlannedRun) -> bool:
    """Whether its habit has ended, solved or not."""
    return entry.habit is None or folder.is_ended(entry.habit)
