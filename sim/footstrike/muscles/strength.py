"""Muscle strength along a motion, with a rigid tendon.

Curves are those of De Groote et al. 2016 (Ann Biomed Eng 44:2922) with the constants of OpenSim's
DeGrooteFregly2016Muscle (models/muscle_curves.toml): force-length is 1 at the optimal length, force-velocity is 1 at
rest and passive force is 0 at 0.2 and 1 at 1.6 optimal lengths.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from footstrike.brief import brief
from footstrike.dynamics.scalars import Scalar, arcsinh, exp, log, sin, sqrt
from footstrike.model.description import Muscle
from footstrike.model.muscle_curves import muscle_curves

Array = NDArray[np.float64]

CITES = ("de_groote2016",)


@dataclass(frozen=True)
class Strength:
    """What each muscle can do in each frame.

    Attributes
    ----------
    active
        (T, M) tendon force at full activation less the passive one, N.
    passive
        (T, M) tendon force at rest, N.
    fibre_length, fibre_velocity
        (T, M) in optimal lengths, and in maximal velocities (lengthening +).
    """

    __repr__ = brief

    active: Array
    passive: Array
    fibre_length: Array
    fibre_velocity: Array


def force_length(length: Scalar, width_scale: Array | float = 1.0) -> Scalar:
    """Active force multiplier at a fibre length in optimal lengths; ``width_scale`` widens the curve."""
    x = 1.0 + (length - 1.0) / width_scale
    return sum(b1 * exp(-0.5 * ((x - b2) / (b3 + b4 * x)) ** 2) for b1, b2, b3, b4 in muscle_curves().bells)


def force_velocity(velocity: Scalar) -> Scalar:
    """Active force multiplier at a fibre velocity in maximal velocities (lengthening +)."""
    d1, d2, d3, d4 = muscle_curves().velocity
    return d1 * arcsinh(d2 * velocity + d3) + d4


def passive_force(length: Scalar, strain: Array | float) -> Scalar:
    """Passive force multiplier at a fibre length in optimal lengths; ``strain`` is that at which it is 1."""
    shape = muscle_curves().passive_shape
    offset = exp(shape * (muscle_curves().passive_start - 1) / strain)
    return (exp(shape * (length - 1) / strain) - offset) / (np.exp(shape) - offset)


def tendon_length(force: Scalar, strain: Array | float) -> Scalar:
    """Tendon length in slack lengths at a force in maximal isometric forces; ``strain`` is that at force 1."""
    toe = muscle_curves().tendon_toe
    return 1.0 + strain * log(1.0 + force / toe) / np.log(1.0 + 1.0 / toe)


def tendon_compliance(force: Scalar, strain: Array | float) -> Scalar:
    """Change of :func:`tendon_length` per unit of force."""
    toe = muscle_curves().tendon_toe
    return strain / (np.log(1.0 + 1.0 / toe) * (toe + force))


def fibre(
    along: Scalar, speed: Scalar, optimal: Scalar, pennation: Scalar, fastest: Scalar
) -> tuple[Scalar, Scalar, Scalar]:
    """A fibre that keeps its thickness, from its length and speed along the tendon (m, m/s).

    Returns
    -------
    Cosine of its pennation, length in optimal lengths, velocity in maximal velocities (lengthening +).
    """
    length = sqrt(along**2 + (optimal * sin(pennation)) ** 2)
    cosine = along / length
    return cosine, length / optimal, speed * cosine / (optimal * fastest)


def parameters(muscle: Muscle) -> tuple[float, ...]:
    """What the curves need of a muscle: maximal force, optimal fibre and tendon slack length, pennation, maximal
    velocity, width of the active curve, passive strain, tendon strain.
    """
    return (
        muscle.max_isometric_force,
        muscle.optimal_fibre_length,
        muscle.tendon_slack_length,
        muscle.pennation,
        muscle.max_velocity,
        muscle.width_scale,
        muscle.passive_strain,
        muscle.tendon_strain,
    )


def strength(
    muscles: Sequence[Muscle], length: Array, velocity: Array, *, force_length_velocity: bool = True
) -> Strength:
    """Strength of muscles whose tendons do not stretch and whose fibres keep their thickness.

    Parameters
    ----------
    muscles
        M muscles.
    length, velocity
        (T, M) of the muscle-tendon units, m and m/s.
    force_length_velocity
        Whether strength follows the state of the fibre; otherwise it is the maximal isometric force.
    """
    maximum, optimal, slack, pennation, fastest, width, strain, _ = np.array(
        [parameters(m) for m in muscles]
    ).T
    cosine, normal, rate = fibre(length - slack, velocity, optimal, pennation, fastest)
    if not force_length_velocity:
        full = np.broadcast_to(maximum, length.shape).copy()
        return Strength(full, np.zeros_like(full), normal, rate)
    tendon = maximum * cosine
    active = tendon * force_length(normal, width) * force_velocity(rate)
    return Strength(
        np.maximum(active, 0.0), np.maximum(tendon * passive_force(normal, strain), 0.0), normal, rate
    )


def strength_behind_tendons(
    muscles: Sequence[Muscle], length: Array, velocity: Array, tension: Array, tension_rate: Array
) -> Strength:
    """Strength of muscles whose tendons stretch: of the fibres that the stretch leaves.

    Parameters
    ----------
    muscles
        M muscles.
    length, velocity
        (T, M) of the muscle-tendon units, m and m/s.
    tension, tension_rate
        (T, M) of the tendons, in maximal isometric forces, and per s.
    """
    slack = np.array([m.tendon_slack_length for m in muscles])
    strain = np.array([m.tendon_strain for m in muscles])
    stretch = slack * (tendon_length(tension, strain) - 1.0)
    stretching = slack * tendon_compliance(tension, strain) * tension_rate
    return strength(muscles, length - stretch, velocity - stretching)
