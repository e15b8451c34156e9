"""The lines along which muscles run, wraps included, in one posture or along a motion. Runs in the OpenSim worker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    return {name: _line(path, poses.state) for name, path in _paths(at.model).items()}


def moving_lines(
    osim_text: str, names: Sequence[str], q: Array, muscles: Sequence[str], points: int
) -> Array:
    """Some muscles along a motion, each as the same number of points at equal distances along its line.

    Parameters
    ----------
    names : free coordinates, the columns of ``q`` (T, n), rad and m
    muscles : M names of muscles that have a path of points

    Returns
    -------
    array
        (T, M, points, 3) m, in ground.
    """
    at = opened(osim_text)
    poses = Poses(at.model, at.fresh(), names)
    every = _paths(at.model)
    out = np.zeros((len(q), len(muscles), points, 3))
    for t, row in enumerate(poses.follow(np.asarray(q, dtype=float))[0]):
        poses.place(row)
        for i, name in enumerate(muscles):
            out[t, i] = _spread(_line(every[name], poses.state).points, points)
    return out


def _paths(model: Any) -> dict[str, Any]:
    """Paths of points by the muscle's name; those given by functions have none."""
    found = {m.getName(): geometry(m) for m in active_muscles(model)}
    return {name: path for name, path in found.items() if path is not None}


def _spread(line: Array, points: int) -> Array:
    """Points at equal distances along a chain of points (k, 3)."""
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    wanted = np.linspace(0.0, along[-1], points)
    return np.column_stack([np.interp(wanted, along, line[:, k]) for k in range(3)])


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
