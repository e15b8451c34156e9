"""A sweep on the terminal: a live table while it runs, plain lines in a log, and its end."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from footstrike.study.tally import Tally

SHOWN = 8  # failed cells that are listed


class SweepTable:
    """A context whose :meth:`show` is a :data:`footstrike.study.tally.Watch`; writes to standard error only."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True, highlight=False)
        self._live: Live | None = None
        self._told: tuple[int, int] | None = None
        self.last: Tally | None = None

    def __enter__(self) -> SweepTable:
        if self._console.is_terminal:
            self._live = Live(console=self._console, transient=True, auto_refresh=False)
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.stop()

    def show(self, tally: Tally) -> None:
        """Show a state; in a log a line for each simulation that has ended."""
        self.last = tally
        if self._live:
            self._live.update(_table(tally), refresh=True)
        elif (tally.solved, tally.failed) != self._told:
            self._told = (tally.solved, tally.failed)
            self._console.print(escape(f"[{tally.elapsed_s:6.1f} s] {_counts(tally)}"), soft_wrap=True)


def _counts(tally: Tally) -> str:
    left = (
        "" if tally.remaining_s is None or not tally.open else f", about {duration(tally.remaining_s)} left"
    )
    return (
        f"{tally.solved} of {tally.total} solved, {tally.failed} failed, {len(tally.running)} running{left}"
    )


def _table(tally: Tally) -> Table:
    table = Table(title=_counts(tally), title_justify="left", show_edge=False)
    for heading in ("running", "what it does", "for"):
        table.add_column(heading, overflow="ellipsis", no_wrap=True)
    for one in tally.running:
        table.add_row(escape(one.words), escape(one.doing), duration(one.since_s))
    return table


def print_status(status: Mapping[str, Any]) -> None:
    """Print what of a sweep is solved, and the failed cells with their reasons."""
    console = Console(highlight=False)
    left_out = f", {status['left_out']} left out" if status["left_out"] else ""
    console.print(
        f"{escape(status['name'])}: {status['solved']} of {status['cells']} cells solved, {status['failed']} failed, "
        f"{status['open']} open{left_out}",
        soft_wrap=True,
    )
    for one in status["failures"][:SHOWN]:
        asked = ", ".join(f"{name} {value}" for name, value in one["asked"].items())
        console.print(escape(f"  {one['status']}: {asked}: {one['reason']}"), soft_wrap=True)
    more = len(status["failures"]) - SHOWN
    if more > 0:
        console.print(f"  and {more} more: --json has all", soft_wrap=True)
    console.print(f"results: {escape(status['folder'])}", soft_wrap=True)


def duration(seconds: float) -> str:
    """A time in its own unit: ``40 s``, ``12 min``, ``3.5 h``."""
    if seconds < 90.0:
        return f"{seconds:.0f} s"
    return f"{seconds / 60.0:.0f} min" if seconds < 5400.0 else f"{seconds / 3600.0:.1f} h"
