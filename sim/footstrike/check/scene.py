"""Where the parts of any model are in one posture, as a picture needs them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from footstrike.brief import brief
from footstrike.dynamics.rigid_body import Motion, Tree
from footstrike.errors import unknown_name
from footstrike.model.description import Array, Body, Description, Joint
from footstrike.model.measured import MuscleLine

SAME_PLACE = 0.004  # m, joint centres nearer than this have no bone between them
NO_MASS = 2e-3  # share of the whole, below which a body without further joints is a point
HEAD_ABOVE, HEAD_RADIUS = (
    0.41,
    0.22,
)  # centre of the head above the shoulders and half its height, lengths of the trunk, hips to shoulders (Drillis & Contini 1966)
TRUNK_CENTRE = (
    0.88  # of that length: centre of mass of the torso above the hips (Gait2392 and its descendants)
)
REGIONS: dict[str, str] = {  # words in the names of joints and bodies
    "neck and head": r"neck|head|skull|cerv|jaw|atlas",
    "wrist and hand": r"wrist|hand|finger|thumb|carp|cmc|mcp|phalan",
    "elbow and forearm": r"elbow|radioulnar|ulna|radius|forearm",
    "shoulder": r"acromial|shoulder|clavic|scapul|gleno|humer|arm_",
    "ankle and foot": r"ankle|subtal|mtp|toe|foot|talus|calcn",
    "knee": r"knee|patell|tibia|shank",
    "hip": r"hip|femur|thigh",
    "trunk": r"back|lumbar|lumb|thora|torso|trunk|spine|abdomen|pelvis|sacr|rib|[tl]\d+_?[lst]\d|ivd",
}
OTHER = "others"
_LEFT = re.compile(r"(^|_)l(eft)?(_|$)", re.IGNORECASE)
_LEVEL = re.compile(r"(?<![A-Za-z0-9])(T12|L[1-5])_?(L[1-5]|S1)(?![0-9])")
_SHOULDER = re.compile(r"acromial|shoulder|glenohum|humerothor", re.IGNORECASE)


@dataclass(frozen=True)
class Segment:
    """One body: sticks (2, 3) between its joints, and points (k, 3) that its outline goes round, m."""

    name: str
    sticks: tuple[Array, ...]
    outline: Array
    left: bool

    __repr__ = brief


@dataclass(frozen=True)
class Line:
    """One muscle: its group, what it moves (a key of REGIONS, or OTHER), and points (k, 3) along it, m."""

    name: str
    group: str
    moves: str
    points: Array
    left: bool

    __repr__ = brief


@dataclass(frozen=True)
class Scene:
    """Positions in a frame with x forward, y up and z to the right, m.

    Attributes
    ----------
    spheres
        Centre, radius, and whether it is on the left.
    levels
        Lumbar levels (``L5/S1``) and their centres.
    head
        Centre and half its height; None where nothing tells where a head is.
    """

    segments: tuple[Segment, ...]
    joints: dict[str, Array]
    lines: tuple[Line, ...]
    spheres: tuple[tuple[Array, float, bool], ...]
    markers: dict[str, Array]
    levels: dict[str, Array]
    head: tuple[Array, float] | None

    __repr__ = brief


def posture(d: Description, q: Mapping[str, float] | None = None) -> dict[str, float]:
    """Every free coordinate's value: the given one, or its default (rad, m)."""
    pose = {c.name: c.default for c in d.coordinates}
    for name, value in (q or {}).items():
        if name not in pose:
            raise unknown_name("coordinate", name, pose)
        pose[name] = float(value)
    return pose


def scene(d: Description, pose: Mapping[str, float], lines: Mapping[str, MuscleLine]) -> Scene:
    """Place a model; ``lines`` are its muscles in the same posture."""
    tree = Tree(d)
    at = _Placed(tree, tree.motion(dict(pose)), _upright(d.gravity))
    joints = {j.name: at(j.child, j.child_pose.p) for j in d.joints}
    markers = {name: at(body, p) for name, (body, p) in d.markers.items()}
    head = _head(d, at, joints, markers)
    groups = {m.name: m.group for m in d.muscles}
    return Scene(
        segments=tuple(_segments(d, at, joints, lines, head)),
        joints=joints,
        lines=tuple(
            Line(name, groups.get(name, ""), _moves(d, line), line.points @ at.turn.T, is_left(name))
            for name, line in lines.items()
        ),
        spheres=tuple(
            (at(s.body, s.location), s.radius, is_left(s.name) or is_left(s.body)) for s in d.spheres
        ),
        markers=markers,
        levels={f"{m[1]}/{m[2]}": joints[n] for n in joints if (m := _LEVEL.search(n))},
        head=head,
    )


@dataclass(frozen=True)
class _Placed:
    """Positions in the picture's frame."""

    tree: Tree
    motion: Motion
    turn: Array

    def __call__(self, body: str, point: Any) -> Array:
        ground = self.tree.position(self.motion, body, [float(v) for v in point])
        return np.asarray(self.turn @ np.array(ground, dtype=float))


def _upright(gravity: Array) -> Array:
    """The rotation that turns what gravity shows to be up to y, and keeps x forward if it can."""
    size = float(np.linalg.norm(gravity))
    up = np.array([0.0, 1.0, 0.0]) if size == 0.0 else -gravity / size
    forward = np.array([1.0, 0.0, 0.0]) if abs(up[0]) < 0.9 else np.array([0.0, 1.0, 0.0])
    forward = forward - (forward @ up) * up
    forward /= np.linalg.norm(forward)
    return np.array([forward, up, np.cross(forward, up)])


def is_left(name: str) -> bool:
    """Whether a name says that something is on the left."""
    return _LEFT.search(name) is not None


def region(name: str) -> str | None:
    """The region of the body that a joint's or a body's name tells."""
    return next((r for r, words in REGIONS.items() if re.search(words, name, re.IGNORECASE)), None)


def _moves(d: Description, line: MuscleLine) -> str:
    """The region of the outermost joint that a muscle crosses."""
    below = {j.child: j for j in d.joints}
    chains: list[list[Joint]] = []
    for body in (line.fixed[-1][0], line.fixed[0][0]) if line.fixed else ():
        chain = []
        while body in below:
            chain.append(below[body])
            body = below[body].parent
        chains.append(chain)
    common = set.intersection(*({j.name for j in c} for c in chains)) if chains else set()
    outer_first = sorted(chains, key=len, reverse=True)
    crossed = [j for chain in outer_first for j in chain if j.name not in common]
    told = (region(j.name) or region(j.child) for j in crossed)
    return next((r for r in told if r is not None), OTHER)


def _segments(
    d: Description,
    at: _Placed,
    joints: Mapping[str, Array],
    lines: Mapping[str, MuscleLine],
    head: tuple[Array, float] | None,
) -> list[Segment]:
    attached: dict[str, list[Array]] = {}
    for line in lines.values():
        for body, point in line.fixed:
            attached.setdefault(body, []).append(at.turn @ point)
    for body, points in _ends(d, at).items():
        attached.setdefault(body, []).extend(points)
    own = {j.child: joints[j.name] for j in d.joints}
    out = []
    trunk = _trunk(d)
    for b in d.bodies:
        tips = [joints[j.name] for j in d.joints if j.parent == b.name]
        if head is not None and b is trunk:
            tips.append(head[0] - np.array([0.0, head[1], 0.0]))
        if not tips and b.mass > NO_MASS * d.mass:
            tips = [_tip(b, at, own[b.name], attached.get(b.name, []))]
        sticks = [np.array([own[b.name], t]) for t in tips if np.linalg.norm(t - own[b.name]) > SAME_PLACE]
        outline = np.array([own[b.name], *tips, *attached.get(b.name, [])])
        out.append(Segment(b.name, tuple(sticks), outline, is_left(b.name)))
    if "ground" in attached and len(attached["ground"]) > 2:
        out.append(Segment("ground", (), np.array(attached["ground"]), left=False))
    return out


def _ends(d: Description, at: _Placed) -> dict[str, list[Array]]:
    """Contact spheres of every body, and markers of feet and hands: these show where a body ends."""
    out: dict[str, list[Array]] = {}
    for s in d.spheres:
        out.setdefault(s.body, []).append(at(s.body, s.location))
    for body, p in d.markers.values():
        if body != "ground" and region(body) in ("ankle and foot", "wrist and hand"):
            out.setdefault(body, []).append(at(body, p))
    return out


def _trunk(d: Description) -> Body | None:
    """The body that bears the head: one called so, or the one that the shoulders hang on."""
    named = [b for b in d.bodies if re.search(r"torso|trunk|thorax|\bhat\b", b.name, re.IGNORECASE)]
    bearing = {j.parent for j in d.joints if _SHOULDER.search(j.name)}
    return next(iter([*named, *(b for b in d.bodies if b.name in bearing)]), None)


def _tip(body: Body, at: _Placed, own: Array, attached: list[Array]) -> Array:
    """Where a body without further joints ends: as far beyond its centre of mass as that is from its joint."""
    end = 2 * at(body.name, body.com) - own
    if np.linalg.norm(end - own) > SAME_PLACE or not attached:
        return np.asarray(end)
    return max(attached, key=lambda p: float(np.linalg.norm(p - own)))


def _head(
    d: Description, at: _Placed, joints: Mapping[str, Array], markers: Mapping[str, Array]
) -> tuple[Array, float] | None:
    """From a body or marker called head, else by proportion from hips and shoulders, or from hips and trunk."""
    hips = _middle([p for n, p in joints.items() if region(n) == "hip"])
    shoulders = _shoulders(joints)
    trunk = _trunk(d)
    if shoulders is None and hips is not None and trunk is not None:
        shoulders = hips + (at(trunk.name, trunk.com) - hips) / TRUNK_CENTRE
    length = 0.5 if hips is None or shoulders is None else float(np.linalg.norm(shoulders - hips))
    named = [at(b.name, b.com) for b in d.bodies if re.search("head|skull", b.name, re.IGNORECASE)]
    named += [markers["head"]] if "head" in markers else []
    if named:
        return named[0], HEAD_RADIUS * length
    if hips is None or shoulders is None or length == 0.0:
        return None
    return shoulders + HEAD_ABOVE * (shoulders - hips), HEAD_RADIUS * length


def _shoulders(joints: Mapping[str, Array]) -> Array | None:
    """The middle between the shoulders, where a model has both."""
    found = [(n, p) for n, p in joints.items() if _SHOULDER.search(n)]
    sides = [_middle([p for n, p in found if is_left(n) == left]) for left in (False, True)]
    return None if sides[0] is None or sides[1] is None else (sides[0] + sides[1]) / 2


def _middle(points: list[Array]) -> Array | None:
    return np.mean(points, axis=0) if points else None
