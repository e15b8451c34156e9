"""What modifiers do to a problem: its duration, its averages, its motion around initial contact."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from footstrike.control.modifiers import Contacts
from footstrike.control.problem import Event, Prescribed, TrackProblem
from footstrike.control.reference import THORAX_TILT, Average, Reference, with_bump
from footstrike.control.solution import Ends
from footstrike.model.sides import mirror

Array = NDArray[np.float64]

THIGH_SHARE = 0.38  # of a change of knee flexion at contact (experiments/targets/covariation.py)
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
    """The pitch of the foot (rad) held at every contact, in place of the strike's range."""
    others = tuple(e for e in problem.events if e.quantity != "foot_pitch")
    held = tuple(Event("foot_pitch", side, phase, pitch, pitch) for side, phase in contacts.items())
    return replace(problem, events=(*others, *held))


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
