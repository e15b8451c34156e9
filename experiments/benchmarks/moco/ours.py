"""The same problems in Footstrike: what is asked of its worker, and its answer in the benchmark's terms."""

from __future__ import annotations

import resource
import time as clock
from collections.abc import Callable
from typing import Any

import numpy as np
from objective import Trajectory, radau_points
from problem import PELVIS, Array, Problem
from scipy.interpolate import make_interp_spline

from footstrike.control.problem import Drive, Gait, TrackProblem, Weights
from footstrike.control.reference import Reference
from footstrike.control.sample import at_collocation_points
from footstrike.engines.client import casadi_worker
from footstrike.solution.assemble import ground_forces, mechanics

SAMPLES = 1001


def solve_ours(problem: Problem, report: Callable[[Any], None]) -> dict[str, Any]:
    """Solve in a worker of its own; wall and CPU time of all of it, start and differentiation included."""
    asked = request(problem)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = clock.monotonic()
    with casadi_worker() as worker:
        solved = worker.call("track", asked, progress=report)
    wall = clock.monotonic() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    outcome = solved.outcome
    return {
        "status": outcome.status,
        "converged": outcome.success,
        "wall_s": wall,
        "cpu_s": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "iterations": outcome.iterations,
        "objective": outcome.objective,
        "primal_infeasibility": outcome.infeasibility,
        "derivatives_kept": solved.derivatives_kept,
        "trajectory": trajectory(problem, solved.gaits[0]),
    }


def request(problem: Problem) -> TrackProblem:
    """The problem as a request to the worker.

    Raises
    ------
    SystemExit
        With what Footstrike's control cannot express of it.
    """
    missing = _missing(problem)
    if missing:
        raise SystemExit(f"{problem.name}: Footstrike's control cannot express {', '.join(missing)}")
    duration, names = problem.duration, problem.description.coordinate_names
    phase = np.linspace(0.0, 1.0, SAMPLES)
    time = problem.start + phase * duration
    tightness = {n: problem.value_weights[n] * duration * len(names) for n in names}
    force_tightness = problem.force_weight * duration * 6
    driven = [n for n in names if not n.startswith(PELVIS)]
    balanced = _balanced(problem)
    reserve = {d.scale for d in problem.drives if d.coordinate in balanced} or {1.0}
    (scale,) = reserve
    return TrackProblem(
        description=problem.description,
        references=(
            Reference(
                duration=duration,
                speed=None if problem.advance is None else problem.advance / duration,
                phase=phase,
                coordinates={n: _at(problem.time, problem.values[n], time) for n in names},
                tightness={n: np.full(SAMPLES, tightness[n]) for n in names},
                force=np.hstack(
                    [
                        _at(problem.force_time, problem.force[s], time) / problem.weight
                        for s in ("right", "left")
                    ]
                ),
                force_tightness=np.full((SAMPLES, 6), force_tightness),
            ),
        ),
        breaks=problem.breaks,
        ends=problem.ends,  # type: ignore[arg-type]
        drive=Drive(
            muscles=problem.description.muscles,
            paths={m.name: m.polynomial for m in problem.description.muscles if m.polynomial is not None},
            balanced=tuple(balanced),
            passive=problem.passive,
            floor=problem.activation_floor,
        ),
        weights=Weights(
            motion=1.0,
            force=1.0,
            torque=problem.effort_weight * duration * len(driven),
            acceleration=0.0,
            jerk=0.0,
            activation=problem.activation_weight * duration * len(problem.description.muscles),
            reserve=problem.effort_weight * duration * len(balanced) / scale**2,
        ),
        ipopt={
            "ipopt.tol": problem.convergence_tolerance,
            "ipopt.constr_viol_tol": problem.constraint_tolerance,
        },
    )


def _missing(problem: Problem) -> list[str]:
    out = []
    if any(problem.rate_weights.values()):
        out.append("weights of speeds")
    if problem.springs:
        out.append("passive springs at joints")
    if any(np.isfinite(d.limit) for d in problem.drives):
        out.append("limits and scales of single drives")
    if problem.initial_within is not None:
        out.append("bounds on the start")
    if problem.muscles and not problem.tissue:
        out.append("muscles without moments of tissue at the ends of the range")
    return out


def _balanced(problem: Problem) -> list[str]:
    """Coordinates that muscles act on."""
    spanned = {
        c for m in problem.description.muscles if m.polynomial is not None for c in m.polynomial.coordinates
    }
    return [d.coordinate for d in problem.drives if d.coordinate in spanned]


def trajectory(problem: Problem, gait: Gait) -> Trajectory:
    """A solved gait at the Radau points of the mesh."""
    time, _ = radau_points(problem)
    motion = at_collocation_points(gait, 0.0)
    m = mechanics(problem.description, problem.description.spheres, motion)
    balanced = list(gait.controls.balanced) if gait.controls else []
    reserves = dict(zip(balanced, gait.controls.reserves.T, strict=True)) if gait.controls else {}
    controls = {
        d.coordinate: (reserves[d.coordinate] if d.coordinate in reserves else m.torques[d.coordinate])
        / d.scale
        for d in problem.drives
    }
    return Trajectory(time, motion.q, motion.qd, controls, _activations(gait), ground_forces(m))


def _activations(gait: Gait) -> dict[str, Array]:
    if gait.controls is None:
        return {}
    points, breaks = gait.basis.points, gait.basis.breaks
    return {
        name: np.interp(points, breaks, values)
        for name, values in zip(gait.controls.muscles, gait.controls.activations.T, strict=True)
    }


def _at(time: Array, curve: Array, wanted: Array) -> Array:
    return np.asarray(make_interp_spline(time, curve, k=5)(wanted))
