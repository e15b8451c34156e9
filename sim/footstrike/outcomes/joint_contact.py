"""Contact forces of hip, knee and ankle: what motion and ground ask of the joint, less the pull of all muscles.

    contact = (Newton-Euler force on all below the joint) - sum_m tension_m (pull of muscle m on it),

the force of the joint on the segment below it, N, as [anterior, superior, lateral] in the axes of a long bone:
femur for the hip, tibia for knee and ankle. Compression is minus its superior component, shear is what is
perpendicular to that. The model has no patella of its own: the quadriceps pull on the tibia from where their
tendon meets the patella, so the force of the knee includes what passes through the patella, nearly all of it
across the tibia.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from footstrike.dynamics.rigid_body import Force, Tree, stack_matrix
from footstrike.errors import unknown_name
from footstrike.model.description import Array, Description, Muscle
from footstrike.model.measured import MusclePath
from footstrike.muscles.load_sharing import frames_of, reaction
from footstrike.muscles.paths import path_geometry
from footstrike.outcomes.ground import weight
from footstrike.outcomes.registry import Quantity, several
from footstrike.runs.run import Run

AXES = {"hip": "femur", "knee": "tibia", "ankle": "tibia"}
"""Joints without their side, and the bone in whose axes their force is given."""

WITH_PATELLA = ("knee",)
"""Joints whose force across the bone is mostly that of the patella: neither that nor the resultant is given."""

OUTWARD = {"r": 1.0, "l": -1.0}  # of the runner's right


def joint_contact(
    description: Description,
    q: Mapping[str, Array],
    qd: Mapping[str, Array],
    qdd: Mapping[str, Array],
    forces: Sequence[Force],
    muscle_names: Sequence[str],
    tension: Array,
    sampled: Sequence[MusclePath],
) -> dict[str, Array]:
    """Contact forces of both legs along a motion.

    Parameters
    ----------
    q, qd, qdd
        By coordinate, (T,): rad, rad/s, rad/s2 or m, m/s, m/s2.
    forces
        From outside (N, ground frame) on points of bodies.
    muscle_names, tension
        M muscles, and (T, M) force of their tendons, N.
    sampled
        Paths in these frames of muscles that are not straight (the OpenSim worker's task ``muscle_paths``).

    Returns
    -------
    By joint ("knee_r"), (T, 3) N.

    Raises
    ------
    InputError
        A muscle is unknown.
    ModelError
        A muscle that is not straight has no sampled path.
    """
    frames = frames_of(description, q, qd, qdd)
    joints = {f"{name}_{side}": (f"{bone}_{side}", side) for name, bone in AXES.items() for side in OUTWARD}
    tree = Tree(description, keep=joints)
    motion = tree.motion(q, qd, qdd)
    wrenches = tree.wrenches(motion, forces)
    muscles = muscles_named(description, muscle_names)
    pull = path_geometry(tree, motion, frames, muscles, sampled, qd).pull(tension)
    out = {}
    for joint, (bone, side) in joints.items():
        force = reaction(tree, motion, wrenches, joint, frames, pull)[:, :3]
        axes = stack_matrix(tree.orientation(motion, bone), frames)
        out[joint] = np.einsum("tji,tj->ti", axes, force) * np.array([1.0, 1.0, OUTWARD[side]])
    return out


def muscles_named(description: Description, names: Sequence[str]) -> list[Muscle]:
    """The muscles of a model by name, in the order of the names."""
    known = {m.name: m for m in description.muscles}
    for name in names:
        if name not in known:
            raise unknown_name("muscle", name, known)
    return [known[name] for name in names]


def peaks(run: Run, joint: str) -> tuple[float, ...] | None:
    """Contact force of a joint of the right side over the stride, None for a run that does not know it.

    Returns
    -------
    Peak (BW) and impulse in its one step (BW s) of the compression along the bone; peak resultant and peak force
    across the bone (BW), but for the knee, whose force across the tibia is mostly that of the patella.
    """
    force = run.joint_contact.get(f"{joint}_r")
    if force is None:
        return None
    force = force / weight(run)
    along = (float(-force[:, 1].min()), float(np.trapezoid(-force[:, 1], run.time)))
    if joint in WITH_PATELLA:
        return along
    total = np.linalg.norm(force, axis=1).max()
    return *along, float(total), float(np.hypot(force[:, 0], force[:, 2]).max())


def _register(joint: str, bone: str) -> None:
    source = f"right side, on the {bone}: motion and ground force less the pull of all muscles"
    quantities = [
        Quantity(
            f"{joint}_contact_peak_bw", "BW", f"peak contact force of the {joint}", f"{source}; along it"
        ),
        Quantity(
            f"{joint}_contact_impulse_bw_s",
            "BW s",
            f"impulse of the contact force of the {joint} per step",
            f"{source}; along it",
        ),
    ]
    if joint not in WITH_PATELLA:
        quantities += [
            Quantity(f"{joint}_resultant_peak_bw", "BW", f"peak resultant force of the {joint}", source),
            Quantity(
                f"{joint}_shear_peak_bw", "BW", f"peak shear force of the {joint}", f"{source}; across it"
            ),
        ]

    def of_joint(run: Run) -> tuple[float, ...] | None:
        return peaks(run, joint)

    several(*quantities)(of_joint)


for _joint, _bone in AXES.items():
    _register(_joint, _bone)
