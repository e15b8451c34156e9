"""Muscle paths along a motion: length, velocity, the forces of unit tension, moment arms. All frames at once.

A path is a chain of straight segments between points fixed on bodies. Tension pulls the two ends of a segment
together, so one newton of it acts on the bodies with forces along the segments; the moment arm of a
coordinate is the generalised force of that unit tension, which equals minus the change of length per unit of
the coordinate (Sherman, Seth & Delp 2013, ASME DETC2013-13633).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from footstrike.dynamics.rigid_body import Motion, Tree, stack, stack_matrix
from footstrike.errors import ModelError
from footstrike.model.description import Muscle

Array = NDArray[np.float64]
Index = NDArray[np.intp]


@dataclass(frozen=True)
class Kinematics:
    """The nodes of a tree over T frames, ground frame; the last of the N + 1 entries is ground itself.

    Attributes
    ----------
    R, p
        (T, N + 1, 3, 3) rotation to ground, (T, N + 1, 3) origin, m.
    w, v
        (T, N + 1, 3) angular velocity, rad/s, and velocity of the origin, m/s.
    slope
        (T, N) change of the node's motion per unit of its coordinate.
    """

    tree: Tree
    R: Array
    p: Array
    w: Array
    v: Array
    slope: Array

    @property
    def frames(self) -> int:
        """Number of frames."""
        return len(self.p)

    def twists(self, coordinate: str) -> Array:
        """(T, N + 1, 6) angular velocity and velocity at the ground origin of each node per unit rate."""
        out = np.zeros((self.frames, len(self.tree.nodes) + 1, 6))
        for k, node in enumerate(self.tree.nodes):
            if node.parent >= 0:
                out[:, k] = out[:, node.parent]
            if node.motion is None or node.motion.coordinate != coordinate:
                continue
            axis = self.R[:, k, :, node.axis] * self.slope[:, k, None]
            if node.motion.kind == "rotation":
                out[:, k, :3] += axis
                out[:, k, 3:] += np.cross(self.p[:, k], axis)
            else:
                out[:, k, 3:] += axis
        return out


def kinematics(tree: Tree, motion: Motion, frames: int) -> Kinematics:
    """The motion of every node as arrays over ``frames``."""
    R = np.stack([stack_matrix(m, frames) for m in motion.R] + [np.tile(np.eye(3), (frames, 1, 1))], axis=1)
    still = np.zeros((frames, 3))
    p = np.stack([stack(x, frames) for x in motion.p] + [still], axis=1)
    w = np.stack([stack(x, frames) for x in motion.w] + [still], axis=1)
    v = np.stack([stack(x, frames) for x in motion.v] + [still], axis=1)
    slope = np.stack([stack([s], frames)[:, 0] for s in motion.slope], axis=1)
    return Kinematics(tree, R, p, _turn(R, w), _turn(R, v), slope)


@dataclass(frozen=True)
class Pulls:
    """Paths that are not straight between fixed points (wraps, conditional and moving points), as sampled.

    Attributes
    ----------
    names
        K muscles.
    length
        (T, K) of the muscle-tendon units, m.
    muscle, body
        (E,) which muscle pulls on which body, one entry for each pair.
    force, moment
        (T, E, 3) of one newton of tension on the body, and its moment about the ground origin, ground frame.
    """

    names: tuple[str, ...]
    length: Array
    muscle: Index
    body: tuple[str, ...]
    force: Array
    moment: Array


@dataclass(frozen=True)
class PathGeometry:
    """What one newton of tension in each of M muscles does, along a motion of T frames.

    Attributes
    ----------
    names
        (M,) muscles.
    node, first
        (E,) node (-1: ground) of each place where a muscle pulls, muscle by muscle, and (M,) the first one of
        each muscle.
    force, moment
        (T, E, 3) of one newton of tension on that node, and its moment about the ground origin, ground frame.
    length, velocity
        (T, M) of the muscle-tendon unit, m and m/s (lengthening +).
    """

    kinematics: Kinematics
    names: tuple[str, ...]
    node: Index
    first: Index
    force: Array
    moment: Array
    length: Array
    velocity: Array

    def moment_arms(self, coordinates: Iterable[str]) -> Array:
        """(T, M, C) generalised force of one newton of tension: m for rotations, 1 for translations."""
        columns = []
        for name in coordinates:
            twist = self.kinematics.twists(name)[:, self.node]
            power = np.einsum("tei,tei->te", twist[..., :3], self.moment)
            power += np.einsum("tei,tei->te", twist[..., 3:], self.force)
            columns.append(np.add.reduceat(power, self.first, axis=1))
        return np.stack(columns, axis=2)

    def pull(self, tension: Array) -> Array:
        """Force and moment about the ground origin that muscles exert on each node and all that it carries.

        Parameters
        ----------
        tension
            (T, M) N.

        Returns
        -------
        (T, N + 1, 6) N and N m, ground frame; the last entry is ground itself.
        """
        tree = self.kinematics.tree
        count = np.diff(np.append(self.first, len(self.node)))
        each = np.repeat(tension, count, axis=1)[..., None]
        both = np.concatenate([self.force, self.moment], axis=2) * each
        onto = np.eye(len(tree.nodes) + 1)[self.node]
        total = np.einsum("en,tei->tni", onto, both, optimize=True)
        for k in range(len(tree.nodes) - 1, -1, -1):
            if tree.nodes[k].parent >= 0:
                total[:, tree.nodes[k].parent] += total[:, k]
        return np.asarray(total)


def path_geometry(
    tree: Tree, motion: Motion, frames: int, muscles: Sequence[Muscle], pulls: Pulls | None = None
) -> PathGeometry:
    """Geometry of the muscles' paths in every frame of the motion.

    Muscles without a straight path must be among the ``pulls``.

    Raises
    ------
    ModelError
        A muscle has neither.
    """
    moving = kinematics(tree, motion, frames)
    sampled = {name: k for k, name in enumerate(pulls.names)} if pulls else {}
    for muscle in muscles:
        if not muscle.path and muscle.name not in sampled:
            raise ModelError(
                f"the path of muscle {muscle.name!r} is not straight: its pulls must be sampled from OpenSim"
            )
    straight = [k for k, m in enumerate(muscles) if m.name not in sampled]
    bent = [k for k, m in enumerate(muscles) if m.name in sampled]
    length = np.zeros((frames, len(muscles)))
    owner, node, force, moment = [], [], [], []
    if straight:
        o, n, f, m, length[:, straight] = _straight(moving, [muscles[k] for k in straight])
        owner, node, force, moment = [np.array(straight)[o]], [n], [f], [m]
    if pulls and bent:
        place = {sampled[muscles[k].name]: k for k in bent}
        used = np.flatnonzero(np.isin(pulls.muscle, list(place)))
        owner.append(np.array([place[int(k)] for k in pulls.muscle[used]]))
        node.append(np.array([tree.placement[pulls.body[int(e)]].node for e in used], dtype=np.intp))
        force.append(pulls.force[:, used])
        moment.append(pulls.moment[:, used])
        length[:, bent] = pulls.length[:, [sampled[muscles[k].name] for k in bent]]
    owners = np.concatenate(owner)
    order = np.argsort(owners, kind="stable")
    nodes = np.concatenate(node)[order]
    pull, turn = np.concatenate(force, axis=1)[:, order], np.concatenate(moment, axis=1)[:, order]
    first = np.searchsorted(owners[order], np.arange(len(muscles)))
    power = np.einsum("tei,tei->te", pull, moving.v[:, nodes])
    power += np.einsum("tei,tei->te", moving.w[:, nodes], turn - np.cross(moving.p[:, nodes], pull))
    names = tuple(m.name for m in muscles)
    velocity = -np.add.reduceat(power, first, axis=1)
    return PathGeometry(moving, names, nodes, first, pull, turn, length, velocity)


def _straight(moving: Kinematics, muscles: Sequence[Muscle]) -> tuple[Index, Index, Array, Array, Array]:
    """Muscle and node of each path point, force and moment of unit tension at it, and lengths."""
    node, local, owner = [], [], []
    for k, muscle in enumerate(muscles):
        for body, point in muscle.path:
            at = moving.tree.placement[body]
            node.append(at.node)
            local.append(at.p + at.R @ point)
            owner.append(k)
    nodes, owners = np.array(node, dtype=np.intp), np.array(owner, dtype=np.intp)
    places = np.broadcast_to(np.array(local), (moving.frames, len(local), 3))
    points = moving.p[:, nodes] + _turn(moving.R[:, nodes], places)
    start = np.flatnonzero(owners[1:] == owners[:-1])
    along = points[:, start + 1] - points[:, start]
    span = np.linalg.norm(along, axis=2)
    direction = along / span[..., None]
    force = np.zeros_like(points)
    force[:, start] += direction
    force[:, start + 1] -= direction
    first = np.searchsorted(owners[start], np.arange(len(muscles)))
    return owners, nodes, force, np.cross(points, force), np.add.reduceat(span, first, axis=1)


def _turn(R: Array, x: Array) -> Array:
    return np.asarray((R @ x[..., None])[..., 0])
