"""The least value of a surface inside the swept ranges, with another surface limited or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize, nnls
from scipy.stats import qmc

from footstrike.brief import brief
from footstrike.study.surfaces import Surface

Array = NDArray[np.float64]

STEP = 1e-5  # of scaled coordinates, for slopes
AT_LIMIT = 1e-4  # of scaled coordinates, and of a limited value over its unit
PRECISION = 1e-10
NEAR_END = 0.995  # of scaled coordinates: from here on an end of the range is taken that is as good
SEED = 1


@dataclass(frozen=True)
class Scaled:
    """A surface over its value at habit, as a function of coordinates that are -1 and 1 at the ends of the ranges."""

    __repr__ = brief

    surface: Surface
    habit: float

    def __call__(self, z: Array) -> float:
        """The value at ``z`` (d,)."""
        return float(self.surface.fit(np.atleast_2d(z))[0][0]) / self.habit

    def slope(self, z: Array) -> Array:
        """Its gradient (d,), by central differences."""
        steps = STEP * np.eye(len(z))
        values, _ = self.surface.fit(np.concatenate([z + steps, z - steps]))
        return np.asarray((values[: len(z)] - values[len(z) :]) / (2.0 * STEP * self.habit))


@dataclass(frozen=True)
class Least:
    """Where a surface is least.

    Attributes
    ----------
    z
        (d,) scaled coordinates.
    value
        Of the surface there, over habit.
    rate
        Multiplier of the limit: what 1 % (of habit) more of the limited surface takes from this one, % of habit; NaN without
        a limit, 0 where the limit does not hold it back.
    ends
        (d,) multipliers of the ranges: what one half range further takes, % of habit; 0 where the range does not hold it back.
    spread
        Largest less smallest value of all starts that came to an end, over habit.
    starts
        How many did, and how many of them ended within 0.1 % of the least value.
    """

    __repr__ = brief

    z: Array
    value: float
    rate: float
    ends: Array
    spread: float
    starts: tuple[int, int]


def places(dimensions: int, number: int) -> Array:
    """Starts (number, dimensions) in scaled coordinates: the middle, then points of Sobol' (always the same)."""
    spread = qmc.Sobol(dimensions, rng=SEED).random_base2(max(1, int(np.ceil(np.log2(max(number, 2))))))
    return np.concatenate([np.zeros((1, dimensions)), 2.0 * spread[: number - 1] - 1.0])


def least(
    of: Scaled, starts: Sequence[Array], limited: Scaled | None = None, most: float = np.inf
) -> Least | None:
    """The least value of a surface inside the ranges, by sequential quadratic programming (SLSQP) from several starts.

    Parameters
    ----------
    limited, most
        A surface that must not exceed ``most``, over habit.

    Returns
    -------
    Least or None
        None if no start ended inside the limit.
    """
    limit: list[Any] = []
    if limited is not None:
        other = limited
        limit = [{"type": "ineq", "fun": lambda z: most - other(z), "jac": lambda z: -other.slope(z)}]
    ended = [z for start in starts if (z := _descent(of, start, limit)) is not None]
    inside = [z for z in ended if limited is None or limited(z) <= most + AT_LIMIT]
    if not inside:
        return None
    values = np.array([of(z) for z in inside])
    best = inside[int(np.argmin(values))]
    rate, ends = _multipliers(of, best, limited, most)
    agreed = int(np.sum(values <= values.min() + 1e-3))
    return Least(best, float(values.min()), rate, ends, float(np.ptp(values)), (len(inside), agreed))


def _descent(of: Scaled, start: Array, limit: list[Any]) -> Array | None:
    found = minimize(
        of,
        start,
        jac=of.slope,
        bounds=[(-1.0, 1.0)] * len(start),
        constraints=limit,
        method="SLSQP",
        options={"maxiter": 200, "ftol": PRECISION},
    )
    if not found.success:
        return None
    z = np.asarray(np.clip(found.x, -1.0, 1.0), dtype=float)
    end = np.asarray(np.where(np.abs(z) >= NEAR_END, np.sign(z), z))
    return end if of(end) <= of(z) + AT_LIMIT and all(one["fun"](end) >= -PRECISION for one in limit) else z


def _multipliers(of: Scaled, z: Array, limited: Scaled | None, most: float) -> tuple[float, Array]:
    """Multipliers (none negative) that balance the slopes at ``z``, by least squares: of the limit, and of the ranges."""
    at_end = np.flatnonzero(1.0 - np.abs(z) <= AT_LIMIT)
    sides = np.zeros((len(z), len(at_end)))
    sides[at_end, np.arange(len(at_end))] = np.sign(z[at_end])
    holds = limited is not None and limited(z) >= most - AT_LIMIT
    slopes = limited.slope(z)[:, None] if limited is not None and holds else np.zeros((len(z), 0))
    columns = np.concatenate([slopes, sides], axis=1)
    found = (
        nnls(columns, -of.slope(z))[0] if columns.shape[1] else np.zeros(0)
    )  # nnls does not take an empty matrix
    ends = np.zeros(len(z))
    ends[at_end] = 100.0 * found[slopes.shape[1] :]
    if limited is None:
        return float("nan"), ends
    return (float(found[0]) if holds else 0.0), ends
