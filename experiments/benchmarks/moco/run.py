"""Solve one of the benchmark's problems with OpenSim Moco, under a limit of CPU time, and with Footstrike.

    python experiments/benchmarks/moco/run.py PROBLEM [--limit MINUTES] [--threads N] [-o DIR] [--dynamics explicit]
                                              [--iterations N] [--guess FILE] [--ours]

PROBLEM is walking_torque, walking_muscles (both need FOOTSTRIKE_DATA), runner_torque or runner_muscles. Moco works in
DIR/KEY, where KEY is the hash of problem, settings and these scripts: a result that is there already is only printed,
and work that was cut off starts anew. Every iteration of IPOPT is logged with its time (iterations.csv), so a solve
that meets its limit still tells objective and violation reached; its last written iterate is evaluated by the same
function as any solution (objective.py). With --ours, Footstrike solves the same on as many cores, and both are
compared: wall and CPU time with their ratios, which are lower bounds where Moco met its limit, and the objective,
of our solution also with OpenSim's own contact forces. OpenSim's inverse dynamics check our solution, and guess.npz
beside it lets Moco start there (--guess). Prints one JSON object.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import pickle
import pty
import re
import resource
import signal
import subprocess
import sys
import time as clock
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from objective import Trajectory, objective
from problem import Array, Problem
from problems import PROBLEMS, problem

from footstrike.cache.entries import content
from footstrike.files import to_json, write_atomically

HERE = Path(__file__).parent
GUESS = "guess.npz"  # our solution as Moco's guess
SCRIPTS = ("problem*", "objective.py", "moco_*.py")
_ITERATION = re.compile(r"^ *(\d+)r? +([-+.\de]+) +([-+.\de]+) +([-+.\de]+) +[-\d.]+ ")


def main() -> None:
    """Read the command line, solve, print."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("problem", choices=PROBLEMS)
    options.add_argument(
        "--limit",
        type=float,
        default=90.0,
        help="minutes of CPU time for Moco, all its threads together: with one thread the same as wall time on an "
        "idle machine, and not shortened by a busy one",
    )
    options.add_argument("--threads", type=int, default=1)
    options.add_argument("-o", "--output", type=Path, default=Path("moco-benchmark"))
    options.add_argument("--dynamics", choices=["explicit", "implicit"], default="explicit")
    options.add_argument("--iterations", type=int, default=3000)
    options.add_argument(
        "--guess", type=Path, help="solution of Moco whose motion to start from, or guess.npz of ours"
    )
    options.add_argument("--ours", action="store_true", help="solve it with Footstrike, too")
    args = options.parse_args()
    if args.ours and hasattr(os, "sched_setaffinity"):  # Moco obeys its own number of threads
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-args.threads :])
    given = problem(args.problem)
    mine = footstrike(given, args.output.absolute()) if args.ours else None
    theirs = moco(given, args)
    print(to_json(compared(theirs, mine) if mine else theirs, indent=1))


def footstrike(given: Problem, output: Path) -> dict[str, Any]:
    """Footstrike's result, its objective evaluated with its own contact forces and with OpenSim's."""
    from ours import margin, solve_ours

    found = solve_ours(given, lambda event: print(event, file=sys.stderr, flush=True))
    own: Trajectory = found.pop("trajectory")
    replayed: dict[str, Array] = found.pop("replayed")
    folder = output / f"{given.name}-footstrike"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "problem.pickle").write_bytes(pickle.dumps(given))
    file = folder / GUESS
    np.savez(file, **replayed)
    _moco_process(["replay", ".", file.name], folder)
    told = dict(np.load(file))
    theirs = replace(own, force={side: told[f"force/{side}"][1:] for side in own.force})
    return {
        "problem": given.name,
        "program": "Footstrike",
        "date": clock.strftime("%Y-%m-%d"),
        **found,
        "nearest_bound": margin(given, own),
        "evaluated": objective(given, own),
        "evaluated_with_opensim_forces": objective(given, theirs),
        "opensim": _told(given, own, told),
        "guess": str(file),
    }


def _told(given: Problem, own: Trajectory, told: dict[str, Array]) -> dict[str, Any]:
    """How far OpenSim's ground forces (N) and equations of motion (N, N m) are from ours along our solution."""
    residual = {n: told[f"residual/{n}"][1:] for n in given.description.coordinate_names}
    worst = max(residual, key=lambda n: float(np.abs(residual[n]).max()))
    return {
        "ground_force_difference_n": max(
            float(np.abs(told[f"force/{s}"][1:] - f).max()) for s, f in own.force.items()
        ),
        "largest_residual": {"coordinate": worst, "value": float(np.abs(residual[worst]).max())},
        "rms_residual": float(np.sqrt(np.mean(np.square(list(residual.values()))))),
    }


def compared(theirs: dict[str, Any], mine: dict[str, Any]) -> dict[str, Any]:
    """Both results and their ratios; a bound where Moco did not get to an end, and none where we did not."""
    solved = bool(mine["converged"])
    bound = "measured" if theirs["converged"] else "lower bound"
    total = mine["evaluated"]["total"]
    return {
        "moco": theirs,
        "footstrike": mine,
        "ratio": {
            "kind": bound if solved else "none: Footstrike did not converge",
            "wall": theirs["wall_s"] / mine["wall_s"] if solved else None,
            "cpu": theirs["cpu_s"] / mine["cpu_s"] if solved else None,
        },
        "objective_difference": theirs["objective"] / total - 1 if theirs["converged"] and solved else None,
    }


def moco(given: Problem, args: argparse.Namespace) -> dict[str, Any]:
    """Moco's result; read back if it is there."""
    settings = {k: getattr(args, k) for k in ("limit", "threads", "dynamics", "iterations")}
    start = args.guess.read_bytes() if args.guess else b""
    folder = args.output.absolute() / f"{given.name}-{_key(given, settings, start)}"
    result = folder / "result.json"
    if result.exists():
        return dict(json.loads(result.read_text(encoding="utf-8")))
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*"):
        old.unlink()
    (folder / "problem.pickle").write_bytes(pickle.dumps(given))
    command = ["solve", ".", "--threads", str(args.threads), "--iterations", str(args.iterations)]
    command += ["--dynamics", args.dynamics, *(["--guess", str(args.guess.absolute())] if args.guess else [])]
    print(f"Moco works in {folder}", file=sys.stderr, flush=True)
    run = _watched(command, folder, 60 * args.limit, args.threads)
    found = _report(given, folder, settings, run)
    if found["converged"] or run["timed_out"] or found["status"] == "Maximum_Iterations_Exceeded":
        write_atomically(result, to_json(found, indent=1).encode())
    return found


def _key(given: Problem, settings: dict[str, Any], start: bytes) -> str:
    digest = hashlib.sha256(content((given, sorted(settings.items()), start)))
    for file in sorted(f for pattern in SCRIPTS for f in HERE.glob(pattern)):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def _watched(command: list[str], folder: Path, limit: float, threads: int) -> dict[str, Any]:
    """Run the Moco process on a terminal, so that its lines come at once; ``limit`` (s) of CPU time ends it."""
    env = {**os.environ, "OMP_NUM_THREADS": str(threads), "OPENBLAS_NUM_THREADS": str(threads)}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = clock.monotonic()
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, str(HERE / "moco_solve.py"), *command, "--cpu", str(round(limit))],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=follower,
        stderr=follower,
        env=env,
        start_new_session=True,
    )
    os.close(follower)
    try:
        solving = _follow(leader, folder, started, process.pid)
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    finally:
        process.wait()
        os.close(leader)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    wall = clock.monotonic() - started
    ended = process.returncode == -signal.SIGXCPU
    return {"wall_s": wall, "cpu_s": cpu, "setup_s": solving, "timed_out": ended, "code": process.returncode}


def _moco_process(command: list[str], folder: Path) -> None:
    subprocess.run(
        [sys.executable, str(HERE / "moco_solve.py"), *command],
        cwd=folder,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _follow(leader: int, folder: Path, started: float, pid: int) -> float | None:
    """Write the process's lines to log.txt and its iterations to iterations.csv; when solving began, s."""
    solving, rest = None, b""
    with (
        (folder / "log.txt").open("wb") as log,
        (folder / "iterations.csv").open("w", encoding="utf-8") as table,
    ):
        table.write("wall_s,cpu_s,iteration,objective,primal_infeasibility,dual_infeasibility\n")
        while True:
            try:
                chunk = os.read(leader, 65536)
            except OSError:  # the other end is closed
                return solving
            if not chunk:
                return solving
            *lines, rest = (rest + chunk).split(b"\n")
            for raw in lines:
                line = raw.decode(errors="replace").rstrip("\r")
                wall = clock.monotonic() - started
                log.write(f"{line}\n".encode())
                log.flush()
                if line == "SOLVING":
                    solving = wall
                match = _ITERATION.match(line)
                if match:
                    table.write(f"{wall:.2f},{_cpu_time(pid):.2f},{','.join(match.groups())}\n")
                    table.flush()


def _cpu_time(pid: int) -> float:
    """CPU time of a process so far, s; not a number where the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    except OSError:
        return float("nan")
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _report(given: Problem, folder: Path, settings: dict[str, Any], run: dict[str, Any]) -> dict[str, Any]:
    rows = (folder / "iterations.csv").read_text(encoding="utf-8").splitlines()[1:]
    history = np.array([[float(x) for x in row.split(",")] for row in rows]).reshape(-1, 6)
    summary = folder / "summary.json"
    own = json.loads(summary.read_text(encoding="utf-8")) if summary.exists() else {}
    iterates = sorted(folder.glob("*_trajectory*.sto"))
    last = folder / "solution.sto" if own else iterates[-1] if iterates else None
    if last is not None and not own:
        _moco_process(["export", ".", last.name], folder)
    status = own.get("status") or (
        "limit of CPU time" if run["timed_out"] else f"ended with code {run['code']}"
    )
    return {
        "problem": given.name,
        "program": "OpenSim Moco",
        "date": clock.strftime("%Y-%m-%d"),
        "settings": settings,
        "status": status,
        "converged": bool(own.get("success", False)),
        **run,
        "solve_s": own.get("solve_s")
        or (run["wall_s"] - run["setup_s"] if run["setup_s"] is not None else None),
        "iterations": int(history[-1, 2]) if len(history) else 0,
        "cpu_per_iteration_s": _pace(history),
        "objective": own.get("objective", history[-1, 3] if len(history) else None),
        "primal_infeasibility": history[-1, 4] if len(history) else None,
        "dual_infeasibility": history[-1, 5] if len(history) else None,
        "moco_terms": own.get("terms"),
        "evaluated": _evaluated(given, folder / "trajectory.npz"),
        "evaluated_file": last.name if last else None,
        "folder": str(folder),
    }


def _pace(history: Array) -> float | None:
    return float((history[-1, 1] - history[0, 1]) / (len(history) - 1)) if len(history) > 1 else None


def _evaluated(given: Problem, file: Path) -> dict[str, float] | None:
    """The objective's terms, by our own function, of what Moco reached."""
    if not file.exists():
        return None
    return objective(given, trajectory(dict(np.load(file))))


_KINDS = {
    "value": "values",
    "rate": "rates",
    "control": "controls",
    "activation": "activations",
    "force": "force",
}


def trajectory(stored: dict[str, Array]) -> Trajectory:
    """A trajectory from the arrays of trajectory.npz."""
    parts = {
        field: {k.split("/", 1)[1]: v for k, v in stored.items() if k.startswith(kind + "/")}
        for kind, field in _KINDS.items()
    }
    return Trajectory(time=stored["time"], **parts)


def arrays(motion: Trajectory) -> dict[str, Array]:
    """A trajectory as the arrays of trajectory.npz."""
    parts = {f"{kind}/{n}": v for kind, field in _KINDS.items() for n, v in getattr(motion, field).items()}
    return {"time": motion.time, **parts}


if __name__ == "__main__":
    main()
