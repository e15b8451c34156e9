"""Optima of step length and knee flexion by solves, each from five starts.

    python experiments/sweeps/starts.py rearfoot forefoot [--points 48] [--starts 5] > starts.csv

The first start is the habit, the others are drawn at random from the ranges of both. Candidates carry the loads of all goals,
so that one that several searches ask for is solved once.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from footstrike.control.goals import goal, loads_of
from footstrike.control.problem import TrackProblem
from footstrike.control.solution import BestGait, Solution
from footstrike.progress import silent
from footstrike.simulation.attempts import answered, departing
from footstrike.simulation.best_gait import Candidates, aims_of, best_modified, load_maker
from footstrike.simulation.optimisation import Optimisation
from footstrike.simulation.pipeline import ask_worker
from footstrike.simulation.problems import posed
from footstrike.simulation.reporter import ProgressReporter
from footstrike.simulation.request import Request, SolverOptions
from footstrike.workers.client import warm_casadi_worker

GOALS = {
    "peak at L5/S1": "peak_compression.L5S1",
    "damage, m = 4": "damage_per_km.L5S1^4",
    "damage, m = 10": "damage_per_km.L5S1^10",
    "cost": "metabolic_cost",
}
HEAD = (
    "strike", "least", "from each start, %", "spread, %", "candidates", "confirmed",
    "step length, %", "knee, deg", "held by",
)  # fmt: skip


def rows(strike: str, points: int, starts: int) -> Iterator[tuple[str, ...]]:
    """What the starts lead to, goal by goal."""
    reporter = ProgressReporter(silent)
    asked = Request(
        strike=strike,
        options=SolverOptions(points=points),
        optimise=Optimisation.of(dict.fromkeys(GOALS.values(), 1.0)),
    )
    at = posed(asked, reporter)
    random = np.random.default_rng(0)
    begins = [None, *(random.uniform(-1, 1, 2) for _ in range(starts - 1))]
    with warm_casadi_worker() as worker:

        def ask(problem: TrackProblem) -> Solution:
            began = time.perf_counter()
            found = ask_worker(worker, problem, strike, reporter)
            told = f"{strike}: {found.nlp.words}, {found.nlp.iterations} iterations"
            print(f"{told}, {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
            return found

        habit = answered(asked.habit, at.model, at.problem, ask, reporter, at.aims).solved
        start = departing(asked, at.model, at.problem, at.aims, habit)
        goals = [goal(name) for name in GOALS.values()]
        make = load_maker(at.model, start.problem, asked.speed, goals)
        gaits = Candidates.of(asked, start, replace(start.problem, loads=loads_of(goals, make)), ask)
        for words, name in GOALS.items():
            aims = aims_of(Optimisation.of(name), make)
            tried = [best_modified(gaits, aims, begin, lambda _: None) for begin in begins]
            found = [s.optimum for s in tried if s.optimum]
            yield (strike, words, *_told(found, asked.speed * habit.gaits[0].duration))


def _told(found: list[BestGait], step: float) -> tuple[str, ...]:
    """``step`` is the habitual step length, m."""
    reached = [100 * (one.value - 1) for one in found]
    best = min(found, key=lambda one: one.value)
    chosen = {c.name: c.value for c in best.choices}
    return (
        ", ".join(f"{one:+.1f}" for one in reached),
        f"{max(reached) - min(reached):.2g}",
        ", ".join(str(one.candidates) for one in found),
        f"{sum(one.confirmed for one in found)} of {len(found)}",
        f"{100 * (chosen['step_length'] / step - 1):+.1f}",
        f"{chosen['knee_flexion']:.1f}",
        "; ".join(best.binding) or "nothing",
    )


def main() -> None:
    """A row for every strike and goal."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("strikes", nargs="+")
    parser.add_argument("--points", type=int, default=48)
    parser.add_argument("--starts", type=int, default=5)
    given = parser.parse_args()
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(HEAD)
    for strike in given.strikes:
        for row in rows(strike, given.points, given.starts):
            table.writerow(row)
            sys.stdout.flush()


if __name__ == "__main__":
    main()
