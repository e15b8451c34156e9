"""What a run's numbers depend on, each as a change of its request: model, weights, habit, what is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from footstrike.control.modifiers import MODIFIERS, modifier
from footstrike.errors import unknown_name
from footstrike.gait.deviations import DEVIATIONS
from footstrike.model.changes import PROPERTIES
from footstrike.simulation.request import Request

OF_MODEL = 0.01
OF_WEIGHTS = 0.02
OF_HABIT = 0.05
ASKED = {"step_length": 0.002, "cadence": 0.2, "rotation": 0.01, "arm_swing": 0.01}
"""Steps of derivatives of what is asked for, in its unit; of the others, that of angles."""
OF_ANGLES = 0.1
OF_SPEED = 0.01
WEIGHT, DEVIATION = "weight_", "habit_"


@dataclass(frozen=True)
class Input:
    """A number that a run depends on.

    Attributes
    ----------
    name, unit
        As in tables; weights and properties of the model are factors on their own value.
    value
        What the request has.
    step
        How far it is changed for a derivative.
    usual
        How far it may well be from that: what tables of the largest sensitivities compare by.
    changed
        The request with another value.
    """

    name: str
    unit: str
    value: float
    step: float
    usual: float
    changed: Callable[[float], Request]


def inputs_of(request: Request) -> dict[str, Input]:
    """All inputs of a request by name: properties of the model, weights, habit, speed, what is asked for."""
    found = [
        *(_property(request, name) for name in PROPERTIES),
        *(_weight(request, name) for name, weight in request.objective.weights.items() if weight > 0.0),
        *(_deviation(request, name) for name in DEVIATIONS),
        Input("speed", "m/s", request.speed, OF_SPEED, 0.1, partial(_with, request, "speed")),
        *(_asked(request, m.name, m.value) for m in request.modifiers),
    ]
    if request.modified:
        found.append(
            Input("nearness", "times", request.nearness, OF_WEIGHTS, 0.5, partial(_with, request, "nearness"))
        )
    return {one.name: one for one in found}


def named_inputs(request: Request, names: tuple[str, ...]) -> list[Input]:
    """The named inputs, all if none is named.

    Raises
    ------
    InputError
        The request has no input of that name; the nearest is given.
    """
    known = inputs_of(request)
    for name in names:
        if name not in known:
            raise unknown_name("input", name, known)
    return [known[name] for name in names or known]


def _with(request: Request, field: str, value: object) -> Request:
    return request.model_copy(update={field: value})


def _property(request: Request, name: str) -> Input:
    others = tuple(pair for pair in request.subject.changes if pair[0] != name)

    def changed(value: float) -> Request:
        return _with(request, "subject", replace(request.subject, changes=(*others, (name, value))))

    return Input(name, "times", dict(request.subject.changes).get(name, 1.0), OF_MODEL, 0.1, changed)


def _weight(request: Request, term: str) -> Input:
    def changed(value: float) -> Request:
        return _with(request, "objective", request.objective.scaled(**{term: value}))

    return Input(f"{WEIGHT}{term}", "times", 1.0, OF_WEIGHTS, 0.5, changed)


def _deviation(request: Request, name: str) -> Input:
    def changed(value: float) -> Request:
        return _with(request, "deviations", {**request.deviations, name: value})

    return Input(f"{DEVIATION}{name}", "SD", request.deviations.get(name, 0.0), OF_HABIT, 1.0, changed)


def _asked(request: Request, name: str, value: float) -> Input:
    def changed(new: float) -> Request:
        others = (m if m.name != name else modifier(name, new) for m in request.modifiers)
        return _with(request, "modifiers", tuple(others))

    step = ASKED.get(name, OF_ANGLES)
    return Input(name, MODIFIERS[name].unit, value, step, 10 * step, changed)
