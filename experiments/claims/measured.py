"""Derive the means and spreads of measured runners, by strike, in the metrics of the claims.

    python experiments/claims/measured.py --data DIR [-o experiments/claims/measured.csv]

DIR holds ``rbds/mean_curves.csv`` and ``mean_grf.csv`` (means and SDs over the runners of a group, Fukuchi et al. 2017) and
``hamner_group/`` (ten runners, Hamner & Delp 2013). The column ``how`` says where mean and SD are from:

- ``curve``: the group's own mean and SD at an instant;
- ``times``: the group's own times, cadence from the mean stride;
- ``modes``: 400 runners made of the group's mean curves and the modes between runners (experiments/targets/leg_modes.csv), whose
  spread is pooled over both groups. Mean forces are flatter than those of single runners: loading rates read 5 to 10 % low;
- ``runners``: single runners, seven who land on the heel and three (s03, s08, s19) who do not, mean of 3 and 4 m/s.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np
import pandas as pd

from footstrike.claims.measured_runners import GroupCurves, carried_group, group_runners

RBDS = "Fukuchi 2017 PeerJ 5:e3298 (CC-BY 4.0)"
TEN = "Hamner & Delp 2013 J Biomech 46:780, ten runners"
STRIKES = {"Rearfoot": "rearfoot", "Forefoot": "forefoot"}
MIXED = ("s03", "s08", "s19")
NUMBER = 400
JOINTS = {"hip_flexion": 1.0, "knee": -1.0, "pelvis_tilt": 1.0, "pelvis_rotation": 1.0}
ROM = {
    "lumbar_extension": "lumbar_extension_rom_deg",
    "lumbar_bending": "lumbar_bending_rom_deg",
    "lumbar_rotation": "lumbar_rotation_rom_deg",
}
MOMENT = {
    "M_extension": "lumbar_extension_moment_peak_nm_per_kg",
    "M_bending": "lumbar_lateral_moment_peak_nm_per_kg",
    "M_rotation": "lumbar_axial_moment_peak_nm_per_kg",
}


def of_groups(data: Path) -> list[list]:
    curves, forces = (pd.read_csv(data / "rbds" / name) for name in ("mean_curves.csv", "mean_grf.csv"))
    scores = np.random.default_rng(1).standard_normal((NUMBER, 14))
    rows = []
    for speed in (2.5, 3.5, 4.5):
        for label, strike in STRIKES.items():
            chosen = curves[(curves.speed == speed) & (curves.label == label)]
            n = int(chosen.n.iloc[0])
            knee = chosen[(chosen["var"] == "knee") & (chosen.pct_stride == 0)].iloc[0]
            known = {"knee_flexion_contact_deg": (knee["mean"], knee["sd"], "curve")} | of_times(
                strike, speed
            )
            group = raw_group(
                chosen, forces[(forces.speed == speed) & (forces.label == label)], strike, speed
            )
            made = group_runners(group, scores)
            print(
                strike, speed, "without a loading rate:", int(made.valr_bw_per_s.isna().sum()), "of", NUMBER
            )
            for name, values in made.items():
                mean, sd, how = known.get(name, (values.mean(), values.std(ddof=1), "modes"))
                rows.append([name, strike, speed, n, f"{mean:.5g}", f"{sd:.4g}", how, RBDS])
    return rows


def of_times(strike: str, speed: float) -> dict[str, tuple[float, float, str]]:
    with (Path(__file__).parents[1] / "targets" / "timing.csv").open(newline="") as stream:
        found = {
            r["quantity"]: r
            for r in csv.DictReader(stream)
            if r["strike"] == strike and float(r["speed_mps"]) == speed
        }
    (stride, stride_sd), (contact, contact_sd) = (
        (float(found[q]["mean"]), float(found[q]["sd"])) for q in ("stride_time", "contact_time")
    )
    return {
        "step_length_m": (speed * stride / 2, speed * stride_sd / 2, "times"),
        "cadence_spm": (120.0 / stride, 120.0 * stride_sd / stride**2, "times"),
        "contact_time_s": (contact, contact_sd, "times"),
    }


def raw_group(curves: pd.DataFrame, forces: pd.DataFrame, strike: str, speed: float) -> GroupCurves:
    """The group as it was measured, without what targets of simulations do to it."""
    found = {}
    for name, sign in JOINTS.items():
        mean = curves[curves["var"] == name].sort_values("pct_stride")["mean"].to_numpy()[:-1]
        found["knee_angle" if name == "knee" else name] = sign * np.deg2rad(mean)
    for name in ("fx", "fy"):
        found[name] = forces[forces["var"] == name].sort_values("pct_stance")["mean"].to_numpy()
    carried = carried_group(strike, speed)
    return GroupCurves(speed, found, carried.stride_time, carried.contact_time)


def of_ten(data: Path) -> list[list]:
    folder = data / "hamner_group"
    roms, peaks = pd.read_csv(folder / "trunk_rom.csv"), pd.read_csv(folder / "lumbar_peaks_12Hz.csv")
    each = {}
    for coordinate, metric in ROM.items():
        chosen = roms[(roms.coordinate == coordinate) & roms.speed.isin([3.0, 4.0])]
        each[metric] = chosen.groupby("runner").rom.mean()
    for quantity, metric in MOMENT.items():
        chosen = peaks[(peaks.q == quantity) & peaks.speed.isin([3.0, 4.0])]
        largest = chosen["max"] if quantity == "M_extension" else np.maximum(chosen["max"], -chosen["min"])
        each[metric] = largest.groupby(chosen.runner).mean()
    rows = []
    for metric, values in each.items():
        mixed = values.index.str.removeprefix("hamner_").isin(MIXED)
        for strike, part in (("rearfoot", values[~mixed]), ("forefoot", values[mixed])):
            rows.append(
                [metric, strike, 3.5, len(part), f"{part.mean():.5g}", f"{part.std():.4g}", "runners", TEN]
            )
    return rows


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--data", type=Path, required=True)
    options.add_argument("-o", "--out", type=Path, default=Path(__file__).with_suffix(".csv"))
    given = options.parse_args()
    rows = [*of_groups(given.data), *of_ten(given.data)]
    with given.out.open("w", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["metric", "strike", "speed_mps", "n", "mean", "sd", "how", "source"])
        writer.writerows(rows)
    print(f"{given.out}: {len(rows)} rows")


if __name__ == "__main__":
    main()
