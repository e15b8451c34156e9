"""The record of what came out for one metric of a claim on one contrast: written to and read from a folder of results."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from footstrike.claims.definitions import Shown
from footstrike.claims.verdicts import Verdict
from footstrike.errors import InputError
from footstrike.files import to_json, write_atomically

JUDGEMENTS, EFFECTS, FAILURES = "judgements.json", "effects.csv", "failures.csv"
SOLVES = "solves"
"""Folder of the simulations, below that of the results: other models and runners than the named ones are among them."""
QUANTILES = 101
"""Of an effect's distribution, from its least to its greatest draw."""


class _Judged(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class JudgedMember(_Judged):
    """One simulation: what its metric is multiplied by, what was asked, and the file of its run within the folder."""

    weight: float
    values: dict[str, Any]
    run: str | None


class NamedFailure(_Judged):
    """A draw without an effect (None: the unperturbed simulation), the place of the member that failed, and why."""

    draw: int | None
    member: int
    reason: str


class Errors(_Judged):
    """Monte-Carlo errors (SD) of an interval that comes from a sample of solves."""

    mean: float
    low: float
    high: float
    above: float


class Share(_Judged):
    """Sobol' indices of a group of inputs."""

    first: float
    total: float


class Turn(_Judged):
    """What would turn the verdict: distance in SDs of the inputs (None: nothing that is drawn does), into what, by which changes."""

    distance: float | None
    to: Verdict
    inputs: dict[str, float]


class Judgement(_Judged):
    """One metric of a claim on one contrast at one speed.

    Attributes
    ----------
    decides
        Whether this gives the verdict on the claim: so it is for one record of each claim.
    rearfoot, forefoot
        Values of the two members; None for slopes.
    effect, low, high, mean
        In the unperturbed members; 95 % interval and mean over the uncertain inputs.
    above, below
        Shares of the draws with an effect above and below zero.
    basis
        How the interval was had (:class:`footstrike.study.propagation.Propagated`).
    missing
        Inputs that are numbers and have no derivative.
    sd, threshold, agreement
        SD between runners, the size from which an effect counts, and the share of draws whose sign must agree.
    drivers
        Change of the effect for one SD of each input, the largest first.
    plain, first_order
        95 % intervals of the sample alone and to first order alone.
    quantiles
        101 of the effect's distribution.
    """

    claim: str
    metric: str
    label: str
    unit: str
    role: str
    contrast: Shown
    speed_mps: float
    decides: bool
    rearfoot: float | None = None
    forefoot: float | None = None
    members: tuple[JudgedMember, ...] = ()
    effect: float | None = None
    low: float | None = None
    high: float | None = None
    mean: float | None = None
    errors: Errors | None = None
    above: float | None = None
    below: float | None = None
    basis: str | None = None
    solved: int = 0
    failed: int = 0
    failures: tuple[NamedFailure, ...] = ()
    missing: tuple[str, ...] = ()
    effect_size: float | None = None
    sd: float | None = None
    sd_source: str = ""
    threshold: float | None = None
    agreement: float | None = None
    verdict: Verdict | None = None
    why: str = ""
    sentence: str = ""
    drivers: dict[str, float] = Field(default_factory=dict)
    importance: dict[str, Share] | None = None
    surrogate_error: float | None = None
    flip: Turn | None = None
    correlation: float | None = None
    plain: tuple[float, float] | None = None
    first_order: tuple[float, float] | None = None
    quantiles: tuple[float, ...] | None = None


_FLAT = (
    "claim", "metric", "label", "unit", "role", "contrast", "speed_mps", "decides", "rearfoot", "forefoot", "effect", "low",
    "high", "mean", "above", "below", "basis", "solved", "failed", "effect_size", "sd", "sd_source", "threshold", "agreement",
    "verdict", "surrogate_error", "correlation", "why", "sentence",
)  # fmt: skip


def write_judgements(folder: Path, found: Iterable[Judgement]) -> None:
    """Write ``judgements.json`` and the flat part of it, ``effects.csv`` and ``failures.csv``, each at once or not at all."""
    records = list(found)
    whole = to_json([r.model_dump() for r in records], indent=1)
    write_atomically(folder / JUDGEMENTS, whole.encode())
    rows = [{name: getattr(r, name) for name in _FLAT} | _flip_fields(r) for r in records]
    failed = [
        {
            "claim": r.claim,
            "metric": r.metric,
            "contrast": r.contrast,
            "speed_mps": r.speed_mps,
            **f.model_dump(),
        }
        for r in records
        for f in r.failures
    ]
    write_atomically(folder / EFFECTS, _csv(rows, (*_FLAT, "flip_distance", "flip_to", "largest_driver")))
    write_atomically(
        folder / FAILURES,
        _csv(failed, ("claim", "metric", "contrast", "speed_mps", "draw", "member", "reason")),
    )


def read_judgements(folder: Path) -> tuple[Judgement, ...]:
    """The records of a folder.

    Raises
    ------
    InputError
        There are none, or they cannot be used.
    """
    file = folder / JUDGEMENTS
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        return tuple(Judgement.model_validate(one) for one in found)
    except OSError as error:
        raise InputError(f"{file} cannot be read: {(error.strerror or str(error)).lower()}") from error
    except (ValueError, KeyError, TypeError, ValidationError) as error:
        raise InputError(f"{file} cannot be used: {str(error).splitlines()[0]}") from error


def _flip_fields(record: Judgement) -> dict[str, Any]:
    turn = record.flip
    return {
        "flip_distance": turn and turn.distance,
        "flip_to": turn and turn.to,
        "largest_driver": next(iter(record.drivers), None),
    }


def _csv(rows: Iterable[dict[str, Any]], fields: tuple[str, ...]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, fields, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
