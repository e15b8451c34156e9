"""What a long job tells while it works: plain events, so that any front end can show them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypedDict


class ProgressEvent(TypedDict):
    """One message from a job.

    ``stage`` says what is being done in words; ``iteration``, ``objective`` and ``infeasibility`` (the
    largest violated constraint, scaled) are those of the solver and ``None`` outside a solve; ``elapsed_s``
    counts from the start of the job.
    """

    stage: str
    iteration: int | None
    objective: float | None
    infeasibility: float | None
    elapsed_s: float


Progress = Callable[[ProgressEvent], None]


def silent(_event: ProgressEvent) -> None:
    """Show nothing."""
