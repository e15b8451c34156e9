"""A judgement in the words of a runner."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from footstrike.claims.judgement import Judgement
from footstrike.report.words import number, signed

CONTRASTS = {
    "groups": "habitual groups",
    "conversion": "rearfoot runner lands on the forefoot",
    "conversion_back": "forefoot runner lands on the rearfoot",
    "sweep": "sweep, the mean of both strikes",
    "arms_held": "the same sweep, arms held",
    "optimum": "least loaded stride of each strike",
    "optimum_against_habit": "habitual forefoot, least loaded rearfoot",
    "measured": "measured runners",
}
"""Contrasts as a table calls them."""

_LEADS = {
    "groups": "In runners used to the forefoot, compared with runners used to the heel",
    "conversion": "When a heel striker lands on the forefoot",
    "conversion_back": "In a forefoot striker, compared with the same runner on the heel",
    "sweep": "At the same landing",
    "arms_held": "With the arms held",
    "optimum": "In the least loaded forefoot stride, compared with the least loaded heel stride",
    "optimum_against_habit": "In a habitual forefoot stride, compared with the least loaded heel stride",
    "measured": "In measured runners",
}
VERDICTS = {
    "supported": "Holds in this model",
    "contradicted": "The opposite holds in this model",
    "no effect": "Makes no difference that counts",
    "undecided": "Not decided",
}


_BASES = {
    "first order": "first order",
    "sample": "solves",
    "sample with first order as control variate": "solves and first order",
}


def basis(record: Judgement) -> str:
    """How the interval was had, in short, with the pairs that were solved and failed."""
    if record.basis is None:
        return "–"
    pairs = f": {record.solved} pairs" if record.solved and record.contrast != "measured" else ""
    failed = f", {record.failed} failed" if record.failed else ""
    return f"{_BASES.get(record.basis, record.basis)}{pairs}{failed}"


def told(record: Judgement) -> str:
    """One sentence for a runner: what came out, and between which bounds."""
    if record.effect is None:
        return f"There is no answer yet: {record.why}."
    way = "more" if record.effect > 0 else "less"
    size = f"{number(abs(record.effect))}{unit_of(record)} {way}"
    size = "the same" if number(abs(record.effect)) == number(0.0) else size
    bounds = ""
    if record.low is not None and record.high is not None:
        bounds = f" (in 95 % of the variants between {signed(record.low)} and {signed(record.high)})"
    return f"{_LEADS[record.contrast]}: {record.label}, {size}{bounds}."


def unit_of(record: Judgement) -> str:
    """Unit after a number; nothing for a share."""
    return "" if record.unit in ("1", "") else f" {record.unit}"


def labelled(record: Judgement) -> str:
    """Name of the measure, and its unit."""
    return record.label if record.unit in ("1", "") else f"{record.label}, {record.unit}"


def disagreement(records: Iterable[Judgement]) -> str:
    """What contrasts of one metric at one speed say apart; empty where they agree."""
    judged = {r.contrast: r for r in records if r.effect is not None and r.verdict is not None}
    pairs = [("groups", "conversion"), ("conversion", "conversion_back")]
    out = []
    for one, other in pairs:
        if one not in judged or other not in judged:
            continue
        a, b = judged[one], judged[other]
        if a.verdict == b.verdict:
            continue
        same = "the same" if (a.effect or 0.0) * (b.effect or 0.0) > 0 else "the opposite"
        out.append(
            f"“{CONTRASTS[one]}” gives {a.verdict} ({signed(a.effect)}{unit_of(a)}), "
            f"“{CONTRASTS[other]}” {b.verdict} ({signed(b.effect)}{unit_of(b)}), an effect in {same} direction."
        )
    return f"The contrasts do not agree: {' '.join(out)}" if out else ""


def bearing(rows: Sequence[Mapping[str, Any]]) -> str:
    """How the validation rows that bear on a claim came out; empty without such rows."""
    if not rows:
        return ""
    failing = [row for row in rows if row["result"] == "fail"]
    judged = [row for row in rows if row["result"] in ("pass", "fail")]
    if not judged:
        return "None of the validation rows that bear on this claim could be judged here."
    names = ", ".join(dict.fromkeys(f"{row['row']} {row['quantity']} ({row['strike']})" for row in failing))
    head = f"{len(failing)} of {len(judged)} judged validation rows that bear on this claim fail"
    return (
        f"{head}: {names}." if failing else f"All {len(judged)} judged validation rows that bear on it pass."
    )
