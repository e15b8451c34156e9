"""What the weights of effort and of net moments decide: one varied at a time over four decades.

    python experiments/targets/weights.py [--strike rearfoot] [--speed 3.5] [--points 60] [-o weights.csv] [--figure weights.png]

For each weight: how far trunk angles, leg angles, ground force and the net moments at L5/S1 are from what is tracked (root mean
square, in SDs between runners), and what was not tracked: net metabolic cost, peak resultant at L5/S1, peak extension moment of
the knee. Rows already in the output are not solved again.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from ten_runners import LEG, MIDLINE

from footstrike.control.problem import TrackProblem
from footstrike.control.terms import HABITUAL
from footstrike.gait.targets import Target, target
from footstrike.lumbar.net_load import MOMENTS
from footstrike.outcomes.metrics import metrics
from footstrike.progress import silent
from footstrike.runs.run import Run
from footstrike.simulation.pipeline import solve_problem
from footstrike.simulation.problems import runner, track_problem
from footstrike.simulation.reporter import ProgressReporter
from footstrike.simulation.request import Request

GRID = {
    "activation": (0.1, 1.0, 10.0, 30.0, 100.0, 1000.0),
    "moment": (0.0, 0.007, 0.07, 0.7, 7.0, 70.0),
}
COLUMNS = (
    "strike", "speed_mps", "varied", "weight", "iterations", "trunk_sd", "legs_sd", "force_sd", "moment_sd",
    "extension_moment_nm_per_kg", "l5s1_bw", "cost_j_per_kg_m", "knee_extension_nm_per_kg",
)  # fmt: skip


def solved(
    strike: str,
    speed: float,
    points: int,
    of_target: Callable[[Target], Target] = lambda aim: aim,
    of_problem: Callable[[TrackProblem], TrackProblem] = lambda problem: problem,
) -> tuple[Run, Target]:
    """A habitual gait of which the target or the problem is changed, and what it tracks."""
    request = Request.of(strike=strike, speed=speed, points=points)
    reporter = ProgressReporter(silent)
    model, aim = runner(request.subject, reporter), of_target(target(strike, speed))
    problem = of_problem(track_problem(model, request, aim, None, reporter))
    return solve_problem(request, model, {"right": aim}, problem, reporter), aim


def weighted(**weights: float) -> Callable[[TrackProblem], TrackProblem]:
    """The problem with other weights."""
    return lambda problem: replace(problem, objective=HABITUAL.weighted(**weights))


def rms(values: np.ndarray) -> float:
    return float(np.sqrt(np.mean(values**2)))


def deviations(run: Run, aim: Target) -> dict[str, float]:
    """Root mean square distance from what is tracked, SD."""
    phase = (run.time - run.time[0]) / run.period

    def of(curve: np.ndarray, mean: np.ndarray, sd: np.ndarray, at: np.ndarray) -> float:
        return rms((curve - np.interp(phase, at, mean)) / np.interp(phase, at, sd))

    legs = [f"{name}_r" for name in LEG]
    angles = {
        n: of(run.coordinates[n], aim.coordinates[n], aim.spread[n], aim.phase) for n in (*MIDLINE, *legs)
    }
    lumbar = run.lumbar_net["L5S1"]["moment"].T / run.mass
    moments = [
        of(x, aim.moments[n], np.full_like(aim.phase, aim.moment_spread[n].mean()), aim.phase)
        for n, x in zip(MOMENTS, lumbar, strict=True)
    ]
    stance = phase * run.period < aim.contact_time
    forces = []
    for k, axis in enumerate(("fx", "fy")):
        force = run.ground_force["right"][stance, k] / (9.81 * run.mass)
        expected = np.interp(phase[stance] * run.period / aim.contact_time, aim.force_phase, aim.force[axis])
        forces.append(rms((force - expected) / aim.force_spread[axis].mean()))
    return {
        "trunk_sd": rms(np.array([angles[n] for n in MIDLINE])),
        "legs_sd": rms(np.array([angles[n] for n in legs])),
        "force_sd": rms(np.array(forces)),
        "moment_sd": rms(np.array(moments)),
    }


def row(strike: str, speed: float, points: int, varied: str, weight: float) -> dict[str, object]:
    run, aim = solved(strike, speed, points, of_problem=weighted(**{varied: weight}))
    named = {"strike": strike, "speed_mps": speed, "varied": varied, "weight": weight}
    if not run.solved:
        return named | {"iterations": run.status}
    values = metrics(run)
    found = deviations(run, aim) | {
        "extension_moment_nm_per_kg": values["lumbar_extension_moment_peak_nm_per_kg"],
        "l5s1_bw": values["lumbar"]["L5S1"]["peak_resultant_bw"],
        "cost_j_per_kg_m": values["metabolic_cost_j_per_kg_m"],
        "knee_extension_nm_per_kg": values["knee_extension_moment_peak_nm_per_kg"],
    }
    return named | {"iterations": run.solver["iterations"]} | {k: f"{v:.3f}" for k, v in found.items()}


def draw(rows: list[dict[str, str]], path: Path) -> None:
    """Deviations and what follows over each weight."""
    figure, axes = plt.subplots(2, 2, figsize=(10, 7), layout="constrained", sharex="col")
    for column, varied in zip(axes.T, GRID, strict=True):
        chosen = sorted(
            (r for r in rows if r["varied"] == varied and float(r["weight"]) > 0 and r["trunk_sd"]),
            key=lambda r: float(r["weight"]),
        )
        weight = [float(r["weight"]) for r in chosen]
        for name in ("trunk_sd", "legs_sd", "force_sd", "moment_sd"):
            column[0].plot(
                weight, [float(r[name]) for r in chosen], marker="o", label=name.removesuffix("_sd")
            )
        for name, label in (
            ("l5s1_bw", "L5/S1 peak, BW"),
            ("cost_j_per_kg_m", "net cost, J/kg/m"),
            ("knee_extension_nm_per_kg", "knee extension, N m/kg"),
            ("extension_moment_nm_per_kg", "L5/S1 extension, N m/kg"),
        ):
            column[1].plot(weight, [float(r[name]) for r in chosen], marker="o", label=label)
        for axis in column:
            axis.axvline(HABITUAL.weights[varied], color="0.6", linestyle=":")
            axis.set_xscale("log")
            axis.spines[["top", "right"]].set_visible(False)
        column[1].set_xlabel(f"weight of {varied} (dotted: as used)")
    axes[0, 0].set_ylabel("distance from what is tracked, SD")
    axes[0, 0].legend(frameon=False)
    axes[1, 0].legend(frameon=False)
    figure.savefig(path, dpi=90)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--strike", default="rearfoot")
    parser.add_argument("--speed", type=float, default=3.5)
    parser.add_argument("--points", type=int, default=60)
    parser.add_argument("-o", "--output", type=Path, default=Path("weights.csv"))
    parser.add_argument("--figure", type=Path)
    args = parser.parse_args()
    if not args.output.exists():
        args.output.write_text(",".join(COLUMNS) + "\n")
    known = {(r["strike"], r["varied"], float(r["weight"])) for r in read(args.output)}
    for varied, weights in GRID.items():
        for weight in weights:
            if (args.strike, varied, weight) in known:
                continue
            found = row(args.strike, args.speed, args.points, varied, weight)
            with args.output.open("a", newline="") as file:
                csv.DictWriter(file, COLUMNS, lineterminator="\n").writerow(found)
            print(found, flush=True)
    if args.figure:
        draw([r for r in read(args.output) if r["strike"] == args.strike], args.figure)


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    main()
