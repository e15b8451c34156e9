"""A solved half cycle read at any time of the stride."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from footstrike.control.problem import FLIGHT_BEFORE_CONTACT, Gait
from footstrike.gait.mirror import mirror

Array = NDArray[np.float64]
Curves = dict[str, Array]


@dataclass(frozen=True)
class Kinematics:
    """Coordinates, speeds and accelerations by name, each (T,): rad, m and their time derivatives."""

    q: Curves
    qd: Curves
    qdd: Curves


def sample(gait: Gait, time: Array, speed: float) -> Kinematics:
    """The motion at ``time`` (s, 0 = the target's right initial contact), any number of strides long.

    The second half of a stride is the first one mirrored; ``speed`` (m/s) carries the pelvis forward.
    """
    local = np.asarray(time, dtype=float) / gait.duration + 2 * FLIGHT_BEFORE_CONTACT
    half = np.floor(local).astype(int)
    return _sample(gait, local - half, half, speed)


def at_collocation_points(gait: Gait, speed: float) -> Kinematics:
    """The motion at the points where the equations of motion were imposed."""
    points = gait.basis.points
    return _sample(gait, points, np.zeros(len(points), dtype=int), speed)


def _sample(gait: Gait, phase: Array, half: NDArray[np.int64], speed: float) -> Kinematics:
    column = {name: i for i, name in enumerate(gait.names)}
    odd = half % 2 == 1
    levels = []
    for derivative in range(3):
        values = gait.basis.matrix(phase, derivative) @ gait.coefficients / gait.duration**derivative
        curves: Curves = {}
        for name in gait.names:
            other, sign = mirror(name)
            curves[name] = np.where(odd, sign * values[:, column[other]], values[:, column[name]])
        if derivative == 0:
            curves["pelvis_tx"] = curves["pelvis_tx"] + speed * gait.duration * half
        levels.append(curves)
    return Kinematics(*levels)


def frames(curves: Mapping[str, Array], names: list[str]) -> Array:
    """(T, n) array of the named curves."""
    return np.stack([curves[n] for n in names], axis=1)
