"""Loads of tissue, and costs, as variables of every collocation point: what an optimised gait pays for, and what limits it.

Each is one number of a point, held by an equality ``load(motion, muscles) = variable`` at the point. So an objective of it
stays simple (a peak is a bound that no variable exceeds, a mean is a linear sum), and a limit on it has one multiplier.

A load has two parts. ``net`` follows from motion and ground (:class:`footstrike.control.point.Quantities`); muscles add
``pull(q)`` times their tension, and their heat (:mod:`footstrike.control.muscle_part`). A load is added by a class here.
"""

from __future__ import annotations

from abc import ABC
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from footstrike.brief import brief
from footstrike.dynamics.scalars import dot, positive, sqrt
from footstrike.lumbar.levels import chord_axes
from footstrike.model.description import PullPolynomial

if TYPE_CHECKING:
    from footstrike.control.point import Quantities

SMALL_FORCE = 0.005  # body weights, within which the positive part of a force is smooth


@dataclass(frozen=True)
class MuscleHeat:
    """What a muscle's metabolic rate depends on beside its state: mass, kg, and share of slow fibres."""

    mass: float
    slow: float


@dataclass(frozen=True)
class Load(ABC):
    """One number of a collocation point.

    Attributes
    ----------
    name
        By which its variable and its row are told.
    scale
        What counts as one (N or W): a body weight, the power of 1 J/kg/m.
    pull
        By muscle, how much of its tension is part of the load.
    heat
        Of the muscles whose metabolic rate is part of the load.
    """

    __repr__ = brief

    name: str
    scale: float = 1.0
    pull: Mapping[str, PullPolynomial] = field(default_factory=dict)
    heat: Mapping[str, MuscleHeat] = field(default_factory=dict)

    def net(self, at: Quantities) -> Any:
        """The part without muscles, in units of the scale."""
        return 0.0

    @property
    def joint(self) -> str | None:
        """The joint whose force it is."""
        return None


COMPONENTS = {"compression": (1, 1.0), "anterior_shear": (0, -1.0), "right": (2, 1.0)}
"""Components of the force on the upper vertebra of a level: axis (anterior, along the chord of joint centres, right), sign."""


@dataclass(frozen=True)
class LevelForce(Load):
    """Component of the force on the upper vertebra of a lumbar level (:data:`COMPONENTS`)."""

    level: str = "L5S1"
    component: str = "compression"

    def net(self, at: Quantities) -> Any:
        """What all above the level asks of its joint."""
        place, sign = COMPONENTS[self.component]
        axis = chord_axes(at.tree, at.motion, self.level)[place]
        return sign * dot(at.reaction(self.level)[0], axis) / self.scale

    @property
    def joint(self) -> str | None:
        """The level's."""
        return self.level


@dataclass(frozen=True)
class BoneForce(Load):
    """Force of a leg's joint along a long bone, compression positive: hip on the femur, knee and ankle on the tibia."""

    of: str = "knee_r"
    bone: str = "tibia_r"

    def net(self, at: Quantities) -> Any:
        """What all below the joint asks of it, along the bone."""
        axis = [row[1] for row in at.tree.orientation(at.motion, self.bone)]
        return -dot(at.reaction(self.of)[0], axis) / self.scale

    @property
    def joint(self) -> str | None:
        """The joint of the leg."""
        return self.of


@dataclass(frozen=True)
class TendonForce(Load):
    """What only muscles pull: force of a tendon, force behind the patella."""


@dataclass(frozen=True)
class MetabolicRate(Load):
    """Of all muscles, above that of the same muscles at rest."""

    rest: float = 0.0

    def net(self, at: Quantities) -> Any:
        """Minus the rate at rest, W."""
        return -self.rest / self.scale


@dataclass(frozen=True)
class EffortLoad(Load):
    """Squared activations, weighted so that the sum is their mean."""

    def net(self, at: Quantities) -> Any:
        """The sum at the point."""
        return at.effort / self.scale


@dataclass(frozen=True)
class BrakingForce(Load):
    """Backward force on one foot."""

    side: str = "r"

    def net(self, at: Quantities) -> Any:
        """The negative part of the fore-aft force, body weights, smooth within :data:`SMALL_FORCE`."""
        fore_aft = at.ground_force[{"r": 0, "l": 3}[self.side]]
        return positive(-fore_aft, SMALL_FORCE) / self.scale


@dataclass(frozen=True)
class Resultant(Load):
    """Size of the force whose components are other loads of the point."""

    parts: tuple[str, ...] = ()

    def net(self, at: Quantities) -> Any:
        """Of the components' variables, smooth at zero."""
        squares = sum(at.load(name) ** 2 for name in self.parts)
        return sqrt(squares + SMALL_FORCE**2) / self.scale


@dataclass(frozen=True)
class Damage(Load):
    """Another load of the point in units of the scale, to a power."""

    of: str = ""
    exponent: int = 4

    def net(self, at: Quantities) -> Any:
        """Of the load's variable; a pull counts nothing."""
        return positive(at.load(self.of) / self.scale, SMALL_FORCE) ** self.exponent
