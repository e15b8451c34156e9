"""Which inputs an effect's uncertainty comes from: Sobol' indices on a surrogate, with the surrogate's cross-validated error.

Indices straight from solves would need thousands of them. The surrogate is the first-order effect plus a function of the
inputs that move it most, fitted to what the solves differ from it (:mod:`footstrike.study.fits`). Indices are those of
Saltelli et al. 2010, by SALib (Herman & Usher 2017).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from footstrike.brief import brief
from footstrike.study.fits import Fit, fit_polynomial
from footstrike.study.propagation import FEWEST, LinearEffect
from footstrike.study.uncertain import UncertainInput, scores

if TYPE_CHECKING:
    from pandas import DataFrame, Series

Array = NDArray[np.float64]
CITES = ("saltelli2010", "herman2017")

MOST_ACTIVE = 6
"""Inputs that the remainder may depend on."""
FOLDS = 10
"""Parts of the solves that are left out in turn."""
BASE = 512
"""Base samples of the indices: a power of two."""


@dataclass(frozen=True)
class Surrogate:
    """An effect as a function of the inputs.

    Attributes
    ----------
    linear
        Its first-order part.
    active
        Names of the inputs that the remainder depends on.
    remainder
        Function of the scores of these, or None where no solves are known.
    error
        Cross-validated error (root mean square over ten parts left out in turn, whose solves have no say in the choice of
        ``active`` either) in the unit of the effect; None without solves.
    spread
        SD of the effects that it was fitted to; None without solves.
    """

    __repr__ = brief

    linear: LinearEffect
    active: tuple[str, ...]
    remainder: Fit | None
    error: float | None
    spread: float | None

    def at(self, inputs: Sequence[UncertainInput], table: DataFrame) -> Array:
        """(n,) effects at draws."""
        value = self.linear.at(inputs, table)
        if self.remainder is None:
            return value
        return value + self.remainder(_active_scores(inputs, table, self.active))[0]

    @property
    def determination(self) -> float | None:
        """Share of the variance of the solves that it predicts when they are left out (Q2)."""
        if self.error is None or not self.spread:
            return None
        return 1.0 - (self.error / self.spread) ** 2


def surrogate(
    inputs: Sequence[UncertainInput],
    linear: LinearEffect,
    sampled: tuple[DataFrame, Series | Array] | None = None,
) -> Surrogate:
    """The first-order effect, corrected by what the solves differ from it.

    The correction is a polynomial of the least leave-one-out error over the inputs that move the effect most, to first order or
    by their correlation with the solves; a constant where nothing more pays.
    """
    if sampled is None:
        return Surrogate(linear, (), None, None, None)
    table, values = sampled[0], np.asarray(sampled[1], dtype=float)
    known = np.isfinite(values)
    if known.sum() < FEWEST:
        return Surrogate(linear, (), None, None, None)
    table, y = table[known], values[known]
    rest = y - linear.at(inputs, table)
    active, fit = _fitted(inputs, linear, table, rest)
    left_out = np.concatenate(
        [_left_out(inputs, linear, (table, rest), part) for part in np.array_split(np.arange(len(y)), FOLDS)]
    )
    error = float(np.sqrt(np.mean(left_out**2)))
    return Surrogate(linear, active, fit, error, float(np.std(y, ddof=1)))


def _fitted(
    inputs: Sequence[UncertainInput], linear: LinearEffect, table: DataFrame, rest: Array
) -> tuple[tuple[str, ...], Fit]:
    active = _most_active(inputs, linear, table, rest)
    return active, fit_polynomial(_active_scores(inputs, table, active), rest)


def _left_out(
    inputs: Sequence[UncertainInput],
    linear: LinearEffect,
    known: tuple[DataFrame, Array],
    part: NDArray[np.int_],
) -> Array:
    """Errors at some solves of what the others give; they choose the active inputs, too."""
    table, rest = known
    keep = np.setdiff1d(np.arange(len(rest)), part)
    active, fit = _fitted(inputs, linear, table.iloc[keep], rest[keep])
    return rest[part] - fit(_active_scores(inputs, table.iloc[part], active))[0]


def importance(
    inputs: Sequence[UncertainInput], of: Surrogate, by: str = "group", seed: int = 1
) -> DataFrame:
    """First-order and total Sobol' indices, the largest total first.

    Parameters
    ----------
    by
        ``group``: one row a group of inputs; ``input``: one row an input.

    Returns
    -------
    pandas.DataFrame
        Index group or input; ``first``, ``first_error``, ``total``, ``total_error``: shares of the variance with the half width
        of their 95 % interval.
    """
    from pandas import DataFrame
    from SALib.analyze import sobol as analysis

    problem, table = _saltelli(tuple(inputs), by, seed)
    effects = of.at(inputs, table)
    names = list(dict.fromkeys(problem["groups"]))
    if np.ptp(effects) == 0:
        return DataFrame(0.0, index=names, columns=["first", "first_error", "total", "total_error"])
    standard = (effects - effects.mean()) / effects.std()
    found = analysis.analyze(problem, standard, calc_second_order=False, seed=seed)
    rows = {
        "first": found["S1"],
        "first_error": found["S1_conf"],
        "total": found["ST"],
        "total_error": found["ST_conf"],
    }
    return DataFrame({k: np.asarray(v) for k, v in rows.items()}, index=names).sort_values(
        "total", ascending=False
    )


@lru_cache(maxsize=4)
def _saltelli(inputs: tuple[UncertainInput, ...], by: str, seed: int) -> tuple[dict[str, Any], DataFrame]:
    """What SALib calls the problem, and the sample for the indices, the same for every effect."""
    from pandas import DataFrame
    from SALib.sample import sobol as sampling

    problem = {
        "num_vars": len(inputs),
        "names": [i.name for i in inputs],
        "groups": [i.group if by == "group" else i.name for i in inputs],
        "bounds": [[0.0, 1.0]] * len(inputs),
    }
    unit = sampling.sample(problem, BASE, calc_second_order=False, seed=seed)
    return problem, DataFrame({i.name: i.at(unit[:, k]) for k, i in enumerate(inputs)})


def _most_active(
    inputs: Sequence[UncertainInput], linear: LinearEffect, table: DataFrame, rest: Array
) -> tuple[str, ...]:
    """The inputs that move the effect most: one SD of them to first order, or what the remainder goes along with them."""
    numbers = [i for i in inputs if i.is_number]
    z = scores(inputs, table)
    along = np.abs((z - z.mean(axis=0)).T @ (rest - rest.mean())) / (
        len(rest) * np.maximum(z.std(axis=0), 1e-12)
    )
    steps = np.abs([linear.gradient.get(i.name, 0.0) * i.sd for i in numbers])
    order = np.argsort(-np.maximum(along, steps), kind="stable")
    return tuple(numbers[k].name for k in order[:MOST_ACTIVE])


def _active_scores(inputs: Sequence[UncertainInput], table: DataFrame, active: Sequence[str]) -> Array:
    by_name = {i.name: i for i in inputs}
    return scores([by_name[name] for name in active], table)
