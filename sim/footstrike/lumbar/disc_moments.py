"""The springs of :mod:`footstrike.lumbar.disc_stiffness` at work in a model: what they take off the muscles.

Each level turns by its share of a lumbar coordinate about an axis of its own; its spring turns the upper
vertebra back about that axis and the lower one the other way. A pair of opposite moments moves no mass and
passes no force, so the equilibrium of every level stays; only the moment that muscles must supply changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from footstrike.brief import brief
from footstrike.dynamics.joint_functions import evaluate
from footstrike.dynamics.rigid_body import Motion, Tree, stack
from footstrike.errors import ModelError
from footstrike.lumbar.disc_stiffness import (
    Stiffness,
    Value,
    disc_stiffness,
    level_moments,
    passive_moments,
)
from footstrike.lumbar.levels import lumbar_joints
from footstrike.model.description import Axis, Joint
from footstrike.model.rows import LEVELS, LUMBAR_AXES

Array = NDArray[np.float64]

_COORDINATES = {f"lumbar_{axis}": axis for axis in LUMBAR_AXES}


@dataclass(frozen=True)
class DiscMoments:
    """Moments of the springs over T frames, N m.

    Attributes
    ----------
    on_coordinates
        By lumbar coordinate, (T,): generalised moment of all springs.
    on_levels
        By level, (T, 3): moment on the upper vertebra, ground frame; the lower one gets the opposite.
    """

    __repr__ = brief

    on_coordinates: dict[str, Array]
    on_levels: dict[str, Array]


def disc_moments(
    tree: Tree, motion: Motion, q: Mapping[str, Array], frames: int, discs: Value | Stiffness
) -> DiscMoments:
    """Moments of the springs of all levels.

    Parameters
    ----------
    q
        Coordinates, (T,) rad; the springs are at rest where the lumbar ones are zero.
    discs
        N m/rad by level and direction, or which values of the table (:func:`disc_stiffness`).

    Raises
    ------
    ModelError
        The levels do not follow ``lumbar_extension``, ``lumbar_bending`` and ``lumbar_rotation`` in fixed shares.
    """
    used = disc_stiffness(discs) if isinstance(discs, str) else discs
    turns = {level: _turns(tree, joint) for level, joint in lumbar_joints(tree.description).items()}
    fractions = {
        axis: {level: turns.get(level, {}).get(axis, (0, 0.0))[1] for level in LEVELS} for axis in LUMBAR_AXES
    }
    at_levels = level_moments(q, fractions, used)
    on_levels = {}
    for level, turned in turns.items():
        axes = {axis: stack([row[tree.nodes[k].axis] for row in motion.R[k]], frames) for axis, (k, _) in
                turned.items()}  # fmt: skip
        on_levels[level] = _vector(axes, at_levels[level], frames)
    return DiscMoments(passive_moments(q, fractions, used), on_levels)


def _turns(tree: Tree, joint: Joint) -> dict[str, tuple[int, float]]:
    """The elementary turns of a level by the axis of the coordinate: node, and share of the coordinate."""
    found = {}
    k, end = tree.placement[joint.child].node, tree.placement[joint.parent].node
    while k != end:
        node = tree.nodes[k]
        if node.motion is not None and node.motion.kind == "rotation":
            axis, share = _share(joint, node.motion)
            found[axis] = k, share
        k = node.parent
    return found


def _share(joint: Joint, axis: Axis) -> tuple[str, float]:
    name = axis.coordinate
    start, slope, _ = evaluate(axis.function, 0.0)
    end, *_ = evaluate(axis.function, 1.0)
    if name not in _COORDINATES or start != 0.0 or abs(float(end) - float(slope)) > 1e-9 or slope < 0.0:
        raise ModelError(
            f"disc stiffness: joint {joint.name!r} must turn by a fixed share of one of {', '.join(_COORDINATES)}"
        )
    return _COORDINATES[name], float(slope)


def _vector(axes: Mapping[str, Array], moments: Mapping[str, Array], frames: int) -> Array:
    """The moment whose components about nearly perpendicular axes (T, 3) are given."""
    if not axes:
        return np.zeros((frames, 3))
    rows = np.stack(list(axes.values()), axis=1)
    parts = np.stack([np.broadcast_to(moments[axis], (frames,)) for axis in axes], axis=1)
    return np.asarray((np.linalg.pinv(rows) @ parts[..., None])[..., 0])
