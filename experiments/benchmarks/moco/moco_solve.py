"""The Moco process: solves a pickled problem with MocoCasADiSolver, or exports a trajectory that was reached.

    python moco_solve.py solve FOLDER --threads N --iterations N --dynamics explicit|implicit [--guess FILE.sto|npz]
                                [--cpu SECONDS]
    python moco_solve.py export FOLDER FILE.sto
    python moco_solve.py replay FOLDER FILE.npz

FOLDER has problem.pickle; solve writes solution.sto, now and then an iterate, and summary.json; export writes
trajectory.npz at the Radau points; replay adds what OpenSim says of a motion of Footstrike's (moco_replay.py), which
then can be a guess.
"""

from __future__ import annotations

import argparse
import json
import pickle
import resource
import time as clock
from pathlib import Path
from typing import Any

import numpy as np
from moco_model import driven_model
from moco_replay import replay, whole_motion
from moco_study import tracking_study
from problem import Array, Problem

from footstrike.control.basis import radau_basis
from footstrike.opensim.opened_model import each
from footstrike.opensim.osim import osim

ITERATES_EVERY = 1
SMALL_ACTIVATION = 0.05  # to start from
STAY_NEAR = (
    "bound_push 1e-6\nbound_frac 1e-6\nmu_init 1e-4\n"  # IPOPT's own options move a start off its bounds
)


def main() -> None:
    """Dispatch."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("task", choices=["solve", "export", "replay"])
    options.add_argument("folder", type=Path)
    options.add_argument("file", nargs="?")
    options.add_argument("--threads", type=int, default=1)
    options.add_argument("--iterations", type=int, default=3000)
    options.add_argument("--dynamics", default="explicit")
    options.add_argument("--guess")
    options.add_argument("--cpu", type=int, help="the system ends the process after so much CPU time")
    args = options.parse_args()
    problem: Problem = pickle.loads((args.folder / "problem.pickle").read_bytes())
    if args.task == "export":
        export(problem, osim.MocoTrajectory(args.file), args.folder / "trajectory.npz")
        return
    if args.task == "replay":
        replay(problem, Path(args.file))
        return
    if args.cpu:
        resource.setrlimit(resource.RLIMIT_CPU, (args.cpu, args.cpu + 5))
    started = clock.perf_counter()
    study = tracking_study(problem, args.folder)
    solver = configured(study, problem, args)
    start = guess(problem, study, solver, args.guess)
    solver.setGuess(start)
    osim.Logger.setLevelString("Info")
    ready = clock.perf_counter()
    print("SOLVING", flush=True)
    solution = study.solve()
    wall = clock.perf_counter() - ready
    success = solution.success()
    solution.unseal()
    solution.write(str(args.folder / "solution.sto"))
    terms = {name: solution.getObjectiveTerm(name) for name in solution.getObjectiveTermNames()}
    summary = {
        "status": solution.getStatus(),
        "success": bool(success),
        "iterations": solution.getNumIterations(),
        "objective": solution.getObjective(),
        "terms": terms,
        "setup_s": ready - started,
        "solve_s": wall,
        "solver_s": solution.getSolverDuration(),
    }
    (args.folder / "summary.json").write_text(json.dumps(summary, indent=1))
    export(problem, osim.MocoTrajectory(str(args.folder / "solution.sto")), args.folder / "trajectory.npz")


def configured(study: Any, problem: Problem, args: argparse.Namespace) -> Any:
    """The solver as opensim-core's own walking example has it, with the problem's mesh and tolerances."""
    solver = study.initCasADiSolver()
    solver.setMesh(osim.StdVectorDouble(problem.breaks.tolist()))
    solver.set_transcription_scheme("legendre-gauss-radau-3")
    solver.set_kinematic_constraint_method("Bordalba2023")
    solver.set_multibody_dynamics_mode(args.dynamics)
    solver.set_optim_convergence_tolerance(problem.convergence_tolerance)
    solver.set_optim_constraint_tolerance(problem.constraint_tolerance)
    solver.set_optim_max_iterations(args.iterations)
    solver.set_parallel(args.threads if args.threads > 1 else 0)
    solver.set_output_interval(ITERATES_EVERY)
    solver.resetProblem(study.getProblem())
    return solver


def guess(problem: Problem, study: Any, solver: Any, file: str | None) -> Any:
    """The reference motion, or that of an earlier solution, no torque, little activation; or all of Footstrike's."""
    start = solver.createGuess("bounds")
    basis = radau_basis(problem.breaks)
    grid = problem.start + problem.duration * np.append(0.0, basis.points)
    grid[-1] = problem.end
    start.resampleWithNumTimes(len(grid))
    start.setTime(osim.Vector(grid.tolist()))
    model = driven_model(problem)
    columns = {}
    for c in each(model.getCoordinateSet()):
        name, path = c.getName(), c.getAbsolutePathString()
        if name in problem.values:
            columns[f"{path}/value"] = np.interp(grid, problem.time, problem.values[name])
            columns[f"{path}/speed"] = np.interp(grid, problem.time, problem.rates[name])
    columns |= _coupled(model, columns)
    if file and file.endswith(".npz"):
        Path("ipopt.opt").write_text(STAY_NEAR, encoding="utf-8")
        return _footstrikes(problem, model, start, dict(np.load(file)))
    if file:
        earlier = osim.MocoTrajectory(file)
        old = earlier.getTimeMat()
        known = set(earlier.getStateNames())
        columns |= {n: np.interp(grid, old, earlier.getStateMat(n)) for n in columns if n in known}
    for name in start.getStateNames():
        values = columns.get(name, np.full(len(grid), SMALL_ACTIVATION))
        start.setState(name, osim.Vector(np.asarray(values).tolist()))
    for name in start.getControlNames():
        level = 0.0 if "drive_" in name else SMALL_ACTIVATION
        start.setControl(name, osim.Vector(len(grid), level))
    return start


def _footstrikes(problem: Problem, model: Any, start: Any, given: dict[str, Array]) -> Any:
    """A replayed solution of Footstrike's on Moco's grid, forces of constraints included."""
    motion = whole_motion(problem, model, given)
    states = {f"/forceset/{m.name}/activation": m.name for m in problem.description.muscles}
    for name in start.getStateNames():
        values = given[f"activation/{states[name]}"] if name in states else motion[name]
        start.setState(name, osim.Vector(np.asarray(values).tolist()))
    controls = {f"/forceset/drive_{d.coordinate}": f"control/{d.coordinate}" for d in problem.drives}
    excitations = {f"/forceset/{m.name}": f"excitation/{m.name}" for m in problem.description.muscles}
    for name in start.getControlNames():
        values = given[{**controls, **excitations}[name]]
        start.setControl(name, osim.Vector(values.tolist()))
    for i, name in enumerate(start.getMultiplierNames()):
        start.setMultiplier(name, osim.Vector(given[f"multiplier/{i}"].tolist()))
    return start


def _coupled(model: Any, columns: dict[str, Array]) -> dict[str, Array]:
    """Values and speeds of coordinates that couplers drive."""
    paths = {c.getName(): c.getAbsolutePathString() for c in each(model.getCoordinateSet())}
    out = {}
    for constraint in each(model.getConstraintSet()):
        coupler = osim.CoordinateCouplerConstraint.safeDownCast(constraint)
        leader = paths[coupler.getIndependentCoordinateNames().get(0)]
        follower = paths[coupler.getDependentCoordinateName()]
        function, first = coupler.getFunction(), osim.StdVectorInt()
        first.append(0)
        q, qd = columns[f"{leader}/value"], columns[f"{leader}/speed"]
        out[f"{follower}/value"] = np.array([function.calcValue(osim.Vector(1, float(x))) for x in q])
        slope = np.array([function.calcDerivative(first, osim.Vector(1, float(x))) for x in q])
        out[f"{follower}/speed"] = slope * qd
    return out


def export(problem: Problem, trajectory: Any, file: Path) -> None:
    """Motion, controls, activations and OpenSim's own ground forces at the Radau points, as arrays."""
    model = driven_model(problem)
    paths = {c.getName(): c.getAbsolutePathString() for c in each(model.getCoordinateSet())}
    states, controls = set(trajectory.getStateNames()), set(trajectory.getControlNames())
    motion = {n: trajectory.getStateMat(n) for n in states if n.endswith(("/value", "/speed"))}
    out = {"time": trajectory.getTimeMat()[1:]}
    for name in problem.description.coordinate_names:
        out[f"value/{name}"] = motion[f"{paths[name]}/value"][1:]
        out[f"rate/{name}"] = motion[f"{paths[name]}/speed"][1:]
    for drive in problem.drives:
        path = f"/forceset/drive_{drive.coordinate}"
        if path in controls:
            out[f"control/{drive.coordinate}"] = trajectory.getControlMat(path)[1:]
    for muscle in problem.description.muscles:
        path = f"/forceset/{muscle.name}/activation"
        if path in states:
            out[f"activation/{muscle.name}"] = trajectory.getStateMat(path)[1:]
    for side, force in forces_along(model, problem, motion).items():
        out[f"force/{side}"] = force[1:]
    np.savez(file, **out)


def forces_along(model: Any, problem: Problem, motion: dict[str, Array]) -> dict[str, Array]:
    """(K, 3) N on each foot by OpenSim; ``motion`` has value and speed of every coordinate by its path."""
    state = model.initSystem()
    coordinates = each(model.updCoordinateSet())
    frames = len(next(iter(motion.values())))
    spheres = {
        s: [x.name for x in problem.description.spheres if x.name.endswith(f"_{s[0]}")] for s in problem.force
    }
    out = {side: np.zeros((frames, 3)) for side in problem.force}
    for k in range(frames):
        for c in coordinates:
            c.setValue(state, float(motion[f"{c.getAbsolutePathString()}/value"][k]), False)
            c.setSpeedValue(state, float(motion[f"{c.getAbsolutePathString()}/speed"][k]))
        model.realizeVelocity(state)
        for side, names in spheres.items():
            for name in names:
                record = model.getForceSet().get(f"contact_{name}").getRecordValues(state)
                out[side][k] += [record.get(i) for i in range(3)]
    return out


if __name__ == "__main__":
    main()
