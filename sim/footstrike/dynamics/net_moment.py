"""Net moment of a lumbar joint about the axes of the lumbar coordinates: no muscles, of all that is above it."""

from __future__ import annotations

from footstrike.dynamics.rigid_body import Motion, Tree
from footstrike.dynamics.scalars import Matrix, Scalar, Vector, cross, dot, scaled, sqrt

LOWER, UPPER = "pelvis", "torso"


def net_moment(
    tree: Tree, motion: Motion, wrenches: tuple[list[Vector], list[Vector]], joint: str
) -> dict[str, Scalar]:
    """Moment (N m) of the part below a joint on the part above it, about the axes of the lumbar coordinates.

    ``extension`` about the pelvis's axis to the right, ``rotation`` about the thorax's axis upwards, ``bending`` about the
    floating axis at right angles to both, forwards. Positive on what is above: extension, bending to the right, rotation to
    the left. In the model of Hamner et al. (2010) these are the generalised forces of the back's coordinates.

    Parameters
    ----------
    wrenches
        What :meth:`Tree.wrenches` gives.
    """
    _, moment = tree.reaction(motion, wrenches, joint)
    right, up = _column(tree.orientation(motion, LOWER), 2), _column(tree.orientation(motion, UPPER), 1)
    forwards = cross(up, right)
    length = sqrt(dot(forwards, forwards))
    return {
        "extension": dot(moment, right),
        "bending": dot(moment, scaled(1.0 / length, forwards)),
        "rotation": dot(moment, up),
    }


def _column(matrix: Matrix, k: int) -> Vector:
    return [row[k] for row in matrix]
