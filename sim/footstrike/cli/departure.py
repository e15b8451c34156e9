"""What a modified gait was asked for, and how it differs from habit, on the terminal."""

from __future__ import annotations

from collections.abc import Iterable

from rich.markup import escape
from rich.table import Table

from footstrike.cli.printing import number, terminal
from footstrike.runs.run import Run
from footstrike.simulation import changes
from footstrike.simulation.changes import Asked, Change

_MOST = 8  # rows of what else moved


def show(run: Run, habit: Run | None) -> None:
    """Print what was asked and met, what changed at L5/S1, what moved most beside, and what to be careful about.

    Parameters
    ----------
    run
        A solved modified gait.
    habit
        The gait that it departs from, if it is known.
    """
    console = terminal()
    for asked in changes.asked_and_met(run, habit):
        console.print(escape(_told(asked)), soft_wrap=True)
    if habit is None:
        console.print(escape(_without_habit(run)), soft_wrap=True)
        return
    back = changes.changed(run, habit, changes.BACK)
    if back:
        console.print(_table("L5/S1, change from habit", back))
        console.print(escape(_sharing(run, habit)), soft_wrap=True)
    console.print(_table("What else moved most", _largest(changes.changed(run, habit, changes.beside(run)))))
    for words in changes.cautions(run):
        console.print(f"careful: {escape(words)}", soft_wrap=True)


def _told(asked: Asked) -> str:
    met = "not known" if asked.met is None else f"{asked.met:.4g}"
    habit = "" if asked.habit is None else f"; habit {asked.habit:.4g}"
    return f"{asked.label}: asked {asked.asked:.4g} {asked.unit}, got {met}{habit}"


def _without_habit(run: Run) -> str:
    who = run.spec.get("from_strike") or run.strike
    command = f"footstrike simulate --strike {who} --speed {run.speed:g}"
    return f"the change from habit is not shown, since that gait is not in the cache: {command} (same body) solves it"


def _sharing(run: Run, habit: Run) -> str:
    """What the peak would be with other muscles: how far the answer depends on them."""
    now, before = changes.shared_anew(run), changes.shared_anew(habit)
    if now is None or before is None:
        return "(trunk muscles share the moments by least effort)"
    return (
        f"(this keeps the trunk's muscles near habit; if they shared the same moments by least effort, the peak would be {now:.2f} "
        f"against {before:.2f} BW, {100 * (now / before - 1):+.1f} %)"
    )


def _largest(found: Iterable[Change]) -> list[Change]:
    """Those that moved most, in their order of size; angles by what they changed per 10 deg."""
    return sorted(
        found, key=lambda c: -abs(c.percent if c.percent is not None else 10.0 * (c.now - c.habit))
    )[:_MOST]


def _table(title: str, rows: Iterable[Change]) -> Table:
    table = Table(title=title)
    for heading in ("", "habit", "now", "change"):
        table.add_column(heading, justify="right" if heading else "left")
    for row in rows:
        change = f"{row.now - row.habit:+.3g}" if row.percent is None else f"{row.percent:+.1f} %"
        table.add_row(escape(row.of.labelled), number(row.habit), number(row.now), change)
    return table
