"""How a runner's joints are driven: which muscles, which of their tendons stretch, which joints they balance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from footstrike.control.problem import Drive, Spring
from footstrike.lumbar.disc_stiffness import Stiffness, disc_stiffness
from footstrike.model.description import Description, PathPolynomial
from footstrike.model.rows import LUMBAR_AXES
from footstrike.model.sides import without_side
from footstrike.model.subject import Subject
from footstrike.model.tables import carried_tables, rhythm_named
from footstrike.muscles.properties import cost_weights

CITES = ("de_groote2009",)  # activation dynamics

MUSCLE_DRIVEN = (
    "hip_flexion",
    "hip_adduction",
    "hip_rotation",
    "knee_angle",
    "ankle_angle",
    "subtalar_angle",
    "lumbar_extension",
    "lumbar_bending",
    "lumbar_rotation",
)
"""Coordinates whose moments muscles supply. Arms have no muscles of their own, and the toes' small muscles and
plantar tissue are not in the model: actuators drive both."""


def drive_of(description: Description, paths: Mapping[str, PathPolynomial]) -> Drive:
    """Drive a runner by all its muscles; by actuators where it has none.

    A tendon is compliant where the model says so (:func:`footstrike.model.leg_tables.tendon_stretches`). Fibres of
    leg muscles pull when stretched; those of the trunk do not, as in :func:`footstrike.lumbar.loads.lumbar_loads`.
    """
    muscles = tuple(m for m in description.muscles if m.name in paths)
    trunk = {row.name for rows in carried_tables().fascicles.values() for row in rows}
    legs = [m for m in muscles if m.name not in trunk]
    if not legs:
        return Drive()
    spanned = {c for m in muscles for c in paths[m.name].coordinates}
    balanced = [c for c in description.coordinate_names if c in spanned and without_side(c) in MUSCLE_DRIVEN]
    weights = cost_weights(description)
    return Drive(
        muscles,
        {m.name: paths[m.name] for m in muscles},
        tuple(balanced),
        tuple(m.name for m in legs if m.tendon_strain > 0.0),
        tuple(m.name for m in legs),
        {m.name: weights[m.name] for m in muscles if m.name in weights},
    )


def of_subject(drive: Drive, subject: Subject) -> Drive:
    """The drive with the tone and the disc springs of a subject; the same object if it has none of its own.

    The springs of the levels act in series with the rhythm: on a lumbar coordinate, the sum of stiffness times share squared.
    """
    if subject.tone is not None:
        drive = replace(drive, floor=subject.tone)
    if not subject.disc_springs:
        return drive
    fractions = rhythm_named(carried_tables(), subject.rhythm).fractions
    levels = disc_springs(subject)
    springs = {
        f"lumbar_{axis}": Spring(
            sum(
                levels[level]["flexion" if axis == "extension" else axis] * share**2
                for level, share in fractions[axis].items()
            )
        )
        for axis in LUMBAR_AXES
    }
    return replace(drive, springs={**drive.springs, **springs})


def disc_springs(subject: Subject) -> Stiffness:
    """Stiffness of every level, N m/rad, the same in flexion and extension (their mean): a spring of a problem is linear."""
    out = {}
    for level, k in disc_stiffness().items():
        sagittal = (k["flexion"] + k["extension"]) / 2
        both = {**k, "flexion": sagittal, "extension": sagittal}
        out[level] = {direction: subject.disc_springs * value for direction, value in both.items()}
    return out
