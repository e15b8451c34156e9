"""Reading the validation rows and the claims: TOML tables in, checked frozen records out."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from footstrike.claims.presets import check_preset
from footstrike.errors import InputError, unknown_name
from footstrike.outcomes.metrics import SOLVER_FIELDS
from footstrike.outcomes.registry import known_metrics, named
from footstrike.resources import resource

Strike = Literal["rearfoot", "forefoot"]
Rule = Literal["within", "range", "direction", "absent"]
Needs = Literal["habitual", "strike", "step_rate", "stride_frequency", "knee_flexion", "posture", "walking"]
Simulated = Literal[
    "groups", "conversion", "conversion_back", "sweep", "arms_held", "optimum", "optimum_against_habit"
]
Shown = Literal[Simulated, "measured"]
Positive = Annotated[float, Field(gt=0)]
Text = Annotated[str, Field(min_length=1)]


def _preset(name: str) -> str:
    """The same name, or what pydantic reports with its place."""
    try:
        return check_preset(name)
    except InputError as error:
        raise ValueError(str(error)) from error


def _metric(name: str) -> str:
    """The same name, or what pydantic reports with its place."""
    try:
        return named(name).name
    except InputError as error:
        raise ValueError(str(error)) from error


_Preset = Annotated[str, AfterValidator(_preset)]
_MetricName = Annotated[str, AfterValidator(_metric)]

ACTIVITIES = ("posture", "walking")
"""What rows need whose fields are those of :func:`footstrike.lumbar.activities.activities`, not metrics of a run."""


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Expected(_Record):
    """What is expected of one strike (or both) at one speed (or any)."""

    strike: Literal["rearfoot", "forefoot", "both"]
    speed_mps: Positive | None = None
    mean: float | None = None
    sd: Positive | None = None
    low: float | None = None
    high: float | None = None
    sign: Literal[-1, 1] | None = None


class ValidationRow(_Record):
    """One quantity that a simulated runner must reproduce.

    Attributes
    ----------
    id
        Row number of the validation table, with a letter where a row has parts ("13b"), and a digit where those do ("25b2").
    field
        Metric ("lumbar.L5S1.peak_resultant_bw"), ``solver.`` field or result of an activity; None where there is none.
    onset
        Muscle whose onset the row judges (:func:`footstrike.claims.timing.onset`), in place of a metric.
    quantity, unit
        Those of the metric unless they are given.
    rule
        ``within`` mean +- sd (without sd: shown, not judged; low to high where only a few runners are known),
        ``range`` low to high, ``direction`` the sign of a change, ``absent``.
    needs
        Which runs it takes.
    tracked
        Whether the quantity follows from what the simulation tracks, so that the row cannot confirm itself.
    """

    id: Annotated[str, Field(pattern=r"^\d{1,2}([a-z]\d?)?$")]
    needs: Needs
    field: Text | None = None
    onset: Literal["erector spinae", "gluteus maximus", "vasti", "gastrocnemius"] | None = None
    quantity: Text
    unit: Text
    rule: Rule
    tracked: bool = False
    source: Text
    note: str = ""
    expected: Annotated[tuple[Expected, ...], Field(min_length=1)]

    @model_validator(mode="before")
    @classmethod
    def _named_as_the_metric(cls, given: Any) -> Any:
        of = known_metrics().get(str(given.get("field"))) if isinstance(given, dict) else None
        return given if of is None else {"quantity": of.label, "unit": of.unit, **given}

    @field_validator("field")
    @classmethod
    def _is_known(cls, name: str | None, info: ValidationInfo) -> str | None:
        if name is None or info.data.get("needs") in ACTIVITIES:
            return name
        table, _, field = name.partition(".")
        return name if table == "solver" and field in SOLVER_FIELDS else _metric(name)

    @model_validator(mode="after")
    def _entries_fit_the_rule(self) -> Self:
        for entry in self.expected:
            is_range = entry.low is not None or entry.high is not None
            fits = {
                "within": (entry.mean is not None) != is_range,
                "range": is_range,
                "direction": entry.sign is not None,
                "absent": entry.mean is None and not is_range,
            }[self.rule]
            if not fits:
                raise ValueError(f"row {self.id}: an expected entry does not fit the rule {self.rule!r}")
        return self

    def expect(self, strike: str, speed: float) -> Expected | None:
        """What is expected of a strike at a speed (m/s); None where nothing is known there."""
        for entry in self.expected:
            if entry.strike in (strike, "both") and entry.speed_mps in (None, speed):
                return entry
        return None


class Evidence(_Record):
    """What a study found, in own words, with its citation."""

    finding: Text
    source: Text


class ClaimMetric(_Record):
    """A metric in which a claim shows.

    Attributes
    ----------
    field
        Name of the metric.
    how
        What is to be said of it beside its label: "per 10 deg of lean".
    effect, per
        ``strike``: forefoot minus rearfoot. ``slope``: slope over the swept factor times ``per``, a change of
        the factor in its unit.
    sign
        Of the effect that the article predicts; None for context: what it costs elsewhere.
    between_runner_sd
        SD of the metric between runners, in its unit; None where no data give it, then it comes from the runs
        with perturbed motion.
    """

    field: _MetricName
    how: str = ""
    role: Literal["verdict", "support", "context"]
    effect: Literal["strike", "slope"]
    per: Positive | None = None
    sign: Literal[-1, 1] | None = None
    between_runner_sd: Positive | None = None
    sd_source: Text

    @model_validator(mode="after")
    def _has_a_sign(self) -> Self:
        if self.role != "context" and self.sign is None:
            raise ValueError(f"metric {self.field}: sign is missing; only a context metric goes without")
        if (self.effect == "slope") != (self.per is not None):
            raise ValueError(f"metric {self.field}: 'per' belongs to a slope, and a slope needs it")
        return self

    @property
    def label(self) -> str:
        """Label of the metric, and how it shows."""
        label = named(self.field).label
        return f"{label}, {self.how}" if self.how else label

    @property
    def unit(self) -> str:
        """Unit of the metric."""
        return named(self.field).unit


class Contrast(_Record):
    """What is simulated: strike against strike, a factor swept within each strike, or the optimum of each.

    Attributes
    ----------
    kind
        Of the simulations; `claims` runs ``strike`` so far.
    decided_by
        The contrast that the words of the claim are about (:mod:`footstrike.claims.contrasts`).
    beside
        Contrasts that are shown next to it.
    factor, levels, unit
        What is swept.
    """

    kind: Literal["strike", "sweep", "optimum"]
    decided_by: Simulated
    beside: tuple[Shown, ...] = ()
    factor: Text | None = None
    levels: tuple[float, ...] = ()
    unit: str = ""
    description: Text

    @model_validator(mode="after")
    def _sweep_has_levels(self) -> Self:
        if self.kind == "sweep" and (self.factor is None or len(self.levels) < 2):
            raise ValueError("a sweep needs a factor and at least two levels")
        return self


class Claim(_Record):
    """One claim of the article, with all that its verdict is computed from.

    Attributes
    ----------
    presets
        {preset: speeds in m/s at which it runs}; it does not run in a preset that is not named.
    threshold_fraction
        An effect counts above this share of the between-runner SD.
    agreement
        Share of the perturbed models in which the sign must agree.
    """

    id: Annotated[str, Field(pattern=r"^C[1-9]\d*$")]
    title: Text
    statement: Text
    presets: Annotated[dict[_Preset, tuple[Positive, ...]], Field(min_length=1)]
    threshold_fraction: Positive
    agreement: Annotated[float, Field(gt=0.5, le=1.0)]
    contrast: Contrast
    metric: Annotated[tuple[ClaimMetric, ...], Field(min_length=1)]
    evidence_for: tuple[Evidence, ...] = ()
    evidence_against: tuple[Evidence, ...] = ()
    caveat: str = ""

    @model_validator(mode="after")
    def _metrics_fit(self) -> Self:
        if self.contrast.factor is None and any(metric.effect == "slope" for metric in self.metric):
            raise ValueError("a slope needs a contrast with a factor")
        if sum(metric.role == "verdict" for metric in self.metric) != 1:
            raise ValueError("exactly one metric must have the role 'verdict'")
        return self

    @property
    def verdict_metric(self) -> ClaimMetric:
        """The metric whose effect decides."""
        return next(metric for metric in self.metric if metric.role == "verdict")


class _Rows(_Record):
    row: Annotated[tuple[ValidationRow, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _ids_differ(self) -> Self:
        ids = [row.id for row in self.row]
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            raise ValueError(f"row id {', '.join(twice)} occurs twice")
        return self


def validation_rows(path: Path | None = None) -> tuple[ValidationRow, ...]:
    """The validation table, from the carried file unless a path is given.

    Raises
    ------
    InputError
        If the file cannot be used; the file, the field and the value are named.
    """
    return _load(path or resource("experiments", "validation", "rows.toml"), _Rows).row


def claim(name: str, folder: Path | None = None) -> Claim:
    """One claim by its id, "C1" to "C10": from ``C1.toml`` of the carried folder, or of another."""
    at = folder or _carried_claims()
    known = claim_ids(at)
    if name not in known:
        raise unknown_name("claim", name, known)
    found = load_claim(at / f"{name}.toml")
    if found.id != name:
        raise InputError(f"{at / name}.toml: field id = {found.id!r}: must be the name of the file")
    return found


def claim_ids(folder: Path | None = None) -> tuple[str, ...]:
    """Ids of the claims of a folder, the carried one unless another is given, in order: a claim is a file there."""
    found = (folder or _carried_claims()).glob("C[0-9]*.toml")
    return tuple(sorted((path.stem for path in found), key=lambda name: (len(name), name)))


def claims(preset: str | None = None, folder: Path | None = None) -> tuple[Claim, ...]:
    """The claims of a folder (the carried one) in order; only those that run in a preset if one is given."""
    if preset is not None:
        check_preset(preset)
    found = (claim(name, folder) for name in claim_ids(folder))
    return tuple(c for c in found if preset is None or preset in c.presets)


def _carried_claims() -> Path:
    return resource("experiments", "claims")


def load_claim(path: Path) -> Claim:
    """A claim from a file; errors as in `validation_rows`."""
    return _load(path, Claim)


_T = TypeVar("_T", bound=_Record)


def _load(path: Path, kind: type[_T]) -> _T:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: is not valid TOML: {error}") from error
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        raise InputError(f"{path}: {_first_problem(error)}") from error


def _first_problem(error: ValidationError) -> str:
    problem = error.errors(include_url=False)[0]
    place = _dotted(problem["loc"])
    value: Any = problem["input"]
    if problem["type"] == "missing":
        return f"field {place} is missing"
    if isinstance(value, dict | list | _Record):
        return f"field {place or 'top level'}: {problem['msg']}"
    return f"field {place} = {value!r}: {problem['msg']}"


def _dotted(location: Iterable[int | str]) -> str:
    """``("row", 3, "unit")`` as ``row[4].unit``: entries counted from 1, as in the file."""
    text = ""
    for part in location:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")
