"""Static optimisation: the cheapest activations whose muscle forces balance given moments.

In each frame

    minimise    sum_m weight_m activation_m^p  +  penalty sum_c reserve_c^2
    subject to  sum_m gain_cm activation_m + reserve_c = load_c,     lower_m <= activation_m <= upper_m,

where ``gain`` is moment arm times strength. The problem is convex and has few balanced coordinates c, so it
is solved in its dual: given the multipliers ``y``, each activation has a closed form

    activation_m = clip((max(z_m, 0) / p)^(1 / (p - 1)), lower_m, upper_m),
    z_m = sum_c y_c gain_cm / weight_m,

and reserve = y / (2 penalty); the multipliers follow from the balance by a semismooth Newton method with a
line search on the (monotone) slope of the dual, all frames at once. Where the muscles cannot supply the load,
the dual is nearly flat and Newton's method is slow: those frames get their multipliers from an interior-point
method first (:mod:`footstrike.muscles.interior_point`). No start value, no random number: one answer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from footstrike.brief import brief
from footstrike.errors import InputError, SolveError
from footstrike.muscles import interior_point
from footstrike.muscles.interior_point import SharingProblem

Array = NDArray[np.float64]
Rows = NDArray[np.intp]

EXPONENTS = (1.5, 3.0)
RESERVE_PENALTY = 1e4  # per (N m)^2, times the mean weight
TOLERANCE = 1e-8  # of the balance, in N m or parts of the largest load
TOLERANCE_SATURATED = (
    1e-6  # rounding allows no more where multipliers are huge: 3.6e-7 of 12 loads of 400 N m
)
ITERATIONS = 25
ITERATIONS_AFTER = 100  # from the interior-point solution
BISECTIONS = 60
SHORTEST = 1e-4  # activation below which the curvature of a cost with p > 2 is not followed any further
ACCEPTED_SLOPE = 0.5


@dataclass(frozen=True)
class Optimum:
    """Activations that balance the loads.

    Attributes
    ----------
    activations
        (T, M).
    multipliers
        (T, C) change of the least cost per unit of load, 1/(N m).
    reserves
        (T, C) what the muscles leave over, N m.
    """

    __repr__ = brief

    activations: Array
    multipliers: Array
    reserves: Array


def balance(
    gain: Array,
    load: Array,
    *,
    weights: Array | None = None,
    lower: Array | float = 0.0,
    upper: Array | float = 1.0,
    exponent: float = 2.0,
    reserve_penalty: float = RESERVE_PENALTY,
) -> Optimum:
    """Solve the static optimisation of every frame.

    Parameters
    ----------
    gain
        (T, C, M) moment on coordinate c of muscle m at full activation, N m.
    load
        (T, C) moments that the muscles have to supply, N m.
    weights
        (M,) weight of each activation in the cost; 1 if not given.
    lower, upper
        Bounds of activation: a number, (M,) or (T, M).
    exponent
        The power of activation in the cost, 1.5 to 3.
    reserve_penalty
        Cost of a squared N m that no muscle supplies, in mean weights.

    Raises
    ------
    InputError
        An input is impossible.
    SolveError
        A frame did not converge.
    """
    frames, count, muscles = gain.shape
    weight = np.ones(muscles) if weights is None else np.asarray(weights, dtype=float)
    low = np.broadcast_to(np.asarray(lower, dtype=float), (frames, muscles))
    high = np.broadcast_to(np.asarray(upper, dtype=float), (frames, muscles))
    _check(gain, load, weight, low, high, exponent)
    problem = SharingProblem(gain, load, weight, low, high, exponent, reserve_penalty * float(weight.mean()))
    y, unfinished = _newton(problem, np.zeros((frames, count)), ITERATIONS, TOLERANCE)
    if unfinished.size:
        hard = problem.only(unfinished)
        start = interior_point.multipliers(hard)
        y[unfinished], left = _newton(hard, start, ITERATIONS_AFTER, TOLERANCE_SATURATED)
        if left.size:
            raise SolveError(
                f"static optimisation: {left.size} of {frames} frames did not converge; check loads, moment "
                "arms and strengths for impossible values"
            )
    solved = activations(problem, y)
    return Optimum(solved, y, load - problem.supplied(solved))


def activations(problem: SharingProblem, y: Array) -> Array:
    """(T, M) activations that are cheapest at the multipliers ``y`` (T, C)."""
    z = np.maximum(problem.priced(y) / problem.weight, 0.0) / problem.exponent
    free = z if problem.exponent == 2.0 else z ** (1.0 / (problem.exponent - 1.0))
    return np.asarray(np.clip(free, problem.lower, problem.upper))


def _newton(problem: SharingProblem, start: Array, iterations: int, tolerance: float) -> tuple[Array, Rows]:
    """Multipliers of all frames, and the frames that did not converge."""
    y, rows = start.copy(), np.arange(len(start))
    for step in range(iterations + 1):
        part = problem.only(rows)
        a = activations(part, y[rows])
        g = _gradient(part, y[rows], a)
        far = np.abs(g).max(axis=1) > tolerance * np.maximum(1.0, np.abs(part.load).max(axis=1))
        rows, part = rows[far], part.only(np.flatnonzero(far))
        if not rows.size or step == iterations:
            break
        direction = -np.linalg.solve(_hessian(part, a[far]), g[far][..., None])[..., 0]
        y[rows] += _step(part, y[rows], direction, g[far])[:, None] * direction
    return y, rows


def _gradient(problem: SharingProblem, y: Array, a: Array) -> Array:
    return problem.supplied(a) + y / (2 * problem.penalty) - problem.load


def _hessian(problem: SharingProblem, a: Array) -> Array:
    p = problem.exponent
    between = (a > problem.lower) & (a < problem.upper)
    slope = np.maximum(a, SHORTEST) ** (2.0 - p) / (p * (p - 1.0))
    scaled = problem.gain * np.where(between, slope / problem.weight, 0.0)[:, None, :]
    return np.asarray(
        scaled @ problem.gain.transpose(0, 2, 1) + np.eye(problem.load.shape[1]) / (2 * problem.penalty)
    )


def _step(problem: SharingProblem, y: Array, direction: Array, gradient: Array) -> Array:
    """Step length of each frame: 1, or another if the dual's slope along it turned too far or too little."""
    allowed = ACCEPTED_SLOPE * np.abs(np.einsum("tc,tc->t", gradient, direction))
    low, high = np.zeros(len(y)), np.full(len(y), np.inf)
    step = np.ones(len(y))
    rows = np.arange(len(y))
    for _ in range(BISECTIONS):
        part = problem.only(rows)
        at = y[rows] + step[rows, None] * direction[rows]
        slope = np.einsum("tc,tc->t", _gradient(part, at, activations(part, at)), direction[rows])
        too_far = slope > allowed[rows]
        too_short = slope < -allowed[rows]
        high[rows[too_far]] = step[rows[too_far]]
        low[rows[too_short]] = step[rows[too_short]]
        rows = rows[too_far | too_short]
        if not rows.size:
            break
        step[rows] = np.where(np.isinf(high[rows]), 2.0 * step[rows], 0.5 * (low[rows] + high[rows]))
    return step


def _check(gain: Array, load: Array, weight: Array, low: Array, high: Array, exponent: float) -> None:
    if not EXPONENTS[0] <= exponent <= EXPONENTS[1]:
        raise InputError(f"exponent of the cost = {exponent!r} cannot be used (allowed: 1.5 to 3)")
    if not (np.isfinite(gain).all() and np.isfinite(load).all()):
        raise InputError("static optimisation: a moment arm, strength or load is not finite")
    if not (weight > 0).all():
        raise InputError("static optimisation: every weight must be greater than 0")
    if not ((low >= 0) & (low <= high)).all():
        raise InputError("static optimisation: activation bounds must satisfy 0 <= lower <= upper")
