"""Directives that turn results files of docs/data into tables, each with its date, its version and what made it.

``{results} NAME`` shows NAME.csv as it is; ``{validation}`` shows rows of validation.json, which is what
``footstrike validate DIR --json`` prints.
"""

from __future__ import annotations

import csv
import json
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from validation_table import validation_table

DATA = Path(__file__).resolve().parents[1] / "data"


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
