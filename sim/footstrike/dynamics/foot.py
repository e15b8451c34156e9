"""How a foot stands: on numbers, arrays over frames, or symbols."""

from __future__ import annotations

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
