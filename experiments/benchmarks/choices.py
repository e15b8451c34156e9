"""What each choice of transcription and solver is worth: one left out or changed at a time, on one problem.

    python experiments/benchmarks/choices.py [--legs muscles|torques] [--only NAME ...]

Rearfoot running at 3.5 m/s from the default guess, each variant in a process of its own, one after another. Prints
iterations, wall and CPU time of the whole solve (assembly included, derivatives made before), objective, largest
violation and status. Objectives of other meshes are of other problems. Times are of the machine it runs on: compare
within one run.
"""

from __future__ import annotations

import argparse
import os
import pickle
import subprocess
import sys
import tempfile
from pathlib import Path

from solves import problem_of

from footstrike.workers.client import worker_environment

_SOLVE = """
import pickle, sys, time
from dataclasses import replace
from footstrike.control import nlp, options, track
from footstrike.control.basis import radau_basis
from footstrike.control.point import Point
from footstrike.control.problem import default_breaks
problem = pickle.load(open(sys.argv[1], "rb"))
{change}
wall, cpu = time.perf_counter(), time.process_time()
solved = track.track(problem)
wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
o = solved.nlp
print(f"{{o.iterations:4d}} {{wall:7.1f}} {{cpu:7.1f}} {{o.objective:10.6f}} {{o.infeasibility:8.0e}} {{o.status}}", flush=True)
"""


def _options(**changed: object) -> str:
    named = {f"ipopt.{name}": value for name, value in changed.items()}
    return f"problem = replace(problem, ipopt={named!r})"


def _mesh(points_per_interval: int, smoothness: int) -> str:
    return (
        f"problem = replace(problem, breaks=default_breaks(96, {points_per_interval}),"
        f" points_per_interval={points_per_interval}, smoothness={smoothness})"
    )


# Name: change of the problem or of the solver, in Python; environment
CHOICES: dict[str, tuple[str, dict[str, str]]] = {
    "default": ("", {}),
    "barrier in steps (monotone)": (
        _options(mu_strategy="monotone", mu_init=1e-3)
        + "; options.APPROACH.settings.update({'ipopt.mu_init': 1e-3, 'ipopt.mu_target': 3e-4, 'ipopt.max_iter': 60});"
        + "options.FINISH.settings.update({'ipopt.mu_init': 3e-5})",
        {},
    ),
    "barrier by quality function": (_options(mu_oracle="quality-function"), {}),
    "objective not scaled": (_options(obj_scaling_factor=1.0), {}),
    "approach not handed over early": ("options.APPROACH.settings['ipopt.max_iter'] = 60", {}),
    "exact Hessian throughout": (
        "nlp.Assembly.gauss_newton = property(lambda s: s.second, lambda s, v: None)",
        {},
    ),
    "2 points an interval": (_mesh(2, 1), {}),
    "4 points an interval": (_mesh(4, 1), {}),
    "accelerations continuous": (_mesh(3, 2), {}),
    "ordering: MUMPS's own": (_options(mumps_pivot_order=7), {}),
    "ordering: AMD": (_options(mumps_pivot_order=0), {}),
    "SPRAL": (_options(linear_solver="spral"), {"OMP_CANCELLATION": "TRUE", "OMP_PROC_BIND": "TRUE"}),
    "two threads for BLAS": ("", {"OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"}),
    "one thread for the points": (
        "from footstrike.workers.casadi_ import ca; _m = ca.Function.map;"
        "ca.Function.map = lambda f, n, *a: _m(f, n)",
        {},
    ),
    "memory given back": ("", {"MALLOC_MMAP_MAX_": "65536", "MALLOC_TRIM_THRESHOLD_": "131072"}),
    "from the solution at 3.6 m/s": ("near", {}),
}


def main() -> None:
    """Solve each variant, print its row."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--legs", choices=("muscles", "torques"), default="muscles")
    options.add_argument("--only", nargs="*", choices=CHOICES)
    options.add_argument("--limit", type=float, default=600.0, help="seconds for each")
    args = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        problem, near = Path(folder) / "problem.pickle", Path(folder) / "near.pickle"
        problem.write_bytes(pickle.dumps(problem_of("rearfoot", 3.5, args.legs)))
        _run(
            _SOLVE.format(change="problem = replace(problem, ipopt={'ipopt.max_iter': 1})"),
            problem,
            {},
            args.limit,
        )
        print(f"{'':32s}  its    wall     cpu  objective violation")
        for name in args.only or CHOICES:
            change, environment = CHOICES[name]
            if change == "near":
                near.write_bytes(pickle.dumps(problem_of("rearfoot", 3.6, args.legs)))
                change = f"near = track.track(pickle.load(open({str(near)!r}, 'rb'))); problem = replace(problem, guess=near)"
            print(
                f"{name:32s} {_run(_SOLVE.format(change=change), problem, environment, args.limit)}",
                flush=True,
            )


def _run(script: str, problem: Path, environment: dict[str, str], limit: float) -> str:
    env = {**worker_environment(), **environment}
    try:
        done = subprocess.run(
            [sys.executable, "-c", script, str(problem)],
            env=env,
            capture_output=True,
            text=True,
            timeout=limit,
        )
    except subprocess.TimeoutExpired:
        return f"not solved in {limit:g} s"
    lines = done.stdout.strip().splitlines()
    return lines[-1] if done.returncode == 0 and lines else f"failed: {done.stderr.strip().splitlines()[-1:]}"


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
