"""The claims on the terminal: verdicts with their numbers, then what was solved, and how long it took."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from footstrike.cli.printing import number, terminal
from footstrike.cli.sweep_table import duration

_STYLE = {"supported": "green", "contradicted": "red", "no effect": "cyan", "undecided": "yellow"}
_SHOWN = 8
"""Failed simulations that are listed."""
_WIDE = 100
"""Columns of a terminal from which on there is room for what drives an effect."""
_SHORT = ("in SDs", "verdict", "flips at")


def show(result: Mapping[str, Any], out: Path) -> None:
    """Print verdicts, counts, and where the results lie."""
    console, provenance = terminal(), result["provenance"]
    if result["claims"]:
        console.print(_table(result["claims"], console.width >= _WIDE))
        _undecided(console, result["claims"])
    done = provenance["simulations"]
    console.print(
        f"{done['solved']} of {done['cells']} simulations solved, {done['failed']} failed, "
        f"{duration(provenance['wall_s'])}; preset {provenance['preset']}, seed {provenance['seed']}, "
        f"plan {provenance['plan_sha256'][:12]}, tables {provenance['claims_tables_sha256'][:12]}",
        soft_wrap=True,
    )
    failures = provenance["failures"]
    for one in failures[:_SHOWN]:
        console.print(escape(f"  {one['status']}: {one['reason']}"), soft_wrap=True)
    if len(failures) > _SHOWN:
        console.print(f"  and {len(failures) - _SHOWN} more: failures.csv has all")
    console.print(f"results: {escape(str(out))}", soft_wrap=True)


def _table(rows: list[Mapping[str, Any]], wide: bool) -> Table:
    table = Table(title="Claims: forefoot minus rearfoot, or slope", show_lines=True)
    for heading in ("claim", "effect [95 %]", *_SHORT, *(["driven by"] if wide else [])):
        table.add_column(escape(heading), no_wrap=heading in _SHORT, overflow="fold")
    for row in rows:
        style, distance = _STYLE.get(row["verdict"], ""), row["flip_distance"]
        about = escape(f"{row['label']} ({row['contrast'].replace('_', ' ')})")
        cells = (
            f"{row['id']} {escape(row['title'])}\n[dim]{about}[/]",
            _effect(row),
            number(row["effect_size"]),
            f"[{style}]{row['verdict']}[/]" if style else row["verdict"],
            "" if distance is None else f"{distance:.1f} SD",
            escape((row["driver"] or "").replace("_", " ")),
        )
        table.add_row(*cells[: len(table.columns)])
    return table


def _effect(row: Mapping[str, Any]) -> str:
    if row["effect"] is None:
        return "not known"
    ends = "" if row["ci_low"] is None else f" [{row['ci_low']:+.3g}, {row['ci_high']:+.3g}]"
    unit = "" if row["units"] == "1" else f" {row['units']}"
    return escape(f"{row['effect']:+.3g}{ends}{unit}")


def _undecided(console: Console, rows: list[Mapping[str, Any]]) -> None:
    for row in rows:
        if row["verdict"] == "undecided":
            console.print(escape(f"{row['id']} is undecided: {row['why']}"), soft_wrap=True)
