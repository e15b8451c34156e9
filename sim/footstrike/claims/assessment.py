"""One metric of a claim, judged: from what was simulated to effect, interval, verdict, what drives it and what would turn it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from footstrike.brief import brief
from footstrike.claims.contrasts import Member, effect_of
from footstrike.claims.definitions import Claim, ClaimMetric
from footstrike.claims.flip import Flip, flip
from footstrike.claims.verdicts import Decision, Metrics, Rule, judge, value_of
from footstrike.study.importance import Surrogate, importance, surrogate
from footstrike.study.propagation import FEWEST, LinearEffect, Propagated, effect_gradient, propagate
from footstrike.study.uncertain import UncertainInput

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True)
class Failure:
    """A draw without an effect: its number, the place of the member in the contrast, and why."""

    draw: int
    member: int
    reason: str


@dataclass(frozen=True)
class Simulations:
    """What was simulated of a contrast.

    Attributes
    ----------
    members
        Of the contrast.
    nominal
        Metrics of each, with nothing varied.
    derivatives
        Of each, if they are known: index metric, columns inputs, metric per unit of the input.
    draws
        A row a draw.
    sampled
        Of each, metrics by draw (same index as ``draws``); where a solve failed, ``reason`` says why.
    """

    __repr__ = brief

    members: tuple[Member, ...]
    nominal: tuple[Metrics, ...]
    derivatives: tuple[DataFrame, ...] | None = None
    draws: DataFrame | None = None
    sampled: tuple[DataFrame, ...] = ()

    def effect(self, metric: str) -> float | None:
        """Effect of the unperturbed members."""
        return effect_of(self.members, [value_of(found, metric) for found in self.nominal])

    def effects(self, metric: str) -> Any:
        """(n,) effects of the draws, NaN where a member has no value."""
        columns = [
            frame[metric] if metric in frame else frame.index.to_series() * np.nan for frame in self.sampled
        ]
        return sum(
            m.weight * column.to_numpy(dtype=float) for m, column in zip(self.members, columns, strict=True)
        )

    def failures(self, metric: str) -> tuple[Failure, ...]:
        """Every draw and member without a value, with the reason."""
        out = []
        for place, frame in enumerate(self.sampled):
            for number in frame.index:
                value = frame.loc[number, metric] if metric in frame else np.nan
                if not np.isfinite(value):
                    reason = frame.loc[number].get("reason")
                    out.append(
                        Failure(
                            int(number),
                            place,
                            reason if isinstance(reason, str) else f"{metric} is not defined",
                        )
                    )
        return tuple(out)


@dataclass(frozen=True)
class Assessment:
    """What is known of one metric of a claim.

    Attributes
    ----------
    decision, propagated
        The verdict; the distribution behind it (None where the effect is not defined).
    flip
        What would turn the verdict.
    surrogate, importance
        The effect as a function of the inputs, and Sobol' indices by group on it.
    drivers
        Change of the effect for one SD of each input, to first order, the largest first.
    failures
        Draws without an effect.
    missing
        Inputs that are numbers and have no derivative: they count in the sample only.
    """

    __repr__ = brief

    decision: Decision
    propagated: Propagated | None = None
    flip: Flip | None = None
    surrogate: Surrogate | None = None
    importance: DataFrame | None = None
    drivers: Mapping[str, float] | None = None
    failures: tuple[Failure, ...] = ()
    missing: tuple[str, ...] = ()


def assess(
    claim: Claim,
    metric: ClaimMetric,
    of: Simulations,
    inputs: Sequence[UncertainInput],
    sd: float | None = None,
    seed: int = 1,
) -> Assessment:
    """Judge one metric of a claim on what was simulated of a contrast.

    Parameters
    ----------
    sd
        Between-runner SD where the claim's table has none.
    seed
        Of the random numbers.

    Returns
    -------
    Assessment
        Undecided without a reason to decide: no derivatives and fewer than ten sampled pairs, no effect, or no SD.
    """
    nominal = of.effect(metric.field)
    if nominal is None:
        return Assessment(Decision("undecided", f"{metric.field} is not defined in all simulations"))
    failures = of.failures(metric.field) if of.draws is not None else ()
    gradient, missing = _gradient(of, metric.field, inputs)
    sampled = None if of.draws is None else (of.draws, of.effects(metric.field))
    solved = 0 if sampled is None else int(np.isfinite(sampled[1]).sum())
    if not gradient and solved < FEWEST:
        told = (
            f"only {solved} perturbed pairs: at least {FEWEST} are needed"
            if solved
            else "no uncertainty has been computed"
        )
        return Assessment(Decision("undecided", told, runs=solved), failures=failures, missing=missing)
    linear = LinearEffect(nominal, gradient, missing)
    found = propagate(inputs, linear, sampled, seed)
    spread = metric.between_runner_sd or sd
    decision = judge(found, metric.sign or 1, spread, claim.threshold_fraction, claim.agreement)
    function = surrogate(inputs, linear, sampled)
    rule = (
        None if spread is None else Rule(metric.sign or 1, claim.threshold_fraction * spread, claim.agreement)
    )
    steps = linear.per_sd(inputs)
    return Assessment(
        decision,
        found,
        None if rule is None else flip(rule, found, function, inputs),
        function,
        importance(inputs, function, seed=seed),
        dict(sorted(steps.items(), key=lambda item: -abs(item[1]))),
        failures,
        missing,
    )


def _gradient(
    of: Simulations, metric: str, inputs: Sequence[UncertainInput]
) -> tuple[dict[str, float], tuple[str, ...]]:
    if of.derivatives is None:
        return {}, tuple(i.name for i in inputs if i.is_number)
    tables = [(m.weight, m.habit, t) for m, t in zip(of.members, of.derivatives, strict=True)]
    return effect_gradient(inputs, tables, metric)
