"""One simulation from request to run: model, target, optimal control, mechanics, lumbar loads, OpenSim's check."""

from __future__ import annotations

import time as clock
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from footstrike import cache
from footstrike.control.drive import drive_of
from footstrike.control.ladder import climb
from footstrike.control.problem import Drive, Gait, Prescribed, Solved, TrackProblem, default_breaks
from footstrike.control.reference import (
    FLIGHT_BEFORE_CONTACT,
    scattered,
    step_reference,
    stride_reference,
    with_bump,
)
from footstrike.control.sample import Kinematics, at_collocation_points, frames, sample
from footstrike.dynamics.rigid_body import Tree
from footstrike.engines import path_cache
from footstrike.engines.client import Worker, casadi_worker, opensim_worker
from footstrike.errors import FootstrikeError, InputError
from footstrike.gait.request import Request
from footstrike.gait.targets import Target, target
from footstrike.lumbar.distribution import Given
from footstrike.lumbar.loads import LEVELS, lumbar_loads
from footstrike.model.description import Description, PathPolynomial
from footstrike.model.measured import MusclePath
from footstrike.model.runner import RunnerSpec
from footstrike.model.running_paths import running_paths
from footstrike.model.scaling import leg_scale
from footstrike.progress import Progress, ProgressEvent, silent
from footstrike.solution import assemble
from footstrike.solution.checks import balance
from footstrike.solution.ground import THRESHOLD_N
from footstrike.solution.muscle_outputs import with_muscle_outputs
from footstrike.solution.muscle_state import MuscleState, muscle_state
from footstrike.solution.run import Run
from footstrike.solution.store import versions

Array = NDArray[np.float64]

SAMPLES = 401  # over a stride
RESIDUAL_LIMIT_BW = 1e-3
TRUSTED_RESERVE_NM = 1.0  # more than this is load that no muscle carries
TRUSTED_RESERVE_SHARE = 0.1  # of the largest joint moment, where muscles are part of the problem
FREE_STEP = 0.15  # how far a free step length may leave the habitual one
CONTACT_PASSES, KNEE_TOLERANCE_DEG = 3, 0.2


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
    scale = leg_scale(spec) if spec.is_scaled else None
    aim = target(request.strike, request.speed, scale)
    left = None if request.left_strike is None else target(request.left_strike, request.speed, scale)
    problem = track_problem(model, request, aim, left, told)
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


def track_problem(
    model: Model, request: Request, aim: Target, left: Target | None = None, told: _Teller | None = None
) -> TrackProblem:
    """The optimal control problem of a request: half a stride, or a whole one if the left foot lands otherwise."""
    drive = Drive()
    if request.legs == "muscles":
        drive = drive_of(model.description, muscle_paths(model, told))
    step_time = None if request.step_length is None else request.step_length / request.speed
    if left is None:
        reference, steps = step_reference(aim, step_time), 1
    else:
        stride_time = (aim.stride_time + left.stride_time) / 2 if step_time is None else 2 * step_time
        reference, steps = stride_reference(aim, left, stride_time), 2
    problem = TrackProblem(
        model.description,
        (reference,),
        default_breaks(request.points, steps=steps),
        ends="mirrored" if left is None else "periodic",
        drive=drive,
        duration_room=FREE_STEP if request.free_step else 0.0,
    )
    if request.knee_flexion is None:
        return problem
    return with_knee_flexion(problem, np.deg2rad(request.knee_flexion), contact_phase(steps))


def contact_phase(steps: int) -> float:
    """Phase of the cycle at which the right foot lands in the reference."""
    return FLIGHT_BEFORE_CONTACT * (2 if steps == 1 else 1)


def with_knee_flexion(problem: TrackProblem, flexion: float, phase: float) -> TrackProblem:
    """The problem with the right knee's flexion (rad) prescribed at a phase; the reference moves along."""
    name = "knee_angle_r"
    reference = problem.references[0]
    now = float(np.interp(phase, reference.phase, reference.coordinates[name]))
    return replace(
        problem,
        references=(with_bump(reference, name, phase, -flexion - now),),
        prescribed=(Prescribed(name, phase, -flexion),),
    )


def muscle_paths(model: Model, told: _Teller | None = None) -> dict[str, PathPolynomial]:
    """Polynomials of the muscles' paths over the range of running, fitted once per model."""
    known = path_cache.recall(model.osim, "running")
    if known is not None:
        return known
    if told:
        told.stage("fitting muscle paths (once for this model)")

    def measure(names: list[str], q: Array, muscles: list[str]) -> Sequence[MusclePath]:
        paths: Sequence[MusclePath] = opensim_worker().call("muscle_paths", model.osim, names, q, muscles)
        return paths

    fitted = running_paths(model.description, measure)
    path_cache.keep(model.osim, fitted, "running")
    return path_cache.recall(model.osim, "running") or fitted  # read back: the same bytes in every session


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
        solved, steps, tried = _best(request, problem, lambda p: _ask(worker, p, name, told), told)
        if request.knee_flexion is not None and solved.outcome.success:
            solved, problem = _at_true_contact(
                request, model, problem, solved, lambda p: _ask(worker, p, name, told)
            )
    wall = clock.perf_counter() - started
    told.stage(f"{name}: forces, lumbar loads and OpenSim's own check")
    gait, outcome, d = solved.gaits[0], solved.outcome, model.description
    collocated = at_collocation_points(gait, request.speed)
    points = assemble.mechanics(d, d.spheres, collocated)
    status, message = judge(outcome.success, outcome.status, outcome.infeasibility)
    if status != "solved" and outcome.diagnosis:
        message = f"{message}. {outcome.diagnosis}"
    solver: dict[str, Any] = {
        "wall_s": wall,
        "iterations": outcome.iterations,
        "points": len(gait.basis.points),
        "residual_max_bw": float(assemble.residual_bw(points).max()),
        "opensim_residual_max_bw": opensim_residual_bw(model, points, collocated),
        "starts": request.starts,
        "objective": outcome.objective,
        **spread(tried, request.speed),
        "ladder": list(steps),
        "ipopt_status": outcome.status,
        "derivatives_kept": solved.derivatives_kept,
    }

    def at(t: Array) -> Kinematics:
        return sample(gait, t, request.speed)

    start = _contact_time(model, at, gait.duration)
    stride = gait.duration * (2 if gait.ends == "mirrored" else 1)
    time = np.linspace(0.0, stride, SAMPLES)
    motion = at(time + start)
    motion.q["pelvis_tx"] = motion.q["pelvis_tx"] - motion.q["pelvis_tx"][0]
    muscles = None
    if gait.controls is not None:
        solver["reserve_rms_nm"] = float(np.sqrt(np.mean(gait.controls.reserves**2)))
        solver["reserve_max_nm"] = float(np.abs(gait.controls.reserves).max())
        sampled = _sampled(model, problem.drive, motion)
        muscles = muscle_state(problem.drive, gait, d, motion, time + start, sampled), sampled
    return _assemble(request, model, aim, status, message, solver, time, motion, muscles)


def _best(
    request: Request, problem: TrackProblem, ask: Callable[[TrackProblem], Solved], told: _Teller
) -> tuple[Solved, tuple[str, ...], list[Solved]]:
    """The best solution from all starts, the rungs it took, and all that were solved."""
    best, rungs = climb(problem, ask, told.stage)
    tried = [best] if best.outcome.success else []
    for seed in range(1, request.starts):
        told.stage(f"start {seed + 1} of {request.starts}")
        begin = tuple(scattered(r, seed, problem.duration_room) for r in problem.references)
        other = ask(replace(problem, begin=begin))
        if other.outcome.success:
            tried.append(other)
    if tried:
        best = min(tried, key=lambda s: s.outcome.objective)
    return best, rungs, tried


def spread(tried: list[Solved], speed: float) -> dict[str, Any]:
    """Objectives and step lengths of all solved starts, and how far they differ."""
    objectives = [s.outcome.objective for s in tried]
    steps = [speed * s.gaits[0].duration / (1 if s.gaits[0].ends == "mirrored" else 2) for s in tried]
    several = len(tried) > 1
    return {
        "objective_spread": max(objectives) - min(objectives) if several else None,
        "step_length_spread_m": max(steps) - min(steps) if several else None,
        "start_objectives": objectives,
        "start_step_lengths_m": steps,
    }


def _ask(worker: Worker, problem: TrackProblem, name: str, told: _Teller) -> Solved:
    answer: Solved = worker.call("track", problem, progress=lambda event: told.event(name, event))
    return answer


def _sampled(model: Model, drive: Drive, motion: Kinematics) -> list[MusclePath]:
    """Paths of the muscles that are not straight, along the motion."""
    names = model.description.coordinate_names
    bent = [m.name for m in drive.muscles if not m.path]
    paths: list[MusclePath] = opensim_worker().call(
        "muscle_paths", model.osim, names, frames(motion.q, names), bent
    )
    return paths


def _at_true_contact(
    request: Request,
    model: Model,
    problem: TrackProblem,
    solved: Solved,
    ask: Callable[[TrackProblem], Solved],
) -> tuple[Solved, TrackProblem]:
    """Move the prescribed knee flexion to where the foot really lands, and solve again from there."""
    assert request.knee_flexion is not None
    for _ in range(CONTACT_PASSES):
        gait = solved.gaits[0]

        def at(t: Array, gait: Gait = gait) -> Kinematics:
            return sample(gait, t, request.speed)

        landing = _contact_time(model, at, gait.duration)
        knee = -float(np.rad2deg(at(np.array([landing])).q["knee_angle_r"][0]))
        if abs(knee - request.knee_flexion) < KNEE_TOLERANCE_DEG:
            break
        p = problem.prescribed[0]
        steps = 1 if gait.ends == "mirrored" else 2
        moved = replace(p, phase=contact_phase(steps) + landing / gait.duration)
        problem = replace(problem, prescribed=(moved,), guess=solved)
        solved = ask(problem)
    return solved, problem


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
    muscles: tuple[MuscleState, list[MusclePath]] | None,
) -> Run:
    d = model.description
    m = assemble.mechanics(d, d.spheres, motion)
    if muscles is None:
        spine = lumbar_loads(d, motion.q, motion.qd, motion.qdd, m.contact)
    else:
        state, sampled = muscles
        given = Given(state.names, state.activations, state.tension)
        spine = lumbar_loads(d, motion.q, motion.qd, motion.qdd, m.contact, given=given, sampled=sampled)
    at = assemble.points(m, LEVELS)
    balances = balance(m, motion, time)
    if status == "solved":
        message = trusted(message, solver, spine.reserve_max_nm, m.torques)
    solver = {
        "reserve_max_nm": spine.reserve_max_nm,
        **solver,
        "between_points_residual_max_bw": float(assemble.residual_bw(m).max()),
        "between_points_residual_rms_bw": float(np.sqrt(np.mean(assemble.residual_bw(m) ** 2))),
        "energy_imbalance_rms_w_per_kg": balances.energy_imbalance_rms_w_per_kg,
        "momentum_imbalance_max_bw": balances.momentum_imbalance_max_bw,
    }
    spec = {
        **request.specification(),
        "target": aim.source,
        "leg_length_m": leg_length(d),
        "model": d.name,
        "versions": versions(),
    }
    run = Run(
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
    if muscles is None:
        return run
    state = muscles[0]
    run = replace(run, fibre_length=state.fibre_length, fibre_velocity=state.fibre_velocity)
    return with_muscle_outputs(run, d, m.contact)


def trusted(message: str, solver: dict[str, Any], lumbar_reserve: float, torques: dict[str, Array]) -> str:
    """The message of a solved run, with what its muscles could not supply where that matters."""
    if "reserve_max_nm" not in solver and lumbar_reserve > TRUSTED_RESERVE_NM:
        return (
            f"converged, but the trunk's muscles saturate: {lumbar_reserve:.0f} N m are left to reserves, so "
            "do not trust the peak lumbar loads"
        )
    largest = max(float(np.abs(v).max()) for k, v in torques.items() if not k.startswith("pelvis_"))
    reserve = solver.get("reserve_max_nm", 0.0)
    if reserve > TRUSTED_RESERVE_SHARE * largest:
        return (
            f"converged, but reserves supply up to {reserve:.0f} N m that the muscles cannot (largest joint moment "
            f"{largest:.0f} N m): the request asks much of this runner"
        )
    return message


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
