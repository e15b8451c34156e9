"""What a problem of the benchmark is made of: plain data that Moco and Footstrike are both given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import make_interp_spline

from footstrike.model.description import Description

Array = NDArray[np.float64]
PELVIS = "pelvis_"
REFERENCE_ROOM = 0.2  # rad or m


@dataclass(frozen=True)
class Drive:
    """An ideal torque ``scale * u`` (N m) about a coordinate, with ``|u| <= limit``."""

    coordinate: str
    scale: float
    limit: float = np.inf


@dataclass(frozen=True)
class Spring:
    """A passive torque ``-stiffness q - damping q'``, N m."""

    coordinate: str
    stiffness: float
    damping: float


@dataclass(frozen=True)
class Problem:
    """One problem; :mod:`objective` evaluates its objective.

    Attributes
    ----------
    model
        Text of the .osim file, complete but for ``drives`` and ``springs``: contact is in it, and muscles if they
        drive it.
    description
        The same as plain data, whose polynomials are the muscles' paths in both programs.
    muscles
        Whether muscles drive it. Tendons are rigid; activations obey first-order dynamics (15 and 60 ms) and stay
        above ``activation_floor``.
    passive
        Names of the muscles whose fibres pull when stretched.
    tissue
        Moments at the ends of the range, ``k1 exp(k2 (q - q2)) + k3 exp(k4 (q - q1))``, N m: by coordinate
        (k1, k2, k3, k4, q1, q2).
    ends
        "mirrored": the end mirrors the start, one step further on; "periodic": the end is the start, anywhere
        ahead; "free".
    breaks
        Ends of the mesh intervals, 0..1 of ``start``..``end`` (s).
    time, values, rates
        Sampled reference motion of the free coordinates, (T,) each; beyond both ends.
    value_weights, rate_weights
        Per rad2 s (m2 s) and rad2/s.
    force_time, force
        Sampled ground force on "right" and "left" foot, (S, 3) N.
    force_weight
        Per body weight squared and second.
    effort_weight, activation_weight
        Of squared controls of the drives and squared activations, per s.
    initial_within
        How far values and speeds may be from the reference at the start; None: anywhere.
    advance
        How far the pelvis moves on, m, if mirrored.
    """

    name: str
    model: str
    description: Description
    muscles: bool
    ends: str
    start: float
    end: float
    breaks: Array
    time: Array
    values: Mapping[str, Array]
    rates: Mapping[str, Array]
    value_weights: Mapping[str, float]
    rate_weights: Mapping[str, float]
    force_time: Array
    force: Mapping[str, Array]
    force_weight: float
    drives: tuple[Drive, ...]
    springs: tuple[Spring, ...]
    effort_weight: float
    activation_weight: float
    convergence_tolerance: float
    constraint_tolerance: float
    initial_within: tuple[float, float] | None = None
    advance: float | None = None
    activation_floor: float = 0.0
    passive: tuple[str, ...] = ()
    tissue: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    notes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def duration(self) -> float:
        """Seconds."""
        return self.end - self.start

    @property
    def ranges(self) -> dict[str, tuple[float, float]]:
        """Bounds of the free coordinates: the model's, widened to hold the reference."""
        return {
            c.name: (
                min(c.minimum, float(self.values[c.name].min()) - REFERENCE_ROOM),
                max(c.maximum, float(self.values[c.name].max()) + REFERENCE_ROOM),
            )
            for c in self.description.coordinates
        }

    @property
    def weight(self) -> float:
        """Body weight, N."""
        return self.description.mass * float(np.linalg.norm(self.description.gravity))


def splined(time: Array, curves: Mapping[str, Array]) -> tuple[dict[str, Array], dict[str, Array]]:
    """The curves, and their derivatives by quintic splines."""
    splines = {n: make_interp_spline(time, v, k=5) for n, v in curves.items()}
    return dict(curves), {n: np.asarray(s.derivative()(time)) for n, s in splines.items()}
