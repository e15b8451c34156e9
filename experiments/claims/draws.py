"""How far first order goes: effects of solved draws beside their first-order prediction, draw by draw.

    footstrike claims --preset standard -o claims
    python experiments/claims/draws.py claims [-o docs]

Writes data/draws.csv, from the draws that are solved so far; the command need not have ended.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np

from footstrike.claims.contrasts import effect_of
from footstrike.claims.judgement import SOLVES
from footstrike.claims.judging import Results
from footstrike.claims.presets import PRESETS
from footstrike.claims.solves import Comparison, Inquiry
from footstrike.claims.verdicts import value_of
from footstrike.main_job import asked_by
from footstrike.study.folder import SweepFolder
from footstrike.study.propagation import LinearEffect, effect_gradient

TOLD = (
    ("C1", "knee_flexion_contact_deg"),
    ("C2", "step_length_m"),
    ("C5", "valr_bw_per_s"),
    ("C5", "vgrf_active_peak_bw"),
    ("C6", "lumbar.L5S1.peak_compression_bw"),
    ("C6", "lumbar.L5S1.impulse_per_km_bw_s"),
    ("C3", "braking_impulse_bw_s"),
)
FEWEST = 4
HEAD = ("metric", "unit", "draws", "mean, SD solved", "mean, SD to first order", "correlation")


def both(asked: Inquiry, results: Results, one: Comparison) -> tuple[np.ndarray, np.ndarray]:
    """Effects of the draws that are solved, and what first order says of them."""
    field = one.metric.field
    found = [results.of(m.values) for m in one.members]
    nominal = effect_of(one.members, [value_of(s.metrics, field) for s in found])
    tables = [(m.weight, m.habit, s.derivatives) for m, s in zip(one.members, found, strict=True)]
    gradient, _ = effect_gradient(asked.inputs, tables, field)  # type: ignore[arg-type]
    linear = LinearEffect(nominal or 0.0, gradient).at(asked.inputs, asked.draws)
    solved = []
    for row in asked.rows:
        of = [results.of(asked.perturbed(row, m.values)).metrics for m in one.members]
        effect = effect_of(one.members, [value_of(metrics, field) for metrics in of])
        solved.append(np.nan if effect is None else effect)
    known = np.isfinite(solved)
    return np.array(solved)[known], linear[known]


def main() -> None:
    """Read the simulations, write the table."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("folder", type=Path)
    options.add_argument("-o", "--output", type=Path, default=Path("docs"))
    args = options.parse_args()
    asked, results = asked_by(PRESETS["standard"]), Results(SweepFolder(args.folder / SOLVES))
    rows = [HEAD]
    for one in asked.comparisons:
        if one.contrast == "conversion" and (one.claim.id, one.metric.field) in TOLD:
            solved, linear = both(asked, results, one)
            if len(solved) >= FEWEST:
                told = (f"{x.mean():+.3g}, {x.std(ddof=1):.2g}" for x in (solved, linear))
                agree = f"{np.corrcoef(solved, linear)[0, 1]:+.2f}"
                rows.append((one.metric.label, one.metric.unit, str(len(solved)), *told, agree))
    with (args.output / "data" / "draws.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


if __name__ == "__main__":
    main()
