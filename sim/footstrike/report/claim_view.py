"""What the page says of each claim: in front for a runner, behind it for a biomechanist."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from footstrike.brief import brief
from footstrike.claims.judgement import Judgement
from footstrike.report.claim_figures import contrast_effects, tornado
from footstrike.report.claim_pictures import front_picture_of
from footstrike.report.page_tables import Table, effects_table
from footstrike.report.plain_words import CONTRASTS, VERDICTS, bearing, disagreement, told
from footstrike.report.style import Picture
from footstrike.resources import resource
from footstrike.runs.run import Run

Row = Mapping[str, Any]
RunOf = Callable[[str | None], Run | None]
"""The run of a file of the folder; None where there is none."""


@dataclass(frozen=True)
class Origin:
    """One simulation of a deciding effect: weight, what was asked, file, and content hash of its run."""

    weight: float
    asked: str
    file: str
    hash: str


@dataclass(frozen=True)
class ClaimView:
    """One claim.

    Attributes
    ----------
    id, title, statement, caveat, evidence
        Of the claim's table.
    deciding
        The record that gives the verdict; None where nothing was judged.
    verdict, words, sentence
        The verdict, the same for a runner, and what came out in one sentence.
    front, effects, drivers
        Pictures.
    speeds
        Of the records, m/s.
    contrasts, others
        Records of the deciding metric, and of the other metrics.
    disagreement, bearing
        What contrasts say apart; how the validation rows that bear on it came out.
    failing, checks
        Whether one of these fails, and the rows.
    origins, numbers
        Where the deciding effect comes from; all its records as a table.
    """

    __repr__ = brief

    id: str
    title: str
    statement: str
    caveat: str
    evidence: Any
    deciding: Judgement | None
    verdict: str
    words: str
    sentence: str
    front: Sequence[Picture]
    effects: Sequence[Picture]
    drivers: Sequence[Picture]
    contrasts: Sequence[Judgement]
    others: Sequence[Judgement]
    disagreement: str
    bearing: str
    failing: bool
    checks: Sequence[Row]
    origins: Sequence[Origin]
    numbers: Table


def claim_views(
    rows: Sequence[Row], records: Sequence[Judgement], checked: Sequence[Row], run_of: RunOf
) -> list[ClaimView]:
    """Views of the claims of ``claims.json`` that have judgements.

    Parameters
    ----------
    checked
        Validation rows, judged (:func:`footstrike.claims.validation.validate`).
    """
    by_claim = {str(row["id"]): [r for r in records if r.claim == row["id"]] for row in rows}
    return [_view(row, by_claim[row["id"]], checked, run_of) for row in rows if by_claim[row["id"]]]


@cache
def rows_that_bear() -> dict[str, tuple[str, ...]]:
    """Numbers of the validation rows that bear on each claim (``experiments/claims/bearing_rows.csv``)."""
    lines = resource("experiments", "claims", "bearing_rows.csv").read_text(encoding="utf-8").split()[1:]
    pairs = [line.split(",") for line in lines]
    return {claim: tuple(row for c, row in pairs if c == claim) for claim, _ in pairs}


def _view(row: Row, records: Sequence[Judgement], checked: Sequence[Row], run_of: RunOf) -> ClaimView:
    deciding = next((r for r in records if r.decides), None)
    checks = [one for one in checked if one["row"] in rows_that_bear().get(row["id"], ())]
    metric, speed = (
        (deciding.metric, deciding.speed_mps) if deciding else (row["metric"], records[0].speed_mps)
    )
    runs = [run_of(m.run) for m in deciding.members] if deciding else []
    order = list(CONTRASTS)
    ordered = sorted(records, key=lambda r: (r.speed_mps != speed, r.speed_mps, order.index(r.contrast)))
    contrasts = [r for r in ordered if r.metric == metric and _same_kind(r, deciding)]
    others = [r for r in ordered if not any(r is one for one in contrasts)]
    at_speed = [r for r in ordered if r.speed_mps == speed]
    return ClaimView(
        id=row["id"],
        title=row.get("title", row["id"]),
        statement=row["statement"],
        caveat=row.get("caveat", ""),
        evidence=row["evidence"],
        deciding=deciding,
        verdict=(deciding.verdict if deciding else None) or row["verdict"] or "undecided",
        words=VERDICTS[(deciding.verdict if deciding else None) or "undecided"],
        sentence=told(deciding) if deciding else str(row["why"]),
        front=front_picture_of(deciding, runs) if deciding else [],
        effects=contrast_effects(row["id"], sorted(at_speed, key=lambda r: not r.decides)),
        drivers=tornado(deciding) if deciding else [],
        contrasts=contrasts,
        others=sorted(others, key=lambda r: r.metric),
        disagreement=disagreement(r for r in contrasts if r.speed_mps == speed),
        bearing=bearing(checks),
        failing=any(one["result"] == "fail" for one in checks),
        checks=checks,
        origins=_origins(deciding, runs) if deciding else [],
        numbers=effects_table(row["id"], ordered),
    )


def _same_kind(record: Judgement, deciding: Judgement | None) -> bool:
    return deciding is None or record.label == deciding.label or record.contrast == "measured"


def _origins(record: Judgement, runs: Sequence[Run | None]) -> list[Origin]:
    out = []
    for member, run in zip(record.members, runs, strict=True):
        asked = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in member.values.items())
        found = run.content_hash()[:16] if run is not None else ""
        out.append(Origin(member.weight, asked, member.run or "", found))
    return out
