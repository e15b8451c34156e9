"""Lumbar angles of a trunk that turns about one joint, as those of a spine of six levels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from footstrike.dynamics.rigid_body import Tree, stack
from footstrike.lumbar.net_load import POINT
from footstrike.model.description import Description

Array = NDArray[np.float64]

LUMBAR = ("lumbar_extension", "lumbar_bending", "lumbar_rotation")
THORAX = ("c7", "sternum", "shoulder_r", "shoulder_l")
PASSES = 6


def on_six_levels(runner: Description, angles: Array) -> Array:
    """Lumbar angles that hold the runner's thorax where a trunk on one joint has it.

    Spread over six levels, the angles of one joint move the thorax less, and give it other moments
    (experiments/lumbar/spine_group.py). The joint is the landmark ``back``, where the skeleton of Hamner et al. (2010) has
    it. Least squares over four points of the thorax, by Gauss and Newton.

    Parameters
    ----------
    angles
        (3, n) rad: extension, bending, rotation of the one joint, each about an axis turned by the one before.

    Returns
    -------
    ndarray
        (3, n) rad, the coordinates ``LUMBAR`` of the runner.
    """
    back = runner.markers[POINT][1]
    turned = Rotation.from_euler("ZXY", angles.T).as_matrix()
    standing = _places(runner, np.zeros((3, 1))).reshape(-1, 3)
    wanted = np.concatenate([(turned @ (p - back) + back).T for p in standing])
    found = angles.copy()
    for _ in range(PASSES):
        at = _places(runner, found)
        slope = np.stack(
            [(_places(runner, found + 1e-6 * e[:, None]) - at) / 1e-6 for e in np.eye(3)], axis=1
        )
        steps = [
            np.linalg.lstsq(slope[:, :, k], (wanted - at)[:, k], rcond=None)[0] for k in range(found.shape[1])
        ]
        found += np.stack(steps, axis=1)
    return found


def _places(runner: Description, lumbar: Array) -> Array:
    """(3 * points, n) m in the pelvis: points of the thorax."""
    tree, frames = Tree(runner), lumbar.shape[1]
    q = {name: np.zeros(frames) for name in runner.coordinate_names} | dict(zip(LUMBAR, lumbar, strict=True))
    motion = tree.motion(q)
    points = (runner.markers[name] for name in THORAX)
    places = [stack(tree.position(motion, body, [float(x) for x in at]), frames).T for body, at in points]
    return np.concatenate(places)
