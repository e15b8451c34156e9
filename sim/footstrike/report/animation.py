"""The moving runner's data: bones, muscles by activation, levels by load and ground forces over one stride."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

from footstrike.brief import brief
from footstrike.check.scene import region, scene
from footstrike.dynamics.rigid_body import Tree
from footstrike.errors import FootstrikeError
from footstrike.model.description import Description
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
LINE_POINTS = 9  # of a muscle that wraps
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


def animation(run: Run) -> dict[str, Any]:
    """Everything that a page needs to draw one stride, T frames.

    Returns
    -------
    dict
        ``title``, ``strike``, ``speed`` (m/s), ``period`` (s), ``bodies`` (B names), ``poses`` (T, B, 7: place in m,
        quaternion x y z w), ``shapes`` (:mod:`footstrike.report.skeleton_shapes`), ``muscles`` (:func:`_muscles`), ``levels``
        and ``loads`` (T, levels: compression in body weights; none without muscle forces), ``force`` (T, 2, 6: right and
        left foot; place in m and force in body weights, zero in flight).

    Raises
    ------
    ModelError
        OpenSim cannot read the run's model.
    """
    worker = opensim_worker()
    d: Description = worker.call("describe", run.model_osim, fit_paths=False)
    bodies = moving_bodies(run, d)
    start = dict(zip(d.coordinate_names, bodies.q[0].tolist(), strict=True))
    placed = scene(d, start, worker.call("muscle_lines", run.model_osim, start))
    names = list(bodies.p)
    known = {level: level for level in LEVELS if any(j.name == level for j in d.joints)}
    poses = [np.hstack([bodies.p[n], Rotation.from_matrix(bodies.R[n]).as_quat()]) for n in names]
    return {
        "title": ", ".join([run.strike, *wishes(run)]),
        "strike": run.strike,
        "speed": run.speed,
        "period": run.period,
        "bodies": names,
        "poses": packed(np.stack(poses, axis=1), "int16", TENTH_MM),
        "shapes": shapes(d, placed, bodies.local),
        "muscles": _muscles(run, bodies),
        "levels": [{**one, "label": shown(one["level"])} for one in levels(d, known)],
        "loads": packed(_loads(run, bodies.time), "uint16", THOUSANDTH),
        "force": packed(np.stack([_foot(run, s, bodies.time) for s in ("right", "left")], 1), "int16", 5e-4),
    }


def animations(runs: list[Run]) -> tuple[list[dict[str, Any]], str]:
    """Those of runs whose model can be drawn, and why others cannot."""
    drawn, why = [], ""
    for run in runs:
        try:
            drawn.append(animation(run))
        except FootstrikeError as error:
            why = str(error)
    return drawn, why


def moving_bodies(run: Run, d: Description) -> MovingBodies:
    """Places of all bodies over a stride; what moves on with the runner's speed stays."""
    time = np.linspace(0.0, run.period, FRAMES, endpoint=False)
    q = _at(run, np.column_stack([run.coordinates[name] for name in d.coordinate_names]), time)
    forward = d.coordinate_names.index("pelvis_tx")
    q[:, forward] -= run.speed * time
    q[:, forward] -= q[:, forward].mean()
    tree = Tree(d)
    series = {name: q[:, k] for k, name in enumerate(d.coordinate_names)}
    moving = node_motion(tree, tree.motion(series), FRAMES)
    R, p = {}, {}
    for body in (b.name for b in d.bodies):
        at = tree.placement[body]
        R[body] = moving.R[:, at.node] @ at.R
        p[body] = moving.p[:, at.node] + moving.R[:, at.node] @ at.p
    return MovingBodies(d, time, q, R, p)


def _muscles(run: Run, bodies: MovingBodies) -> dict[str, Any]:
    """Muscles whose activation is known.

    Returns
    -------
    dict
        ``names``, ``groups``, ``strength`` (maximal isometric force, N), ``trunk`` (whether it holds above the
        pelvis), ``activation`` (T, M). Straight ones are chains
        of ``points`` (k, 3) fixed on ``bodies`` (k), ``counts`` for each muscle; one with a count of zero is the next of
        ``bent`` (T, muscles, points, 3).
    """
    known = {name: k for k, name in enumerate(run.muscle_names)} if run.activations.size else {}
    drawn = [m for m in bodies.description.muscles if m.name in known]
    bent = [m.name for m in drawn if not m.path]
    names = bodies.description.coordinate_names
    order = list(bodies.p)
    found = [(order.index(body), point) for m in drawn for body, point in m.path]
    lines = np.zeros((FRAMES, 0, LINE_POINTS, 3))
    if bent:
        lines = opensim_worker().call("moving_lines", run.model_osim, names, bodies.q, bent, LINE_POINTS)
    activations = _at(run, run.activations, bodies.time) if known else np.zeros((FRAMES, 0))
    return {
        "names": [m.name for m in drawn],
        "groups": [m.group.replace("_", " ") for m in drawn],
        "strength": [round(m.max_isometric_force) for m in drawn],
        "trunk": [any(region(b) == "trunk" and b != "pelvis" for b, _ in m.path) for m in drawn],
        "counts": [len(m.path) for m in drawn],
        "bodies": [body for body, _ in found],
        "points": packed(np.array([p for _, p in found]).reshape(-1, 3), "int16", TENTH_MM),
        "bent": packed(lines, "int16", TENTH_MM),
        "activation": packed(activations[:, [known[m.name] for m in drawn]], "uint8", 1 / 255),
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
