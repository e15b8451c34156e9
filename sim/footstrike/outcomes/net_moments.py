"""Net moments of a run, N m/kg: at L5/S1 of all above it, and of hip, knee and ankle of the right leg.

Those at L5/S1 are low-passed at 12 Hz, as the joint angles were from which the moments of measured runners follow
(Hamner & Delp 2013, J Biomech 46:780; own evaluation). Those of the leg are the generalised forces of its coordinates,
passive structures included, as they are.
"""

from __future__ import annotations

import numpy as np

from footstrike.lumbar.net_load import LEVEL
from footstrike.outcomes import signals
from footstrike.outcomes.ground import Stance, in_stance, weight
from footstrike.outcomes.registry import Quantity, several
from footstrike.runs.run import Array, Run

CUTOFF_HZ = 12.0
LUMBAR = ("lumbar_extension", "lumbar_bending", "lumbar_rotation")

NET = "net load of all above the joint, without muscles, low-passed at 12 Hz (Hamner & Delp 2013)"
RIGHT = "generalised force of the right leg's coordinate, passive structures included"


@several(
    Quantity(
        "lumbar_extension_moment_peak_nm_per_kg",
        "N m/kg",
        "peak net extension moment at L5/S1",
        f"in the step after right contact; {NET}",
    ),
    Quantity(
        "lumbar_extension_moment_peak_phase_pct",
        "% stride",
        "phase of the peak extension moment, from contact",
        "of the same peak",
    ),
    Quantity("lumbar_lateral_moment_peak_nm_per_kg", "N m/kg", "peak net lateral moment at L5/S1", NET),
    Quantity("lumbar_axial_moment_peak_nm_per_kg", "N m/kg", "peak net axial moment at L5/S1", NET),
    Quantity("lumbar_vertical_net_force_peak_bw", "BW", "peak net vertical force at L5/S1", NET),
)
def at_l5s1(run: Run) -> tuple[float, ...] | None:
    """Peaks at L5/S1.

    Extension: the largest extending moment in the step after right contact, and when (% of the stride from that
    contact). Lateral and axial moment, to either side, and vertical force (BW): the largest over the stride.
    """
    net = run.lumbar_net.get(LEVEL)
    if net is None:
        return None
    extension, bending, rotation = signals.low_pass(net["moment"], run.period, CUTOFF_HZ).T / run.mass
    vertical = signals.low_pass(net["force"][:, 1], run.period, CUTOFF_HZ) / weight(run)
    step = extension[: len(extension) // 2]
    return (
        float(step.max()),
        100.0 * int(step.argmax()) / len(extension),
        float(np.abs(bending).max()),
        float(np.abs(rotation).max()),
        float(vertical.max()),
    )


@several(
    Quantity(
        "hip_extension_moment_peak_nm_per_kg", "N m/kg", "peak hip extension moment, around contact", RIGHT
    ),
    Quantity("hip_flexion_moment_peak_nm_per_kg", "N m/kg", "peak hip flexion moment, around toe-off", RIGHT),
)
def of_hip(run: Run) -> tuple[float, float] | None:
    """Largest extending (around contact) and flexing (around toe-off) moment of the right hip over the stride."""
    moment = curve(run, "hip_flexion_r")
    return None if moment is None else (float(-moment.min()), float(moment.max()))


@several(
    Quantity("knee_extension_moment_peak_nm_per_kg", "N m/kg", "peak knee extension moment in stance", RIGHT),
    Quantity("hip_abduction_moment_peak_nm_per_kg", "N m/kg", "peak hip abduction moment in stance", RIGHT),
)
@in_stance
def of_stance(run: Run, phase: Stance) -> tuple[float | None, float | None]:
    """Largest extending moment of the right knee and abducting moment of the right hip in stance."""
    return _peak(run, "knee_angle_r", 1.0, phase), _peak(run, "hip_adduction_r", -1.0, phase)


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


def _peak(run: Run, name: str, sign: float, phase: Stance) -> float | None:
    moment = curve(run, name)
    if moment is None:
        return None
    times = phase.contact.start + np.linspace(0.0, phase.contact.duration, 1001)
    return float((sign * np.interp(times % run.period, run.time - run.time[0], moment)).max())
