"""From contrasts to verdicts: the decision rule, and the rows that the claims command prints.

An effect is forefoot minus rearfoot. Its 95 % interval and the agreement of its sign come from runs with
perturbed models, motions and solvers; without them no verdict is given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from footstrike.claims.definitions import Claim, ClaimMetric, Evidence
from footstrike.study.propagation import Propagated

Array = NDArray[np.float64]
Metrics = Mapping[str, Any]
Pair = tuple[Metrics, Metrics]
Verdict = Literal["supported", "contradicted", "no effect", "undecided"]

FEWEST_RUNS = 10  # below it neither an interval nor an agreement of signs is meaningful


@dataclass(frozen=True)
class Decision:
    """A verdict with its reason, the 95 % interval of the effect and the share of runs with the claimed
    sign.

    ``ci_low_error`` and ``ci_high_error`` are the Monte-Carlo errors of the interval's ends, ``stable`` the share of resampled
    sets of pairs that give the same verdict; None where the interval comes from no sample of solves.
    """

    verdict: Verdict
    why: str
    ci_low: float | None = None
    ci_high: float | None = None
    share_agreeing: float | None = None
    runs: int = 0
    ci_low_error: float | None = None
    ci_high_error: float | None = None
    stable: float | None = None


@dataclass(frozen=True)
class Rule:
    """How an effect becomes a verdict.

    Attributes
    ----------
    sign
        What the article predicts: +1 or -1.
    threshold
        An effect counts above this size, in the unit of the metric.
    agreement
        Share of the perturbed pairs whose sign must agree.
    """

    sign: int
    threshold: float
    agreement: float = 0.975

    def verdict(self, effect: float, ends: tuple[float, float], shares: tuple[float, float]) -> Verdict:
        """The verdict on an effect.

        Parameters
        ----------
        effect
            In the unperturbed pair.
        ends
            Of its 95 % interval.
        shares
            Of the perturbed pairs with a positive and with a negative effect.
        """
        claimed, opposite = shares if self.sign > 0 else shares[::-1]
        if claimed >= self.agreement and self.sign * effect > self.threshold:
            return "supported"
        if opposite >= self.agreement and -self.sign * effect > self.threshold:
            return "contradicted"
        if -self.threshold <= ends[0] and ends[1] <= self.threshold:
            return "no effect"
        return "undecided"


def decide(
    effect: float | None,
    samples: Sequence[float] | Array,
    sign: int,
    sd: float | None,
    threshold_fraction: float = 0.5,
    agreement: float = 0.975,
) -> Decision:
    """Apply the decision rule to one effect.

    Parameters
    ----------
    effect
        Effect in the unperturbed pair; ``None`` where it is not defined.
    samples
        (n,) effects of the perturbed pairs, NaN where not defined.
    sign
        What the article predicts: +1 or -1.
    sd
        Between-runner SD of the metric, same unit.
    threshold_fraction
        An effect counts above this share of ``sd``; within it there is no effect.
    agreement
        Share of the perturbed pairs whose sign must agree.

    Returns
    -------
    Decision
        ``supported`` / ``contradicted`` if at least ``agreement`` of the samples have the claimed / the
        opposite sign and the effect exceeds the threshold in that direction; ``no effect`` if the 95 %
        interval lies within the threshold; otherwise ``undecided``.
    """
    if effect is None:
        return Decision("undecided", "the metric is not defined in both runs")
    known = np.asarray(samples, dtype=float)
    known = known[np.isfinite(known)]
    if known.size < FEWEST_RUNS:
        found = f"only {known.size} perturbed pairs" if known.size else "no uncertainty has been computed"
        return Decision(
            "undecided", f"{found}: at least {FEWEST_RUNS} perturbed pairs are needed", runs=known.size
        )
    low, high = (float(q) for q in np.percentile(known, (2.5, 97.5)))
    share = float(np.mean(np.sign(known) == sign))
    if sd is None:
        return Decision("undecided", "the SD between runners is not known", low, high, share, known.size)
    rule = Rule(sign, threshold_fraction * sd, agreement)
    text = _reason(rule, effect, threshold_fraction, share, f"{known.size} perturbed pairs")
    shares = float(np.mean(known > 0)), float(np.mean(known < 0))
    return Decision(rule.verdict(effect, (low, high), shares), text, low, high, share, known.size)


STABLE = 0.9
"""Share of resampled sets of pairs in which a verdict must come out again."""


def judge(
    found: Propagated, sign: int, sd: float | None, threshold_fraction: float = 0.5, agreement: float = 0.975
) -> Decision:
    """Apply the decision rule to an effect whose uncertainty was propagated.

    A verdict that fewer than 90 % of the resampled sets of pairs give again is ``undecided``: another seed could turn it.

    Parameters
    ----------
    found
        The effect's distribution, to first order or from a sample of solves.
    sign, sd, threshold_fraction, agreement
        As for :func:`decide`.
    """
    i = found.interval
    share = i.above if sign > 0 else i.below
    if sd is None:
        return Decision(
            "undecided", "the SD between runners is not known", i.low, i.high, share, found.solved
        )
    rule = Rule(sign, threshold_fraction * sd, agreement)
    verdict = rule.verdict(found.nominal, (i.low, i.high), (i.above, i.below))
    again = [rule.verdict(found.nominal, (r.low, r.high), (r.above, r.below)) for r in found.replicates]
    stable = float(np.mean([v == verdict for v in again])) if again else None
    told = _reason(rule, found.nominal, threshold_fraction, share, _basis(found))
    if stable is not None and stable < STABLE and verdict != "undecided":
        told += f"; {verdict} in only {stable:.0%} of resampled sets of pairs (needed: {STABLE:.0%})"
        verdict = "undecided"
    errors = found.error("low"), found.error("high")
    return Decision(verdict, told, i.low, i.high, share, found.solved, *errors, stable)


def _basis(found: Propagated) -> str:
    if found.basis == "first order":
        return "the draws, to first order"
    failed = f" ({found.failed} more failed)" if found.failed else ""
    return f"the draws, by {found.solved} perturbed pairs{failed}"


def _reason(rule: Rule, effect: float, fraction: float, share: float, of: str) -> str:
    return (
        f"effect {effect:+.3g}, threshold {rule.threshold:.3g} ({fraction:g} SD between runners); "
        f"claimed sign in {share:.0%} of {of}"
    )


def claim_rows(
    claims: Sequence[Claim],
    rearfoot: Metrics,
    forefoot: Metrics,
    perturbed: Sequence[Pair] = (),
    motion_sd: Mapping[str, float] | None = None,
) -> list[dict[str, Any]]:
    """Rows of the claims table, one per claim, its other metrics under ``metrics``.

    Parameters
    ----------
    claims
        Claims to judge; one whose contrast is not strike against strike stays undecided.
    rearfoot, forefoot
        Metrics of the unperturbed pair at one speed.
    perturbed
        Metrics of pairs (rearfoot, forefoot) with perturbed model, motion or solver.
    motion_sd
        SD of metrics over runs with perturbed motion, for metrics without a published SD between runners.
    """
    contrast = _Pairs(rearfoot, forefoot, perturbed, motion_sd or {})
    return [_claim_row(claim, contrast) for claim in claims]


def value_of(metrics: Metrics, field: str) -> float | None:
    """Value of a result field, dots leading into tables; ``None`` where it is not defined."""
    found: Any = metrics
    for part in field.split("."):
        if not isinstance(found, Mapping) or found.get(part) is None:
            return None
        found = found[part]
    return float(found)


@dataclass(frozen=True)
class _Pairs:
    rearfoot: Metrics
    forefoot: Metrics
    perturbed: Sequence[Pair]
    motion_sd: Mapping[str, float]

    def effect(self, field: str) -> float | None:
        return _difference(self.rearfoot, self.forefoot, field)

    def samples(self, field: str) -> Array:
        found = (_difference(rear, fore, field) for rear, fore in self.perturbed)
        return np.array([np.nan if effect is None else effect for effect in found])


def _difference(rearfoot: Metrics, forefoot: Metrics, field: str) -> float | None:
    rear, fore = value_of(rearfoot, field), value_of(forefoot, field)
    return None if rear is None or fore is None else fore - rear


def _claim_row(claim: Claim, pairs: _Pairs) -> dict[str, Any]:
    ordered = sorted(claim.metric, key=lambda metric: metric.role != "verdict")
    rows = [_metric_row(claim, metric, pairs) for metric in ordered]
    evidence = {"for": _cited(claim.evidence_for), "against": _cited(claim.evidence_against)}
    head = {"id": claim.id, "title": claim.title, "statement": claim.statement}
    return head | rows[0] | {"evidence": evidence, "caveat": claim.caveat, "metrics": rows[1:]}


def _metric_row(claim: Claim, metric: ClaimMetric, pairs: _Pairs) -> dict[str, Any]:
    effect = pairs.effect(metric.field)
    sd = metric.between_runner_sd or pairs.motion_sd.get(metric.field)
    decision = _decision(claim, metric, effect, pairs, sd)
    return {
        "metric": metric.field,
        "label": metric.label,
        "units": metric.unit,
        "role": metric.role,
        "speed_mps": pairs.rearfoot.get("speed_mps"),
        "rearfoot": value_of(pairs.rearfoot, metric.field),
        "forefoot": value_of(pairs.forefoot, metric.field),
        "effect": effect,
        "ci_low": decision.ci_low,
        "ci_high": decision.ci_high,
        "effect_size": None if effect is None or sd is None else effect / sd,
        "verdict": None if metric.role == "context" else decision.verdict,
        "why": decision.why,
        "claimed_sign": metric.sign,
        "between_runner_sd": sd,
        "sd_source": metric.sd_source,
        "threshold": None if sd is None else claim.threshold_fraction * sd,
        "share_agreeing": decision.share_agreeing,
        "runs": decision.runs,
    }


def _decision(
    claim: Claim, metric: ClaimMetric, effect: float | None, pairs: _Pairs, sd: float | None
) -> Decision:
    if claim.contrast.kind != "strike":
        return Decision("undecided", f"not simulated yet: {claim.contrast.description}")
    if effect is None:
        return Decision("undecided", _missing(metric.field, pairs))
    samples = pairs.samples(metric.field)
    return decide(effect, samples, metric.sign or 1, sd, claim.threshold_fraction, claim.agreement)


def _missing(field: str, pairs: _Pairs) -> str:
    without = [m["strike"] for m in (pairs.rearfoot, pairs.forefoot) if value_of(m, field) is None]
    return f"{field} is not defined in: {', '.join(without)}"


def _cited(evidence: Sequence[Evidence]) -> list[str]:
    return [f"{item.finding} — {item.source}" for item in evidence]
