"""The lumbar levels of a model: their axes along a motion, and the part of the body that each one carries."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from footstrike.brief import brief
from footstrike.dynamics.rigid_body import Motion, Tree, stack, stack_matrix
from footstrike.dynamics.scalars import Vector, constant, cross, dot, minus, scaled, sqrt
from footstrike.errors import ModelError
from footstrike.model.description import Description, Joint
from footstrike.model.rows import LEVELS
from footstrike.resources import resource

Array = NDArray[np.float64]

_NAMES = {level: (level, "L1T12") if level == "T12L1" else (level,) for level in LEVELS}


@dataclass(frozen=True)
class LevelFrame:
    """Axes of a level in each frame of a motion; rows of the matrices are unit vectors in ground.

    Attributes
    ----------
    name, joint
        ``L5S1`` ... ``T12L1``, and what the model calls the joint.
    centre
        (T, 3) joint centre in ground, m.
    chord
        (T, 3, 3) anterior, superior along the chord of joint centres, right.
    disc
        (T, 3, 3) anterior along the disc, superior along its normal, right.
    node
        Node of the tree that carries the upper vertebra.
    """

    __repr__ = brief

    name: str
    joint: str
    centre: Array
    chord: Array
    disc: Array
    node: int


def lumbar_joints(description: Description) -> dict[str, Joint]:
    """The joints that are lumbar levels, bottom to top.

    A joint is one if its name begins with the level's, whatever separates the vertebrae: ``L5S1``,
    ``L5_S1_IVDjnt``, ``L1_T12_IVDjnt`` (which is T12L1).

    Raises
    ------
    ModelError
        The model has fewer than two.
    """
    found = {}
    for joint in description.joints:
        plain = "".join(c for c in joint.name.upper() if c.isalnum())
        for level, names in _NAMES.items():
            if plain.startswith(names):
                found[level] = joint
    if len(found) < 2:
        raise ModelError(
            f"model {description.name!r} has fewer than two lumbar levels: the names of their joints must begin "
            f"with {', '.join(LEVELS)}"
        )
    return {level: found[level] for level in LEVELS if level in found}


def disc_tilts() -> dict[str, float]:
    """How far each disc's normal leans forward of the level's chord in upright standing, rad."""
    with resource("models", "discs.csv").open(newline="", encoding="utf-8") as stream:
        return {row["level"]: np.deg2rad(float(row["from_chord_deg"])) for row in csv.DictReader(stream)}


def level_frames(tree: Tree, motion: Motion, frames: int) -> list[LevelFrame]:
    """Axes of all levels, bottom to top.

    The chord of a level runs from its joint centre to the next one above; that of the highest level is the
    chord below it, the axis of the vertebra on which the thorax stands. The right axis is that of the upper
    vertebra made perpendicular, the anterior one completes the frame. A disc's normal leans forward of the
    chord by a published angle while the model stands (all coordinates zero); from there it moves half with
    the vertebra above and half with the one below.
    """
    levels = lumbar_joints(tree.description)
    joints = list(levels.values())
    centres = _centres(tree, motion, joints, frames)
    standing = tree.motion(dict.fromkeys(tree.description.coordinate_names, 0.0))
    upright = _chords(_centres(tree, standing, joints, 1))
    tilts = disc_tilts()
    out = []
    for k, ((level, joint), chord) in enumerate(zip(levels.items(), _chords(centres), strict=True)):
        right = stack_matrix(tree.orientation(motion, joint.child), frames)[:, :, 2]
        normal = _turned_forward(upright[k][0], tilts[level])
        disc = _carried_along(tree, standing, motion, joint, normal, frames)
        node = tree.placement[joint.child].node
        axes = _axes(chord, right), _axes(disc, right)
        out.append(LevelFrame(level, joint.name, centres[k], *axes, node))
    return out


def _centres(tree: Tree, motion: Motion, joints: list[Joint], frames: int) -> list[Array]:
    return [stack(tree.position(motion, j.child, j.child_pose.p.tolist()), frames) for j in joints]


def _chords(centres: list[Array]) -> list[Array]:
    chords = [above - centre for centre, above in pairwise(centres)]
    return [*chords, chords[-1]]


def _turned_forward(chord: Array, angle: float) -> Array:
    """Unit vector in the sagittal plane, ``angle`` forward of the chord."""
    lean = float(np.arctan2(chord[0], chord[1])) + angle
    return np.array([np.sin(lean), np.cos(lean), 0.0])


def _carried_along(
    tree: Tree, standing: Motion, motion: Motion, joint: Joint, direction: Array, frames: int
) -> Array:
    """A direction of the standing model as the two bodies of a joint carry it, summed (T, 3)."""
    total = np.zeros((frames, 3))
    for body in (joint.parent, joint.child):
        at_rest = stack_matrix(tree.orientation(standing, body), 1)[0]
        total += stack_matrix(tree.orientation(motion, body), frames) @ (at_rest.T @ direction)
    return total


def _axes(superior: Array, right: Array) -> Array:
    y = superior / np.linalg.norm(superior, axis=1, keepdims=True)
    z = right - np.einsum("ti,ti->t", right, y)[:, None] * y
    z /= np.linalg.norm(z, axis=1, keepdims=True)
    return np.stack([np.cross(y, z), y, z], axis=1)


def chord_axes(tree: Tree, motion: Motion, level: str) -> tuple[Vector, Vector, Vector]:
    """Anterior, superior (along the chord of joint centres) and right of a level, in ground.

    Works on floats, arrays over frames and symbols, as the tree does.

    Raises
    ------
    ModelError
        The model has no such level.
    """
    levels = lumbar_joints(tree.description)
    if level not in levels:
        raise ModelError(f"the model has no level {level}")
    names = list(levels)
    below = min(names.index(level), len(names) - 2)
    joints = list(levels.values())[below : below + 2]
    centre, above = (tree.position(motion, j.child, constant(j.child_pose.p)) for j in joints)
    y = _unit(minus(above, centre))
    right = [row[2] for row in tree.orientation(motion, levels[level].child)]
    z = _unit(minus(right, scaled(dot(right, y), y)))
    return cross(y, z), y, z


def _unit(vector: Vector) -> Vector:
    return scaled(1.0 / sqrt(dot(vector, vector)), vector)
