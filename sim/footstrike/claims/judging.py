"""From the solved simulations of a preset to a record for every metric of every claim on every contrast."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from footstrike.brief import brief
from footstrike.claims.assessment import Assessment, Simulations, assess
from footstrike.claims.contrasts import effect_of
from footstrike.claims.judgement import (
    QUANTILES,
    SOLVES,
    Errors,
    JudgedMember,
    Judgement,
    NamedFailure,
    Share,
    Turn,
)
from footstrike.claims.measured_runners import MeasuredContrast, measured_contrasts
from footstrike.claims.sentences import measured_sentence, sentence
from footstrike.claims.solves import MEASURED, Comparison, Inquiry, Values, habits_at
from footstrike.claims.verdicts import Decision, Metrics, value_of
from footstrike.errors import InputError
from footstrike.files import plain
from footstrike.gait.foot_strike import bound
from footstrike.gait.targets import target
from footstrike.outcomes.metrics import metrics
from footstrike.outcomes.registry import known_metrics, named
from footstrike.outcomes.strike import other_strike
from footstrike.progress import Progress, silent, stage
from footstrike.runs.run import Run
from footstrike.simulation.sensitivity import table_of
from footstrike.study.folder import CELLS, SweepFolder
from footstrike.study.plan import key_of
from footstrike.study.propagation import CHEAP, Interval
from footstrike.study.solving import UNKNOWN
from footstrike.study.uncertain import UncertainInput, known_draws
from footstrike.study.variables import request_of

if TYPE_CHECKING:
    from pandas import DataFrame

BETWEEN_RUNNERS = ("lean", "trunk and arm motion", "moments at L5/S1", "leg motion and force")
"""Groups of uncertain inputs in which runners differ, and that have derivatives."""
OWN_SD = "to first order from the spread of lean, trunk and arm motion, L5/S1 moments, leg motion and force between runners"


@dataclass(frozen=True)
class Solved:
    """What is known of one simulation: its key, metrics (nothing if there are none) with derivatives, and why there are none."""

    __repr__ = brief

    key: str | None
    metrics: Metrics
    derivatives: DataFrame | None = None
    reason: str | None = None


@dataclass
class Results:
    """The simulations of a folder, each read once."""

    __repr__ = brief

    folder: SweepFolder
    _known: dict[str, Solved] = field(default_factory=dict)

    def of(self, values: Values) -> Solved:
        """What is known of a simulation that was asked for with these values."""
        name = json.dumps(plain(dict(values)), sort_keys=True)
        if name not in self._known:
            self._known[name] = self._read(values)
        return self._known[name]

    def _read(self, values: Values) -> Solved:
        try:
            key = key_of(request_of(values))
        except InputError as error:
            return Solved(None, {}, reason=str(error))
        if self.folder.is_solved(key):
            return _of_run(key, self.folder.load(key))
        if self.folder.is_failed(key):
            return Solved(key, {}, reason=str(self.folder.reason(key)["reason"]))
        return Solved(key, {}, reason="not simulated yet")


def judgements(asked: Inquiry, results: Results, progress: Progress = silent) -> list[Judgement]:
    """A record for every comparison of a preset, from what is solved of it so far."""
    tell, out = stage(progress), []
    for done, values in enumerate(asked.simulations):
        tell("reading the simulations", done, len(asked.simulations))
        results.of(values)
    measured = {(c.metric, c.speed_mps): c for c in measured_contrasts()}
    for done, one in enumerate(asked.comparisons):
        tell("judging the claims", done, len(asked.comparisons))
        if one.contrast != MEASURED:
            out.append(_judged(asked, results, one))
        elif (one.metric.field, one.speed) in measured:
            out.append(_of_measured(one, measured[one.metric.field, one.speed]))
    return out


def _of_run(key: str, run: Run) -> Solved:
    other = _lands_otherwise(run)
    if other:
        return Solved(key, {}, reason=other)
    derivatives = None
    if run.sensitivities and UNKNOWN not in run.sensitivities:
        names = {m.column: m.name for m in known_metrics().values()}
        derivatives = table_of(run).rename(index=names)
        derivatives.attrs = {}  # copied at every look-up otherwise
    return Solved(key, metrics(run), derivatives)


def _lands_otherwise(run: Run) -> str:
    """Why a run is not of its strike, where it lands otherwise.

    The forefoot group's limit is near its mean angle; a runner drawn from that group lands as he does, but not on the heel.
    """
    variation = tuple((run.spec.get("variation") or {}).items())
    heel = bound(target("rearfoot", run.speed))
    if variation and run.strike == "forefoot" and not run.spec.get("from_strike"):
        angle = named("foot_strike_angle_markers_deg").function(run)
        on_heel = angle is not None and heel.holds(angle)
        return (
            f"the foot lands with {angle:.1f} deg between shoe markers, on the heel ({heel})"
            if on_heel
            else ""
        )
    return other_strike(run, {"right": target(run.strike, run.speed, None, variation)}).removeprefix("; but ")


def _judged(asked: Inquiry, results: Results, one: Comparison) -> Judgement:
    head = _head(one)
    if not one.members:
        told = f"the {one.contrast} contrast is not simulated by the preset {asked.preset.name!r}"
        return Judgement(**head, **_words(Decision("undecided", told)))
    found = [results.of(m.values) for m in one.members]
    sd, source = _between_runners(asked, results, one)
    simulations = _simulations(asked, results, one, found)
    assessed = assess(one.claim, one.metric, simulations, asked.inputs, sd, asked.seed)
    field_, strike = one.metric.field, one.metric.effect == "strike"
    values = [value_of(s.metrics, field_) for s in found]
    effect = effect_of(one.members, values)
    threshold = None if sd is None else one.claim.threshold_fraction * sd
    return Judgement(
        **head,
        rearfoot=values[0] if strike else None,
        forefoot=values[1] if strike else None,
        members=tuple(
            JudgedMember(weight=m.weight, values=dict(m.values), run=_file(s))
            for m, s in zip(one.members, found, strict=True)
        ),
        effect=effect,
        effect_size=None if effect is None or not sd else effect / sd,
        sd=sd,
        sd_source=source,
        threshold=threshold,
        agreement=one.claim.agreement,
        **_of_assessment(asked, assessed),
        **_verdict(one, assessed, found),
        failures=(*_unperturbed_failures(found), *_drawn_failures(assessed)),
    )


def _head(one: Comparison) -> dict[str, Any]:
    return {
        "claim": one.claim.id,
        "metric": one.metric.field,
        "label": one.metric.label,
        "unit": one.metric.unit,
        "role": one.metric.role,
        "contrast": one.contrast,
        "speed_mps": one.speed,
        "decides": one.decides,
    }


def _words(decision: Decision) -> dict[str, Any]:
    told = f"The claim is not decided: {decision.why}."
    return {"verdict": decision.verdict, "why": decision.why, "sentence": told}


def _verdict(one: Comparison, found: Assessment, members: Sequence[Solved]) -> dict[str, Any]:
    missing = [s.reason for s in members if s.reason]
    if missing:
        return _words(Decision("undecided", f"a simulation has no result: {missing[0]}"))
    words = {"why": found.decision.why, "sentence": sentence(one.claim, one.metric, found)}
    if one.metric.role == "context":  # nothing is claimed of it
        return {
            **words,
            "sentence": words["sentence"].partition(". ")[2] or words["sentence"],
            "verdict": None,
        }
    return {**words, "verdict": found.decision.verdict}


def _simulations(asked: Inquiry, results: Results, one: Comparison, found: Sequence[Solved]) -> Simulations:
    tables = [s.derivatives for s in found]
    known = tuple(t for t in tables if t is not None)
    sampled = tuple(_sampled(asked, results, one, m.values) for m in one.members) if one.drawn else ()
    return Simulations(
        one.members,
        tuple(s.metrics for s in found),
        known if len(known) == len(tables) else None,
        asked.draws if sampled else None,
        sampled,
    )


def _sampled(asked: Inquiry, results: Results, one: Comparison, values: Values) -> DataFrame:
    """The metric of a member by draw, and why there is none."""
    from pandas import DataFrame

    solved = [results.of(asked.perturbed(row, values)) for row in asked.rows]
    numbers = [value_of(s.metrics, one.metric.field) for s in solved]
    return DataFrame({one.metric.field: np.array(numbers, dtype=float), "reason": [s.reason for s in solved]})


def _between_runners(asked: Inquiry, results: Results, one: Comparison) -> tuple[float | None, str]:
    """SD of the metric between runners, and its source: published, or that of the habitual pair's derivatives."""
    if one.metric.between_runner_sd is not None:
        return one.metric.between_runner_sd, one.metric.sd_source
    tables = [results.of(values).derivatives for values in habits_at(asked, one.speed)]
    own = [
        sd for t in tables if t is not None and (sd := spread_of_runners(asked.inputs, t, one.metric.field))
    ]
    if not own:
        return None, one.metric.sd_source
    return float(np.sqrt(np.mean(np.square(own)))), OWN_SD


def spread_of_runners(inputs: Sequence[UncertainInput], table: DataFrame, metric: str) -> float | None:
    """SD of a metric between runners of a group, to first order, from its derivatives; None if it has none."""
    if metric not in table.index:
        return None
    of = [i for i in inputs if i.group in BETWEEN_RUNNERS and i.name in table.columns]
    steps = [float(table.loc[metric, i.name]) * i.sd for i in of]
    total = float(np.sqrt(np.sum(np.square(steps))))
    return total if np.isfinite(total) and total > 0.0 else None


def _of_assessment(asked: Inquiry, found: Assessment) -> dict[str, Any]:
    """What the distribution of an effect has for its record."""
    known: dict[str, Any] = {"missing": found.missing}
    of = found.propagated
    if of is None:
        return known
    i = of.interval
    known |= {
        "low": i.low,
        "high": i.high,
        "mean": i.mean,
        "above": i.above,
        "below": i.below,
        "basis": of.basis,
        "solved": of.solved,
        "failed": of.failed,
        "correlation": of.correlation,
        "plain": None if of.plain is None else (of.plain.low, of.plain.high),
        "quantiles": tuple(float(q) for q in np.quantile(of.samples, np.linspace(0.0, 1.0, QUANTILES))),
        "drivers": dict(found.drivers or {}),
        "first_order": _first_order(asked, found),
    }
    if of.replicates:
        known["errors"] = Errors.model_validate({name: of.error(name) for name in Errors.model_fields})
    if found.importance is not None:
        known["importance"] = {
            str(name): Share(first=float(row["first"]), total=float(row["total"]))
            for name, row in found.importance.iterrows()
        }
    if found.surrogate is not None:
        known["surrogate_error"] = found.surrogate.error
    if found.flip is not None:
        known["flip"] = Turn(
            distance=found.flip.distance, to=found.flip.verdict, inputs=dict(found.flip.inputs)
        )
    return known


def _first_order(asked: Inquiry, found: Assessment) -> tuple[float, float] | None:
    if found.surrogate is None or not found.surrogate.linear.gradient:
        return None
    table = known_draws(asked.inputs, CHEAP, asked.seed + 1)
    interval = Interval.of(found.surrogate.linear.at(asked.inputs, table))
    return interval.low, interval.high


def _unperturbed_failures(found: Sequence[Solved]) -> list[NamedFailure]:
    return [
        NamedFailure(draw=None, member=place, reason=s.reason) for place, s in enumerate(found) if s.reason
    ]


def _drawn_failures(found: Assessment) -> list[NamedFailure]:
    return [NamedFailure(draw=f.draw, member=f.member, reason=f.reason) for f in found.failures]


def _file(of: Solved) -> str | None:
    return f"{SOLVES}/{CELLS}/{of.key}.h5" if of.metrics else None


def _of_measured(one: Comparison, found: MeasuredContrast) -> Judgement:
    return Judgement(
        **_head(one),
        rearfoot=found.rearfoot,
        forefoot=found.forefoot,
        effect=found.effect,
        low=found.low,
        high=found.high,
        mean=found.effect,
        basis="measured runners",
        solved=sum(found.n),
        effect_size=found.effect_size,
        sd=None if not found.effect_size else found.effect / found.effect_size,
        sd_source=found.source,
        why=f"{found.n[0]} rearfoot and {found.n[1]} forefoot runners ({found.how}): {found.source}",
        sentence=measured_sentence(one.metric, found),
    )
