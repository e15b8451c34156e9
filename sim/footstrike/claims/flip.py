"""What would overturn a verdict: the smallest change of the uncertain inputs that turns it, in their own SDs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from footstrike.brief import brief
from footstrike.claims.verdicts import Rule, Verdict
from footstrike.study.importance import Surrogate
from footstrike.study.propagation import INTERVAL, Propagated
from footstrike.study.uncertain import UncertainInput

Array = NDArray[np.float64]

JUST_PAST = 1e-6
"""How far past a boundary of the rule the effect is taken, in parts of the threshold."""


STEP = 1e-4
"""SDs, for slopes of a surrogate."""


@dataclass(frozen=True)
class Flip:
    """The nearest other verdict.

    Attributes
    ----------
    verdict
        What it turns into.
    shift
        Change of the effect that turns it, in the unit of the metric.
    distance
        Of the inputs from their nominal values: root of the sum of squares, each in its own SD; None if no values that can be
        drawn turn it.
    inputs
        Changes by input in SDs, the largest first.
    """

    __repr__ = brief

    verdict: Verdict
    shift: float
    distance: float | None
    inputs: Mapping[str, float]


def flip(rule: Rule, found: Propagated, of: Surrogate, inputs: Sequence[UncertainInput]) -> Flip | None:
    """The smallest change of the inputs whose effect turns the verdict; None if no change of the effect does.

    The whole distribution is taken to move with the effect: what is asked is which runner, or which model, would have given
    another verdict. To first order the change is along the gradient, each input within what can be drawn
    (:attr:`UncertainInput.ends`); where solves have corrected the first order, it is sought on the surrogate from there.

    Parameters
    ----------
    rule, found
        The rule and the distribution behind the verdict.
    of
        The effect as a function of the inputs.
    inputs
        The table.
    """
    best: Flip | None = None
    for shift, verdict in turning_shifts(rule, found):
        changes = nearest_change(of, inputs, shift)
        distance = None if changes is None else float(np.sqrt(sum(v * v for v in changes.values())))
        ordered = dict(sorted((changes or {}).items(), key=lambda item: -abs(item[1])))
        one = Flip(verdict, shift, distance, ordered)
        if best is None or _beats(one, best):
            best = one
    return best


def _beats(one: Flip, other: Flip) -> bool:
    if one.distance is None or other.distance is None:
        return one.distance is not None or (other.distance is None and abs(one.shift) < abs(other.shift))
    return one.distance < other.distance


def turning_shifts(rule: Rule, found: Propagated) -> list[tuple[float, Verdict]]:
    """The smallest shift of the effect up, and the smallest down, at which the verdict is another, with that verdict."""
    i, t = found.interval, rule.threshold
    at_agreement = np.quantile(found.samples, (1.0 - rule.agreement, rule.agreement))
    crossings = [-found.nominal + t, -found.nominal - t, -i.low - t, -i.high + t, *(-at_agreement)]
    now = _shifted(rule, found, 0.0)
    out: list[tuple[float, Verdict]] = []
    past = JUST_PAST * max(t, 1e-12)
    for direction in (1.0, -1.0):
        for crossing in sorted(abs(c) for c in crossings if direction * c >= 0.0):
            shift = direction * (crossing + past)
            verdict = _shifted(rule, found, shift)
            if verdict != now:
                out.append((shift, verdict))
                break
    return out


def _shifted(rule: Rule, found: Propagated, shift: float) -> Verdict:
    moved = found.samples + shift
    low, high = (float(v) for v in np.percentile(moved, INTERVAL))
    shares = float(np.mean(moved > 0)), float(np.mean(moved < 0))
    return rule.verdict(found.nominal + shift, (low, high), shares)


def nearest_change(of: Surrogate, inputs: Sequence[UncertainInput], shift: float) -> dict[str, float] | None:
    """Changes of the inputs (SDs) of least sum of squares that shift the effect by so much; None if none can."""
    steps = of.linear.per_sd(inputs)
    known = [i for i in inputs if i.name in steps or i.name in of.active]
    slopes = np.array([steps.get(i.name, 0.0) for i in known])
    limits = np.array([_limits(i) for i in known]).reshape(-1, 2)
    first = _along_gradient(slopes, limits, shift)
    if of.remainder is None:
        return None if first is None else _named(known, first)
    return _on_surrogate(of, known, limits, shift, first)


def _limits(of: UncertainInput) -> tuple[float, float]:
    low, high = of.ends
    return (low - float(of.nominal)) / of.sd, (high - float(of.nominal)) / of.sd


def _named(known: Sequence[UncertainInput], changes: Array) -> dict[str, float]:
    return {i.name: float(v) for i, v in zip(known, changes, strict=True) if abs(v) > 1e-9}


def _along_gradient(slopes: Array, limits: Array, shift: float) -> Array | None:
    """Least squares of changes with ``slopes @ changes = shift`` within limits: one multiplier, found by bisection."""
    from scipy.optimize import brentq

    def changes(multiplier: float) -> Array:
        return np.clip(multiplier * slopes, limits[:, 0], limits[:, 1])

    reach = float(slopes @ np.where(np.sign(shift) * slopes > 0, limits[:, 1], limits[:, 0]))
    if abs(reach) < abs(shift) or np.sign(reach) != np.sign(shift):
        return None
    moving = np.abs(slopes) > 0
    furthest = np.sign(shift) * float(np.max(np.abs(limits[moving]).max(axis=1) / np.abs(slopes[moving])))
    found = brentq(lambda m: float(slopes @ changes(m)) - shift, 0.0, furthest * (1.0 + 1e-9))
    return changes(float(found))


def _on_surrogate(
    of: Surrogate, known: Sequence[UncertainInput], limits: Array, shift: float, first: Array | None
) -> dict[str, float] | None:
    from scipy.optimize import minimize

    steps = of.linear.per_sd(known)
    straight = np.array([steps.get(i.name, 0.0) for i in known])
    places = {i.name: k for k, i in enumerate(known)}
    active = [places[name] for name in of.active]

    def effects(changes: Array) -> Array:
        value = of.linear.nominal + changes @ straight
        return value if of.remainder is None else value + of.remainder(changes[:, active])[0]

    def lacks(u: Array) -> float:
        return float((effects(u[None])[0] - wanted) / shift)

    def slopes(u: Array) -> Array:
        steps = STEP * np.eye(len(u))
        ends = effects(np.concatenate([u + steps, u - steps])).reshape(2, -1)
        return np.asarray((ends[0] - ends[1]) / (2.0 * STEP * shift))

    wanted = float(effects(np.zeros((1, len(known))))[0]) + shift
    starts = [first] if first is not None else []
    starts += [np.clip(s, limits[:, 0], limits[:, 1]) for s in np.eye(len(known))[_active(of, known)]]
    best: Array | None = None
    held: Any = {"type": "eq", "fun": lacks, "jac": slopes}
    within: Any = limits
    for start in starts:
        found = minimize(_squared, start, jac=_twice, bounds=within, constraints=held, method="SLSQP")
        if found.success and (best is None or found.fun < best @ best):
            best = np.asarray(found.x)
    return None if best is None else _named(known, best)


def _squared(changes: Any) -> float:
    return float(changes @ changes)


def _twice(changes: Array) -> Array:
    return 2.0 * changes


def _active(of: Surrogate, known: Sequence[UncertainInput]) -> list[int]:
    return [k for k, i in enumerate(known) if i.name in of.active]
