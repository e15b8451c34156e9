"""Readers of the leg muscles' tables: paths whose points may come and go, or move with a coordinate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from footstrike.brief import brief
from footstrike.model.csv_rows import Row, rows
from footstrike.model.muscle_curves import muscle_curves
from footstrike.model.rows import MuscleRow, PathPointRow
from footstrike.resources import carried_toml

LEG_SETS = {"hamner": "leg"}
"""Selectable sets of leg muscles and the beginning of their tables' names."""

CITES = ("arnold2013",)  # stretch of the Achilles tendon

KINDS = ("fixed", "conditional", "moving")


def read_leg_muscles(
    table: Path, points: Path, bodies: Iterable[str], coordinates: Iterable[str]
) -> tuple[MuscleRow, ...]:
    """Leg muscles with their paths."""
    names, known = list(bodies), list(coordinates)
    paths: dict[str, list[PathPointRow]] = {}
    for row in rows(points):
        path = paths.setdefault(row.text("muscle"), [])
        if int(row.number_of("index", 0)) != len(path):
            raise row.refuse("index", f"{len(path)}, the next point of the path")
        path.append(_point(row, names, known))
    out = []
    for row in rows(table):
        name = row.text("muscle", paths)
        if len({p.body for p in paths[name]}) < 2:
            raise row.refuse("muscle", f"one whose points in {points.name} lie on two bodies or more")
        out.append(
            MuscleRow(
                name,
                row.text("group"),
                row.positive("max_isometric_force"),
                row.positive("optimal_fibre_length"),
                row.positive("tendon_slack_length"),
                row.number_of("pennation", 0.0, 0.7),
                tuple(paths[name]),
                row.text("source"),
            )
        )
    return tuple(out)


@dataclass(frozen=True)
class LegTissue:
    """What all leg muscles share (models/leg_tissue.toml, where units and sources stand).

    Attributes
    ----------
    tendon_strain
        At maximal isometric force, by group where it is not that of most tendons.
    passive_strain
        Of fibres whose passive force is the maximal isometric force.
    stretch
        Of a tendon at maximal isometric force from which it is compliant, optimal fibre lengths.
    max_contraction_velocity
        Optimal fibre lengths per second.
    """

    __repr__ = brief

    tendon_strain: Mapping[str, float]
    passive_strain: float
    stretch: float
    max_contraction_velocity: float


@cache
def leg_tissue() -> LegTissue:
    """The constants of the table."""
    table = carried_toml("models", "leg_tissue.toml")
    return LegTissue(
        {group: strain for group, strain in table["tendon_strain"].items() if group != "source"},
        table["passive_strain"]["strain"],
        table["compliance"]["stretch"],
        table["max_contraction_velocity"]["velocity"],
    )


def tendon_strain(muscle: MuscleRow) -> float:
    """Strain of a muscle's tendon at maximal isometric force."""
    return leg_tissue().tendon_strain.get(muscle.group, muscle_curves().tendon_strain)


def tendon_stretches(muscle: MuscleRow) -> bool:
    """Whether the stretch of a muscle's tendon matters to its fibres: calf, deep plantarflexors and a few."""
    stretch = tendon_strain(muscle) * muscle.tendon_slack_length
    return stretch > leg_tissue().stretch * muscle.optimal_fibre_length


def _point(row: Row, bodies: list[str], coordinates: list[str]) -> PathPointRow:
    kind = row.text("kind", KINDS)
    body, at = row.text("body", bodies), row.vector("x", "y", "z")
    if kind == "fixed":
        return PathPointRow(body, at)
    coordinate = row.text("coordinate", coordinates)
    if kind == "conditional":
        low = row.number_of("minimum")
        return PathPointRow(body, at, coordinate, within=(low, row.number_of("maximum", low)))
    knots = row.numbers("knots")
    if len(knots) < 2 or any(b <= a for a, b in pairwise(knots)):
        raise row.refuse("knots", "two numbers or more, rising")
    moves = []
    for axis, own in zip("xyz", at, strict=True):
        values = row.numbers(f"{axis}_values")
        if len(values) != len(knots):
            raise row.refuse(f"{axis}_values", f"{len(knots)} numbers, one for each knot")
        if 0.0 in knots and abs(values[knots.index(0.0)] - own) > 1e-9:
            raise row.refuse(axis, f"the {axis}_values at the knot 0")
        moves.append(values)
    return PathPointRow(body, at, coordinate, knots=knots, moves=tuple(moves))
