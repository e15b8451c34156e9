"""The benchmark's objective, evaluated on anybody's solution: numbers in, terms out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from problem import Array, Problem
from scipy.interpolate import make_interp_spline

from footstrike.control.basis import radau_basis


@dataclass(frozen=True)
class Trajectory:
    """A motion at the (K,) Radau points of the mesh, in order.

    ``values``, ``rates`` of each free coordinate; ``controls`` of each drive, by its coordinate; ``activations`` by
    muscle; ``force``: (K, 3) N on "right" and "left" foot.
    """

    time: Array
    values: Mapping[str, Array]
    rates: Mapping[str, Array]
    controls: Mapping[str, Array]
    activations: Mapping[str, Array]
    force: Mapping[str, Array]


def radau_points(problem: Problem) -> tuple[Array, Array]:
    """Time (K,) of the collocation points, s, and their weights (K,), which sum up to the duration."""
    basis = radau_basis(problem.breaks)
    return problem.start + basis.points * problem.duration, basis.weights * problem.duration


def objective(problem: Problem, trajectory: Trajectory) -> dict[str, float]:
    """Each term of the objective, and "total"."""
    time, weights = radau_points(problem)
    if len(trajectory.time) != len(time) or np.abs(trajectory.time - time).max() > 1e-6:
        raise ValueError("the trajectory is not given at the Radau points of the problem's mesh")
    terms = {
        "values": _tracking(problem, problem.value_weights, problem.values, trajectory.values, time),
        "rates": _tracking(problem, problem.rate_weights, problem.rates, trajectory.rates, time),
        "force": problem.force_weight * _force_error(problem, trajectory, time),
        "effort": problem.effort_weight * sum(np.square(u) for u in trajectory.controls.values()),
        "activation": problem.activation_weight * sum(np.square(a) for a in trajectory.activations.values()),
    }
    integrals = {name: float(weights @ np.broadcast_to(term, len(time))) for name, term in terms.items()}
    return {**integrals, "total": sum(integrals.values())}


def _tracking(
    problem: Problem,
    weights: Mapping[str, float],
    reference: Mapping[str, Array],
    actual: Mapping[str, Array],
    time: Array,
) -> Array:
    total = np.zeros(len(time))
    for name, weight in weights.items():
        if weight:
            total += (
                weight * (actual[name] - make_interp_spline(problem.time, reference[name], k=5)(time)) ** 2
            )
    return total


def _force_error(problem: Problem, trajectory: Trajectory, time: Array) -> Array:
    total = np.zeros(len(time))
    for side, measured in problem.force.items():
        aim = make_interp_spline(problem.force_time, measured, k=5)(time)
        total += np.sum((trajectory.force[side] - aim) ** 2, axis=1)
    return total / problem.weight**2
