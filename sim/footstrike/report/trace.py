"""Where a number of a claims folder comes from: formula, members with their files and hashes, tables, versions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from footstrike.brief import brief
from footstrike.claims.contrasts import tables_hash
from footstrike.claims.judgement import JudgedMember, Judgement, read_judgements
from footstrike.claims.verdicts import value_of
from footstrike.errors import InputError, unknown_name
from footstrike.outcomes.metrics import metrics
from footstrike.outcomes.registry import named
from footstrike.report.plain_words import CONTRASTS, unit_of
from footstrike.report.words import number
from footstrike.resources import resource
from footstrike.runs.run import Run

FROM_DRAWS = "over the draws of the uncertain inputs"
FORMULAS = {
    "rearfoot": "metric of the rearfoot member",
    "forefoot": "metric of the forefoot member",
    "effect": "sum of weight × metric over the members",
    "low": f"2.5 % quantile of the effect {FROM_DRAWS}",
    "high": f"97.5 % quantile of the effect {FROM_DRAWS}",
    "mean": f"mean of the effect {FROM_DRAWS}",
    "above": f"share of positive effects {FROM_DRAWS}",
    "below": f"share of negative effects {FROM_DRAWS}",
    "errors": "Monte-Carlo errors (SD over resampled sets of pairs)",
    "effect_size": "effect / SD between runners",
    "sd": "SD between runners, from the claim's table or from the spread of the motion inputs",
    "threshold": "threshold_fraction of the claim × SD between runners",
    "verdict": "rule of footstrike.claims.verdicts on effect, interval, threshold and share of signs",
    "drivers": "derivative of the effect × SD of the input",
    "importance": "Sobol' indices on the surrogate of the effect",
    "flip": "smallest change of the inputs, in SDs, on the surrogate of the effect that turns the verdict",
    "correlation": "of the effect to first order with that of the solves, over the draws",
    "first_order": "95 % interval from derivatives alone",
    "plain": "95 % interval of the sampled solves alone",
    "surrogate_error": "cross-validated error of the surrogate",
    "quantiles": f"of the effect {FROM_DRAWS}, from the least to the greatest",
}
RELATIVE = 1e-6
"""Largest difference, in parts of the effect, of one that files give again."""


@dataclass(frozen=True)
class TracedRun:
    """One simulation: its weight, what was asked, file, content hash, and the metric in that file (None: no such file)."""

    __repr__ = brief

    weight: float
    asked: Mapping[str, Any]
    file: str | None
    hash: str | None
    value: float | None


@dataclass(frozen=True)
class Trace:
    """Where a value comes from.

    Attributes
    ----------
    name, value, unit
        Of what was asked for; all of a record's fields where the name is that of a record.
    label, formula
        In words.
    record
        What it is a field of.
    sources
        The simulations of the effect.
    recomputed
        The effect by these files; None where one is missing.
    table
        ``file:line`` of the metric in the claim's table.
    hashes, versions
        Of the tables then and now; of the programs then.
    """

    __repr__ = brief

    name: str
    value: Any
    unit: str
    label: str
    formula: str
    record: Judgement
    sources: tuple[TracedRun, ...]
    recomputed: float | None
    table: str
    hashes: Mapping[str, str]
    versions: Mapping[str, str]

    def plain(self) -> dict[str, Any]:
        """JSON-able, without the whole record."""
        return {
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "label": self.label,
            "formula": self.formula,
            "contrast": self.record.contrast,
            "speed_mps": self.record.speed_mps,
            "metric_source": named(self.record.metric).source,
            "members": [vars(source) for source in self.sources],
            "recomputed_effect": self.recomputed,
            "table": self.table,
            "hashes": dict(self.hashes),
            "versions": dict(self.versions),
        }

    def __str__(self) -> str:
        r = self.record
        lines = [
            f"{self.name} = {_shown(self.value)}{f' {self.unit}' if self.unit else ''}",
            f"  {r.label}; {CONTRASTS[r.contrast]}, {r.speed_mps:g} m/s",
            f"  formula: {self.formula}",
            f"  metric:  {r.metric}, {named(r.metric).source}",
        ]
        lines += [f"  basis:   {r.basis}, {r.solved} pairs solved, {r.failed} failed"] if r.basis else []
        lines += _told(self.sources)
        if self.recomputed is not None:
            lines.append(
                f"  sum of weight × metric by these files: {number(self.recomputed)}{unit_of(r)} ({self._agreement})"
            )
        lines.append(f"  table:   {self.table}")
        lines += [f"  {name}: {value}" for name, value in self.hashes.items()]
        lines.append(
            f"  versions: {', '.join(f'{k} {v}' for k, v in self.versions.items()) or 'not recorded'}"
        )
        return "\n".join(lines)

    @property
    def _agreement(self) -> str:
        effect = self.record.effect
        if effect is None or self.recomputed is None:
            return "nothing to compare with"
        same = abs(effect - self.recomputed) <= RELATIVE * max(abs(effect), 1e-12)
        return "as recorded" if same else f"recorded: {number(effect)}; a file or a metric has changed since"


def trace(value: str, directory: Path | str) -> Trace:
    """Where a number of a claims folder comes from.

    Parameters
    ----------
    value
        ``C6``: what decides the claim. ``C6.lumbar.L5S1.peak_compression_bw.conversion``: a record of ``judgements.json``; with a
        field behind it (``.effect``), that field; with a speed at the end (``@4.5``), of that speed. ``C6.effect``: of what decides.
    directory
        Folder of claims.

    Raises
    ------
    InputError
        There is no such value, with the nearest names; or the folder holds no judgements.
    """
    folder = Path(directory)
    record, name, field = _find(value, read_judgements(folder))
    told = _claims_file(folder)
    sources = tuple(_source(folder, member, record.metric) for member in record.members)
    known = [s.value for s in sources if s.value is not None]
    whole = bool(known) and len(known) == len(sources)
    return Trace(
        name=name,
        value=_get(record, field) if field else record.effect,
        unit=_unit(record, field or "effect"),
        label=record.label,
        formula=_formula(record, (field or "effect").split(".")[0]),
        record=record,
        sources=sources,
        recomputed=sum(s.weight * (s.value or 0.0) for s in sources) if whole else None,
        table=_table(record),
        hashes=_hashes(told),
        versions=told.get("versions", {}),
    )


def names_of(records: Sequence[Judgement]) -> dict[str, tuple[Judgement, str]]:
    """All names that :func:`trace` knows, without fields of fields, each with its record and field ("" for the whole)."""
    out: dict[str, tuple[Judgement, str]] = {}
    for r in sorted(records, key=lambda one: not one.decides):
        heads = [f"{r.claim}.{r.metric}.{r.contrast}"]
        heads += [r.claim, f"{r.claim}.{r.metric}"] if r.decides else [f"{r.claim}.{r.metric}"]
        for head in heads:
            for suffix in ("", f"@{r.speed_mps:g}"):
                out.setdefault(head + suffix, (r, ""))
                for field in FORMULAS:
                    out.setdefault(f"{head}.{field}{suffix}", (r, field))
    return out


def _find(value: str, records: Sequence[Judgement]) -> tuple[Judgement, str, str]:
    known = names_of(records)
    if value in known:
        return known[value][0], value, known[value][1]
    head, _, speed = value.partition("@")
    suffix = f"@{speed}" if speed else ""
    parts = head.split(".")
    for k in range(len(parts) - 1, 0, -1):  # a field of a field, such as flip.distance
        found = known.get(".".join(parts[:k]) + suffix)
        if found is not None and found[1]:
            field = ".".join([found[1], *parts[k:]])
            _get(found[0], field)
            return found[0], value, field
    own = [name for name in known if "@" not in name]
    same_claim = [name for name in own if name.split(".")[0] == parts[0]]
    raise unknown_name("value", value, same_claim or [name for name in own if "." not in name])


def _get(record: Judgement, field: str) -> Any:
    found: Any = record.model_dump()
    for part in field.split("."):
        if not isinstance(found, Mapping) or part not in found:
            raise unknown_name(f"field of {record.claim}.{record.metric}.{record.contrast}", field,
                               found if isinstance(found, Mapping) else ())  # fmt: skip
        found = found[part]
    return found


def _unit(record: Judgement, field: str) -> str:
    own = (
        "rearfoot",
        "forefoot",
        "effect",
        "low",
        "high",
        "mean",
        "sd",
        "threshold",
        "first_order",
        "plain",
        "quantiles",
    )
    head = field.split(".")[0]
    unit = "" if record.unit == "1" else record.unit
    if head == "drivers":
        return f"{unit} per SD".strip()
    if head in own or (head == "errors" and field != "errors.above"):
        return unit
    return "SD" if field in ("effect_size", "flip.distance") else ""


def _formula(record: Judgement, field: str) -> str:
    if record.contrast == "measured":
        return (
            "Welch's interval of forefoot minus rearfoot of measured groups, experiments/claims/measured.csv"
        )
    return FORMULAS[field]


def _source(folder: Path, member: JudgedMember, metric: str) -> TracedRun:
    path = folder / member.run if member.run else None
    if path is None or not path.is_file():
        return TracedRun(member.weight, member.values, member.run, None, None)
    run = Run.load(path)
    value = value_of(metrics(run), metric) if run.solved else None
    return TracedRun(member.weight, member.values, member.run, run.content_hash(), value)


def _table(record: Judgement) -> str:
    path = resource("experiments", "claims", f"{record.claim}.toml")
    wanted = f'field = "{record.metric}"'
    lines = path.read_text(encoding="utf-8").splitlines()
    line = next((i for i, text in enumerate(lines, 1) if text.strip() == wanted), 1)
    return f"experiments/claims/{path.name}:{line}"


def _hashes(told: Mapping[str, Any]) -> dict[str, str]:
    then, now = str(told.get("claims_tables_sha256", "not recorded")), tables_hash()
    out = {"tables of claims and inputs": then}
    if then != now:
        out["the same tables today, which differ"] = now
    if "plan_sha256" in told:
        out["plan"] = str(told["plan_sha256"])
    return out


def _claims_file(folder: Path) -> dict[str, Any]:
    path = folder / "claims.json"
    if not path.is_file():
        return {}
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")).get("provenance", {}))
    except (OSError, ValueError, AttributeError) as error:
        raise InputError(f"{path} cannot be used: {error}") from error


def _told(sources: Sequence[TracedRun]) -> list[str]:
    lines = ["  members:"] if sources else []
    for s in sources:
        asked = ", ".join(f"{name}={value}" for name, value in s.asked.items())
        lines.append(f"    {s.weight:+.4g} × {number(s.value)}   {asked}")
        lines.append(
            f"        {s.file or 'no file'}, content hash {s.hash or 'unknown: the file is not there'}"
        )
    return lines


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{k} {_shown(v)}" for k, v in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_shown, value))
    return "not defined" if value is None else number(value)
