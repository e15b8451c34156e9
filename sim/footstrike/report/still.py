"""One frame of a moving figure as a drawing from the side: for paper, and where no script runs."""

from __future__ import annotations

from typing import Any

import numpy as np
from markupsafe import Markup, escape
from scipy.spatial import ConvexHull, QhullError
from scipy.spatial.transform import Rotation

from footstrike.report.packing import unpacked
from footstrike.runs.run import Array

WIDTH, HEIGHT, FLOOR = 200.0, 204.0, 194.0  # drawing units: cm
BONE, EDGE, ARROW, DISC = "#efe5cf", "#b9a988", "#00694f", "#08306b"
ACTIVE = ("#d9cfc8", "#f0a58f", "#d6604d", "#a50f26", "#4a0013")
ARROW_M = 0.36  # of one body weight


def still(figure: dict[str, Any]) -> Markup:
    """The frame of the largest ground force of a figure (:func:`footstrike.report.animation.animation`), as SVG."""
    force = unpacked(figure["force"])
    frame = int(force[:, :, 4].sum(axis=1).argmax())
    bodies = _Bodies(figure, frame)
    parts = [f'<path d="M0 {FLOOR:g}H{WIDTH:g}" stroke="{EDGE}"/>']
    parts += [_shape(shape, bodies) for shape in figure["shapes"]]
    parts += _muscles(figure, bodies, frame)
    discs = [bodies.place(level["body"], level["at"]) for level in figure["levels"]]
    parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="1.6" fill="{DISC}"/>' for x, y in map(_flat, discs)]
    for foot in force[frame]:
        if foot[4] > 0.0:
            ends = np.array([foot[:3], foot[:3] + ARROW_M * foot[3:]])
            parts.append(_line(ends, ARROW, 1.4))
            x, y = _flat(ends[1])
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2" fill="{ARROW}"/>')
    title = escape(f"Figure of the runner at the largest ground force, {figure['title']}")
    head = f'<svg role="img" aria-label="{title}" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" stroke-linecap="round">'
    return Markup(f"{head}{''.join(parts)}</svg>")


class _Bodies:
    """Places of the bodies in one frame."""

    def __init__(self, figure: dict[str, Any], frame: int) -> None:
        poses = unpacked(figure["poses"])[frame]
        self.names: list[str] = figure["bodies"]
        self._p = poses[:, :3]
        self._R = Rotation.from_quat(poses[:, 3:]).as_matrix()

    def place(self, body: str, points: Any) -> Array:
        k = self.names.index(body)
        return np.asarray(np.asarray(points, dtype=float) @ self._R[k].T + self._p[k])


def _shape(shape: dict[str, Any], bodies: _Bodies) -> str:
    if shape["kind"] == "hull":
        flat = _flat(bodies.place(shape["body"], shape["points"]))
        try:
            corners = flat[ConvexHull(flat).vertices]
        except QhullError:
            return ""
        clear = ' fill-opacity="0.3"' if shape["through"] else ""
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in corners)
        return f'<path d="M{path}Z" fill="{BONE}"{clear} stroke="{EDGE}" stroke-width="0.4"/>'
    if shape["kind"] == "ball":
        x, y = _flat(bodies.place(shape["body"], shape["a"]))
        rx, ry = 100 * shape["radii"][0], 100 * shape["radii"][1]
        return (
            f'<ellipse cx="{x:.1f}" cy="{y:.1f}" rx="{rx:.1f}" ry="{ry:.1f}" fill="{BONE}" stroke="{EDGE}"/>'
        )
    ends = bodies.place(shape["body"], [shape["a"], shape["b"]])
    return _line(ends, EDGE, 200 * shape["radius"] + 0.6) + _line(ends, BONE, 200 * shape["radius"])


def _muscles(figure: dict[str, Any], bodies: _Bodies, frame: int) -> list[str]:
    """Muscles by activation, the most active ones in front."""
    muscles = figure["muscles"]
    points, activation = unpacked(muscles["points"]), unpacked(figure["activation"])[frame]
    bent = iter(unpacked(figure["bent"])[frame])
    starts = np.cumsum([0, *muscles["counts"]])
    lines = []
    for start, count in zip(starts, muscles["counts"], strict=False):
        on = [bodies.names[b] for b in muscles["bodies"][start : start + count]]
        fixed = [bodies.place(b, p) for b, p in zip(on, points[start : start + count], strict=True)]
        lines.append(np.array(fixed) if count else next(bent))
    shades = np.minimum((activation * len(ACTIVE)).astype(int), len(ACTIVE) - 1)
    return [_line(lines[m], ACTIVE[shades[m]], 0.9) for m in np.argsort(activation, kind="stable")]


def _line(points: Array, colour: str, width: float) -> str:
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in _flat(points))
    return f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="{width:.1f}"/>'


def _flat(points: Array) -> Array:
    """Seen from the right: forward goes to the right."""
    return np.stack([WIDTH / 2 + 100 * points[..., 0], FLOOR - 100 * points[..., 1]], axis=-1)
