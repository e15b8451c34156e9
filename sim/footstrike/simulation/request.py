"""What may be asked of a simulation: every field with its unit and its limits, checked before any work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from footstrike.errors import InputError, unknown_name
from footstrike.gait.targets import SPEED_LIMITS, STRIKES
from footstrike.model.limits import GENERIC_HEIGHT_M, HEIGHT_LIMITS_M, MASS_LIMITS_KG
from footstrike.model.subject import Subject

STEP_TIME_LIMITS = (0.25, 0.50)
LEG_SHARE_OF_HEIGHT = 0.53  # Winter 1990, as used by Morin et al. 2005
REACH_PER_LEG = 1.2  # distance covered in stance, in leg lengths
LONGEST_FLIGHT_S = 0.20

UNITS = {
    "speed": "m/s",
    "step_length": "m",
    "knee_flexion": "deg",
    "height": "m",
    "mass": "kg",
}
_UNIT_IN_NAMES = {"m/s": "mps"}
WHO = ("strike", "speed", "height", "mass", "sex")
"""Fields that say who runs, and how fast."""
HOW = ("legs", "points", "starts")
"""Fields that say how the gait is computed. All others ask something of it."""
RECORDED = ("target", "leg_length_m", "model", "versions", "muscle_mass_kg", "runner", "problem")
"""What a run's specification records beside the request."""

CHOICES = {
    "strike": STRIKES,
    "left_strike": STRIKES,
    "legs": ("muscles", "torques"),
    "sex": ("female", "male"),
}


class Request(BaseModel):
    """One simulation of running.

    Attributes
    ----------
    strike
        ``rearfoot``; ``forefoot``, the measured group of that label, most of whom land on the midfoot; or
        ``true_forefoot``, the pattern of one runner.
    speed
        Running speed, 2.0 to 5.5 m/s.
    step_length
        m; the habitual one of the strike and speed if ``None``. The gait departs from the habitual one
        (:mod:`footstrike.control.proximal`), here and with ``knee_flexion``.
    free_step
        Whether the solver may choose the step length, within 15 % of the habitual one.
    knee_flexion
        At contact, deg; what the strike and speed bring if ``None``.
    height, mass
        m, kg; those of the reference runner (1.80 m, 75.3 kg) if ``None``.
    sex
        ``female`` or ``male``: proportions and mass shares; those of a man if ``None``.
    legs
        What drives the legs: ``muscles``, or ``torques`` (the trunk's muscles are shared out afterwards).
    left_strike
        Strike of the left foot where it is another one; a whole stride is solved then.
    points
        Collocation points over a step.
    starts
        Number of initial guesses, of which the best solution counts.

    Raises
    ------
    InputError
        Names the field, the value and what is allowed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    strike: Literal["rearfoot", "forefoot", "true_forefoot"]
    speed: float = Field(3.5, ge=SPEED_LIMITS[0], le=SPEED_LIMITS[1])
    step_length: float | None = Field(None, gt=0)
    free_step: bool = False
    knee_flexion: float | None = Field(None, ge=0, le=60)
    height: float | None = Field(None, ge=HEIGHT_LIMITS_M[0], le=HEIGHT_LIMITS_M[1])
    mass: float | None = Field(None, ge=MASS_LIMITS_KG[0], le=MASS_LIMITS_KG[1])
    sex: Literal["female", "male"] | None = None
    legs: Literal["muscles", "torques"] = "muscles"
    left_strike: Literal["rearfoot", "forefoot", "true_forefoot"] | None = None
    points: int = Field(96, ge=30, le=480)
    starts: int = Field(1, ge=1, le=100)

    def __init__(self, **fields: Any) -> None:
        try:
            super().__init__(**fields)
        except ValidationError as error:
            raise _explained(error.errors()[0]) from None

    @model_validator(mode="after")
    def _possible(self) -> Request:
        self.runner()
        if self.free_step and self.step_length is not None:
            raise InputError(
                f"free_step and step_length {self.step_length:g} m exclude each other: leave one out"
            )
        if self.step_length is not None:
            shortest, longest = step_length_limits(self.speed, self.height or GENERIC_HEIGHT_M)
            if not shortest <= self.step_length <= longest:
                raise InputError(
                    f"step_length {self.step_length:g} m is out of reach at {self.speed:g} m/s "
                    f"(allowed: {shortest:.2f} to {longest:.2f} m)"
                )
        return self

    def runner(self) -> Subject:
        """What the model of this request is built from."""
        legs = "hamner" if self.legs == "muscles" else "none"
        return Subject(height=self.height, mass=self.mass, sex=self.sex, legs=legs)

    def specification(self) -> dict[str, Any]:
        """Return the request as JSON-able data with units in the names, for :attr:`Run.spec`."""
        return {_with_unit(name): value for name, value in self.model_dump().items()}


def asked_for(specification: Mapping[str, Any]) -> set[str]:
    """What a run's specification asks of the gait beside who runs, how fast, and how it is computed; by its names.

    Nothing for a habitual gait. What no field or record is known for counts as asked for.
    """
    aside = {*map(_with_unit, (*WHO, *HOW)), *RECORDED}
    usual = {_with_unit(name): field.default for name, field in Request.model_fields.items()}
    return {
        name
        for name, value in specification.items()
        if name not in aside and value not in (None, usual.get(name))
    }


def _with_unit(field: str) -> str:
    unit = UNITS.get(field)
    return f"{field}_{_UNIT_IN_NAMES.get(unit, unit)}" if unit else field


def step_length_limits(speed: float, height: float = GENERIC_HEIGHT_M) -> tuple[float, float]:
    """Shortest and longest step (m) that a runner can take at a speed (m/s).

    A step takes 0.25 to 0.50 s, and is not longer than 1.2 leg lengths on the ground and 0.2 s in the air.
    """
    shortest, longest = (speed * time for time in STEP_TIME_LIMITS)
    reach = REACH_PER_LEG * LEG_SHARE_OF_HEIGHT * height + speed * LONGEST_FLIGHT_S
    return shortest, min(longest, reach)


def _explained(error: ErrorDetails) -> InputError:
    """Turn what pydantic found into one line: the field, the value, what is allowed."""
    field = str(error["loc"][0]) if error["loc"] else "request"
    if error["type"] == "extra_forbidden":
        return unknown_name("field of the request", field, Request.model_fields)
    if error["type"] == "missing":
        return InputError(f"{field} is missing (allowed: {_allowed(field)})")
    if error["type"] == "literal_error":
        return unknown_name(field, str(error["input"]), CHOICES[field])
    return InputError(f"{_shown(field, error['input'])} cannot be used (allowed: {_allowed(field)})")


def _shown(field: str, value: Any) -> str:
    unit = UNITS.get(field, "") if isinstance(value, (int, float)) else ""
    return f"{field} {value!r} {unit}".rstrip()


def _allowed(field: str) -> str:
    if field in CHOICES:
        return ", ".join(CHOICES[field])
    limits = {type(item).__name__: item for item in Request.model_fields[field].metadata}
    low, high = getattr(limits.get("Ge"), "ge", None), getattr(limits.get("Le"), "le", None)
    kind = "a whole number" if Request.model_fields[field].annotation is int else "a number"
    span = f" from {low:g} to {high:g}" if low is not None and high is not None else " above 0"
    return f"{kind}{span} {UNITS.get(field, '')}".rstrip()
