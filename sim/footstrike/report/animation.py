"""The moving runner's data: a stick figure per run, few frames, millimetres as whole numbers."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from footstrike.model.rows import LEVELS
from footstrike.outcomes.ground import weight
from footstrike.runs.run import Array, Run

FRAMES = 100
_SIDED = (("hip", "knee"), ("knee", "ankle"), ("ankle", "heel"), ("heel", "toe"), ("toe", "ankle"),
          ("shoulder", "elbow"), ("elbow", "hand"))  # fmt: skip
_MIDDLE = (("hip_r", "hip_l"), ("shoulder_r", "shoulder_l"), ("hip_r", "L5S1"), ("hip_l", "L5S1"),
           *pairwise(LEVELS), ("T12L1", "neck"), ("neck", "head"))  # fmt: skip


def animation(run: Run) -> dict[str, Any]:
    """Frames of one stride in the runner's moving frame.

    Returns
    -------
    dict
        ``strike``; ``speed`` (m/s); ``period`` (s); ``bones``: [from, to, side] as indices into the points;
        ``points``: frames x points x [x, y, z] mm; ``force``: frames x feet x [x, z, fx, fy, fz], mm on the
        ground and thousandths of body weight, or ``null`` in flight.
    """
    frames = np.linspace(0.0, run.period, FRAMES, endpoint=False) + run.time[0]
    points = dict(run.points)
    if {"shoulder_r", "shoulder_l"} <= points.keys():
        points["neck"] = (points["shoulder_r"] + points["shoulder_l"]) / 2
    names = [name for name in points if name not in ("pelvis", "sacrum")]
    progress = np.column_stack([run.speed * (frames - run.time[0]), 0 * frames, 0 * frames])
    origin = np.array([points["pelvis"][:, 0].min(), 0.0, 0.0])
    moved = np.stack([_sampled(run, points[name], frames) - progress - origin for name in names], axis=1)
    feet = [_foot(run, side, frames, progress + origin) for side in ("right", "left")]
    return {
        "strike": run.strike,
        "speed": run.speed,
        "period": run.period,
        "names": names,
        "bones": _bones(names),
        "points": _whole(1000.0 * moved),
        "force": [[foot[i] for foot in feet] for i in range(FRAMES)],
    }


def _bones(names: list[str]) -> list[list[int | str]]:
    pairs = [(f"{a}_{side}", f"{b}_{side}", side) for side in "lr" for a, b in _SIDED]
    pairs += [(a, b, "m") for a, b in _MIDDLE]
    return [[names.index(a), names.index(b), side] for a, b, side in pairs if a in names and b in names]


def _foot(run: Run, side: str, frames: Array, origin: Array) -> list[list[int] | None]:
    point = _sampled(run, run.ground_point[side], frames) - origin
    force = _sampled(run, run.ground_force[side], frames) / weight(run)
    found: list[list[int] | None] = []
    for p, f in zip(point, force, strict=True):
        known = bool(np.all(np.isfinite(p)) and f[1] > 0.02)
        found.append(_whole(1000.0 * np.array([p[0], p[2], *f])) if known else None)
    return found


def _sampled(run: Run, values: Array, times: Array) -> Array:
    return np.column_stack([np.interp(times, run.time, values[:, k]) for k in range(3)])


def _whole(values: Array) -> Any:
    return np.rint(values).astype(int).tolist()
