"""The solid shapes of a moving figure: bones, outlines, soles and head, each fixed on a body of the model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from scipy.spatial import ConvexHull, QhullError

from footstrike.check.picture import HEAD_WIDTHS, SLENDER, THICK, THIN
from footstrike.check.scene import NO_MASS, Scene, Segment, region
from footstrike.model.description import Array, Description

SHORT = 0.045  # m, sticks of the trunk shorter than this are vertebrae
VERTEBRA = 0.019  # m, radius
_BALL = np.array(
    [
        [np.cos(a) * np.sin(p), np.cos(p), np.sin(a) * np.sin(p)]
        for p in np.linspace(0, np.pi, 5)
        for a in np.linspace(0, 2 * np.pi, 8, endpoint=False)
    ]
)

Place = Callable[[str, Array], Array]
"""Takes the name of a body and points (k, 3) in ground to the body's own frame."""


def shapes(d: Description, placed: Scene, local: Place) -> list[dict[str, Any]]:
    """Shapes of a figure; lengths in m, in the frame of ``body``.

    Parameters
    ----------
    placed : the model in one posture
    local : takes points of that posture to a body

    Returns
    -------
    list
        ``bone`` and ``vertebra``: from ``a`` to ``b`` with a ``radius``; ``hull``: ``points``, ``faces`` (three numbers
        of points each, counter-clockwise from outside) and ``through``: whether one sees through; ``ball``: centre
        ``a`` and half-axes ``radii``.
    """
    masses = {b.name: b.mass for b in d.bodies}
    soles = _soles(d)
    found: list[dict[str, Any]] = []
    for segment in placed.segments:
        name = segment.name
        if name == "ground":
            continue
        own = local(name, segment.outline[:1])
        if name in soles:
            found.append(_hull(name, np.vstack([soles[name], own, *_tips(segment, local)]), through=False))
            continue
        trunk = region(name) == "trunk"
        found += [_stick(name, local(name, stick), trunk) for stick in _apart(segment)]
        if trunk and masses[name] > NO_MASS * d.mass and len(segment.sticks) > 1:
            found.append(_hull(name, local(name, segment.outline), through=True))
    head = _head(d, placed, local)
    return [shape for shape in [*found, *head] if shape]


def _apart(segment: Segment) -> list[Array]:
    """The sticks of a segment, each once."""
    kept: dict[tuple[float, ...], Array] = {}
    for stick in segment.sticks:
        kept.setdefault(tuple(np.round(stick.ravel(), 3)), stick)
    return list(kept.values())


def _tips(segment: Segment, local: Place) -> list[Array]:
    return [local(segment.name, stick[1:]) for stick in segment.sticks]


def _stick(body: str, ends: Array, trunk: bool) -> dict[str, Any]:
    length = float(np.linalg.norm(ends[1] - ends[0]))
    vertebra = trunk and length < SHORT
    radius = VERTEBRA if vertebra else float(np.clip(SLENDER * length, THIN, THICK))
    kind = "vertebra" if vertebra else "bone"
    return {
        "kind": kind,
        "body": body,
        "a": _short(ends[0]),
        "b": _short(ends[1]),
        "radius": round(radius, 4),
    }


def _soles(d: Description) -> dict[str, Array]:
    """Points (k, 3) round the contact spheres of every body that has some."""
    out: dict[str, Array] = {}
    for s in d.spheres:
        ball = np.asarray(s.location, dtype=float) + s.radius * _BALL
        out[s.body] = np.vstack([out[s.body], ball]) if s.body in out else ball
    return out


def _hull(body: str, points: Array, *, through: bool) -> dict[str, Any]:
    """A convex hull; nothing where the points lie in a plane."""
    try:
        hull = ConvexHull(points)
    except (QhullError, ValueError):
        return {}
    number = {int(v): i for i, v in enumerate(hull.vertices)}
    faces = []
    for corners, plane in zip(hull.simplices, hull.equations, strict=True):
        a, b, c = points[corners]
        outward = float(np.dot(np.cross(b - a, c - a), plane[:3])) > 0.0
        faces.append([number[int(v)] for v in (corners if outward else corners[::-1])])
    return {
        "kind": "hull",
        "body": body,
        "points": [_short(points[v]) for v in hull.vertices],
        "faces": faces,
        "through": through,
    }


def _head(d: Description, placed: Scene, local: Place) -> list[dict[str, Any]]:
    if placed.head is None:
        return []
    centre, half = placed.head
    below = [s for s in placed.segments if any(np.linalg.norm(k[1] - centre) < 1.2 * half for k in s.sticks)]
    if not below:
        return []
    body = below[0].name
    radii = [HEAD_WIDTHS[0] * half, half, HEAD_WIDTHS[2] * half]
    return [{"kind": "ball", "body": body, "a": _short(local(body, centre[None])[0]), "radii": _short(radii)}]


def levels(d: Description, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Discs between vertebrae: ``level``, the ``body`` above, their place ``at`` and the way up ``to`` in its frame.

    Parameters
    ----------
    names : joint of each level
    """
    joints = {j.name: j for j in d.joints}
    above = {j.parent: j for j in d.joints if j.name in set(names.values())}
    found = []
    for level, joint in names.items():
        j = joints[joint]
        at = np.asarray(j.child_pose.p, dtype=float)
        nearest = above.get(j.child)
        up = np.asarray(nearest.parent_pose.p, dtype=float) - at if nearest else np.array([0.0, 1.0, 0.0])
        found.append(
            {"level": level, "body": j.child, "at": _short(at), "up": _short(up / np.linalg.norm(up))}
        )
    return found


def _short(values: Any) -> list[float]:
    return [round(float(v), 4) for v in values]
