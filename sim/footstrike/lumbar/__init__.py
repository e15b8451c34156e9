"""Trunk muscle forces and the loads of the lumbar joints along a given motion."""

from footstrike.lumbar.loads import LumbarResult, lumbar_loads

__all__ = ["LumbarResult", "lumbar_loads"]
