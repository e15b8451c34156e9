"""Tendons that stretch, along a given motion at given activations: where an optimal control problem starts from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from footstrike.model.description import Muscle
from footstrike.muscles.strength import strength_behind_tendons

Array = NDArray[np.float64]

MOST = 2.0  # maximal isometric forces
CYCLES = 2  # the second from where the first ended
HALVINGS = 25


def in_equilibrium(
    muscles: Sequence[Muscle],
    time: Array,
    activations: Array,
    length: Array,
    velocity: Array,
    resting: NDArray[np.bool_],
    follows: Sequence[int],
) -> Array:
    """Tendon forces over a closed cycle, by implicit Euler steps; each step's force by bisection.

    Parameters
    ----------
    time
        (T,) s, from 0 to the cycle's end.
    activations, length, velocity
        (T, M).
    resting
        (M,) whether a muscle's fibres pull at rest too.
    follows
        Place of the muscle whose end a muscle's start is; itself unless the cycle is mirrored.

    Returns
    -------
    (T, M) in maximal isometric forces.
    """
    maximum = np.array([m.max_isometric_force for m in muscles])
    force = np.zeros_like(activations)
    force[0] = 0.1
    for _ in range(CYCLES):
        for k in range(1, len(time)):
            low, high = np.zeros(len(muscles)), np.full(len(muscles), MOST)
            for _ in range(HALVINGS):
                middle = (low + high) / 2
                rate = (middle - force[k - 1]) / (time[k] - time[k - 1])
                able = strength_behind_tendons(muscles, length[k], velocity[k], middle, rate)
                lacks = maximum * middle < activations[k] * able.active + resting * able.passive
                low, high = np.where(lacks, middle, low), np.where(lacks, high, middle)
            force[k] = (low + high) / 2
        last = force[-1].copy()
        force[0] = last[list(follows)]
    return force
