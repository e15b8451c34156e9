"""What a muscle's metabolic rate depends on beside its state: its mass, its share of slow fibres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from footstrike.brief import brief
from footstrike.errors import ModelError
from footstrike.model.csv_rows import rows
from footstrike.model.description import Array, Muscle
from footstrike.model.sides import without_side
from footstrike.resources import carried_toml, resource

PASCAL_PER_MPA = 1e6


@dataclass(frozen=True)
class Energetics:
    """Of M muscles: ``mass`` (M,) kg, ``slow`` (M,) share of slow-twitch fibres by volume, 0..1."""

    __repr__ = brief

    mass: Array
    slow: Array


@dataclass(frozen=True)
class Constants:
    """The tables of models/metabolic_rate.toml; units and sources stand there."""

    __repr__ = brief

    bhargava: dict[str, Any]
    minimum_heat: float
    density: float
    basal: float


def energetics(muscles: Sequence[Muscle]) -> Energetics:
    """Mass and fibres of muscles of the runner (models/muscle_energetics.csv).

    The mass is that of the fibres, ``density * max_isometric_force / specific_tension * optimal length``.

    Raises
    ------
    ModelError
        A muscle is neither a leg muscle nor a trunk fascicle of the tables.
    """
    found = [_entry(m) for m in muscles]
    slow, tension = np.array(found, dtype=float).reshape(len(found), 2).T
    force = np.array([m.max_isometric_force for m in muscles])
    length = np.array([m.optimal_fibre_length for m in muscles])
    return Energetics(constants().density * force / tension * length, slow)


def _entry(muscle: Muscle) -> tuple[float, float]:
    known, name = _table(), without_side(muscle.name)
    key = name if name in known else muscle.group
    if key not in known:
        raise ModelError(
            f"muscle {muscle.name!r} has no specific tension and fibre types in models/muscle_energetics.csv"
        )
    return known[key]


@cache
def _table() -> dict[str, tuple[float, float]]:
    """By leg muscle without its side, or group of trunk fascicles: share of slow fibres, tension in Pa."""
    return {
        row.text("muscle"): (
            row.number_of("slow_twitch_fraction", 0.0, 1.0),
            row.positive("specific_tension_mpa") * PASCAL_PER_MPA,
        )
        for row in rows(resource("models", "muscle_energetics.csv"))
    }


@cache
def constants() -> Constants:
    """The constants of the metabolic rate."""
    table = carried_toml("models", "metabolic_rate.toml")
    return Constants(
        table["bhargava"], table["minimum_heat"]["rate"], table["muscle"]["density"], table["basal"]["rate"]
    )
