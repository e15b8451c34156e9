"""What muscles do in a run: forces of groups, and the load if the trunk's shared the same moments anew."""

from __future__ import annotations

from gaits import Gait

from footstrike.simulation.changes import shared_anew

LEVEL = "L5S1"
EXTENSORS = (
    "iliocostalis_pars_lumborum",
    "iliocostalis_pars_thoracis",
    "longissimus_pars_lumborum",
    "longissimus_pars_thoracis",
    "multifidus",
    "quadratus_lumborum",
)
FLEXORS = ("external_oblique", "internal_oblique", "rectus_abdominis")


def mean_force(gait: Gait, groups: tuple[str, ...]) -> float:
    """Force of all muscles of some groups, both sides, mean over the stride, body weights."""
    return float(gait.run.muscle_forces[:, gait.run.muscles_of(groups)].sum(axis=1).mean()) / gait.weight


def peak_force(gait: Gait, groups: tuple[str, ...]) -> float:
    """Largest force of all muscles of some groups of the right leg together, body weights."""
    return float(gait.run.muscle_forces[:, gait.run.muscles_of(groups, "r")].sum(axis=1).max()) / gait.weight


def least_effort_peak(gait: Gait) -> float:
    """Peak compression at L5/S1 (BW) when the trunk's muscles share the same moments by least squared activation."""
    peak = shared_anew(gait.run)
    assert peak is not None
    return peak
