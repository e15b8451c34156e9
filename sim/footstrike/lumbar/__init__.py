"""Muscle forces and the loads of the lumbar joints, and of all others, along a given motion."""

from footstrike.lumbar.joint_loads import JointLoads, joint_loads
from footstrike.lumbar.loads import LumbarResult, lumbar_loads

__all__ = ["JointLoads", "LumbarResult", "joint_loads", "lumbar_loads"]
