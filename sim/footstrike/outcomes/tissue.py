"""What the leg pays for its landing: Achilles and patellofemoral force, ankle moment, energy absorbed.

Positive ankle moment is dorsiflexion in the model, so plantarflexion moment is its negative. Work counts the
right side over one stride (one step of that leg) per kilogram of body mass.
"""

from __future__ import annotations

import tomllib
from functools import cache

import numpy as np

from footstrike.outcomes.ground import weight
from footstrike.outcomes.signals import Contact
from footstrike.resources import resource
from footstrike.runs.run import Array, Run

CALF = ("soleus", "med_gas", "lat_gas", "gasmed", "gaslat")
QUADRICEPS = ("rect_fem", "vas_med", "vas_int", "vas_lat", "recfem", "vasmed", "vasint", "vaslat")


def achilles_peak_bw(run: Run) -> float | None:
    """Peak sum of the tendon forces of soleus and gastrocnemius of the right side, BW; ``None`` without
    muscles.
    """
    force = _tension(run, CALF)
    return None if force is None else float(force.max() / weight(run))


def patellofemoral_peak_bw(run: Run, contact: Contact) -> float | None:
    """Largest force between the right patella and femur during stance, BW; ``None`` without muscles."""
    quadriceps, knee = _tension(run, QUADRICEPS), run.coordinates.get("knee_angle_r")
    if quadriceps is None or knee is None:
        return None
    force = quadriceps * patella_ratio(-knee)
    return float(_in_stance(run, force, contact)[1].max() / weight(run))


def patella_ratio(flexion: Array) -> Array:
    """Patellofemoral force over quadriceps force at a knee flexion (rad); models/patella.toml has the source.

    Beyond full extension and 110 degrees the ratio stays what it is there.
    """
    numerator, denominator, largest = _patella()
    degrees = np.clip(np.degrees(flexion), 0.0, largest)
    return np.asarray(np.polyval(numerator[::-1], degrees) / np.polyval(denominator[::-1], degrees))


@cache
def _patella() -> tuple[list[float], list[float], float]:
    read = tomllib.loads(resource("models", "patella.toml").read_text(encoding="utf-8"))
    return read["numerator"], read["denominator"], float(read["largest_flexion_deg"])


def _tension(run: Run, muscles: tuple[str, ...]) -> Array | None:
    """Sum of the tendon forces of muscles of the right side, (T,) N."""
    columns = [i for i, name in enumerate(run.muscle_names) if name in {f"{m}_r" for m in muscles}]
    if not columns or not run.muscle_driven:
        return None
    return np.asarray(run.muscle_forces[:, columns].sum(axis=1))


def plantarflexion_peak_nm_per_kg(run: Run) -> float | None:
    """Largest plantarflexion moment of the right ankle, N m/kg."""
    moment = run.torques.get("ankle_angle_r")
    return None if moment is None else float((-moment).max() / run.mass)


def absorbed_in_stance(run: Run, coordinate: str, contact: Contact) -> float | None:
    """Energy that a joint absorbs during stance, J/kg, positive: the time integral of its negative power."""
    if coordinate not in run.torques or coordinate not in run.speeds:
        return None
    times, power = _in_stance(run, run.torques[coordinate] * run.speeds[coordinate], contact)
    return float(np.trapezoid(np.maximum(-power, 0.0), times) / run.mass)


def _in_stance(run: Run, values: Array, contact: Contact) -> tuple[Array, Array]:
    """Times (s) in stance and a signal of the run (T,) at them."""
    times = contact.start + np.linspace(0.0, contact.duration, 1001)
    return times, np.interp(times % run.period, run.time - run.time[0], values)
