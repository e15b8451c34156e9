"""Speed, steps and the legs that take them."""

from __future__ import annotations

from footstrike.outcomes.registry import metric
from footstrike.runs.run import Run

PERIODIC = "half the stride time; a stride is two steps"


@metric("speed_mps", unit="m/s", label="running speed", source="as asked for")
def speed(run: Run) -> float:
    """Running speed, m/s."""
    return run.speed


@metric("step_length_m", unit="m", label="step length", source=f"speed times step time: {PERIODIC}")
def step_length(run: Run) -> float:
    """Step length, m."""
    return run.speed * step_time(run)


@metric("cadence_spm", unit="steps/min", label="cadence", source=f"60 s over step time: {PERIODIC}")
def cadence(run: Run) -> float:
    """Steps per minute."""
    return 60.0 / step_time(run)


def step_time(run: Run) -> float:
    """Step time, s."""
    return run.period / 2
