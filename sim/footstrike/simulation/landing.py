"""Is the mesh fine enough for what happens while the foot lands?"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from footstrike.control.sample import BEFORE_CONTACT
from footstrike.control.solution import Gait

Array = NDArray[np.float64]

LANDING_S = 0.050  # after contact: the impact peak comes at about 30 ms, the dip after it at about 45 ms
COARSE_S = 0.006  # points further apart cannot carry a peak that takes 30 ms


MOVED_S = 0.005  # a mesh that is further than this from where the foot lands is moved


def points_gap(gait: Gait, start: float) -> float:
    """Largest distance (s) of neighbouring collocation points in the 50 ms after the foot meets the ground."""
    points = (gait.basis.points - BEFORE_CONTACT[gait.ends]) * gait.duration - start
    lands = (points[1:] > 0.0) & (points[:-1] < LANDING_S)
    return float(np.diff(points)[lands].max())


def breaks_around(breaks: Array, gait: Gait, start: float) -> Array | None:
    """The default mesh moved to where the gait's foot lands, or None if its own is dense enough there.

    Only the mesh of half a cycle can be moved: in a whole stride two feet land.
    """
    if gait.ends != "mirrored" or points_gap(gait, start) <= COARSE_S:
        return None
    expected = BEFORE_CONTACT[gait.ends]
    moved = np.interp(breaks, [0.0, expected, 1.0], [0.0, expected + start / gait.duration, 1.0])
    off = np.abs(moved - gait.basis.breaks).max() * gait.duration
    return moved if off > MOVED_S else None


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
