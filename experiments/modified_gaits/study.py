"""Modified and converted gaits: tables and pictures of docs/modified-gaits.md, from the runs of seven sweeps.

    for sweep in steps_and_knees lean foot_strike_angle rotation arm_swing step_rate conversion; do
        footstrike sweep $sweep -o runs/$sweep
    done
    python experiments/modified_gaits/study.py runs [-o docs]

The sweeps (experiments/sweeps) solve 56 gaits beside the six habits that they depart from.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import effects
import gaits
import pictures
import tables

TABLES = {
    "modified_corners": tables.corners,
    "modified_lean": tables.lean,
    "modified_rotation": tables.rotation,
    "modified_strike_angle": tables.strike_angle,
    "conversion": tables.conversion,
    "conversion_compared": tables.compared,
    "known_effects": effects.known_effects,
}
PICTURES = {
    "modified_corners": pictures.corners,
    "modified_lean": pictures.lean,
    "modified_rotation": pictures.rotation,
    "modified_arm_swing": pictures.arm_swing,
    "modified_strike_angle": pictures.strike_angle,
    "conversion": pictures.conversion,
}


def main() -> None:
    """Read the runs, write tables to ``data`` and pictures to ``img``."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("runs", type=Path, nargs="+", help="folders of runs")
    options.add_argument("-o", "--output", type=Path, default=Path("docs"))
    args = options.parse_args()
    study = gaits.read(args.runs)
    for name, table in TABLES.items():
        with (args.output / "data" / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows(table(study))
    for name, draw in PICTURES.items():
        draw(study, args.output / "img" / f"{name}.png")


if __name__ == "__main__":
    main()
