"""What a solution becomes when its problem changes a little (:mod:`footstrike.control.optimality`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from footstrike.control.basis import Basis, radau_basis
from footstrike.control.layout import Layout
from footstrike.control.nlp import Assembly
from footstrike.control.optimality import Optimality
from footstrike.control.point import Point
from footstrike.control.problem import TrackProblem
from footstrike.control.program import tracking_program
from footstrike.control.solution import Solution
from footstrike.control.track import derivatives
from footstrike.control.wanted import gaits_of

Array = NDArray[np.float64]


def predicted(
    problem: TrackProblem, solved: Solution, others: Sequence[TrackProblem], reach: float = 1.0
) -> list[Solution]:
    """First-order prediction of the solutions of other problems near a solved one (runs in a CasADi worker).

    Parameters
    ----------
    problem, solved
        A problem, and its solution with the solver's vectors.
    others
        Problems of the same structure and mesh.
    reach
        How many times the difference of each from ``problem`` is gone.

    Returns
    -------
    list[Solution]
        Near the solutions of the others, to first order; their gaits can be read, and a solve can start from them.
    """
    at = _Optimum(problem, solved)
    return [at.moved(other, reach) for other in others]


@dataclass(frozen=True)
class _Stated:
    """A problem as a program, and where its variables lie."""

    problem: TrackProblem
    basis: Basis
    point: Point
    layout: Layout
    assembly: Assembly

    @classmethod
    def of(cls, problem: TrackProblem) -> _Stated:
        basis = radau_basis(problem.breaks, problem.points_per_interval, problem.smoothness)
        point = Point(problem)
        program, layout = tracking_program(problem, basis, point, derivatives(problem, None).value)
        return cls(problem, basis, point, layout, Assembly(program))


class _Optimum:
    """A solution and the factorised matrix of its optimality conditions."""

    def __init__(self, problem: TrackProblem, solved: Solution) -> None:
        self._solved, self._stated = solved, _Stated.of(problem)
        nlp = solved.nlp
        self._x, self._multipliers = nlp.x, nlp.multipliers
        self._conditions = Optimality(self._stated.assembly, self._stated.layout, nlp)
        self._upper = (nlp.bound_multipliers > 0, nlp.multipliers > 0)

    def moved(self, other: TrackProblem, reach: float) -> Solution:
        """Where the solution goes."""
        there = _Stated.of(other)
        gradient, values = there.assembly.stationarity(self._x, self._multipliers)
        here, a = self._stated.assembly, there.assembly
        bounds = _shift((here.p.low, here.p.high), (a.p.low, a.p.high), self._upper[0])
        rows = _shift(here.limits, a.limits, self._upper[1])
        at = self._conditions
        change, of_multipliers = at.step(
            at.gradient - gradient + at.of_bounds * bounds, at.values - values + rows
        )
        x = np.clip(self._x + reach * change, a.p.low, a.p.high)
        multipliers = self._multipliers + reach * of_multipliers
        free, _ = a.stationarity(x, multipliers)
        nlp = replace(self._solved.nlp, x=x, multipliers=multipliers, bound_multipliers=-free)
        gaits = gaits_of(nlp, other, a.p, there.basis, there.point, there.layout)
        return replace(self._solved, gaits=gaits, nlp=nlp)


def _shift(here: tuple[Array, Array], there: tuple[Array, Array], upper: NDArray[np.bool_]) -> Array:
    """How far the bound that a multiplier belongs to moves; one that is not there does not."""
    with np.errstate(invalid="ignore"):
        moves = [
            np.nan_to_num(b - a, nan=0.0, posinf=0.0, neginf=0.0) for a, b in zip(here, there, strict=True)
        ]
    return np.where(upper, moves[1], moves[0])
