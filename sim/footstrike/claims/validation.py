"""Simulated runners against published numbers, row by row. A row that fails stays in the table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from footstrike.claims.definitions import ACTIVITIES, Expected, ValidationRow, validation_rows
from footstrike.claims.timing import onset
from footstrike.claims.verdicts import value_of
from footstrike.outcomes import ground
from footstrike.outcomes.metrics import Metrics, metrics
from footstrike.runs.run import Run
from footstrike.simulation.request import asked_for

STEP_RATE = 1.10
STEP_RATE_TOLERANCE = 0.01
FREQUENCY_RANGE = 0.62  # from -26 to +36 % of the preferred stride frequency (Farley & Gonzalez 1996)
_NOT_IN_BOTH = "this quantity is not known in both runs"


@dataclass(frozen=True)
class _Measured:
    """A run with its metrics."""

    run: Run
    values: Metrics


def validate(
    runs: Sequence[Run],
    rows: Sequence[ValidationRow] | None = None,
    activities: Mapping[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """Compare solved habitual runs with the validation table.

    Parameters
    ----------
    activities
        Lumbar loads of standing, bending, holding and walking
        (:func:`footstrike.lumbar.activities.activities`); their rows are not available without.

    Returns
    -------
    list of dict
        One per row, strike and speed: ``row, quantity, units, strike, speed_mps, expected`` (text), ``low,
        high, measured, result`` (``pass``, ``fail`` or ``not available``), ``why``, ``tracked`` (whether the row cannot
        confirm itself), ``source``, ``note``.
    """
    measured = [_Measured(run, metrics(run)) for run in runs if is_habitual(run)]
    changed = {
        name: [_Measured(run, metrics(run)) for run in runs if is_habitual(run, but=name)]
        for name in ("step_length_m", "knee_flexion_deg")
    }
    found = []
    for row in validation_rows() if rows is None else rows:
        if row.needs in _COMPARISONS:
            comparison = _COMPARISONS[row.needs]
            found += _judged_change(row, comparison, measured, changed[comparison.changed])
        elif row.needs in ACTIVITIES:
            found.append(_judged_activity(row, activities))
        else:
            found += _judged_row(row, measured)
    return found


def is_habitual(run: Run, but: str | None = None) -> bool:
    """Whether a run is solved and asked for nothing but ``but`` (a name in its specification)."""
    return run.solved and asked_for(run.spec) == ({but} if but else set())


def _judged_row(row: ValidationRow, measured: Sequence[_Measured]) -> list[dict[str, Any]]:
    if row.needs == "strike":
        return [_judged_pair(row, expected, measured) for expected in row.expected]
    found = []
    for one in measured:
        expected = row.expect(one.run.strike, one.run.speed)
        if expected is not None:
            value, why = _value(row, expected, one)
            found.append(_judge(row, expected, one.run.strike, one.run.speed, value, why))
    if not found:
        found.append(_unavailable(row, row.expected[0], "no habitual run at a strike and speed of this row"))
    return found


def _judged_activity(row: ValidationRow, activities: Mapping[str, Any] | None) -> dict[str, Any]:
    (expected,) = row.expected
    if activities is None or row.field is None:
        return _unavailable(row, expected, "needs the static postures and the walking stride")
    value = value_of(dict(activities), row.field)
    return _judge(row, expected, expected.strike, None, value, f"{row.field} is not known")


def _value(row: ValidationRow, expected: Expected, one: _Measured) -> tuple[float | None, str]:
    if row.onset is not None:
        found = onset(one.run, row.onset, expected.mean or 0.0)
        return found, f"no burst of {row.onset} near it in this run"
    if row.field is None:
        return None, "this quantity is not computed yet"
    value = value_of(one.values, row.field)
    if value is None and row.field.startswith("lumbar.") and not one.run.muscle_driven:
        return None, "solved without muscle forces, so no spine load is reported"
    note = f" ({row.note})" if row.note else ""
    return value, f"{row.field} is not defined in this run{note}"


def _judged_pair(row: ValidationRow, expected: Expected, measured: Sequence[_Measured]) -> dict[str, Any]:
    pairs = {one.run.strike: one for one in measured if expected.speed_mps in (None, one.run.speed)}
    if not {"rearfoot", "forefoot"} <= pairs.keys():
        return _unavailable(row, expected, "needs a habitual run of both strikes at this speed")
    speed = pairs["rearfoot"].run.speed
    change = _change(row, pairs["rearfoot"], pairs["forefoot"])
    return _judge(row, expected, "both", speed, change, _NOT_IN_BOTH)


@dataclass(frozen=True)
class _Comparison:
    """A habitual run against those of the same runner with one thing prescribed.

    ``changed`` names it in the specification; ``compare`` gives the row's value, or None with the reason ``why``;
    ``usable`` says which of the other runs count, ``needed`` what to run if none does.
    """

    changed: str
    usable: Callable[[Run, Run], bool]
    compare: Callable[[ValidationRow, _Measured, Sequence[_Measured]], float | None]
    why: str
    needed: str


def _judged_change(
    row: ValidationRow, comparison: _Comparison, measured: Sequence[_Measured], changed: Sequence[_Measured]
) -> list[dict[str, Any]]:
    found = []
    for one in measured:
        expected = row.expect(one.run.strike, one.run.speed)
        others = [o for o in changed if _same_runner(one.run, o.run) and comparison.usable(one.run, o.run)]
        if expected is not None and others:
            value = comparison.compare(row, one, others)
            found.append(_judge(row, expected, one.run.strike, one.run.speed, value, comparison.why))
    return found or [_unavailable(row, row.expected[0], comparison.needed)]


def _change_to_first(row: ValidationRow, one: _Measured, others: Sequence[_Measured]) -> float | None:
    return _change(row, one, others[0])


def _stiffening(row: ValidationRow, one: _Measured, others: Sequence[_Measured]) -> float | None:
    """Slope of the row's quantity over relative stride frequency, times the range that was published."""
    frequencies = [one.run.period / o.run.period for o in (one, *others)]
    values = [_of_pair(row, o) for o in (one, *others)]
    slope = _slope(zip(frequencies, values, strict=True))
    return None if slope is None else FREQUENCY_RANGE * slope


def _impact_slope(_: ValidationRow, one: _Measured, others: Sequence[_Measured]) -> float | None:
    """Slope of the impact peak (N) over knee flexion at contact (deg).

    If one of the runs has no distinct peak, the force at 13 % of stance stands for it in all, as in the loading rate.
    """
    phases = [phase for o in (one, *others) if (phase := ground.stance(o.run))]
    if len(phases) <= len(others):
        return None
    peaks = [peak.force for phase in phases if (peak := ground.impact_peak(phase))]
    forces = peaks if len(peaks) == len(phases) else [ground.early_force(phase) for phase in phases]
    flexions = [value_of(o.values, "knee_flexion_contact_deg") for o in (one, *others)]
    return _slope(zip(flexions, (ground.weight(one.run) * f for f in forces), strict=True))


def _slope(pairs: Iterable[tuple[float | None, float | None]]) -> float | None:
    """Of the straight line through the pairs that are known; None for fewer than two."""
    known = np.array([pair for pair in pairs if None not in pair], dtype=float)
    return float(np.polyfit(known[:, 0], known[:, 1], 1)[0]) if len(known) > 1 else None


def _same_runner(run: Run, other: Run) -> bool:
    return (run.strike, run.speed, run.mass) == (other.strike, other.speed, other.mass)


def _steps_faster(run: Run, other: Run) -> bool:
    return abs(run.period / other.period - STEP_RATE) < STEP_RATE_TOLERANCE


def _change(row: ValidationRow, one: _Measured, other: _Measured) -> float | None:
    """What the other run has more than the one, in the unit of the row."""
    before, after = _of_pair(row, one), _of_pair(row, other)
    if before is None or after is None:
        return None
    return 100.0 * (after - before) / before if row.unit == "%" else after - before


def _of_pair(row: ValidationRow, one: _Measured) -> float | None:
    if row.onset is not None:
        return onset(one.run, row.onset, 0.0)
    return None if row.field is None else value_of(one.values, row.field)


_COMPARISONS = {
    "step_rate": _Comparison(
        "step_length_m",
        _steps_faster,
        _change_to_first,
        _NOT_IN_BOTH,
        "needs a habitual run, and the same with its step length divided by 1.1",
    ),
    "stride_frequency": _Comparison(
        "step_length_m",
        lambda run, other: True,
        _stiffening,
        _NOT_IN_BOTH,
        "needs a habitual run, and the same with other step lengths",
    ),
    "knee_flexion": _Comparison(
        "knee_flexion_deg",
        lambda run, other: True,
        _impact_slope,
        "one of these runs has no stance",
        "needs a habitual run, and the same with another knee flexion at contact",
    ),
}


def _judge(
    row: ValidationRow, expected: Expected, strike: str, speed: float | None, value: float | None, why: str
) -> dict[str, Any]:
    low, high = _limits(row, expected)
    result = "not available"
    if row.rule == "absent":
        result, why = ("pass", "") if value is None else ("fail", "present")
    elif value is not None and low is None and high is None:
        why = "shown, not judged: no spread is known"
    elif value is not None:
        inside = (low is None or value >= low) and (high is None or value <= high)
        result, why = ("pass", "") if inside else ("fail", "outside the expected range")
    return {
        "row": row.id,
        "quantity": row.quantity,
        "units": row.unit,
        "strike": strike,
        "speed_mps": speed,
        "expected": _text(row, expected),
        "low": low,
        "high": high,
        "measured": value,
        "result": result,
        "why": why,
        "tracked": row.tracked,
        "source": row.source,
        "note": row.note,
    }


def _unavailable(row: ValidationRow, expected: Expected, why: str) -> dict[str, Any]:
    judged = _judge(row, expected, expected.strike, expected.speed_mps, None, why)
    return judged | {"result": "not available", "why": why}


def _limits(row: ValidationRow, expected: Expected) -> tuple[float | None, float | None]:
    if row.rule == "direction":
        return (0.0, None) if expected.sign == 1 else (None, 0.0)
    if row.rule == "within" and expected.mean is not None and expected.sd is not None:
        return expected.mean - expected.sd, expected.mean + expected.sd
    return expected.low, expected.high


def _text(row: ValidationRow, expected: Expected) -> str:
    if row.rule == "absent":
        return "absent"
    if row.rule == "direction":
        published = "" if expected.mean is None else f" (published {expected.mean:+g})"
        return ("above 0" if expected.sign == 1 else "below 0") + published
    if row.rule == "within" and expected.mean is not None:
        return f"{expected.mean:g}" + (f" ± {expected.sd:g}" if expected.sd is not None else "")
    if expected.low is None or expected.high is None:
        return f"at most {expected.high:g}" if expected.low is None else f"at least {expected.low:g}"
    return f"{expected.low:g} to {expected.high:g}"
