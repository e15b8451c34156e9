"""The runner at another body size: the tables of models/ scaled before the model is built, so exactly.

Points, joint centres and landmarks move with their body's three factors; masses take the shares of the sex
and add up to the mass asked for; inertia is mass times length squared. Fibre and tendon lengths change with
the path, so that standing fibres keep their normalised length. docs/scaling.md has formulas and sources.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from footstrike.model.anthropometry import (
    SEGMENTS,
    length_ratio,
    mass_ratio,
    muscle_volume,
    segment_of,
)
from footstrike.model.limits import GENERIC_HEIGHT_M
from footstrike.model.placement import Posture, path_length, posture
from footstrike.model.rows import (
    AxisRow,
    BodyRow,
    ContactRow,
    CoordinateRow,
    FascicleRow,
    JointRow,
    Landmark,
    MuscleRow,
    PathPointRow,
    RunnerTables,
    Vec3,
)
from footstrike.model.subject import Subject
from footstrike.model.tables import carried_tables

Factors = Mapping[str, Vec3]
"""Length over that of the generic runner along x, y and z, by segment."""

SAME = 1e-9  # factors that differ by less are one


def scaled(tables: RunnerTables, spec: Subject) -> RunnerTables:
    """The tables at the size that ``spec`` asks for; the same object if it asks for none."""
    if not spec.is_scaled:
        return tables
    factors = length_factors(tables, spec)
    masses = _masses(tables, spec)
    new = replace(
        tables,
        bodies=tuple(_body(b, factors[segment_of(b.name)], masses[b.name]) for b in tables.bodies),
        joints=tuple(_joint(j, factors) for j in tables.joints),
        axes=tuple(_axis(a, tables, factors) for a in tables.axes),
        landmarks=tuple(_landmark(p, factors) for p in tables.landmarks),
    )
    generic_mass = sum(b.mass for b in tables.bodies)
    weight = sum(masses.values()) / generic_mass
    new = replace(new, spheres=tuple(_sphere(s, factors[segment_of(s.body)], weight) for s in tables.spheres))
    at = posture(tables, {}), posture(new, {})
    tall = standing_height(new, at[1]) / standing_height(tables, at[0]) * GENERIC_HEIGHT_M
    volume = muscle_volume(spec.height or tall, sum(masses.values())) / muscle_volume(
        GENERIC_HEIGHT_M, generic_mass
    )
    rise = _pelvis_height(new, at[1]) / _pelvis_height(tables, at[0])
    return replace(
        new,
        coordinates=tuple(_coordinate(c, rise) for c in tables.coordinates),
        fascicles={
            name: tuple(_fascicle(f, factors, at, volume) for f in chosen)
            for name, chosen in tables.fascicles.items()
        },
        leg_muscles={
            name: tuple(_muscle(m, factors, at, volume) for m in chosen)
            for name, chosen in tables.leg_muscles.items()
        },
    )


def length_factors(tables: RunnerTables, spec: Subject) -> dict[str, Vec3]:
    """Length of every segment over that of the generic runner along x, y and z.

    Measured factors (:attr:`Subject.segment_factors`) go before those of height and sex. The latter are
    stature times the sex's proportion, all multiplied by one number that makes the stature exact.
    """
    tall = (spec.height or GENERIC_HEIGHT_M) / GENERIC_HEIGHT_M
    lengths = {s: tall * length_ratio(s, spec.sex) for s in SEGMENTS}
    out: dict[str, Vec3] = {s: (f, f, f) for s, f in lengths.items()}
    trial = replace(tables, joints=tuple(_joint(j, out) for j in tables.joints),
                    axes=tuple(_axis(a, tables, out) for a in tables.axes),
                    landmarks=tuple(_landmark(p, out) for p in tables.landmarks),
                    spheres=tuple(_sphere(s, out["foot"], 1.0) for s in tables.spheres))  # fmt: skip
    reached = standing_height(trial, posture(trial, {})) / standing_height(tables, posture(tables, {}))
    exact = tall / reached
    out = {s: (f * exact, f * exact, f * exact) for s, f in lengths.items()}
    deep, long, _ = out["pelvis"]
    wide = tall * length_ratio("pelvis", spec.sex, "width")
    out["pelvis"] = (deep, long, wide)
    return out | dict(spec.segment_factors)


def uniform_factor(spec: Subject) -> float | None:
    """All lengths over those of the generic runner, where one number says it; None for other proportions."""
    found = {f for factors in length_factors(carried_tables(), spec).values() for f in factors}
    return float(np.mean(list(found))) if np.ptp(list(found)) < SAME else None


def leg_scale(spec: Subject) -> float:
    """Height of the hip centre above the sole in the neutral posture, over that of the generic runner."""
    tables = carried_tables()
    new = scaled(tables, spec)
    return _hip_height(new, posture(new, {})) / _hip_height(tables, posture(tables, {}))


def standing_height(tables: RunnerTables, at: Posture) -> float:
    """Height of the middle of the head above the sole in a posture, m."""
    head = next(p for p in tables.landmarks if p.name == "head")
    pose = at.bodies[head.body]
    return float((pose.p + pose.R @ head.location)[1]) - _sole(tables, at)


def _sole(tables: RunnerTables, at: Posture) -> float:
    lowest = []
    for s in tables.spheres:
        pose = at.bodies[s.body]
        lowest.append(float((pose.p + pose.R @ s.location)[1]) - s.radius)
    return min(lowest)


def _hip_height(tables: RunnerTables, at: Posture) -> float:
    return float(at.centres["hip_r"][1]) - _sole(tables, at)


def _pelvis_height(tables: RunnerTables, at: Posture) -> float:
    return float(at.bodies["pelvis"].p[1]) - _sole(tables, at)


def _masses(tables: RunnerTables, spec: Subject) -> dict[str, float]:
    """Mass of every body, kg: shares of the sex, adding up to the mass asked for."""
    shares = {b.name: b.mass * mass_ratio(segment_of(b.name), spec.sex) for b in tables.bodies}
    asked = spec.mass or sum(b.mass for b in tables.bodies)
    unit = asked / math.fsum(shares.values())
    return {name: share * unit for name, share in shares.items()}


def _times(at: Vec3, factor: Vec3) -> Vec3:
    return at[0] * factor[0], at[1] * factor[1], at[2] * factor[2]


def _body(row: BodyRow, factor: Vec3, mass: float) -> BodyRow:
    """A body whose mass is spread over stretched distances: its second moments scale with each axis alone."""
    xx, yy, zz = row.moments
    spread = ((yy + zz - xx) / 2, (xx + zz - yy) / 2, (xx + yy - zz) / 2)
    x, y, z = (max(s, 0.0) * f**2 * mass / row.mass for s, f in zip(spread, factor, strict=True))
    return replace(row, mass=mass, com=_times(row.com, factor), moments=(y + z, x + z, x + y))


def _joint(row: JointRow, factors: Factors) -> JointRow:
    moved = (
        row.parent_at if row.parent == "ground" else _times(row.parent_at, factors[segment_of(row.parent)])
    )
    return replace(row, parent_at=moved, child_at=_times(row.child_at, factors[segment_of(row.child)]))


def _axis(row: AxisRow, tables: RunnerTables, factors: Factors) -> AxisRow:
    """Translations scale with the body on which they are measured, not those of the pelvis in the ground."""
    parent = next(j.parent for j in tables.joints if j.name == row.joint)
    if row.slot.startswith("rotation") or parent == "ground":
        return row
    factor = factors[segment_of(parent)]
    along = sum(abs(d) * f for d, f in zip(row.direction, factor, strict=True))
    return replace(row, function=tuple(c * along for c in row.function))


def _landmark(row: Landmark, factors: Factors) -> Landmark:
    return replace(row, location=_times(row.location, factors[segment_of(row.body)]))


def _sphere(row: ContactRow, factor: Vec3, weight: float) -> ContactRow:
    """Spheres sink in by the same share of their radius under the same share of body weight."""
    size = (factor[0] * factor[1] * factor[2]) ** (1 / 3)
    return replace(
        row,
        location=_times(row.location, factor),
        radius=row.radius * size,
        stiffness=row.stiffness * weight / size**2,
    )


def _coordinate(row: CoordinateRow, rise: float) -> CoordinateRow:
    return replace(row, default=row.default * rise) if row.name == "pelvis_ty" else row


def _fascicle(row: FascicleRow, factors: Factors, at: tuple[Posture, Posture], volume: float) -> FascicleRow:
    path = tuple((body, _times(x, factors[segment_of(body)])) for body, x in row.path)
    ratio = path_length(path, at[1]) / path_length(row.path, at[0])
    force, fibre, tendon = _lengths_and_strength(row, ratio, volume)
    return replace(
        row, path=path, optimal_fibre_length=fibre, tendon_slack_length=tendon, max_isometric_force=force
    )


def _muscle(row: MuscleRow, factors: Factors, at: tuple[Posture, Posture], volume: float) -> MuscleRow:
    new = replace(row, path=tuple(_point(p, factors[segment_of(p.body)]) for p in row.path))
    ratio = path_length(new.standing_path, at[1]) / path_length(row.standing_path, at[0])
    force, fibre, tendon = _lengths_and_strength(row, ratio, volume)
    return replace(new, optimal_fibre_length=fibre, tendon_slack_length=tendon, max_isometric_force=force)


def _point(row: PathPointRow, factor: Vec3) -> PathPointRow:
    moves = tuple(tuple(v * f for v in values) for values, f in zip(row.moves, factor, strict=False))
    return replace(row, at=_times(row.at, factor), moves=moves)


def _lengths_and_strength(
    row: FascicleRow | MuscleRow, ratio: float, volume: float
) -> tuple[float, float, float]:
    """Fibre and tendon with the standing path; strength is muscle volume over fibre length."""
    return (
        row.max_isometric_force * volume / ratio,
        row.optimal_fibre_length * ratio,
        row.tendon_slack_length * ratio,
    )
