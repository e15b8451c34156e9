"""Results as tables on the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.filesize import decimal
from rich.markup import escape
from rich.table import Table

from footstrike.cli.terminal import NARROW
from footstrike.outcomes.registry import known_metrics
from footstrike.outcomes.spine import quantity

_STATE_STYLE = {"pass": "green", "fail": "red", "not available": "dim"}
_WORST = 8  # curved paths shown
_MOST_ASKED = "lumbar.L5S1.peak_compression_bw"
_LARGEST = 10  # inputs shown
_LEVEL_COLUMNS = (
    "peak_compression_bw",
    "mean_compression_bw",
    "peak_anterior_shear_bw",
    "peak_load_rate_bw_per_s",
    "impulse_per_km_bw_s",
)


def metrics(values: Mapping[str, Any], out: Path | None) -> None:
    """Print the numbers of one run: scalars, then lumbar loads by level."""
    console = terminal()
    table = Table(title=f"{values['strike']} strike at {values['speed_mps']:g} m/s", show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for name, of in known_metrics().items():
        if values.get(name) is not None and name != "speed_mps":
            table.add_row(escape(of.labelled), number(values[name]))
    console.print(table)
    if values["lumbar"]:
        console.print(_levels(values["lumbar"]))
    if out is not None:
        console.print(f"saved: {escape(str(out))}", soft_wrap=True)


def sensitivities(found: Mapping[str, Mapping[str, Any]]) -> None:
    """Print the inputs that peak compression at L5/S1 depends on most."""
    console = terminal()
    metric = known_metrics()[_MOST_ASKED]
    slopes, usual = found["slope"][metric.column], found["usual"]
    largest = sorted(slopes, key=lambda name: -abs(slopes[name] * usual[name]))[:_LARGEST]
    table = Table(title=f"What {metric.label} depends on most (first order)")
    _columns(table, "input", "now", "changed by", f"changes it by, {metric.unit}", "in %")
    for name in largest:
        change = slopes[name] * usual[name]
        unit = found["unit"][name]
        table.add_row(
            escape(name),
            f"{number(found['at'][name])} {unit}",
            f"{usual[name]:+g} {unit}",
            f"{change:+.3f}",
            f"{100 * change / found['value'][metric.column]:+.1f}",
        )
    console.print(table)


def optimum(found: Mapping[str, Any]) -> None:
    """Print what an optimised gait reached, what was chosen, and what holds it back."""
    table = Table(title="Optimum")
    for heading in ("goal", "habit", "optimum", "change"):
        table.add_column(heading, justify="left" if heading == "goal" else "right")
    for name, value in found["values"].items():
        label = f"{name}, {found['units'][name]}"
        change = f"{found['change_pct'][name]:+.1f} %"
        table.add_row(escape(label), number(found["habitual_values"][name]), number(value), change)
    for name, value in found["chosen"].items():
        low, high = found["limits"][name]
        table.add_row(escape(f"{name} ({low:.4g} to {high:.4g})"), "", number(value), "")
    console = terminal()
    console.print(table)
    for words in found["binding"]:
        console.print(f"held by: {escape(words)}")
    for name, rate in found["exchange_rates"].items():
        console.print(f"1 % more {escape(name)} buys {rate:.2f} % of the objective")
    if not found["confirmed"]:
        console.print("not confirmed: more candidates may be better")


def validation(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print the validation table."""
    caption = "* tracked: follows from what the simulation tracks, so the row cannot confirm itself"
    table = Table(title="Validation", caption=caption if any(row["tracked"] for row in rows) else None)
    for heading in ("#", "quantity", "strike", "expected", "measured", "result"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        style = _STATE_STYLE[row["result"]]
        reason = f" ({row['why']})" if row["result"] == "not available" and row.get("why") else ""
        mark = "*" if row["tracked"] else ""
        table.add_row(
            str(row["row"]), escape(f"{row['quantity']}, {row['units']}"), row["strike"],
            escape(row["expected"]),
            number(row["measured"]), f"[{style}]{row['result']}{mark}[/]{escape(reason)}",
        )  # fmt: skip
    terminal().print(table)


def model_report(report: Mapping[str, Any]) -> None:
    """Print a model check: what was understood, agreement with OpenSim, muscles, what is not carried over."""
    console = terminal()
    about = Table(title=f"Model {escape(str(report['model']))}: what was understood", show_header=False)
    about.add_column(no_wrap=True)
    about.add_column(overflow="fold")
    for name, value in report["understood"].items():
        about.add_row(escape(name), escape(number(value)))
    console.print(about)
    console.print(_agreement(report["checks"]))
    if report["muscle_types"]:
        console.print(_muscle_types(report["muscle_types"]))
    curved = [row for row in report["muscles"] if row["path"] != "straight"]
    if curved:
        console.print(_worst_paths(curved))
    if report["warnings"]:
        console.print(f"Warnings ({len(report['warnings'])})")
    for warning in report["warnings"]:
        console.print(f"  - {escape(warning)}", soft_wrap=True)


def _agreement(rows: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(title="Agreement with OpenSim")
    _columns(table, "comparison", "difference", "limit", "unit", "largest at", "result")
    for row in rows:
        state = "[green]pass[/]" if row["passed"] else "[red]fail[/]"
        table.add_row(
            escape(row["check"]), f"{row['value']:.2g}", f"{row['limit']:g}", escape(row["unit"]),
            escape(row["detail"]), state,
        )  # fmt: skip
    return table


def _muscle_types(rows: Sequence[Mapping[str, Any]]) -> Table:
    caption = (
        "force of the active fibre against the file's own curves, in % of the maximal isometric force, over "
        "0.5 to 1.5 optimal lengths and -1 to 1 maximal velocities"
    )
    table = Table(title="Muscles as De Groote-Fregly 2016", caption=caption)
    _columns(
        table,
        "type in the file",
        "number",
        "straight paths",
        "largest, % Fmax",
        "RMS, % Fmax",
        "worst muscle",
    )
    for row in rows:
        table.add_row(
            row["type"], str(row["number"]), str(row["straight_paths"]), _percent(row["force_error_max"]),
            _percent(row["force_error_rms"]), escape(row["worst"] or "–"),
        )  # fmt: skip
    return table


def _worst_paths(rows: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(title=f"Curved paths as polynomials: the worst of {len(rows)}")
    _columns(table, "muscle", "length, mm RMS", "moment arm, mm RMS", "coordinates", "terms", "left out")
    for row in rows[:_WORST]:
        table.add_row(
            escape(row["muscle"]), f"{row['length_rms_mm']:.2f}", f"{row['moment_arm_rms_mm']:.2f}",
            str(len(row["coordinates"])), str(row["terms"]), f"{row['left_out_share']:.1%}",
        )  # fmt: skip
    return table


def _columns(table: Table, first: str, *others: str) -> None:
    table.add_column(first, no_wrap=True)
    for heading in others:
        table.add_column(heading, overflow="fold")


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f}"


def cache(found: Mapping[str, Any]) -> None:
    """Print what the cache holds by stage."""
    table = Table(title="Cache")
    _columns(table, "stage", "results", "size", "last used")
    for name, stage in found["stages"].items():
        last = (stage["last_used"] or "–").replace("T", " ").replace("+00:00", " UTC")
        table.add_row(name, str(stage["results"]), decimal(stage["bytes"]), last)
    console = terminal()
    console.print(table)
    whole = f"{decimal(found['bytes'])} of at most {decimal(found['limit_bytes'])}"
    console.print(f"{whole} in {escape(found['folder'])}", soft_wrap=True)


def summary(values: Mapping[str, Any]) -> None:
    """Print names and values."""
    table = Table(show_header=False)
    for name, value in values.items():
        shown = ", ".join(str(v) for v in value) if isinstance(value, (list, tuple)) else number(value)
        table.add_row(escape(name), escape(shown))
    terminal().print(table)


def number(value: Any) -> str:
    """Four significant digits; a dash for what is not defined."""
    if value is None:
        return "–"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _levels(lumbar: Mapping[str, Mapping[str, Any]]) -> Table:
    table = Table(title="Lumbar loads (compression along the chord of joint centres)")
    table.add_column("level")
    for name in _LEVEL_COLUMNS:
        table.add_column(quantity(name).labelled, justify="right", overflow="fold")
    for level, loads in lumbar.items():
        table.add_row(level, *(number(loads[name]) for name in _LEVEL_COLUMNS))
    return table


class _Terminal(Console):
    """A console that writes tables cell by cell where they do not fit."""

    def print(self, *objects: Any, **options: Any) -> None:
        for thing in objects:
            if isinstance(thing, Table) and self.width < NARROW:
                super().print(_stacked(thing), soft_wrap=True)
            else:
                super().print(thing, **options)


def _stacked(table: Table) -> str:
    """A table as lines, heading and cell; rows with headings are a blank line apart."""
    lines = [str(table.title)] if table.title else []
    for row in zip(*(column.cells for column in table.columns), strict=True):
        if table.show_header:
            lines += ["", *(f"{c.header}: {cell}" for c, cell in zip(table.columns, row, strict=True))]
        else:
            lines.append(": ".join(map(str, row)))
    return "\n".join(lines)


def terminal() -> Console:
    """Standard output, where tables become lines if they do not fit."""
    return _Terminal(highlight=False)
