"""What the terms of the objective are given at the collocation points of a gait: its reference, and what it stays near."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from footstrike.control.basis import Basis
from footstrike.control.point import Point
from footstrike.control.problem import TrackProblem
from footstrike.control.proximal import PROXIMAL_WEIGHTS
from footstrike.control.solution import Controls
from footstrike.control.start import joint_torques

Array = NDArray[np.float64]


class PointData:
    """Data of one gait of a problem."""

    def __init__(
        self, problem: TrackProblem, basis: Basis, point: Point, gait: int, habitual: Mapping[str, float]
    ) -> None:
        self._problem, self._basis, self._point = problem, basis, point
        self._habitual = habitual
        self._reference = problem.references[gait]
        self._habit = problem.habit.gaits[gait] if problem.habit else None

    @property
    def points(self) -> int:
        """Number of collocation points."""
        return len(self._basis.points)

    def tracked(self, quantity: str) -> tuple[Array, Array]:
        """(K, n) each: the reference's course of a quantity, and its tracking weights."""
        names = self._point.moments if quantity == "net_moments" else self._point.names
        return self._reference.tracked(quantity, names, self._basis.points)

    def centre(self, quantity: str) -> Array:
        """(K, n): the course of a quantity in the habitual gait, of activations the wanted one; zero where none is departed from."""
        if self._habit is None:
            return np.zeros((self.points, self._point.counts[quantity]))
        habit, phases = self._habit, self._basis.points
        c = habit.controls or Controls([], np.zeros((0, 0)), [], np.zeros((0, 0)), [], np.zeros((0, 0)))
        if quantity == "torques":
            return joint_torques(self._problem, self._point.driven, *habit.evaluate(phases))
        if quantity == "activations":
            wanted = c.activations if c.wanted is None else c.wanted
            return _read(self._point.controls, c.muscles, habit.basis.breaks, wanted, phases)
        if quantity == "reserves":
            return _read(self._point.balanced, c.balanced, habit.basis.points, c.reserves, phases)
        if quantity == "accelerations":
            duration = self._reference.duration
            return np.asarray(habit.basis.matrix(phases, 2) @ habit.coefficients / duration**2)
        raise KeyError(quantity)

    def proximal_weight(self, quantity: str) -> float:
        """How much more a difference from the habitual gait counts than the quantity as such."""
        return 1.0 if self._habit is None else PROXIMAL_WEIGHTS.get(quantity, 1.0)

    def moves(self) -> Array:
        """(K, choices n): change of the reference's coordinates per unit of each choice."""
        phase, none = self._reference.phase, np.zeros_like(self._reference.phase)
        columns = [
            np.interp(self._basis.points, phase, choice.coordinates.get(name, none))
            for choice in self._problem.choices
            for name in self._point.names
        ]
        return np.stack(columns, axis=1) if columns else np.zeros((self.points, 0))

    def shares(self) -> Array:
        """(aims,): how much each aim counts, over its value in the habitual gait."""
        return np.array([aim.weight / self._habitual[aim.name] for aim in self._problem.aims])


def term_data(
    problem: TrackProblem, basis: Basis, point: Point, gait: int, habitual: Mapping[str, float]
) -> Array:
    """(nd, K) data of all terms at all points of a gait, in the order of :attr:`Point.data`.

    ``habitual`` has the values of the aims in the habitual gait.
    """
    given, K = PointData(problem, basis, point, gait, habitual), len(basis.points)
    rows = []
    for term in problem.objective.terms:
        values = term.values(given)
        rows += [np.broadcast_to(values[name], (K, size)) for name, size in term.data(point.counts).items()]
    return np.hstack([*rows, np.tile(point.weights(problem.objective), (K, 1))]).T


def _read(names: list[str], known: list[str], at: Array, curves: Array, phase: Array) -> Array:
    """(len(phase), len(names)) of curves known by name."""
    columns = [np.interp(phase, at, curves[:, known.index(name)]) for name in names]
    return np.stack(columns, axis=1) if columns else np.zeros((len(phase), 0))
