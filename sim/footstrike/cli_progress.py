"""Progress on a terminal: one moving line with what is solved and how far it is; plain lines elsewhere."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.markup import escape
from rich.status import Status

from footstrike.progress import ProgressEvent


class TerminalProgress:
    """A context whose :meth:`show` is a :data:`footstrike.progress.Progress`; writes to standard error only.

    On a terminal the line of the running stage moves and each finished stage stays with its time. In a log
    file every stage gets one line when it starts.
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
        if self._last is None or event["stage"] != self._last["stage"]:
            self._finish_stage()
            self._began = event["elapsed_s"]
            if not self._status:
                self._console.print(escape(f"[{event['elapsed_s']:6.1f} s] {event['stage']}"))
        self._last = event
        if self._status:
            self._status.update(escape(line(event)))

    def _finish_stage(self) -> None:
        if self._status and self._last:
            took = self._last["elapsed_s"] - self._began
            self._console.print(f"[green]✓[/] {escape(self._last['stage'])} [dim]({took:.1f} s)[/]")


def line(event: ProgressEvent) -> str:
    """Text of one event: stage, iteration, objective, largest violation, time."""
    parts = [event["stage"]]
    if event["iteration"] is not None:
        parts.append(f"iteration {event['iteration']}")
    if event["objective"] is not None:
        parts.append(f"objective {event['objective']:.4g}")
    if event["infeasibility"] is not None:
        parts.append(f"infeasibility {event['infeasibility']:.1e}")
    parts.append(f"{event['elapsed_s']:.0f} s")
    return "  ".join(parts)
