"""Where the unknowns of a tracking program lie."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LAST = 9.0
"""In place of the phase (0 to 1) of a variable that all points share."""


@dataclass(frozen=True)
class Layout:
    """Where things lie in the vector of variables.

    Per gait: spline coefficients (coefficient-major), activations at the nodes (node-major), reserves
    (point-major), loads (point-major), duration. What all points share (contact changes, aims, choices) comes last.

    Attributes
    ----------
    size, splines
        Coefficients of a spline; coordinates and tendons.
    nodes, muscles
        Free nodes of the activations: ends of the mesh intervals, without the first where the cycle closes.
    points, reserves
        Collocation points; coordinates with a reserve.
    loads
        Loads of a point.
    """

    size: int
    splines: int
    nodes: int
    muscles: int
    points: int
    reserves: int
    loads: int
    gaits: int
    shared_count: int

    @property
    def stride(self) -> int:
        """Variables of one gait."""
        of_points = self.points * (self.reserves + self.loads)
        return self.size * self.splines + self.nodes * self.muscles + of_points + 1

    def coefficients(self, gait: int) -> slice:
        """Spline coefficients of a gait."""
        return slice(gait * self.stride, gait * self.stride + self.size * self.splines)

    def activations(self, gait: int) -> slice:
        """Activations at the free nodes of a gait."""
        start = self.coefficients(gait).stop
        return slice(start, start + self.nodes * self.muscles)

    def reserved(self, gait: int) -> slice:
        """Reserves at the points of a gait."""
        start = self.activations(gait).stop
        return slice(start, start + self.points * self.reserves)

    def loaded(self, gait: int) -> slice:
        """Loads at the points of a gait."""
        start = self.reserved(gait).stop
        return slice(start, start + self.points * self.loads)

    def duration(self, gait: int) -> int:
        """Duration of a gait's cycle."""
        return (gait + 1) * self.stride - 1

    def phases(self) -> NDArray[np.float64]:
        """(count,) phase of the cycle at which each variable acts, nearly; :data:`LAST` for what all points share."""
        out = np.full(self.count, LAST)
        kinds = (
            (self.coefficients, self.size, self.splines),
            (self.activations, self.nodes, self.muscles),
            (self.reserved, self.points, self.reserves),
            (self.loaded, self.points, self.loads),
        )
        for gait in range(self.gaits):
            for place, count, each in kinds:
                out[place(gait)] = np.repeat(np.linspace(0.0, 1.0, count), each)
        return out

    @property
    def shared(self) -> slice:
        """What all points share."""
        return slice(self.gaits * self.stride, self.gaits * self.stride + self.shared_count)

    @property
    def count(self) -> int:
        """All variables."""
        return self.gaits * self.stride + self.shared_count
