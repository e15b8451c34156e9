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
class Paths:
    """The points of all muscles in one row, muscle by muscle, origin to insertion.

    Attributes
    ----------
    names
        (M,) muscles.
    node, local
        (P,) node that carries each point (-1: ground), (P, 3) place on it, m.
    first
        (M,) index of each muscle's first point.
    start, end, first_segment
        (S,) points that each straight segment joins, (M,) index of each muscle's first segment.
    """

    names: tuple[str, ...]
    node: Index
    local: Array
    first: Index
    start: Index
    end: Index
    first_segment: Index


def paths(tree: Tree, muscles: Sequence[Muscle]) -> Paths:
    """Collect the paths of the muscles."""
    node, local, count = [], [], []
    for muscle in muscles:
        for body, point in muscle.path:
            at = tree.placement[body]
            node.append(at.node)
            local.append(at.p + at.R @ point)
        count.append(len(muscle.path))
    first = np.concatenate([[0], np.cumsum(count)[:-1]]).astype(np.intp)
    last = first + np.array(count, dtype=np.intp) - 1
    start = np.setdiff1d(np.arange(len(node)), last)
    return Paths(
        tuple(m.name for m in muscles),
        np.array(node, dtype=np.intp),
        np.array(local),
        first,
        start,
        start + 1,
        first - np.arange(len(first)),
    )


@dataclass(frozen=True)
class PathGeometry:
    """Paths along a motion.

    Attributes
    ----------
    points
        (T, P, 3) ground positions of the path points, m.
    force, moment
        (T, P, 3) force of one newton of tension on the body that carries the point, ground frame, and its
        moment about the ground origin, m.
    length, velocity
        (T, M) of the muscle-tendon unit, m and m/s (lengthening +).
    """

    kinematics: Kinematics
    paths: Paths
    points: Array
    force: Array
    moment: Array
    length: Array
    velocity: Array

    def moment_arms(self, coordinates: Iterable[str]) -> Array:
        """(T, M, C) generalised force of one newton of tension: m for rotations, 1 for translations."""
        columns = []
        for name in coordinates:
            twist = self.kinematics.twists(name)[:, self.paths.node]
            power = np.einsum("tpi,tpi->tp", twist[..., :3], self.moment)
            power += np.einsum("tpi,tpi->tp", twist[..., 3:], self.force)
            columns.append(np.add.reduceat(power, self.paths.first, axis=1))
        return np.stack(columns, axis=2)

    def wrench_on(self, nodes: Iterable[int], about: Array) -> Array:
        """Force and moment of one newton of tension on a part of the body.

        Parameters
        ----------
        nodes
            The nodes of that part.
        about
            (T, 3) ground position about which the moment is taken, m.

        Returns
        -------
        (T, M, 6)
        """
        inside = np.isin(self.paths.node, np.array(list(nodes)))[None, :, None]
        force = np.add.reduceat(np.where(inside, self.force, 0.0), self.paths.first, axis=1)
        moment = np.add.reduceat(np.where(inside, self.moment, 0.0), self.paths.first, axis=1)
        return np.concatenate([force, moment - np.cross(about[:, None, :], force)], axis=2)


def path_geometry(tree: Tree, motion: Motion, frames: int, muscles: Sequence[Muscle]) -> PathGeometry:
    """Geometry of the muscles' paths in every frame of the motion."""
    moving = kinematics(tree, motion, frames)
    chain = paths(tree, muscles)
    arm = _turn(moving.R[:, chain.node], np.broadcast_to(chain.local, (frames, *chain.local.shape)))
    points = moving.p[:, chain.node] + arm
    speed = moving.v[:, chain.node] + np.cross(moving.w[:, chain.node], arm)
    along = points[:, chain.end] - points[:, chain.start]
    length = np.linalg.norm(along, axis=2)
    direction = along / length[..., None]
    rate = np.einsum("tsi,tsi->ts", direction, speed[:, chain.end] - speed[:, chain.start])
    force = np.zeros_like(points)
    force[:, chain.start] += direction
    force[:, chain.end] -= direction
    return PathGeometry(
        moving,
        chain,
        points,
        force,
        np.cross(points, force),
        np.add.reduceat(length, chain.first_segment, axis=1),
        np.add.reduceat(rate, chain.first_segment, axis=1),
    )


def _turn(R: Array, x: Array) -> Array:
    return np.asarray((R @ x[..., None])[..., 0])
