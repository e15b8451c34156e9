"""What modifiers do to a problem: its duration, its averages, its motion around initial contact."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from footstrike.control.modifiers import Contacts
from footstrike.control.problem import Event, Prescribed, TrackProblem
from footstrike.control.reference import FOOT_WIDTHS, THORAX_TILT, Average, Reference, with_bump
from footstrike.control.solution import Ends
from footstrike.dynamics.foot import foot_pitch
from footstrike.dynamics.rigid_body import Tree
from footstrike.model.sides import mirror

Array = NDArray[np.float64]

THIGH_SHARE = 0.38  # of a change of knee flexion at contact (experiments/targets/covariation.py)
PITCH_SHARES = {"ankle_angle": 0.79, "knee_angle": 0.34, "hip_flexion": -0.13}
"""Of a change of the foot's pitch at contact: a toe that points down goes with a more bent knee (experiments/targets/covariation.py)."""
STEPS: dict[Ends, int] = {"mirrored": 1, "periodic": 2, "free": 1}


def with_knee_flexion(problem: TrackProblem, flexion: float, contacts: Contacts) -> TrackProblem:
    """The knee's flexion (rad) prescribed at every contact; the reference moves along."""
    (reference,) = problem.references
    for side, phase in contacts.items():
        knee = reference.coordinates[f"knee_angle_{side}"]
        more = flexion + float(np.interp(phase, reference.phase, knee))  # knee flexion is negative there
        for name, change in (
            ("knee_angle", -more),
            ("hip_flexion", THIGH_SHARE * more),
            ("ankle_angle", (1 - THIGH_SHARE) * more),
        ):
            reference = with_bump(reference, f"{name}_{side}", phase, change, problem.ends == "mirrored")
    held = tuple(Prescribed(f"knee_angle_{side}", phase, -flexion) for side, phase in contacts.items())
    return replace(problem, references=(reference,), prescribed=(*problem.prescribed, *held))


def with_foot_pitch(problem: TrackProblem, pitch: float, contacts: Contacts) -> TrackProblem:
    """The pitch of the foot (rad) held at every contact, in place of the strike's range.

    The reference moves along as runners vary from step to step (:data:`PITCH_SHARES`): the foot is ready before it
    lands, and rolls off after.
    """
    (reference,) = problem.references
    tree = Tree(problem.description)
    for side, phase in contacts.items():
        at = {
            name: np.interp([phase], reference.phase, curve) for name, curve in reference.coordinates.items()
        }
        more = pitch - float(np.ravel(foot_pitch(tree, tree.motion(at), side))[0])
        for name, share in PITCH_SHARES.items():
            reference = with_bump(
                reference, f"{name}_{side}", phase, share * more, problem.ends == "mirrored", FOOT_WIDTHS
            )
    others = tuple(e for e in problem.events if e.quantity != "foot_pitch")
    held = tuple(Event("foot_pitch", side, phase, pitch, pitch) for side, phase in contacts.items())
    return replace(problem, references=(reference,), events=(*others, *held))


def with_lean(problem: TrackProblem, lean: float) -> TrackProblem:
    """The mean forward lean of the thorax (rad) held; the lumbar spine of the reference takes the change."""
    (reference,) = problem.references
    now = sum(float(np.mean(reference.coordinates[name])) for name in THORAX_TILT)
    spine = THORAX_TILT[-1]
    coordinates = {**reference.coordinates, spine: reference.coordinates[spine] - lean - now}
    averages = (*reference.averages, Average(THORAX_TILT, -lean))
    return replace(problem, references=(replace(reference, coordinates=coordinates, averages=averages),))


def with_step_time(problem: TrackProblem, step_time: float) -> TrackProblem:
    """Every gait as long as its steps take, s."""
    duration = STEPS[problem.ends] * step_time
    references = tuple(replace(r, duration=duration) for r in problem.references)
    return replace(problem, references=references, duration_bound=0.0)


def with_amplitude(
    problem: TrackProblem, amplitude: float, groups: tuple[tuple[str, ...], ...]
) -> TrackProblem:
    """Each group's motion about its mean over a stride, projected on its habitual course, held at an amplitude.

    The two sides of a group have one mean: what the right one does in a stride, the left one does half a stride later.
    """
    (reference,) = problem.references
    coordinates, averages = dict(reference.coordinates), list(reference.averages)
    for names in groups:
        curves = [coordinates[name] for name in names]
        middle = [_stride_mean(reference, name, problem.ends) for name in names]
        shapes = tuple(curve - m for curve, m in zip(curves, middle, strict=True))
        for name, shape, m in zip(names, shapes, middle, strict=True):
            coordinates[name] = m + amplitude * shape
        value = sum(
            _mean(reference, shape * (m + amplitude * shape)) for shape, m in zip(shapes, middle, strict=True)
        )
        averages.append(Average(names, value, shapes))
    return replace(
        problem, references=(replace(reference, coordinates=coordinates, averages=tuple(averages)),)
    )


def _stride_mean(reference: Reference, name: str, ends: Ends) -> float:
    """Mean of a coordinate over the stride; half a cycle is continued by the other side, mirrored."""
    own = _mean(reference, reference.coordinates[name])
    if ends != "mirrored":
        return own
    other, sign = mirror(name)
    return (own + sign * _mean(reference, reference.coordinates[other])) / 2


def _mean(reference: Reference, curve: Array) -> float:
    return float(np.trapezoid(curve, reference.phase))
