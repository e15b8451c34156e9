"""From a solved motion to everything that is known of the stride: forces, points, segments, torques."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from footstrike.brief import brief
from footstrike.control.sample import Kinematics
from footstrike.dynamics.contact import contact_forces
from footstrike.dynamics.foot import foot_pitch
from footstrike.dynamics.rigid_body import Force, Motion, Tree, stack, stack_matrix
from footstrike.lumbar.net_load import LEVEL, net_load
from footstrike.model.description import ContactSphere, Description

Array = NDArray[np.float64]

SIDES = {"right": "r", "left": "l"}
SIDE_OF = {letter: side for side, letter in SIDES.items()}
CONTACT_N = 50.0  # a foot is on the ground from this vertical force on
FLIGHT_N = 5.0  # below this vertical force the centre of pressure means nothing
ACCELERATED = ("tibia_r", "tibia_l", "sacrum")


@dataclass(frozen=True)
class Mechanics:
    """A motion's mechanics over T frames: model tree, node states, contact forces, generalised forces (T,)."""

    __repr__ = brief

    tree: Tree
    motion: Motion
    spheres: Sequence[ContactSphere]
    contact: list[Force]
    torques: dict[str, Array]
    frames: int


def mechanics(description: Description, spheres: Sequence[ContactSphere], motion: Kinematics) -> Mechanics:
    """Contact forces and inverse dynamics of a motion (numpy; no worker needed)."""
    tree = Tree(description)
    frames = len(next(iter(motion.q.values())))
    state = tree.motion(motion.q, motion.qd, motion.qdd)
    contact = contact_forces(tree, state, spheres)
    tau = tree.inverse_dynamics(state, contact)
    torques = {k: np.array(np.broadcast_to(np.asarray(v, dtype=float), (frames,))) for k, v in tau.items()}
    return Mechanics(tree, state, spheres, contact, torques, frames)


def residual_bw(m: Mechanics) -> Array:
    """(T,) largest of the six pelvis forces (N) and moments (N m) that nothing supplies, per body weight (N)."""
    root = [np.abs(v) for k, v in m.torques.items() if k.startswith("pelvis_")]
    return np.asarray(np.max(root, axis=0) / weight(m.tree.description))


def weight(description: Description) -> float:
    """Body weight, N."""
    return float(description.mass * np.linalg.norm(description.gravity))


def ground_forces(m: Mechanics) -> dict[str, Array]:
    """(T, 3) N on each foot, by side."""
    return {side: _wrench(m, letter)[:, 3:] for side, letter in SIDES.items()}


def centres_of_pressure(m: Mechanics) -> dict[str, Array]:
    """(T, 3) m on the ground plane, by side; NaN in flight."""
    out = {}
    for side, letter in SIDES.items():
        moment, force = np.split(_wrench(m, letter), 2, axis=1)
        fy = np.where(force[:, 1] > FLIGHT_N, force[:, 1], np.nan)
        out[side] = np.stack([moment[:, 2] / fy, 0.0 * fy, -moment[:, 0] / fy], axis=1)
    return out


def body_wrenches(m: Mechanics) -> dict[str, Array]:
    """Body name -> (T, 6) moment about the ground origin (N m) and force (N) of all its contacts."""
    out: dict[str, Array] = {}
    for force in m.contact:
        out[force.body] = out.get(force.body, 0.0) + _of(m, force)
    return out


def _wrench(m: Mechanics, letter: str) -> Array:
    parts = [_of(m, f) for s, f in zip(m.spheres, m.contact, strict=True) if s.name.endswith(f"_{letter}")]
    return np.asarray(sum(parts, np.zeros((m.frames, 6))))


def _of(m: Mechanics, force: Force) -> Array:
    at = stack(m.tree.position(m.motion, force.body, force.point), m.frames)
    f = stack(force.force, m.frames)
    return np.concatenate([np.cross(at, f), f], axis=1)


def lumbar_net(m: Mechanics) -> dict[str, dict[str, Array]]:
    """Net force (T, 3) N and moment (T, 3) N m at L5/S1 as :func:`footstrike.lumbar.net_load.net_load` has them."""
    force, moment = net_load(m.tree, m.motion, m.tree.wrenches(m.motion, m.contact))
    return {LEVEL: {"force": stack(force, m.frames), "moment": stack(moment, m.frames)}}


def points(m: Mechanics, levels: Sequence[str]) -> dict[str, Array]:
    """(T, 3) m: every marker of the model, the joint centre of every lumbar level, the centre of mass."""
    d = m.tree.description
    out = {name: _position(m, body, at) for name, (body, at) in d.markers.items()}
    centres = {j.name: (j.child, j.child_pose.p) for j in d.joints if j.name in levels}
    out |= {name: _position(m, body, at) for name, (body, at) in centres.items()}
    return out | {"com": stack(m.tree.centre_of_mass(m.motion), m.frames)}


def _position(m: Mechanics, body: str, at: Array) -> Array:
    return stack(m.tree.position(m.motion, body, [float(x) for x in at]), m.frames)


def point_accelerations(m: Mechanics) -> dict[str, Array]:
    """(T, 3) m/s2 of mid-shank and sacrum."""
    markers = m.tree.description.markers
    return {
        name: stack(
            m.tree.acceleration(m.motion, markers[name][0], [float(x) for x in markers[name][1]]), m.frames
        )
        for name in ACCELERATED
        if name in markers
    }


def segments(m: Mechanics, at: Mapping[str, Array]) -> dict[str, Array]:
    """(T,) rad: foot pitch (toe up +, 0 as in flat standing), shank angle (ankle ahead +), trunk lean (forward +)."""
    out = {}
    for letter in SIDES.values():
        out[f"foot_pitch_{letter}"] = np.asarray(
            np.broadcast_to(foot_pitch(m.tree, m.motion, letter), (m.frames,))
        )
        shank = at[f"ankle_{letter}"] - at[f"knee_{letter}"]
        out[f"shank_angle_{letter}"] = np.arctan2(shank[:, 0], -shank[:, 1])
    up = stack_matrix(m.tree.orientation(m.motion, "torso"), m.frames)[:, :, 1]
    out["trunk_lean"] = np.arctan2(up[:, 0], up[:, 1])
    return out
