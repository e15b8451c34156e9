"""A solved cycle read at any time of the stride."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from footstrike.control.reference import FLIGHT_BEFORE_CONTACT
from footstrike.control.solution import Gait
from footstrike.model.sides import mirror

Array = NDArray[np.float64]
Curves = dict[str, Array]

BEFORE_CONTACT = {
    "mirrored": 2 * FLIGHT_BEFORE_CONTACT,
    "periodic": FLIGHT_BEFORE_CONTACT,
    "free": 0.0,
}
"""Phase of the cycle at which the right foot lands in the reference, by how the cycle ends."""


@dataclass(frozen=True)
class Kinematics:
    """Coordinates, speeds and accelerations by name, each (T,): rad, m and their time derivatives."""

    q: Curves
    qd: Curves
    qdd: Curves


def sample(gait: Gait, time: Array, speed: float) -> Kinematics:
    """The motion at ``time`` (s, 0 = the target's right initial contact), any number of strides long.

    The second half of a stride is the first one mirrored where the gait is half a stride; ``speed`` (m/s)
    carries the pelvis forward.
    """
    phase, cycle = _phase(gait, time)
    return _sample(gait, phase, cycle, speed)


def sample_controls(gait: Gait, time: Array) -> tuple[Array, Array, Array]:
    """Activations (T, M) and, of muscles whose tendon stretches, its force and the rate of that (T, tendons).

    Forces in maximal isometric forces, rates per s.
    """
    controls = gait.controls
    assert controls is not None
    phase, cycle = _phase(gait, time)
    nodes = [np.interp(phase, gait.basis.breaks, a) for a in controls.activations.T]
    force, rate = (gait.basis.matrix(phase, d) @ controls.tendon_force / gait.duration**d for d in (0, 1))
    odd = cycle % 2 == 1
    return (
        _sided(np.stack(nodes, axis=1), controls.muscles, gait, odd),
        _sided(force, controls.tendons, gait, odd),
        _sided(rate, controls.tendons, gait, odd),
    )


def _sided(curves: Array, names: list[str], gait: Gait, odd: NDArray[np.bool_]) -> Array:
    """Curves (T, n) whose sides change roles in every second half of a stride."""
    if gait.ends != "mirrored" or not names:
        return curves
    other = [names.index(mirror(n)[0]) for n in names]
    return np.where(odd[:, None], curves[:, other], curves)


def _phase(gait: Gait, time: Array) -> tuple[Array, NDArray[np.int64]]:
    """Phase within the cycle, and which cycle, at times after the target's contact."""
    local = np.asarray(time, dtype=float) / gait.duration + BEFORE_CONTACT[gait.ends]
    cycle = np.floor(local).astype(int) if gait.ends != "free" else np.zeros(len(local), dtype=int)
    return local - cycle, cycle


def at_collocation_points(gait: Gait, speed: float) -> Kinematics:
    """The motion at the points where the equations of motion were imposed."""
    points = gait.basis.points
    return _sample(gait, points, np.zeros(len(points), dtype=int), speed)


def _sample(gait: Gait, phase: Array, cycle: NDArray[np.int64], speed: float) -> Kinematics:
    column = {name: i for i, name in enumerate(gait.names)}
    odd = (cycle % 2 == 1) & (gait.ends == "mirrored")
    levels = []
    for derivative in range(3):
        values = gait.basis.matrix(phase, derivative) @ gait.coefficients / gait.duration**derivative
        curves: Curves = {}
        for name in gait.names:
            other, sign = mirror(name)
            curves[name] = np.where(odd, sign * values[:, column[other]], values[:, column[name]])
        if derivative == 0:
            curves["pelvis_tx"] = curves["pelvis_tx"] + speed * gait.duration * cycle
        levels.append(curves)
    return Kinematics(*levels)


def frames(curves: Mapping[str, Array], names: list[str]) -> Array:
    """(T, n) array of the named curves."""
    return np.stack([curves[n] for n in names], axis=1)
