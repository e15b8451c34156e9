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
    bound_multipliers: Array
    objective: float
    words: str
    success: bool
    iterations: int
    infeasibility: float
    violations: Array = field(default_factory=lambda: np.zeros(0))
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
    """

    __repr__ = brief

    muscles: list[str]
    activations: Array
    tendons: list[str]
    tendon_force: Array
    balanced: list[str]
    reserves: Array


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

    @property
    def status(self) -> Status:
        """How the solve ended."""
        return self.nlp.status

    def evaluate(self, phase: Array, gait: int = 0) -> tuple[dict[str, Array], ...]:
        """:meth:`Gait.evaluate` of one of the gaits."""
        return self.gaits[gait].evaluate(phase)
