"""What a long job tells while it works: plain events, so that any front end can show them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NotRequired, Protocol, TypedDict


class ProgressEvent(TypedDict):
    """One message from a job.

    ``stage`` says what is being done in words; ``iteration``, ``objective`` and ``infeasibility`` (the
    largest violated constraint, scaled) are those of the solver and ``None`` outside a solve; ``elapsed_s``
    counts from the start of the job. A stage that counts says how many of ``total`` it has ``completed``.
    """

    stage: str
    iteration: int | None
    objective: float | None
    infeasibility: float | None
    elapsed_s: float
    completed: NotRequired[int | None]
    total: NotRequired[int | None]


Progress = Callable[[ProgressEvent], None]


def silent(_event: ProgressEvent) -> None:
    """Show nothing."""


class Tell(Protocol):
    """Tells in words what is being done, and how many of how many are."""

    def __call__(self, words: str, completed: int | None = None, total: int | None = None) -> None:
        """Tell it."""


def stage(progress: Progress) -> Tell:
    """A function that tells in words what is being done, with the time since now."""
    start = time.monotonic()

    def tell(words: str, completed: int | None = None, total: int | None = None) -> None:
        elapsed = time.monotonic() - start
        progress(
            {
                "stage": words,
                "iteration": None,
                "objective": None,
                "infeasibility": None,
                "elapsed_s": elapsed,
                "completed": completed,
                "total": total,
            }
        )

    return tell
