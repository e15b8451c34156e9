"""What a tracking program starts from: an earlier solution, or the motion nearest to the reference."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from footstrike.control.basis import Basis, carried
from footstrike.control.layout import Layout
from footstrike.control.point import Point
from footstrike.control.problem import TrackProblem
from footstrike.control.reference import Reference
from footstrike.dynamics.foot import sole_height
from footstrike.dynamics.rigid_body import Tree

Array = NDArray[np.float64]

TENDON_START = 0.1  # of the maximal isometric force
ACTIVATION_START = 0.1


def fill_guess(
    problem: TrackProblem, basis: Basis, point: Point, layout: Layout, gait: int, guess: Array
) -> None:
    """Fill in where a gait starts from: an earlier solution's, or the motion nearest to the reference."""
    reference = problem.references[gait]
    earlier = problem.guess.gaits[gait] if problem.guess else None
    coefficients = np.full((layout.size, layout.splines), TENDON_START)
    n = len(point.names)
    guess[layout.duration(gait)] = reference.duration
    guess[layout.activations(gait)] = ACTIVATION_START
    if earlier is None:
        begin = problem.begin[gait] if problem.begin else reference
        coefficients[:, :n] = _fit(basis, begin, point)
        low, high = (reference.duration * (1 + side * problem.duration_bound) for side in (-1, 1))
        guess[layout.duration(gait)] = min(max(begin.duration, low), high)
    else:
        coefficients[:, :n] = carried(earlier.basis, earlier.coefficients, basis)
        guess[layout.duration(gait)] = earlier.duration
        controls = earlier.controls
        if controls is not None and controls.muscles == point.controls:
            at = basis.breaks if problem.ends == "free" else basis.breaks[1:]
            values = [np.interp(at, earlier.basis.breaks, a) for a in controls.activations.T]
            guess[layout.activations(gait)] = np.stack(values, axis=1).ravel()
            if controls.tendons == list(problem.drive.compliant):
                coefficients[:, n:] = carried(earlier.basis, controls.tendon_force, basis)
            points = earlier.basis.points
            values = [np.interp(basis.points, points, r) for r in controls.reserves.T]
            guess[layout.reserved(gait)] = np.stack(values, axis=1).ravel() if values else 0.0
    guess[layout.coefficients(gait)] = coefficients.ravel()


def _fit(basis: Basis, reference: Reference, point: Point) -> Array:
    """(m, n) spline coefficients nearest to the reference."""
    dense = np.linspace(0.0, 1.0, 40 * len(basis.breaks))
    motion = reference.tracked("coordinates", point.names, dense)[0]
    if reference.speed is not None:
        motion[:, point.names.index("pelvis_ty")] += _standing_height(point, reference, dense, motion)
        motion[:, point.names.index("pelvis_tx")] -= motion[0, point.names.index("pelvis_tx")]
    return np.asarray(np.linalg.lstsq(basis.matrix(dense), motion, rcond=None)[0])


def _standing_height(point: Point, reference: Reference, phase: Array, motion: Array) -> float:
    """Pelvis height that lets the lowest right sphere sink 5 mm in on average over stance."""
    tree: Tree = point.tree
    state = tree.motion({n: motion[:, i] for i, n in enumerate(point.names)})
    stance = np.interp(phase, reference.phase, reference.force[:, 1]) > 0
    return float(-0.005 - sole_height(tree, state, "r")[stance].mean())
