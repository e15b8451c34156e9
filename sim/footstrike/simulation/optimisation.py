"""What an optimised gait is asked for: what it is optimised for, what is free, what limits it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from footstrike.brief import brief
from footstrike.control.goals import Goal, goal
from footstrike.control.modifiers import MODIFIERS
from footstrike.errors import InputError, unknown_name

ALL = "all"
DEFAULT_FREE = ("step_length", "knee_flexion")
FREE_LENGTH = 0.15  # of the habitual step length or cadence
LIMITS: dict[str, tuple[float, float]] = {
    "knee_flexion": (5.0, 40.0),
    "foot_strike_angle": (-10.0, 20.0),
    "trunk_lean": (0.0, 20.0),
    "rotation": (0.5, 1.5),
    "arm_swing": (0.5, 1.5),
    "vertical_oscillation": (0.7, 1.3),
}
"""Limits of what is free, in the modifier's unit; step length and cadence stay within :data:`FREE_LENGTH` of the habitual."""


@dataclass(frozen=True)
class Optimisation:
    """What of a gait is made small, and what may change for it.

    Attributes
    ----------
    objective
        Goals (:mod:`footstrike.control.goals`) with their weights: of each the value over that of the habitual gait counts.
    free
        Modifiers whose values are chosen, everything else being the nearest to habit, as in a modified gait; or ``("all",)``,
        the whole motion.
    budgets
        Limited goals, with how many per cent each may be above its habitual value.
    limits
        Of free modifiers, in their units, where not :data:`LIMITS`.
    """

    __repr__ = brief

    objective: tuple[tuple[Goal, float], ...] = ((goal("peak_compression"), 1.0),)
    free: tuple[str, ...] = DEFAULT_FREE
    budgets: tuple[tuple[Goal, float], ...] = ()
    limits: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.objective:
            raise InputError("objective is empty (allowed: NAME[=WEIGHT], at least one)")
        for name in self.free:
            if name != ALL and name not in MODIFIERS:
                raise unknown_name("what is free", name, (ALL, *MODIFIERS))
        if ALL in self.free and len(self.free) > 1:
            raise InputError("free: all leaves nothing else to free: leave the others out")
        if {"step_length", "cadence"} <= set(self.free):
            raise InputError("free: step_length and cadence are the same thing: leave one out")
        for name, (low, high) in self.limits.items():
            if name not in self.free:
                raise InputError(f"limits of {name}, which is not free (free: {', '.join(self.free)})")
            if not low < high:
                raise InputError(f"limits {low:g} to {high:g} of {name} are empty")

    @classmethod
    def of(
        cls,
        objective: str | Mapping[str, float] | None = None,
        free: str | Iterable[str] | None = None,
        budgets: str | Mapping[str, float] | None = None,
        limits: Mapping[str, tuple[float, float]] | None = None,
    ) -> Optimisation:
        """From texts, as the command line has them: ``NAME=WEIGHT,...``, names, ``NAME=PCT,...``."""
        fields: dict[str, Any] = {"limits": {_plain(k): v for k, v in (limits or {}).items()}}
        if objective is not None:
            fields["objective"] = _goals(objective, 1.0, "weight", 0.0)
        if free is not None:
            names = free.split(",") if isinstance(free, str) else free
            fields["free"] = tuple(_plain(name) for name in names)
        if budgets is not None:
            fields["budgets"] = _goals(budgets, None, "budget", -100.0)
        return cls(**fields)

    @property
    def everything(self) -> bool:
        """Whether the whole motion is free."""
        return self.free == (ALL,)

    def specification(self) -> dict[str, Any]:
        """JSON-able, for a run's record."""
        return {
            "objective": {str(g): w for g, w in self.objective},
            "free": list(self.free),
            "budgets_pct": {str(g): p for g, p in self.budgets},
            "limits": {name: list(pair) for name, pair in self.limits.items()},
        }


def _goals(
    asked: str | Mapping[str, float], default: float | None, what: str, least: float
) -> tuple[tuple[Goal, float], ...]:
    pairs: Iterable[tuple[str, Any]]
    if isinstance(asked, str):
        split = [part.split("=", 1) for part in asked.split(",") if part.strip()]
        pairs = [(part[0].strip(), part[1] if len(part) > 1 else default) for part in split]
    else:
        pairs = asked.items()
    return tuple((goal(name), _number(name, value, what, least)) for name, value in pairs)


def _number(name: str, value: Any, what: str, least: float) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not (math.isfinite(number) and number > least):
        raise InputError(f"{what} {value!r} of {name} cannot be used (allowed: a number above {least:g})")
    return number


def _plain(name: str) -> str:
    return name.strip().replace("-", "_")
