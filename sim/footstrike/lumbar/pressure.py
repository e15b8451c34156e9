"""Intra-abdominal pressure as a pair of forces that pushes thorax and pelvis apart.

The diaphragm carries pressure times area, as in McGill & Norman 1987 (Ergonomics 30:1565); the pelvic floor
carries the same. Both forces act along the line between the centre of the diaphragm and the midpoint of the
hip joints, so they have no net effect on the body as a whole; in front of the spine, they extend and unload
it. The tension of the abdominal wall that holds the pressure is not derived from it; a least activation can
be asked for (:func:`footstrike.muscles.properties.abdominal_wall`).
"""

from __future__ import annotations

import csv

import numpy as np
from numpy.typing import NDArray

from footstrike.dynamics.rigid_body import Force, Motion, Tree, stack
from footstrike.errors import InputError, ModelError
from footstrike.lumbar.levels import lumbar_joints
from footstrike.resources import resource

Array = NDArray[np.float64]

HIPS = ("hip_r", "hip_l")


def pressure_forces(tree: Tree, motion: Motion, frames: int, pressure_pa: float | Array) -> list[Force]:
    """The two forces (N, ground frame) of a pressure (Pa, a number or (T,)); none without pressure."""
    pressure = np.broadcast_to(np.asarray(pressure_pa, dtype=float), (frames,))
    if not np.all(pressure >= 0.0):
        raise InputError(f"intra-abdominal pressure {pressure.min():g} Pa is impossible (allowed: 0 or more)")
    if not pressure.any():
        return []
    constants = _constants()
    top = list(lumbar_joints(tree.description).values())[-1]
    diaphragm = top.child_pose.p + np.array([constants["diaphragm_anterior"], 0.0, 0.0])
    pelvis, floor = _pelvic_floor(tree)
    upper = stack(tree.position(motion, top.child, diaphragm.tolist()), frames)
    lower = stack(tree.position(motion, pelvis, floor.tolist()), frames)
    along = upper - lower
    push = (pressure * constants["diaphragm_area"] / np.linalg.norm(along, axis=1))[:, None] * along
    return [Force(top.child, diaphragm.tolist(), list(push.T)), Force(pelvis, floor.tolist(), list(-push.T))]


def _pelvic_floor(tree: Tree) -> tuple[str, Array]:
    joints = {j.name: j for j in tree.description.joints}
    if any(name not in joints for name in HIPS):
        raise ModelError(f"intra-abdominal pressure needs the joints {' and '.join(HIPS)}: the pelvic floor")
    right, left = (joints[name] for name in HIPS)
    return right.parent, 0.5 * (right.parent_pose.p + left.parent_pose.p)


def _constants() -> dict[str, float]:
    with resource("models", "abdominal_pressure.csv").open(newline="", encoding="utf-8") as stream:
        return {row["parameter"]: float(row["value"]) for row in csv.DictReader(stream)}
