"""What a solved gait's muscles would do without limits: where the effort of a modified gait is counted from.

At an optimum the effort of a muscle is balanced by what its moments are worth. A muscle that is worth less than nothing stays
at its least activation; how much less, its multiplier tells. The activation that balances effort and worth alone may be
negative, and lies as far below the least one as the muscle is from being of use. Counted from there, the habit is an
optimum without any worth of moments; and where a motion needs other moments, they are shared by least effort, as in the habit: a
muscle at rest is not called before it is of use, one at work is let go.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import spsolve

from footstrike.control.basis import Basis
from footstrike.control.layout import Layout
from footstrike.control.nlp import Program
from footstrike.control.point import Point
from footstrike.control.problem import TrackProblem
from footstrike.control.program import gait_of, node_map
from footstrike.control.solution import Gait, NlpResult
from footstrike.control.terms import Effort

Array = NDArray[np.float64]


def gaits_of(
    solved: NlpResult, problem: TrackProblem, program: Program, basis: Basis, point: Point, layout: Layout
) -> tuple[Gait, ...]:
    """The gaits of a solution, with the activations that their muscles want."""
    gaits = (gait_of(solved.x, problem, basis, point, layout, g) for g in range(layout.gaits))
    return tuple(
        _with_wanted(gait, g, solved, problem, program, point, layout) for g, gait in enumerate(gaits)
    )


def _with_wanted(
    gait: Gait,
    number: int,
    solved: NlpResult,
    problem: TrackProblem,
    program: Program,
    point: Point,
    layout: Layout,
) -> Gait:
    if gait.controls is None:
        return gait
    own = layout.activations(number)
    stiffness = _curvature(problem, program, point, layout, number)
    rows = program.linear.shape[0]
    limits = program.linear[:, own].T @ solved.multipliers[:rows] + solved.bound_multipliers[own]
    free = np.asarray(solved.x[own] + spsolve(stiffness.tocsc(), limits))
    nodes = node_map(problem.ends, point.controls, len(gait.basis.breaks))
    return replace(gait, controls=replace(gait.controls, wanted=free[nodes]))


def _curvature(problem: TrackProblem, program: Program, point: Point, layout: Layout, gait: int) -> Any:
    """(nodes M, nodes M) second derivative of the effort of activations."""
    (effort,) = (t for t in problem.objective.terms if isinstance(t, Effort) and t.quantity == "activations")
    ny, K = point.seen.total, layout.points
    block = np.arange(point.seen["activation"].start, point.seen["activation"].stop)
    rows = (gait * K + np.arange(K))[:, None] * ny + block
    at_points = program.seen[rows.ravel()][:, layout.activations(gait)]
    per_muscle = 1 / np.array(point.scales["activations"]).ravel() ** 2
    weights = program.weights[gait * K : (gait + 1) * K, None] * per_muscle
    of_one = effort.weight / point.counts[effort.per]
    return 2 * of_one * at_points.T @ sparse.diags(weights.ravel()) @ at_points
