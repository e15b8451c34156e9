"""What a tracking problem is made of, and what comes back: plain data that travels to the worker and home."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from footstrike.brief import brief
from footstrike.control.aims import Aim, Choice
from footstrike.control.point_loads import Load
from footstrike.control.reference import Reference
from footstrike.control.solution import Ends, Solution
from footstrike.control.terms import HABITUAL, Objective
from footstrike.dynamics.scalars import Scalar
from footstrike.model.activation import activation_dynamics
from footstrike.model.description import ContactSphere, Description, Muscle, PathPolynomial

Array = NDArray[np.float64]


@dataclass(frozen=True)
class FreeContact:
    """Contact parameters left free, all as changes of the model's own: log stiffness, offsets (m), log damping.

    ``groups`` maps a sphere's name without its side to the group whose parameters it shares.
    """

    __repr__ = brief

    groups: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Spring:
    """Passive moment ``-stiffness q - damping q'`` on a coordinate: N m/rad, N m s/rad."""

    stiffness: float
    damping: float = 0.0


@dataclass(frozen=True)
class Drive:
    """What moves the joints: muscles, where there are any, and actuators everywhere else.

    Attributes
    ----------
    muscles, paths
        M muscles, and the polynomial of each, by name.
    balanced
        Coordinates whose moments the muscles supply, but for a penalised reserve; the others have actuators.
    compliant
        Names of muscles whose tendon stretches.
    passive
        Names of muscles whose fibres pull at rest too.
    cost
        Weight of each muscle's squared activation, by name; 1 where not named.
    activation_time, deactivation_time
        s; activation obeys ``-a / deactivation_time <= da/dt <= (1 - a) / activation_time``, which is first-order
        activation dynamics with an excitation between 0 and 1 (De Groote et al. 2009, Comput Methods Biomech
        Biomed Engin 12:563).
    floor
        Least activation.
    scale, limit
        Moment of a coordinate's actuator or reserve that counts as one in the objective, and the largest that
        there may be, N m, by coordinate. Not named: half of what the joint's muscles can do, for an actuator,
        and 1 N m, for a reserve; no limit.
    springs
        Passive springs, by coordinate.
    tissue
        Whether tissue resists at the ends of the ranges of balanced coordinates (:mod:`footstrike.control.passive_moments`,
        whose knee flexion is negative).
    """

    __repr__ = brief

    muscles: tuple[Muscle, ...] = ()
    paths: Mapping[str, PathPolynomial] = field(default_factory=dict)
    balanced: tuple[str, ...] = ()
    compliant: tuple[str, ...] = ()
    passive: tuple[str, ...] = ()
    cost: Mapping[str, float] = field(default_factory=dict)
    activation_time: float = field(default_factory=lambda: activation_dynamics().activation_time)
    deactivation_time: float = field(default_factory=lambda: activation_dynamics().deactivation_time)
    floor: float = field(default_factory=lambda: activation_dynamics().least)
    scale: Mapping[str, float] = field(default_factory=dict)
    limit: Mapping[str, float] = field(default_factory=dict)
    springs: Mapping[str, Spring] = field(default_factory=dict)
    tissue: bool = True

    @property
    def names(self) -> list[str]:
        """Names of the muscles."""
        return [m.name for m in self.muscles]

    @property
    def actuators(self) -> Drive:
        """The same joints without muscles: actuators without limits in their place."""
        scale = {n: s for n, s in self.scale.items() if n not in self.balanced}
        return Drive(scale=scale, springs=self.springs)


@dataclass(frozen=True)
class Prescribed:
    """A coordinate's value (rad or m) at a phase 0..1 of the cycle within ``bound``, as a constraint.

    With ``rate``, its time derivative; its bound is then that at the reference's duration.
    """

    coordinate: str
    phase: float
    value: float
    bound: float = 0.0
    rate: bool = False


@dataclass(frozen=True)
class Event:
    """What a quantity of one side must be at a phase of the cycle: ``low <= quantity <= high``.

    ``quantity`` is ``vertical_force`` (body weights) or ``foot_pitch`` (rad, toe up +, 0 as in flat standing), of a
    ``side``, ``r`` or ``l``.
    """

    quantity: Literal["vertical_force", "foot_pitch"]
    side: str
    phase: float
    low: float
    high: float


@dataclass(frozen=True)
class TrackProblem:
    """A request to the CasADi worker: one or more gaits of one model that share its contact parameters.

    Attributes
    ----------
    references
        What each gait is compared with.
    breaks
        Ends of the mesh intervals, phase 0..1.
    ends
        How a cycle closes: ``mirrored`` (half a stride, left and right change roles), ``periodic`` (a stride) or
        ``free`` (a piece of a measured trial).
    duration_bound
        How far the duration may leave the reference's, as a part of it.
    prescribed
        Further constraints, on every gait.
    events
        Constraints at single phases that are not linear, on every gait.
    ranges
        Least and greatest value of coordinates (rad or m) at the collocation points; elsewhere nothing limits them.
    loads
        Variables of every point beside the motion: loads of tissue, and costs.
    aims
        What of the loads is paid for or limited; their gait is the only one then.
    choices
        What of a gait may be chosen.
    guess
        Where to start from.
    begin
        What the first motion is fitted to where there is no guess; the references if None.
    habit
        A solved gait that is modified: efforts, accelerations and smoothness then count as differences from its
        own, so that it costs nothing itself.
    """

    __repr__ = brief

    description: Description
    references: tuple[Reference, ...]
    breaks: Array
    ends: Ends = "mirrored"
    drive: Drive = Drive()
    points_per_interval: int = 3
    smoothness: int = 1
    objective: Objective = HABITUAL
    contact: FreeContact = FreeContact()
    duration_bound: float = 0.0
    prescribed: tuple[Prescribed, ...] = ()
    events: tuple[Event, ...] = ()
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    ipopt: Mapping[str, Any] = field(default_factory=dict)
    loads: tuple[Load, ...] = ()
    aims: tuple[Aim, ...] = ()
    choices: tuple[Choice, ...] = ()
    guess: Solution | None = None
    begin: tuple[Reference, ...] | None = None
    habit: Solution | None = None


_MESH = ((0.08, 2), (0.28, 10), (1.0, 20))  # end of a stretch of the half cycle, its share of the intervals


def default_breaks(points: int = 96, points_per_interval: int = 3, steps: int = 1) -> Array:
    """Ends of the mesh intervals over one or two steps: dense while a foot lands, coarser afterwards.

    ``points`` are those of one step, rounded to what the shares of the mesh allow.
    """
    whole = sum(share for _, share in _MESH)
    breaks, start = [np.zeros(1)], 0.0
    for end, share in _MESH:
        count = max(1, round(points / points_per_interval * share / whole))
        breaks.append(np.linspace(start, end, count + 1)[1:])
        start = end
    step = np.concatenate(breaks)
    return np.concatenate([step, *(k + step[1:] for k in range(1, steps))]) / steps


CONTACT_CHANGES = ("log_stiffness", "x", "y", "log_dissipation")


def change_names(contact: FreeContact) -> list[str]:
    """Names of the free contact parameters, in the order of their symbols."""
    return [f"{kind}_{group}" for group in dict.fromkeys(contact.groups.values()) for kind in CONTACT_CHANGES]


def changed(sphere: ContactSphere, contact: FreeContact, changes: Mapping[str, Scalar]) -> ContactSphere:
    """The sphere with the changes of its group applied (numbers or symbols); itself if its group has none."""
    group = contact.groups.get(sphere.name.rsplit("_", 1)[0])
    if group is None:
        return sphere
    stiffness, x, y, dissipation = (changes[f"{kind}_{group}"] for kind in CONTACT_CHANGES)
    location: Sequence[Scalar] = [sphere.location[0] + x, sphere.location[1] + y, sphere.location[2]]
    return replace(
        sphere,
        location=location,  # type: ignore[arg-type]
        stiffness=sphere.stiffness * np.exp(stiffness),
        dissipation=sphere.dissipation * np.exp(dissipation),
    )
