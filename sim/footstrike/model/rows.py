"""The runner's parameters as frozen dataclasses: one class for each table of models/."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from footstrike.brief import brief

LEVELS = ("L5S1", "L4L5", "L3L4", "L2L3", "L1L2", "T12L1")
"""Lumbar joints, bottom to top."""

LUMBAR_AXES = ("extension", "bending", "rotation")
"""The trunk's three rotations: coordinates ``lumbar_extension``, ``lumbar_bending``, ``lumbar_rotation``."""

SLOTS = ("rotation1", "rotation2", "rotation3", "translation1", "translation2", "translation3")

Vec3 = tuple[float, float, float]


@dataclass(frozen=True)
class BodyRow:
    """Mass (kg), centre of mass (m, body frame), moments of inertia about it (kg m2)."""

    name: str
    mass: float
    com: Vec3
    moments: Vec3
    source: str


@dataclass(frozen=True)
class JointRow:
    """A joint: place (m) and orientation (rad, body-fixed x-y-z) on the parent, place on the child."""

    name: str
    kind: Literal["custom", "spine", "weld"]
    parent: str
    child: str
    parent_at: Vec3
    parent_turned: Vec3
    child_at: Vec3
    source: str


@dataclass(frozen=True)
class AxisRow:
    """One motion of a joint: along or about ``direction`` by ``function(coordinate)``."""

    joint: str
    slot: str
    direction: Vec3
    coordinate: str
    function: tuple[float, ...]  # polynomial, lowest order first
    source: str


@dataclass(frozen=True)
class CoordinateRow:
    """Default value and range of a coordinate, rad or m."""

    name: str
    motion: Literal["rotation", "translation"]
    default: float
    minimum: float
    maximum: float
    source: str


@dataclass(frozen=True)
class CouplerRow:
    """``dependent = slope * independent``."""

    dependent: str
    independent: str
    slope: float
    source: str


@dataclass(frozen=True)
class Rhythm:
    """How the trunk's rotation is shared: ``fractions[axis][level]``, summing to 1 over the levels."""

    __repr__ = brief

    name: str
    fractions: dict[str, dict[str, float]]
    source: str


@dataclass(frozen=True)
class FascicleRow:
    """A trunk fascicle: strength (N), optimal fibre and tendon slack length (m), pennation (rad), path (m).

    ``cost_weight`` is the weight of its squared activation in a cost that sums over fascicles: 1 for a
    published fascicle, and for one that stands for several what makes the sum the same as over these.
    """

    name: str
    group: str
    max_isometric_force: float
    optimal_fibre_length: float
    tendon_slack_length: float
    pennation: float
    path: tuple[tuple[str, Vec3], ...]
    source: str
    cost_weight: float = 1.0
    members: tuple[str, ...] = ()


@dataclass(frozen=True)
class PathPointRow:
    """A point of a path on a body: fixed, there only ``within`` a coordinate's range, or moved by it.

    ``at`` is its place (m), for a moving point with the coordinate at zero; ``moves`` are its x, y and z (m) at
    the coordinate's ``knots`` (rad), between which natural splines run.
    """

    body: str
    at: Vec3
    coordinate: str = ""
    within: tuple[float, float] | None = None
    knots: tuple[float, ...] = ()
    moves: tuple[tuple[float, ...], ...] = ()

    @property
    def is_there_standing(self) -> bool:
        """Whether the path touches it with all coordinates zero."""
        return self.within is None or self.within[0] <= 0.0 <= self.within[1]


@dataclass(frozen=True)
class MuscleRow:
    """A leg muscle: strength (N), optimal fibre and tendon slack length (m), pennation (rad), path."""

    __repr__ = brief

    name: str
    group: str
    max_isometric_force: float
    optimal_fibre_length: float
    tendon_slack_length: float
    pennation: float
    path: tuple[PathPointRow, ...]
    source: str

    @property
    def standing_path(self) -> tuple[tuple[str, Vec3], ...]:
        """The path with all coordinates zero."""
        return tuple((p.body, p.at) for p in self.path if p.is_there_standing)


@dataclass(frozen=True)
class ContactRow:
    """A contact sphere and the parameters of its force, named and meant as in SmoothSphereHalfSpaceForce."""

    name: str
    body: str
    location: Vec3
    radius: float
    stiffness: float
    dissipation: float
    static_friction: float
    dynamic_friction: float
    viscous_friction: float
    transition_velocity: float


@dataclass(frozen=True)
class Landmark:
    """A named point on a body, m."""

    name: str
    body: str
    location: Vec3
    source: str


@dataclass(frozen=True)
class RunnerTables:
    """Everything models/ says about the runner."""

    __repr__ = brief

    bodies: tuple[BodyRow, ...]
    joints: tuple[JointRow, ...]
    axes: tuple[AxisRow, ...]
    coordinates: tuple[CoordinateRow, ...]
    couplers: tuple[CouplerRow, ...]
    rhythms: dict[str, Rhythm]
    fascicles: dict[str, tuple[FascicleRow, ...]]  # by trunk set: "full", "reduced"
    spheres: tuple[ContactRow, ...]
    landmarks: tuple[Landmark, ...]
    leg_muscles: dict[str, tuple[MuscleRow, ...]]  # by leg set: "hamner"
