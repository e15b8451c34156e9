"""The objective: a list of named terms, each a mean square over the cycle with its residual, its data and its weight.

A term is added by a class with the fields and methods of :class:`Term`. What it reads of a collocation point is named
in :class:`footstrike.control.point.Quantities`; where its data lie follows from the list.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from footstrike.brief import brief
from footstrike.dynamics.scalars import sqrt
from footstrike.errors import unknown_name

Array = NDArray[np.float64]
Counts = Mapping[str, int]
"""How many numbers each quantity of a point has, by name."""


class DataSource(Protocol):
    """Where terms have their data from (:class:`footstrike.control.point_data.PointData`)."""

    def tracked(self, quantity: str) -> tuple[Array, Array]:
        """(K, n) each: course and tracking weights of the reference."""

    def centre(self, quantity: str) -> Array:
        """(K, n): course in the habitual gait, zero without one."""

    def proximal_weight(self, quantity: str) -> float:
        """How much more a difference from the habitual gait counts."""

    def moves(self) -> Array:
        """(K, choices n): change of the reference's coordinates per unit of each choice."""

    def shares(self) -> Array:
        """(aims,): how much each aim counts, over its value in the habitual gait."""


@dataclass(frozen=True)
class Term(ABC):
    """A part of the objective: ``weight`` times the mean over the cycle of the sum of ``residual ** 2``, over ``per``.

    Attributes
    ----------
    name, weight
        What it is called, and how much it counts (data: no new differentiation).
    quantity
        What it reads of a point.
    per
        Name of the count that the sum of squares is divided by.
    """

    name: str
    weight: float
    quantity: str
    per: str

    def data(self, counts: Counts) -> dict[str, int]:
        """Sizes of the data that it needs at a point, by name; none if not said otherwise."""
        return {}

    def values(self, given: DataSource) -> dict[str, Array | float]:
        """The data by name, (K, size) each or a number for all."""
        return {}

    @abstractmethod
    def residual(self, value: Any, data: Mapping[str, Any], scale: Any) -> Any:
        """What is squared: symbols of a point in, symbols out, dimensionless.

        ``scale`` is what counts as one of the quantity.
        """


@dataclass(frozen=True)
class Tracking(Term):
    """Distance from the reference gait, in standard deviations between runners (a tracking weight is 1 / SD^2)."""

    def data(self, counts: Counts) -> dict[str, int]:
        """Reference, and tracking weight of each number."""
        return {"reference": counts[self.quantity], "tracking_weight": counts[self.quantity]}

    def values(self, given: DataSource) -> dict[str, Array | float]:
        """Those of the reference gait."""
        return dict(zip(("reference", "tracking_weight"), given.tracked(self.quantity), strict=True))

    def residual(self, value: Any, data: Mapping[str, Any], scale: Any) -> Any:
        """Distance in SDs."""
        return sqrt(data["tracking_weight"]) * (value - data["reference"])


@dataclass(frozen=True)
class Effort(Term):
    """Size of a quantity; in a modified gait its distance from the habitual gait's own, by its proximal weight."""

    def data(self, counts: Counts) -> dict[str, int]:
        """The habitual gait's own (zero where none is departed from), and its proximal weight (one)."""
        return {"centre": counts[self.quantity], "proximal_weight": 1}

    def values(self, given: DataSource) -> dict[str, Array | float]:
        """Those of the habitual gait."""
        return {
            "centre": given.centre(self.quantity),
            "proximal_weight": given.proximal_weight(self.quantity),
        }

    def residual(self, value: Any, data: Mapping[str, Any], scale: Any) -> Any:
        """Distance from the centre, by the scale."""
        return sqrt(data["proximal_weight"]) * (value - data["centre"]) / scale


@dataclass(frozen=True)
class Size(Effort):
    """Size of a quantity in a modified gait, too."""

    def values(self, given: DataSource) -> dict[str, Array | float]:
        """Zero, whatever the habitual gait has."""
        return {"centre": 0.0, "proximal_weight": 1.0}


@dataclass(frozen=True)
class Nearness(Tracking):
    """Distance from the habitual gait's motion, which moves along with what is chosen, in standard deviations between runners.

    ``Nearness("motion", weight, "chosen_motion", per="coordinate")``.
    """

    def data(self, counts: Counts) -> dict[str, int]:
        """Reference, tracking weight of each number, and how the reference moves along with each choice."""
        n = counts["coordinates"]
        return {"reference": n, "tracking_weight": n, "moves": n * counts["choices"]}

    def values(self, given: DataSource) -> dict[str, Array | float]:
        """Those of the habitual gait."""
        reference, weights = given.tracked("coordinates")
        return {"reference": reference, "tracking_weight": weights, "moves": given.moves()}

    def residual(self, value: Any, data: Mapping[str, Any], scale: Any) -> Any:
        """Distance in SDs; the reference is that of no choice."""
        n = data["reference"].shape[0]
        moved = data["reference"]
        for k in range(value.shape[0] - n):
            moved = moved + data["moves"][k * n : (k + 1) * n] * value[n + k]
        return sqrt(data["tracking_weight"]) * (value[:n] - moved)


@dataclass(frozen=True)
class Aims(Term):
    """What is aimed at, each in values of the habitual gait: the sum itself, since its root is squared.

    ``Aims("aim", weight, "aims", per="one")``.
    """

    def data(self, counts: Counts) -> dict[str, int]:
        """How much each counts, over its value in the habitual gait."""
        return {"share": counts["aims"]}

    def values(self, given: DataSource) -> dict[str, Array | float]:
        """Those of the problem."""
        return {"share": given.shares()}

    def residual(self, value: Any, data: Mapping[str, Any], scale: Any) -> Any:
        """Root of each."""
        return sqrt(data["share"]) * sqrt(value)


@dataclass(frozen=True)
class Braking(Term):
    """Backward force on both feet, in body weights; pushing forward counts nothing.

    ``Braking("braking", weight, "ground_force", per="one")``.
    """

    def residual(self, value: Any, data: Mapping[str, Any], scale: Any) -> Any:
        """The negative part of each foot's fore-aft force, smooth within 0.5 % of body weight."""
        fore_aft = value[[0, 3]]
        return (fore_aft - sqrt(fore_aft * fore_aft + 0.005**2)) / 2


@dataclass(frozen=True)
class Smoothness:
    """Mean square of the third derivatives of the coordinates, per 1e5 rad/s3 (or m/s3), with jumps of the second."""

    name: str
    weight: float


@dataclass(frozen=True)
class Objective:
    """A sum of terms at the points, and how much smoothness counts.

    Parameters
    ----------
    terms
        Evaluated at every collocation point.
    smoothness
        Of the whole cycle.
    """

    __repr__ = brief

    terms: tuple[Term, ...]
    smoothness: Smoothness

    @property
    def weights(self) -> dict[str, float]:
        """Weight of every term, by name."""
        return {t.name: t.weight for t in self.terms} | {self.smoothness.name: self.smoothness.weight}

    def weighted(self, **weights: float) -> Objective:
        """The objective with other weights of the named terms."""
        for name in weights:
            if name not in self.weights:
                raise unknown_name("term of the objective", name, self.weights)
        own = self.weights | weights
        terms = tuple(replace(term, weight=own[term.name]) for term in self.terms)
        return Objective(terms, replace(self.smoothness, weight=own[self.smoothness.name]))

    def scaled(self, **factors: float) -> Objective:
        """The objective with the weights of the named terms multiplied."""
        return self.weighted(**{name: factor * self.weights[name] for name, factor in factors.items()})

    def structure(self) -> tuple[Term, ...]:
        """The terms without their weights: what the expressions at a point depend on."""
        return self.weighted(**dict.fromkeys(self.weights, 0.0)).terms


HABITUAL = Objective(
    (
        Tracking("motion", 1.0, "coordinates", per="coordinate"),
        Tracking("rate", 0.0, "speeds", per="coordinate"),
        Tracking("force", 2.0, "ground_force", per="component of the ground force"),
        Tracking("moment", 0.7, "net_moments", per="moment of L5/S1"),
        Effort("torque", 0.2, "torques", per="joint"),
        Effort("acceleration", 0.02, "accelerations", per="coordinate"),
        Effort("activation", 10.0, "activations", per="one"),
        Effort("reserve", 0.05, "reserves", per="balanced coordinate"),
    ),
    Smoothness("jerk", 0.03),
)
"""How much each part counts: docs/theory-dynamics.md, "Weights"."""

NEAREST = Objective(
    (
        Nearness("motion", 1.0, "chosen_motion", per="coordinate"),
        *(t for t in HABITUAL.terms if isinstance(t, Effort)),
    ),
    HABITUAL.smoothness,
)
"""Of a modified gait whose modifiers are variables: the weights of a modified gait."""

OPTIMAL = Objective(
    (
        *(t for t in NEAREST.terms if t.name != "activation"),
        Size("activation", 10.0, "activations", per="one"),
        Aims("aim", 10.0, "aims", per="one"),
    ),
    NEAREST.smoothness,
)
"""Of a gait that is optimised as a whole: docs/theory-dynamics.md, "Optimised gaits"."""
