"""How the reference gait of one runner differs from the mean of a group: scores of measured modes, lean, and moments.

Modes are principal components between runners (`experiments/targets/modes.py`): of legs, ground force and times within the
strike groups of Fukuchi et al. 2017, of trunk and arms among the ten of Hamner & Delp 2013. A score counts SDs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from footstrike.errors import InputError, unknown_name
from footstrike.gait import habitual_tables

Array = NDArray[np.float64]
Variation = tuple[tuple[str, float], ...]
"""(name, value) of :data:`VARIATIONS`; nothing for the mean of the group."""

LEG_MODES = tuple(f"leg_mode_{k}" for k in range(1, 15))
TRUNK_MODES = tuple(f"trunk_mode_{k}" for k in range(1, 9))
MOMENTS = {f"moment_{axis}": f"L5S1_{axis}" for axis in ("extension", "bending", "rotation")}
LEAN = "reference_lean"
VARIATIONS = (LEAN, *LEG_MODES, *TRUNK_MODES, *MOMENTS)
"""Names of what may differ: mean lean of the thorax, deg; scores of modes, SDs; factors of net moments at L5/S1."""

LIMITS = {LEAN: (-10.0, 30.0)} | dict.fromkeys(MOMENTS, (0.1, 3.0))
_OF_SCORES = (-5.0, 5.0)


def check_variation(given: Iterable[tuple[str, float]]) -> Variation:
    """The same, in the order of the names.

    Raises
    ------
    InputError
        A name is unknown, or a value out of its limits.
    """
    values = dict(given)
    for name, value in values.items():
        if name not in VARIATIONS:
            raise unknown_name("variation of the reference gait", name, VARIATIONS)
        low, high = LIMITS.get(name, _OF_SCORES)
        if not (isfinite(value) and low <= value <= high):
            raise InputError(f"{name} {value!r} cannot be used (allowed: a number from {low:g} to {high:g})")
    return tuple((name, float(values[name])) for name in VARIATIONS if name in values)


def nominal(name: str) -> float:
    """Value of a variation in the mean of the group."""
    if name == LEAN:
        tilt, _ = habitual_tables.choices()["thorax_tilt"]
        return -float(np.rad2deg(tilt or 0.0))
    return 1.0 if name in MOMENTS else 0.0


def of_legs(variation: Mapping[str, float], speed: float) -> dict[str, Array]:
    """Change of legs, force and times, by quantity: (100,) rad or m, (101,) body weights, (1,) s. Empty without scores.

    Modes are those of the measured speed next to ``speed``: they are no curves that speed could mix.
    """
    scores = np.array([variation.get(name, 0.0) for name in LEG_MODES])
    if not scores.any():
        return {}
    known = _modes("leg_modes.csv", True)
    nearest = min({v for v, _ in known}, key=lambda v: abs(v - speed))
    return {name: curves @ scores for (v, name), curves in known.items() if v == nearest}


def of_trunk(variation: Mapping[str, float]) -> dict[str, Array]:
    """Change of trunk, arms and pelvis, by coordinate: (100,) rad or m. Empty without scores."""
    scores = np.array([variation.get(name, 0.0) for name in TRUNK_MODES])
    if not scores.any():
        return {}
    return {name: curves @ scores for (_, name), curves in _modes("trunk_modes.csv", False).items()}


@cache
def _modes(table: str, by_speed: bool) -> dict[tuple[float, str], Array]:
    """{(speed, quantity): (P, modes)}; modes that a speed does not have are zero."""
    found: dict[tuple[float, str], list[list[float]]] = {}
    rows = habitual_tables.rows(table)
    names = [name for name in rows[0] if name.startswith("mode_")]
    for row in rows:
        scale = habitual_tables.TO_SI[row["unit"]]
        key = (float(row["speed_mps"]) if by_speed else 0.0, row["quantity"])
        found.setdefault(key, []).append([scale * float(row[name] or 0.0) for name in names])
    return {key: np.array(values) for key, values in found.items()}
