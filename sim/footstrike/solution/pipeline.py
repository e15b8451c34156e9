"""One simulation from request to run: model, target, optimal control, mechanics, lumbar loads, OpenSim's check."""

from __future__ import annotations

import time as clock
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from footstrike import cache
from footstrike.control.problem import Solved, TrackProblem, default_breaks
from footstrike.control.sample import Kinematics, at_collocation_points, frames, sample
from footstrike.dynamics.rigid_body import Tree
from footstrike.engines.client import casadi_worker, opensim_worker
from footstrike.errors import FootstrikeError, InputError
from footstrike.gait.request import Request
from footstrike.gait.targets import Target, target
from footstrike.lumbar.loads import LEVELS, lumbar_loads
from footstrike.model.description import Description
from footstrike.model.runner import RunnerSpec
from footstrike.model.scaling import leg_scale
from footstrike.progress import Progress, ProgressEvent, silent
from footstrike.solution import assemble
from footstrike.solution.ground import THRESHOLD_N
from footstrike.solution.run import Run
from footstrike.solution.store import versions

Array = NDArray[np.float64]

SAMPLES = 401  # over a stride
RESIDUAL_LIMIT_BW = 1e-3
TRUSTED_RESERVE_NM = 1.0  # more than this is load that no muscle carries


def simulate(request: Request, progress: Progress = silent) -> Run:
    """Simulate one stride of running; a request that was solved before is read back instead.

    Returns
    -------
    Run
        Its ``status`` says whether the solve converged; nothing but status and message is to be trusted if not.

    Raises
    ------
    InputError
        If the request cannot be met.
    WorkerError
        If a worker process died.
    """
    told = _Teller(progress)
    spec = request.runner()
    model = runner(spec, told)
    aim = target(request.strike, request.speed, leg_scale(spec) if spec.is_scaled else None)
    problem = track_problem(model.description, aim, request)
    kept = cache.folder() / "runs" / f"{cache.key(model.osim, problem, request.specification())}.h5"
    earlier = _read_back(kept)
    if earlier is not None:
        told.stage(f"{_name(request)}: solved before, read from {kept.parent}")
        return earlier
    run = _solve(request, model, aim, problem, told)
    told.stage(f"{_name(request)}: {run.message}")
    if run.solved:
        try:
            kept.parent.mkdir(parents=True, exist_ok=True)
            run.save(kept)
        except (OSError, FootstrikeError):
            told.stage("the cache cannot be written; the result is kept in memory only")
    return run


@dataclass(frozen=True)
class Model:
    """A runner: its OpenSim text and the same as plain data."""

    osim: str
    description: Description


def runner(spec: RunnerSpec, told: _Teller | None = None) -> Model:
    """Build the runner through OpenSim, once per content."""
    if told:
        told.stage("building the runner")
    worker = opensim_worker()
    text = worker.call("build_runner", spec)
    return Model(text, worker.call("describe", text))


def track_problem(description: Description, aim: Target, request: Request) -> TrackProblem:
    """The optimal control problem of a request."""
    step_time = None if request.step_length is None else request.step_length / request.speed
    return TrackProblem(description, (aim,), default_breaks(request.points), step_time=step_time)


def _read_back(path: Path) -> Run | None:
    if not path.exists():
        return None
    try:
        return Run.load(path)
    except InputError:
        path.unlink(missing_ok=True)
        return None


def _solve(request: Request, model: Model, aim: Target, problem: TrackProblem, told: _Teller) -> Run:
    name = _name(request)
    started = clock.perf_counter()
    with casadi_worker() as worker:
        solved: Solved = worker.call("track", problem, progress=lambda event: told.event(name, event))
    wall = clock.perf_counter() - started
    told.stage(f"{name}: forces, lumbar loads and OpenSim's own check")
    gait = solved.gaits[0]
    d = model.description
    points = assemble.mechanics(d, d.spheres, at_collocation_points(gait, request.speed))
    outcome = solved.outcome
    status, message = judge(outcome.success, outcome.status, outcome.infeasibility)
    solver: dict[str, Any] = {
        "wall_s": wall,
        "iterations": outcome.iterations,
        "points": len(gait.basis.points),
        "residual_max_bw": float(assemble.residual_bw(points).max()),
        "opensim_residual_max_bw": opensim_residual_bw(
            model, points, at_collocation_points(gait, request.speed)
        ),
        "starts": 1,
        "objective": outcome.objective,
        "objective_spread": None,
        "ipopt_status": outcome.status,
        "derivatives_kept": solved.derivatives_kept,
    }

    def at(t: Array) -> Kinematics:
        return sample(gait, t, request.speed)

    start = _contact_time(model, at, gait.duration)
    time = np.linspace(0.0, 2 * gait.duration, SAMPLES)
    motion = at(time + start)
    motion.q["pelvis_tx"] = motion.q["pelvis_tx"] - motion.q["pelvis_tx"][0]
    return _assemble(request, model, aim, status, message, solver, time, motion)


def judge(success: bool, words: str, infeasibility: float) -> tuple[str, str]:
    """Status and message of a run from the solver's words."""
    if success and infeasibility <= RESIDUAL_LIMIT_BW:
        return "solved", "converged"
    if "Infeasible" in words or "Restoration" in words:
        return (
            "infeasible",
            f"IPOPT: {words}. No motion near the target obeys the dynamics: change speed or step length",
        )
    return (
        "not_converged",
        f"IPOPT: {words} (largest violation {infeasibility:.1e}). Try more points or another start",
    )


def opensim_residual_bw(model: Model, m: assemble.Mechanics, motion: Kinematics) -> float:
    """Largest pelvis residual by OpenSim's own inverse dynamics of motion and ground force, per body weight."""
    names = model.description.coordinate_names
    tau = opensim_worker().call(
        "inverse_dynamics",
        model.osim,
        names,
        frames(motion.q, names),
        frames(motion.qd, names),
        frames(motion.qdd, names),
        assemble.body_wrenches(m),
    )
    root = [i for i, name in enumerate(names) if name.startswith("pelvis_")]
    return float(np.abs(tau[:, root]).max() / assemble.weight(model.description))


def _contact_time(model: Model, at: Callable[[Array], Kinematics], duration: float) -> float:
    """When the right foot first carries the contact threshold, s from the target's contact."""
    time = np.linspace(-0.1 * duration, 0.3 * duration, 801)
    fy = assemble.ground_forces(assemble.mechanics(model.description, model.description.spheres, at(time)))[
        "right"
    ][:, 1]
    loaded = np.flatnonzero(fy > THRESHOLD_N)
    return float(time[loaded[0]]) if len(loaded) else 0.0


def _assemble(
    request: Request,
    model: Model,
    aim: Target,
    status: str,
    message: str,
    solver: dict[str, Any],
    time: Array,
    motion: Kinematics,
) -> Run:
    d = model.description
    m = assemble.mechanics(d, d.spheres, motion)
    spine = lumbar_loads(d, motion.q, motion.qd, motion.qdd, m.contact)
    at = assemble.points(m, LEVELS)
    if status == "solved" and spine.reserve_max_nm > TRUSTED_RESERVE_NM:
        message = (
            f"converged, but the trunk's muscles saturate: {spine.reserve_max_nm:.0f} N m are left to reserves, so "
            "do not trust the peak lumbar loads"
        )
    solver = {
        **solver,
        "reserve_max_nm": spine.reserve_max_nm,
        "between_points_residual_max_bw": float(assemble.residual_bw(m).max()),
        "between_points_residual_rms_bw": float(np.sqrt(np.mean(assemble.residual_bw(m) ** 2))),
    }
    spec = {
        **request.specification(),
        "target": aim.source,
        "leg_length_m": leg_length(d),
        "model": d.name,
        "versions": versions(),
    }
    return Run(
        spec=spec,
        status=status,
        message=message,
        solver=solver,
        mass=d.mass,
        model_osim=model.osim,
        time=time,
        coordinates=motion.q,
        speeds=motion.qd,
        accelerations=motion.qdd,
        torques=m.torques,
        ground_force=assemble.ground_forces(m),
        ground_point=assemble.centres_of_pressure(m),
        points=at,
        point_accelerations=assemble.point_accelerations(m),
        segments=assemble.segments(m, at),
        muscle_names=spine.muscle_names,
        activations=spine.activations,
        muscle_forces=spine.muscle_forces,
        lumbar=spine.lumbar,
    )


def leg_length(description: Description) -> float:
    """Height of the hip centre above the lowest contact sphere in the model's neutral posture, m."""
    tree = Tree(description)
    neutral = tree.motion(dict.fromkeys(description.coordinate_names, 0.0))
    body, at = description.markers["hip_r"]
    hip = float(tree.position(neutral, body, [float(x) for x in at])[1])
    soles = [
        float(tree.position(neutral, s.body, [float(x) for x in s.location])[1]) - s.radius
        for s in description.spheres
    ]
    return hip - min(soles)


def _name(request: Request) -> str:
    return f"{request.strike} at {request.speed:g} m/s"


@dataclass
class _Teller:
    """Turns what workers say into progress events with the time since the start."""

    progress: Progress
    started: float = field(default_factory=clock.perf_counter)

    def stage(self, words: str) -> None:
        self.event("", {"stage": words})

    def event(self, name: str, event: dict[str, Any]) -> None:
        stage = f"{name}: {event['stage']}" if name else str(event["stage"])
        self.progress(
            ProgressEvent(
                stage=stage,
                iteration=event.get("iteration"),
                objective=event.get("objective"),
                infeasibility=event.get("infeasibility"),
                elapsed_s=clock.perf_counter() - self.started,
            )
        )
