"""Sensitivities against central differences of new solves: a row for every input.

``python experiments/benchmarks/derivatives.py [--points N] [--strike STRIKE] [INPUT ...]`` writes CSV to standard
output, and the time that both took to standard error.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time

import footstrike as fs
from footstrike.simulation.inputs import Input, inputs_of

METRIC = "L5S1_peak_compression_bw"
APART = {"weight": 0.1, "reference": 1.0, "speed": 0.05}
"""Half the distance of the two solves, by the beginning of an input's name; 5 % of properties of the model."""


def difference(one: Input) -> tuple[float, list[int]]:
    """Central difference of the metric, and the iterations of the two solves."""
    half = APART.get(one.name.split("_")[0], 0.05 if one.unit == "times" else 10 * one.step)
    runs = [fs.simulate(one.changed(one.value + s * half)) for s in (1, -1)]
    unsolved = [run.message for run in runs if not run.solved]
    if unsolved:
        raise SystemExit(f"{one.name}: {unsolved[0]}")
    up, down = fs.metrics_table(runs)[METRIC]
    return (up - down) / (2 * half), [run.solver["iterations"] for run in runs]


def main() -> None:
    """One row for every input."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("inputs", nargs="*", metavar="INPUT", help="all if none is named")
    parser.add_argument("--points", type=int, default=96)
    parser.add_argument("--strike", default="rearfoot")
    asked = parser.parse_args()
    request = fs.Request.of(strike=asked.strike, points=asked.points)
    known = inputs_of(request)
    names = asked.inputs or list(known)
    fs.simulate(request)
    started = time.perf_counter()
    exact = fs.sensitivities(request, names).loc[METRIC]
    each = (time.perf_counter() - started) / len(names)
    out = csv.writer(sys.stdout)
    out.writerow(["input", "unit", "first order, BW per unit", "central difference", "differs by"])
    for name in names:
        begun = time.perf_counter()
        found, iterations = difference(known[name])
        apart = f"{100 * (exact[name] / found - 1):+.1f} %"
        out.writerow([name, known[name].unit, f"{exact[name]:.4f}", f"{found:.4f}", apart])
        sys.stdout.flush()
        took = time.perf_counter() - begun
        print(f"{name}: {each:.1f} s, {took:.1f} s by solves of {iterations} iterations", file=sys.stderr)


if __name__ == "__main__":
    main()
