"""What a run's numbers depend on, each as a change of its request: model, weights, habit, what is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from footstrike.control.modifiers import MODIFIERS, modifier
from footstrike.errors import unknown_name
from footstrike.gait.targets import STRIKER
from footstrike.gait.variation import LEAN, MOMENTS, VARIATIONS, check_variation, nominal
from footstrike.model.factors import FACTORS
from footstrike.simulation.request import Request

OF_MODEL = 0.01
OF_WEIGHTS = 0.02
OF_SCORES = 0.05
OF_MOMENTS = 0.02
ASKED = {"step_length": 0.002, "cadence": 0.2, "rotation": 0.01, "arm_swing": 0.01}
"""Steps of derivatives of what is asked for, in its unit; of the others, that of angles."""
OF_ANGLES = 0.1
OF_SPEED = 0.01
WEIGHT = "weight_"


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
    strikes = request.strike, request.left_strike, request.from_strike
    found = [
        *(_factor(request, name) for name in FACTORS),
        *(_weight(request, name) for name, weight in request.objective.weights.items() if weight > 0.0),
        *(_variation(request, name) for name in VARIATIONS if STRIKER not in strikes),
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


def _factor(request: Request, name: str) -> Input:
    others = tuple(pair for pair in request.subject.factors if pair[0] != name)

    def changed(value: float) -> Request:
        return _with(request, "subject", replace(request.subject, factors=(*others, (name, value))))

    return Input(name, "times", dict(request.subject.factors).get(name, 1.0), OF_MODEL, 0.1, changed)


def _weight(request: Request, term: str) -> Input:
    def changed(value: float) -> Request:
        return _with(request, "objective", request.objective.scaled(**{term: value}))

    return Input(f"{WEIGHT}{term}", "times", 1.0, OF_WEIGHTS, 0.5, changed)


def _variation(request: Request, name: str) -> Input:
    own = dict(request.variation)

    def changed(value: float) -> Request:
        return _with(request, "variation", check_variation((own | {name: value}).items()))

    unit, step, usual = ("SD", OF_SCORES, 1.0)
    if name == LEAN:
        unit, step, usual = ("deg", OF_ANGLES, 1.0)
    elif name in MOMENTS:
        unit, step, usual = ("times", OF_MOMENTS, 0.1)
    return Input(name, unit, own.get(name, nominal(name)), step, usual, changed)


def _asked(request: Request, name: str, value: float) -> Input:
    def changed(new: float) -> Request:
        others = (m if m.name != name else modifier(name, new) for m in request.modifiers)
        return _with(request, "modifiers", tuple(others))

    step = ASKED.get(name, OF_ANGLES)
    return Input(name, MODIFIERS[name].unit, value, step, 10 * step, changed)
