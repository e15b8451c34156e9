"""What makes the contact force differentiable (models/contact_smoothing.toml)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from footstrike.resources import carried_toml


@dataclass(frozen=True)
class ContactSmoothing:
    """Constants by the names that OpenSim's SmoothSphereHalfSpaceForce has for them.

    ``constant_contact_force`` is added to the squared depth (m2) and the squared slip (m2/s2) under their roots;
    ``hertz_smoothing`` is in 1/m, ``hunt_crossley_smoothing`` in s/m.
    """

    constant_contact_force: float
    hertz_smoothing: float
    hunt_crossley_smoothing: float


@cache
def contact_smoothing() -> ContactSmoothing:
    """The constants of the table."""
    table = carried_toml("models", "contact_smoothing.toml")
    return ContactSmoothing(**{name: value for name, value in table.items() if name != "source"})
