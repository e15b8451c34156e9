"""Joint angles and positions at right initial contact, and ranges over the stride.

Angles leave here in degrees. Knee flexion is positive (the model's ``knee_angle`` is negative in flexion),
ankle dorsiflexion positive, trunk lean forward positive.
"""

from __future__ import annotations

import numpy as np

from footstrike.outcomes import signals
from footstrike.outcomes.signals import Contact
from footstrike.runs.run import Run

CONTACT_POINT_WINDOW = (
    0.010  # s after contact over which the centre of pressure is averaged, weighted by force
)


def coordinate_at(run: Run, name: str, time: float) -> float | None:
    """Angle of a coordinate at ``time``, deg."""
    return (
        None if name not in run.coordinates else _degrees(signals.at(run.coordinates[name], time, run.period))
    )


def segment_at(run: Run, name: str, time: float) -> float | None:
    """Angle of a segment at ``time``, deg."""
    return None if name not in run.segments else _degrees(signals.at(run.segments[name], time, run.period))


def range_of_motion(run: Run, name: str) -> float | None:
    """Largest minus smallest angle of a coordinate over the stride, deg."""
    if name not in run.coordinates:
        return None
    return _degrees(float(np.ptp(run.coordinates[name])))


def mean_lean(run: Run) -> float | None:
    """Mean forward lean of the trunk over the stride, deg."""
    lean = run.segments.get("trunk_lean")
    return None if lean is None else _degrees(signals.mean(lean))


def lean_range(run: Run) -> float | None:
    """Most less least forward lean of the trunk in space over the stride, deg."""
    lean = run.segments.get("trunk_lean")
    return None if lean is None else _degrees(float(np.ptp(lean)))


def peak_stance_knee_flexion(run: Run, contact: Contact) -> float | None:
    """Largest flexion of the right knee during its stance, deg."""
    knee = run.coordinates.get("knee_angle_r")
    if knee is None:
        return None
    times = contact.start + np.linspace(0.0, contact.duration, 201)
    return _degrees(max(-signals.at(knee, float(t), run.period) for t in times))


def ahead(run: Run, point: str, origin: str, time: float) -> float | None:
    """How far ``point`` is ahead (forward +) of ``origin`` at ``time``, m."""
    if not {point, origin} <= run.points.keys():
        return None
    return signals.at(run.points[point][:, 0] - run.points[origin][:, 0], time, run.period)


def contact_point_ahead_of_com(run: Run, contact: Contact) -> float | None:
    """How far the point of first contact is ahead of the centre of mass at contact, m (forward +).

    The centre of pressure is averaged over the first 10 ms of contact, weighted by vertical force; the path
    of the centre of mass since contact (speed times time) is added back.
    """
    point, force = run.ground_point.get("right"), run.ground_force.get("right")
    if point is None or force is None or "com" not in run.points:
        return None
    since = np.asarray((run.time - run.time[0] - contact.start) % run.period)
    since[-1] = np.inf  # the end repeats the origin
    known = np.isfinite(point[:, 0]) & (force[:, 1] > 0) & np.isfinite(since)
    if not known.any():
        return None
    early = known & (since <= max(CONTACT_POINT_WINDOW, since[known].min()))
    relative = point[early, 0] - run.points["com"][early, 0] + run.speed * since[early]
    return float(np.average(relative, weights=force[early, 1]))


def _degrees(angle: float) -> float:
    return float(np.degrees(angle))
