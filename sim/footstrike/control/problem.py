"""What a tracking problem is made of, and what comes back: plain data that travels to the worker and home."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from footstrike.control.basis import Basis
from footstrike.dynamics.scalars import Scalar
from footstrike.gait.targets import Target
from footstrike.model.description import ContactSphere, Description

Array = NDArray[np.float64]

FLIGHT_BEFORE_CONTACT = 0.06  # of a stride: the half cycle starts this long before right initial contact


@dataclass(frozen=True)
class Weights:
    """How much each part of the objective counts; every part is a mean square of a dimensionless number.

    ``motion``: distance from the target in between-runner SDs; ``force``: ground force likewise; ``torque``: joint
    torque per ``torque_scale`` (N m); ``acceleration``: per 200 rad/s2 (or m/s2);
    ``jerk``: per 1e5 rad/s3 (or m/s3), jumps of the acceleration between mesh intervals included.
    """

    motion: float = 1.0
    force: float = 2.0
    torque: float = 0.2
    acceleration: float = 0.02
    jerk: float = 0.03


@dataclass(frozen=True)
class Contact:
    """Contact parameters left free, all as changes of the model's own: log stiffness, offsets (m), log damping.

    ``groups`` maps a sphere's name without its side to the group whose parameters it shares.
    """

    groups: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class TrackProblem:
    """A request to the CasADi worker: one or more gaits of one model that share its contact parameters.

    ``step_time`` (s) prescribes the duration of a step; the target's if None. ``guess``: where to start from.
    """

    description: Description
    targets: tuple[Target, ...]
    breaks: Array
    step_time: float | None = None
    points_per_interval: int = 3
    smoothness: int = 1
    weights: Weights = Weights()
    contact: Contact = Contact()
    ipopt: Mapping[str, Any] = field(default_factory=dict)
    guess: Solved | None = None


@dataclass(frozen=True)
class Outcome:
    """What the solver returned: variables, multipliers, its own words."""

    x: Array
    multipliers: Array
    objective: float
    status: str
    success: bool
    iterations: int
    infeasibility: float


@dataclass(frozen=True)
class Gait:
    """A solved half stride: spline coefficients (m, n) over the phase of the half stride, and its duration, s."""

    basis: Basis
    names: list[str]
    coefficients: Array
    duration: float


@dataclass(frozen=True)
class Solved:
    """The worker's answer: gaits in the order of the targets, estimated contact changes, the solver's outcome."""

    gaits: tuple[Gait, ...]
    contact: dict[str, float]
    outcome: Outcome
    derivatives_kept: bool = False


_MESH = ((0.08, 3), (0.30, 8), (1.0, 21))  # end of a stretch of the half cycle, its share of the intervals


def default_breaks(points: int = 96, points_per_interval: int = 3) -> Array:
    """Ends of the mesh intervals over the half cycle: dense while the foot lands, coarser afterwards.

    ``points`` is rounded to what the shares of the mesh allow.
    """
    whole = sum(share for _, share in _MESH)
    breaks, start = [np.zeros(1)], 0.0
    for end, share in _MESH:
        count = max(1, round(points / points_per_interval * share / whole))
        breaks.append(np.linspace(start, end, count + 1)[1:])
        start = end
    return np.concatenate(breaks)


CONTACT_CHANGES = ("log_stiffness", "x", "y", "log_dissipation")


def change_names(contact: Contact) -> list[str]:
    """Names of the free contact parameters, in the order of their symbols."""
    return [f"{kind}_{group}" for group in dict.fromkeys(contact.groups.values()) for kind in CONTACT_CHANGES]


def changed(sphere: ContactSphere, contact: Contact, changes: Mapping[str, Scalar]) -> ContactSphere:
    """The sphere with the changes of its group applied (numbers or symbols); itself if its group has none."""
    group = contact.groups.get(sphere.name.rsplit("_", 1)[0])
    if group is None:
        return sphere
    stiffness, x, y, dissipation = (changes[f"{kind}_{group}"] for kind in CONTACT_CHANGES)
    location: Sequence[Scalar] = [sphere.location[0] + x, sphere.location[1] + y, float(sphere.location[2])]
    return replace(
        sphere,
        location=location,  # type: ignore[arg-type]
        stiffness=sphere.stiffness * np.exp(stiffness),
        dissipation=sphere.dissipation * np.exp(dissipation),
    )
