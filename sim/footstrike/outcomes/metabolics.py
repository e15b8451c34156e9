"""Metabolic rate of muscles by Bhargava, Pandy & Anderson 2004 (J Biomech 37:81), and the cost of running.

For a muscle of mass m with share s of slow fibres, excitation u, active and passive fibre force F_a, F_p and
fibre velocity v (lengthening +), with F = F_a + F_p and F_0 its isometric active force at this length::

    u_slow = s sin(pi u / 2)                 u_fast = (1 - s) (1 - cos(pi u / 2))
    activation   = m (40 u_slow + 133 u_fast)
    maintenance  = m L(length) (74 u_slow + 111 u_fast)
    shortening   = -(0.16 F_0 + 0.18 F) v    if v <= 0,   -0.157 F v    if v > 0
    work         = -F_a v

This is the unsmoothed form of OpenSim's Bhargava2004SmoothedMuscleMetabolics, with heat of shortening that depends on
force. As there, activation heat does not decay with time, the power of a muscle is never negative (its heat is
raised), and its heat is never below 1 W/kg.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from footstrike.brief import brief
from footstrike.model.description import Array, Muscle
from footstrike.muscles.energetics import Energetics, constants, energetics
from footstrike.muscles.strength import force_length, force_velocity
from footstrike.outcomes import signals
from footstrike.outcomes.registry import metric
from footstrike.runs.run import Run


@dataclass(frozen=True)
class Fibres:
    """State of M muscles over T frames, (T, M) each.

    Attributes
    ----------
    excitation
        0..1.
    length
        In optimal lengths.
    velocity
        m/s, lengthening +.
    active, passive
        Forces of the fibres, N.
    isometric
        The active force that they would have at this length and activation at rest, N.
    """

    __repr__ = brief

    excitation: Array
    length: Array
    velocity: Array
    active: Array
    passive: Array
    isometric: Array


@dataclass(frozen=True)
class Rates:
    """Power (T, M), W, of each kind, and ``total``; where heat is at its minimum they do not add up to it."""

    __repr__ = brief

    activation: Array
    maintenance: Array
    shortening: Array
    work: Array
    total: Array


def bhargava(fibres: Fibres, of: Energetics) -> Rates:
    """Metabolic rate of M muscles over T frames."""
    known = constants()
    c = known.bhargava
    slow = of.slow * np.sin(np.pi / 2 * fibres.excitation)
    fast = (1.0 - of.slow) * (1.0 - np.cos(np.pi / 2 * fibres.excitation))
    at_length = np.interp(fibres.length, c["length_knots"], c["length_values"])
    activation = of.mass * (c["activation_slow"] * slow + c["activation_fast"] * fast)
    maintenance = of.mass * at_length * (c["maintenance_slow"] * slow + c["maintenance_fast"] * fast)
    force = fibres.active + fibres.passive
    closing = c["shortening_isometric"] * fibres.isometric + c["shortening_force"] * force
    share = np.where(fibres.velocity <= 0.0, closing, c["lengthening_force"] * force)
    work = -fibres.active * fibres.velocity
    shortening = -share * fibres.velocity
    shortening = shortening - np.minimum(activation + maintenance + shortening + work, 0.0)
    heat = np.maximum(activation + maintenance + shortening, known.minimum_heat * of.mass)
    return Rates(activation, maintenance, shortening, work, heat + work)


def fibres(
    muscles: Sequence[Muscle],
    activation: Array,
    tension: Array,
    length: Array,
    velocity: Array,
    excitation: Array | None = None,
) -> Fibres:
    """State of the fibres of muscles whose curves are those of De Groote et al. 2016.

    Parameters
    ----------
    activation, tension
        (T, M) 0..1, and force of the tendon, N.
    length, velocity
        (T, M) of the fibres, in optimal lengths and in maximal velocities (lengthening +).
    excitation
        (T, M); the activation where it is not known.

    Returns
    -------
    What the tendon's force is more than the active force of the fibres is their passive force.
    """
    strongest, optimal, pennation, fastest, width = (
        np.array([getattr(m, name) for m in muscles])
        for name in (
            "max_isometric_force",
            "optimal_fibre_length",
            "pennation",
            "max_velocity",
            "width_scale",
        )
    )
    isometric = activation * strongest * force_length(length, width)
    active = np.maximum(isometric * force_velocity(velocity), 0.0)
    cosine = np.sqrt(1.0 - (np.sin(pennation) / length) ** 2)
    return Fibres(
        activation if excitation is None else excitation,
        length,
        velocity * fastest * optimal,
        active,
        np.maximum(tension / cosine - active, 0.0),
        isometric,
    )


def metabolic_rate(
    muscles: Sequence[Muscle],
    activation: Array,
    tension: Array,
    length: Array,
    velocity: Array,
    excitation: Array | None = None,
) -> Array:
    """(T, M) W, basal rate not included; parameters as for :func:`fibres`."""
    state = fibres(muscles, activation, tension, length, velocity, excitation)
    return bhargava(state, energetics(muscles)).total


@metric(
    "metabolic_cost_j_per_kg_m",
    unit="J/kg/m",
    label="net metabolic cost",
    source="Bhargava et al. 2004, J Biomech 37:81, above the cost of standing",
)
def net_cost(run: Run) -> float | None:
    """Metabolic cost above that of the same muscles at rest, J per kg of body mass and metre.

    Rest is every muscle at its least heat, 1 W/kg. Together with the basal rate, 1.2 W per kg of body mass,
    it is what standing costs here, so this is the cost net of standing.
    """
    rest = run.spec.get("muscle_mass_kg")
    power = mean_power(run)
    if rest is None or power is None:
        return None
    return (power - constants().minimum_heat * float(rest)) / (run.mass * run.speed)


@metric(
    "metabolic_cost_gross_j_per_kg_m",
    unit="J/kg/m",
    label="gross metabolic cost",
    source="Bhargava et al. 2004, J Biomech 37:81, and the basal rate",
)
def gross_cost(run: Run) -> float | None:
    """Metabolic cost of all muscles and the basal rate, J per kg of body mass and metre."""
    power = mean_power(run)
    return None if power is None else (power / run.mass + constants().basal) / run.speed


def mean_power(run: Run) -> float | None:
    """Mean metabolic power of all muscles over the stride, W."""
    if not run.metabolic_rate.size:
        return None
    return signals.mean(run.metabolic_rate.sum(axis=1))
