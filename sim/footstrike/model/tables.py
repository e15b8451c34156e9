"""Readers of the tables in models/: the runner's parameters, each row with its source."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Literal, cast

from footstrike.errors import ModelError, unknown_name
from footstrike.model.csv_rows import Row, rows
from footstrike.model.leg_tables import LEG_SETS, read_leg_muscles
from footstrike.model.rows import (
    LEVELS,
    LUMBAR_AXES,
    SLOTS,
    AxisRow,
    BodyRow,
    ContactRow,
    CoordinateRow,
    CouplerRow,
    FascicleRow,
    JointRow,
    Landmark,
    Rhythm,
    RunnerTables,
    Vec3,
)
from footstrike.model.sides import without_side
from footstrike.resources import resource


def read_bodies(path: Path) -> tuple[BodyRow, ...]:
    """Bodies; a set of moments that no solid can have is refused."""
    out = []
    for row in rows(path):
        moments = row.vector("ixx", "iyy", "izz")
        for field, own in zip(("ixx", "iyy", "izz"), moments, strict=True):
            if own <= 0.0 or own > (sum(moments) - own) * (1 + 1e-9):
                raise row.refuse(field, "positive and at most the sum of the other two moments")
        out.append(
            BodyRow(
                row.text("body"),
                row.positive("mass"),
                row.vector("com_x", "com_y", "com_z"),
                moments,
                row.text("source"),
            )
        )
    return tuple(out)


def read_joints(path: Path, bodies: Iterable[str]) -> tuple[JointRow, ...]:
    """Joints, from the ground outwards."""
    names = ["ground", *bodies]
    out, placed = [], {"ground"}
    for row in rows(path):
        kind = cast(Literal["custom", "spine", "weld"], row.text("type", ("custom", "spine", "weld")))
        parent, child = row.text("parent", names), row.text("child", names)
        if parent not in placed:
            raise row.refuse("parent", "a body that an earlier row has placed")
        placed.add(child)
        out.append(
            JointRow(
                row.text("joint"),
                kind,
                parent,
                child,
                row.vector("parent_x", "parent_y", "parent_z"),
                row.vector("parent_rx", "parent_ry", "parent_rz"),
                row.vector("child_x", "child_y", "child_z"),
                row.text("source"),
            )
        )
    return tuple(out)


def read_axes(
    path: Path, functions: Path, joints: Iterable[str], coordinates: Iterable[str]
) -> tuple[AxisRow, ...]:
    """Motions of the custom joints; the functions' coefficients come from a TOML file beside the table."""
    polynomials: dict[str, tuple[float, ...]] = {"identity": (0.0, 1.0)}
    for name, entry in tomllib.loads(functions.read_text(encoding="utf-8")).items():
        polynomials[name] = tuple(float(c) for c in entry["coefficients"])
    joints, coordinates = list(joints), list(coordinates)
    return tuple(
        AxisRow(
            row.text("joint", joints),
            row.text("slot", SLOTS),
            row.vector("axis_x", "axis_y", "axis_z"),
            row.text("coordinate", coordinates),
            polynomials[row.text("function", polynomials)],
            row.text("source"),
        )
        for row in rows(path)
    )


def read_coordinates(path: Path) -> tuple[CoordinateRow, ...]:
    """Ranges and defaults of the coordinates."""
    out = []
    for row in rows(path):
        low = row.number_of("minimum")
        high = row.number_of("maximum", low=low)
        motion = cast(Literal["rotation", "translation"], row.text("motion", ("rotation", "translation")))
        out.append(
            CoordinateRow(
                row.text("coordinate"),
                motion,
                row.number_of("default", low, high),
                low,
                high,
                row.text("source"),
            )
        )
    return tuple(out)


def read_rhythms(path: Path) -> dict[str, Rhythm]:
    """Lumbar rhythms; the fractions of an axis must sum to 1."""
    fractions: dict[str, dict[str, dict[str, float]]] = {}
    sources: dict[str, str] = {}
    for row in rows(path):
        name, axis = row.text("rhythm"), row.text("axis", LUMBAR_AXES)
        share = {level: row.number_of(level, 0.0, 1.0) for level in LEVELS}
        if abs(sum(share.values()) - 1.0) > 1e-9:
            total = sum(share.values())
            raise row.refuse("L5S1", f"such that the six fractions sum to 1 (they sum to {total:.6g})")
        fractions.setdefault(name, {})[axis] = share
        sources[name] = row.text("source")
    for name, axes in fractions.items():
        if missing := set(LUMBAR_AXES) - set(axes):
            raise ModelError(f"{path.name}: rhythm {name!r} has no row for {', '.join(sorted(missing))}")
    return {name: Rhythm(name, axes, sources[name]) for name, axes in fractions.items()}


def read_couplers(path: Path, coordinates: Iterable[str]) -> tuple[CouplerRow, ...]:
    """Coordinates that follow another one."""
    names = list(coordinates)
    return tuple(
        CouplerRow(
            row.text("dependent", names),
            row.text("independent", names),
            row.number_of("slope"),
            row.text("source"),
        )
        for row in rows(path)
    )


def read_fascicles(table: Path, points: Path, bodies: Iterable[str]) -> tuple[FascicleRow, ...]:
    """Fascicles with their straight paths; each crosses at least one joint."""
    names = list(bodies)
    paths: dict[str, list[tuple[str, Vec3]]] = {}
    for row in rows(points):
        path = paths.setdefault(row.text("fascicle"), [])
        if int(row.number_of("index", 0)) != len(path):
            raise row.refuse("index", f"{len(path)}, the next point of the path")
        path.append((row.text("body", names), row.vector("x", "y", "z")))
    out = []
    for row in rows(table):
        name = row.text("fascicle", paths)
        if len({body for body, _ in paths[name]}) < 2:
            raise row.refuse("fascicle", f"one whose points in {points.name} lie on two bodies or more")
        out.append(
            FascicleRow(
                name,
                row.text("group"),
                row.positive("max_isometric_force"),
                row.positive("optimal_fibre_length"),
                row.positive("tendon_slack_length"),
                row.number_of("pennation", 0.0, 0.7),
                tuple(paths[name]),
                row.text("source"),
                row.positive("cost_weight") if "cost_weight" in row.values else 1.0,
                tuple((row.values.get("members") or "").split()),
            )
        )
    return tuple(out)


def read_spheres(path: Path, fitted: Path | None, bodies: Iterable[str]) -> tuple[ContactRow, ...]:
    """Contact spheres of the feet.

    ``fitted`` (contact.toml), if it exists, replaces values of the table: section ``[all]`` for every sphere,
    then ``[heel]`` and so on for one of the right foot, mirrored to the left. Keys are the columns' names.
    """
    names = list(bodies)
    changes = tomllib.loads(fitted.read_text(encoding="utf-8")) if fitted and fitted.exists() else {}
    out = []
    for row in rows(path):
        own = {**changes.get("all", {}), **changes.get(without_side(row.text("sphere")), {})}
        table = f"{path.name} with {fitted.name}" if fitted and own else path.name
        row = Row(table, row.number, _replaced(row, own, "contact.toml"))
        out.append(
            ContactRow(
                row.text("sphere"),
                row.text("body", names),
                row.vector("x", "y", "z"),
                row.positive("radius"),
                row.positive("stiffness"),
                row.number_of("dissipation", 0.0),
                row.positive("static_friction"),
                row.positive("dynamic_friction"),
                row.number_of("viscous_friction", 0.0),
                row.positive("transition_velocity"),
            )
        )
    return tuple(out)


def _replaced(row: Row, own: dict[str, float], file: str) -> dict[str, str]:
    for key, value in own.items():
        if key not in row.values:
            raise ModelError(
                f"{file}: {key} = {value!r} is no column of {row.table} ({', '.join(row.values)})"
            )
    mirrored = {k: -v if k == "z" and row.text("sphere").endswith("_l") else v for k, v in own.items()}
    return {**row.values, **{k: str(v) for k, v in mirrored.items()}}


def read_landmarks(path: Path, bodies: Iterable[str]) -> tuple[Landmark, ...]:
    """Points that outputs and figures use."""
    names = list(bodies)
    return tuple(
        Landmark(row.text("landmark"), row.text("body", names), row.vector("x", "y", "z"), row.text("source"))
        for row in rows(path)
    )


TRUNK_SETS = {"full": "trunk", "reduced": "trunk_reduced"}
"""Selectable sets of trunk fascicles and the beginning of their tables' names."""


def load_tables(folder: Path | None = None, fitted_contact: bool = True) -> RunnerTables:
    """Read models/ (or another folder with the same tables); contact.toml only if ``fitted_contact``.

    Raises
    ------
    ModelError
        A value is missing or impossible; the text names file, row, field, value and what is allowed.
    """
    at = folder or resource("models", "bodies.csv").parent
    bodies = read_bodies(at / "bodies.csv")
    names = [b.name for b in bodies]
    joints = read_joints(at / "joints.csv", names)
    coordinates = read_coordinates(at / "coordinates.csv")
    known = [c.name for c in coordinates]
    return RunnerTables(
        bodies=bodies,
        joints=joints,
        axes=read_axes(at / "joint_axes.csv", at / "joint_functions.toml", [j.name for j in joints], known),
        coordinates=coordinates,
        couplers=read_couplers(at / "couplers.csv", known),
        rhythms=read_rhythms(at / "rhythm.csv"),
        fascicles={
            key: read_fascicles(at / f"{stem}_fascicles.csv", at / f"{stem}_points.csv", names)
            for key, stem in TRUNK_SETS.items()
            if (at / f"{stem}_fascicles.csv").exists()
        },
        spheres=read_spheres(at / "contact.csv", at / "contact.toml" if fitted_contact else None, names),
        landmarks=read_landmarks(at / "landmarks.csv", names),
        leg_muscles={
            key: read_leg_muscles(at / f"{stem}_muscles.csv", at / f"{stem}_points.csv", names, known)
            for key, stem in LEG_SETS.items()
            if (at / f"{stem}_muscles.csv").exists()
        },
    )


@cache
def carried_tables() -> RunnerTables:
    """The tables that the package carries, read once."""
    return load_tables()


def groups_named(names: Iterable[str]) -> list[str]:
    """The group of each of the package's own muscles by its name; "" for a name that is not one of theirs."""
    tables = carried_tables()
    known = {row.name: row.group for legs in tables.leg_muscles.values() for row in legs}
    known |= {row.name: row.group for trunk in tables.fascicles.values() for row in trunk}
    return [known.get(name, "") for name in names]


def rhythm_named(tables: RunnerTables, name: str) -> Rhythm:
    """The rhythm of that name, or an error that lists the names."""
    if name not in tables.rhythms:
        raise unknown_name("lumbar rhythm", name, tables.rhythms)
    return tables.rhythms[name]
