"""A departure from a solved gait: the same runner with the same habits, asked for one thing that is different.

A measured ground force belongs to the gait that it was measured in. A gait with another step length or another knee
must find its own, so it is compared with the solved habitual gait instead: motion, muscle activity, reserves and
smoothness count as differences from that, and the force follows from the dynamics. Asked for nothing new, it is the
habitual gait, exactly.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from footstrike.control.basis import Basis
from footstrike.control.problem import Controls, Gait, Solved, TrackProblem
from footstrike.control.reference import Reference
from footstrike.control.start import joint_torques, motion_at

if TYPE_CHECKING:
    from footstrike.control.point import Point  # loads CasADi

Array = NDArray[np.float64]

FIRMNESS = (100.0, 8.0)
"""How much more torques of actuators, and activations, count as differences than they do as such.

An activation that differs by 0.1, or an actuator's torque by a fifth of its scale, then counts about as much as a motion
that differs by one SD between runners.
"""


def departing(problem: TrackProblem, habit: Solved) -> TrackProblem:
    """The problem as a departure from a solved gait, which is also where it starts.

    Tightness and a fixed duration are the problem's own; a habit of another duration is done faster or slower.
    """
    references = tuple(_like(r, g) for r, g in zip(problem.references, habit.gaits, strict=True))
    if problem.duration_room:
        references = tuple(
            replace(r, duration=g.duration) for r, g in zip(references, habit.gaits, strict=True)
        )
    return replace(problem, references=references, habit=habit, guess=habit)


def _like(reference: Reference, gait: Gait) -> Reference:
    """The reference with the solved motion in place of the measured one, and no force, moment or lean to follow."""
    curves = (gait.basis.matrix(reference.phase) @ gait.coefficients).T
    return replace(
        reference,
        coordinates=dict(zip(gait.names, curves, strict=True)),
        force_tightness=np.zeros_like(reference.force_tightness),
        moment_tightness={name: np.zeros_like(reference.phase) for name in reference.moments},
        means={},
    )


def usual(problem: TrackProblem, basis: Basis, point: Point, gait: int) -> list[Array]:
    """(K, n) each of what a point counts as habitual (:attr:`Point.habitual`), zeros without a habit."""
    if problem.habit is None:
        none = [np.zeros((len(basis.points), size)) for size in point.habitual.values()]
        return [*none[:-1], np.ones((len(basis.points), len(FIRMNESS)))]
    habit = problem.habit.gaits[gait]
    motion = motion_at(habit, basis.points)
    duration = problem.references[gait].duration
    acceleration = habit.basis.matrix(basis.points, 2) @ habit.coefficients / duration**2
    c = habit.controls or Controls([], np.zeros((0, 0)), [], np.zeros((0, 0)), [], np.zeros((0, 0)))
    return [
        joint_torques(problem, point.driven, *motion),
        acceleration,
        _read(point.controls, c.muscles, habit.basis.breaks, c.activations, basis.points),
        _read(point.balanced, c.balanced, habit.basis.points, c.reserves, basis.points),
        np.tile(FIRMNESS, (len(basis.points), 1)),
    ]


def _read(names: list[str], known: list[str], at: Array, curves: Array, phase: Array) -> Array:
    """(len(phase), len(names)) of curves known by name."""
    columns = [np.interp(phase, at, curves[:, known.index(name)]) for name in names]
    return np.stack(columns, axis=1) if columns else np.zeros((len(phase), 0))
