"""What muscles do in a run: shares of the trunk's, moments that none supplies, and the load if the trunk's shared it anew."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from gaits import Gait
from numpy.typing import NDArray

from footstrike.control.passive_moments import passive_moment
from footstrike.dynamics.rigid_body import Tree
from footstrike.lumbar.loads import lumbar_loads
from footstrike.model.description import Description
from footstrike.muscles.moment_arms import UnitForces
from footstrike.runs.run import Run
from footstrike.workers.client import opensim_worker

Array = NDArray[np.float64]

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


@dataclass(frozen=True)
class Reserve:
    """The largest moment on a coordinate that no muscle supplies.

    Attributes
    ----------
    coordinate
        Of the model, with its side.
    moment
        N m, with the coordinate's sign.
    percent
        Of the stride, from right contact.
    largest_joint_moment
        N m, of the same coordinate over the stride.
    """

    coordinate: str
    moment: float
    percent: float
    largest_joint_moment: float


def mean_force(gait: Gait, groups: tuple[str, ...]) -> float:
    """Force of all muscles of some groups, both sides, mean over the stride, body weights."""
    return float(gait.run.muscle_forces[:, gait.run.muscles_of(groups)].sum(axis=1).mean()) / gait.weight


def peak_force(gait: Gait, groups: tuple[str, ...]) -> float:
    """Largest force of all muscles of some groups of the right leg together, body weights."""
    return float(gait.run.muscle_forces[:, gait.run.muscles_of(groups, "r")].sum(axis=1).max()) / gait.weight


def least_effort_peak(gait: Gait) -> float:
    """Peak compression at L5/S1 (BW) when the trunk's muscles share the same moments by least squared activation."""
    run = gait.run
    shared = lumbar_loads(described(run.model_osim), run.coordinates, run.speeds, run.accelerations)
    return float(shared.lumbar[LEVEL]["compression"].max()) / gait.weight


def reserves(run: Run) -> list[Reserve]:
    """The largest reserve of each coordinate whose moment muscles supply, the largest first.

    Torque of the coordinate, less what passive tissue and the muscles do on it, through moment arms that OpenSim measures.
    """
    names = list(described(run.model_osim).coordinate_names)
    q = np.column_stack([run.coordinates.get(name, np.zeros(run.time.size)) for name in names])
    unit = UnitForces(Tree(described(run.model_osim)), names, q)
    paths = opensim_worker().call("muscle_paths", run.model_osim, names, q, run.muscle_names)
    supplied = sum(unit.of(path) * run.muscle_forces[:, [m]] for m, path in enumerate(paths))
    found = [_largest(run, name, supplied[:, names.index(name)]) for name in run.spec["problem"]["balanced"]]
    return sorted(found, key=lambda r: -abs(r.moment))


def _largest(run: Run, name: str, supplied: Array) -> Reserve:
    torque = run.torques[name]
    tissue = passive_moment(name, run.coordinates[name]) if run.spec["problem"]["tissue"] else None
    left = torque - supplied - (0.0 if tissue is None else tissue)
    at = int(np.abs(left).argmax())
    return Reserve(name, float(left[at]), 100.0 * at / (left.size - 1), float(np.abs(torque).max()))


@cache
def described(model_osim: str) -> Description:
    """The model of a run."""
    answer: Description = opensim_worker().call("describe", model_osim)
    return answer
