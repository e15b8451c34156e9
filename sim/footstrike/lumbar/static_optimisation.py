"""Static optimisation: the cheapest activations whose muscle forces balance given moments.

In each frame

    minimise    sum_m weight_m activation_m^p  +  penalty sum_c reserve_c^2
    subject to  sum_m gain_cm activation_m + reserve_c = load_c,     lower_m <= activation_m <= upper_m,

where ``gain`` is moment arm times strength. The problem is convex and has few balanced coordinates c, so it
is solved in its dual: given the multipliers ``y``, each activation has a closed form

    activation_m = clip((max(z_m, 0) / p)^(1 / (p - 1)), lower_m, upper_m),
    z_m = sum_c y_c gain_cm / weight_m,

and reserve = y / (2 penalty); the multipliers follow from the balance by a semismooth Newton method with a
line search on the (monotone) slope of the dual, all frames at once. No start value, no random number: the
answer is unique for p > 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from footstrike.errors import InputError, SolveError

Array = NDArray[np.float64]

RESERVE_PENALTY = 1e4  # per (N m)^2, times the mean weight
TOLERANCE = 1e-8  # N m, of the balance
ITERATIONS = 200
BISECTIONS = 60
SHORTEST = 1e-4  # activation below which the curvature of a cost with p > 2 is not followed any further
ACCEPTED_SLOPE = 0.5


@dataclass(frozen=True)
class Balance:
    """Activations that balance the loads.

    Attributes
    ----------
    activations
        (T, M).
    multipliers
        (T, C) change of the least cost per unit of load, 1/(N m).
    reserves
        (T, C) what the muscles leave over, N m.
    iterations
        Newton steps of the slowest frame.
    """

    activations: Array
    multipliers: Array
    reserves: Array
    iterations: int


@dataclass(frozen=True)
class _Problem:
    gain: Array
    load: Array
    weight: Array
    lower: Array
    upper: Array
    exponent: float
    penalty: float

    def only(self, rows: NDArray[np.intp]) -> _Problem:
        """The same for some of the frames."""
        return _Problem(
            self.gain[rows],
            self.load[rows],
            self.weight,
            self.lower[rows],
            self.upper[rows],
            self.exponent,
            self.penalty,
        )

    def activations(self, y: Array) -> Array:
        z = np.maximum(np.einsum("tc,tcm->tm", y, self.gain) / self.weight, 0.0) / self.exponent
        free = z if self.exponent == 2.0 else z ** (1.0 / (self.exponent - 1.0))
        return np.asarray(np.clip(free, self.lower, self.upper))

    def gradient(self, y: Array, activations: Array) -> Array:
        supplied = np.einsum("tcm,tm->tc", self.gain, activations)
        return np.asarray(supplied + y / (2 * self.penalty) - self.load)

    def hessian(self, activations: Array) -> Array:
        p = self.exponent
        between = (activations > self.lower) & (activations < self.upper)
        slope = np.maximum(activations, SHORTEST) ** (2.0 - p) / (p * (p - 1.0))
        scaled = self.gain * np.where(between, slope / self.weight, 0.0)[:, None, :]
        return np.asarray(
            scaled @ self.gain.transpose(0, 2, 1) + np.eye(self.gain.shape[1]) / (2 * self.penalty)
        )


def balance(
    gain: Array,
    load: Array,
    *,
    weights: Array | None = None,
    lower: Array | float = 0.0,
    upper: Array | float = 1.0,
    exponent: float = 2.0,
    reserve_penalty: float = RESERVE_PENALTY,
) -> Balance:
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
        The power of activation in the cost, 1.25 to 6.
    reserve_penalty
        Cost of a squared N m that no muscle supplies, in mean weights.

    Raises
    ------
    InputError
        An input is impossible.
    SolveError
        A frame did not converge (never seen; it would be a defect).
    """
    frames, count, muscles = gain.shape
    weight = np.ones(muscles) if weights is None else np.asarray(weights, dtype=float)
    low = np.broadcast_to(np.asarray(lower, dtype=float), (frames, muscles))
    high = np.broadcast_to(np.asarray(upper, dtype=float), (frames, muscles))
    _check(gain, load, weight, low, high, exponent)
    problem = _Problem(gain, load, weight, low, high, exponent, reserve_penalty * float(weight.mean()))
    y = np.zeros((frames, count))
    open_rows = np.arange(frames)
    steps = 0
    while open_rows.size:
        part = problem.only(open_rows)
        a = part.activations(y[open_rows])
        g = part.gradient(y[open_rows], a)
        far = np.abs(g).max(axis=1) > TOLERANCE * np.maximum(1.0, np.abs(part.load).max(axis=1))
        if not far.any():
            break
        if steps == ITERATIONS:
            raise SolveError(
                f"static optimisation: {int(far.sum())} of {frames} frames did not converge in {steps} "
                "steps; check the loads and moment arms for impossible values"
            )
        open_rows, part = open_rows[far], part.only(np.flatnonzero(far))
        direction = -np.linalg.solve(part.hessian(a[far]), g[far][..., None])[..., 0]
        y[open_rows] += _step(part, y[open_rows], direction, g[far])[:, None] * direction
        steps += 1
    activations = problem.activations(y)
    reserves = load - np.einsum("tcm,tm->tc", gain, activations)
    return Balance(activations, y, reserves, steps)


def _step(problem: _Problem, y: Array, direction: Array, gradient: Array) -> Array:
    """Step length of each frame: 1, or shorter where the dual's slope along the step has turned too far."""
    allowed = ACCEPTED_SLOPE * np.abs(np.einsum("tc,tc->t", gradient, direction))
    low, high = np.zeros(len(y)), np.ones(len(y))
    step = np.ones(len(y))
    rows = np.arange(len(y))
    for _ in range(BISECTIONS):
        part = problem.only(rows)
        at = y[rows] + step[rows, None] * direction[rows]
        slope = np.einsum("tc,tc->t", part.gradient(at, part.activations(at)), direction[rows])
        too_far = slope > allowed[rows]
        too_short = (slope < -allowed[rows]) & (step[rows] < 1.0)
        high[rows[too_far]] = step[rows[too_far]]
        low[rows[too_short]] = step[rows[too_short]]
        rows = rows[too_far | too_short]
        if not rows.size:
            break
        step[rows] = 0.5 * (low[rows] + high[rows])
    return step


def _check(gain: Array, load: Array, weight: Array, low: Array, high: Array, exponent: float) -> None:
    if not 1.25 <= exponent <= 6.0:
        raise InputError(
            f"exponent of the cost = {exponent!r} cannot be used (allowed: 1.25 to 6; at 1 there is no "
            "unique answer)"
        )
    if not (np.isfinite(gain).all() and np.isfinite(load).all()):
        raise InputError("static optimisation: a moment arm, strength or load is not finite")
    if not (weight > 0).all():
        raise InputError("static optimisation: every weight must be greater than 0")
    if not ((low >= 0) & (low <= high)).all():
        raise InputError("static optimisation: activation bounds must satisfy 0 <= lower <= upper")
