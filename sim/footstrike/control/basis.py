"""Piecewise polynomials in phase: positions as splines whose speeds and accelerations follow exactly.

A coordinate is a spline of degree k + s with s continuous derivatives on N intervals, and the equations of motion
hold at k Gauss points of each interval (orthogonal spline collocation, de Boor & Swartz 1973, SIAM J Numer Anal
10:582, for s = 1). Positions determine speeds and accelerations, so no defect constraint and no variable for either
is left; with s = 2 accelerations are continuous, as they are in a runner on compliant ground.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.polynomial import Legendre
from numpy.typing import NDArray
from scipy.interpolate import BSpline

from footstrike.brief import brief

Array = NDArray[np.float64]


CITES = ("de_boor1973",)


@dataclass(frozen=True)
class Basis:
    """Spline basis on phase 0..1.

    Attributes
    ----------
    breaks : (N + 1,) ends of the intervals
    degree : of the polynomials; ``smoothness``: how many derivatives are continuous
    points : (K,) collocation phases; ``weights`` (K,) integrate over phase 0..1
    """

    __repr__ = brief

    breaks: Array
    degree: int
    smoothness: int
    points: Array
    weights: Array

    @property
    def knots(self) -> Array:
        """Knot vector."""
        inner = np.repeat(self.breaks[1:-1], self.degree - self.smoothness)
        ends = np.repeat(self.breaks[[0, -1]], self.degree + 1)
        return np.concatenate([ends[: self.degree + 1], inner, ends[self.degree + 1 :]])

    @property
    def size(self) -> int:
        """Number of coefficients of one coordinate."""
        return len(self.knots) - self.degree - 1

    def matrix(self, phase: Array, derivative: int = 0) -> Array:
        """(len(phase), size): values (or derivatives with respect to phase) of the basis functions."""
        spline = BSpline(self.knots, np.eye(self.size), self.degree)
        at = np.clip(phase, self.breaks[0], self.breaks[-1])
        return np.asarray(spline(at, nu=derivative), dtype=float)

    def roughness(self) -> Array:
        """(size, size) form ``c @ R @ c``: mean square third derivative plus that of the jumps in the second.

        A jump counts as if it took the length of the shorter neighbouring interval.
        """
        third = self.matrix(self.points, 3)
        R = third.T @ (self.weights[:, None] * third)
        inner, h = self.breaks[1:-1], np.diff(self.breaks)
        if self.smoothness < 2 and len(inner):
            across = np.minimum(h[1:], h[:-1])
            jump = self.matrix(inner + 1e-9 * across, 2) - self.matrix(inner - 1e-9 * across, 2)
            R = R + jump.T @ (jump / across[:, None])
        return np.asarray(R)


_INSIDE = 1e-9  # of an interval: accelerations jump at its end, and the point belongs to the interval before


def radau_basis(breaks: Array, points_per_interval: int = 3, smoothness: int = 1) -> Basis:
    """The basis with ``points_per_interval`` Radau points (the last one an interval's end) in each interval."""
    x, w = _radau(points_per_interval)
    h = np.diff(breaks)
    points = (breaks[:-1, None] + h[:, None] * (x - _INSIDE)).ravel()
    return Basis(breaks, points_per_interval + smoothness, smoothness, points, (h[:, None] * w).ravel())


def _radau(count: int) -> tuple[Array, Array]:
    """Right Radau points and weights on 0..1: roots of P(n) - P(n - 1) (Hairer & Wanner 1996, IV.5)."""
    x = (np.sort((Legendre.basis(count) - Legendre.basis(count - 1)).roots().real) + 1) / 2
    weights = np.linalg.solve(x[None, :] ** np.arange(count)[:, None], 1 / np.arange(1, count + 1))
    return x, np.asarray(weights, dtype=float)


def carried(before: Basis, coefficients: Array, basis: Basis) -> Array:
    """The same curves on another mesh, as nearly as it can: (m, n) coefficients."""
    if np.array_equal(before.knots, basis.knots):
        return coefficients
    dense = np.linspace(0.0, 1.0, 40 * len(basis.breaks))
    values = before.matrix(dense) @ coefficients
    return np.asarray(np.linalg.lstsq(basis.matrix(dense), values, rcond=None)[0])


def clean(matrix: Array) -> Array:
    """A matrix without the entries that are rounding errors."""
    return np.where(np.abs(matrix) < 1e-12 * np.abs(matrix).max(), 0.0, matrix)
