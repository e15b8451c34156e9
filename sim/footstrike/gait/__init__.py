"""Habitual running of the two strike patterns: what a simulation tracks and what it is compared with."""

from footstrike.gait.bands import Band, force_band, joint_band
from footstrike.gait.targets import Target, is_extrapolated, target

__all__ = ["Band", "Target", "force_band", "is_extrapolated", "joint_band", "target"]
