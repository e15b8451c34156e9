"""Work of the joints: the time integral of moment times speed, its positive and its negative part apart.

The power of a joint is the sum over its coordinates, so that what one of them absorbs while another
generates is not counted. Per step: one stride of the right leg, half a stride of the lumbar spine; in a symmetric
gait the sum over both legs in a step is the same.
"""

from __future__ import annotations

import numpy as np

from footstrike.outcomes.registry import Quantity, several
from footstrike.runs.run import Run

JOINTS: dict[str, tuple[str, ...]] = {
    "hip": ("hip_flexion_r", "hip_adduction_r", "hip_rotation_r"),
    "knee": ("knee_angle_r",),
    "ankle": ("ankle_angle_r", "subtalar_angle_r"),
    "lumbar": ("lumbar_extension", "lumbar_bending", "lumbar_rotation"),
}
STEPS_PER_STRIDE = {"lumbar": 2.0}


def work_per_step(run: Run, joint: str) -> tuple[float, float] | None:
    """Positive and negative (below zero) work of a joint in a step, J per kg of body mass."""
    names = [name for name in JOINTS[joint] if name in run.torques and name in run.speeds]
    if not names:
        return None
    power = np.sum([run.torques[name] * run.speeds[name] for name in names], axis=0)
    steps = STEPS_PER_STRIDE.get(joint, 1.0) * run.mass
    positive = np.trapezoid(np.maximum(power, 0.0), run.time)
    negative = np.trapezoid(np.minimum(power, 0.0), run.time)
    return float(positive / steps), float(negative / steps)


def _register(joint: str) -> None:
    def work(run: Run) -> tuple[float, float] | None:
        return work_per_step(run, joint)

    source = f"time integral of the {{}} part of its power: {', '.join(JOINTS[joint])}"
    several(
        *(
            Quantity(
                f"{joint}_work_{sign}_j_per_kg",
                "J/kg",
                f"{sign} work of the {_SHOWN.get(joint, joint)} per step",
                source.format(sign),
            )
            for sign in ("positive", "negative")
        )
    )(work)


_SHOWN = {"lumbar": "lumbar spine"}

for _joint in JOINTS:
    _register(_joint)
