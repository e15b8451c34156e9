"""Optima of step length and knee flexion by solves, each from five starts.

    python experiments/sweeps/starts.py [STRIKE ...] [--points 48] [--starts 5] > starts.csv

The first start is the habit, the others are drawn at random from the ranges of both. A candidate that two starts share is
solved once.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time

import footstrike as fs
from footstrike.outcomes.metrics import metrics
from footstrike.simulation.optimisation import Optimisation
from footstrike.simulation.request import Request, SolverOptions

GOALS = {
    "peak at L5/S1": "peak_compression.L5S1",
    "damage, m = 4": "damage_per_km.L5S1^4",
    "damage, m = 10": "damage_per_km.L5S1^10",
    "cost": "metabolic_cost",
}
HEAD = ("strike", "least", "from each start, %", "spread, %", "step length, %", "knee, deg", "held by", "s")


def optimum(strike: str, goal: str, options: SolverOptions) -> tuple[str, ...]:
    """What the starts lead to."""
    began = time.perf_counter()
    habit = fs.simulate(Request(strike=strike, options=options.model_copy(update={"starts": 1})))
    run = fs.simulate(Request(strike=strike, options=options, optimise=Optimisation.of(goal)))
    if not run.solved:
        return (run.message, *[""] * (len(HEAD) - 3))
    reached = [100 * (value - 1) for value in run.solver["start_objectives"]]
    found = run.solver["optimum"]
    chosen, habitual = found["chosen"], float(metrics(habit)["step_length_m"] or 0.0)
    held = "; ".join(found["binding"]) or "nothing binds"
    return (
        ", ".join(f"{one:+.2f}" for one in reached),
        f"{max(reached) - min(reached):.2g}",
        f"{100 * (chosen['step_length'] / habitual - 1):+.1f}",
        f"{chosen['knee_flexion']:.1f}",
        held,
        f"{time.perf_counter() - began:.0f}",
    )


def main() -> None:
    """A row for every strike and goal."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("strikes", nargs="*", default=["rearfoot", "forefoot"])
    parser.add_argument("--points", type=int, default=48)
    parser.add_argument("--starts", type=int, default=5)
    given = parser.parse_args()
    options = SolverOptions(points=given.points, starts=given.starts)
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(HEAD)
    for strike in given.strikes:
        for words, goal in GOALS.items():
            table.writerow((strike, words, *optimum(strike, goal, options)))
            sys.stdout.flush()


if __name__ == "__main__":
    main()
