"""Tendons that stretch, along a given motion at given activations: where an optimal control problem starts from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from footstrike.lumbar.muscle import (
    fibre,
    force_length,
    force_velocity,
    parameters,
    passive_force,
    tendon_compliance,
    tendon_length,
)
from footstrike.model.description import Muscle

Array = NDArray[np.float64]

MOST = 2.0  # maximal isometric forces
CYCLES = 2  # the second from where the first ended
HALVINGS = 25


def produced(
    muscles: Sequence[Muscle], length: Array, velocity: Array, tension: Array, tension_rate: Array
) -> tuple[Array, Array]:
    """What fibres behind a stretching tendon pull along it: per unit of activation, and at rest.

    Parameters
    ----------
    muscles
        M muscles.
    length, velocity
        (..., M) of muscle and tendon, m and m/s.
    tension, tension_rate
        (..., M) of the tendon, in maximal isometric forces, and per s.

    Returns
    -------
    Two (..., M), in maximal isometric forces.
    """
    _, optimal, slack, pennation, fastest, width, strain, stretch = np.array(
        [parameters(m) for m in muscles]
    ).T
    along = length - slack * tendon_length(tension, stretch)
    along_rate = velocity - slack * tendon_compliance(tension, stretch) * tension_rate
    cosine, normal, rate = fibre(along, along_rate, optimal, pennation, fastest)
    active = cosine * force_length(normal, width) * force_velocity(rate)
    return np.asarray(active), np.asarray(cosine * passive_force(normal, strain))


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
    force = np.zeros_like(activations)
    force[0] = 0.1
    for _ in range(CYCLES):
        for k in range(1, len(time)):
            low, high = np.zeros(len(muscles)), np.full(len(muscles), MOST)
            for _ in range(HALVINGS):
                middle = (low + high) / 2
                rate = (middle - force[k - 1]) / (time[k] - time[k - 1])
                active, rest = produced(muscles, length[k], velocity[k], middle, rate)
                lacks = middle < activations[k] * active + resting * rest
                low, high = np.where(lacks, middle, low), np.where(lacks, high, middle)
            force[k] = (low + high) / 2
        last = force[-1].copy()
        force[0] = last[list(follows)]
    return force
