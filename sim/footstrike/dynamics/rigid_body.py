"""Rigid-body dynamics of a described model by the recursive Newton-Euler method (Featherstone 2008, ch. 5).

Every joint is split into elementary joints, each one rotation about or one translation along a fixed axis, whose
amount is a function of one coordinate. Velocities, accelerations and forces live in the frame of their node, so
most terms are exact zeros and never enter the expressions (see :mod:`footstrike.dynamics.scalars`). Masses, frames and
coefficients of the description may be symbols (nested lists in place of arrays).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from footstrike.brief import brief
from footstrike.dynamics.fixed_frames import (
    is_massless,
    placed,
    placed_back,
    product_of,
    rotation,
    transposed,
    with_inertia,
    with_moment,
)
from footstrike.dynamics.joint_functions import evaluate, is_constant
from footstrike.dynamics.scalars import (
    IDENTITY,
    ZERO,
    Matrix,
    Scalar,
    Vector,
    add,
    constant,
    cos,
    cross,
    dot,
    minus,
    mul,
    plus,
    product,
    scaled,
    sin,
    transform,
    transform_back,
)
from footstrike.model.description import Axis, Description, Joint

Array = NDArray[np.float64]


@dataclass
class Node:
    """An elementary joint and the mass that moves rigidly with it.

    ``R0, p0``: constant pose of the joint in the parent node's frame. ``axis``: 0, 1 or 2. ``motion`` is None for
    a joint that is kept although it does not move (so that its reaction can be read).
    """

    __repr__ = brief

    parent: int
    R0: Array
    p0: Array
    axis: int
    motion: Axis | None
    mass: float = 0.0
    moment: Array = field(default_factory=lambda: np.zeros(3))  # mass times centre of mass, kg m
    inertia: Array = field(default_factory=lambda: np.zeros((3, 3)))  # about the node's origin, kg m2


@dataclass(frozen=True)
class Placement:
    """Where a body's frame lies on its node: node number, rotation, origin."""

    __repr__ = brief

    node: int
    R: Array
    p: Array


@dataclass(frozen=True)
class Motion:
    """State of every node, in its own frame unless said; accelerations are those less gravity's."""

    R: Sequence[Matrix]  # to ground
    p: Sequence[Vector]  # origin, in ground
    E: Sequence[Matrix]  # to the parent node
    r: Sequence[Vector]  # origin, in the parent node
    w: Sequence[Vector]
    alpha: Sequence[Vector]
    v: Sequence[Vector]
    a: Sequence[Vector]
    slope: Sequence[Scalar]  # d(amount of motion)/d(coordinate)


@dataclass(frozen=True)
class Force:
    """A force (ground frame, N) at a point fixed on a body (body frame, m; may be symbolic)."""

    body: str
    point: Vector
    force: Vector


class Tree:
    """The dynamics of a model.

    Parameters
    ----------
    description : the model
    keep : names of joints that get a node even if nothing moves in them
    """

    def __init__(self, description: Description, keep: Iterable[str] = ()) -> None:
        self.description = description
        self.gravity: Vector = constant(description.gravity)
        self.nodes: list[Node] = []
        self.placement: dict[str, Placement] = {"ground": Placement(-1, np.eye(3), np.zeros(3))}
        self._joints = {j.child: j for j in description.joints}
        kept = set(keep)
        for joint in description.joints:
            self._append(joint, joint.name in kept)
        for body in description.bodies:
            at = self.placement[body.name]
            if at.node < 0:
                continue
            node = self.nodes[at.node]
            c = placed(at.p, at.R, body.com)
            node.mass += body.mass
            node.moment = with_moment(node.moment, body.mass, c)
            node.inertia = with_inertia(node.inertia, at.R, body.inertia, body.mass, c)

    def _append(self, joint: Joint, keep: bool) -> None:
        parent = self.placement[joint.parent]
        node = parent.node
        R = product_of(parent.R, joint.parent_pose.R)
        p = placed(parent.p, parent.R, joint.parent_pose.p)
        moved = False
        for axis in joint.axes:
            if axis.coordinate is None or is_constant(axis.function):
                amount = evaluate(axis.function, 0.0)[0]
                if axis.kind == "rotation":
                    R = product_of(R, rotation(axis.direction, amount))
                else:
                    p = placed(p, R, axis.direction, amount)
                continue
            to_axis, k, sign = _aligned(axis.direction)
            self.nodes.append(Node(node, product_of(R, to_axis), p, k, _signed(axis, sign)))
            node, R, p, moved = len(self.nodes) - 1, to_axis.T, np.zeros(3), True
        if keep and not moved:
            self.nodes.append(Node(node, R, p, 0, None))
            node, R, p = len(self.nodes) - 1, np.eye(3), np.zeros(3)
        body_R = product_of(R, transposed(joint.child_pose.R))
        self.placement[joint.child] = Placement(node, body_R, placed_back(p, body_R, joint.child_pose.p))

    def motion(
        self,
        q: Mapping[str, Scalar],
        qd: Mapping[str, Scalar] | None = None,
        qdd: Mapping[str, Scalar] | None = None,
    ) -> Motion:
        """Kinematics of every node from coordinates, speeds and accelerations (zero where not given)."""
        out = Motion([], [], [], [], [], [], [], [], [])
        for node in self.nodes:
            name = node.motion.coordinate if node.motion else None
            x = q[name] if name else 0.0
            rate = qd[name] if name and qd is not None else 0.0
            acceleration = qdd[name] if name and qdd is not None else 0.0
            self._move(out, node, x, rate, acceleration)
        return out

    def _move(self, out: Motion, node: Node, x: Scalar, xd: Scalar, xdd: Scalar) -> None:
        amount, first, second = evaluate(node.motion.function, x) if node.motion else (0.0, 0.0, 0.0)
        rate = mul(first, xd)
        acceleration = add(mul(first, xdd), mul(second, mul(xd, xd)))
        R0, p0 = constant(node.R0), constant(node.p0)
        if node.parent < 0:
            up: tuple[Matrix, Vector] = (IDENTITY, ZERO)
            w, alpha, v, a = ZERO, ZERO, ZERO, scaled(-1.0, self.gravity)
        else:
            i = node.parent
            up = (out.R[i], out.p[i])
            w, alpha, v, a = out.w[i], out.alpha[i], out.v[i], out.a[i]
        axis = [1.0 if i == node.axis else 0.0 for i in range(3)]
        rotates = node.motion is not None and node.motion.kind == "rotation"
        if rotates or node.motion is None:
            E = product(R0, _elementary(node.axis, amount)) if rotates else R0
            r = p0
        else:
            E = R0
            r = plus(p0, transform(R0, scaled(amount, axis)))
        w1 = transform_back(E, w)
        v1 = transform_back(E, plus(v, cross(w, r)))
        a1 = transform_back(E, plus(plus(a, cross(alpha, r)), cross(w, cross(w, r))))
        alpha1 = transform_back(E, alpha)
        along, pull = scaled(rate, axis), scaled(acceleration, axis)
        if rotates:
            alpha1 = plus(plus(alpha1, pull), cross(w1, along))
            w1 = plus(w1, along)
        elif node.motion is not None:
            a1 = plus(plus(a1, pull), scaled(2.0, cross(w1, along)))
            v1 = plus(v1, along)
        new: list[tuple[Any, Any]] = [
            (out.R, product(up[0], E)),
            (out.p, plus(up[1], transform(up[0], r))),
            (out.E, E),
            (out.r, r),
            (out.w, w1),
            (out.alpha, alpha1),
            (out.v, v1),
            (out.a, a1),
            (out.slope, first),
        ]
        for store, value in new:
            store.append(value)

    def _on_node(self, body: str, point: Vector) -> tuple[int, Vector]:
        at = self.placement[body]
        return at.node, plus(constant(at.p), transform(constant(at.R), point))

    def position(self, motion: Motion, body: str, point: Vector = ZERO) -> Vector:
        """Ground position of a point fixed on a body, m."""
        node, x = self._on_node(body, point)
        return x if node < 0 else plus(motion.p[node], transform(motion.R[node], x))

    def orientation(self, motion: Motion, body: str) -> Matrix:
        """Rotation from the body's frame to ground."""
        at = self.placement[body]
        return product(motion.R[at.node] if at.node >= 0 else IDENTITY, constant(at.R))

    def velocity(self, motion: Motion, body: str, point: Vector = ZERO) -> Vector:
        """Ground velocity of a point fixed on a body, m/s."""
        node, x = self._on_node(body, point)
        return transform(motion.R[node], plus(motion.v[node], cross(motion.w[node], x)))

    def angular_velocity(self, motion: Motion, body: str) -> Vector:
        """Angular velocity of a body in ground, rad/s."""
        node = self.placement[body].node
        return transform(motion.R[node], motion.w[node])

    def acceleration(self, motion: Motion, body: str, point: Vector = ZERO) -> Vector:
        """Acceleration of a point fixed on a body, in ground, m/s2 (gravity removed: zero for a body at rest)."""
        node, x = self._on_node(body, point)
        w = motion.w[node]
        a = plus(plus(motion.a[node], cross(motion.alpha[node], x)), cross(w, cross(w, x)))
        return plus(transform(motion.R[node], a), self.gravity)

    def centre_of_mass(self, motion: Motion) -> Vector:
        """Whole-body centre of mass in ground, m."""
        total: Vector = ZERO
        for node, R, p in zip(self.nodes, motion.R, motion.p, strict=True):
            total = plus(total, plus(scaled(node.mass, p), transform(R, constant(node.moment))))
        return scaled(1.0 / sum(n.mass for n in self.nodes), total)

    def wrenches(self, motion: Motion, forces: Iterable[Force] = ()) -> tuple[list[Vector], list[Vector]]:
        """Force and moment that each joint node passes to the part it carries (node frame, about its origin)."""
        F: list[Vector] = []
        N: list[Vector] = []
        for k, node in enumerate(self.nodes):
            if is_massless(node.mass, node.inertia):
                F.append(ZERO)
                N.append(ZERO)
                continue
            h, inertia = constant(node.moment), constant(node.inertia)
            w, alpha, a = motion.w[k], motion.alpha[k], motion.a[k]
            F.append(plus(scaled(node.mass, a), plus(cross(alpha, h), cross(w, cross(w, h)))))
            N.append(
                plus(
                    plus(transform(inertia, alpha), cross(w, transform(inertia, w))),
                    cross(h, a),
                )
            )
        for force in forces:
            k, x = self._on_node(force.body, force.point)
            f = transform_back(motion.R[k], force.force)
            F[k] = minus(F[k], f)
            N[k] = minus(N[k], cross(x, f))
        for k in range(len(self.nodes) - 1, -1, -1):
            up = self.nodes[k].parent
            if up >= 0:
                f = transform(motion.E[k], F[k])
                F[up] = plus(F[up], f)
                N[up] = plus(N[up], plus(transform(motion.E[k], N[k]), cross(motion.r[k], f)))
        return F, N

    def generalised(self, motion: Motion, wrenches: tuple[list[Vector], list[Vector]]) -> dict[str, Scalar]:
        """Generalised force of every coordinate (N m or N) from the joint wrenches."""
        F, N = wrenches
        tau: dict[str, Scalar] = dict.fromkeys(self.description.coordinate_names, 0.0)
        for k, node in enumerate(self.nodes):
            if node.motion is not None and node.motion.coordinate is not None:
                along = (N if node.motion.kind == "rotation" else F)[k][node.axis]
                name = node.motion.coordinate
                tau[name] = add(tau[name], mul(motion.slope[k], along))
        return tau

    def inverse_dynamics(self, motion: Motion, forces: Iterable[Force] = ()) -> dict[str, Scalar]:
        """Generalised forces (N m, N) that the motion needs beside gravity and the given forces."""
        return self.generalised(motion, self.wrenches(motion, forces))

    def reaction(
        self, motion: Motion, wrenches: tuple[list[Vector], list[Vector]], joint: str
    ) -> tuple[Vector, Vector]:
        """Force (N) and moment (N m) of ``joint`` on its child body, ground frame, at the child's joint frame."""
        child = next(j for j in self.description.joints if j.name == joint)
        at = self.placement[child.child]
        node, x = at.node, constant(placed(at.p, at.R, child.child_pose.p))
        F, N = wrenches[0][node], wrenches[1][node]
        R = motion.R[node]
        return transform(R, F), transform(R, minus(N, cross(x, F)))

    def children(self) -> list[list[int]]:
        """For each node, itself and every node that it carries."""
        carried: list[list[int]] = [[k] for k in range(len(self.nodes))]
        for k in range(len(self.nodes) - 1, -1, -1):
            if self.nodes[k].parent >= 0:
                carried[self.nodes[k].parent] += carried[k]
        return carried


def stack(vector: Vector, frames: int) -> Array:
    """Array (frames, 3) from a vector whose scalars are floats or arrays over frames."""
    columns = [np.broadcast_to(np.asarray(x, dtype=float), (frames,)) for x in vector]
    return np.stack(columns, axis=1) if columns else np.zeros((frames, 0))


def stack_matrix(matrix: Matrix, frames: int) -> Array:
    """Array (frames, 3, 3) from a matrix whose scalars are floats or arrays over frames."""
    return np.stack([stack(row, frames) for row in matrix], axis=1)


def _elementary(axis: int, angle: Scalar) -> Matrix:
    c, s = cos(angle), sin(angle)
    i, j = (axis + 1) % 3, (axis + 2) % 3
    rows: list[list[Scalar]] = [[1.0 if a == b else 0.0 for b in range(3)] for a in range(3)]
    rows[i][i], rows[i][j], rows[j][i], rows[j][j] = c, -s, s, c
    return rows


def _aligned(direction: Array) -> tuple[Array, int, float]:
    """A constant rotation whose column ``k`` is the axis (times ``sign``); identity for x, y or z themselves."""
    d = direction / np.linalg.norm(direction)
    k = int(np.argmax(np.abs(d)))
    if abs(abs(d[k]) - 1) < 1e-12:
        return np.eye(3), k, float(np.sign(d[k]))
    x = np.cross(np.eye(3)[int(np.argmin(np.abs(d)))], d)
    x /= np.linalg.norm(x)
    return np.column_stack([x, np.cross(d, x), d]), 2, 1.0


def _signed(axis: Axis, sign: float) -> Axis:
    if sign > 0:
        return axis
    from footstrike.model.description import Composite, Polynomial

    return Axis(
        axis.kind, -axis.direction, axis.coordinate, Composite(Polynomial((0.0, -1.0)), axis.function)
    )


__all__ = ["Force", "Motion", "Placement", "Tree", "dot", "stack", "stack_matrix"]
