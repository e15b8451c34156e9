"""Net moments of a run, N m/kg: at L5/S1 of all above it, and of hip, knee and ankle of the right leg.

Those at L5/S1 are low-passed at 12 Hz, as the joint angles were from which the moments of measured runners follow
(Hamner & Delp 2013, J Biomech 46:780; own evaluation). Those of the leg are the generalised forces of its coordinates,
passive structures included, as they are.
"""

from __future__ import annotations

import numpy as np

from footstrike.lumbar.net_load import LEVEL
from footstrike.outcomes import signals
from footstrike.outcomes.ground import weight
from footstrike.outcomes.signals import Contact
from footstrike.runs.run import Array, Run

CUTOFF_HZ = 12.0
LUMBAR = ("lumbar_extension", "lumbar_bending", "lumbar_rotation")


def at_l5s1(run: Run) -> dict[str, float | None]:
    """Peaks at L5/S1.

    Extension: the largest extending moment in the step after right contact, and when (% of the stride from that
    contact). Lateral and axial moment, to either side, and vertical force (BW): the largest over the stride.
    """
    net = run.lumbar_net.get(LEVEL)
    if net is None:
        return {}
    extension, bending, rotation = signals.low_pass(net["moment"], run.period, CUTOFF_HZ).T / run.mass
    vertical = signals.low_pass(net["force"][:, 1], run.period, CUTOFF_HZ) / weight(run)
    step = extension[: len(extension) // 2]
    return {
        "lumbar_extension_moment_peak_nm_per_kg": float(step.max()),
        "lumbar_extension_moment_peak_phase_pct": 100.0 * int(step.argmax()) / len(extension),
        "lumbar_lateral_moment_peak_nm_per_kg": float(np.abs(bending).max()),
        "lumbar_axial_moment_peak_nm_per_kg": float(np.abs(rotation).max()),
        "lumbar_vertical_net_force_peak_bw": float(vertical.max()),
    }


def of_hip(run: Run) -> dict[str, float | None]:
    """Largest extending (around contact) and flexing (around toe-off) moment of the right hip over the stride."""
    moment = curve(run, "hip_flexion_r")
    if moment is None:
        return {}
    return {
        "hip_extension_moment_peak_nm_per_kg": float(-moment.min()),
        "hip_flexion_moment_peak_nm_per_kg": float(moment.max()),
    }


def in_stance(run: Run, contact: Contact) -> dict[str, float | None]:
    """Largest extending moment of the right knee and abducting moment of the right hip in stance."""
    return {
        "knee_extension_moment_peak_nm_per_kg": _peak(run, "knee_angle_r", 1.0, contact),
        "hip_abduction_moment_peak_nm_per_kg": _peak(run, "hip_adduction_r", -1.0, contact),
    }


def curve(run: Run, name: str) -> Array | None:
    """(T,) N m/kg over the stride: a leg's coordinate by name, or a lumbar one for L5/S1; None if not known."""
    if name not in LUMBAR:
        return run.torques[name] / run.mass if name in run.torques else None
    net = run.lumbar_net.get(LEVEL)
    if net is None:
        return None
    moment = net["moment"][:, LUMBAR.index(name)] / run.mass
    smooth = signals.low_pass(moment, run.period, CUTOFF_HZ, samples=len(moment) - 1)
    return np.append(smooth, smooth[:1])


def _peak(run: Run, name: str, sign: float, contact: Contact) -> float | None:
    moment = curve(run, name)
    if moment is None:
        return None
    times = contact.start + np.linspace(0.0, contact.duration, 1001)
    return float((sign * np.interp(times % run.period, run.time - run.time[0], moment)).max())
