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
    force: float = 1.0
    torque: float = 0.01
    acceleration: float = 0.001
    jerk: float = 0.1


@dataclass(frozen=True)
class Contact:
    """Contact parameters left free, all as changes of the model's own: log stiffness, offsets (m), log damping.

    ``groups`` maps a sphere's name without its side to the group whose parameters it shares.
    """

    groups: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class TrackProblem:
    """A request to the CasADi worker: one or more gaits of one model that share its contact parameters."""

    description: Description
    targets: tuple[Target, ...]
    breaks: Array
    points_per_interval: int = 3
    smoothness: int = 2
    weights: Weights = Weights()
    contact: Contact = Contact()
    ipopt: Mapping[str, Any] = field(default_factory=dict)


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


def default_breaks() -> Array:
    """Ends of the mesh intervals over the half stride: dense while the foot lands, coarser afterwards."""
    edges, counts = [0.0, 0.08, 0.30, 1.0], [3, 8, 21]
    parts = [np.linspace(a, b, n + 1)[:-1] for a, b, n in zip(edges[:-1], edges[1:], counts, strict=True)]
    return np.concatenate([*parts, [1.0]])



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
