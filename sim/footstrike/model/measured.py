"""What OpenSim measures on a model, as plain data: paths of muscles, joint reactions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from footstrike.brief import brief
from footstrike.model.description import Array


@dataclass(frozen=True)
class MusclePath:
    """How a muscle acts on the bodies in T frames.

    One newton of tension in the muscle is the force ``pulls[t, i]`` on ``bodies[i]`` at ``points[t, i]``.
    Points that the path does not touch in a frame are zero, and so is their pull. Wrapping paths have the
    points where they leave and meet the surface.

    Attributes
    ----------
    bodies
        P names; one body may appear several times.
    points
        (T, P, 3) in the frame of the body, m.
    pulls
        (T, P, 3) in the ground frame.
    length
        (T,) of the muscle-tendon unit, m.
    extra
        Generalised force per newton (T,), by free coordinate, of path points that the coordinate moves within
        their body; it adds to the moment arm that points and pulls give.
    contradiction
        (T,) frames in which OpenSim contradicts itself: with several wraps in series, length and directions
        are computed from outdated places of the wrap points, up to centimetres from those at which the
        muscle pulls. Length, points and pulls here are those of the path through the places where the
        points are.
    """

    __repr__ = brief

    name: str
    bodies: tuple[str, ...]
    points: Array
    pulls: Array
    length: Array
    extra: dict[str, Array]
    contradiction: NDArray[np.bool_]


@dataclass(frozen=True)
class MeasuredMuscles:
    """What OpenSim measured of muscles along a motion; what it did not measure follows from the description.

    Attributes
    ----------
    paths
        Of muscles that are not straight (the OpenSim worker's task ``muscle_paths``).
    active
        (T, M) tension of every muscle at full activation, N (the task ``muscle_strength``). None: curves of
        De Groote et al. 2016.
    """

    __repr__ = brief

    paths: Sequence[MusclePath] = ()
    active: Array | None = None


NOTHING_MEASURED = MeasuredMuscles()


@dataclass(frozen=True)
class OptimiserSettings:
    """How OpenSim's own static optimisation is run.

    Attributes
    ----------
    every, span
        One sample in ``every`` within ``span`` (s; all if None) is solved.
    exponent
        Power of activation in the cost.
    reserve
        N m per unit of control, of actuators on balanced coordinates.
    tolerance, iterations
        Of the optimiser.
    log
        Where OpenSim writes one line per solved frame.
    """

    every: int = 1
    span: tuple[float, float] | None = None
    exponent: float = 2.0
    reserve: float = 1.0
    tolerance: float = 1e-8
    iterations: int = 1000
    log: Path | None = None


@dataclass(frozen=True)
class ReactionFrame:
    """One state solved by OpenSim.

    Attributes
    ----------
    acceleration
        By free coordinate, rad/s2 or m/s2.
    muscle_forces
        Body, point in the body's frame (m), force (N, ground frame).
    reactions
        By joint: moment (N m) and force (N) on the child body, ground frame, (6,).
    """

    __repr__ = brief

    acceleration: dict[str, float]
    muscle_forces: tuple[tuple[str, Array, Array], ...]
    reactions: dict[str, Array]


@dataclass(frozen=True)
class MuscleLine:
    """Where a muscle runs in one posture, m, in ground.

    Attributes
    ----------
    points
        (k, 3) along the muscle, round the surfaces that it wraps.
    fixed
        Bodies and places (3,) of the points that are fixed on bodies, from one end to the other.
    """

    points: Array
    fixed: tuple[tuple[str, Array], ...]

    __repr__ = brief
