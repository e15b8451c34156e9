"""Constants of the muscles' activation dynamics (models/activation.toml)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from footstrike.resources import carried_toml


@dataclass(frozen=True)
class ActivationDynamics:
    """Time constants of activation and deactivation, s, and the least activation."""

    activation_time: float
    deactivation_time: float
    least: float


@cache
def activation_dynamics() -> ActivationDynamics:
    """The constants of the table."""
    table = carried_toml("models", "activation.toml")
    times = table["time_constants"]
    return ActivationDynamics(
        times["activation"], times["deactivation"], table["least_activation"]["activation"]
    )
