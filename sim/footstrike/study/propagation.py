"""From uncertain inputs to the uncertainty of an effect: first order, a sample of solves, and the one as control variate of the other.

An effect is a sum over members of a contrast, each metric times its weight: forefoot minus rearfoot, or a slope. To first
order it is linear in the inputs, and its distribution follows from the derivatives without a solve. A sample of solves
has what is not linear. The linear part is known exactly for the sample and for all other draws, so only the remainder is
estimated from the solves (control variates: Lavenberg & Welch 1981, Manage Sci 27:322). The remainder is taken to be
independent of the linear part; its rank correlation in size is told.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from footstrike.brief import brief
from footstrike.study.uncertain import OF_MODIFIED, UncertainInput, known_draws

if TYPE_CHECKING:
    from pandas import DataFrame, Series

Array = NDArray[np.float64]

FEWEST = 10
"""Solved pairs below which nothing is estimated from a sample."""
CHEAP = 8000
"""Draws of the linear part, which cost nothing."""
REPLICATES = 200
"""Resampled sets of pairs for the error of an estimate."""
INTERVAL = (2.5, 97.5)
DERIVATIVES = {"effort_weight": ("weight_activation", 1.0)}
"""Column of the table of derivatives by the variable that an input sets, where it has another name, and what it is multiplied by."""


@dataclass(frozen=True)
class LinearEffect:
    """An effect to first order.

    Attributes
    ----------
    nominal
        With all inputs at their nominal values.
    gradient
        By input, in the unit of the effect per unit of the input.
    missing
        Inputs that are numbers and whose derivative is not known: they count as zero here.
    """

    __repr__ = brief

    nominal: float
    gradient: Mapping[str, float]
    missing: tuple[str, ...] = ()

    def at(self, inputs: Sequence[UncertainInput], table: DataFrame) -> Array:
        """(n,) effects at draws; a choice changes nothing."""
        total = np.full(len(table), self.nominal)
        for of in inputs:
            slope = self.gradient.get(of.name, 0.0)
            if slope:
                total += slope * (table[of.name].to_numpy(dtype=float) - float(of.nominal))
        return total

    def per_sd(self, inputs: Sequence[UncertainInput]) -> dict[str, float]:
        """Change of the effect for one SD of each input that has a derivative."""
        return {i.name: self.gradient[i.name] * i.sd for i in inputs if i.name in self.gradient}


@dataclass(frozen=True)
class Interval:
    """What is told of an effect's distribution: mean, 95 % interval, share above and below zero."""

    mean: float
    low: float
    high: float
    above: float
    below: float

    @classmethod
    def of(cls, values: Array) -> Interval:
        """That of a sample (n,)."""
        low, high = (float(v) for v in np.percentile(values, INTERVAL))
        return cls(float(values.mean()), low, high, float(np.mean(values > 0)), float(np.mean(values < 0)))


@dataclass(frozen=True)
class Propagated:
    """The distribution of an effect.

    Attributes
    ----------
    nominal
        Effect of the unperturbed members.
    basis
        How the interval was had: ``first order``, ``sample``, or ``sample with first order as control variate``.
    interval, replicates
        The estimate, and the same from sets of pairs drawn anew, whose SD is the Monte-Carlo error.
    samples
        (m,) effects that stand for the distribution.
    solved, failed
        Numbers of sampled pairs with and without an effect.
    correlation
        Between the sample and its first-order prediction; None without either.
    dependence
        Rank correlation between the size of the remainder and the distance of the linear part from its mean.
    plain
        The interval of the sample alone.
    """

    __repr__ = brief

    nominal: float
    basis: str
    interval: Interval
    replicates: tuple[Interval, ...]
    samples: Array
    solved: int
    failed: int
    correlation: float | None = None
    dependence: float | None = None
    plain: Interval | None = None

    def error(self, of: str) -> float | None:
        """Monte-Carlo error (SD) of ``mean``, ``low``, ``high``, ``above`` or ``below``; None to first order."""
        if not self.replicates:
            return None
        return float(np.std([getattr(r, of) for r in self.replicates], ddof=1))


def effect_gradient(
    inputs: Sequence[UncertainInput], members: Sequence[tuple[float, str, DataFrame]], metric: str
) -> tuple[dict[str, float], tuple[str, ...]]:
    """Derivatives of an effect by input, and the inputs whose derivative is not known.

    Parameters
    ----------
    members
        Weight, habitual strike, and derivatives of each: index metric, columns inputs or the variables that they set, in
        units of the metric per unit of the input.
    metric
        Row of the tables.
    """
    gradient: dict[str, float] = {}
    missing = []
    for of in inputs:
        if not of.is_number:
            continue
        parts = []
        for weight, habit, table in members:
            if of.acts_on(habit):
                parts.append(weight * _derivative(of, table, metric))
        total = float(np.sum(parts))
        if np.isfinite(total):
            gradient[of.name] = total
        else:
            missing.append(of.name)
    return gradient, tuple(missing)


def derivatives_of(inputs: Sequence[UncertainInput], known: Collection[str]) -> tuple[str, ...]:
    """Names, among the known ones, of the derivatives that the inputs need."""
    wanted = (DERIVATIVES.get(i.sets, (i.sets, 1.0))[0] for i in inputs if i.is_number)
    return tuple(dict.fromkeys(name for name in wanted if name in known))


def _derivative(of: UncertainInput, table: DataFrame, metric: str) -> float:
    """Of a metric with respect to an input, from a member's table; NaN where it is not known."""
    other, factor = DERIVATIVES.get(of.sets, (of.sets, 1.0))
    column = next((c for c in (of.name, other) if c in table.columns), None)
    if column is None:
        return 0.0 if of.sets in OF_MODIFIED else float("nan")
    return factor * float(table.loc[metric, column]) if metric in table.index else float("nan")


def propagate(
    inputs: Sequence[UncertainInput],
    linear: LinearEffect,
    sampled: tuple[DataFrame, Series | Array] | None = None,
    seed: int = 1,
) -> Propagated:
    """The distribution of an effect.

    Parameters
    ----------
    inputs
        The table of uncertain inputs.
    linear
        The effect to first order; without derivatives only its nominal value is used.
    sampled
        Draws (a row each) and the effect that was solved for each, NaN where a member failed.
    seed
        Of the random numbers.
    """
    rng = np.random.default_rng(seed)
    whole = (
        linear.at(inputs, known_draws(tuple(inputs), CHEAP, seed + 1))
        if linear.gradient
        else np.full(CHEAP, linear.nominal)
    )
    table, values = (
        (None, np.zeros(0)) if sampled is None else (sampled[0], np.asarray(sampled[1], dtype=float))
    )
    known = np.isfinite(values)
    solved, failed = int(known.sum()), int((~known).sum())
    if table is None or solved < FEWEST:
        return Propagated(linear.nominal, "first order", Interval.of(whole), (), whole, solved, failed)
    y, x = values[known], linear.at(inputs, table)[known]
    samples = _combined(x, y, whole, rng)
    few = whole[: CHEAP // 4]
    replicates = []
    for _ in range(REPLICATES):
        pick = rng.integers(solved, size=solved)
        replicates.append(Interval.of(_combined(x[pick], y[pick], few, rng)))
    informed = float(np.std(x)) > 0
    return Propagated(
        linear.nominal,
        "sample with first order as control variate" if informed else "sample",
        Interval.of(samples),
        tuple(replicates),
        samples,
        solved,
        failed,
        _correlation(x, y) if informed else None,
        _dependence(x, y) if informed else None,
        Interval.of(y),
    )


def convergence(
    inputs: Sequence[UncertainInput],
    linear: LinearEffect,
    sampled: tuple[DataFrame, Series | Array],
    sizes: Sequence[int],
    seed: int = 1,
) -> DataFrame:
    """Estimate and Monte-Carlo error by number of pairs: the first ``n`` of the sample, for each of the sizes.

    The rows of a Latin hypercube are in random order, so the first ``n`` are a random part of it (not one of their own).
    """
    from pandas import DataFrame

    table, values = sampled[0], np.asarray(sampled[1], dtype=float)
    rows: list[dict[str, float | None]] = []
    for n in sizes:
        found = propagate(inputs, linear, (table.iloc[:n], values[:n]), seed)
        i = found.interval
        rows.append(
            {
                "n": n,
                "solved": found.solved,
                "mean": i.mean,
                "low": i.low,
                "high": i.high,
                "above": i.above,
                **{f"{name}_error": found.error(name) for name in ("mean", "low", "high", "above")},
            }
        )
    return DataFrame(rows).set_index("n")


def _combined(x: Array, y: Array, whole: Array, rng: np.random.Generator) -> Array:
    """Effects of all cheap draws: regression on the linear part, and a remainder drawn from those of the sample."""
    spread = float(np.var(x))
    slope = float(np.mean((x - x.mean()) * (y - y.mean())) / spread) if spread > 0 else 0.0
    remainder = y - y.mean() - slope * (x - x.mean())
    free = len(y) - (2 if spread > 0 else 1)
    remainder *= np.sqrt(len(y) / free)
    return np.asarray(y.mean() + slope * (whole - x.mean()) + rng.choice(remainder, size=len(whole)))


def _correlation(x: Array, y: Array) -> float:
    return float(np.corrcoef(x, y)[0, 1]) if np.std(y) > 0 else 0.0


def _dependence(x: Array, y: Array) -> float:
    from scipy.stats import spearmanr

    slope = float(np.cov(x, y)[0, 1] / np.var(x, ddof=1))
    remainder = np.abs(y - y.mean() - slope * (x - x.mean()))
    if np.ptp(remainder) == 0:
        return 0.0
    return float(spearmanr(remainder, np.abs(x - x.mean())).statistic)
