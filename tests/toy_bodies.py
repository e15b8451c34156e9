"""A rigid body on one joint, as plain data."""

from __future__ import annotations

import numpy as np

from footstrike.model.description import (
    Axis,
    Body,
    ContactSphere,
    Coordinate,
    Description,
    Joint,
    Polynomial,
    Pose,
)

GRAVITY = 9.80665
MASS, ARM, INERTIA = 2.0, 0.4, 0.05


def one_body(names: dict[str, tuple[str, int]], spheres: tuple[ContactSphere, ...] = ()) -> Description:
    """A body on one joint; name -> kind and axis, in order. Its centre of mass is ``ARM`` below its origin."""
    here = Pose(np.eye(3), np.zeros(3))
    one = Polynomial((0.0, 1.0))
    axes = tuple(Axis(kind, np.eye(3)[k], name, one) for name, (kind, k) in names.items())
    return Description(
        name="toy",
        gravity=np.array([0.0, -GRAVITY, 0.0]),
        bodies=(Body("body", MASS, np.array([0.0, -ARM, 0.0]), INERTIA * np.eye(3)),),
        joints=(Joint("joint", "ground", "body", here, here, axes),),
        coordinates=tuple(Coordinate(n, "joint", kind, 0.0, -9.0, 9.0) for n, (kind, _) in names.items()),
        spheres=spheres,
    )
