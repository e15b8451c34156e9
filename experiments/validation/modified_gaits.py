"""Figure and table of what a runner does who is asked for something: other steps, another knee, another landing, a lean.

    footstrike simulate --strike rearfoot -o runs/rearfoot.h5
    footstrike simulate --strike rearfoot --step-length 1.12 -o runs/step-rate.h5      (and so on)
    python experiments/validation/modified_gaits.py runs/*.h5 [-o docs/img/modified_gaits.png] > docs/data/modified_gaits.csv

Runs at one speed: the habitual one, and some of which something is asked. Drawn are vertical force and knee flexion of the right
leg while it is on the ground, and the resultant at L5/S1 over the stride; printed is a table (CSV).
"""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from footstrike.claims.verdicts import value_of
from footstrike.control.modifiers import recorded
from footstrike.outcomes import ground, signals
from footstrike.outcomes.metrics import metrics
from footstrike.outcomes.registry import named
from footstrike.runs.run import Run

METRICS = (
    "contact_time_s",
    "vgrf_impact_peak_bw",
    "valr_bw_per_s",
    "vgrf_active_peak_bw",
    "braking_impulse_bw_s",
    "knee_flexion_contact_deg",
    "knee_flexion_peak_stance_deg",
    "foot_strike_angle_deg",
    "leg_stiffness_kn_per_m",
    "knee_absorbed_j_per_kg",
    "patellofemoral_peak_bw",
    "achilles_peak_bw",
    "lumbar.L5S1.peak_resultant_bw",
    "metabolic_cost_j_per_kg_m",
)


def asked_of(run: Run) -> set[str]:
    """Names of the modifiers of the gait; ``from_strike`` of a conversion."""
    converted = {"from_strike"} if run.spec.get("from_strike") else set()
    return {modifier.name for modifier in recorded(run.spec)} | converted


def name_of(run: Run) -> str:
    """The gait in words."""
    who = run.spec.get("from_strike")
    words = [f"{who} runner, {run.strike}"] if who else []
    return ", ".join([*words, *map(str, recorded(run.spec))]) or f"{run.strike}, habitual"


def table(runs: list[Run]) -> list[list[str]]:
    """Rows of a CSV: a column for each run."""
    values = [metrics(run) for run in runs]
    rows = [["", *map(name_of, runs)]]
    for name in METRICS:
        found = [value_of(v, name) for v in values]
        rows.append([named(name).labelled, *("none" if x is None else f"{x:.3g}" for x in found)])
    return rows


def draw(runs: list[Run], path: Path) -> None:
    """A row of panels for each kind of thing asked for: force and knee over stance, L5/S1 over the stride."""
    kinds = list(dict.fromkeys(name for run in runs for name in sorted(asked_of(run))))
    figure, axes = plt.subplots(
        len(kinds), 3, figsize=(12, 3 * len(kinds)), layout="constrained", squeeze=False
    )
    for row, kind in zip(axes, kinds, strict=True):
        own = [run for run in runs if asked_of(run) <= {kind}]
        for run, shade in zip(own, plt.colormaps["viridis"](np.linspace(0.0, 0.85, len(own))), strict=True):
            _panels(row, run, shade)
        for axis, label in zip(row, ("vertical force, BW", "knee flexion, deg", "L5/S1, BW"), strict=True):
            axis.set_ylabel(label)
            axis.spines[["top", "right"]].set_visible(False)
        for axis, label in zip(row, ("ms since contact", "ms since contact", "stride, %"), strict=True):
            axis.set_xlabel(label)
        row[0].legend(frameon=False, fontsize=8)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=90)


def _panels(row: Any, run: Run, shade: Any) -> None:
    phase = ground.stance(run)
    assert phase is not None
    flexion = -np.rad2deg(run.coordinates["knee_angle_r"])
    since, knee = signals.window(flexion, phase.contact.start, phase.contact.duration, run.period)
    usual = not asked_of(run)
    style = {"color": "k" if usual else shade, "linewidth": 2.0 if usual else 1.3}
    style["linestyle"] = "-" if run.strike == "rearfoot" else "--"
    row[0].plot(1000 * phase.t, phase.fy, label=name_of(run), **style)
    row[1].plot(1000 * since, knee, **style)
    load = run.lumbar["L5S1"]["resultant"] / ground.weight(run)
    row[2].plot(100 * (run.time - run.time[0]) / run.period, load, **style)


def main() -> None:
    """Read the options, print the table, draw."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("runs", type=Path, nargs="+")
    options.add_argument("-o", "--output", type=Path, default=Path("docs/img/modified_gaits.png"))
    args = options.parse_args()
    runs = [Run.load(path) for path in args.runs]
    csv.writer(sys.stdout, lineterminator="\n").writerows(table(runs))
    draw(runs, args.output)


if __name__ == "__main__":
    main()
