"""Rows of a CSV table whose values are checked when they are read."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from footstrike.brief import brief
from footstrike.errors import ModelError
from footstrike.model.rows import Vec3


@dataclass(frozen=True)
class Row:
    """A row of a table that knows where it stands, for errors that a reader can act on."""

    __repr__ = brief

    table: str
    number: int
    values: dict[str, str]

    def refuse(self, field: str, allowed: str) -> ModelError:
        """The error for a value that is not what is allowed."""
        value = self.values.get(field)
        return ModelError(f"{self.table}, row {self.number}: {field} = {value!r} must be {allowed}")

    def text(self, field: str, allowed: Iterable[str] | None = None) -> str:
        """A word, one of those allowed."""
        value = (self.values.get(field) or "").strip()
        options = None if allowed is None else list(allowed)
        if not value:
            raise self.refuse(field, "given")
        if options is not None and value not in options:
            raise self.refuse(field, "one of " + ", ".join(options))
        return value

    def number_of(self, field: str, low: float = -math.inf, high: float = math.inf) -> float:
        """A finite number within limits."""
        try:
            value = float(self.values.get(field) or "")
        except ValueError:
            raise self.refuse(field, "a number") from None
        if not (math.isfinite(value) and low <= value <= high):
            raise self.refuse(field, f"a finite number from {low:g} to {high:g}")
        return value

    def positive(self, field: str) -> float:
        """A number greater than zero."""
        value = self.number_of(field)
        if value <= 0.0:
            raise self.refuse(field, "greater than 0")
        return value

    def numbers(self, field: str) -> tuple[float, ...]:
        """Numbers with blanks between them."""
        try:
            return tuple(float(v) for v in self.text(field).split())
        except ValueError:
            raise self.refuse(field, "numbers with blanks between them") from None

    def vector(self, *fields: str) -> Vec3:
        """Three numbers from three columns."""
        x, y, z = (self.number_of(f) for f in fields)
        return x, y, z


def rows(path: Path) -> list[Row]:
    """All rows of a table."""
    with path.open(newline="", encoding="utf-8") as stream:
        return [Row(path.name, n, row) for n, row in enumerate(csv.DictReader(stream), start=2)]
