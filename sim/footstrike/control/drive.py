"""How a runner's joints are driven: which muscles, which of their tendons stretch, which joints they balance."""

from __future__ import annotations

from collections.abc import Mapping

from footstrike.control.problem import Drive
from footstrike.model.description import Description, PathPolynomial
from footstrike.model.sides import without_side
from footstrike.model.tables import carried_tables
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
