"""Where the bodies are and what a fascicle does at the joints it crosses, in numpy, from the tables.

Used by the scripts that derive the trunk tables; simulations use :mod:`footstrike.dynamics` instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from footstrike.brief import brief
from footstrike.model.description import Array, Pose
from footstrike.model.rows import (
    LEVELS,
    LUMBAR_AXES,
    SLOTS,
    AxisRow,
    RunnerTables,
    Vec3,
)
from footstrike.model.tables import rhythm_named

SPINE_DIRECTIONS: dict[str, Vec3] = {"extension": (0, 0, 1), "bending": (1, 0, 0), "rotation": (0, 1, 0)}
Path = Sequence[tuple[str, Vec3]]


@dataclass(frozen=True)
class Posture:
    """Ground poses of all bodies; of the joints ``centres[joint]`` (3,) and ``frames[joint]`` (3, 3)."""

    __repr__ = brief

    bodies: dict[str, Pose]
    centres: dict[str, Array]
    frames: dict[str, Array]
    beyond: dict[str, frozenset[str]]  # the bodies that a joint carries


def rotation(axis: Sequence[float] | Array, angle: float) -> Array:
    """Matrix (3, 3) of a turn by ``angle`` (rad) about ``axis``."""
    unit = np.asarray(axis, dtype=float) / np.linalg.norm(axis)
    return np.asarray(Rotation.from_rotvec(angle * unit).as_matrix())


def motions_by_joint(tables: RunnerTables, rhythm: str) -> dict[str, list[AxisRow]]:
    """Motions of every joint with the total trunk rotation as the coordinate of every lumbar level."""
    out: dict[str, list[AxisRow]] = {}
    for axis in tables.axes:
        out.setdefault(axis.joint, []).append(axis)
    fractions = rhythm_named(tables, rhythm).fractions
    for level in LEVELS:
        for slot, name in zip(SLOTS, LUMBAR_AXES, strict=False):
            share = (0.0, fractions[name][level])
            row = AxisRow(level, slot, SPINE_DIRECTIONS[name], f"lumbar_{name}", share, "rhythm.csv")
            out.setdefault(level, []).append(row)
    return out


def posture(tables: RunnerTables, coordinates: Mapping[str, float], rhythm: str = "christophy") -> Posture:
    """Poses with the given coordinates (rad, m; the others zero), pelvis at the origin unless moved."""
    q = dict(coordinates)
    for c in tables.couplers:
        q[c.dependent] = c.slope * q.get(c.independent, 0.0)
    motions = motions_by_joint(tables, rhythm)
    bodies = {"ground": Pose(np.eye(3), np.zeros(3))}
    centres, frames = {}, {}
    for joint in tables.joints:
        base = bodies[joint.parent]
        R, p = np.eye(3), np.zeros(3)
        for m in sorted(motions.get(joint.name, []), key=lambda m: SLOTS.index(m.slot)):
            value = float(np.polynomial.polynomial.polyval(q.get(m.coordinate, 0.0), m.function))
            if m.slot.startswith("rotation"):
                R = R @ rotation(m.direction, value)
            else:
                p = p + value * np.array(m.direction)
        turned = base.R
        for axis, angle in zip(np.eye(3), joint.parent_turned, strict=True):
            turned = turned @ rotation(axis, angle)
        centre = base.p + base.R @ np.array(joint.parent_at) + turned @ p
        child = turned @ R
        centres[joint.name], frames[joint.name] = centre, child
        bodies[joint.child] = Pose(child, centre - child @ np.array(joint.child_at))
    return Posture(bodies, centres, frames, _carried(tables))


def _carried(tables: RunnerTables) -> dict[str, frozenset[str]]:
    children: dict[str, set[str]] = {}
    for joint in reversed(tables.joints):
        group = {joint.child}
        for other in tables.joints:
            if other.parent == joint.child:
                group |= children[other.name]
        children[joint.name] = group
    return {name: frozenset(group) for name, group in children.items()}


def points_in_ground(path: Path, at: Posture) -> Array:
    """Path points (n, 3) in the ground frame, m."""
    return np.array([at.bodies[b].p + at.bodies[b].R @ np.array(x) for b, x in path])


def path_length(path: Path, at: Posture) -> float:
    """Length of the path, m."""
    return float(np.linalg.norm(np.diff(points_in_ground(path, at), axis=0), axis=1).sum())


def crossed(path: Path, beyond: Mapping[str, frozenset[str]], joints: Sequence[str]) -> tuple[str, ...]:
    """The joints of ``joints`` that the path crosses."""
    bodies = {b for b, _ in path}
    return tuple(j for j in joints if bodies & beyond[j] and bodies - beyond[j])


def wrench(path: Path, at: Posture, joint: str) -> tuple[Array, Array]:
    """Force (3,) and moment about the joint's centre (3,) on what the joint carries, per newton of tension.

    Both are in the joint's child frame; the moment, in metres, is the moment arms about its three axes.
    """
    x = points_in_ground(path, at)
    line = np.diff(x, axis=0)
    line = line / np.linalg.norm(line, axis=1)[:, None]
    pull = np.zeros_like(x)
    pull[:-1] += line
    pull[1:] -= line
    mine = [k for k, (b, _) in enumerate(path) if b in at.beyond[joint]]
    force = pull[mine].sum(axis=0)
    moment = np.cross(x[mine] - at.centres[joint], pull[mine]).sum(axis=0)
    back = at.frames[joint].T
    return back @ force, back @ moment
