"""The net load between pelvis and trunk: what all above L5/S1 needs to move as it does, without muscles.

Inverse dynamics from the top down. The moment is told along the axes of a joint whose angles are lumbar extension,
bending and rotation (Grood & Suntay 1983, J Biomech Eng 105:136), as the net moments of measured runners are.
"""

from __future__ import annotations

from collections.abc import Sequence

from footstrike.dynamics.rigid_body import Motion, Tree
from footstrike.dynamics.scalars import Matrix, Vector, constant, cross, dot, minus, plus, scaled, sqrt
from footstrike.errors import ModelError

LEVEL, POINT = "L5S1", "back"
MOMENTS = ("L5S1_extension", "L5S1_bending", "L5S1_rotation")
"""Names of the three moments where they are tracked."""
PELVIS, THORAX = "pelvis", "torso"


def net_load(
    tree: Tree, motion: Motion, wrenches: tuple[list[Vector], list[Vector]]
) -> tuple[Vector, Vector]:
    """Force and moment on all above L5/S1, without muscles.

    The moment is told about the point where the skeleton of the measured runners carries its trunk (landmark ``back``), 2.8 cm
    above and 1.3 cm behind the joint's centre in a runner of 1.80 m, so that both are told about the same point.

    Works on floats, arrays over frames and symbols, as the tree does.

    Parameters
    ----------
    wrenches
        Of the joints (:meth:`footstrike.dynamics.rigid_body.Tree.wrenches`), without muscles.

    Returns
    -------
    force
        N, in ground: forward, up, right.
    moment
        N m: extension (positive extends the trunk), lateral bending (positive bends it to the right), axial
        rotation (positive turns it to the left). The axes are the pelvis's axis to the right, the forward axis that
        is perpendicular to the two others, and the thorax's axis upwards; they are not quite
        perpendicular to each other.

    Raises
    ------
    ModelError
        The model has no lumbar levels.
    """
    joint = next((j for j in tree.description.joints if j.name == LEVEL), None)
    if joint is None:
        raise ModelError(f"the model has no joint {LEVEL}, so it has no net load there")
    force, moment = tree.reaction(motion, wrenches, joint.name)
    body, place = tree.description.markers[POINT]
    back = tree.position(motion, body, constant(place))
    centre = tree.position(motion, joint.child, constant(joint.child_pose.p))
    moment = plus(moment, cross(minus(centre, back), force))
    axes = joint_axes(tree.orientation(motion, PELVIS), tree.orientation(motion, THORAX))
    return force, [dot(axis, moment) for axis in axes]


def joint_axes(pelvis: Matrix, thorax: Matrix) -> Sequence[Vector]:
    """Unit vectors of extension, bending and rotation in ground, from both bodies' rotations to ground."""
    right, up = ([row[k] for row in R] for R, k in ((pelvis, 2), (thorax, 1)))
    forward = cross(up, right)
    return right, scaled(1.0 / sqrt(dot(forward, forward)), forward), up
