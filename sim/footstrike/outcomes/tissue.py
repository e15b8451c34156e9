"""What the leg pays for its landing: Achilles and patellofemoral force, ankle moment, energy absorbed.

Positive ankle moment is dorsiflexion in the model, so plantarflexion moment is its negative. Work counts the
right side over one stride (one step of that leg) per kilogram of body mass.
"""

from __future__ import annotations

import numpy as np

from footstrike.model.muscle_groups import QUADRICEPS, TRICEPS_SURAE
from footstrike.muscles.patella import patella_ratio
from footstrike.outcomes.ground import Stance, in_stance, weight
from footstrike.outcomes.registry import metric
from footstrike.runs.run import Array, Run


@metric(
    "achilles_peak_bw",
    unit="BW",
    label="peak Achilles force",
    source="sum of the tendon forces of soleus and gastrocnemius, right leg",
)
def achilles_peak_bw(run: Run) -> float | None:
    """Peak sum of the tendon forces of soleus and gastrocnemius of the right side, BW; ``None`` without
    muscles.
    """
    force = _tension(run, TRICEPS_SURAE)
    return None if force is None else float(force.max() / weight(run))


@metric(
    "patellofemoral_peak_bw",
    unit="BW",
    label="peak patellofemoral force",
    source="force of the quadriceps times its ratio at the knee's angle (models/patella.toml), right leg in stance",
)
@in_stance
def patellofemoral_peak_bw(run: Run, phase: Stance) -> float | None:
    """Largest force between the right patella and femur during stance, BW; ``None`` without muscles."""
    quadriceps, knee = _tension(run, QUADRICEPS), run.coordinates.get("knee_angle_r")
    if quadriceps is None or knee is None:
        return None
    force = quadriceps * patella_ratio(-knee)
    return float(_over(phase, run, force)[1].max() / weight(run))


def _tension(run: Run, groups: tuple[str, ...]) -> Array | None:
    """Sum of the tendon forces of groups of muscles of the right side, (T,) N."""
    columns = run.muscles_of(groups, side="r")
    if not columns or not run.muscle_driven:
        return None
    return np.asarray(run.muscle_forces[:, columns].sum(axis=1))


@metric(
    "ankle_plantarflexion_peak_nm_per_kg",
    unit="N m/kg",
    label="peak ankle plantarflexion moment",
    source="generalised force of the right ankle, passive structures included",
)
def plantarflexion_peak_nm_per_kg(run: Run) -> float | None:
    """Largest plantarflexion moment of the right ankle, N m/kg."""
    moment = run.torques.get("ankle_angle_r")
    return None if moment is None else float((-moment).max() / run.mass)


@metric(
    "ankle_absorbed_j_per_kg",
    unit="J/kg",
    label="energy absorbed at the ankle in stance",
    source="time integral of the negative power of the right ankle",
)
@in_stance
def absorbed_at_ankle(run: Run, phase: Stance) -> float | None:
    """Energy that the right ankle absorbs during stance, J/kg, positive."""
    return _absorbed(run, "ankle_angle_r", phase)


@metric(
    "knee_absorbed_j_per_kg",
    unit="J/kg",
    label="energy absorbed at the knee in stance",
    source="time integral of the negative power of the right knee",
)
@in_stance
def absorbed_at_knee(run: Run, phase: Stance) -> float | None:
    """Energy that the right knee absorbs during stance, J/kg, positive."""
    return _absorbed(run, "knee_angle_r", phase)


def _absorbed(run: Run, coordinate: str, phase: Stance) -> float | None:
    if coordinate not in run.torques or coordinate not in run.speeds:
        return None
    times, power = _over(phase, run, run.torques[coordinate] * run.speeds[coordinate])
    return float(np.trapezoid(np.maximum(-power, 0.0), times) / run.mass)


def _over(phase: Stance, run: Run, values: Array) -> tuple[Array, Array]:
    """Times (s) in stance and a signal of the run (T,) at them."""
    times = phase.contact.start + np.linspace(0.0, phase.contact.duration, 1001)
    return times, np.interp(times % run.period, run.time - run.time[0], values)
