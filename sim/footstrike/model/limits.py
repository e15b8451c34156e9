"""What can be asked of a runner (models/limits.toml): sizes of the body, lengths of a step."""

from __future__ import annotations

from footstrike.resources import carried_toml

_TABLE = carried_toml("models", "limits.toml")

GENERIC_HEIGHT_M: float = _TABLE["height"]["generic"]
"""Of the runner as the tables have it."""
STEP_TIME_LIMITS_S: tuple[float, float] = _TABLE["step_time"]["shortest"], _TABLE["step_time"]["longest"]


def _limits(what: str) -> tuple[float, float]:
    return _TABLE[what]["lowest"], _TABLE[what]["highest"]


HEIGHT_LIMITS_M = _limits("height")
MASS_LIMITS_KG = _limits("mass")
BMI_LIMITS = _limits("body_mass_index")  # kg/m2
FACTOR_LIMITS = _limits("segment_factor")


def step_length_limits(speed: float, height: float = GENERIC_HEIGHT_M) -> tuple[float, float]:
    """Shortest and longest step (m) that a runner of a height (m) can take at a speed (m/s).

    A step takes 0.25 to 0.50 s, and is not longer than 1.2 leg lengths on the ground and 0.2 s in the air.
    """
    reach = _TABLE["step_reach"]
    shortest, longest = (speed * time for time in STEP_TIME_LIMITS_S)
    on_ground = reach["stance_per_leg"] * reach["leg_per_height"] * height
    return shortest, min(longest, on_ground + speed * reach["longest_flight"])
