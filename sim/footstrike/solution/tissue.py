"""What the leg pays for its landing: Achilles force, ankle moment, work of the joints.

Positive ankle moment is dorsiflexion in the model, so plantarflexion moment is its negative. Work counts the
right side over one stride (one step of that leg) per kilogram of body mass.
"""

from __future__ import annotations

import numpy as np

from footstrike.solution.ground import weight
from footstrike.solution.run import Run
from footstrike.solution.signals import Contact

CALF = ("soleus", "med_gas", "lat_gas", "gasmed", "gaslat")


def achilles_peak_bw(run: Run) -> float | None:
    """Peak sum of the tendon forces of soleus and gastrocnemius of the right side, BW; ``None`` without
    muscles.
    """
    columns = [i for i, name in enumerate(run.muscle_names) if name in {f"{m}_r" for m in CALF}]
    if not columns or not run.muscle_driven:
        return None
    return float(run.muscle_forces[:, columns].sum(axis=1).max() / weight(run))


def plantarflexion_peak_nm_per_kg(run: Run) -> float | None:
    """Largest plantarflexion moment of the right ankle, N m/kg."""
    moment = run.torques.get("ankle_angle_r")
    return None if moment is None else float((-moment).max() / run.mass)


def absorbed_in_stance(run: Run, coordinate: str, contact: Contact) -> float | None:
    """Energy that a joint absorbs during stance, J/kg, positive: the time integral of its negative power."""
    if coordinate not in run.torques or coordinate not in run.speeds:
        return None
    power = run.torques[coordinate] * run.speeds[coordinate]
    times = contact.start + np.linspace(0.0, contact.duration, 1001)
    value = np.interp(times % run.period, run.time - run.time[0], power)
    return float(np.trapezoid(np.maximum(-value, 0.0), times) / run.mass)
