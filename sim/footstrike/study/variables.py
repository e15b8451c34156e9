"""What a sweep can vary or fix: the fields of a request, the modifiers, and what can be chosen about the model."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import cache
from typing import Any

import numpy as np

from footstrike.cache.entries import content
from footstrike.control.modifiers import MODIFIERS
from footstrike.errors import InputError, unknown_name
from footstrike.files import plain
from footstrike.gait.foot_strike import between_markers, skeleton_angle
from footstrike.gait.targets import Target, target
from footstrike.gait.variation import LEAN, VARIATIONS, Variation, check_variation
from footstrike.model.anthropometry import SEGMENTS
from footstrike.model.factors import FACTORS
from footstrike.model.scaling import leg_scale
from footstrike.model.subject import Subject
from footstrike.simulation.optimisation import Optimisation
from footstrike.simulation.request import OF_SUBJECT, PARTS, UNITS, Request, SolverOptions

SEGMENT_SCALES = {f"{segment}_scale": segment for segment in SEGMENTS}
"""Length of a segment over that of the generic runner, by the name of the variable."""
OF_MODEL = ("rhythm", "trunk", "tone", "disc_springs", *SEGMENT_SCALES, *FACTORS)
"""What of a subject is chosen about the model, not about the person."""
EFFORT = "effort_weight"
"""Weight of muscle activation in the objective, times the usual."""
OPTIMISE = ("minimise", "free", "budgets")
"""What a gait is optimised for, what is free and what limits it, as texts of :meth:`Optimisation.of`."""
VARIABLES = (
    *(name for name in Request.model_fields if name not in PARTS),
    *OF_SUBJECT,
    *MODIFIERS,
    *SolverOptions.model_fields,
    *OF_MODEL,
    *VARIATIONS,
    EFFORT,
    *OPTIMISE,
)
"""All names that a sweep's file may use."""
EFFORT_LIMITS = (0.01, 100.0)
RELATIVE = ("step_length", "cadence")
"""What may be given as a change from the habitual value, which is known before any solve."""


def check_variable(name: str) -> str:
    """The name of a variable.

    Raises
    ------
    InputError
        There is none of that name; the nearest is given.
    """
    if name not in VARIABLES:
        raise unknown_name("variable", name, VARIABLES)
    return name


def unit_of(name: str) -> str:
    """Unit of a variable; nothing for a name, a number of times or a count."""
    return "deg" if name == LEAN else UNITS.get(name, "")


def told(values: Mapping[str, Any]) -> str:
    """Values with their units in a line."""
    return ", ".join(f"{name} {_told(name, value)}" for name, value in values.items())


def is_number(value: Any) -> bool:
    """Whether a value is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _told(name: str, value: Any) -> str:
    return f"{value:.4g} {unit_of(name)}".rstrip() if is_number(value) else str(value)


def request_of(values: Mapping[str, Any]) -> Request:
    """The request of flat values, as :meth:`Request.of` has them, and of what is chosen about the model.

    Raises
    ------
    InputError
        Names the field, the value and what is allowed.
    """
    aside = (*OF_MODEL, *VARIATIONS, EFFORT, *OPTIMISE)
    request = Request.of(**{name: value for name, value in values.items() if name not in aside})
    changes: dict[str, Any] = {}
    model = {name: values[name] for name in OF_MODEL if name in values}
    if model:
        changes["subject"] = replace(request.subject, **_of_subject(model))
    variation = check_variation((name, float(values[name])) for name in VARIATIONS if name in values)
    if variation:
        changes["variation"] = variation
    if EFFORT in values:
        changes["objective"] = request.objective.scaled(activation=_effort(values[EFFORT]))
    whole = request.model_copy(update=changes)
    texts = [values.get(name) for name in OPTIMISE]
    return whole.optimised(Optimisation.of(*texts)) if any(texts) else whole


def _of_subject(model: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of a subject from flat values of :data:`OF_MODEL`."""
    scales = {segment: float(model[name]) for name, segment in SEGMENT_SCALES.items() if name in model}
    factors = tuple((name, float(model[name])) for name in FACTORS if name in model)
    plain = {name: value for name, value in model.items() if name not in (*SEGMENT_SCALES, *FACTORS)}
    return plain | {
        "segment_factors": tuple((segment, (scale,) * 3) for segment, scale in scales.items()),
        "factors": factors,
    }


def _effort(value: Any) -> float:
    if not is_number(value) or not EFFORT_LIMITS[0] <= value <= EFFORT_LIMITS[1]:
        low, high = EFFORT_LIMITS
        raise InputError(f"{EFFORT} {value!r} cannot be used (allowed: a number from {low:g} to {high:g})")
    return float(value)


def absolute(values: Mapping[str, Any], relative: Mapping[str, float]) -> dict[str, Any]:
    """Values with those that are given in % of habit (+10 is 10 % more) turned into absolute ones.

    Raises
    ------
    InputError
        The habitual value of one of them is not known before a solve.
    """
    if not relative:
        return dict(values)
    for name in relative:
        if name not in RELATIVE:
            raise InputError(
                f"{name} cannot be given relative to habit (allowed for: {', '.join(RELATIVE)}): give its values"
            )
    habit = habitual_values(request_of(values))
    return {**values, **{name: habit[name] * (1.0 + change / 100.0) for name, change in relative.items()}}


def habitual_values(request: Request) -> dict[str, float]:
    """What the modifiers measure in the measured gait that the habit follows, by name.

    Step length and cadence are those of the solved habit too, the others nearly.
    """
    habit = request.habit
    return dict(_habitual((habit.strike, habit.left_strike), habit.speed, habit.subject, habit.variation))


@cache
def _habitual(
    strikes: tuple[str, str | None], speed: float, subject: Subject, variation: Variation
) -> dict[str, float]:
    scale = leg_scale(subject) if subject.is_scaled else None
    aim, other = (target(strike or strikes[0], speed, scale, variation) for strike in strikes)
    step_time = (aim.stride_time + other.stride_time) / 4
    return {
        "step_length": speed * step_time,
        "cadence": 60.0 / step_time,
        "knee_flexion": _knee_flexion(aim),
        "foot_strike_angle": between_markers(skeleton_angle(aim)),
        "trunk_lean": float(np.degrees(aim.lean)),
        **dict.fromkeys(("rotation", "arm_swing", "vertical_oscillation"), 1.0),
    }


def _knee_flexion(aim: Target) -> float:
    return -float(np.degrees(aim.coordinates["knee_angle_r"][0]))


def identity(request: Request) -> str:
    """All that a request asks, as one text: equal requests have equal texts."""
    whole = {
        "request": request.specification(),
        "subject": asdict(request.subject),
        "objective": hashlib.sha256(content(request.objective)).hexdigest(),
    }
    return json.dumps(plain(whole), sort_keys=True)
