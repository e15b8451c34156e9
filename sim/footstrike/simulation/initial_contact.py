"""Initial contact: when each foot meets the ground, and whether the mesh is fine enough for what follows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from footstrike.control.sample import BEFORE_CONTACT, sample
from footstrike.control.solution import Gait
from footstrike.dynamics.contact import contact_forces
from footstrike.dynamics.rigid_body import Tree
from footstrike.model.description import Description
from footstrike.runs import assemble

Array = NDArray[np.float64]

LANDING_S = 0.050  # after contact: the impact peak comes at about 30 ms, the dip after it at about 45 ms
FINER = 65  # instants within one step of the search: 6 us, over which force is straight
COARSE_S = 0.006  # points further apart cannot carry a peak that takes 30 ms


def contact_time(description: Description, gait: Gait, speed: float, side: str = "r") -> float:
    """When a foot's vertical force rises through the contact threshold, s from the reference's right contact.

    The left foot's is sought half a stride later (in a cycle that is a stride).
    """
    tree = Tree(description)
    spheres = [s for s in description.spheres if s.name.endswith(f"_{side}")]

    def above(time: Array) -> Array:
        moved = sample(gait, time, speed)
        forces = contact_forces(tree, tree.motion(moved.q, moved.qd), spheres)
        vertical = np.sum([np.broadcast_to(f.force[1], len(time)) for f in forces], axis=0)
        return np.asarray(vertical - assemble.CONTACT_N)

    expected = 0.0 if side == "r" else gait.duration / 2
    time = expected + gait.duration * np.linspace(-0.1, 0.3, 801)
    loaded = np.flatnonzero(above(time) > 0)
    if not len(loaded) or loaded[0] == 0:
        return expected
    between = np.linspace(time[loaded[0] - 1], time[loaded[0]], FINER)
    force = above(between)
    k = int(np.argmax(force > 0))
    return float(between[k - 1] - force[k - 1] * (between[k] - between[k - 1]) / (force[k] - force[k - 1]))


def contact_phases(description: Description, gait: Gait, speed: float) -> dict[str, float]:
    """Phase of the cycle of each foot's initial contact, by side; of half a cycle, the right one's."""
    sides = ("r",) if gait.ends == "mirrored" else ("r", "l")
    return {
        side: contact_time(description, gait, speed, side) / gait.duration + BEFORE_CONTACT[gait.ends]
        for side in sides
    }


def points_gap(gait: Gait, start: float) -> float:
    """Largest distance (s) of neighbouring collocation points in the 50 ms after the foot meets the ground."""
    points = (gait.basis.points - BEFORE_CONTACT[gait.ends]) * gait.duration - start
    lands = (points[1:] > 0.0) & (points[:-1] < LANDING_S)
    return float(np.diff(points)[lands].max())


def landing_mesh(gait: Gait, start: float, time: Array, residual_bw: Array) -> dict[str, Any]:
    """What the solver's record says of the mesh while the right foot lands.

    Parameters
    ----------
    gait, start
        Solved cycle, and when the foot really meets the ground, s after the reference's contact.
    time, residual_bw
        (T,) instants after contact, s, and the largest pelvis residual there, BW.

    Returns
    -------
    dict
        ``landing_points_gap_s``: largest distance of neighbouring collocation points in the 50 ms after contact;
        ``landing_residual_max_bw``: largest residual in that time, between the points as well.
    """
    return {
        "landing_points_gap_s": points_gap(gait, start),
        "landing_residual_max_bw": float(residual_bw[time <= LANDING_S].max()),
    }


def too_coarse(solver: dict[str, Any]) -> str:
    """A warning where the points are too far apart for an impact peak, else nothing."""
    gap = solver["landing_points_gap_s"]
    if gap <= COARSE_S:
        return ""
    return (
        f"; points are up to {gap * 1e3:.0f} ms apart while the foot lands, too far for an impact peak: "
        "impact peak and loading rates need more points"
    )
