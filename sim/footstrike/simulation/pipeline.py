"""One simulation from request to run: model, target, optimal control, mechanics, lumbar loads, OpenSim's check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from footstrike.cache.entries import entry
from footstrike.cache.results import Format, cached
from footstrike.control.drive import disc_springs
from footstrike.control.problem import Drive, TrackProblem
from footstrike.control.sample import Kinematics, at_collocation_points, frames, sample
from footstrike.control.solution import Controls, Gait, Solution, Status
from footstrike.dynamics.foot import sole_height
from footstrike.dynamics.rigid_body import Tree
from footstrike.gait.targets import Target
from footstrike.lumbar.loads import LEVELS, LumbarOptions, lumbar_loads
from footstrike.model.description import Description
from footstrike.model.measured import MeasuredMuscles, MusclePath
from footstrike.model.sides import without_side
from footstrike.muscles.load_sharing import Given
from footstrike.outcomes.joint_contact import muscles_named
from footstrike.outcomes.laws import balance
from footstrike.outcomes.muscle_outputs import with_muscle_outputs
from footstrike.outcomes.muscle_state import muscle_state
from footstrike.outcomes.strike import other_strike
from footstrike.progress import Progress, silent
from footstrike.runs import assemble
from footstrike.runs.run import Run
from footstrike.runs.store import image, read, versions
from footstrike.simulation.attempts import answered, gait_key
from footstrike.simulation.best_gait import record_of
from footstrike.simulation.gait_cache import Answer
from footstrike.simulation.initial_contact import contact_time, landing_mesh, too_coarse
from footstrike.simulation.problems import Model, Posed, posed
from footstrike.simulation.record import record
from footstrike.simulation.reporter import ProgressReporter
from footstrike.simulation.request import Request
from footstrike.workers.client import Worker, opensim_worker, warm_casadi_worker

Array = NDArray[np.float64]

SAMPLES = 401  # over a stride
TRUSTED_RESERVE_NM = 1.0  # more than this is load that no muscle carries
TRUSTED_RESERVE_SHARE = 0.1  # of the largest joint moment, where muscles are part of the problem


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
    reporter = ProgressReporter(progress)
    at = posed(request, reporter)

    def make() -> Run:
        return solve_problem(request, at.model, at.aims, at.problem, reporter)

    run, found = cached("runs", at.key(request), make, RUNS, reporter.stage)
    reporter.stage(f"{_name(request)}: {'solved before, read from the cache' if found else run.message}")
    return run


def habit_of(request: Request, progress: Progress = silent) -> Run | None:
    """The habitual gait that a request departs from, if it was solved before; None otherwise: nothing is solved here."""
    habit = request.habit
    at = posed(habit, ProgressReporter(silent))
    known = entry("runs", *at.key(habit)), entry("gaits", *gait_key(habit, at.problem, at.aims))
    return simulate(habit, progress) if any(e.read() for e in known) else None


RUNS = Format[Run](lambda run: image(run) if run.solved else None, read)


def solve_problem(
    request: Request,
    model: Model,
    aims: Mapping[str, Target],
    problem: TrackProblem,
    reporter: ProgressReporter,
) -> Run:
    """Solve a request, whether or not it was solved before, and compute all that is known of the gait.

    Parameters
    ----------
    aims
        What the right foot and, where it is another, the left foot land like.
    problem
        That of the habitual gait.
    """
    name = _name(request)
    with warm_casadi_worker() as worker:

        def ask(p: TrackProblem) -> Solution:
            return ask_worker(worker, p, name, reporter)

        answer = answered(request, model, problem, ask, reporter, aims)
    return outcomes(request, model, aims, problem, answer, reporter)


def outcomes(
    request: Request,
    model: Model,
    aims: Mapping[str, Target],
    problem: TrackProblem,
    answer: Answer,
    reporter: ProgressReporter,
) -> Run:
    """Everything that follows from a solved gait, and how well the laws of mechanics hold."""
    reporter.stage(f"{_name(request)}: forces, lumbar loads and OpenSim's own check")
    gait = answer.solved.gaits[0]
    stride = _stride_of(model, gait, request.speed)
    run = _run_of(request, Posed(model, dict(aims), problem), gait, stride)
    run = _checked(run, request, model, answer, stride)
    if not run.solved:
        return run
    return replace(run, message=run.message + other_strike(run, aims))


def unchecked(request: Request, at: Posed, solved: Solution) -> Run:
    """What follows from a gait, without any check of the solve: for derivatives of its metrics."""
    gait = solved.gaits[0]
    run = _run_of(request, at, gait, _stride_of(at.model, gait, request.speed))
    return replace(run, status=str(Status.SOLVED))


class _Stride(NamedTuple):
    """A motion sampled over a stride from initial contact, ``start`` s after that of the reference, and its mechanics."""

    start: float
    time: Array
    motion: Kinematics
    mechanics: assemble.Mechanics


def _stride_of(model: Model, gait: Gait, speed: float) -> _Stride:
    d = model.description
    start = contact_time(d, gait, speed)
    period = gait.duration * (2 if gait.ends == "mirrored" else 1)
    time = np.linspace(0.0, period, SAMPLES)
    motion = sample(gait, time + start, speed)
    motion.q["pelvis_tx"] = motion.q["pelvis_tx"] - motion.q["pelvis_tx"][0]
    return _Stride(start, time, motion, assemble.mechanics(d, d.spheres, motion))


def _checked(run: Run, request: Request, model: Model, answer: Answer, stride: _Stride) -> Run:
    """The run with how its solve ended, and how far it can be trusted."""
    solved, nlp, d = answer.solved, answer.solved.nlp, model.description
    gait = solved.gaits[0]
    collocated = at_collocation_points(gait, request.speed)
    points = assemble.mechanics(d, d.spheres, collocated)
    left, balances = (
        assemble.residual_bw(stride.mechanics),
        balance(stride.mechanics, stride.motion, stride.time),
    )
    solver: dict[str, Any] = {
        **run.solver,
        "wall_s": answer.wall_s,
        "iterations": nlp.iterations,
        "points": len(gait.basis.points),
        "residual_max_bw": float(assemble.residual_bw(points).max()),
        "opensim_residual_max_bw": opensim_residual_bw(model, points, collocated),
        "starts": request.options.starts,
        "objective": nlp.objective,
        **answer.starts,
        "fallbacks": list(answer.fallbacks),
        "ipopt_status": nlp.words,
        "derivatives_cached": solved.derivatives_cached,
        **landing_mesh(gait, stride.start, stride.time, left),
        "between_points_residual_max_bw": float(left.max()),
        "between_points_residual_rms_bw": float(np.sqrt(np.mean(left**2))),
        "energy_imbalance": balances.energy_imbalance_share,
        "energy_imbalance_rms_w_per_kg": balances.energy_imbalance_rms_w_per_kg,
        "momentum_imbalance_max_bw": balances.momentum_imbalance_max_bw,
    }
    if solved.optimum:
        solver["optimum"] = record_of(solved.optimum)
    status, message = solved.status, nlp.message
    if status is not Status.SOLVED and nlp.diagnosis:
        message = f"{message}. {nlp.diagnosis}"
    if status is Status.SOLVED:
        message = trusted(message, solver, run.torques) + too_coarse(solver)
    return replace(run, status=str(status), message=message, solver=solver)


def ask_worker(worker: Worker, problem: TrackProblem, name: str, reporter: ProgressReporter) -> Solution:
    """Solve a problem in a worker that tells how it gets on."""
    answer: Solution = worker.call("track", problem, progress=lambda event: reporter.event(name, event))
    return answer


def _sampled(model: Model, drive: Drive, motion: Kinematics) -> list[MusclePath]:
    """Paths of the muscles that are not straight, along the motion."""
    names = model.description.coordinate_names
    bent = [m.name for m in drive.muscles if not m.path]
    paths: list[MusclePath] = opensim_worker().call(
        "muscle_paths", model.osim, names, frames(motion.q, names), bent
    )
    return paths


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


def _run_of(request: Request, at: Posed, gait: Gait, stride: _Stride) -> Run:
    """The run of a gait; nothing is said yet of how it was solved."""
    model, aims, problem = at
    time, motion, m = stride.time, stride.motion, stride.mechanics
    d = model.description
    muscles, sampled, supplied = None, None, _reserves(gait.controls)
    if gait.controls is None:
        spine = lumbar_loads(d, motion.q, motion.qd, motion.qdd, m.contact)
    else:
        sampled = _sampled(model, problem.drive, motion)
        muscles = muscle_state(problem.drive, gait, d, motion, time + stride.start, sampled)
        springs = disc_springs(request.subject) if request.subject.disc_springs else None
        spine = lumbar_loads(
            d,
            motion.q,
            motion.qd,
            motion.qdd,
            m.contact,
            LumbarOptions(discs=springs),
            given=Given(muscles.names, muscles.activations, muscles.tension),
            measured=MeasuredMuscles(sampled),
        )
    points = assemble.points(m, LEVELS)
    run = Run(
        spec={
            **request.specification(),
            "target": aims["right"].source,
            "leg_length_m": leg_length(d),
            "model": d.name,
            "versions": versions(),
        },
        status="",
        message="",
        solver={"reserve_max_nm": spine.reserve_max_nm, **supplied},
        mass=d.mass,
        model_osim=model.osim,
        time=time,
        coordinates=motion.q,
        speeds=motion.qd,
        accelerations=motion.qdd,
        torques=m.torques,
        ground_force=assemble.ground_forces(m),
        ground_point=assemble.centres_of_pressure(m),
        points=points,
        point_accelerations=assemble.point_accelerations(m),
        segments=assemble.segments(m, points),
        muscle_names=spine.muscle_names,
        muscle_groups=[m.group for m in muscles_named(d, spine.muscle_names)],
        activations=spine.activations,
        muscle_forces=spine.muscle_forces,
        lumbar=spine.lumbar,
        lumbar_net=assemble.lumbar_net(m),
    )
    if muscles is not None:
        run = replace(run, fibre_length=muscles.fibre_length, fibre_velocity=muscles.fibre_velocity)
        run = with_muscle_outputs(run, d, m.contact, sampled)
    return replace(run, spec={**run.spec, **record(request.subject, problem)})


def _reserves(controls: Controls | None) -> dict[str, Any]:
    """What the solver's record says of reserves, N m; nothing where no muscles drive."""
    if controls is None:
        return {}
    return {
        "reserve_rms_nm": float(np.sqrt(np.mean(controls.reserves**2))),
        "reserve_max_nm": float(np.abs(controls.reserves).max()),
        "reserves_max_nm": largest_reserves(controls),
    }


def trusted(message: str, solver: dict[str, Any], torques: dict[str, Array]) -> str:
    """The message of a solved run, with what its muscles could not supply where that matters."""
    reserve = solver["reserve_max_nm"]
    if "reserves_max_nm" not in solver and reserve > TRUSTED_RESERVE_NM:
        return (
            f"converged, but the trunk's muscles saturate: {reserve:.0f} N m are left to reserves, so "
            "do not trust the peak lumbar loads"
        )
    largest = max(float(np.abs(v).max()) for k, v in torques.items() if not k.startswith("pelvis_"))
    if reserve > TRUSTED_RESERVE_SHARE * largest:
        joint = (
            next(iter(solver.get("reserves_max_nm", ())), "a joint").removesuffix("_angle").replace("_", " ")
        )
        return (
            f"converged, but reserves supply up to {reserve:.0f} N m at {joint} that the muscles cannot (largest joint "
            f"moment {largest:.0f} N m): the request asks much of this runner"
        )
    return message


def largest_reserves(controls: Controls) -> dict[str, float]:
    """The largest reserve (N m) of each coordinate, of the two sides the larger one, the largest first."""
    largest: dict[str, float] = {}
    for name, value in zip(controls.balanced, np.abs(controls.reserves).max(axis=0), strict=True):
        joint = without_side(name)
        largest[joint] = max(float(value), largest.get(joint, 0.0))
    return dict(sorted(largest.items(), key=lambda of: -of[1]))


def leg_length(description: Description) -> float:
    """Height of the hip centre above the lowest contact sphere in the model's neutral posture, m."""
    tree = Tree(description)
    neutral = tree.motion(dict.fromkeys(description.coordinate_names, 0.0))
    body, at = description.markers["hip_r"]
    hip = float(tree.position(neutral, body, [float(x) for x in at])[1])
    return hip - float(sole_height(tree, neutral))


def _name(request: Request) -> str:
    return f"{request.strike} at {request.speed:g} m/s"
