"""Spines for Hamner's skeleton: one joint, three axes, the runner's six levels, or none at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from footstrike.model.description import Array, Axis, Body, Coordinate, Description, Joint, Polynomial, Pose
from footstrike.model.rows import LEVELS

HAMNERS_JOINT = np.array([-0.1007, 0.0815, 0.0])  # of the generic model, in the pelvis
HAMNERS_CENTRE_OF_MASS = 0.32  # height in the generic torso, m
ANGLES = ("lumbar_extension", "lumbar_bending", "lumbar_rotation")
SHIFTS = ("lumbar_tx", "lumbar_ty", "lumbar_tz")


def upper_body(model: Description) -> Description:
    """Pelvis, trunk and arms; what is above L5/S1 needs no legs."""
    carried, joints = {"ground"}, []
    for joint in model.joints:
        if joint.parent in carried and (joint.parent != "pelvis" or joint.child == "torso"):
            joints.append(joint)
            carried.add(joint.child)
    return with_joints(model, joints)


def without_arms(model: Description) -> Description:
    last = next(k for k, j in enumerate(model.joints) if j.child == "torso")
    return with_joints(model, model.joints[: last + 1])


def with_joints(model: Description, joints: Sequence[Joint]) -> Description:
    carried = {j.child for j in joints}
    moved = {axis.coordinate for joint in joints for axis in joint.axes}
    return replace(
        model,
        bodies=tuple(b for b in model.bodies if b.name in carried),
        joints=tuple(joints),
        coordinates=tuple(c for c in model.coordinates if c.name in moved),
        markers={n: at for n, at in model.markers.items() if at[0] in carried},
    )


def joint_of(model: Description, child: str) -> Joint:
    return next(j for j in model.joints if j.child == child)


def mounted(
    model: Description, chain: Sequence[Joint], bodies: Sequence[Body] = (), more: Sequence[str] = ()
) -> Description:
    """The model with another chain of joints between pelvis and torso, and bodies and translations that it brings."""
    joints: list[Joint] = []
    for joint in model.joints:
        joints += chain if joint.child == "torso" else [joint]
    known = {b.name for b in bodies}
    massless = [
        Body(j.child, 0.0, np.zeros(3), np.zeros((3, 3))) for j in chain if j.child not in known | {"torso"}
    ]
    new = (*(b for b in model.bodies if b.name not in known), *bodies, *massless)
    coordinates = [Coordinate(n, chain[-1].name, "translation", 0.0, -1.0, 1.0) for n in more]
    return replace(model, joints=tuple(joints), bodies=new, coordinates=(*model.coordinates, *coordinates))


def free(model: Description) -> Description:
    back = joint_of(model, "torso")
    shifts = [
        Axis("translation", e, n, Polynomial((0.0, 1.0))) for e, n in zip(np.eye(3), SHIFTS, strict=True)
    ]
    turns = [a for a in back.axes if a.kind == "rotation"]
    return mounted(model, [replace(back, axes=(*shifts, *turns))], more=SHIFTS)


def three_axes(model: Description, extension: float, bending: float, rotation: float) -> Description:
    """Axes of extension and bending at heights above Hamner's joint, that of rotation ahead of it, m."""
    back = joint_of(model, "torso")
    turns = [a for a in back.axes if a.kind == "rotation"]
    o, up, ahead = back.parent_pose.p, np.array([0.0, 1.0, 0.0]), np.array([1.0, 0.0, 0.0])
    hinges = [
        ("pelvis", "hinge1", o + extension * up, np.zeros(3)),
        ("hinge1", "hinge2", (bending - extension) * up, np.zeros(3)),
        ("hinge2", "torso", rotation * ahead - bending * up, rotation * ahead),
    ]
    return mounted(
        model,
        [
            Joint(f"to_{child}", parent, child, Pose(np.eye(3), p), Pose(np.eye(3), c), (turn,))
            for (parent, child, p, c), turn in zip(hinges, turns, strict=True)
        ],
    )


def six_levels(model: Description, runner: Description) -> list[Joint]:
    """The runner's levels at this body's size; with all angles zero the torso is where Hamner's joint has it."""
    back, size = joint_of(model, "torso"), trunk_size(model)
    levels = [next(j for j in runner.joints if j.name == n) for n in LEVELS]
    chain, at = [], np.zeros(3)
    for level in levels:
        from_parent, from_child = level.parent_pose.p * size, level.child_pose.p * size
        if level.parent == "pelvis":
            from_parent = level.parent_pose.p * pelvis_size(model)
        if level.child == "torso":
            from_child = at + from_parent - back.parent_pose.p
        at = at + from_parent - from_child
        chain.append(
            replace(level, parent_pose=Pose(np.eye(3), from_parent), child_pose=Pose(np.eye(3), from_child))
        )
    return chain


def trunk_size(model: Description) -> float:
    return float(body_of(model, "torso").com[1]) / HAMNERS_CENTRE_OF_MASS


def pelvis_size(model: Description) -> Array:
    p = joint_of(model, "torso").parent_pose.p
    return np.array([p[0] / HAMNERS_JOINT[0], p[1] / HAMNERS_JOINT[1], 1.0])


def body_of(model: Description, name: str) -> Body:
    return next(b for b in model.bodies if b.name == name)


def vertebrae_and_thorax(model: Description, runner: Description, chain: Sequence[Joint]) -> list[Body]:
    """The trunk's mass in parts: vertebrae as the runner's share of it, the thorax what Hamner's torso leaves."""
    torso, size = body_of(model, "torso"), trunk_size(model)
    of_runner = [body_of(runner, j.child) for j in chain]
    share = torso.mass / sum(b.mass for b in of_runner)
    parts = [Body(b.name, share * b.mass, size * b.com, share * size**2 * b.inertia) for b in of_runner[:-1]]
    origin, at = joint_of(model, "torso").parent_pose.p, np.zeros(3)
    mass, moment, inertia = torso.mass, torso.mass * torso.com, about_origin(torso, torso.com)
    for joint, part in zip(chain, parts, strict=False):
        at = at + joint.parent_pose.p - joint.child_pose.p
        c = at + part.com - origin
        mass, moment, inertia = mass - part.mass, moment - part.mass * c, inertia - about_origin(part, c)
    com = moment / mass
    return [*parts, Body("torso", mass, com, inertia - mass * (com @ com * np.eye(3) - np.outer(com, com)))]


def about_origin(body: Body, com: Array) -> Array:
    return body.inertia + body.mass * (com @ com * np.eye(3) - np.outer(com, com))


def levels_centres(chain: Sequence[Joint]) -> list[float]:
    """Heights above L5/S1 about which all levels together turn the thorax, for small extension and bending, m."""
    at, height = -chain[0].parent_pose.p, []
    for joint in chain:
        at = at + joint.parent_pose.p
        height.append(float(at[1]))
        at = at - joint.child_pose.p
    return [
        sum(
            h * axis.function.coefficients[1]
            for h, joint in zip(height, chain, strict=True)
            for axis in joint.axes
            if axis.coordinate == name and isinstance(axis.function, Polynomial)
        )
        for name in ANGLES[:2]
    ]
