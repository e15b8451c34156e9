"""Excitation of muscles, what an electromyogram shows, from the course of their activation."""

from __future__ import annotations

import numpy as np

from footstrike.model.activation import activation_dynamics
from footstrike.model.description import Array


def excitation(time: Array, activations: Array) -> Array:
    """Excitation that first-order activation dynamics need for a stride's activations.

    ``e = a + tau da/dt``, tau that of activation while a rises and that of deactivation while it falls: the dynamics
    that solved runs obey (De Groote et al. 2009, Comput Methods Biomech Biomed Engin 12:563).

    Parameters
    ----------
    time, activations
        (T,) s uniform over a stride, both ends included, and (T, M) 0..1.

    Returns
    -------
    (T, M) 0..1.
    """
    if len(time) < 2:
        return activations
    step = time[1] - time[0]
    around = np.concatenate([activations[-2:-1], activations, activations[1:2]])
    slope = (around[2:] - around[:-2]) / (2 * step)
    times = activation_dynamics()
    tau = np.where(slope > 0.0, times.activation_time, times.deactivation_time)
    return np.asarray(np.clip(activations + tau * slope, 0.0, 1.0))
