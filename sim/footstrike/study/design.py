"""From what a sweep's file says to its cells: every combination with its request, before anything runs."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from footstrike.brief import brief
from footstrike.errors import InputError
from footstrike.simulation.request import Request
from footstrike.study.experiment import Experiment, Sample
from footstrike.study.values import Scalar
from footstrike.study.variables import absolute, request_of

SECONDS = {"muscles": 50.0, "torques": 10.0}
"""What a modified gait takes on one core, by what drives the legs (median; docs/benchmarks.md)."""


@dataclass(frozen=True)
class Cell:
    """One simulation of a sweep.

    Attributes
    ----------
    asked
        Values of the varied variables by name, absolute.
    relative
        Those that were given in % of habit, as given.
    values
        All values by name, the fixed ones too, absolute.
    request
        What is simulated.
    """

    __repr__ = brief

    asked: dict[str, Scalar]
    relative: dict[str, float]
    values: dict[str, Scalar]
    request: Request


@dataclass(frozen=True)
class Refused:
    """A combination that no runner can be asked for, and why."""

    __repr__ = brief

    asked: dict[str, Scalar]
    reason: str


def cells_of(experiment: Experiment) -> tuple[list[Cell], list[Refused]]:
    """All cells in the order of the file, and the combinations that were left out.

    Raises
    ------
    InputError
        There are more than the limit, two are the same, or one cannot be asked of any runner (unless such are left out).
    """
    _check_number(experiment)
    cells: list[Cell] = []
    refused: list[Refused] = []
    for combination in _combinations(experiment):
        try:
            cells.append(_cell(experiment, combination))
        except InputError as error:
            if experiment.impossible == "refuse":
                said = ", ".join(f"{name} {value}" for name, (value, _) in combination.items())
                raise InputError(
                    f"cell {len(cells) + 1} ({said}): {error}; change it, or set impossible = 'leave_out'"
                ) from error
            refused.append(Refused({name: value for name, (value, _) in combination.items()}, str(error)))
    if not cells:
        raise InputError(f"no cell is possible; the first: {refused[0].reason}")
    return cells, refused


def number_of_cells(experiment: Experiment) -> int:
    """How many combinations there are."""
    number = max(1, len(experiment.cells)) * (experiment.sample.count if experiment.sample else 1)
    for values in experiment.axes().values():
        number *= len(values.listed)
    return number


Combination = dict[str, tuple[Any, bool]]
"""Values of the varied variables, each with whether it is relative to habit."""


def _combinations(experiment: Experiment) -> Iterator[Combination]:
    axes = [
        [(name, (v, values.relative)) for v in values.listed] for name, values in experiment.axes().items()
    ]
    grid = [dict(one) for one in itertools.product(*axes)]
    listed = [experiment.single(entry) for entry in experiment.cells] or [{}]
    points = _points(experiment.sample) if experiment.sample else [{}]
    for first, second, third in itertools.product(grid, listed, points):
        yield {**first, **second, **third}


def _points(sample: Sample) -> list[Combination]:
    from scipy.stats import qmc

    ends = sample.ends()
    if sample.method == "sobol":
        unit = qmc.Sobol(len(ends), rng=sample.seed).random(sample.count)
    else:
        unit = qmc.LatinHypercube(len(ends), rng=sample.seed).random(sample.count)
    low, high = ([float(values.listed[i]) for values in ends.values()] for i in (0, 1))
    scaled = qmc.scale(unit, low, high)
    return [
        {name: (float(v), values.relative) for (name, values), v in zip(ends.items(), row, strict=True)}
        for row in scaled
    ]


def _cell(experiment: Experiment, combination: Combination) -> Cell:
    given = {**experiment.single(experiment.fixed), **combination}
    relative = {name: value for name, (value, of_habit) in given.items() if of_habit}
    plain = {name: value for name, (value, of_habit) in given.items() if not of_habit}
    values = absolute(plain, relative)
    asked = {name: values[name] for name in experiment.varied}
    own = {name: value for name, value in relative.items() if name in asked}
    return Cell(asked, own, values, request_of(values))


def _check_number(experiment: Experiment) -> None:
    number = number_of_cells(experiment)
    if number <= experiment.limit:
        return
    hours = number * expected_seconds(experiment.fixed) / 3600.0
    raise InputError(
        f"the sweep has {number} cells, more than its limit of {experiment.limit}; on one core they take about "
        f"{hours:.0f} h: ask for fewer, or set limit = {number}"
    )


def expected_seconds(fixed: Mapping[str, Any]) -> float:
    """What a cell takes on one core, s, by the fixed values."""
    return SECONDS["torques" if fixed.get("legs") == "torques" else "muscles"]
