"""An OpenSim model as plain data: what the OpenSim worker answers and what the dynamics are built from.

Frames and units are OpenSim's: ground x forward, y up, z to the runner's right; metres, radians, kilograms,
newtons. A pose ``(R, p)`` maps child coordinates to parent coordinates: ``x_parent = R @ x_child + p``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Pose:
    """Rotation ``R`` (3, 3) and translation ``p`` (3,) of a frame in its base frame."""

    R: Array
    p: Array


@dataclass(frozen=True)
class Polynomial:
    """``f(x) = sum_k coefficients[k] x**k`` (lowest order first; constants and lines are short polynomials)."""

    coefficients: tuple[float, ...]


@dataclass(frozen=True)
class Cubic:
    """Piecewise cubic through ``x``: values ``y`` and slopes ``dy`` at the knots, straight lines outside."""

    x: Array
    y: Array
    dy: Array


@dataclass(frozen=True)
class Composite:
    """``f(x) = outer(inner(x))``: a joint function of a coordinate that a coupler makes dependent."""

    outer: Function
    inner: Function


Function = Polynomial | Cubic | Composite


@dataclass(frozen=True)
class Axis:
    """One elementary motion of a joint: a rotation about, or a translation along, ``direction`` (unit, (3,))."""

    kind: Literal["rotation", "translation"]
    direction: Array
    coordinate: str | None
    function: Function


@dataclass(frozen=True)
class Joint:
    """A joint: its frame on parent and child body, and its motions, translations before rotations."""

    name: str
    parent: str
    child: str
    parent_pose: Pose
    child_pose: Pose
    axes: tuple[Axis, ...]


@dataclass(frozen=True)
class Body:
    """Mass (kg), centre of mass in the body frame (3,), inertia about the centre of mass (3, 3) in kg m2."""

    name: str
    mass: float
    com: Array
    inertia: Array


@dataclass(frozen=True)
class Coordinate:
    """A generalised coordinate with its range (rad or m)."""

    name: str
    joint: str
    motion: Literal["rotation", "translation", "coupled"]
    default: float
    minimum: float
    maximum: float
    locked: bool = False


@dataclass(frozen=True)
class Coupler:
    """``dependent = function(independent)``."""

    name: str
    dependent: str
    independent: str
    function: Function


@dataclass(frozen=True)
class Muscle:
    """A muscle-tendon unit with a path of straight lines through points fixed on bodies."""

    name: str
    max_isometric_force: float
    optimal_fibre_length: float
    tendon_slack_length: float
    pennation: float
    max_velocity: float
    path: tuple[tuple[str, Array], ...]


@dataclass(frozen=True)
class ContactSphere:
    """A foot contact sphere: centre in its body's frame (m), radius (m), stiffness (Pa), dissipation (s/m).

    ``friction`` is the coefficient reached above ``transition_velocity`` (m/s).
    """

    name: str
    body: str
    location: Array
    radius: float
    stiffness: float
    dissipation: float
    friction: float
    transition_velocity: float


@dataclass(frozen=True)
class Description:
    """A model: bodies, joints from ground outwards, free coordinates first to last, muscles, contact, markers.

    ``coordinates`` holds the independent, unlocked ones in OpenSim's order; ``couplers`` has been applied to the
    joint functions already and stays for reference, as do ``dependents``.
    """

    name: str
    gravity: Array
    bodies: tuple[Body, ...]
    joints: tuple[Joint, ...]
    coordinates: tuple[Coordinate, ...]
    couplers: tuple[Coupler, ...] = ()
    muscles: tuple[Muscle, ...] = ()
    spheres: tuple[ContactSphere, ...] = ()
    markers: dict[str, tuple[str, Array]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @property
    def coordinate_names(self) -> list[str]:
        """Names of the free coordinates, in order."""
        return [c.name for c in self.coordinates]

    @property
    def mass(self) -> float:
        """Total mass, kg."""
        return sum(b.mass for b in self.bodies)
