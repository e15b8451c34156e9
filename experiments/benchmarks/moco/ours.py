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

from footstrike.control.passive_moments import passive_torque
from footstrike.control.problem import Drive, Prescribed, Spring, TrackProblem
from footstrike.control.reference import Reference
from footstrike.control.sample import Kinematics
from footstrike.control.solution import Gait
from footstrike.control.terms import HABITUAL
from footstrike.runs.assemble import ground_forces, mechanics
from footstrike.workers.client import casadi_worker

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
    outcome = solved.nlp
    return {
        "status": outcome.status,
        "converged": outcome.success,
        "wall_s": wall,
        "cpu_s": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "iterations": outcome.iterations,
        "objective": outcome.objective,
        "primal_infeasibility": outcome.infeasibility,
        "derivatives_cached": solved.derivatives_cached,
        "trajectory": trajectory(problem, asked.drive, solved.gaits[0]),
        "replayed": replayed(problem, asked.drive, solved.gaits[0]),
    }


def request(problem: Problem) -> TrackProblem:
    """The problem as a request to the worker.

    Of the coordinates' bounds it has those of joints that the objective does not hold; :func:`margin` tells whether
    another one is missed.
    """
    duration, names = problem.duration, problem.description.coordinate_names
    phase = np.linspace(0.0, 1.0, SAMPLES)
    time = problem.start + phase * duration
    weights, rate_weights = (
        {n: np.full(SAMPLES, weights[n] * duration * len(names)) for n in names}
        for weights in (problem.value_weights, problem.rate_weights)
    )
    force_weights = problem.force_weight * duration * 6
    driven = [n for n in names if not n.startswith(PELVIS)]
    balanced = _balanced(problem)
    return TrackProblem(
        description=problem.description,
        references=(
            Reference(
                duration=duration,
                speed=None if problem.advance is None else problem.advance / duration,
                phase=phase,
                coordinates={n: _at(problem.time, problem.values[n], time) for n in names},
                coordinate_weights=weights,
                force=np.hstack(
                    [
                        _at(problem.force_time, problem.force[s], time) / problem.weight
                        for s in ("right", "left")
                    ]
                ),
                force_weights=np.full((SAMPLES, 6), force_weights),
                rates={n: _at(problem.time, problem.rates[n], time) for n in names},
                rate_weights=rate_weights,
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
            scale={d.coordinate: d.scale for d in problem.drives},
            limit={d.coordinate: d.limit * d.scale for d in problem.drives},
            springs={s.coordinate: Spring(s.stiffness, s.damping) for s in problem.springs},
            tissue=bool(problem.tissue),
        ),
        objective=HABITUAL.weighted(
            motion=1.0,
            force=1.0,
            torque=problem.effort_weight * duration * len(driven),
            acceleration=0.0,
            jerk=0.0,
            activation=problem.activation_weight * duration * len(problem.description.muscles),
            reserve=problem.effort_weight * duration * len(balanced),
            rate=1.0,
        ),
        prescribed=_started(problem),
        ranges={
            c.name: problem.ranges[c.name]
            for c in problem.description.coordinates
            if c.motion == "rotation" and not problem.value_weights[c.name]
        },
        ipopt={
            "ipopt.tol": problem.convergence_tolerance,
            "ipopt.constr_viol_tol": problem.constraint_tolerance,
        },
    )


def margin(problem: Problem, found: Trajectory) -> dict[str, Any]:
    """The coordinate that comes nearest to its bound, and how near, rad or m; negative: beyond."""
    left = {
        name: float(min((found.values[name] - low).min(), (high - found.values[name]).min()))
        for name, (low, high) in problem.ranges.items()
    }
    name = min(left, key=lambda n: left[n])
    return {"coordinate": name, "margin": left[name]}


def _started(problem: Problem) -> tuple[Prescribed, ...]:
    """Values and rates of the reference at the start, with their room."""
    if problem.initial_within is None:
        return ()
    return tuple(
        Prescribed(n, 0.0, float(np.interp(problem.start, problem.time, table[n])), room, rate)
        for n in problem.description.coordinate_names
        for table, room, rate in zip(
            (problem.values, problem.rates), problem.initial_within, (False, True), strict=True
        )
    )


def _balanced(problem: Problem) -> list[str]:
    """Coordinates that muscles act on."""
    spanned = {
        c for m in problem.description.muscles if m.polynomial is not None for c in m.polynomial.coordinates
    }
    return [d.coordinate for d in problem.drives if d.coordinate in spanned]


def trajectory(problem: Problem, drive: Drive, gait: Gait) -> Trajectory:
    """A solved gait at the Radau points of the mesh."""
    time, _ = radau_points(problem)
    motion = _motion(gait, gait.basis.points)
    m = mechanics(problem.description, problem.description.spheres, motion)
    moments = {n: m.torques[n] - passive_torque(drive, n, motion.q[n], motion.qd[n]) for n in motion.q}
    if gait.controls:
        moments |= dict(zip(gait.controls.balanced, gait.controls.reserves.T, strict=True))
    controls = {d.coordinate: moments[d.coordinate] / d.scale for d in problem.drives}
    activations = _activations(gait, gait.basis.points)
    return Trajectory(time, motion.q, motion.qd, controls, activations, ground_forces(m))


def replayed(problem: Problem, drive: Drive, gait: Gait) -> dict[str, Array]:
    """Arrays for moco_replay.py: the gait at the start and the Radau points; at the start, the first point's controls."""
    phase = np.append(0.0, gait.basis.points)
    motion, inner = _motion(gait, phase), trajectory(problem, drive, gait)
    out = {"time": np.append(problem.start, inner.time)}
    for kind, curves in (("value", motion.q), ("rate", motion.qd), ("acceleration", motion.qdd)):
        out |= {f"{kind}/{n}": curve for n, curve in curves.items()}
    out |= {f"control/{n}": np.append(curve[0], curve) for n, curve in inner.controls.items()}
    return out | {f"activation/{n}": curve for n, curve in _activations(gait, phase).items()}


def _motion(gait: Gait, phase: Array) -> Kinematics:
    levels = [gait.basis.matrix(phase, d) @ gait.coefficients / gait.duration**d for d in range(3)]
    return Kinematics(*(dict(zip(gait.names, level.T, strict=True)) for level in levels))


def _activations(gait: Gait, phase: Array) -> dict[str, Array]:
    if gait.controls is None:
        return {}
    return {
        name: np.interp(phase, gait.basis.breaks, values)
        for name, values in zip(gait.controls.muscles, gait.controls.activations.T, strict=True)
    }


def _at(time: Array, curve: Array, wanted: Array) -> Array:
    return np.asarray(make_interp_spline(time, curve, k=5)(wanted))
