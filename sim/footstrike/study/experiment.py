"""A sweep as its file describes it: read, checked, and every error answered before anything runs."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from footstrike.errors import InputError, unknown_name
from footstrike.resources import resource
from footstrike.study.values import RELATIVE_UNIT, Values, checked, read_ends, read_values
from footstrike.study.variables import check_variable, unit_of

FOLDER = ("experiments", "sweeps")
Method = Literal["latin_hypercube", "sobol"]
METHODS = ("latin_hypercube", "sobol")


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Sample(_Table):
    """Points spread over ranges by a method of :mod:`scipy.stats.qmc`.

    Attributes
    ----------
    method
        ``latin_hypercube`` or ``sobol`` (scrambled; the count is a power of two).
    count
        Number of points.
    seed
        Of the random numbers: the same seed gives the same points.
    ranges
        Low and high by variable.
    """

    method: Method
    count: Annotated[int, Field(ge=2, le=100_000)]
    seed: int = 1
    ranges: dict[str, Any]

    @model_validator(mode="after")
    def _possible(self) -> Sample:
        if not self.ranges:
            raise InputError("sample.ranges is empty (allowed: at least one variable with its range)")
        if self.method == "sobol" and self.count & (self.count - 1):
            low = 1 << (self.count.bit_length() - 1)
            raise InputError(
                f"sample.count {self.count} cannot be used with sobol (allowed: a power of two, such as {low} or {2 * low})"
            )
        return self

    def ends(self) -> dict[str, Values]:
        """The ranges, checked."""
        return {
            name: read_ends(name, given, unit_of(check_variable(name))) for name, given in self.ranges.items()
        }


class Experiment(_Table):
    """What a sweep's file says.

    The cells are all combinations of the grid's values, the listed cells and the sample's points, each with the fixed
    values; a variable stands in one of them only.

    Attributes
    ----------
    title, question
        For people.
    fixed
        Values that all cells share.
    grid
        Values by variable (:func:`footstrike.study.values.read_values`).
    cells
        A list of tables of values.
    sample
        Points spread over ranges.
    limit
        The most cells that may come of it.
    impossible
        What happens to cells that no runner can be asked for: the sweep is refused (``refuse``), or they are left out
        and named (``leave_out``).
    block
        The most cells of a block: what a shard or a task of a cluster solves as a whole.
    """

    title: str = ""
    question: str = ""
    fixed: dict[str, Any] = Field(default_factory=dict)
    grid: dict[str, Any] = Field(default_factory=dict)
    cells: tuple[dict[str, Any], ...] = ()
    sample: Sample | None = None
    limit: Annotated[int, Field(ge=1)] = 1000
    impossible: Literal["refuse", "leave_out"] = "refuse"
    block: Annotated[int, Field(ge=1, le=200)] = 25

    @model_validator(mode="after")
    def _designed(self) -> Experiment:
        if not (self.grid or self.cells or self.sample):
            raise InputError("the sweep varies nothing (allowed: grid, cells or sample, alone or together)")
        homes: dict[str, str] = {}
        for part, names in self.parts().items():
            for name in names:
                check_variable(name)
                if name in homes:
                    raise InputError(f"{name} stands in {homes[name]} and in {part}: leave one out")
                homes[name] = part
        self._check_list()
        return self

    def parts(self) -> dict[str, tuple[str, ...]]:
        """Names of the variables by part of the file, in the order of the file."""
        listed = dict.fromkeys(name for entry in self.cells for name in entry)
        ranges = self.sample.ranges if self.sample else {}
        return {
            "fixed": tuple(self.fixed),
            "grid": tuple(self.grid),
            "cells": tuple(listed),
            "sample": tuple(ranges),
        }

    @property
    def varied(self) -> tuple[str, ...]:
        """Names of the variables that differ between cells."""
        parts = self.parts()
        return (*parts["grid"], *parts["cells"], *parts["sample"])

    def axes(self) -> dict[str, Values]:
        """The grid's values, checked."""
        return {name: read_values(name, given, unit_of(name)) for name, given in self.grid.items()}

    def single(self, values: Mapping[str, Any]) -> dict[str, tuple[Any, bool]]:
        """Single values by variable, each with whether it is relative to habit."""
        found = {}
        for name, given in values.items():
            relative = isinstance(given, dict) and set(given) == {"relative"}
            unit = RELATIVE_UNIT if relative else unit_of(name)
            if isinstance(given, (list, dict)) and not relative:
                raise InputError(
                    f"{name} {given!r} cannot be used here (allowed: one value{f', {unit}' if unit else ''})"
                )
            found[name] = checked(name, given["relative"] if relative else given), relative
        return found

    def _check_list(self) -> None:
        names = self.parts()["cells"]
        for number, entry in enumerate(self.cells, 1):
            missing = [name for name in names if name not in entry]
            if missing:
                raise InputError(
                    f"entry {number} of cells lacks {missing[0]}: give it in all entries or in none"
                )


def read_experiment(source: Path | str | Mapping[str, Any]) -> tuple[str, Experiment]:
    """Name and content of a sweep's file, of a sweep that the package carries, or of a table.

    Parameters
    ----------
    source
        A file; the name of a file in experiments/sweeps without its ending; or what such a file holds.

    Raises
    ------
    InputError
        The file cannot be read, or something in it cannot be used; it is named.
    """
    if isinstance(source, Mapping):
        return "sweep", experiment_of(source)
    path = _located(Path(source))
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is not TOML: {error}") from error
    except OSError as error:
        raise InputError(
            f"experiment {path} cannot be read: {(error.strerror or str(error)).lower()}"
        ) from error
    try:
        return path.stem, experiment_of(table)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error


def experiment_of(table: Mapping[str, Any]) -> Experiment:
    """The experiment that a table describes.

    Raises
    ------
    InputError
        Names the entry, the value and what is allowed.
    """
    try:
        return Experiment(**table)
    except ValidationError as error:
        raise _explained(error) from None


def carried() -> dict[str, Path]:
    """The sweeps that the package carries, by name."""
    return {path.stem: path for path in sorted(resource(*FOLDER).glob("*.toml"))}


def _located(path: Path) -> Path:
    if path.is_dir():
        raise InputError(f"experiment {path} is a folder: give the name of a file (.toml)")
    if path.exists():
        return path
    known = carried()
    if path.name == str(path) and path.stem in known:
        return known[path.stem]
    if path.suffix or path.name != str(path):
        raise InputError(f"experiment {path} does not exist (carried by the package: {', '.join(known)})")
    raise unknown_name("experiment", str(path), known)


def _explained(error: ValidationError) -> InputError:
    """What pydantic found first, in one line: the entry, the value, what is wrong."""
    found = error.errors()
    first = next((e for e in found if e["type"] == "extra_forbidden"), found[0])
    place = ".".join(map(str, first["loc"]))
    if first["type"] == "extra_forbidden":
        *table, name = map(str, first["loc"])
        model: type[BaseModel] = Sample if table == ["sample"] else Experiment
        return unknown_name(f"entry of {'.'.join(table) or 'the sweep'}", name, model.model_fields)
    if first["type"] == "literal_error" and place == "sample.method":
        return unknown_name(place, str(first["input"]), METHODS)
    if first["type"] == "missing":
        return InputError(f"{place} is missing")
    told = first["msg"][:1].lower() + first["msg"][1:]
    return InputError(f"{place} {first['input']!r} cannot be used ({told})")
