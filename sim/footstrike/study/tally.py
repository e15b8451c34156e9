"""How far a sweep is: what is solved, failed and running, and the time that is left."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from footstrike.brief import brief
from footstrike.study.folder import SweepFolder
from footstrike.study.plan import Plan


@dataclass(frozen=True)
class Running:
    """What is being solved: in words, what is done there, and for how long, s."""

    key: str
    words: str
    doing: str
    since_s: float


@dataclass(frozen=True)
class Tally:
    """The state of a sweep at one moment.

    Attributes
    ----------
    total, solved, failed
        Numbers of simulations: cells, and habitual gaits that they need.
    running
        What this process solves now.
    elapsed_s, remaining_s
        Since the start, and to the end as far as can be told, s.
    """

    __repr__ = brief

    total: int
    solved: int
    failed: int
    running: tuple[Running, ...]
    elapsed_s: float
    remaining_s: float | None

    @property
    def open(self) -> int:
        """What is neither solved nor failed."""
        return self.total - self.solved - self.failed


Watch = Callable[[Tally], None]


def unwatched(_tally: Tally) -> None:
    """Show nothing."""


@dataclass
class Counter:
    """Counts from the folder and from what workers tell."""

    __repr__ = brief

    folder: SweepFolder
    plan: Plan
    keys: tuple[str, ...]
    workers: int = 1
    started: float = field(default_factory=time.monotonic)
    _begun: dict[str, tuple[float, str]] = field(default_factory=dict)
    _took: list[float] = field(default_factory=list)

    def hear(self, event: dict[str, Any]) -> None:
        """Take in an event of a worker (:mod:`footstrike.study.cell_worker`)."""
        key, now = event["key"], time.monotonic()
        if event["event"] == "begun":
            self._begun[key] = now, "starting"
        elif event["event"] == "progress" and key in self._begun:
            iteration = event.get("iteration")
            doing = str(event["stage"]) + (f", iteration {iteration}" if iteration is not None else "")
            self._begun[key] = self._begun[key][0], doing
        elif event["event"] == "ended" and key in self._begun:
            self._took.append(now - self._begun.pop(key)[0])

    def forget(self, keys: Iterable[str]) -> None:
        """These are no longer being solved."""
        for key in keys:
            self._begun.pop(key, None)

    def tally(self) -> Tally:
        """The state now."""
        now = time.monotonic()
        solved = sum(self.folder.is_solved(key) for key in self.keys)
        failed = sum(self.folder.is_failed(key) for key in self.keys)
        running = tuple(
            Running(key, self.plan.entries[key].words, doing, now - since)
            for key, (since, doing) in self._begun.items()
        )
        left = len(self.keys) - solved - failed
        each = statistics.median(self._took[-40:]) if self._took else None
        remaining = None if each is None else each * left / max(1, min(self.workers, left or 1))
        return Tally(len(self.keys), solved, failed, running, now - self.started, remaining)
