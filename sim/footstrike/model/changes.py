"""Properties of a runner that are not known well, each as a factor on columns of the tables of models/."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from footstrike.brief import brief
from footstrike.errors import InputError, unknown_name
from footstrike.model.rows import BodyRow, ContactRow, FascicleRow, MuscleRow, RunnerTables

LEAST, MOST = 0.5, 2.0
"""Allowed factors."""

Row = TypeVar("Row", FascicleRow, MuscleRow, ContactRow)
Changes = Sequence[tuple[str, float]]
"""Properties and their factors."""


@dataclass(frozen=True)
class Property:
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


def _of_trunk_muscles(field: str) -> Callable[[RunnerTables, float], RunnerTables]:
    def changed(tables: RunnerTables, factor: float) -> RunnerTables:
        sets = {
            name: tuple(_times(row, field, factor) for row in rows) for name, rows in tables.fascicles.items()
        }
        return replace(tables, fascicles=sets)

    return changed


def _of_leg_muscles(field: str) -> Callable[[RunnerTables, float], RunnerTables]:
    def changed(tables: RunnerTables, factor: float) -> RunnerTables:
        sets = {
            name: tuple(_times(row, field, factor) for row in rows)
            for name, rows in tables.leg_muscles.items()
        }
        return replace(tables, leg_muscles=sets)

    return changed


def _of_spheres(*fields: str) -> Callable[[RunnerTables, float], RunnerTables]:
    def sphere(row: ContactRow, factor: float) -> ContactRow:
        for field in fields:
            row = _times(row, field, factor)
        return row

    return lambda tables, factor: replace(tables, spheres=tuple(sphere(s, factor) for s in tables.spheres))


def _times(row: Row, field: str, factor: float) -> Row:
    return replace(row, **{field: factor * getattr(row, field)})


PROPERTIES: Mapping[str, Property] = {
    "leg_strength": Property(
        "maximal isometric force of leg muscles", _of_leg_muscles("max_isometric_force")
    ),
    "trunk_strength": Property(
        "maximal isometric force of trunk muscles", _of_trunk_muscles("max_isometric_force")
    ),
    "leg_fibre_length": Property(
        "optimal fibre length of leg muscles", _of_leg_muscles("optimal_fibre_length")
    ),
    "trunk_fibre_length": Property(
        "optimal fibre length of trunk muscles", _of_trunk_muscles("optimal_fibre_length")
    ),
    "trunk_mass": Property("mass and inertia of thorax and lumbar vertebrae", _of_bodies("torso", "lumbar")),
    "leg_mass": Property(
        "mass and inertia of thighs, shanks and feet", _of_bodies("femur", "tibia", "talus", "calcn", "toes")
    ),
    "arm_mass": Property("mass and inertia of arms", _of_bodies("humerus", "ulna", "radius", "hand")),
    "contact_stiffness": Property("stiffness of the soles' contact spheres", _of_spheres("stiffness")),
    "contact_damping": Property("dissipation of the soles' contact spheres", _of_spheres("dissipation")),
    "contact_friction": Property(
        "friction of the soles' contact spheres",
        _of_spheres("static_friction", "dynamic_friction", "viscous_friction"),
    ),
}
"""By name; none of them moves a joint or a muscle's path."""


def changed(tables: RunnerTables, changes: Changes) -> RunnerTables:
    """The tables with each named property multiplied; the same object without changes."""
    for name, factor in changes:
        tables = PROPERTIES[name].changed(tables, factor)
    return tables


def check_changes(changes: Changes) -> None:
    """Refuse what is not a known property once, with a factor in range.

    Raises
    ------
    InputError
        Names the property, the factor and what is allowed.
    """
    names = [name for name, _ in changes]
    for name, factor in changes:
        if name not in PROPERTIES:
            raise unknown_name("property of the runner", name, PROPERTIES)
        if names.count(name) > 1:
            raise InputError(f"{name} is given twice: leave one out")
        if not (math.isfinite(factor) and LEAST <= factor <= MOST):
            raise InputError(
                f"{name} {factor!r} cannot be used (allowed: {LEAST:g} to {MOST:g}, times the runner's own)"
            )
