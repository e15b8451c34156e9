"""Numbers of the runner that a study multiplies: strengths, masses and contact as a factor on the rows of the tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import isfinite

from footstrike.errors import InputError, unknown_name
from footstrike.model.rows import BodyRow, ContactRow, RunnerTables

TRUNK_BODIES = ("torso", "lumbar5", "lumbar4", "lumbar3", "lumbar2", "lumbar1")

FACTORS: Mapping[str, str] = {
    "leg_strength": "maximal isometric force of all leg muscles",
    "trunk_strength": "maximal isometric force of all trunk fascicles",
    "trunk_mass": "mass and inertia of thorax and lumbar vertebrae",
    "contact_stiffness": "stiffness of all contact spheres",
    "contact_damping": "dissipation of all contact spheres",
    "friction": "static and dynamic friction of all contact spheres",
}
"""What may be multiplied, by name."""
LIMITS = (0.2, 5.0)


def check_factor(name: str, factor: float) -> None:
    """Raise InputError for an unknown name, or for a factor beyond 0.2 to 5."""
    if name not in FACTORS:
        raise unknown_name("factor of the model", name, FACTORS)
    if not (isfinite(factor) and LIMITS[0] <= factor <= LIMITS[1]):
        raise InputError(
            f"{name} {factor!r} cannot be used (allowed: a factor from {LIMITS[0]:g} to {LIMITS[1]:g})"
        )


def multiplied(tables: RunnerTables, factors: Iterable[tuple[str, float]]) -> RunnerTables:
    """The tables with factors applied; the same object if there are none."""
    given = dict(factors)
    if not given:
        return tables
    legs, trunk, mass = (given.get(name, 1.0) for name in ("leg_strength", "trunk_strength", "trunk_mass"))
    return replace(
        tables,
        bodies=tuple(_heavier(b, mass) if b.name in TRUNK_BODIES else b for b in tables.bodies),
        fascicles={
            name: tuple(replace(f, max_isometric_force=trunk * f.max_isometric_force) for f in rows)
            for name, rows in tables.fascicles.items()
        },
        leg_muscles={
            name: tuple(replace(m, max_isometric_force=legs * m.max_isometric_force) for m in rows)
            for name, rows in tables.leg_muscles.items()
        },
        spheres=tuple(_other_contact(s, given) for s in tables.spheres),
    )


def _heavier(body: BodyRow, factor: float) -> BodyRow:
    x, y, z = body.moments
    return replace(body, mass=factor * body.mass, moments=(factor * x, factor * y, factor * z))


def _other_contact(sphere: ContactRow, given: Mapping[str, float]) -> ContactRow:
    grip = given.get("friction", 1.0)
    return replace(
        sphere,
        stiffness=given.get("contact_stiffness", 1.0) * sphere.stiffness,
        dissipation=given.get("contact_damping", 1.0) * sphere.dissipation,
        static_friction=grip * sphere.static_friction,
        dynamic_friction=grip * sphere.dynamic_friction,
    )
