"""How a runner's habit differs from the mean of the group: an own target, in SDs between runners.

A curve that repeats on both sides is shifted as a whole, by the mean over the stride of its SD; one that reverses sign with
the side (rotation and side bending of pelvis and trunk) keeps its mean at zero and has another amplitude. What else is
correlated with it between runners is not moved along: each deviation stands for itself.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from footstrike.errors import InputError, unknown_name
from footstrike.gait.targets import COORDINATES, SIDED, TRANSLATIONS, Target
from footstrike.model.sides import REVERSING

MOST = 3.0
"""SDs; a runner beyond is not of the group."""

LEAN = "lean"
_AXIAL = tuple(n for n in COORDINATES if n[-2:] not in ("_r", "_l") and n not in TRANSLATIONS)
DEVIATIONS = (LEAN, *_AXIAL, *SIDED)
"""Names: mean forward lean of the thorax, the coordinates of pelvis and trunk, and those of both legs and arms without side."""


def check_deviations(deviations: Mapping[str, object]) -> None:
    """Refuse unknown names, and numbers that are none or beyond :data:`MOST`.

    Raises
    ------
    InputError
        Names the deviation, its value and what is allowed.
    """
    for name, value in deviations.items():
        if name not in DEVIATIONS:
            raise unknown_name("deviation", name, DEVIATIONS)
        number = value if isinstance(value, int | float) else math.nan
        if not abs(number) <= MOST:
            raise InputError(
                f"deviation {name} {value!r} cannot be used (allowed: -{MOST:g} to {MOST:g} SD between runners)"
            )


def deviated(target: Target, deviations: Mapping[str, float]) -> Target:
    """The target of a runner who differs from the group's mean by so many SDs; the same object if by none."""
    for name, value in deviations.items():
        target = _leaning(target, value) if name == LEAN else _moved(target, name, value)
    return target


def _leaning(target: Target, sds: float) -> Target:
    """The spine leans the thorax forward; flexion is negative."""
    more = sds * target.lean_spread
    spine = target.coordinates["lumbar_extension"] - more
    return replace(
        target, lean=target.lean + more, coordinates={**target.coordinates, "lumbar_extension": spine}
    )


def _moved(target: Target, name: str, sds: float) -> Target:
    new = dict(target.coordinates)
    for own in [f"{name}_r", f"{name}_l"] if name in SIDED else [name]:
        curve, spread = new[own], float(np.mean(target.spread[own][:-1]))
        if name in REVERSING and name not in SIDED:
            size = float(np.sqrt(np.mean(curve[:-1] ** 2)))
            new[own] = curve * (1.0 + sds * spread / size)
        else:
            new[own] = curve + sds * spread
    return replace(target, coordinates=new)
