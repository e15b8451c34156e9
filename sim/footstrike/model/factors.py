"""Numbers of the runner that are not known well, each as a factor on columns of the tables of models/."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar

from footstrike.brief import brief
from footstrike.errors import InputError, unknown_name
from footstrike.model.rows import BodyRow, ContactRow, FascicleRow, MuscleRow, RunnerTables

LIMITS = (0.2, 5.0)
"""Of a factor."""

Row = TypeVar("Row", FascicleRow, MuscleRow, ContactRow)


@dataclass(frozen=True)
class Factor:
    """What a factor multiplies, and how it acts on the tables."""

    __repr__ = brief

    words: str
    changed: Callable[[RunnerTables, float], RunnerTables]


def _of_bodies(*beginnings: str) -> Callable[[RunnerTables, float], RunnerTables]:
    """Mass and inertia of the bodies whose names begin so; centres of mass stay."""

    def body(row: BodyRow, factor: float) -> BodyRow:
        if not row.name.startswith(beginnings):
            return row
        x, y, z = (factor * m for m in row.moments)
        return replace(row, mass=factor * row.mass, moments=(x, y, z))

    return lambda tables, factor: replace(tables, bodies=tuple(body(b, factor) for b in tables.bodies))


def _of_muscles(
    sets: Literal["fascicles", "leg_muscles"], field: str
) -> Callable[[RunnerTables, float], RunnerTables]:
    """A number of all trunk fascicles, or of all leg muscles, in every set of them."""

    def changed(tables: RunnerTables, factor: float) -> RunnerTables:
        new = {
            name: tuple(_times(row, field, factor) for row in rows)
            for name, rows in getattr(tables, sets).items()
        }
        changes: dict[str, Any] = {sets: new}
        return replace(tables, **changes)

    return changed


def _of_spheres(*fields: str) -> Callable[[RunnerTables, float], RunnerTables]:
    def sphere(row: ContactRow, factor: float) -> ContactRow:
        for field in fields:
            row = _times(row, field, factor)
        return row

    return lambda tables, factor: replace(tables, spheres=tuple(sphere(s, factor) for s in tables.spheres))


def _times(row: Row, field: str, factor: float) -> Row:
    return replace(row, **{field: factor * getattr(row, field)})


FACTORS: Mapping[str, Factor] = {
    "leg_strength": Factor(
        "maximal isometric force of leg muscles", _of_muscles("leg_muscles", "max_isometric_force")
    ),
    "trunk_strength": Factor(
        "maximal isometric force of trunk muscles", _of_muscles("fascicles", "max_isometric_force")
    ),
    "leg_fibre_length": Factor(
        "optimal fibre length of leg muscles", _of_muscles("leg_muscles", "optimal_fibre_length")
    ),
    "trunk_fibre_length": Factor(
        "optimal fibre length of trunk muscles", _of_muscles("fascicles", "optimal_fibre_length")
    ),
    "trunk_mass": Factor("mass and inertia of thorax and lumbar vertebrae", _of_bodies("torso", "lumbar")),
    "leg_mass": Factor(
        "mass and inertia of thighs, shanks and feet", _of_bodies("femur", "tibia", "talus", "calcn", "toes")
    ),
    "arm_mass": Factor("mass and inertia of arms", _of_bodies("humerus", "ulna", "radius", "hand")),
    "contact_stiffness": Factor("stiffness of the soles' contact spheres", _of_spheres("stiffness")),
    "contact_damping": Factor("dissipation of the soles' contact spheres", _of_spheres("dissipation")),
    "friction": Factor(
        "friction of the soles' contact spheres",
        _of_spheres("static_friction", "dynamic_friction", "viscous_friction"),
    ),
}
"""By name; none of them moves a joint or a muscle's path."""


def check_factor(name: str, factor: float) -> None:
    """Refuse an unknown name, and a factor beyond :data:`LIMITS`.

    Raises
    ------
    InputError
        Names the factor, its value and what is allowed.
    """
    if name not in FACTORS:
        raise unknown_name("factor of the model", name, FACTORS)
    if not (math.isfinite(factor) and LIMITS[0] <= factor <= LIMITS[1]):
        raise InputError(
            f"{name} {factor!r} cannot be used (allowed: a factor from {LIMITS[0]:g} to {LIMITS[1]:g})"
        )


def multiplied(tables: RunnerTables, factors: Iterable[tuple[str, float]]) -> RunnerTables:
    """The tables with factors applied; the same object if there are none."""
    for name, factor in factors:
        tables = FACTORS[name].changed(tables, factor)
    return tables
