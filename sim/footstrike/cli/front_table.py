"""Optima and fronts on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from footstrike.outcomes.registry import known_metrics
from footstrike.study.front import BestSetting, Estimate, TradeOffs, named_group

if TYPE_CHECKING:
    from pandas import DataFrame

UNRESOLVED = "unresolved"


def print_trade_offs(found: TradeOffs, solved: DataFrame, files: Sequence[Path]) -> None:
    """Print optima, then fronts, then predicted against solved; changes are from habit."""
    console = Console(highlight=False)
    labels = {m.column: m.label for m in known_metrics().values()}
    units = {a.name: a.unit for a in found.surfaces[0].axes}
    console.print(_table(found, [b for b in found.best if not b.limited], labels, units, "Optima"))
    fronts = [b for b in found.best if b.limited and b.drawn]
    console.print(_table(found, fronts, labels, units, "Fronts (points that are resolved)"))
    if len(solved):
        console.print(_confirmed(solved, labels))
    for words in found.left_out:
        console.print(f"left out: {escape(words)}", soft_wrap=True)
    console.print(f"{UNRESOLVED}: the change from habit does not exceed the surface's error (95 %)", soft_wrap=True)
    console.print("files: " + escape(", ".join(map(str, files))), soft_wrap=True)


def _table(
    found: TradeOffs, rows: Sequence[BestSetting], labels: dict[str, str], units: dict[str, str], title: str
) -> Table:
    table = Table(title=title)
    for heading in ("strike", "least", "limited"):
        table.add_column(heading)
    for name, unit in units.items():
        table.add_column(f"{name.replace('_', ' ')}, {unit}", justify="right")
    for heading in ("least, change", "limited, change", "1 % more buys"):
        table.add_column(heading, justify="right")
    for one in rows:
        other = one.estimates[one.limited] if one.limited else None
        table.add_row(
            named_group(one.group),
            labels[one.objective],
            labels[one.limited] if one.limited else "",
            *(f"{one.setting[name]:g}" for name in units),
            changed_by(one.estimates[one.objective]),
            changed_by(other) if other else "",
            f"{one.rate:.2f} %" if isfinite(one.rate) and one.rate > 0.0 else "",
        )
    return table


def changed_by(of: Estimate) -> str:
    """A change from habit with its error (1 SD)."""
    return f"{of.change_pct:+.1f} ± {of.error_pct:.1f} %" if of.resolved else UNRESOLVED


def _confirmed(solved: DataFrame, labels: dict[str, str]) -> Table:
    table = Table(title="Predicted and solved")
    for heading in ("strike", "least", "limited", "predicted", "solved", "missed, % of habit"):
        table.add_column(heading)
    for _, row in solved.iterrows():
        name = row["objective"]
        table.add_row(
            row["group"],
            labels[name],
            labels.get(row["limited"] or "", ""),
            f"{row[f'{name}_predicted']:.4g}",
            f"{row[f'{name}_solved']:.4g}",
            f"{row[f'{name}_missed_pct']:+.2f}",
        )
    return table
