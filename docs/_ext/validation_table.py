"""Rows of the validation table, as `footstrike validate --json` prints them, as cells of a table for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

STRIKES = ("rearfoot", "forefoot")
WORDS = {"pass": "pass", "fail": "**miss**"}


def validation_table(
    judged: Sequence[dict[str, Any]], numbers: Sequence[str], speed: float | None
) -> list[list[str]]:
    """Cells of the rows whose number is among ``numbers`` (a range such as ``1-14``, or one number).

    A row that is only known at another speed is shown at that one, which is said.
    """
    by_row: dict[str, list[dict[str, Any]]] = {}
    for one in judged:
        if one["strike"] in (*STRIKES, "both") and _among(one["row"], numbers):
            by_row.setdefault(one["row"], []).append(one)
    return [_cells(entries, speed) for entries in by_row.values()]


def _cells(entries: Sequence[dict[str, Any]], speed: float | None) -> list[str]:
    here = [e for e in entries if e["speed_mps"] in (speed, None)]
    elsewhere = not here
    here = sorted(here or entries[:1], key=lambda e: (*STRIKES, "both").index(e["strike"]))
    first = here[0]
    quantity = ", ".join(filter(None, (first["quantity"], first["units"])))
    if len(here) == 1 and first["strike"] in STRIKES:
        quantity += f", {first['strike']}"
    if elsewhere and first["speed_mps"] is not None:
        quantity += f", at {first['speed_mps']:g} m/s"
    if first["tracked"]:
        quantity += " (tracked)"
    return [
        first["row"],
        quantity,
        _joined(e["expected"] for e in here),
        " / ".join(_number(e["measured"]) for e in here),
        _joined(WORDS.get(e["result"], "not judged") for e in here),
    ]


def _joined(words: Iterable[str]) -> str:
    """Each word once if all agree, else side by side."""
    every = list(words)
    return every[0] if len(set(every)) == 1 else " / ".join(every)


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.3g}"


def _among(row: str, numbers: Sequence[str]) -> bool:
    number = int("".join(c for c in row[:2] if c.isdigit()))
    for one in numbers:
        first, _, last = one.partition("-")
        if int(first) <= number <= int(last or first):
            return True
    return False
