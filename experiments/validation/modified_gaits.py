"""Figure and table of what a runner does who is asked for other steps or another knee, rearfoot at 3.5 m/s.

    footstrike simulate --strike rearfoot -o runs/rearfoot.h5
    footstrike simulate --strike rearfoot --step-length 1.12 -o runs/step-rate.h5      (and so on)
    python experiments/validation/modified_gaits.py runs/*.h5 [-o docs/img/modified_gaits.png]

Runs of one strike and speed: the habitual one, and some with a prescribed step length or knee flexion. Drawn are vertical
force and knee flexion of the right leg while it is on the ground; printed is a table in Markdown.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from footstrike.claims.verdicts import value_of
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
ASKED = {"step_length_m": "step length", "knee_flexion_deg": "knee flexion at contact"}
UNIT = {"step_length_m": "m", "knee_flexion_deg": "deg"}


def name_of(run: Run) -> str:
    """What was asked for, in words."""
    asked = [f"{word} {run.spec[n]:g} {UNIT[n]}" for n, word in ASKED.items() if run.spec.get(n) is not None]
    return ", ".join(asked) or "habitual"


def table(runs: list[Run]) -> str:
    """Markdown: a column for each run."""
    values = [metrics(run) for run in runs]
    lines = [f"| | {' | '.join(map(name_of, runs))} |", "|---" * (len(runs) + 1) + "|"]
    for name in METRICS:
        found = [value_of(v, name) for v in values]
        lines.append(
            f"| {named(name).labelled} | {' | '.join('none' if x is None else f'{x:.3g}' for x in found)} |"
        )
    return "\n".join(lines)


def draw(runs: list[Run], path: Path) -> None:
    """One row of panels for each thing that was asked for: force and knee over time since contact."""
    figure, axes = plt.subplots(len(ASKED), 2, figsize=(9, 7), layout="constrained", squeeze=False)
    for row, asked in zip(axes, ASKED, strict=True):
        own = [r for r in runs if r.spec.get(asked) is not None or name_of(r) == "habitual"]
        own.sort(key=lambda r: r.spec.get(asked) or _habitual_value(r, asked))
        for run, shade in zip(own, plt.colormaps["viridis"](np.linspace(0.0, 0.85, len(own))), strict=True):
            phase = ground.stance(run)
            assert phase is not None
            knee = signals.window(
                -np.rad2deg(run.coordinates["knee_angle_r"]),
                phase.contact.start,
                phase.contact.duration,
                run.period,
            )
            usual = name_of(run) == "habitual"
            style = {"color": "k" if usual else shade, "linewidth": 2.0 if usual else 1.3}
            row[0].plot(1000 * phase.t, phase.fy, label=name_of(run), **style)
            row[1].plot(1000 * knee[0], knee[1], **style)
        row[0].set_ylabel("vertical force, BW")
        row[1].set_ylabel("knee flexion, deg")
        row[0].legend(frameon=False, fontsize=8)
        for axis in row:
            axis.set_xlabel("ms since contact")
            axis.spines[["top", "right"]].set_visible(False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=90)


def _habitual_value(run: Run, asked: str) -> float:
    return float(
        value_of(
            metrics(run), {"step_length_m": asked, "knee_flexion_deg": "knee_flexion_contact_deg"}[asked]
        )
        or 0.0
    )


def main() -> None:
    """Read the options, print the table, draw."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("runs", type=Path, nargs="+")
    options.add_argument("-o", "--output", type=Path, default=Path("docs/img/modified_gaits.png"))
    args = options.parse_args()
    runs = [Run.load(path) for path in args.runs]
    print(table(runs))
    draw(runs, args.output)


if __name__ == "__main__":
    main()
