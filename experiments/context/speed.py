"""Joint angles of running against speed, in the form that Hanlon & Anderson (2006) gave for walking.

    python experiments/context/speed.py

At 26 points of the stride an angle is a line in speed. Writes ``speed_regression.csv`` (lines through all runners of Fukuchi
et al. 2017 and three speeds) and ``left_out_speed.csv``: a line through the group means at two speeds predicts the third.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from footstrike.gait.habitual_tables import rows

HERE = Path(__file__).parent
POINTS = range(0, 101, 4)
ANGLES = {
    "hip_flexion": "hip_flexion", "knee": "knee_angle", "ankle": "ankle_angle", "pelvis_tilt": "pelvis_tilt",
    "pelvis_rotation": "pelvis_rotation",
}  # fmt: skip
SPEEDS = (2.5, 3.5, 4.5)
STRIKES = ("rearfoot", "forefoot")
SOURCE = "Fukuchi 2017 PeerJ 5:e3298 (CC-BY 4.0)"


def regression(table: Path) -> list[dict[str, Any]]:
    """Lines at the 26 points, from those at every per cent."""
    with table.open(newline="", encoding="utf-8") as stream:
        found = list(csv.DictReader(stream))
    return [
        {"strike": row["label"].lower(), "angle": row["var"], "stride_pct": row["pct_stride"], "at_0_deg": row["b0_deg"],
         "per_mps_deg": row["b1_deg_per_mps"], "r2": row["r2"], "rmse_deg": row["rmse"], "source": SOURCE}
        for row in found
        if row["var"] in ANGLES and int(row["pct_stride"]) in POINTS
    ]  # fmt: skip


def left_out() -> list[dict[str, Any]]:
    """Root of the mean square error at a speed that was left out: of the line, and of the nearest other mean."""
    means, spreads = group_curves("mean"), group_curves("sd")
    out = []
    for strike in STRIKES:
        for name, coordinate in ANGLES.items():
            for speed in SPEEDS:
                others = [v for v in SPEEDS if v != speed]
                low, high = (means[strike, v, coordinate] for v in others)
                line = low + (speed - others[0]) / (others[1] - others[0]) * (high - low)
                true = means[strike, speed, coordinate]
                nearest = [rms(means[strike, v, coordinate] - true) for v in others if abs(v - speed) == 1.0]
                out.append(
                    {"strike": strike, "angle": name, "speed_mps": speed,
                     "kind": "between" if others[0] < speed < others[1] else "beyond",
                     "line_rms_deg": f"{rms(line - true):.3f}", "nearest_mean_rms_deg": f"{min(nearest):.3f}",
                     "between_runners_sd_deg": f"{rms(spreads[strike, speed, coordinate]):.3f}", "source": SOURCE}
                )  # fmt: skip
    return out


def group_curves(column: str) -> dict[tuple[str, float, str], np.ndarray]:
    """Means or SDs at 25 of the 26 points: the last is the first again."""
    found: dict[tuple[str, float, str], list[float]] = {}
    for row in rows("kinematics.csv"):
        key = row["strike"], float(row["speed_mps"]), row["coordinate"]
        if float(row["phase_pct"]) in POINTS:
            found.setdefault(key, []).append(float(row[column]))
    return {key: np.array(values) for key, values in found.items()}


def rms(values: np.ndarray) -> float:
    return float(np.sqrt(np.mean(values**2)))


def write(name: str, found: Iterable[Mapping[str, Any]]) -> None:
    lines = list(found)
    with (HERE / name).open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, list(lines[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)


if __name__ == "__main__":
    write(
        "speed_regression.csv",
        regression(Path(os.environ["FOOTSTRIKE_DATA"]) / "rbds" / "speed_regression.csv"),
    )
    write("left_out_speed.csv", left_out())
