"""What a modified gait was asked for and has, and how it differs from the habitual gait that it departs from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from footstrike.control.modifiers import FootStrikeAngle, Modifier, recorded
from footstrike.control.reference import THORAX_TILT
from footstrike.gait.foot_strike import between_markers, skeleton_angle
from footstrike.gait.targets import target
from footstrike.lumbar.loads import lumbar_loads
from footstrike.outcomes import ground
from footstrike.outcomes.registry import Quantity, named
from footstrike.runs.run import Run
from footstrike.workers.client import opensim_worker

BACK = tuple(
    f"lumbar.L5S1.{name}"
    for name in (
        "peak_compression_bw",
        "mean_compression_bw",
        "peak_anterior_shear_bw",
        "peak_load_rate_bw_per_s",
        "impulse_per_km_bw_s",
    )
)
"""What is told of the lumbar spine."""

ELSEWHERE = (
    "step_length_m",
    "contact_time_s",
    "knee_flexion_contact_deg",
    "knee_flexion_peak_stance_deg",
    "foot_strike_angle_markers_deg",
    "heel_ahead_of_pelvis_m",
    "trunk_lean_mean_deg",
    "pelvis_rotation_rom_deg",
    "lumbar_rotation_rom_deg",
    "valr_bw_per_s",
    "vgrf_active_peak_bw",
    "braking_impulse_bw_s",
    "hip_contact_peak_bw",
    "patellofemoral_peak_bw",
    "achilles_peak_bw",
    "metabolic_cost_j_per_kg_m",
)
"""What may have moved beside."""

RESOLVED_BW = 0.1  # more is left over between the points of an unresolved landing

AMPLITUDES = {
    "rotation": ("pelvis_rotation", "lumbar_rotation"),
    "arm_swing": tuple(
        f"{kind}_{side}" for kind in ("arm_flex", "arm_add", "arm_rot", "elbow_flex") for side in "rl"
    ),
    "vertical_oscillation": ("pelvis_ty",),
}
"""Coordinates whose habitual course is scaled, by modifier."""


@dataclass(frozen=True)
class Asked:
    """One thing asked of a gait.

    Attributes
    ----------
    label, unit
        What it is.
    asked, met, habit
        What was asked, what the gait has, and what the habitual gait has; None where that is not known.
    """

    label: str
    unit: str
    asked: float
    met: float | None
    habit: float | None


@dataclass(frozen=True)
class Change:
    """A number of a gait beside that of its habit."""

    of: Quantity
    habit: float
    now: float

    @property
    def percent(self) -> float | None:
        """Change in % of the habitual value; None from zero, and for angles, whose zero is a convention."""
        if not self.habit or self.of.unit == "deg":
            return None
        return 100.0 * (self.now - self.habit) / abs(self.habit)


def asked_and_met(run: Run, habit: Run | None) -> list[Asked]:
    """Everything that was asked of a run beside what it has; ``habit`` is the gait that it departs from."""
    modifiers = recorded(run.spec)
    if run.spec.get("from_strike") and not any(isinstance(m, FootStrikeAngle) for m in modifiers):
        angle = between_markers(skeleton_angle(target(run.strike, run.speed)))
        modifiers = (FootStrikeAngle(angle), *modifiers)
    return [_asked(modifier, run, habit) for modifier in modifiers]


def beside(run: Run) -> tuple[str, ...]:
    """Names of the metrics elsewhere in the body of which nothing was asked."""
    own = {modifier.metric for modifier in recorded(run.spec)}
    return tuple(name for name in ELSEWHERE if name not in own)


def changed(run: Run, habit: Run, names: tuple[str, ...]) -> list[Change]:
    """The metrics of these names that both runs have."""
    found = []
    for metric in map(named, names):
        before, now = metric.function(habit), metric.function(run)
        if before is not None and now is not None:
            found.append(Change(metric, before, now))
    return found


def shared_anew(run: Run) -> float | None:
    """Peak compression at L5/S1 (BW) if the trunk's muscles shared the run's moments anew, by least squared activation.

    Frame by frame, without activation dynamics and with the fibre lengths of the modified gait: a check of how a gait near
    habit shares them. None where no muscles drive the run: its trunk muscles share so anyway.
    """
    if run.spec.get("legs") != "muscles":
        return None
    described = opensim_worker().call("describe", run.model_osim)
    shared = lumbar_loads(described, run.coordinates, run.speeds, run.accelerations)
    return float(shared.lumbar["L5S1"]["compression"].max()) / ground.weight(run)


def cautions(run: Run) -> list[str]:
    """In words, what of a modified gait is not to be believed (docs/modified-gaits.md), and why."""
    found = []
    left = run.solver.get("landing_residual_max_bw", 0.0)
    if left > RESOLVED_BW:
        found.append(
            f"{left:.2f} BW are left over between the points while the foot lands, so do not believe loading rate and "
            "impact peak"
        )
    if run.spec.get("from_strike") or any(isinstance(m, FootStrikeAngle) for m in recorded(run.spec)):
        found.append(
            "a foot asked for another angle lands harder than people's do (docs/modified-gaits.md), so do not believe "
            "loading rates"
        )
    return found


def _asked(modifier: Modifier, run: Run, habit: Run | None) -> Asked:
    label, of = _measure(modifier, habit)
    met, own = of(run), None if habit is None else of(habit)
    return Asked(label, modifier.unit or "times habit", modifier.value, met, own)


def _measure(modifier: Modifier, habit: Run | None) -> tuple[str, Callable[[Run], float | None]]:
    """In words, and the function of a run that says how far it was met."""
    words = modifier.words.split(",")[0].rstrip(".").removeprefix("Prescribed ")
    if modifier.name in AMPLITUDES:
        return words, lambda run: None if habit is None else amplitude(run, habit, AMPLITUDES[modifier.name])
    if modifier.name == "trunk_lean":
        return "mean trunk lean (pelvis tilt and lumbar extension)", thorax_tilt
    if modifier.metric is None:
        return words, lambda run: None
    metric = named(modifier.metric)
    return metric.label, metric.function


def thorax_tilt(run: Run) -> float | None:
    """What a lean holds: mean of pelvis tilt and lumbar extension together over the stride, forward +, deg."""
    if not run.coordinates.keys() >= set(THORAX_TILT):
        return None
    return -float(np.rad2deg(sum(run.coordinates[name][:-1].mean() for name in THORAX_TILT)))


def amplitude(run: Run, habit: Run, names: tuple[str, ...]) -> float | None:
    """Size of the habitual course in the motion of some coordinates about their means, in times of the habitual size."""
    if not (run.coordinates.keys() & habit.coordinates.keys()) >= set(names):
        return None
    own, usual = (
        np.concatenate([r.coordinates[n][:-1] - r.coordinates[n][:-1].mean() for n in names])
        for r in (run, habit)
    )
    return float(own @ usual / (usual @ usual))
