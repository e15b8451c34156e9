"""Tables of docs/experiments/verdicts.md, from a folder that ``footstrike claims`` has made.

    footstrike claims --preset standard -o claims
    footstrike claims --preset standard --seed 2 -o again
    python experiments/claims/result_tables.py claims [--again again] [-o docs]

Writes data/verdicts.csv, data/contrasts.csv, data/drivers.csv and, where draws were solved, data/intervals.csv; with the results of
another seed, data/seeds.csv too. Effects are forefoot less rearfoot, with 95 % intervals.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterable
from pathlib import Path

from footstrike.claims.judgement import Judgement, read_judgements
from footstrike.claims.presets import REFERENCE_SPEED

PEAK = "lumbar.L5S1.peak_compression_bw"
SIDE_BY_SIDE = (
    ("C1", "knee_flexion_contact_deg"),
    ("C2", "step_length_m"),
    ("C4", "trunk_lean_mean_deg"),
    ("C5", "valr_bw_per_s"),
    ("C5", "vgrf_active_peak_bw"),
    ("C6", PEAK),
    ("C6", "lumbar.L5S1.peak_load_rate_bw_per_s"),
    ("C6", "lumbar.L5S1.impulse_per_km_bw_s"),
    ("C6", "lumbar.L5S1.damage_m4_per_km_bw4_s"),
)
CONTRASTS = ("groups", "conversion", "measured")
DRIVEN = tuple(metric for claim, metric in SIDE_BY_SIDE if claim == "C6")
SAMPLED = (("C1", "knee_flexion_contact_deg"), ("C2", "step_length_m"), *SIDE_BY_SIDE[3:])
LARGEST = 5
Rows = list[list[str]]


def told(record: Judgement | None) -> str:
    """Effect and interval in the unit of the metric."""
    if record is None or record.effect is None:
        return "–"
    if record.low is None or record.high is None:
        return f"{record.effect:+.3g}"
    return f"{record.effect:+.3g} ({record.low:+.3g} to {record.high:+.3g})"


def verdicts(records: Iterable[Judgement]) -> Rows:
    """What decides each claim."""
    rows = [["claim", "metric", "contrast", "effect", "in SDs", "verdict", "flips at, SD", "driven by"]]
    for r in records:
        if r.decides:
            size = "–" if r.effect_size is None else f"{r.effect_size:+.2f}"
            distance = "–" if r.flip is None or r.flip.distance is None else f"{r.flip.distance:.1f}"
            driver = next(iter(r.drivers), "–").replace("_", " ")
            effect = told(r) + ("" if r.effect is None or r.unit == "1" else f" {r.unit}")
            rows.append([r.claim, r.label, r.contrast, effect, size, r.verdict or "–", distance, driver])
    return rows


def contrasts(records: Iterable[Judgement]) -> Rows:
    """Groups, conversion and measured runners side by side."""
    found = {(r.claim, r.metric, r.contrast): r for r in records if r.speed_mps == REFERENCE_SPEED}
    rows = [["claim", "metric", "unit", *CONTRASTS]]
    for claim, metric in SIDE_BY_SIDE:
        of = [found.get((claim, metric, contrast)) for contrast in CONTRASTS]
        first = next(r for r in of if r is not None)
        verdict = [f"; {r.verdict}" if r is not None and r.verdict else "" for r in of]
        rows.append(
            [claim, first.label, first.unit, *(told(r) + v for r, v in zip(of, verdict, strict=True))]
        )
    return rows


def drivers(records: Iterable[Judgement]) -> Rows:
    """The inputs that change an effect most, by how much per SD of theirs."""
    rows = [["metric", "contrast", *(f"input {k + 1}" for k in range(LARGEST))]]
    for r in records:
        if r.claim == "C6" and r.metric in DRIVEN and r.contrast in CONTRASTS[:2]:
            first = list(r.drivers.items())[:LARGEST]
            told_ones = [f"{name.replace('_', ' ')} {change:+.2g}" for name, change in first]
            rows.append([f"{r.label}, {r.unit}", r.contrast, *told_ones])
    return rows


def intervals(records: Iterable[Judgement]) -> Rows:
    """Where draws were solved: the interval to first order, that of the sample alone, and that of both with its error."""
    rows = [["metric", "unit", "contrast", "draws", "first order", "sample", "both", "correlation"]]
    for r in records:
        if (r.claim, r.metric) in SAMPLED and r.plain and r.first_order and r.errors:
            first, plain = (f"{low:+.3g} to {high:+.3g}" for low, high in (r.first_order, r.plain))
            joint = f"{r.low:+.3g} ± {r.errors.low:.2g} to {r.high:+.3g} ± {r.errors.high:.2g}"
            agree = "–" if r.correlation is None else f"{r.correlation:+.2f}"
            rows.append([r.label, r.unit, r.contrast, str(r.solved), first, plain, joint, agree])
    return rows


def seeds(records: Iterable[Judgement], again: Iterable[Judgement]) -> Rows:
    """What decides each claim, by the draws of two seeds."""
    of = {r.claim: r for r in again if r.decides}
    rows = [["claim", "interval", "draws", "verdict", "interval again", "draws again", "verdict again"]]
    for r in records:
        if r.decides and r.claim in of:
            both = ((told(one), str(one.solved), one.verdict or "–") for one in (r, of[r.claim]))
            rows.append([r.claim, *(cell for one in both for cell in one)])
    return rows


def at_reference(folder: Path) -> list[Judgement]:
    """Records at the speed at which claims are decided."""
    return [r for r in read_judgements(folder) if r.speed_mps == REFERENCE_SPEED]


def main() -> None:
    """Read the records, write the tables."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("folder", type=Path)
    options.add_argument("--again", type=Path)
    options.add_argument("-o", "--output", type=Path, default=Path("docs"))
    args = options.parse_args()
    records = at_reference(args.folder)
    made = {table.__name__: table(records) for table in (verdicts, contrasts, drivers, intervals)}
    if args.again:
        made["seeds"] = seeds(records, at_reference(args.again))
    for name, rows in made.items():
        if len(rows) == 1:  # its simulations are not solved
            continue
        with (args.output / "data" / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)


if __name__ == "__main__":
    main()
