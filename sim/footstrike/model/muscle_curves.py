"""Constants of the curves of fibres and tendon (models/muscle_curves.toml)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from footstrike.resources import carried_toml


@dataclass(frozen=True)
class MuscleCurves:
    """Constants of De Groote et al. 2016; what each means, its unit and its source stand in the table.

    Attributes
    ----------
    bells
        Three of height, centre, width, and change of width with length: active force over length.
    velocity
        d1 to d4 of the force over velocity.
    passive_shape, passive_start, passive_strain
        Of the passive force over length.
    tendon_toe, tendon_strain
        Of the tendon's length over force.
    """

    bells: tuple[tuple[float, ...], ...]
    velocity: tuple[float, ...]
    passive_shape: float
    passive_start: float
    passive_strain: float
    tendon_toe: float
    tendon_strain: float


@cache
def muscle_curves() -> MuscleCurves:
    """The constants of the table."""
    table = carried_toml("models", "muscle_curves.toml")
    passive, tendon = table["passive_force_length"], table["tendon"]
    return MuscleCurves(
        tuple(map(tuple, table["active_force_length"]["bells"])),
        tuple(table["force_velocity"]["coefficients"]),
        passive["shape"],
        passive["start"],
        passive["strain"],
        tendon["toe"],
        tendon["strain"],
    )
