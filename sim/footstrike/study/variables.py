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
from footstrike.gait.deviations import deviated
from footstrike.gait.foot_strike import between_markers, skeleton_angle
from footstrike.gait.targets import Target, target
from footstrike.model.anthropometry import SEGMENTS
from footstrike.model.changes import PROPERTIES
from footstrike.model.scaling import leg_scale
from footstrike.model.subject import Subject
from footstrike.simulation.request import OF_SUBJECT, PARTS, UNITS, Request, SolverOptions

SEGMENT_SCALES = {f"{segment}_scale": segment for segment in SEGMENTS}
"""Length of a segment over that of the generic runner, by the name of the variable."""
OF_MODEL = ("rhythm", "trunk", *SEGMENT_SCALES, *PROPERTIES)
"""What of a subject is chosen about the model, not about the person."""
VARIABLES = (
    *(name for name in Request.model_fields if name not in PARTS),
    *OF_SUBJECT,
    *MODIFIERS,
    *SolverOptions.model_fields,
    *OF_MODEL,
)
"""All names that a sweep's file may use."""
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
    return UNITS.get(name, "")


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
    model = {name: values[name] for name in OF_MODEL if name in values}
    request = Request.of(**{name: value for name, value in values.items() if name not in model})
    if not model:
        return request
    scales = tuple(
        (SEGMENT_SCALES[name], (float(model.pop(name)),) * 3) for name in SEGMENT_SCALES if name in model
    )
    changes = tuple((name, float(model.pop(name))) for name in PROPERTIES if name in model)
    subject = replace(request.subject, segment_factors=scales, changes=changes, **model)
    return request.model_copy(update={"subject": subject})


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
    scale = _leg_scale(habit.subject) if habit.subject.is_scaled else None
    aim, other = (
        deviated(target(strike, habit.speed, scale), habit.deviations)
        for strike in (habit.strike, habit.left_strike or habit.strike)
    )
    step_time = (aim.stride_time + other.stride_time) / 4
    return {
        "step_length": habit.speed * step_time,
        "cadence": 60.0 / step_time,
        "knee_flexion": _knee_flexion(aim),
        "foot_strike_angle": between_markers(skeleton_angle(aim)),
        "trunk_lean": float(np.degrees(aim.lean)),
        **dict.fromkeys(("rotation", "arm_swing", "vertical_oscillation"), 1.0),
    }


@cache
def _leg_scale(subject: Subject) -> float:
    return leg_scale(subject)


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
