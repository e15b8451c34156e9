"""What a solve gives back: gaits as splines, their muscles, and how the solver ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from footstrike.brief import brief
from footstrike.control.basis import Basis

Array = NDArray[np.float64]

Ends = Literal["mirrored", "periodic", "free"]

LARGEST_VIOLATION = 1e-3  # of a constraint of a solution: body weights, or 100 N m


class Status(StrEnum):
    """How a solve ended."""

    SOLVED = "solved"
    NOT_CONVERGED = "not_converged"
    INFEASIBLE = "infeasible"

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return _REMEDIES[self]


_REMEDIES = {
    Status.SOLVED: "nothing to do",
    Status.NOT_CONVERGED: "try more points or another start",
    Status.INFEASIBLE: "no motion near the reference obeys the dynamics: change speed, step length or what else is asked for",
}


@dataclass(frozen=True)
class NlpResult:
    """What the solver returned: variables, multipliers of constraints and of bounds, its own words; what stood in the way."""

    __repr__ = brief

    x: Array
    multipliers: Array
    objective: float
    words: str
    success: bool
    iterations: int
    infeasibility: float
    violations: Array = field(default_factory=lambda: np.zeros(0))
    bound_multipliers: Array = field(default_factory=lambda: np.zeros(0))
    diagnosis: str = ""

    @property
    def status(self) -> Status:
        """How the solve ended, from the solver's words and the largest violation of a constraint."""
        if self.success and self.infeasibility <= LARGEST_VIOLATION:
            return Status.SOLVED
        stuck = "Infeasible" in self.words or "Restoration" in self.words
        return Status.INFEASIBLE if stuck else Status.NOT_CONVERGED

    @property
    def message(self) -> str:
        """The end in a sentence, with what to do."""
        if self.status is Status.SOLVED:
            return "converged"
        return f"IPOPT: {self.words} (largest violation {self.infeasibility:.1e}); {self.status.remedy}"


@dataclass(frozen=True)
class Controls:
    """Muscles along a solved cycle.

    Attributes
    ----------
    muscles
        M names.
    activations
        (N + 1, M) at the ends of the mesh intervals; linear between.
    tendons, tendon_force
        Names of muscles whose tendon stretches, and (m, len(tendons)) spline coefficients of their force, in
        maximal isometric forces.
    balanced, reserves
        Coordinates, and (K, len(balanced)) N m at the collocation points.
    wanted
        (N + 1, M) activations that the same prices of moments lead to without limits (:mod:`footstrike.control.wanted`).
    """

    __repr__ = brief

    muscles: list[str]
    activations: Array
    tendons: list[str]
    tendon_force: Array
    balanced: list[str]
    reserves: Array
    wanted: Array | None = None


@dataclass(frozen=True)
class Gait:
    """A solved cycle: spline coefficients (m, n) of the coordinates over its phase, and its duration, s."""

    __repr__ = brief

    basis: Basis
    names: list[str]
    coefficients: Array
    duration: float
    ends: Ends = "mirrored"
    controls: Controls | None = None

    def evaluate(self, phase: Array) -> tuple[dict[str, Array], ...]:
        """Coordinates, speeds and accelerations (len(phase),) at phases 0..1 of the cycle, by name."""
        return tuple(
            dict(
                zip(
                    self.names,
                    (self.basis.matrix(phase, d) @ self.coefficients).T / self.duration**d,
                    strict=True,
                )
            )
            for d in range(3)
        )


BINDS = 1e-3  # a bound with a larger multiplier, in changes of the objective per whole range of the variable, binds


@dataclass(frozen=True)
class AimValue:
    """An aim of an optimised gait.

    Attributes
    ----------
    value, habitual
        In the gait, and in the habitual one: body weights, J/kg/m, or what the load counts as one.
    weight, most
        As in :class:`footstrike.control.aims.Aim`.
    multiplier
        How much the objective falls per unit by which the limit rises.
    """

    name: str
    value: float
    habitual: float
    weight: float
    most: float | None
    multiplier: float
    factor: float = 1.0
    unit: str = "BW"

    @property
    def told(self) -> float:
        """Value in the unit."""
        return self.value * self.factor

    @property
    def told_habitual(self) -> float:
        """Value of the habitual gait in the unit."""
        return self.habitual * self.factor

    @property
    def ratio(self) -> float:
        """Value over that of the habitual gait."""
        return self.value / self.habitual

    @property
    def binds(self) -> bool:
        """Whether its limit does."""
        return self.most is not None and self.multiplier * self.habitual > BINDS


@dataclass(frozen=True)
class ChoiceValue:
    """What was chosen, its limits, and how much the objective falls per unit by which the nearer one is widened.

    ``duration`` (s) is that of the cycle, all others are modifiers.
    """

    name: str
    value: float
    low: float
    high: float
    multiplier: float

    @property
    def binds(self) -> str | None:
        """Which limit does: ``least`` or ``most``."""
        if abs(self.multiplier) * (self.high - self.low) <= BINDS:
            return None
        return "most" if self.multiplier > 0 else "least"


@dataclass(frozen=True)
class BestGait:
    """What an optimised gait reached, and what held it back.

    Attributes
    ----------
    weight
        Of the sum of aims in the objective.
    candidates, confirmed
        How many modified gaits were tried, and whether the last one confirmed that none is better; of a motion that was free
        as a whole, one.
    """

    aims: tuple[AimValue, ...]
    choices: tuple[ChoiceValue, ...]
    weight: float
    candidates: int = 1
    confirmed: bool = True

    @property
    def binding(self) -> list[str]:
        """What holds it back: limits of aims and of what was chosen."""
        limits = [f"{a.name} at its limit" for a in self.aims if a.binds]
        return limits + [f"{c.name} at its {c.binds}" for c in self.choices if c.binds]

    @property
    def value(self) -> float:
        """The sum of aims, in values of the habitual gait."""
        return sum(a.weight * a.ratio for a in self.aims)

    @property
    def exchange(self) -> dict[str, float]:
        """By limited aim, by how many per cent the sum of aims falls for each per cent of the habitual value allowed more."""
        total = self.weight * sum(a.weight for a in self.aims)
        return {a.name: a.multiplier * a.habitual / total for a in self.aims if a.most is not None}


@dataclass(frozen=True)
class Response:
    """Loads of a solved gait, and how they change with what was chosen for it.

    Attributes
    ----------
    loads, choices
        L and c names; ``duration`` (s) is that of the cycle.
    values, slopes
        (K, L) at the collocation points, and (K, L, c) per unit of each choice.
    weights
        (K,) that integrate over the cycle.
    """

    __repr__ = brief

    loads: list[str]
    choices: list[str]
    values: Array
    slopes: Array
    weights: Array


@dataclass(frozen=True)
class Solution:
    """The worker's answer: gaits in the order of the references, estimated contact changes, the solver's result.

    Another solve starts from it as its ``guess``.
    """

    __repr__ = brief

    gaits: tuple[Gait, ...]
    contact: dict[str, float]
    nlp: NlpResult
    derivatives_cached: bool = False
    optimum: BestGait | None = None
    response: Response | None = None

    @property
    def status(self) -> Status:
        """How the solve ended."""
        return self.nlp.status

    def evaluate(self, phase: Array, gait: int = 0) -> tuple[dict[str, Array], ...]:
        """:meth:`Gait.evaluate` of one of the gaits."""
        return self.gaits[gait].evaluate(phase)
