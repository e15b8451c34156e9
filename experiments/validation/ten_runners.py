"""What the ten runners of Hamner & Delp 2013 (J Biomech 46:780) do, for rows 24, 25, 27 and 28 of the validation table.

    python experiments/validation/ten_runners.py --data DIR [-o experiments]

DIR holds hamner_group/, derived from their data set. Printed are the entries of `rows.toml`; written are the curves that
the report draws: `validation/l5s1_moments.csv` (ten runners, 2 to 5 m/s) and `validation/leg_moments.csv` (nine, 3 and
4 m/s), mean and SD between runners, signs as in the model: extension of trunk and knee, flexion of the hip, adduction of
the hip, dorsiflexion, bending to the right and rotation to the left are positive.

A row's mean and SD are those of the runners' own peaks or ranges, not of the group's mean curve, whose peak is lower.
Lateral and axial moments count the larger of both directions. At 3.5 m/s stands the middle of 3 and 4 m/s. Rearfoot runners
of the legs' rows are the six who land so at both speeds; the range of s03 and s08 (midfoot) and s19 (mid- to
forefoot) stands for forefoot.

Not in these tables, and quoted: lean relative to each runner's standing trial (row 25c, eight runners), and the moment of
the ground force about the ankle (row 27f), which needs the height of the ankle. Both are own evaluations of the same
data set.
"""

from __future__ import annotations

import argparse
import csv
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Entry = dict[str, float | str]
OfRunners = Mapping[float, Mapping[str, float]]  # speed -> runner -> value

SPEEDS = (3.0, 4.0)
OFF_THE_HEEL = ("s03", "s08", "s19")
L5S1 = {"M_extension": "lumbar_extension", "M_bending": "lumbar_bending", "M_rotation": "lumbar_rotation"}
PEAKS = {"24a": "M_extension", "24b": "M_bending", "24c": "M_rotation", "24d": "F_vertical"}
RANGES = {
    "25a": "thorax_tilt",
    "25b1": "lumbar_extension",
    "25b2": "lumbar_bending",
    "25b3": "lumbar_rotation",
}
SHARES_PCT = {"27a": 10, "27b": 20, "27c": 40, "27d": 60, "27e": 80}
LEGS = {  # row -> coordinate, sign, whether in stance only
    "28a": ("knee_angle", 1.0, True),
    "28b": ("ankle_angle", -1.0, True),
    "28c1": ("hip_flexion", -1.0, False),
    "28c2": ("hip_flexion", 1.0, False),
    "28d": ("hip_adduction", -1.0, True),
}


def table(data: Path, name: str) -> list[dict[str, str]]:
    with (data / "hamner_group" / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def expected(data: Path) -> dict[str, list[Entry]]:
    """Entries of the table by row."""
    rows: dict[str, list[Entry]] = {}
    for row, quantity in PEAKS.items():
        rows[row] = of_all(by_runner(table(data, "lumbar_peaks_12Hz.csv"), "q", quantity, peak))
    for row, name in RANGES.items():
        rows[row] = of_all(
            by_runner(table(data, "trunk_rom.csv"), "coordinate", name, lambda r: float(r["rom"]))
        )
    geometry = table(data, "stance_geometry.csv")
    for row, share in SHARES_PCT.items():
        at = by_runner(geometry, "pct_stance", str(share), lambda r: float(r["cop_ahead_of_ankle_m"]))
        rows[row] = of_strikes(at)
    for row, what in LEGS.items():
        rows[row] = of_strikes(leg_peaks(data, *what))
    return rows


def peak(row: Mapping[str, str]) -> float:
    """Of an extending moment or a force its maximum, of the others the larger of both sides."""
    one_sided = row["q"] in ("M_extension", "F_vertical")
    return float(row["max"]) if one_sided else max(float(row["max"]), -float(row["min"]))


def by_runner(
    rows: Sequence[Mapping[str, str]], column: str, name: str, value: Callable[[Mapping[str, str]], float]
) -> OfRunners:
    out: dict[float, dict[str, float]] = defaultdict(dict)
    for row in rows:
        if row[column] == name and float(row["speed"]) in SPEEDS:
            out[float(row["speed"])][row["runner"]] = value(row)
    return out


def leg_peaks(data: Path, coordinate: str, sign: float, in_stance: bool) -> OfRunners:
    curves: dict[tuple[float, str], list[float]] = defaultdict(list)
    for row in table(data, "joint_moments.csv"):
        if row["coordinate"] == coordinate:
            curves[float(row["speed"]), row["runner"]].append(sign * float(row["moment_nm_per_kg"]))
    stance = {
        (float(r["speed"]), r["runner"]): float(r["contact_time_s"]) / float(r["stride_time_s"])
        for r in table(data, "times.csv")
    }
    out: dict[float, dict[str, float]] = defaultdict(dict)
    for (speed, runner), curve in curves.items():
        last = round(100 * stance[speed, runner]) if in_stance else 100
        out[speed][runner] = max(curve[: last + 1])
    return out


def of_all(values: OfRunners) -> list[Entry]:
    return [entry("both", speed, "mean", one) for speed, one in with_middle(values).items()]


def of_strikes(values: OfRunners) -> list[Entry]:
    found = []
    for speed, one in with_middle(values).items():
        off = {r: v for r, v in one.items() if r in OFF_THE_HEEL}
        found.append(entry("rearfoot", speed, "mean", {r: v for r, v in one.items() if r not in off}))
        found.append(entry("forefoot", speed, "range", off))
    return found


def with_middle(values: OfRunners) -> OfRunners:
    """Values at 3, 3.5 and 4 m/s; between, each runner's own mean."""
    slow, fast = (values[speed] for speed in SPEEDS)
    return {3.0: slow, 3.5: {r: (slow[r] + fast[r]) / 2 for r in slow}, 4.0: fast}


def entry(strike: str, speed: float, kind: str, of_runners: Mapping[str, float]) -> Entry:
    several = np.array(list(of_runners.values()))
    if kind == "mean":
        numbers = {"mean": float(several.mean()), "sd": float(several.std(ddof=1))}
    else:
        numbers = {"low": float(several.min()), "high": float(several.max())}
    return {"strike": strike, "speed_mps": speed, **{k: float(f"{v:.3g}") for k, v in numbers.items()}}


def write(path: Path, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(head)
        writer.writerows(rows)


def write_curves(data: Path, out: Path) -> None:
    head = ("speed_mps", "moment", "percent", "mean", "sd", "unit")
    trunk = [
        (r["speed"], L5S1[r["quantity"]], r["pct"], r["mean"], r["std"], "N m/kg")
        for r in table(data, "lumbar_group_12Hz.csv")
        if r["quantity"] in L5S1
    ]
    write(out / "validation" / "l5s1_moments.csv", head, trunk)
    wanted = ("hip_flexion", "hip_adduction", "knee_angle", "ankle_angle")
    legs = [
        (r["speed"], r["coordinate"], r["pct"], r["mean"], r["sd"], "N m/kg")
        for r in table(data, "joint_moments_group.csv")
        if r["coordinate"] in wanted
    ]
    write(out / "validation" / "leg_moments.csv", head, legs)


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--data", type=Path, required=True)
    options.add_argument("-o", "--out", type=Path, default=Path(__file__).resolve().parents[1])
    args = options.parse_args()
    for row, entries in expected(args.data).items():
        print(f"{row}\nexpected = [")
        for one in entries:
            words = (f'{k} = "{v}"' if isinstance(v, str) else f"{k} = {v}" for k, v in one.items())
            print(f"    {{ {', '.join(words)} }},")
        print("]")
    write_curves(args.data, args.out)


if __name__ == "__main__":
    main()
