"""Conditional path points at whose switching a path jumps. Runs in the OpenSim worker."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from footstrike.opensim.muscle_parameters import geometry
from footstrike.opensim.opened_model import Array, each
from footstrike.opensim.osim import osim
from footstrike.opensim.poses import Poses
from footstrike.opensim.skeleton import Opened

JUMP = (
    6e-3  # m; hip flexors of published models change by up to 5.3 mm, within what their polynomials promise
)
_NEAR = 5e-5  # rad or m beyond the end of a point's range; OpenSim lets it last 1e-5 longer
_HALVINGS = 40
_FARTHEST = 1e-3  # share of the way

Mask = NDArray[np.bool_]
Index = NDArray[np.intp]


@dataclass(frozen=True)
class Switch:
    """Where a conditional path point comes or goes: its coordinate's value (rad or m), largest jump (m)."""

    muscle: str
    point: str
    coordinate: str
    value: float
    turns: bool
    jump: float

    def __str__(self) -> str:
        value = f"{np.degrees(self.value):.1f} deg" if self.turns else f"{self.value:.3f} m"
        return f"{self.muscle} at {self.point} ({self.coordinate} {value}, {self.jump * 1e3:.0f} mm)"


def conditional_points(muscle: Any) -> list[Any]:
    """The conditional points of a muscle's path."""
    path = geometry(muscle)
    points = [] if path is None else each(path.getPathPointSet())
    found = [osim.ConditionalPathPoint.safeDownCast(p) for p in points]
    return [p for p in found if p is not None]


def switch_jumps(
    at: Opened, muscle: Any, names: Sequence[str], q: Array, most: int | None = None
) -> tuple[Mask, list[Switch]]:
    """Which postures ``q`` (N, n) are reached from the default one by a jump at a switch, and the switches.

    ``most``: how many postures are looked at for each switch; all if not given.
    """
    ways = _Ways(at, muscle, names, q)
    jumped = np.zeros(len(q), dtype=bool)
    found = []
    for point, coordinate, end in _ends(muscle):
        crossing = ways.crossing(coordinate.getName(), end)[:most]
        if not len(crossing):
            continue
        jump = ways.jumps(coordinate.getName(), end, crossing)
        jumped[crossing] |= jump > JUMP
        turns = coordinate.getMotionType() != osim.Coordinate.Translational
        found.append(
            Switch(muscle.getName(), point.getName(), coordinate.getName(), end, turns, float(jump.max()))
        )
    return jumped, [s for s in found if s.jump > JUMP]


def _ends(muscle: Any) -> Iterator[tuple[Any, Any, float]]:
    """Every conditional point with its coordinate and an end of the range in which it is part of the path."""
    for point in conditional_points(muscle):
        coordinate = osim.Coordinate.safeDownCast(point.getSocket("coordinate").getConnecteeAsObject())
        for end in (point.get_range(0), point.get_range(1)):
            yield point, coordinate, float(end)


class _Ways:
    """Straight ways from the default posture to others, in free coordinates."""

    def __init__(self, at: Opened, muscle: Any, names: Sequence[str], q: Array) -> None:
        self._poses = Poses(at.model, at.fresh(), names)
        self._path = muscle.getPath()
        default = {c.name: c.default for c in at.skeleton.description.coordinates}
        self._start = np.array([default[n] for n in names])
        self._along = np.asarray(q, dtype=float) - self._start

    def _rows(self, share: Array, which: Index) -> Array:
        rows: Array = self._poses.follow(self._start + share[:, None] * self._along[which])[0]
        return rows

    def _beyond(self, coordinate: str, end: float, share: Array, which: Index) -> Array:
        return self._rows(share, which)[:, self._poses.slot[coordinate]] - end

    def crossing(self, coordinate: str, end: float) -> Index:
        """The ways on which a coordinate passes a value."""
        if coordinate not in self._poses.slot:
            return np.zeros(0, dtype=np.intp)
        every = np.arange(len(self._along))
        first, last = (self._beyond(coordinate, end, np.full(len(every), s), every) for s in (0.0, 1.0))
        return np.flatnonzero(first * last < 0.0)

    def jumps(self, coordinate: str, end: float, which: Index) -> Array:
        """Change of length where a coordinate passes a value, beside the change just before, m."""
        low, high = np.zeros(len(which)), np.ones(len(which))
        before = self._beyond(coordinate, end, low, which) < 0.0
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            here = (self._beyond(coordinate, end, middle, which) < 0.0) == before
            low, high = np.where(here, middle, low), np.where(here, high, middle)
        change = self._beyond(coordinate, end, low + _FARTHEST, which) - self._beyond(
            coordinate, end, low, which
        )
        step = np.minimum(_NEAR * _FARTHEST / np.maximum(np.abs(change), 1e-12), _FARTHEST)
        lengths = [self._lengths(self._rows(low + k * step, which)) for k in (-3, -1, 1)]
        return np.abs(lengths[2] - 2 * lengths[1] + lengths[0])

    def _lengths(self, rows: Array) -> Array:
        out = np.zeros(len(rows))
        for t, row in enumerate(rows):
            self._poses.place(row)
            out[t] = self._path.getLength(self._poses.state)
        return out
