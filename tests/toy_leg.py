"""A leg with all that a point's expressions are made of: a weld, a turned axis, a moving axis, contact, muscles, springs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from trolley import problem

from footstrike.control.problem import Drive, Spring, TrackProblem
from footstrike.model.description import (
    Axis,
    Body,
    ContactSphere,
    Coordinate,
    Description,
    Joint,
    Muscle,
    PathPolynomial,
    Polynomial,
    Pose,
    Sine,
)

_LINE = Polynomial((0.0, 1.0))
_HERE = Pose(np.eye(3), np.zeros(3))


def leg(
    length: float = 0.4, mass: float = 3.0, strength: float = 1000.0, stiffness: float = 1e6
) -> TrackProblem:
    """A problem whose point has every kind of parameter; what scales with a runner does so here."""
    x, y, z = np.eye(3)
    turned = np.array([[0.0, 0.0, 1.0], [0.6, 0.8, 0.0], [-0.8, 0.6, 0.0]])
    oblique = np.array([0.1, -0.2, np.sqrt(0.95)])
    inertia = mass * length**2 * np.array([[0.09, 0.01, 0.0], [0.01, 0.02, 0.0], [0.0, 0.0, 0.1]])

    def body(name: str, share: float) -> Body:
        return Body(name, share * mass, np.array([0.02, -length / 2, 0.0]), share * inertia)

    joints = (
        Joint(
            "root",
            "ground",
            "thigh",
            _HERE,
            _HERE,
            (
                Axis("translation", x, "pelvis_tx", _LINE),
                Axis("translation", y, "pelvis_ty", _LINE),
                Axis("rotation", -z, "pelvis_tilt", _LINE),
            ),
        ),
        Joint(
            "knee_r",
            "thigh",
            "shank",
            Pose(np.eye(3), np.array([0.0, -length, 0.0])),
            _HERE,
            (
                Axis("translation", x, "knee_angle_r", Polynomial((0.01 * length, 0.0, 0.02 * length))),
                Axis("translation", y, "knee_angle_r", Sine(0.01 * length, 1.5, 0.2, 0.0)),
                Axis("rotation", x, None, Polynomial((0.05 * length,))),
                Axis("rotation", oblique, "knee_angle_r", _LINE),
            ),
        ),
        Joint(
            "weld",
            "shank",
            "foot",
            Pose(turned, np.array([0.0, -length, 0.01])),
            Pose(turned, np.zeros(3)),
            (),
        ),
    )
    names = ("pelvis_tx", "pelvis_ty", "pelvis_tilt", "knee_angle_r")
    spheres = tuple(
        ContactSphere(f"{n}_r", "foot", np.array([at, -0.02, 0.0]), 0.1 * length, stiffness, 1.5, 0.8, 0.1)
        for n, at in (("heel", -0.03), ("toe", 0.12))
    )
    muscles = tuple(
        Muscle(n, strength, 0.3 * length, 0.5 * length, pennation, 10.0, (), tendon_strain=0.05)
        for n, pennation in (("front_r", 0.0), ("back_r", 0.2))
    )
    path = PathPolynomial(
        ("knee_angle_r",),
        np.zeros(1),
        np.ones(1),
        np.array([[0], [1], [3]]),
        length * np.array([0.8, -0.1, 0.02]),
        0.0,
        0.0,
    )
    description = Description(
        "leg",
        np.array([0.0, -9.81, 0.0]),
        (body("thigh", 0.6), body("shank", 0.3), body("foot", 0.1)),
        joints,
        tuple(
            Coordinate(n, "root" if n.startswith("pelvis") else "knee_r", "rotation", 0.0, -9.0, length)
            for n in names
        ),
        spheres=spheres,
    )
    drive = Drive(
        muscles,
        {m.name: path for m in muscles},
        ("knee_angle_r",),
        ("back_r",),
        ("front_r", "back_r"),
        {"front_r": 2.0},
        scale={"knee_angle_r": 0.5 * mass},
        springs={"knee_angle_r": Spring(0.2 * mass, 0.1)},
    )
    return replace(problem(), description=description, drive=drive)
