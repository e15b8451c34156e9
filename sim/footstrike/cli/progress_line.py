"""Progress on a terminal: one moving line with what is solved and how far it is; plain lines elsewhere."""

from __future__ import annotations

import re
from types import TracebackType

from rich.console import Console
from rich.markup import escape
from rich.status import Status

from footstrike.progress import ProgressEvent

_COUNTED = re.compile(r"^(.*), (?:\w+ )?(\d+) of (\d+)$")  # "fitting muscle paths, 11 of 66"
_BAR = 24  # characters


class TerminalProgress:
    """A context whose :meth:`show` is a :data:`footstrike.progress.Progress`; writes to standard error only.

    On a terminal the line of the running stage moves, with a bar where the stage counts, and each finished
    stage stays with its time. In a log file every stage gets one line when it starts.
    """

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True, highlight=False)
        self._status: Status | None = None
        self._last: ProgressEvent | None = None
        self._began = 0.0

    def __enter__(self) -> TerminalProgress:
        if self._console.is_terminal:
            self._status = self._console.status("starting")
            self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._finish_stage()
        if self._status:
            self._status.stop()

    def show(self, event: ProgressEvent) -> None:
        """Show one event."""
        if self._last is None or name(event) != name(self._last):
            self._finish_stage()
            self._began = event["elapsed_s"]
            if not self._status:
                self._console.print(escape(f"[{event['elapsed_s']:6.1f} s] {name(event)}"))
        self._last = event
        if self._status:
            self._status.update(escape(line(event)))

    def _finish_stage(self) -> None:
        if self._status and self._last:
            took = self._last["elapsed_s"] - self._began
            self._console.print(f"[green]✓[/] {escape(name(self._last))} [dim]({took:.1f} s)[/]")


def name(event: ProgressEvent) -> str:
    """The stage without its count."""
    counted = _COUNTED.match(event["stage"])
    return counted.group(1) if counted else event["stage"]


def bar(event: ProgressEvent) -> str:
    """How much of a counted stage is done; empty where it does not count."""
    counted = _COUNTED.match(event["stage"])
    if counted is None:
        return ""
    done, whole = int(counted.group(2)), int(counted.group(3))
    full = round(_BAR * min(done - 1, whole) / max(whole, 1))
    return f"{'━' * full}{'─' * (_BAR - full)} {done} of {whole}"


def line(event: ProgressEvent) -> str:
    """Text of one event: stage and how far it is, iteration, objective, largest violation, time."""
    parts = [part for part in (name(event), bar(event)) if part]
    if event["iteration"] is not None:
        parts.append(f"iteration {event['iteration']}")
    if event["objective"] is not None:
        parts.append(f"objective {event['objective']:.4g}")
    if event["infeasibility"] is not None:
        parts.append(f"infeasibility {event['infeasibility']:.1e}")
    parts.append(f"{event['elapsed_s']:.0f} s")
    return "  ".join(parts)
