"""What the OpenSim worker can be asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from footstrike.opensim.analyses import (
    muscle_driven_reactions,
    muscle_geometry,
    muscle_strength,
    static_optimisation,
)
from footstrike.opensim.build import build_runner
from footstrike.opensim.describe import describe
from footstrike.opensim.drawing import moving_lines, muscle_lines
from footstrike.opensim.export_model import exported_model, run_tool
from footstrike.opensim.forward_dynamics import forward_accelerations, forward_integration
from footstrike.opensim.inverse_dynamics import (
    inverse_dynamics,
    joint_reactions,
    momentum_balance,
    total_mass,
)
from footstrike.opensim.muscle_paths import moment_arms, muscle_lengths, muscle_paths
from footstrike.opensim.path_polynomials import path_jumps
from footstrike.opensim.scale import scale_model

TASKS: dict[str, Callable[..., Any]] = {
    "build_runner": build_runner,
    "describe": describe,
    "exported_model": exported_model,
    "forward_accelerations": forward_accelerations,
    "forward_integration": forward_integration,
    "inverse_dynamics": inverse_dynamics,
    "joint_reactions": joint_reactions,
    "moment_arms": moment_arms,
    "momentum_balance": momentum_balance,
    "moving_lines": moving_lines,
    "muscle_driven_reactions": muscle_driven_reactions,
    "muscle_geometry": muscle_geometry,
    "muscle_strength": muscle_strength,
    "muscle_lengths": muscle_lengths,
    "muscle_lines": muscle_lines,
    "muscle_paths": muscle_paths,
    "path_jumps": path_jumps,
    "run_tool": run_tool,
    "scale_model": scale_model,
    "static_optimisation": static_optimisation,
    "total_mass": total_mass,
}
