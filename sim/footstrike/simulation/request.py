"""What may be asked of a simulation: every field with its unit and its limits, checked before any work."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, InstanceOf, ValidationError, model_validator
from pydantic_core import ErrorDetails

from footstrike.control.modifiers import MODIFIERS, Cadence, Modifier, StepLength, modifier
from footstrike.control.terms import HABITUAL, Objective
from footstrike.errors import InputError, unknown_name
from footstrike.gait.targets import SPEED_LIMITS, STRIKES
from footstrike.gait.variation import Variation, check_variation
from footstrike.model.limits import GENERIC_HEIGHT_M, step_length_limits
from footstrike.model.subject import SIMULATED, Subject
from footstrike.simulation.optimisation import Optimisation

UNITS = {"speed": "m/s", "height": "m", "mass": "kg"} | {name: kind.unit for name, kind in MODIFIERS.items()}
_UNIT_IN_NAMES = {"m/s": "mps"}
PARTS = ("subject", "modifiers", "objective", "options", "optimise", "variation")
"""Fields of a request that are objects of their own."""
OF_SUBJECT = ("height", "mass", "sex", "legs")
"""What a flat request says of the subject."""
WHO = ("strike", "speed", "height", "mass", "sex", "variation")
"""Fields of a record that say who runs, and how fast."""
HOW = ("legs", "nearness", "points", "starts")
"""Fields of a record that say how the gait is computed. All others ask something of it."""
RECORDED = ("target", "leg_length_m", "model", "versions", "muscle_mass_kg", "runner", "problem")
"""What a run's specification records beside the request."""

Strike = Literal["rearfoot", "forefoot", "true_forefoot"]
CHOICES = {
    "strike": STRIKES,
    "left_strike": STRIKES,
    "from_strike": STRIKES,
    "legs": ("muscles", "torques"),
    "sex": ("female", "male"),
}
_LEG_SETS = {"muscles": "hamner", "torques": "none"}


class _Checked(BaseModel):
    """Fields whose errors are one line: the field, the value, what is allowed."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    def __init__(self, **fields: Any) -> None:
        try:
            super().__init__(**fields)
        except ValidationError as error:
            raise _explained(error.errors()[0], type(self)) from None

    def __repr__(self) -> str:
        told = [name for name in type(self).model_fields if name in self.model_fields_set]
        return f"{type(self).__name__}({', '.join(f'{name}={getattr(self, name)!r}' for name in told)})"

    __str__ = __repr__


class SolverOptions(_Checked):
    """How a gait is computed.

    Attributes
    ----------
    points
        Collocation points over a step.
    starts
        Number of initial guesses, of which the best solution counts.
    """

    points: int = Field(default=96, ge=30, le=480)
    starts: int = Field(default=1, ge=1, le=100)


class Request(_Checked):
    """One simulation of running: what gait, who runs, what is modified, how it is solved.

    Attributes
    ----------
    strike
        ``rearfoot``; ``forefoot``, the measured group of that label, most of whom land on the midfoot; or
        ``true_forefoot``, the pattern of one runner.
    speed
        Running speed, 2.0 to 5.5 m/s.
    left_strike
        Strike of the left foot where it is another one; a whole stride is solved then.
    from_strike
        The habitual strike of a runner who is asked to land as ``strike`` (a conversion); step length is free then.
    free_step
        Whether the solver may choose the step length, within 15 % of the habitual one.
    nearness
        How much the distance from the habitual motion counts in a modified gait beside the changes of muscles and
        smoothness, times the usual.
    subject
        Who runs.
    modifiers
        What is asked of the gait beside (:mod:`footstrike.control.modifiers`): it is then the gait nearest to the
        habitual one in which that holds.
    objective
        Terms and weights (:mod:`footstrike.control.terms`).
    variation
        How the reference gait differs from the mean of its group (:mod:`footstrike.gait.variation`).
    optimise
        What the gait is optimised for, if it is.
    options
        How it is solved.

    Raises
    ------
    InputError
        Names the field, the value and what is allowed.
    """

    strike: Strike
    speed: float = Field(default=3.5, ge=SPEED_LIMITS[0], le=SPEED_LIMITS[1])
    left_strike: Strike | None = None
    from_strike: Strike | None = None
    free_step: bool = False
    nearness: float = Field(default=1.0, ge=0.1, le=10.0)
    subject: InstanceOf[Subject] = SIMULATED
    modifiers: tuple[InstanceOf[Modifier], ...] = ()
    objective: InstanceOf[Objective] = HABITUAL
    variation: Variation = ()
    optimise: InstanceOf[Optimisation] | None = None
    options: SolverOptions = Field(default_factory=lambda: SolverOptions())

    @classmethod
    def of(cls, **fields: Any) -> Request:
        """A request from flat fields, as a command line or a file has them.

        Beside those of the class: ``height``, ``mass``, ``sex`` and ``legs`` (``muscles`` or ``torques``) of the subject,
        every modifier by its name, ``points`` and ``starts``. None is as good as not given.
        """
        given = {name: value for name, value in fields.items() if value is not None}
        body = {name: given.pop(name) for name in OF_SUBJECT if name in given}
        asked = {name: given.pop(name) for name in MODIFIERS if name in given}
        how = {name: given.pop(name) for name in SolverOptions.model_fields if name in given}
        for name in given:
            if name not in cls.model_fields or name in PARTS:
                own = [name for name in cls.model_fields if name not in PARTS]
                known = [*own, *OF_SUBJECT, *MODIFIERS, *SolverOptions.model_fields]
                raise unknown_name("field of the request", name, known)
        modifiers = tuple(modifier(name, _number(name, value)) for name, value in asked.items())
        return cls(**given, subject=_subject(body), modifiers=modifiers, options=SolverOptions(**how))

    @model_validator(mode="after")
    def _possible(self) -> Request:
        check_variation(self.variation)
        names = [m.name for m in self.modifiers]
        doubled = [name for name in names if names.count(name) > 1]
        if doubled:
            raise InputError(f"{doubled[0]} is asked for twice: leave one out")
        if self.optimise:
            self._check_optimised(names)
        timing = [m for m in self.modifiers if isinstance(m, (StepLength, Cadence))]
        if len(timing) > 1:
            raise InputError("step_length and cadence exclude each other: leave one out")
        if timing and self.free_step:
            raise InputError(
                f"free_step and {timing[0].name} {timing[0].value:g} {timing[0].unit} exclude each other: leave one out"
            )
        for m in timing:
            self._check_step(m)
        return self

    def _check_optimised(self, held: list[str]) -> None:
        if not self.muscle_driven:
            raise InputError("legs 'torques' cannot be optimised: loads need muscles (allowed: muscles)")
        if self.left_strike is not None:
            raise InputError("left_strike and an optimised gait exclude each other: leave one out")
        both = set(held) & set(self.optimise.free if self.optimise else ())
        if both:
            raise InputError(f"{sorted(both)[0]} is held and free at once: leave one out")

    def _check_step(self, m: Modifier) -> None:
        shortest, longest = step_length_limits(self.speed, self.subject.height or GENERIC_HEIGHT_M)
        step = m.value if isinstance(m, StepLength) else 60.0 * self.speed / m.value
        if not shortest <= step <= longest:
            what = "" if isinstance(m, StepLength) else f" ({step:.2f} m a step)"
            raise InputError(
                f"{m.name} {m.value:g} {m.unit}{what} is out of reach at {self.speed:g} m/s "
                f"(allowed: steps of {shortest:.2f} to {longest:.2f} m)"
            )

    @property
    def habit(self) -> Request:
        """The same runner as he runs without being asked for anything."""
        strike = self.from_strike or self.strike
        how = self.options.model_copy(update={"starts": 1})
        changes = {
            "strike": strike,
            "from_strike": None,
            "modifiers": (),
            "free_step": False,
            "nearness": 1.0,
            "optimise": None,
            "options": how,
        }
        return self.model_copy(update=changes)

    @property
    def nominal(self) -> Request:
        """The same request of a runner who differs from the mean of his group in nothing that is drawn at random: itself for most."""
        of = self.subject
        if not (self.variation or of.factors or of.tone is not None or of.disc_springs):
            return self
        body = Subject(legs=of.legs, trunk=of.trunk)
        return self.model_copy(update={"subject": body, "variation": ()})

    def optimised(self, asked: Optimisation) -> Request:
        """The same runner, his gait optimised."""
        return type(self)(
            **{name: getattr(self, name) for name in self.model_fields_set} | {"optimise": asked}
        )

    @property
    def modified(self) -> bool:
        """Whether it asks for more than a habitual gait."""
        return bool(self.modifiers) or self.from_strike is not None or self.optimise is not None

    @property
    def step_is_free(self) -> bool:
        """Whether the solver chooses the step length."""
        held = any(isinstance(m, (StepLength, Cadence)) for m in self.modifiers)
        return self.free_step or (self.from_strike is not None and not held)

    @property
    def muscle_driven(self) -> bool:
        """Whether muscles drive the legs; actuators do otherwise, and the trunk's muscles share the load afterwards."""
        return self.subject.legs != "none"

    def specification(self) -> dict[str, Any]:
        """Return the request as flat JSON-able data with units in the names, for :attr:`Run.spec`."""
        fields: dict[str, Any] = {
            "strike": self.strike,
            "speed": self.speed,
            "left_strike": self.left_strike,
            "from_strike": self.from_strike,
            "free_step": self.free_step,
            "nearness": self.nearness,
            "height": self.subject.height,
            "mass": self.subject.mass,
            "sex": self.subject.sex,
            "legs": "muscles" if self.muscle_driven else "torques",
            "optimise": self.optimise.specification() if self.optimise else None,
            **self.options.model_dump(),
        }
        asked = {kind.key(): None for kind in MODIFIERS.values()} | {m.key(): m.value for m in self.modifiers}
        own = {"variation": dict(self.variation)} if self.variation else {}
        return {_with_unit(name): value for name, value in fields.items()} | asked | own


def _subject(body: dict[str, Any]) -> Subject:
    """The subject of a flat request."""
    legs = body.pop("legs", "muscles")
    if legs not in _LEG_SETS:
        raise unknown_name("legs", str(legs), CHOICES["legs"])
    if body.get("sex") is not None and body["sex"] not in CHOICES["sex"]:
        raise unknown_name("sex", str(body["sex"]), CHOICES["sex"])
    sizes: dict[str, Any] = {name: _number(name, body[name]) for name in ("height", "mass") if name in body}
    return Subject(**{**body, **sizes}, legs=_LEG_SETS[legs])


def _number(name: str, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        allowed = MODIFIERS[name].allowed() if name in MODIFIERS else "a number"
        raise InputError(f"{_shown(name, value)} cannot be used (allowed: {allowed})")
    return number


def asked_for(specification: Mapping[str, Any]) -> set[str]:
    """What a run's specification asks of the gait beside who runs, how fast, and how it is computed; by its names.

    Nothing for a habitual gait. What no field or record is known for counts as asked for.
    """
    aside = {*map(_with_unit, (*WHO, *HOW)), *RECORDED}
    return {
        name
        for name, value in specification.items()
        if name not in aside and value is not None and value is not False
    }


def _with_unit(field: str) -> str:
    unit = UNITS.get(field)
    return f"{field}_{_UNIT_IN_NAMES.get(unit, unit)}" if unit else field


def _explained(error: ErrorDetails, kind: type[BaseModel]) -> InputError:
    """Turn what pydantic found into one line: the field, the value, what is allowed."""
    field = str(error["loc"][0]) if error["loc"] else "request"
    if error["type"] == "extra_forbidden":
        return unknown_name("field of the request", field, kind.model_fields)
    if error["type"] == "missing":
        return InputError(f"{field} is missing (allowed: {_allowed(field, kind)})")
    if error["type"] == "literal_error":
        return unknown_name(field, str(error["input"]), CHOICES[field])
    return InputError(f"{_shown(field, error['input'])} cannot be used (allowed: {_allowed(field, kind)})")


def _shown(field: str, value: Any) -> str:
    unit = UNITS.get(field, "") if isinstance(value, (int, float)) else ""
    return f"{field} {value!r} {unit}".rstrip()


def _allowed(field: str, kind: type[BaseModel]) -> str:
    if field in CHOICES:
        return ", ".join(CHOICES[field])
    limits = {type(item).__name__: item for item in kind.model_fields[field].metadata}
    low, high = getattr(limits.get("Ge"), "ge", None), getattr(limits.get("Le"), "le", None)
    number = "a whole number" if kind.model_fields[field].annotation is int else "a number"
    span = f" from {low:g} to {high:g}" if low is not None and high is not None else " above 0"
    return f"{number}{span} {UNITS.get(field, '')}".rstrip()
