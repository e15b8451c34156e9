"""The moving runner's data: bones, muscles by activation, levels by load and ground forces over one stride."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

from footstrike.brief import brief
from footstrike.check.scene import region, scene
from footstrike.dynamics.rigid_body import Tree
from footstrike.errors import FootstrikeError
from footstrike.model.description import Description, Muscle
from footstrike.model.rows import LEVELS
from footstrike.muscles.paths import node_motion
from footstrike.outcomes.ground import weight
from footstrike.outcomes.spine import shown
from footstrike.report.methods import wishes
from footstrike.report.packing import packed
from footstrike.report.skeleton_shapes import levels, shapes
from footstrike.runs.run import Array, Run
from footstrike.workers.client import opensim_worker

FRAMES = 100
LINE_POINTS = 9
ON_THE_GROUND = 0.02  # body weights
TENTH_MM = 1e-4
THOUSANDTH = 1e-3


@dataclass(frozen=True)
class MovingBodies:
    """Where the bodies of a model are over a stride, in the runner's moving frame.

    Attributes
    ----------
    time
        (T,) s from the run's start; the stride's end is not among them.
    q
        (T, n) coordinates in the order of ``description``.
    R, p
        By body: (T, 3, 3) rotation to ground, (T, 3) origin, m.
    """

    __repr__ = brief

    description: Description
    time: Array
    q: Array
    R: dict[str, Array]
    p: dict[str, Array]

    def local(self, body: str, points: Array) -> Array:
        """Points (k, 3) of the first frame's ground in a body's frame."""
        moved = (np.asarray(points, dtype=float) - self.p[body][0]) @ self.R[body][0]
        return np.asarray(moved)


@dataclass(frozen=True)
class Drawing:
    """A model as a page draws it.

    Attributes
    ----------
    muscles
        Names of those that are drawn: their activation is known.
    parts
        What does not move: ``bodies`` (B names), ``shapes`` (:mod:`footstrike.report.skeleton_shapes`), ``muscles``
        (:func:`_muscles`), ``levels``.
    """

    __repr__ = brief

    description: Description
    muscles: tuple[str, ...]
    parts: dict[str, Any]


def drawing(run: Run) -> Drawing:
    """The model of a run, which may be that of others.

    Raises
    ------
    ModelError
        OpenSim cannot read the run's model.
    """
    worker = opensim_worker()
    d: Description = worker.call("describe", run.model_osim, fit_paths=False)
    bodies = moving_bodies(run, d, 1)
    start = dict(zip(d.coordinate_names, bodies.q[0].tolist(), strict=True))
    placed = scene(d, start, worker.call("muscle_lines", run.model_osim, start))
    known = {level: level for level in LEVELS if any(j.name == level for j in d.joints)}
    names = set(run.muscle_names) if run.activations.size else set()
    drawn = [m for m in d.muscles if m.name in names]
    parts = {
        "bodies": list(bodies.p),
        "shapes": shapes(d, placed, bodies.local),
        "muscles": _muscles(drawn, list(bodies.p)),
        "levels": [{**one, "label": shown(one["level"])} for one in levels(d, known)],
    }
    return Drawing(d, tuple(m.name for m in drawn), parts)


def motion(run: Run, drawn: Drawing, frames: int = FRAMES, line_points: int = LINE_POINTS) -> dict[str, Any]:
    """What moves in a stride of T ``frames``.

    Parameters
    ----------
    line_points : of a muscle that wraps

    Returns
    -------
    dict
        ``title``, ``strike``, ``speed`` (m/s), ``period`` (s), ``poses`` (T, B, 7: place in m, quaternion x y z w), ``bent``
        (T, wrapping muscles, points, 3: m, in ground), ``activation`` (T, M), ``force`` (100, 2, 6: right and left foot;
        place in m and force in body weights, zero in flight), ``loads`` (100, levels: compression in body weights; no
        levels without muscle forces).
    """
    d = drawn.description
    bodies = moving_bodies(run, d, frames)
    poses = [np.hstack([p, Rotation.from_matrix(bodies.R[n]).as_quat()]) for n, p in bodies.p.items()]
    straight = {m.name for m in d.muscles if m.path}
    bent = [name for name in drawn.muscles if name not in straight]
    lines = np.zeros((frames, 0, line_points, 3))
    if bent:
        names = d.coordinate_names
        lines = opensim_worker().call("moving_lines", run.model_osim, names, bodies.q, bent, line_points)
    columns = [run.muscle_names.index(name) for name in drawn.muscles]
    activation = _at(run, run.activations[:, columns], bodies.time) if columns else np.zeros((frames, 0))
    often = np.linspace(0.0, run.period, FRAMES, endpoint=False)
    return {
        "title": ", ".join([run.strike, *wishes(run)]),
        "strike": run.strike,
        "speed": run.speed,
        "period": run.period,
        "poses": packed(np.stack(poses, axis=1), "int16", TENTH_MM),
        "bent": packed(lines, "int16", TENTH_MM),
        "activation": packed(activation, "uint8", 1 / 255),
        "force": packed(np.stack([_foot(run, s, often) for s in ("right", "left")], 1), "int16", 5e-4),
        "loads": packed(_loads(run, often), "uint16", THOUSANDTH),
    }


def animation(run: Run) -> dict[str, Any]:
    """All that a page needs to draw one stride: the parts of a :class:`Drawing` and its :func:`motion`."""
    drawn = drawing(run)
    return drawn.parts | motion(run, drawn)


def animations(runs: list[Run]) -> tuple[list[dict[str, Any]], str]:
    """Those of runs whose model can be drawn, and why others cannot."""
    drawn, why = [], ""
    for run in runs:
        try:
            drawn.append(animation(run))
        except FootstrikeError as error:
            why = str(error)
    return drawn, why


def moving_bodies(run: Run, d: Description, frames: int = FRAMES) -> MovingBodies:
    """Places of all bodies over a stride; what moves on with the runner's speed stays."""
    time = np.linspace(0.0, run.period, frames, endpoint=False)
    q = _at(run, np.column_stack([run.coordinates[name] for name in d.coordinate_names]), time)
    forward = d.coordinate_names.index("pelvis_tx")
    q[:, forward] -= run.speed * time
    q[:, forward] -= q[:, forward].mean()
    tree = Tree(d)
    series = {name: q[:, k] for k, name in enumerate(d.coordinate_names)}
    moving = node_motion(tree, tree.motion(series), frames)
    R, p = {}, {}
    for body in (b.name for b in d.bodies):
        at = tree.placement[body]
        R[body] = moving.R[:, at.node] @ at.R
        p[body] = moving.p[:, at.node] + moving.R[:, at.node] @ at.p
    return MovingBodies(d, time, q, R, p)


def _muscles(drawn: Sequence[Muscle], order: list[str]) -> dict[str, Any]:
    """What of muscles does not move.

    Returns
    -------
    dict
        ``names``, ``groups``, ``strength`` (maximal isometric force, N), ``trunk`` (whether it holds above the pelvis).
        Straight ones are chains of ``points`` (k, 3; m) fixed on ``bodies`` (k numbers in ``order``), as many as ``counts``
        says of each muscle; one with a count of zero is the next of ``bent`` of :func:`motion`.
    """
    found = [(order.index(body), point) for m in drawn for body, point in m.path]
    return {
        "names": [m.name for m in drawn],
        "groups": [m.group.replace("_", " ") for m in drawn],
        "strength": [round(m.max_isometric_force) for m in drawn],
        "trunk": [any(region(b) == "trunk" and b != "pelvis" for b, _ in m.path) for m in drawn],
        "counts": [len(m.path) for m in drawn],
        "bodies": [body for body, _ in found],
        "points": packed(np.array([p for _, p in found]).reshape(-1, 3), "int16", TENTH_MM),
    }


def _loads(run: Run, time: Array) -> Array:
    """(T, levels) compression in body weights; no levels without muscle forces."""
    if not run.muscle_driven or not all(level in run.lumbar for level in LEVELS):
        return np.zeros((len(time), 0))
    compression = np.column_stack([run.lumbar[level]["compression"] for level in LEVELS])
    return np.maximum(_at(run, compression, time) / weight(run), 0.0)


def _foot(run: Run, side: str, time: Array) -> Array:
    """(T, 6) place of a foot's force in the runner's frame, m, and the force in body weights; zero in flight."""
    point = _at(run, run.ground_point[side], time)
    force = _at(run, run.ground_force[side], time) / weight(run)
    origin = run.coordinates["pelvis_tx"] - run.speed * (run.time - run.time[0])
    point[:, 0] -= run.speed * time + _at(run, origin[:, None], time).mean()
    off = ~np.isfinite(point).all(axis=1) | (force[:, 1] <= ON_THE_GROUND)
    return np.where(off[:, None], 0.0, np.hstack([point, force]))


def _at(run: Run, values: Array, time: Array) -> Array:
    """Columns of ``values`` at times from the run's start."""
    since = run.time - run.time[0]
    return np.column_stack([np.interp(time, since, column) for column in values.T])
