"""Progress on a terminal: one moving line with what is solved and how far it is; plain lines elsewhere."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn

from footstrike.progress import ProgressEvent


class TerminalProgress:
    """A context whose :meth:`show` is a :data:`footstrike.progress.Progress`; writes to standard error only.

    On a terminal the line of the running stage moves, with a bar that fills where the stage counts, and each
    finished stage stays with its time. In a log file every stage gets one line when it starts.
    """

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True, highlight=False)
        self._bars: Progress | None = None
        self._task: TaskID | None = None
        self._last: ProgressEvent | None = None
        self._began = 0.0

    def __enter__(self) -> TerminalProgress:
        if self._console.is_terminal:
            words, told = TextColumn("{task.description}"), TextColumn("{task.fields[told]}")
            self._bars = Progress(
                SpinnerColumn(), words, BarColumn(24), told, console=self._console, transient=True
            )
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._finish_stage()
        if self._bars:
            self._bars.stop()

    def show(self, event: ProgressEvent) -> None:
        """Show one event."""
        if self._last is None or event["stage"] != self._last["stage"]:
            self._finish_stage()
            self._begin_stage(event)
        self._last = event
        if self._bars and self._task is not None:
            completed, total = event.get("completed") or 0, event.get("total")
            self._bars.update(self._task, completed=completed, total=total, told=escape(told(event)))

    def _begin_stage(self, event: ProgressEvent) -> None:
        self._began = event["elapsed_s"]
        if self._bars:
            words, total = escape(event["stage"]), event.get("total")
            self._task = self._bars.add_task(words, total=total, told=escape(told(event)))
        else:
            self._console.print(escape(f"[{event['elapsed_s']:6.1f} s] {event['stage']}"))

    def _finish_stage(self) -> None:
        if self._bars and self._last and self._task is not None:
            self._bars.remove_task(self._task)
            self._bars.refresh()
            took = self._last["elapsed_s"] - self._began
            self._console.print(f"[green]✓[/] {escape(self._last['stage'])} [dim]({took:.1f} s)[/]")


def told(event: ProgressEvent) -> str:
    """How far a stage is: how many of how many, iteration, objective, largest violation, time."""
    parts = []
    if event.get("total") is not None:
        parts.append(f"{event.get('completed') or 0} of {event.get('total')}")
    if event["iteration"] is not None:
        parts.append(f"iteration {event['iteration']}")
    if event["objective"] is not None:
        parts.append(f"objective {event['objective']:.4g}")
    if event["infeasibility"] is not None:
        parts.append(f"infeasibility {event['infeasibility']:.1e}")
    parts.append(f"{event['elapsed_s']:.0f} s")
    return "  ".join(parts)
