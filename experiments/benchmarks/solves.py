"""How long a tracking solve takes, and whether a C compiler would help.

    python experiments/benchmarks/solves.py [--compiler] [--speeds 2.5 3.5 4.5]

prints, for both strikes at each speed, wall time and iterations of the solve itself (caches of results are not
used), and with ``--compiler`` what generated C would gain: the time to compile the derivatives of one point and
their speed against CasADi's own virtual machine. Times are of the machine it runs on: compare within one run.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from footstrike.engines.client import casadi_worker
from footstrike.gait.request import Request
from footstrike.gait.targets import STRIKES, target
from footstrike.model.runner import RunnerSpec
from footstrike.solution.pipeline import runner, track_problem

_COMPILED = """
import pickle, subprocess, sys, time
from footstrike.control.nlp import differentiate
from footstrike.control.point import Point
from footstrike.engines.casadi_ import ca
problem = pickle.load(open(sys.argv[1], "rb"))
functions = differentiate(Point(problem).problem())
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
    options.add_argument("--speeds", type=float, nargs="*", default=[2.5, 3.5, 4.5])
    args = options.parse_args()
    model = runner(RunnerSpec())
    for speed in args.speeds:
        for strike in STRIKES:
            request = Request(strike=strike, speed=speed)
            problem = track_problem(model.description, target(strike, speed), request)
            start = time.perf_counter()
            with casadi_worker() as worker:
                outcome = worker.call("track", problem).outcome
            wall = time.perf_counter() - start
            print(
                f"{strike} {speed:g} m/s: {wall:5.1f} s, {outcome.iterations} iterations, {outcome.status}",
                flush=True,
            )
    if args.compiler:
        _compile(track_problem(model.description, target("rearfoot", 3.5), Request(strike="rearfoot")))


def _compile(problem: object) -> None:
    import pickle

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "problem.pickle"
        path.write_bytes(pickle.dumps(problem))
        subprocess.run([sys.executable, "-c", _COMPILED, str(path)], cwd=folder, check=True)


if __name__ == "__main__":
    main()
