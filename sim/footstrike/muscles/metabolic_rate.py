"""Metabolic rate of a muscle in a form that is smooth, for optimal control.

The model is that of :mod:`footstrike.outcomes.metabolics` (Bhargava, Pandy & Anderson 2004, J Biomech 37:81). Where it has
corners (a fibre that begins to lengthen, heat at its minimum, power at zero, knots of the curve over length, an activation
that begins to fall), the positive part of a number is ``(x + sqrt(x^2 + w^2)) / 2`` with a small width w.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from footstrike.dynamics.scalars import cos, positive, sin
from footstrike.model.activation import activation_dynamics
from footstrike.muscles.energetics import constants

CITES = ("bhargava2004",)

RATE_WIDTH = 0.1  # 1/s, of the change of activation
LENGTH_WIDTH = 0.02  # optimal lengths
VELOCITY_WIDTH = 0.005  # m/s
HEAT_WIDTH = 0.5  # W/kg


def excitation_of(activation: Any, rate: Any) -> Any:
    """Excitation that first-order dynamics need for an activation and its rate (1/s): ``a + tau da/dt``."""
    times = activation_dynamics()
    falls = times.deactivation_time * rate
    return activation + falls + (times.activation_time - times.deactivation_time) * positive(rate, RATE_WIDTH)


def smooth_rate(
    excitation: Any, length: Any, velocity: Any, forces: tuple[Any, Any, Any], of: tuple[Any, Any]
) -> Any:
    """Metabolic rate, W, basal rate not included.

    Parameters
    ----------
    excitation, length, velocity
        0..1; of the fibre, in optimal lengths and in m/s, lengthening +.
    forces
        Of the fibre, N: active at this length at rest, active, passive.
    of
        Mass, kg, and share of slow fibres.
    """
    known = constants()
    c = known.bhargava
    (isometric, active, passive), (mass, slow) = forces, of
    angle = np.pi / 2 * excitation
    u_slow, u_fast = slow * sin(angle), (1.0 - slow) * (1.0 - cos(angle))
    activation = c["activation_slow"] * u_slow + c["activation_fast"] * u_fast
    maintenance = _at_length(length) * (c["maintenance_slow"] * u_slow + c["maintenance_fast"] * u_fast)
    shortens, lengthens = positive(-velocity, VELOCITY_WIDTH), positive(velocity, VELOCITY_WIDTH)
    force = active + passive
    closing = c["shortening_isometric"] * isometric + c["shortening_force"] * force
    shortening = closing * shortens - c["lengthening_force"] * force * lengthens
    heat = activation + maintenance + shortening / mass
    work = -active * velocity / mass
    power = positive(heat + work, HEAT_WIDTH)
    least = known.minimum_heat
    return mass * (positive(power - work - least, HEAT_WIDTH) + least + work)


def _at_length(length: Any) -> Any:
    """Factor of the maintenance heat at a fibre length."""
    c = constants().bhargava
    knots, values = c["length_knots"], c["length_values"]
    slopes = [(b - a) / (y - x) for (x, y), (a, b) in zip(pairwise(knots), pairwise(values), strict=True)]
    total: Any = values[0] + slopes[0] * (length - knots[0])
    for knot, (before, after) in zip(knots[1:-1], pairwise(slopes), strict=True):
        total = total + (after - before) * positive(length - knot, LENGTH_WIDTH)
    return total
