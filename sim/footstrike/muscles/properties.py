"""Properties of muscles by name: weights in the cost, least activations, strengths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from footstrike.errors import InputError, unknown_name
from footstrike.model.description import Description, Muscle
from footstrike.model.muscle_groups import ABDOMINAL_WALL
from footstrike.model.tables import carried_tables

Array = NDArray[np.float64]


def cost_weights(description: Description) -> dict[str, float]:
    """Weights that make lumped fascicles cost what the fascicles that they stand for would cost.

    With these, the sum over the reduced trunk is the plain sum of powers of activation over the full one
    (exact for squares); fascicles that stand for themselves, and muscles not in the tables, weigh 1.
    """
    names = {m.name for m in description.muscles}
    rows = (row for fascicles in carried_tables().fascicles.values() for row in fascicles)
    return {row.name: row.cost_weight for row in rows if row.name in names and row.cost_weight != 1.0}


def abdominal_wall(description: Description, activation: float) -> dict[str, float]:
    """The same activation for every muscle of the abdominal wall: rectus and obliques."""
    return {m.name: activation for m in description.muscles if m.group in ABDOMINAL_WALL}


def by_name(names: Sequence[str], values: float | Mapping[str, float], default: float) -> Array:
    """(M,) values of the muscles from one number or from a mapping; those not named have the default.

    Raises
    ------
    InputError
        A name is unknown.
    """
    if not isinstance(values, Mapping):
        return np.full(len(names), float(values))
    for name in values:
        if name not in names:
            raise unknown_name("muscle", name, names)
    return np.array([values.get(name, default) for name in names], dtype=float)


def scaled(muscles: Sequence[Muscle], factor: float | Mapping[str, float]) -> list[Muscle]:
    """The muscles with their maximal isometric forces multiplied."""
    factors = by_name([m.name for m in muscles], factor, 1.0)
    if not (factors > 0.0).all():
        raise InputError(f"strength factor {factors.min():g} cannot be used (allowed: greater than 0)")
    return [
        replace(m, max_isometric_force=m.max_isometric_force * f)
        for m, f in zip(muscles, factors, strict=True)
    ]
