"""What the muscles of a solved gait do at given times: activation, tension, length and velocity of their fibres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from footstrike.brief import brief
from footstrike.control.problem import Drive
from footstrike.control.sample import Kinematics, sample_controls
from footstrike.control.solution import Gait
from footstrike.dynamics.rigid_body import Tree
from footstrike.model.description import Description
from footstrike.model.measured import MusclePath
from footstrike.muscles.paths import path_geometry
from footstrike.muscles.strength import strength, strength_behind_tendons

Array = NDArray[np.float64]


@dataclass(frozen=True)
class MuscleState:
    """M muscles over T frames.

    Attributes
    ----------
    activations, tension
        (T, M) 0..1, and N of the tendon.
    fibre_length, fibre_velocity
        (T, M) in optimal lengths and in maximal velocities (lengthening +).
    """

    __repr__ = brief

    names: list[str]
    activations: Array
    tension: Array
    fibre_length: Array
    fibre_velocity: Array


def muscle_state(
    drive: Drive,
    gait: Gait,
    description: Description,
    motion: Kinematics,
    time: Array,
    sampled: Sequence[MusclePath],
) -> MuscleState:
    """The muscles of a solved gait.

    Tension of muscles whose tendon stretches is a variable of the solution; that of others follows from
    activation and the exact path.

    Parameters
    ----------
    motion, sampled
        At ``time`` (s from the target's contact): coordinates, and the paths of muscles that are not straight.
    """
    activations, force, rate = sample_controls(gait, time)
    muscles = list(drive.muscles)
    tree = Tree(description)
    paths = path_geometry(tree, tree.motion(motion.q, motion.qd), len(time), muscles, sampled, motion.qd)
    able = strength(muscles, paths.length, paths.velocity)
    passive = able.passive * np.isin(drive.names, drive.passive)
    tension = activations * able.active + passive
    length, velocity = able.fibre_length.copy(), able.fibre_velocity.copy()
    elastic = [drive.names.index(name) for name in drive.compliant]
    if elastic:
        parts = [muscles[i] for i in elastic]
        of_fibres = strength_behind_tendons(
            parts, paths.length[:, elastic], paths.velocity[:, elastic], force, rate
        )
        length[:, elastic], velocity[:, elastic] = of_fibres.fibre_length, of_fibres.fibre_velocity
        tension[:, elastic] = force * np.array([m.max_isometric_force for m in parts])
    return MuscleState(drive.names, activations, tension, length, velocity)
