"""What the numbers say, in plain words; nothing here is known before they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from footstrike.claims.verdicts import value_of
from footstrike.outcomes.registry import named

Row = Mapping[str, Any]

_VERDICTS = {
    "supported": "this model and these data support it",
    "contradicted": "this model and these data contradict it",
    "no effect": "the effect is too small to count",
    "undecided": "it stays undecided",
}
_COMPARED = (
    "lumbar.L5S1.peak_compression_bw",
    "lumbar.L5S1.impulse_per_km_bw_s",
    "valr_bw_per_s",
    "knee_flexion_contact_deg",
)
LUMBAR = "lumbar.L5S1.peak_compression_bw"


def headline(rows: Sequence[Row], found: Mapping[str, Row]) -> str:
    """One sentence on the question of the page: what the strike does to the lower back."""
    decisive = next((row for row in rows if row["metric"] == LUMBAR), None)
    if decisive is not None and decisive["effect"] is not None:
        question = "Does forefoot landing lower the load on the lower back?"
        return f"{_comparison(decisive)} {question} {_judged(decisive)}"
    pair = [found.get(strike) for strike in ("rearfoot", "forefoot")]
    if None in pair:
        return f"Only the {next(iter(found))} strike has been solved here, so the two cannot be compared."
    return (
        "Both strikes were simulated without muscle forces of the trunk, so nothing can be said here about "
        "the load on the lower back; the landing itself is compared below."
    )


def key_numbers(found: Mapping[str, Row]) -> list[dict[str, str]]:
    """Cards of the page: one metric in both strikes."""
    cards = []
    for field in _COMPARED:
        of = named(field)
        values = {strike: value_of(values, field) for strike, values in found.items()}
        if any(value is not None for value in values.values()):
            cards.append({"label": of.title, "unit": of.unit} | {k: number(v) for k, v in values.items()})
    return cards


def counts(rows: Sequence[Row]) -> str:
    """How many claims fell on which side."""
    numbers = [(sum(row["verdict"] == verdict for row in rows), verdict) for verdict in _VERDICTS]
    return ", ".join(f"{count} {verdict}" for count, verdict in numbers if count)


def number(value: Any) -> str:
    """Three significant digits without an exponent where that is readable; a dash for what is not defined."""
    if value is None:
        return "–"
    if not isinstance(value, float):
        return str(value)
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        digits = 3 if abs(value) < 100 else len(str(int(abs(value))))
        text = f"{value:#.{digits}g}".rstrip(".")
        return text.replace("-", "−")
    return f"{value:.1e}".replace("-", "−")


def signed(value: Any) -> str:
    """Like :func:`number`, with a plus before what is positive."""
    text = number(value)
    return f"+{text}" if isinstance(value, float) and value > 0 else text


def _comparison(row: Row) -> str:
    rear, fore = row["rearfoot"], row["forefoot"]
    change = 100.0 * (fore - rear) / rear
    speed = f" at {row['speed_mps']:g} m/s" if row.get("speed_mps") else ""
    other = (
        "when the same runner lands on the forefoot"
        if row.get("contrast") == "conversion"
        else "with a forefoot strike"
    )
    return (
        f"In these simulations{speed}, the lowest lumbar joint (L5/S1) carries at most {number(rear)} body "
        f"weights with a rearfoot strike and {number(fore)} {other} ({change:+.0f} %)."
    ).replace("(-", "(−")


def _judged(row: Row) -> str:
    reason = f" ({row['why']})" if row["verdict"] == "undecided" else ""
    return f"By the rule stated below, {_VERDICTS[row['verdict']]}{reason}."


def grouped(rows: Sequence[Row]) -> list[list[Row]]:
    """Validation rows, those of one quantity together."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row["row"], []).append(row)
    return list(groups.values())


def results(rows: Sequence[Row]) -> str:
    """How many validation rows pass, fail, or are not available; of those that pass or fail, how many are tracked."""
    words = []
    for state in ("pass", "fail", "not available"):
        tracked = [row["tracked"] for row in rows if row["result"] == state]
        of_them = f" ({sum(tracked)} of them tracked)" if any(tracked) and state != "not available" else ""
        words.append(f"{len(tracked)} {state}{of_them}")
    return ", ".join(words)


def labelled(row: Row) -> str:
    """Name and unit of a measure; a share has no unit."""
    name = row.get("label") or row.get("quantity") or row["metric"]
    return str(name) if row["units"] in ("1", "", None) else f"{name}, {row['units']}"
