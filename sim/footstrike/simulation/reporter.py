"""Turns what workers say into progress events."""

from __future__ import annotations

import time as clock
from dataclasses import dataclass, field
from typing import Any

from footstrike.progress import Progress, ProgressEvent


@dataclass
class ProgressReporter:
    """Turns what workers say into progress events with the time since the start."""

    progress: Progress
    started: float = field(default_factory=clock.perf_counter)

    def stage(self, words: str) -> None:
        """Tell that something begins or was found."""
        self.event("", {"stage": words})

    def event(self, name: str, event: dict[str, Any]) -> None:
        """Pass a worker's event on, under the name of what it works at."""
        stage = f"{name}: {event['stage']}" if name else str(event["stage"])
        self.progress(
            ProgressEvent(
                stage=stage,
                iteration=event.get("iteration"),
                objective=event.get("objective"),
                infeasibility=event.get("infeasibility"),
                elapsed_s=clock.perf_counter() - self.started,
            )
        )
