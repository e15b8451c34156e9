"""How thorough a test of the claims is."""

from __future__ import annotations

from footstrike.errors import unknown_name

PRESETS = {"quick": (3.5,), "standard": (2.5, 3.5, 4.5), "full": (2.5, 3.0, 3.5, 4.0, 4.5)}
"""Speeds (m/s) at which both strikes run, by name."""


def check_preset(name: str) -> str:
    """Return the name of a preset, or raise `InputError` with those that there are."""
    if name not in PRESETS:
        raise unknown_name("preset", name, PRESETS)
    return name
