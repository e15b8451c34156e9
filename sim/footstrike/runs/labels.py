"""Unit and meaning of every array of a run, by its path: for the file and for labelled axes."""

from __future__ import annotations

TRANSLATIONS = ("pelvis_tx", "pelvis_ty", "pelvis_tz")
"""Coordinates in m; all others are in rad."""

GROUND = ("forward", "up", "right")
BONE = ("anterior", "superior", "lateral")
LEVEL = ("anterior", "superior", "right")
RHYTHM = ("anterior-posterior axis", "chord axis", "right")
NET = ("extension", "bending to the right", "rotation to the left")

_LABELS = {
    "time": ("s", "time from right initial contact"),
    "ground_force": ("N", f"ground reaction force on the foot, [{', '.join(GROUND)}]"),
    "ground_point": ("m", f"centre of pressure, [{', '.join(GROUND)}]; NaN in flight"),
    "points": ("m", f"position in the ground frame, [{', '.join(GROUND)}]"),
    "point_accelerations": ("m/s2", "acceleration in the ground frame, gravity not included"),
    "segments": ("rad", "segment angle in the sagittal plane"),
    "activations": ("1", "muscle activation"),
    "muscle_forces": ("N", "tendon force"),
    "fibre_length": ("1", "fibre length in optimal lengths"),
    "fibre_velocity": ("1", "fibre velocity in maximal velocities, lengthening +"),
    "metabolic_rate": ("W", "metabolic rate, basal rate not included"),
    "joint_contact": ("N", f"force on the segment below, [{', '.join(BONE)}] of femur or tibia"),
}
_COORDINATE_LABELS = {
    "coordinates": ("rad", "m", "value of the coordinate"),
    "speeds": ("rad/s", "m/s", "speed of the coordinate"),
    "accelerations": ("rad/s2", "m/s2", "acceleration of the coordinate"),
    "torques": ("N m", "N", "generalised force of the coordinate"),
}
_LUMBAR_LABELS = {
    "force": ("N", f"force on the upper vertebra, [{', '.join(LEVEL)}]"),
    "resultant": ("N", "size of the joint force"),
    "compression": ("N", "compression along the chord of joint centres"),
    "anterior_shear": ("N", "anterior shear, across the chord; + pushes the upper vertebra forward"),
    "compression_disc": ("N", "compression along the disc's normal"),
    "anterior_shear_disc": ("N", "anterior shear in the disc's plane; + pushes the upper vertebra forward"),
    "coupler_moment": ("N m", f"moment that the lumbar rhythm carries, [{', '.join(RHYTHM)}]"),
    "disc_moment": ("N m", f"moment that the springs of the disc carry, [{', '.join(RHYTHM)}]"),
    "muscle_share": ("1", "share of muscles in the joint force"),
    "inertia_share": ("1", "share of inertia in the joint force"),
}
_NET_LABELS = {
    "moment": ("N m", f"net moment on all above, [{', '.join(NET)}]"),
    "force": ("N", f"net force on all above, ground frame, [{', '.join(GROUND)}]"),
}


def label(path: str) -> tuple[str, str]:
    """Unit and long name of an array by its path in the file: ``coordinates/knee_angle_r``, ``lumbar/L5S1/force``."""
    group, _, rest = path.partition("/")
    if group in ("lumbar", "lumbar_net"):
        level, _, quantity = rest.partition("/")
        unit, text = level_label(group, quantity)
        return unit, f"{level}: {text}"
    if group in _COORDINATE_LABELS:
        return coordinate_label(group, rest in TRANSLATIONS)[0], f"{_COORDINATE_LABELS[group][2]} {rest}"
    unit, text = _LABELS[group]
    return unit, f"{rest}: {text}" if rest else text


def level_label(group: str, quantity: str) -> tuple[str, str]:
    """Unit and long name of what ``lumbar`` or ``lumbar_net`` have for a level."""
    return (_LUMBAR_LABELS if group == "lumbar" else _NET_LABELS)[quantity]


def coordinate_label(group: str, is_translation: bool) -> tuple[str, str]:
    """Unit and long name of what a group has for turning or for translating coordinates."""
    angular, linear, text = _COORDINATE_LABELS[group]
    return (linear if is_translation else angular), text
