"""How a sweep's file spells the values of a variable: a list, a range, either of them relative to habit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from footstrike.brief import brief
from footstrike.errors import InputError, unknown_name

Scalar = float | str | bool
RELATIVE_UNIT = "%"


@dataclass(frozen=True)
class Values:
    """Values of one variable.

    Attributes
    ----------
    listed
        The values in their order; of a range in a sample, its two ends.
    relative
        Whether they are changes from the habitual value, %.
    """

    __repr__ = brief

    listed: tuple[Scalar, ...]
    relative: bool = False


def read_values(name: str, given: Any, unit: str) -> Values:
    """The values of a variable in a grid.

    Parameters
    ----------
    given
        ``[5, 10]``; ``{from = 5, to = 40, count = 8}`` or ``{from = 5, to = 40, step = 5}``; ``{relative = ...}`` around
        either of these. A table may say its ``unit``, which must be the variable's own.
    unit
        Of the variable.

    Raises
    ------
    InputError
        Names the variable, what was given and what is allowed.
    """
    if isinstance(given, dict):
        own = _check_table(name, given, unit, ("values", "from", "to", "count", "step", "relative", "unit"))
        if "relative" in given:
            inner = {k: v for k, v in own.items() if k != "relative"}
            if inner:
                raise InputError(
                    f"{name}: relative and {next(iter(inner))} exclude each other: leave one out"
                )
            return Values(read_values(name, given["relative"], RELATIVE_UNIT).listed, relative=True)
        if "values" in given:
            return read_values(name, given["values"], unit)
        return Values(_spaced(name, given))
    if not isinstance(given, list):
        given = [given]
    if not given:
        raise InputError(f"{name} has no values (allowed: at least one)")
    listed = tuple(checked(name, value) for value in given)
    doubled = [value for value in listed if listed.count(value) > 1]
    if doubled:
        raise InputError(f"{name} has the value {doubled[0]!r} twice: leave one out")
    return Values(listed)


def read_ends(name: str, given: Any, unit: str) -> Values:
    """The range of a variable in a sample: ``[low, high]`` or ``{from = low, to = high}``, or ``{relative = ...}``.

    Raises
    ------
    InputError
        Names the variable, what was given and what is allowed.
    """
    if isinstance(given, dict):
        _check_table(name, given, unit, ("from", "to", "relative", "unit"))
        if "relative" in given:
            return Values(read_ends(name, given["relative"], RELATIVE_UNIT).listed, relative=True)
        given = _ends(name, given)
    if not isinstance(given, (list, tuple)) or len(given) != 2:
        raise InputError(f"{name} {given!r} is not a range (allowed: [low, high])")
    low, high = (_number(name, value) for value in given)
    if not low < high:
        raise InputError(f"{name}: the range from {low:g} to {high:g} is empty (allowed: low before high)")
    return Values((low, high))


def checked(name: str, value: Any) -> Scalar:
    """A number that is one, a text, or true or false.

    Raises
    ------
    InputError
        It is something else.
    """
    if isinstance(value, (bool, str)):
        return value
    return _number(name, value)


def _check_table(name: str, given: dict[str, Any], unit: str, allowed: Sequence[str]) -> dict[str, Any]:
    """Check names and unit, and return the rest."""
    for key in given:
        if key not in allowed:
            raise unknown_name(f"entry of {name}", key, allowed)
    said = given.get("unit")
    expected = RELATIVE_UNIT if "relative" in given else unit
    if said is not None and said != expected:
        raise InputError(f"{name}: unit {said!r} cannot be used (allowed: {expected or 'none'!r})")
    return {key: value for key, value in given.items() if key != "unit"}


def _ends(name: str, given: dict[str, Any]) -> tuple[float, float]:
    for end in ("from", "to"):
        if end not in given:
            raise InputError(
                f"{name}: {end!r} is missing (allowed: a list of values, or from, to, and count or step)"
            )
    low, high = _number(name, given["from"]), _number(name, given["to"])
    if not low < high:
        raise InputError(f"{name}: the range from {low:g} to {high:g} is empty (allowed: low before high)")
    return low, high


def _spaced(name: str, given: dict[str, Any]) -> tuple[Scalar, ...]:
    low, high = _ends(name, given)
    if ("count" in given) == ("step" in given):
        raise InputError(f"{name}: a range needs either count or step")
    if "count" in given:
        count = given["count"]
        if isinstance(count, bool) or not isinstance(count, int) or count < 2:
            raise InputError(f"{name}: count {count!r} cannot be used (allowed: a whole number from 2)")
        return tuple(round(low + (high - low) * i / (count - 1), 12) for i in range(count))
    step = _number(name, given["step"])
    if step <= 0.0:
        raise InputError(f"{name}: step {step:g} cannot be used (allowed: above 0)")
    steps = math.floor((high - low) / step + 1e-9)
    return tuple(round(low + step * i, 12) for i in range(steps + 1))


def _number(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise InputError(f"{name} {value!r} cannot be used (allowed: a number)")
    return value
