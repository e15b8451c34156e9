"""Directives that turn results files of docs/data into tables, each with its date, its version and what made it.

``{results} NAME`` shows NAME.csv as it is; ``{validation}`` shows rows of validation.json, which is what
``footstrike validate DIR --json`` prints.
"""

from __future__ import annotations

import csv
import json
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

DATA = Path(__file__).resolve().parents[1] / "data"
STRIKES = ("rearfoot", "forefoot")
WORDS = {"pass": "pass", "fail": "**miss**"}


class Results(SphinxDirective):
    """A table as a script wrote it."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Heading row, body and origin of ``NAME.csv``."""
        (name,) = self.arguments
        self.env.note_dependency(str(DATA / f"{name}.csv"))
        self.env.note_dependency(str(DATA / "results.toml"))
        header, *rows = _read(name)
        made = tomllib.loads((DATA / "results.toml").read_text(encoding="utf-8"))[name]
        origin = f"{made['made']}, Footstrike {made['version']}, `{made['by']}`"
        if "note" in made:
            origin += f"; {made['note']}"
        return [*_table(self, header, rows), *self.parse_text_to_nodes(f"*Made {origin}.*")]


class Validation(SphinxDirective):
    """Rows of the validation table at one speed, both strikes side by side."""

    option_spec: ClassVar = {
        "rows": directives.unchanged_required,
        "speed": float,
    }

    def run(self) -> list[nodes.Node]:
        """Number, quantity, expected, measured and verdict of each row."""
        path = DATA / "validation.json"
        self.env.note_dependency(str(path))
        found = json.loads(path.read_text(encoding="utf-8"))
        rows = validation_table(found["validation"], self.options["rows"].split(), self.options.get("speed"))
        header = ["#", "quantity", "expected", "Footstrike", ""]
        made, version = found["provenance"]["date"], found["provenance"]["versions"]["footstrike"]
        origin = f"*Made {made}, Footstrike {version}, `footstrike validate`.*"
        return [*_table(self, header, rows), *self.parse_text_to_nodes(origin)]


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


def _read(name: str) -> list[list[str]]:
    with (DATA / f"{name}.csv").open(newline="", encoding="utf-8") as stream:
        return list(csv.reader(stream))


def _table(
    directive: SphinxDirective, header: Sequence[str], rows: Sequence[Sequence[str]]
) -> list[nodes.Node]:
    """A Markdown table, so that cells may have links, emphasis and code."""
    lines = ["| " + " | ".join(header) + " |", "|---" * len(header) + "|"]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return directive.parse_text_to_nodes("\n".join(lines))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register both directives."""
    app.add_directive("results", Results)
    app.add_directive("validation", Validation)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
