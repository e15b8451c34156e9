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
from footstrike.study.front import METRICS, TRADE_OFFS, BestSetting, Estimate, TradeOffs, named_group

if TYPE_CHECKING:
    from pandas import DataFrame

SHORT = dict(zip(METRICS, ("peak L5/S1", "damage^4", "damage^10", "cost", "Achilles"), strict=True))
UNRESOLVED = "unresolved"


def print_trade_offs(found: TradeOffs, solved: DataFrame, files: Sequence[Path]) -> None:
    """Print optima, then fronts, then predicted against solved; changes are from habit."""
    console = Console(highlight=False)
    console.print(_optima(found))
    for pair in TRADE_OFFS:
        points = [b for b in found.best if (b.objective, b.limited) == pair and b.drawn]
        if points:
            console.print(_front(found, points))
    if len(solved):
        console.print(_confirmed(solved))
    labels = {m.column: m.label for m in known_metrics().values()}
    console.print(escape("; ".join(f"{SHORT[name]}: {labels[name]}" for name in METRICS)), soft_wrap=True)
    console.print(
        f"changes from habit ± leave-one-out error; {UNRESOLVED}: the change does not exceed the error at 95 %",
        soft_wrap=True,
    )
    for words in found.left_out:
        console.print(f"left out: {escape(words)}", soft_wrap=True)
    console.print("files: " + escape(", ".join(map(str, files))), soft_wrap=True)


def changed_by(of: Estimate) -> str:
    """A change from habit with its error (1 SD), %."""
    return f"{of.change_pct:+.1f} ± {of.error_pct:.1f}" if of.resolved else UNRESOLVED


def _optima(found: TradeOffs) -> Table:
    table = _begun(found, "Optima: change from habit, %", ["least"])
    for name in METRICS:
        table.add_column(SHORT[name], justify="right")
    for one in found.best:
        if one.limited is None:
            changes = [changed_by(one.estimates[n]) if n in one.estimates else "" for n in METRICS]
            table.add_row(named_group(one.group), SHORT[one.objective], *_setting(one), *changes)
    return table


def _front(found: TradeOffs, points: Sequence[BestSetting]) -> Table:
    objective, limited = points[0].objective, points[0].limited or ""
    table = _begun(found, f"Front of {SHORT[objective]} against {SHORT[limited]}: change from habit, %", [])
    for heading in (SHORT[objective], SHORT[limited], "1 % more buys"):
        table.add_column(heading, justify="right")
    for one in points:
        both = changed_by(one.estimates[objective]), changed_by(one.estimates[limited])
        rate = f"{one.rate:.2f} %" if isfinite(one.rate) and one.rate > 0.0 else ""
        table.add_row(named_group(one.group), *_setting(one), *both, rate)
    return table


def _begun(found: TradeOffs, title: str, more: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left")
    for heading in ("strike", *more):
        table.add_column(heading)
    for axis in found.surfaces[0].axes:
        table.add_column(f"{axis.name.replace('_', ' ')}, {axis.unit}", justify="right")
    return table


def _setting(one: BestSetting) -> list[str]:
    return [f"{value:g}" for value in one.setting.values()]


def _confirmed(solved: DataFrame) -> Table:
    table = Table(title="Predicted and solved", title_justify="left")
    for heading in ("strike", "least", "limited", "predicted", "solved", "missed, % of habit"):
        table.add_column(heading)
    for _, row in solved.iterrows():
        name = row["objective"]
        table.add_row(
            row["group"],
            SHORT[name],
            SHORT.get(row["limited"] or "", ""),
            f"{row[f'{name}_predicted']:.4g}",
            f"{row[f'{name}_solved']:.4g}",
            f"{row[f'{name}_missed_pct']:+.2f}",
        )
    return table
