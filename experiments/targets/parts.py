"""What each choice behind the target is worth for the load of L5/S1: one undone or changed at a time.

    python experiments/targets/parts.py [--strike rearfoot] [--speed 3.5] [--points 60] [-o parts.csv]

Prints, for each, peak resultant at L5/S1 (BW), peak net extension moment there, peak moments of knee and hip (N m/kg) and net
metabolic cost (J/kg/m). The rows with another lean give the derivative with respect to it. Rows already in the output
are not solved again.
"""

from __future__ import annotations

import argparse
import csv
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from weights import solved, weighted

from footstrike.claims.verdicts import value_of
from footstrike.control.problem import TrackProblem
from footstrike.gait.habitual_tables import choices
from footstrike.gait.targets import Target
from footstrike.outcomes.metrics import metrics

LEVELS_DEG = {"lumbar_extension": 4.4, "pelvis_tilt": 4.0, "lumbar_bending": 3.0, "lumbar_rotation": 4.0}
QUANTITIES = {
    "l5s1_bw": "lumbar.L5S1.peak_resultant_bw",
    "extension_nm_per_kg": "lumbar_extension_moment_peak_nm_per_kg",
    "knee_nm_per_kg": "knee_extension_moment_peak_nm_per_kg",
    "hip_extension_nm_per_kg": "hip_extension_moment_peak_nm_per_kg",
    "hip_flexion_nm_per_kg": "hip_flexion_moment_peak_nm_per_kg",
    "hip_abduction_nm_per_kg": "hip_abduction_moment_peak_nm_per_kg",
    "cost": "metabolic_cost_j_per_kg_m",
}
COLUMNS = ("strike", "speed_mps", "changed", "iterations", *QUANTITIES)
EARLIER_EFFORT, EARLIER_RESERVE = 0.8, 5e-3


def leaning(degrees: float) -> Callable[[Target], Target]:
    """The target with another mean lean."""

    def change(aim: Target) -> Target:
        more = math.radians(degrees) - aim.lean
        extension = aim.coordinates["lumbar_extension"] - more
        return replace(
            aim, lean=aim.lean + more, coordinates=aim.coordinates | {"lumbar_extension": extension}
        )

    return change


def spread_of_levels(aim: Target) -> Target:
    """The trunk held with the spread of its level between runners instead of that of its shape."""
    wide = {name: np.full_like(aim.phase, math.radians(sd)) for name, sd in LEVELS_DEG.items()}
    return replace(aim, spread=aim.spread | wide)


def legs_not_turned(aim: Target) -> Target:
    """The thigh where the group's mean angles have it."""
    turned, _ = choices()["thigh"]
    hips = {f"hip_flexion_{s}": aim.coordinates[f"hip_flexion_{s}"] - (turned or 0.0) for s in "rl"}
    return replace(aim, coordinates=aim.coordinates | hips)


def same(x):
    return x


CHANGES: dict[str, tuple[Callable[[Target], Target], Callable[[TrackProblem], TrackProblem]]] = {
    "nothing": (same, same),
    "no moments tracked": (same, weighted(moment=0.0)),
    "effort 0.8 instead of 10": (same, weighted(activation=EARLIER_EFFORT, reserve=EARLIER_RESERVE)),
    "no moments, effort 0.8": (
        same,
        weighted(moment=0.0, activation=EARLIER_EFFORT, reserve=EARLIER_RESERVE),
    ),
    "lean 7.2 deg": (leaning(7.2), same),
    "lean 8 deg": (leaning(8.0), same),
    "lean 12 deg": (leaning(12.0), same),
    "spread of levels": (spread_of_levels, same),
    "legs not turned forward": (legs_not_turned, same),
}


def row(strike: str, speed: float, points: int, name: str) -> dict[str, object]:
    of_target, of_problem = CHANGES[name]
    run, _ = solved(strike, speed, points, of_target, of_problem)
    named = {"strike": strike, "speed_mps": speed, "changed": name}
    if not run.solved:
        return named | {"iterations": run.status}
    values = metrics(run)
    numbers = {column: f"{value_of(values, field):.3f}" for column, field in QUANTITIES.items()}
    return named | {"iterations": run.solver["iterations"]} | numbers


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--strike", default="rearfoot")
    parser.add_argument("--speed", type=float, default=3.5)
    parser.add_argument("--points", type=int, default=60)
    parser.add_argument("--only", nargs="*", choices=CHANGES, default=list(CHANGES))
    parser.add_argument("-o", "--output", type=Path, default=Path("parts.csv"))
    args = parser.parse_args()
    if not args.output.exists():
        args.output.write_text(",".join(COLUMNS) + "\n")
    with args.output.open(newline="") as file:
        known = {(r["strike"], r["changed"]) for r in csv.DictReader(file)}
    for name in args.only:
        if (args.strike, name) in known:
            continue
        found = row(args.strike, args.speed, args.points, name)
        with args.output.open("a", newline="") as file:
            csv.DictWriter(file, COLUMNS, lineterminator="\n").writerow(found)
        print(found, flush=True)


if __name__ == "__main__":
    main()
