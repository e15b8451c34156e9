"""The corners of modified gaits by this version and by another one: time, and what the foot landed with.

    python experiments/benchmarks/versions.py CHECKOUT [--apart] [--from ROW] > times.csv

CHECKOUT is a clone of the repository at the other version. Both solve the same gait at the same time, each held to one core
of its own (``--apart``: one after the other, both on all cores), so that times compare within a row. Habitual gaits and
derivatives are made first and are not counted. Each version has its own cache, ``CHECKOUT/.cache`` and the usual one.
``--from 7`` goes on with the seventh gait.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path

HERE = Path(__file__).parents[2]
STRIKES, STEPS, KNEES = ("rearfoot", "forefoot"), (1.047, 1.232, 1.417), (5, 20, 40)  # m, deg
COMMAND = "from footstrike.cli.commands import main; main()"
TOLD = ("knee_flexion_contact_deg", "foot_strike_angle_deg", "step_length_m")


def asked(checkout: Path, core: int | None, options: dict[str, object]) -> list[str]:
    """Seconds that a version takes, start of its process included, and what the run has or why there is none."""
    own = {"PYTHONPATH": str(checkout / "sim")}
    if checkout != HERE:
        own["FOOTSTRIKE_CACHE"] = str(checkout / ".cache")
    words = [f"--{name}={value}" for name, value in options.items()]
    held = ["taskset", "-c", str(core)] if core is not None else []
    began = time.perf_counter()
    answer = subprocess.run(
        [*held, sys.executable, "-c", COMMAND, "simulate", "--json", *words],
        env={**os.environ, **own},
        capture_output=True,
        text=True,
    )
    took = f"{time.perf_counter() - began:.1f}"
    try:
        run = json.loads(answer.stdout)
    except ValueError:
        return [took, f"ended with {answer.returncode}", *[""] * len(TOLD)]
    return [took, str(run.get("status")), *(_number(run, name) for name in TOLD)]


def _number(run: dict[str, object], name: str) -> str:
    metrics = run.get("metrics", run)
    assert isinstance(metrics, dict)
    value = metrics.get(name)
    return f"{value:.4f}" if isinstance(value, float) else ""


def main() -> None:
    """A row for every gait."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkout", type=Path)
    parser.add_argument("--apart", action="store_true")
    parser.add_argument("--from", type=int, default=1, dest="first", metavar="ROW")
    given = parser.parse_args()
    versions = (given.checkout.absolute(), HERE)
    table = csv.writer(sys.stdout, lineterminator="\n")
    of = [f"{who}: {what}" for who in ("other", "this") for what in ("s", "status", *TOLD)]
    table.writerow(["strike", "step asked, m", "knee asked, deg", *of])

    def both(options: dict[str, object]) -> list[str]:
        if given.apart:
            return [cell for v in versions for cell in asked(v, None, options)]
        with ThreadPoolExecutor() as pool:
            found = pool.map(asked, versions, range(len(versions)), [options] * len(versions))
            return [cell for one in found for cell in one]

    gaits = list(product(STRIKES, STEPS, KNEES))[given.first - 1 :]
    for strike in sorted({strike for strike, _, _ in gaits}):
        print(strike, both({"strike": strike}), file=sys.stderr, flush=True)
    for strike, step, knee in gaits:
        found = both({"strike": strike, "step-length": step, "knee-flexion": knee})
        table.writerow([strike, step, knee, *found])
        sys.stdout.flush()


if __name__ == "__main__":
    main()
