"""Surfaces through the results of a sweep: every metric over the swept variables, with what it is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from footstrike.brief import brief
from footstrike.errors import InputError, unknown_name
from footstrike.progress import Progress, silent, stage
from footstrike.study.fits import Fit, fit_polynomial, fit_process
from footstrike.study.sweep import Sweep
from footstrike.study.variables import is_number

if TYPE_CHECKING:
    from pandas import DataFrame

Array = NDArray[np.float64]

FEWEST = 6
"""Solved cells below which nothing is fitted."""
BAND = 1.96
"""SDs on either side of the value that hold 95 %."""
OF_TWO = 2.0**0.5
"""SD of the difference of two values over that of each."""
GOOD_ENOUGH = 0.02
"""Leave-one-out error of a polynomial over its effect, below which no Gaussian process is tried."""
BETTER = 0.9
"""What the error of a Gaussian process must be below, times that of the polynomial, to be taken instead."""


@dataclass(frozen=True)
class SweptVariable:
    """A swept variable: its name, its column in :meth:`Sweep.to_frame`, unit, and range of the solved cells."""

    name: str
    column: str
    unit: str
    low: float
    high: float


@dataclass(frozen=True)
class Prediction:
    """Values (m,) of a surface and the 95 % band of a solve there."""

    __repr__ = brief

    value: Array
    low: Array
    high: Array


@dataclass(frozen=True)
class Surface:
    """A metric over the swept variables, of one strike (and what else is swept without being a number).

    Attributes
    ----------
    metric, unit, label
        Column of :meth:`Sweep.to_frame`, and what it is.
    group
        Names and values of what is held, such as ``{"strike": "rearfoot"}``.
    axes
        The variables, in the order of ``predict``.
    points
        Number of solved cells that it goes through.
    error
        Leave-one-out error, root mean square, in the unit of the metric.
    effect
        Largest less smallest value of the surface at the solved cells.
    fit
        The function of scaled coordinates.
    """

    __repr__ = brief

    metric: str
    unit: str
    label: str
    group: dict[str, str]
    axes: tuple[SweptVariable, ...]
    points: int
    error: float
    effect: float
    fit: Fit

    @property
    def trusted(self) -> bool:
        """Whether it may be shown: at 95 % the error of a difference does not exceed the effect.

        What is read off a surface is how two settings differ, and two values differ by root two times the leave-one-out
        error of one by chance alone. The effect is the largest difference that the surface shows; where not even that stands
        out, nothing on it does.
        """
        return BAND * OF_TWO * self.error <= self.effect

    def predict(self, at: Mapping[str, Any] | Array) -> Prediction:
        """The metric and its band at settings.

        Parameters
        ----------
        at
            (m, d) in the order of ``axes``, or values by name of variable; within the ranges.

        Raises
        ------
        InputError
            A variable is missing.
        """
        if isinstance(at, Mapping):
            missing = [axis.name for axis in self.axes if axis.name not in at]
            if missing:
                raise InputError(
                    f"{missing[0]} is missing (the surface is over {', '.join(a.name for a in self.axes)})"
                )
            at = np.column_stack(
                [np.atleast_1d(np.asarray(at[axis.name], dtype=float)) for axis in self.axes]
            )
        value, sd = self.fit(_scaled(np.atleast_2d(np.asarray(at, dtype=float)), self.axes))
        return Prediction(value, value - BAND * sd, value + BAND * sd)

    def plain(self) -> dict[str, Any]:
        """All that it takes to evaluate it elsewhere, JSON-able: ``fit`` after scaling each axis to -1 and 1."""
        return {
            "metric": self.metric,
            "unit": self.unit,
            "label": self.label,
            "group": self.group,
            "axes": [
                {"name": a.name, "column": a.column, "unit": a.unit, "low": a.low, "high": a.high}
                for a in self.axes
            ],
            "points": self.points,
            "error": self.error,
            "effect": self.effect,
            "trusted": self.trusted,
            "band_sd": BAND,
            "fit": self.fit.plain(),
        }


def surfaces(
    sweep: Sweep, metrics: Sequence[str] | None = None, progress: Progress = silent
) -> list[Surface]:
    """Surfaces through the solved cells of a sweep, one a metric and strike.

    A metric that no solved cell defines, or too few do, has none.

    Parameters
    ----------
    sweep
        With at least six solved cells of a strike.
    metrics
        Columns of :meth:`Sweep.to_frame`; all if None.

    Raises
    ------
    InputError
        No variable of the sweep is a number, or there is no such metric.
    """
    table = sweep.to_frame(progress)
    table = table[table["status"] == "solved"]
    asked = _asked(table, sweep)
    known = [name for name in table.attrs["labels"] if not name.startswith("asked_")]
    for name in metrics or ():
        if name not in known:
            raise unknown_name("metric", name, known)
    groups = _groups(table, asked, sweep.plan.varied)
    tell, found, names = stage(progress), [], tuple(metrics or known)
    with threadpool_limits(1):  # matrices of some dozens of rows: more threads only wait for one another
        for number, (group, rows) in enumerate(groups):
            axes = _axes(rows, asked, table)
            for done, name in enumerate(names):
                tell("fitting surfaces", number * len(names) + done, len(groups) * len(names))
                surface = _surface(rows, axes, group, name)
                if surface is not None:
                    found.append(surface)
    return found


def _axes(rows: DataFrame, asked: Mapping[str, str], table: DataFrame) -> tuple[SweptVariable, ...]:
    return tuple(
        SweptVariable(
            name, column, _unit(column, table), float(rows[column].min()), float(rows[column].max())
        )
        for name, column in asked.items()
    )


def _asked(table: DataFrame, sweep: Sweep) -> dict[str, str]:
    """Columns of the variables that are numbers, by variable: in % of habit where they were given so."""
    found = {}
    for name, column in table.attrs["varied"].items():
        relative = f"asked_{name}_relative_pct"
        if relative in table and table[relative].notna().all():
            found[name] = relative
        elif table[column].map(is_number).all():
            found[name] = column
    if not found:
        raise InputError(
            f"no variable of the sweep is a number ({', '.join(sweep.plan.varied)}): there is no surface"
        )
    return found


def _groups(
    table: DataFrame, asked: Mapping[str, str], varied: Sequence[str]
) -> list[tuple[dict[str, str], DataFrame]]:
    held = {"strike": "strike", **{n: table.attrs["varied"][n] for n in varied if n not in asked}}
    columns = list(dict.fromkeys(held.values()))
    found = []
    for values, rows in table.groupby(columns, sort=False, dropna=False):
        by_column = dict(zip(columns, values, strict=True))
        found.append(({name: str(by_column[column]) for name, column in held.items()}, rows))
    return found


def _surface(
    rows: DataFrame, axes: tuple[SweptVariable, ...], group: dict[str, str], name: str
) -> Surface | None:
    rows = rows[rows[name].notna()]
    if len(rows) < FEWEST:
        return None
    y = rows[name].to_numpy(dtype=float)
    z = _scaled(rows[[a.column for a in axes]].to_numpy(dtype=float), axes)
    fit = _best(z, y)
    fitted, _ = fit(z)
    return Surface(
        metric=name,
        unit=rows.attrs["units"][name],
        label=rows.attrs["labels"][name],
        group=group,
        axes=axes,
        points=len(y),
        error=_rms(fit),
        effect=float(np.ptp(fitted)),
        fit=fit,
    )


def _best(z: Array, y: Array) -> Fit:
    """A polynomial, or a Gaussian process where that is clearly better."""
    simple = fit_polynomial(z, y)
    if np.ptp(y) <= 1e-9 * max(1.0, float(np.abs(y).max())) or _rms(simple) <= GOOD_ENOUGH * np.ptp(y):
        return simple
    other = fit_process(z, y)
    return other if _rms(other) < BETTER * _rms(simple) else simple


def _rms(fit: Fit) -> float:
    return float(np.sqrt(np.mean(fit.left_out**2)))


def _scaled(x: Array, axes: Sequence[SweptVariable]) -> Array:
    low, high = (np.array([getattr(a, end) for a in axes]) for end in ("low", "high"))
    return np.asarray((2.0 * x - low - high) / np.where(high > low, high - low, 1.0))


def _unit(column: str, table: DataFrame) -> str:
    return "%" if column.endswith("_relative_pct") else str(table.attrs["units"].get(column, ""))
