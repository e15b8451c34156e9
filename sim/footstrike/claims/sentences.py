"""The sentence that follows from the numbers of a claim, in plain words."""

from __future__ import annotations

from footstrike.claims.assessment import Assessment
from footstrike.claims.definitions import Claim, ClaimMetric
from footstrike.claims.measured_runners import MeasuredContrast

VERDICT_WORDS = {
    "supported": "This model and these data support the claim.",
    "contradicted": "This model and these data contradict the claim.",
    "no effect": "There is no effect that counts.",
    "undecided": "The claim is not decided.",
}


def sentence(claim: Claim, metric: ClaimMetric, found: Assessment) -> str:
    """What came out, how sure it is, and what would overturn it.

    The words follow from the numbers alone; the claim itself is not repeated.
    """
    decision = found.decision
    parts = [VERDICT_WORDS[decision.verdict]]
    if found.propagated is None:
        return f"{parts[0][:-1]}: {decision.why}."
    nominal = found.propagated.nominal
    parts.append(
        f"{metric.label[:1].upper()}{metric.label[1:]} is {_changed(nominal, metric)} "
        f"(95 % interval {_number(decision.ci_low)} to {_number(decision.ci_high)}{_unit(metric)})."
    )
    if decision.share_agreeing is not None and metric.sign is not None:
        parts.append(
            f"It has the sign that the article expects in {decision.share_agreeing:.0%} of the draws."
        )
    if decision.stable is not None and decision.verdict == "undecided" and "resampled" in decision.why:
        parts.append("More pairs are needed: another sample could turn it.")
    parts.append(_turning(found))
    if found.failures:
        failed = {failure.draw for failure in found.failures}
        parts.append(f"{len(failed)} draws have no result and are named beside it.")
    return " ".join(part for part in parts if part)


def measured_sentence(metric: ClaimMetric, found: MeasuredContrast) -> str:
    """What measured runners show."""
    way = "higher" if found.effect > 0 else "lower"
    sure = "which is more than chance" if found.low * found.high > 0 else "which chance alone can give"
    return (
        f"In {found.n[1]} measured forefoot runners {metric.label} is {_number(abs(found.effect))}{_unit(metric)} {way} "
        f"than in {found.n[0]} rearfoot runners (95 % interval {_number(found.low)} to {_number(found.high)}"
        f"{_unit(metric)}), {sure}."
    )


def _changed(effect: float, metric: ClaimMetric) -> str:
    size = f"{_number(abs(effect))}{_unit(metric)}"
    way = "higher" if effect > 0 else "lower"
    if metric.effect == "slope":
        return f"{size} {way} for each step of the factor"
    return f"{size} {way} with the forefoot landing"


def _turning(found: Assessment) -> str:
    turn = found.flip
    if turn is None:
        return ""
    if turn.distance is None:
        return "No values of the uncertain inputs that were considered turn the verdict."
    first = [f"{name.replace('_', ' ')} {change:+.1f} SD" for name, change in list(turn.inputs.items())[:3]]
    likely = (
        "a small change" if turn.distance < 1.0 else "a change" if turn.distance < 2.0 else "a large change"
    )
    return (
        f"It takes {likely} of the uncertain inputs, {turn.distance:.1f} SD in all ({', '.join(first)}), "
        f"to make it {turn.verdict!r}."
    )


def _number(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.3g}"


def _unit(metric: ClaimMetric) -> str:
    return "" if metric.unit == "1" else f" {metric.unit}"
