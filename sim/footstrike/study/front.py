"""Optima and Pareto fronts on the surfaces of a sweep, and what they cost: loads of the back against cost and tendon."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from footstrike.brief import brief
from footstrike.control.modifiers import MODIFIERS
from footstrike.errors import InputError
from footstrike.progress import Progress, silent, stage
from footstrike.study.optima import Least, Scaled, least, places
from footstrike.study.surfaces import BAND, Surface, SweptVariable, surfaces
from footstrike.study.sweep import Sweep

if TYPE_CHECKING:
    from pandas import DataFrame, Series

Array = NDArray[np.float64]

PEAK, COST, ACHILLES = "L5S1_peak_compression_bw", "metabolic_cost_j_per_kg_m", "achilles_peak_bw"
DAMAGE_4, DAMAGE_10 = "L5S1_damage_m4_per_km_bw4_s", "L5S1_damage_m10_per_km_bw10_s"
OBJECTIVES = (PEAK, DAMAGE_4, DAMAGE_10, COST)
"""What has an optimum of its own."""
TRADE_OFFS = ((PEAK, COST), (DAMAGE_4, COST), (DAMAGE_10, COST), (PEAK, ACHILLES))
"""What has a front: made least, while the other one is limited."""
METRICS = tuple(dict.fromkeys((*OBJECTIVES, ACHILLES)))
POINTS, STARTS = 8, 5
DECIMALS = 2  # of a setting: 0.01 % and 0.01 deg


@dataclass(frozen=True)
class Estimate:
    """A metric at a setting by its surface: ``value`` and leave-one-out ``error`` (SD), beside the ``habit`` that was solved."""

    value: float
    error: float
    habit: float

    @property
    def change_pct(self) -> float:
        """Change from habit, %."""
        return 100.0 * (self.value / self.habit - 1.0)

    @property
    def error_pct(self) -> float:
        """The error, % of habit."""
        return 100.0 * self.error / abs(self.habit)

    @property
    def resolved(self) -> bool:
        """Whether the change exceeds the error, taken at 95 %."""
        return abs(self.value - self.habit) > BAND * self.error


@dataclass(frozen=True)
class BestSetting:
    """Where a metric is least: a sweep's optimum, or a point of a front.

    Attributes
    ----------
    group
        Strike, and what else is held.
    objective, limited
        What is made least, and what is limited meanwhile; None at an optimum.
    number
        Of the point on its front, from least of ``limited`` to least of ``objective``; 0 for an optimum.
    setting
        Values by variable, rounded, in the units of the surfaces' axes.
    estimates
        By metric.
    least
        How it was found; multipliers.
    """

    __repr__ = brief

    group: dict[str, str]
    objective: str
    limited: str | None
    number: int
    setting: dict[str, float]
    estimates: dict[str, Estimate]
    least: Least

    @property
    def drawn(self) -> bool:
        """Whether it says something: a change from habit in what it trades exceeds the error of its surface."""
        traded = (self.objective, self.limited) if self.limited else (self.objective,)
        return any(self.estimates[name].resolved for name in traded)

    @property
    def rate(self) -> float:
        """What 1 % (of habit) more of ``limited`` takes from the objective, % of habit; NaN at an optimum."""
        return self.least.rate

    @property
    def spread_pct(self) -> float:
        """Largest less smallest objective of all starts, % of habit."""
        return 100.0 * self.least.spread


@dataclass(frozen=True)
class TradeOffs:
    """All optima and fronts of a sweep.

    Attributes
    ----------
    sweep
        The sweep.
    best
        Optima, then fronts point by point.
    habits
        By strike (and what else is held): metrics of the habitual gait, and where it lies on the axes (``at``).
    surfaces
        Those that they lie on.
    left_out
        What has no optimum or front, with the reason.
    """

    __repr__ = brief

    sweep: Sweep
    best: tuple[BestSetting, ...]
    habits: dict[str, dict[str, Any]]
    surfaces: tuple[Surface, ...]
    left_out: tuple[str, ...]

    def to_frame(self) -> DataFrame:
        """A row each: what it is, its setting, and of each metric value, change, error and whether the change is resolved.

        Returns
        -------
        pandas.DataFrame
            ``group``, ``kind`` (optimum or front), ``objective``, ``limited``, ``number``, ``drawn``, ``rate``, ``spread_pct``,
            ``starts_ended``, ``starts_agreed``, then the variables, ``end_VARIABLE`` (multiplier of its range, % of habit
            for each unit), and ``METRIC``, ``METRIC_change_pct``, ``METRIC_error_pct``, ``METRIC_resolved``.
        """
        from pandas import DataFrame

        return DataFrame([self._row(one) for one in self.best])

    def _row(self, one: BestSetting) -> dict[str, Any]:
        axes = self.surfaces[0].axes
        row: dict[str, Any] = {
            "group": named_group(one.group),
            "kind": "front" if one.limited else "optimum",
            "objective": one.objective,
            "limited": one.limited,
            "number": one.number,
            "drawn": one.drawn,
            "rate": one.rate,
            "spread_pct": one.spread_pct,
            "starts_ended": one.least.starts[0],
            "starts_agreed": one.least.starts[1],
            **one.setting,
        }
        for axis, taken in zip(axes, one.least.ends, strict=True):
            row[f"end_{axis.name}"] = taken / (0.5 * (axis.high - axis.low))
        for name, of in one.estimates.items():
            row[name], row[f"{name}_change_pct"] = of.value, of.change_pct
            row[f"{name}_error_pct"], row[f"{name}_resolved"] = of.error_pct, of.resolved
        return row


def trade_offs(sweep: Sweep, progress: Progress = silent) -> TradeOffs:
    """Optima and fronts of every strike of a sweep, over its variables within their swept ranges.

    A front is found by the epsilon-constraint method: the objective is made least while the other metric stays below each of
    eight levels, evenly spaced from its own least value to its value at the objective's optimum. Each point starts from the one
    before it, too. Where more of the other metric changes nothing, levels share a point, which stands there once.

    Raises
    ------
    InputError
        Too few cells are solved, no surface of loads and cost can be made, or cells of a strike have several habitual gaits.
    """
    found = surfaces(sweep, METRICS, progress)
    groups: dict[str, dict[str, Surface]] = {}
    for surface in found:
        groups.setdefault(named_group(surface.group), {})[surface.metric] = surface
    best: list[BestSetting] = []
    habits, left_out = {}, []
    tell = stage(progress)
    for done, (name, of_group) in enumerate(groups.items()):
        tell("following fronts", done, len(groups))
        habits[name] = _habit(sweep, next(iter(of_group.values())))
        search = _Search(of_group, habits[name])
        best += search.optima()
        left_out += [f"{name}: {words}" for words in search.left_out()]
        best += [point for pair in TRADE_OFFS for point in search.front(*pair)]
    if not best:
        raise InputError(
            f"{sweep.folder.path} has no surface of {', '.join(METRICS)} that can be trusted: muscle-driven cells, at least "
            "six of a strike, make them"
        )
    optima_first = sorted(best, key=lambda one: one.limited is not None)
    return TradeOffs(sweep, tuple(optima_first), habits, tuple(found), tuple(left_out))


def named_group(group: Mapping[str, str]) -> str:
    """``rearfoot``, and what else is held."""
    return ", ".join(group.values())


def habit_on_axes(
    axes: Sequence[SweptVariable], habit: Series, asked: Mapping[str, Any]
) -> list[float | None]:
    """Where a habitual gait lies on the axes: where it is measured there, or follows from what was asked; None if unknown.

    Parameters
    ----------
    habit
        Its metrics, a row of :meth:`Sweep.habits_frame`.
    asked
        What was asked of it (``PlannedRun.values``).
    """
    return [_on_axis(axis, habit, asked) for axis in axes]


def _on_axis(axis: SweptVariable, habit: Series, asked: Mapping[str, Any]) -> float | None:
    if axis.column.endswith("_relative_pct"):
        return 0.0
    if axis.name not in MODIFIERS:
        return asked.get(axis.name)
    measure = MODIFIERS[axis.name].metric
    if measure is None:
        return 1.0  # a multiple of the habitual amplitude
    value = float(habit[measure])
    return value if np.isfinite(value) else None


def _habit(sweep: Sweep, surface: Surface) -> dict[str, Any]:
    table, frame = sweep.to_frame(), sweep.habits_frame()
    for name, value in surface.group.items():
        column = "strike" if name == "strike" else table.attrs["varied"][name]
        table = table[table[column].astype(str) == value]
    keys = table["habit"].unique()
    others = [a.name for a in surface.axes if a.name not in MODIFIERS]
    if len(keys) != 1 or others:
        raise InputError(
            f"the cells of {named_group(surface.group)} depart from {len(keys)} habitual gaits"
            f"{f' ({others[0]} is swept)' if others else ''}: a front needs one, so sweep modifiers only"
        )
    row = frame.loc[keys[0]]
    if row["status"] != "solved":
        raise InputError(f"the habitual gait of {named_group(surface.group)} is not solved")
    at = habit_on_axes(surface.axes, row, sweep.plan.entries[keys[0]].values)
    return {"key": keys[0], "at": at, **{name: float(row[name]) for name in METRICS}}


@dataclass(frozen=True)
class _Search:
    """Of one strike."""

    surfaces: dict[str, Surface]
    habit: dict[str, Any]

    def _usable(self, name: str) -> bool:
        return name in self.surfaces and self.surfaces[name].trusted

    def left_out(self) -> Iterator[str]:
        for name in METRICS:
            if name not in self.surfaces:
                yield f"too few cells define {name}"
            elif not self.surfaces[name].trusted:
                yield f"the surface of {name} is not trusted"

    def optima(self) -> list[BestSetting]:
        return [
            self._setting(name, None, 0, self._optimum(name)) for name in OBJECTIVES if self._usable(name)
        ]

    def front(self, objective: str, limited: str) -> list[BestSetting]:
        if not (self._usable(objective) and self._usable(limited)):
            return []
        of, other = self._scaled(objective), self._scaled(limited)
        first, last = self._optimum(limited), self._optimum(objective)
        low, high = first.value, other(last.z)
        if high - low < 1e-3:
            return []
        found, at = [self._at_least_of_other(of, first)], first.z
        starts = [*places(len(at), STARTS)]
        for most in np.linspace(low, high, POINTS)[1:]:
            point = least(of, [at, last.z, *starts], other, float(most))
            if point is not None:
                found.append(point)
                at = point.z
        points = [self._setting(objective, limited, i, point) for i, point in enumerate(found, 1)]
        return [
            p
            for p, q in zip(points, [None, *points[:-1]], strict=True)
            if q is None or p.setting != q.setting
        ]

    def _at_least_of_other(self, of: Scaled, first: Least) -> Least:
        """The end of a front at which only the limited metric counts: no multiplier is finite there."""
        return Least(first.z, of(first.z), float("nan"), np.zeros(len(first.z)), first.spread, first.starts)

    def _optimum(self, name: str) -> Least:
        of = self._scaled(name)
        found = least(of, [*places(len(of.surface.axes), STARTS)])
        if found is None:
            raise InputError(f"no least value of {name} was found")
        return found

    def _scaled(self, name: str) -> Scaled:
        return Scaled(self.surfaces[name], self.habit[name])

    def _setting(self, objective: str, limited: str | None, number: int, found: Least) -> BestSetting:
        axes = self.surfaces[objective].axes
        setting = {
            a.name: round(float(0.5 * (a.low + a.high + z * (a.high - a.low))), DECIMALS)
            for a, z in zip(axes, found.z, strict=True)
        }
        estimates = {
            name: Estimate(float(of.predict(setting).value[0]), of.error, self.habit[name])
            for name, of in self.surfaces.items()
        }
        return BestSetting(
            self.surfaces[objective].group, objective, limited, number, setting, estimates, found
        )
