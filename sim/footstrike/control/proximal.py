"""A modified gait: the one nearest to a solved gait of the same runner in which something asked for holds.

A measured ground force belongs to the gait that it was measured in. A gait with another step length or another knee
must find its own, so it is compared with the solved habitual gait instead: motion, torques, reserves and smoothness count
as differences from that, muscles by their effort from what they want there (:mod:`footstrike.control.wanted`), and the
force follows from the dynamics. Asked for nothing new, it is the habitual gait.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from footstrike.control.problem import TrackProblem
from footstrike.control.reference import Reference
from footstrike.control.solution import Gait, Solution

Array = NDArray[np.float64]

PROXIMAL_WEIGHTS = {"torques": 100.0}
"""How much more torques of actuators count as differences than they do as such.

A torque that differs by a fifth of its scale then counts about as much as a motion that differs by one SD between runners.
"""


def near(problem: TrackProblem, habit: Solution) -> TrackProblem:
    """The problem as a modification of a solved gait, which is also where it starts.

    Tracking weights and a fixed duration are the problem's own; a habit of another duration is done faster or slower.
    """
    references = tuple(_like(r, g) for r, g in zip(problem.references, habit.gaits, strict=True))
    if problem.duration_bound:
        references = tuple(
            replace(r, duration=g.duration) for r, g in zip(references, habit.gaits, strict=True)
        )
    return replace(problem, references=references, habit=habit, guess=habit)


def _like(reference: Reference, gait: Gait) -> Reference:
    """The reference with the solved motion in place of the measured one, and no force, moment or lean to follow."""
    return replace(
        reference,
        coordinates=gait.evaluate(reference.phase)[0],
        force_weights=np.zeros_like(reference.force_weights),
        moment_weights={name: np.zeros_like(reference.phase) for name in reference.moments},
        averages=(),
    )
