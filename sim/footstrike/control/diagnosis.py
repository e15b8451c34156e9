"""Why a solve failed, in words: which constraint, where, which muscle saturates, what to try."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from footstrike.control.basis import Basis
from footstrike.control.point import Point
from footstrike.control.problem import TrackProblem
from footstrike.control.solution import Gait

Array = NDArray[np.float64]

SATURATED = 0.97
NOTICED = 1e-6


def diagnose(problem: TrackProblem, basis: Basis, point: Point, gait: Gait, violations: Array) -> str:
    """One sentence per finding.

    Parameters
    ----------
    violations
        (rows, points) by how much each constraint of a point is missed, rows as ``point.constraint_names``.
    """
    found = []
    if violations.size and violations.max() > NOTICED:
        row, k = np.unravel_index(int(violations.argmax()), violations.shape)
        percent = 100 * basis.points[k]
        found.append(f"worst met: {point.constraint_names[row]} at {percent:.0f} % of the cycle")
    controls = gait.controls
    if controls is not None:
        full = [
            n for n, a in zip(controls.muscles, controls.activations.T, strict=True) if a.max() > SATURATED
        ]
        if full:
            found.append(f"at full activation: {', '.join(full[:4])}" + (", ..." if len(full) > 4 else ""))
        if controls.reserves.size:
            largest = np.abs(controls.reserves).max(axis=0)
            worst = int(largest.argmax())
            found.append(f"largest reserve: {largest[worst]:.0f} N m at {controls.balanced[worst]}")
    reference = problem.references[0]
    if problem.duration_bound and abs(gait.duration / reference.duration - 1) > 0.99 * problem.duration_bound:
        found.append("the duration of the step is at its bound")
    found.append("try a speed or step length nearer to the habitual one, more points, or other starts")
    return "; ".join(found)
