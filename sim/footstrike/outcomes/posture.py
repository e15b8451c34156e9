"""Joint angles and positions at right initial contact, and ranges over the stride.

Angles leave here in degrees. Knee flexion is positive (the model's ``knee_angle`` is negative in flexion),
ankle dorsiflexion positive, trunk lean forward positive.
"""

from __future__ import annotations

import numpy as np

from footstrike.gait.foot_strike import between_markers
from footstrike.outcomes import signals
from footstrike.outcomes.ground import Stance, in_stance
from footstrike.outcomes.registry import metric
from footstrike.runs.run import Run

AT_CONTACT = "at right initial contact"
OVER_STRIDE = "largest less smallest angle over the stride"
OF_TRUNK = "of the thorax's long axis from the vertical, forward +"

CONTACT_POINT_WINDOW = (
    0.010  # s after contact over which the centre of pressure is averaged, weighted by force
)


@metric(
    "foot_strike_angle_deg",
    unit="deg",
    label="foot-strike angle",
    source=f"line from heel to toe above the same line in flat standing, {AT_CONTACT}",
)
@in_stance
def foot_strike_angle(run: Run, phase: Stance) -> float | None:
    """Pitch of the right foot at contact, toe up +, deg."""
    return segment_at(run, "foot_pitch_r", phase.touches)


@metric(
    "foot_strike_angle_markers_deg",
    unit="deg",
    label="foot-strike angle between shoe markers",
    source=f"the foot-strike angle as shoe markers would show it (docs/targets.md), {AT_CONTACT}",
)
@in_stance
def foot_strike_angle_between_markers(run: Run, phase: Stance) -> float | None:
    """The angle that names the strike, toe up +, deg."""
    skeleton = segment_at(run, "foot_pitch_r", phase.touches)
    return None if skeleton is None else between_markers(skeleton)


@metric(
    "knee_flexion_contact_deg",
    unit="deg",
    label="knee flexion at contact",
    source=f"right knee, {AT_CONTACT}",
)
@in_stance
def knee_flexion_at_contact(run: Run, phase: Stance) -> float | None:
    """Flexion of the right knee at contact, deg."""
    knee = coordinate_at(run, "knee_angle_r", phase.touches)
    return None if knee is None else -knee


@metric(
    "knee_flexion_peak_stance_deg",
    unit="deg",
    label="peak knee flexion in stance",
    source="right knee, from contact to toe-off",
)
@in_stance
def peak_stance_knee_flexion(run: Run, phase: Stance) -> float | None:
    """Largest flexion of the right knee during its stance, deg."""
    knee = run.coordinates.get("knee_angle_r")
    if knee is None:
        return None
    times = phase.contact.start + np.linspace(0.0, phase.contact.duration, 201)
    return _degrees(max(-signals.at(knee, float(t), run.period) for t in times))


@metric(
    "ankle_angle_contact_deg",
    unit="deg",
    label="ankle angle at contact, dorsiflexion positive",
    source=f"right ankle, {AT_CONTACT}",
)
@in_stance
def ankle_angle_at_contact(run: Run, phase: Stance) -> float | None:
    """Angle of the right ankle at contact, dorsiflexion +, deg."""
    return coordinate_at(run, "ankle_angle_r", phase.touches)


@metric(
    "shank_angle_contact_deg",
    unit="deg",
    label="shank angle at contact, ankle ahead of knee positive",
    source=f"line from knee to ankle from the vertical, {AT_CONTACT}",
)
@in_stance
def shank_angle_at_contact(run: Run, phase: Stance) -> float | None:
    """Angle of the right shank at contact, ankle ahead of the knee +, deg."""
    return segment_at(run, "shank_angle_r", phase.touches)


@metric(
    "trunk_lean_contact_deg",
    unit="deg",
    label="trunk lean at contact, forward positive",
    source=f"{OF_TRUNK}, {AT_CONTACT}",
)
@in_stance
def lean_at_contact(run: Run, phase: Stance) -> float | None:
    """Lean of the trunk at contact, forward +, deg."""
    return segment_at(run, "trunk_lean", phase.touches)


@metric(
    "heel_ahead_of_pelvis_m",
    unit="m",
    label="heel ahead of the pelvis at contact",
    source=f"right heel ahead of the pelvis centre, {AT_CONTACT}",
)
@in_stance
def heel_ahead_of_pelvis(run: Run, phase: Stance) -> float | None:
    """How far the right heel is ahead of the pelvis at contact, m."""
    return ahead(run, "heel_r", "pelvis", phase.touches)


@metric(
    "heel_ahead_of_com_m",
    unit="m",
    label="heel ahead of the centre of mass at contact",
    source=f"right heel ahead of the whole body's centre of mass, {AT_CONTACT}",
)
@in_stance
def heel_ahead_of_com(run: Run, phase: Stance) -> float | None:
    """How far the right heel is ahead of the centre of mass at contact, m."""
    return ahead(run, "heel_r", "com", phase.touches)


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


@metric(
    "trunk_lean_mean_deg",
    unit="deg",
    label="mean trunk lean, forward positive",
    source=f"{OF_TRUNK}, mean over the stride",
)
def mean_lean(run: Run) -> float | None:
    """Mean forward lean of the trunk over the stride, deg."""
    lean = run.segments.get("trunk_lean")
    return None if lean is None else _degrees(signals.mean(lean))


@metric(
    "thorax_tilt_rom_deg",
    unit="deg",
    label="range of thorax tilt in space",
    source=f"{OF_TRUNK}, {OVER_STRIDE}",
)
def lean_range(run: Run) -> float | None:
    """Most less least forward lean of the trunk in space over the stride, deg."""
    lean = run.segments.get("trunk_lean")
    return None if lean is None else _degrees(float(np.ptp(lean)))


@metric("pelvis_rotation_rom_deg", unit="deg", label="range of pelvis rotation", source=OVER_STRIDE)
def pelvis_rotation_range(run: Run) -> float | None:
    """Range of the pelvis's rotation about the vertical, deg."""
    return range_of_motion(run, "pelvis_rotation")


@metric("lumbar_rotation_rom_deg", unit="deg", label="range of lumbar rotation", source=OVER_STRIDE)
def lumbar_rotation_range(run: Run) -> float | None:
    """Range of rotation between thorax and pelvis, deg."""
    return range_of_motion(run, "lumbar_rotation")


@metric("lumbar_bending_rom_deg", unit="deg", label="range of lumbar bending", source=OVER_STRIDE)
def lumbar_bending_range(run: Run) -> float | None:
    """Range of lateral bending between thorax and pelvis, deg."""
    return range_of_motion(run, "lumbar_bending")


@metric("lumbar_extension_rom_deg", unit="deg", label="range of lumbar extension", source=OVER_STRIDE)
def lumbar_extension_range(run: Run) -> float | None:
    """Range of flexion and extension between thorax and pelvis, deg."""
    return range_of_motion(run, "lumbar_extension")


@metric(
    "lumbar_rotation_peak_before_contact_s",
    unit="s",
    label="peak lumbar rotation, time before contact",
    source="largest departure from the mean within a quarter of the stride around right contact",
)
@in_stance
def rotation_peak_before_contact(run: Run, phase: Stance) -> float | None:
    """Time by which the trunk's largest rotation near right contact comes before it, s."""
    rotation = run.coordinates.get("lumbar_rotation")
    if rotation is None:
        return None
    since = np.linspace(-0.25, 0.25, 1001) * run.period
    times = (phase.contact.start + since) % run.period
    value = np.interp(times, run.time - run.time[0], rotation - rotation[:-1].mean())
    return -float(since[int(np.argmax(np.abs(value)))])


def ahead(run: Run, point: str, origin: str, time: float) -> float | None:
    """How far ``point`` is ahead (forward +) of ``origin`` at ``time``, m."""
    if not {point, origin} <= run.points.keys():
        return None
    return signals.at(run.points[point][:, 0] - run.points[origin][:, 0], time, run.period)


@metric(
    "contact_point_ahead_of_com_m",
    unit="m",
    label="contact point ahead of the centre of mass",
    source="centre of pressure over the first 10 ms of contact, weighted by force",
)
@in_stance
def contact_point_ahead_of_com(run: Run, phase: Stance) -> float | None:
    """How far the point of first contact is ahead of the centre of mass at contact, m (forward +).

    The centre of pressure is averaged over the first 10 ms of contact, weighted by vertical force; the path
    of the centre of mass since contact (speed times time) is added back.
    """
    point, force = run.ground_point.get("right"), run.ground_force.get("right")
    if point is None or force is None or "com" not in run.points:
        return None
    since = np.asarray((run.time - run.time[0] - phase.contact.start) % run.period)
    since[-1] = np.inf  # the end repeats the origin
    known = np.isfinite(point[:, 0]) & (force[:, 1] > 0) & np.isfinite(since)
    if not known.any():
        return None
    early = known & (since <= max(CONTACT_POINT_WINDOW, since[known].min()))
    relative = point[early, 0] - run.points["com"][early, 0] + run.speed * since[early]
    return float(np.average(relative, weights=force[early, 1]))


def _degrees(angle: float) -> float:
    return float(np.degrees(angle))
