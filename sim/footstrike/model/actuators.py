"""Torques of actuators that stand for muscles (models/actuators.csv)."""

from __future__ import annotations

from functools import cache

from footstrike.model.csv_rows import rows
from footstrike.resources import resource


@cache
def torque_scale(coordinate: str) -> float:
    """About half of what the joint's muscles can do, N m: what makes efforts of different joints comparable."""
    return next(scale for begins, scale in _table().items() if coordinate.startswith(begins))


@cache
def _table() -> dict[str, float]:
    """By how the names of coordinates begin; what begins in no other way comes last."""
    return {
        row.values["begins"]: row.positive("torque_nm") for row in rows(resource("models", "actuators.csv"))
    }
