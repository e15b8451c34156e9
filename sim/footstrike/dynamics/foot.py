"""How a foot stands: on numbers, arrays over frames, or symbols."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from footstrike.dynamics.rigid_body import Motion, Tree
from footstrike.dynamics.scalars import Scalar, arctan, sqrt, transform


def foot_pitch(tree: Tree, motion: Motion, side: str) -> Scalar:
    """Elevation of the line from heel to toe marker above the same line in flat standing, rad, toe up +.

    ``side`` is ``r`` or ``l``.
    """
    markers = tree.description.markers
    (body, heel), (_, toe) = markers[f"foot_heel_{side}"], markers[f"foot_toe_{side}"]
    standing = [float(x) for x in toe - heel]
    turned = transform(tree.orientation(motion, body), standing)
    elevations = (arctan(y / sqrt(x * x + z * z)) for x, y, z in (turned, standing))
    return next(elevations) - next(elevations)


def sole_height(tree: Tree, motion: Motion, sides: str = "rl") -> NDArray[np.float64]:
    """Height of the lowest point of the contact spheres, m, in every frame of a motion in numbers; of both feet or of one."""
    return np.asarray(
        np.min(
            [
                np.asarray(tree.position(motion, s.body, [float(x) for x in s.location])[1]) - s.radius
                for s in tree.description.spheres
                if s.name[-1] in sides
            ],
            axis=0,
        )
    )
