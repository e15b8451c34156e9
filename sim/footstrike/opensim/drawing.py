"""The lines along which muscles run in one posture, wraps included. Runs in the OpenSim worker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from footstrike.model.measured import MuscleLine
from footstrike.opensim.muscle_parameters import geometry
from footstrike.opensim.muscle_paths import active_muscles
from footstrike.opensim.opened_model import Array, each, vec
from footstrike.opensim.osim import osim
from footstrike.opensim.poses import Poses
from footstrike.opensim.skeleton import opened


def muscle_lines(osim_text: str, q: Mapping[str, float]) -> dict[str, MuscleLine]:
    """Every muscle that has a path of points, in one posture.

    Parameters
    ----------
    q : value of every free coordinate, rad or m
    """
    at = opened(osim_text)
    names = at.skeleton.description.coordinate_names
    poses = Poses(at.model, at.fresh(), names)
    poses.place(poses.follow(np.array([[q[n] for n in names]]))[0][0])
    paths = {m.getName(): geometry(m) for m in active_muscles(at.model)}
    return {name: _line(path, poses.state) for name, path in paths.items() if path is not None}


def _line(path: Any, state: Any) -> MuscleLine:
    points, fixed = [], []
    for point in each(path.getCurrentPath(state)):
        frame, wrap = point.getParentFrame(), osim.PathWrapPoint.safeDownCast(point)
        arc = [] if wrap is None else each(wrap.getWrapPath(state))
        points += [_in_ground(frame, state, p) for p in arc or [point.getLocation(state)]]
        if wrap is None:
            fixed.append((frame.findBaseFrame().getName(), points[-1]))
    return MuscleLine(np.array(points).reshape(-1, 3), tuple(fixed))


def _in_ground(frame: Any, state: Any, location: Any) -> Array:
    return vec(frame.findStationLocationInGround(state, location))
