"""How long a tracking solve takes, how it grows, and whether a C compiler would help.

    python experiments/benchmarks/solves.py [--speeds 2.5 3.5 4.5] [--legs muscles|torques]
    python experiments/benchmarks/solves.py --sizes [-o FILE.csv]
    python experiments/benchmarks/solves.py --growth
    python experiments/benchmarks/solves.py --compiler

The first prints, for both strikes at each speed, wall time and iterations of the solve itself (caches of results are
not used; derivatives are made once for a model and kept). ``--sizes`` solves both strikes at five speeds for four
runners of other sizes on 60 points, and tells what solved at the first attempt and what needed the retry ladder; a row of FILE.csv
is written after each solve, and rows that are there already are not solved again. ``--growth`` solves rearfoot running at 3.5 m/s with 30 to
240 points, and without muscles, with the reduced and with the full trunk: time, memory and non-zeros. ``--compiler`` tells what
generated C would gain: the time to compile the derivatives of one point and their speed against CasADi's own virtual
machine. Times are of the machine it runs on: compare within one run.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from footstrike.control.fallback import solve_with_fallbacks
from footstrike.control.problem import TrackProblem
from footstrike.gait.targets import HABITUAL, target
from footstrike.model.scaling import leg_scale
from footstrike.model.subject import Subject
from footstrike.simulation.problems import runner, track_problem
from footstrike.simulation.request import Request
from footstrike.workers.client import casadi_worker

SIZES = ((1.55, 48.0), (1.65, 60.0), (1.80, 75.0), (1.95, 95.0))  # m, kg
SIZE_POINTS = 60
SPEEDS = (2.5, 3.0, 3.5, 4.0, 4.5)  # m/s

_GROWN = """
import pickle, resource, sys, time
from footstrike.control import nlp, track
from footstrike.control.basis import radau_basis
from footstrike.control.point import Point
from footstrike.control.program import tracking_program
problem = pickle.load(open(sys.argv[1], "rb"))
track.derivatives(problem, None)
start, used = time.perf_counter(), time.process_time()
solved = track.track(problem)
wall, cpu = time.perf_counter() - start, time.process_time() - used
basis, point = radau_basis(problem.breaks), Point(problem)
functions, _ = track.derivatives(problem, None)
program, layout = tracking_program(problem, basis, point, functions)
whole = nlp.Assembly(program)
print(f"{len(basis.points):4d} points {len(point.controls):4d} muscles {layout.count:6d} variables "
      f"{whole.jac_g().sparsity_out(1).nnz():8d} Jacobian {whole.hess_lag(whole.second).sparsity_out(0).nnz():8d} "
      f"Hessian non-zeros {wall:6.1f} s, {cpu:6.1f} s CPU {solved.nlp.iterations:4d} iterations "
      f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:5.2f} GiB {solved.nlp.words}", flush=True)
"""

_COMPILED = """
import pickle, subprocess, sys, time
from footstrike.control.nlp import differentiate
from footstrike.control.point import point_problem
from footstrike.workers.casadi_ import ca
problem = pickle.load(open(sys.argv[1], "rb"))
functions = differentiate(point_problem(problem))
for name in ("value", "first", "gauss_newton", "second"):
    f = getattr(functions, name)
    code = ca.CodeGenerator(name + ".c", {"with_header": False})
    code.add(f)
    code.generate()
    start = time.perf_counter()
    subprocess.run(["cc", "-fPIC", "-shared", "-O1", name + ".c", "-o", name + ".so"], check=True)
    built = time.perf_counter() - start
    c = ca.external(name, "./" + name + ".so")
    arguments = [ca.DM.rand(f.sparsity_in(i)) for i in range(f.n_in())]
    seconds = []
    for g in (f, c):
        start = time.perf_counter()
        for _ in range(30):
            g(*arguments)
        seconds.append((time.perf_counter() - start) / 30)
    print(f"{name:13s} {f.n_instructions():7d} operations, build {built:6.1f} s, "
          f"virtual machine {1e3 * seconds[0]:.2f} ms, compiled {1e3 * seconds[1]:.2f} ms", flush=True)
"""


def main() -> None:
    """Solve, time, print."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--compiler", action="store_true")
    options.add_argument("--growth", action="store_true")
    options.add_argument("--sizes", action="store_true")
    options.add_argument("-o", "--output", type=Path, default=Path("sizes.csv"))
    options.add_argument("--legs", choices=("muscles", "torques"), default="muscles")
    options.add_argument("--speeds", type=float, nargs="*", default=[2.5, 3.5, 4.5])
    args = options.parse_args()
    if args.growth:
        grow()
    elif args.sizes:
        over_sizes(args.output)
    elif args.compiler:
        _elsewhere(_COMPILED, problem_of("rearfoot", 3.5, args.legs))
    else:
        for speed in args.speeds:
            for strike in HABITUAL:
                problem = problem_of(strike, speed, args.legs)
                start = time.perf_counter()
                with casadi_worker() as worker:
                    solved = worker.call("track", problem)
                wall, outcome = time.perf_counter() - start, solved.nlp
                print(
                    f"{strike} {speed:g} m/s: {wall:5.1f} s, {outcome.iterations} iterations, {outcome.status}"
                    + ("" if solved.derivatives_cached else ", derivatives made anew"),
                    flush=True,
                )


def problem_of(
    strike: str, speed: float, legs: str = "muscles", points: int = 96, spec: Subject | None = None
) -> TrackProblem:
    """The optimal control problem of habitual running."""
    request = Request.of(strike=strike, speed=speed, legs=legs, points=points)
    model = runner(spec or request.subject)
    return track_problem(model, request, target(strike, speed))


def over_sizes(output: Path) -> None:
    """Both strikes, five speeds, four sizes: what solves, at which attempt, in what time."""
    done = set()
    if output.exists():
        done = {tuple(line.split(",")[:4]) for line in output.read_text(encoding="utf-8").splitlines()[1:]}
    else:
        output.write_text(
            "height_m,mass_kg,strike,speed_mps,solved,attempts,iterations,wall_s,cpu_s\n", "utf-8"
        )
    for height, mass in SIZES:
        for strike in HABITUAL:
            for speed in SPEEDS:
                case = (str(height), str(mass), strike, str(speed))
                if case in done:
                    continue
                row = [
                    *case,
                    *map(
                        str,
                        _attempted(
                            Request.of(
                                strike=strike, speed=speed, height=height, mass=mass, points=SIZE_POINTS
                            )
                        ),
                    ),
                ]
                with output.open("a", encoding="utf-8") as file:
                    file.write(",".join(row) + "\n")
                print(*row, flush=True)


def _attempted(request: Request) -> tuple[bool, int, int, float, float]:
    """Whether it solved, attempts, iterations of the last, wall time and CPU time of the worker, s."""
    spec = request.subject
    model = runner(spec)
    problem = track_problem(model, request, target(request.strike, request.speed, leg_scale(spec)))
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    with casadi_worker() as worker:
        solved, fallbacks = solve_with_fallbacks(problem, lambda p: worker.call("track", p), print)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return solved.nlp.success, 1 + len(fallbacks), solved.nlp.iterations, round(wall, 1), round(cpu, 1)


def grow() -> None:
    """Time, memory and non-zeros over points and over muscles."""
    for points in (30, 60, 120, 240):
        _elsewhere(_GROWN, problem_of("rearfoot", 3.5, points=points))
    _elsewhere(_GROWN, problem_of("rearfoot", 3.5, legs="torques"))
    _elsewhere(_GROWN, problem_of("rearfoot", 3.5))
    _elsewhere(_GROWN, problem_of("rearfoot", 3.5, spec=Subject(legs="hamner", trunk="full")))


def _elsewhere(script: str, problem: TrackProblem) -> None:
    """Run a script on the problem in a process of its own, where CasADi may be loaded."""
    import pickle

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "problem.pickle"
        path.write_bytes(pickle.dumps(problem))
        subprocess.run([sys.executable, "-c", script, str(path)], cwd=folder, check=True)


if __name__ == "__main__":
    main()
