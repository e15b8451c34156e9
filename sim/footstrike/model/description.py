"""An OpenSim model as plain data: what the OpenSim worker answers and what the dynamics are built from.

Frames and units are OpenSim's: ground x forward, y up, z to the runner's right; metres, radians, kilograms,
newtons. A pose ``(R, p)`` maps child coordinates to parent coordinates: ``x_parent = R @ x_child + p``.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from footstrike.brief import brief
from footstrike.model.muscle_curves import muscle_curves

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Pose:
    """Rotation ``R`` (3, 3) and translation ``p`` (3,) of a frame in its base frame."""

    __repr__ = brief

    R: Array
    p: Array


@dataclass(frozen=True)
class Polynomial:
    """``f(x) = sum_k coefficients[k] x**k``, lowest order first; constants and lines are short ones."""

    coefficients: tuple[float, ...]


@dataclass(frozen=True)
class Cubic:
    """Piecewise cubic through ``x``: values ``y`` and slopes ``dy`` at the knots, straight lines outside."""

    __repr__ = brief

    x: Array
    y: Array
    dy: Array


@dataclass(frozen=True)
class Piecewise:
    """Polynomials in pieces, the outer ones going on for ever.

    Piece k holds from ``breaks[k - 1]`` to ``breaks[k]``:
    ``f(x) = sum_j coefficients[k, j] (x - origins[k])**j``; ``n`` breaks make ``n + 1`` pieces.
    """

    __repr__ = brief

    breaks: Array
    origins: Array
    coefficients: Array


@dataclass(frozen=True)
class Sine:
    """``f(x) = amplitude sin(omega x + phase) + offset``."""

    amplitude: float
    omega: float
    phase: float
    offset: float


@dataclass(frozen=True)
class Composite:
    """``f(x) = outer(inner(x))``: a joint function of a coordinate that a coupler makes dependent."""

    outer: Function
    inner: Function


Function = Polynomial | Cubic | Piecewise | Sine | Composite


@dataclass(frozen=True)
class Axis:
    """One elementary motion of a joint: rotation about, or translation along, ``direction`` (unit, (3,))."""

    __repr__ = brief

    kind: Literal["rotation", "translation"]
    direction: Array
    coordinate: str | None
    function: Function


@dataclass(frozen=True)
class Joint:
    """A joint: its frame on parent and child body, and its motions, translations before rotations."""

    __repr__ = brief

    name: str
    parent: str
    child: str
    parent_pose: Pose
    child_pose: Pose
    axes: tuple[Axis, ...]


@dataclass(frozen=True)
class Body:
    """Mass (kg), centre of mass in the body frame (3,), inertia about the centre of mass (3, 3) in kg m2."""

    __repr__ = brief

    name: str
    mass: float
    com: Array
    inertia: Array


@dataclass(frozen=True)
class Coordinate:
    """A generalised coordinate with its range (rad or m).

    ``clamped``: OpenSim keeps it within the range; the dynamics here do not.
    """

    name: str
    joint: str
    motion: Literal["rotation", "translation", "coupled"]
    default: float
    minimum: float
    maximum: float
    locked: bool = False
    clamped: bool = False


@dataclass(frozen=True)
class Coupler:
    """``dependent = function(independent)``."""

    name: str
    dependent: str
    independent: str
    function: Function


@dataclass(frozen=True)
class PullPolynomial:
    """Force of a joint along an axis per newton of a muscle's tension; fields as of :class:`PathPolynomial`."""

    __repr__ = brief

    coordinates: tuple[str, ...]
    centre: Array
    scale: Array
    exponents: NDArray[np.int_]
    coefficients: Array


@dataclass(frozen=True)
class PathPolynomial:
    """Length (m) of a muscle-tendon unit as a polynomial in the coordinates that its path spans.

    ``length = sum_k coefficients[k] prod_i x_i**exponents[k, i]`` with ``x_i = (q_i - centre_i) /
    scale_i``, which is within -1..1 over the range of motion that was sampled. Moment arms are minus its
    derivatives.

    Attributes
    ----------
    coordinates
        n names.
    centre, scale
        (n,) rad or m.
    exponents, coefficients
        (k, n) whole numbers and (k,) m.
    length_rms_m, arm_rms_m
        Error against OpenSim over the range, moment arms pooled over the coordinates that turn, m. An arm
        about a coordinate that turns the spine several times as far as itself counts per radian of the
        spine.
    contradiction_share
        Share of the range in which OpenSim contradicts itself (see
        :class:`footstrike.model.measured.MusclePath`); left out of the errors.
    jump_share
        Share of the range in which OpenSim's path has jumped (a wrap flipped over); left out of fit and
        errors.
    """

    __repr__ = brief

    coordinates: tuple[str, ...]
    centre: Array
    scale: Array
    exponents: NDArray[np.int_]
    coefficients: Array
    length_rms_m: float
    arm_rms_m: float
    jump_share: float = 0.0
    contradiction_share: float = 0.0

    def times(self, factor: float) -> PathPolynomial:
        """That of a body whose lengths are all ``factor`` times as large."""
        return replace(
            self,
            coefficients=factor * self.coefficients,
            length_rms_m=factor * self.length_rms_m,
            arm_rms_m=factor * self.arm_rms_m,
        )


@dataclass(frozen=True)
class Muscle:
    """A muscle-tendon unit with the parameters of De Groote et al. 2016.

    Attributes
    ----------
    path
        Points fixed on bodies where the path is straight between them; empty where ``polynomial`` is given.
    polynomial
        Length over the coordinates, where the path wraps or has moving or conditional points.
    kind
        OpenSim's type of the muscle in the file.
    width_scale, passive_strain
        Width of the active force-length curve, relative; fibre strain at which the passive force is one
        maximal isometric force.
    tendon_strain
        Tendon strain at one maximal isometric force.
    fibre_damping
        In maximal isometric forces per maximal velocity; as in the file, not used by the curves.
    mapping_error
        Largest difference from the source's fibre force at full activation, in maximal isometric forces, over
        lengths 0.5..1.5 (optimal lengths) and velocities -1..1 (maximal velocities).
    mapping_rms
        Root mean square of the same differences.
    group
        What it is part of: "vasti". The narrowest group of the file's forces that has it; "" where there is none.
    """

    __repr__ = brief

    name: str
    max_isometric_force: float
    optimal_fibre_length: float
    tendon_slack_length: float
    pennation: float
    max_velocity: float
    path: tuple[tuple[str, Array], ...]
    polynomial: PathPolynomial | None = None
    kind: str = "DeGrooteFregly2016Muscle"
    width_scale: float = 1.0
    passive_strain: float = field(default_factory=lambda: muscle_curves().passive_strain)
    tendon_strain: float = field(default_factory=lambda: muscle_curves().tendon_strain)
    fibre_damping: float = 0.0
    mapping_error: float = 0.0
    mapping_rms: float = 0.0
    group: str = ""


@dataclass(frozen=True)
class ForceElement:
    """A force of the file that the dynamics here do not apply: a ligament, an actuator, a bushing, a contact.

    ``properties`` are its parameters as they are written in the file.
    """

    __repr__ = brief

    name: str
    kind: str
    properties: dict[str, str]


@dataclass(frozen=True)
class ContactSurface:
    """Contact geometry: OpenSim's type, the body and the frame on it, radius or mesh file."""

    __repr__ = brief

    name: str
    kind: str
    body: str
    pose: Pose
    radius: float | None = None
    file: str | None = None


@dataclass(frozen=True)
class ContactSphere:
    """A foot contact sphere: centre in its body's frame (m), radius (m), stiffness (Pa), dissipation (s/m).

    ``friction`` is the coefficient reached above ``transition_velocity`` (m/s).
    """

    __repr__ = brief

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
    """A model: bodies, joints from ground outwards, free coordinates, muscles, contact, markers.

    Attributes
    ----------
    coordinates
        The free ones (neither locked, prescribed nor driven by a coupler) in OpenSim's order.
    couplers
        For reference, each after those it depends on; the joint functions contain them already.
    fixed
        Value of every locked or prescribed coordinate, rad or m; the joint functions contain it already.
    forces
        What the file has beside muscles and contact spheres; not applied.
    surfaces
        Contact geometry.
    inventory
        How many components of each of OpenSim's types the file has.
    unlike_opensim
        Joints in which OpenSim's accelerations lack a term (several rotations by one coordinate); here they
        are complete.
    warnings
        One line for every kind of component that is not carried over, with the names.
    """

    __repr__ = brief

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
    fixed: dict[str, float] = field(default_factory=dict)
    forces: tuple[ForceElement, ...] = ()
    surfaces: tuple[ContactSurface, ...] = ()
    inventory: dict[str, int] = field(default_factory=dict)
    unlike_opensim: tuple[str, ...] = ()

    @property
    def coordinate_names(self) -> list[str]:
        """Names of the free coordinates, in order."""
        return [c.name for c in self.coordinates]

    @property
    def mass(self) -> float:
        """Total mass, kg."""
        return sum(b.mass for b in self.bodies)
