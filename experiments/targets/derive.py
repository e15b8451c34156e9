"""Derive the gait targets that the package carries from two public data sets.

    python experiments/targets/derive.py --data DIR [-o experiments/targets]

DIR holds ``rbds/mean_curves.csv`` and ``rbds/mean_grf.csv`` (group means over the runners of Fukuchi et al.
2017, by strike label and speed; 0 = contact of the same side) and ``hamner_s01/run{2,3,4}_ik.mot`` and
``_grf.mot`` (subject 1 of Hamner & Delp 2013). What is done to them, and why, is told in docs/targets.md.

Legs, pelvis, forces: Fukuchi RK, Fukuchi CA, Duarte M (2017), PeerJ 5:e3298, figshare 4543435, CC-BY 4.0.
Trunk, arms: Hamner SR, Delp SL (2013), J Biomech 46:780, simtk.org/projects/nmbl_running.
"""

from __future__ import annotations

import argparse
import csv
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.signal import butter, filtfilt

from footstrike.formats.storage import read_columns
from footstrike.gait.fourier import coefficients, double_integral, evaluate

RBDS = "Fukuchi 2017 PeerJ 5:e3298 (CC-BY 4.0)"
STRIKES = {"Rearfoot": "rearfoot", "Forefoot": "forefoot"}
SPEEDS = (2.5, 3.5, 4.5)

# Cadence (steps/min) and contact time (s) with SD over runners of RBDS, 50 N threshold: same data set.
TIMING = {
    ("rearfoot", 2.5): (161.1, 9.4, 0.268, 0.023),
    ("forefoot", 2.5): (161.1, 10.1, 0.265, 0.029),
    ("rearfoot", 3.5): (170.5, 10.8, 0.226, 0.016),
    ("forefoot", 3.5): (171.1, 10.9, 0.221, 0.020),
    ("rearfoot", 4.5): (180.9, 11.3, 0.200, 0.012),
    ("forefoot", 4.5): (180.3, 8.0, 0.190, 0.018),
}

# name in RBDS -> (OpenSim coordinate, factor). The list of RBDS is too large: see LIST_ROM_DEG.
LEG = {
    "hip_flexion": ("hip_flexion", 1.0),
    "hip_adduction": ("hip_adduction", 1.0),
    "hip_rotation": ("hip_rotation", 1.0),
    "knee": ("knee_angle", -1.0),
    "ankle": ("ankle_angle", 1.0),
}
PELVIS = {"pelvis_tilt": "repeats", "pelvis_list": "reverses", "pelvis_rotation": "reverses"}
LIST_ROM_DEG = 10.0  # pelvic obliquity in running: 10.6 deg at 4 m/s, Schache 2002 Hum Mov Sci 21:273

CONTACT_N = 50.0

# Percent of stance. Where the rise is looked for, where the force stands still afterwards, and how far the impact goes.
RISE, PLATEAU, IMPACT_END, MIDSTANCE = slice(3, 16), slice(10, 26), 25, 50
INVERSIONS = 5
FILTER_HZ = (
    50.0  # of the measured forces, and of every force that is compared with them: fourth order, zero phase
)


def read_groups(path: Path, phase: str) -> dict:
    """{(strike, speed): {variable: (mean, sd)}}, arrays over the phase column."""
    table: dict = defaultdict(lambda: defaultdict(lambda: ([], [])))
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            if row["label"] in STRIKES:
                mean, sd = table[STRIKES[row["label"]], float(row["speed"])][row["var"]]
                assert int(row[phase]) == len(mean), f"{path}: rows out of order"
                mean.append(float(row["mean"]))
                sd.append(float(row["sd"]))
    return {k: {v: (np.array(m), np.array(s)) for v, (m, s) in d.items()} for k, d in table.items()}


def read_mot(path: Path) -> tuple[list[str], np.ndarray]:
    columns = read_columns(path)
    return list(columns), np.column_stack(list(columns.values()))


def half_stride_symmetric(curve: np.ndarray, parity: str) -> np.ndarray:
    """Mean of a one-period curve and its half-stride mirror image."""
    sign = 1.0 if parity == "repeats" else -1.0
    return (curve + sign * np.roll(curve, len(curve) // 2)) / 2.0


def list_factor(groups: dict) -> float:
    """One factor for all groups: brings the mean list ROM of both strikes at 3.5 m/s to LIST_ROM_DEG."""
    rom = [np.ptp(groups[strike, 3.5]["pelvis_list"][0]) for strike in STRIKES.values()]
    return LIST_ROM_DEG / float(np.mean(rom))


def kinematics(groups: dict) -> list[list]:
    factor = list_factor(groups)
    rows = []
    for (strike, speed), curves in sorted(groups.items()):
        one_period = {name: (mean[:-1], sd[:-1]) for name, (mean, sd) in curves.items()}
        out = {}
        for name, (coordinate, sign) in LEG.items():
            mean, sd = one_period[name]
            out[coordinate] = sign * mean, sd, "deg", RBDS
        for name, parity in PELVIS.items():
            mean, sd = one_period[name]
            out[name] = half_stride_symmetric(mean, parity), half_stride_symmetric(sd, "repeats"), "deg", RBDS

        # The pelvis is measured too oblique, the thigh is not: what the list loses, hip adduction loses too.
        mean, sd, unit, source = out["pelvis_list"]
        out["pelvis_list"] = factor * mean, factor * sd, unit, f"{source}; x {factor:.3f}"
        adduction, adduction_sd, unit, source = out["hip_adduction"]
        out["hip_adduction"] = (
            adduction + (1.0 - factor) * mean,
            adduction_sd,
            unit,
            f"{source}; less the list removed",
        )

        height, height_sd = one_period["pelvis_ty"]
        height = half_stride_symmetric(height, "repeats")
        out["pelvis_ty"] = height - height.mean(), height_sd, "m", f"{RBDS}; mean removed"
        for coordinate, (mean, sd, unit, source) in out.items():
            for phase, (m, s) in enumerate(zip(mean, sd, strict=True)):
                rows.append([strike, speed, coordinate, phase, f"{m:.5f}", f"{s:.5f}", unit, source])
    return rows


def timing_spread(mean: np.ndarray, sd: np.ndarray) -> tuple[float, int]:
    """SD between runners of when the vertical force (101,) rises, and where it rises fastest; % of stance.

    Where a curve rises fast, runners differ because their feet load earlier or later, and because they load more or
    less. The latter is read where the force stands still after the impact, as a share of the force.
    """
    slope = np.gradient(mean)
    still = PLATEAU.start + int(np.argmin(np.abs(slope[PLATEAU])))
    fastest = RISE.start + int(np.argmax(slope[RISE]))
    amplitude = sd[still] / mean[still] * mean[fastest]
    return float(np.sqrt(sd[fastest] ** 2 - amplitude**2) / slope[fastest]), fastest


def smeared(curve: np.ndarray, spread: float, fastest: int, contact: float) -> np.ndarray:
    """Filtered mean of a stance curve (101,) over runners whose impact comes earlier and later by ``spread`` (SD, %).

    Contact comes at once for all, and at midstance they have met again. ``contact`` time in s.
    """
    percent = np.arange(len(curve))
    nodes, weights = np.polynomial.hermite_e.hermegauss(9)
    spline, share = CubicSpline(percent, curve), impact_share(fastest)
    shifted = [spline(np.clip(percent + spread * share * z, 0, percent[-1])) for z in nodes]
    b, a = butter(2, FILTER_HZ * 2 * contact / (len(curve) - 1))
    return np.asarray(filtfilt(b, a, weights @ shifted / weights.sum()))


def impact_share(fastest: int) -> np.ndarray:
    """How much of the shift each percent of stance (101,) gets."""
    percent = np.arange(101)
    return np.clip(percent / fastest, 0, 1) * np.clip((MIDSTANCE - percent) / (MIDSTANCE - IMPACT_END), 0, 1)


def registered(mean: np.ndarray, spread: float, fastest: int, contact: float) -> np.ndarray:
    """The curve (101,) that spread of timing and filter smear into the mean: van Cittert's iteration."""
    curve = mean
    for _ in range(INVERSIONS):
        curve = curve + impact_share(fastest) * (mean - smeared(curve, spread, fastest, contact))
    return curve


def ground_force(groups: dict) -> list[list]:
    rows = []
    for (strike, speed), curves in sorted(groups.items()):
        spread, fastest = timing_spread(*curves["fy"])
        contact = TIMING[strike, speed][2]
        source = f"{RBDS}; timing spread of {spread:.2f} % of stance and filter removed"
        for component in ("fx", "fy"):
            mean, sd = curves[component]
            for phase, (m, s) in enumerate(zip(registered(mean, spread, fastest, contact), sd, strict=True)):
                rows.append([strike, speed, component, phase, f"{m:.4f}", f"{s:.4f}", "BW", source])
    return rows


def timing() -> list[list]:
    rows = []
    for (strike, speed), (cadence, cadence_sd, contact, contact_sd) in sorted(TIMING.items()):
        stride = 120.0 / cadence
        stride_sd = stride * cadence_sd / cadence
        rows.append([strike, speed, "stride_time", f"{stride:.4f}", f"{stride_sd:.4f}", "s", RBDS])
        rows.append([strike, speed, "contact_time", f"{contact:.4f}", f"{contact_sd:.4f}", "s", RBDS])
    return rows


def right_contacts(path: Path) -> np.ndarray:
    """Times (s) at which the right vertical force rises above CONTACT_N."""
    names, data = read_mot(path)
    right = next(i for i, name in enumerate(names) if name in ("R_ground_force_vy", "ground_force_vy"))
    force = data[:, right]
    return data[1:, 0][(force[1:] > CONTACT_N) & (force[:-1] <= CONTACT_N)]


def hamner_stride(data: Path, speed: int) -> tuple[float, dict[str, np.ndarray]]:
    """Stride time and mean right-contact-to-right-contact curves (100,) of each coordinate, drift removed."""
    names, motion = read_mot(data / "hamner_s01" / f"run{speed}_ik.mot")
    contacts = right_contacts(data / "hamner_s01" / f"run{speed}_grf.mot")
    strides = [(a, b) for a, b in pairwise(contacts) if b <= motion[-1, 0]]
    phase = np.arange(100) / 100.0
    curves = {}
    for i, name in enumerate(names[1:34], start=1):
        cycles = []
        for a, b in strides:
            ends = np.interp([a, b], motion[:, 0], motion[:, i])
            cycle = np.interp(a + phase * (b - a), motion[:, 0], motion[:, i])
            cycles.append(cycle - phase * (ends[1] - ends[0]))
        curves[name] = np.mean(cycles, axis=0)
    return float(np.mean([b - a for a, b in strides])), curves


def write(path: Path, header: list[str], rows: list[list]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    print(f"{path}: {len(rows)} rows")


def stride_series(force: np.ndarray, contact: float, stride: float) -> np.ndarray:
    """Series of a stance force (101,) summed over both feet, over one stride."""
    since_contact = (np.arange(2000) / 2000 * 2 % 1) * stride / 2
    stance = np.linspace(0.0, contact, len(force))
    return coefficients(np.interp(since_contact, stance, force, right=0.0), 20, "repeats")


def impact(force: np.ndarray, contact: float) -> tuple[tuple[float, ...] | None, float]:
    """First peak (ms, BW) and the dip after it (ms, BW) of a stance force (101,), None if none; steepest rise, BW/s."""
    fine = np.linspace(0.0, 1.0, 4001)
    spline = CubicSpline(np.linspace(0.0, 1.0, len(force)), force)
    curve, rate = spline(fine), spline(fine, 1) / contact
    turns = np.flatnonzero(np.diff(np.sign(rate)))
    turns = turns[turns > 40]
    steepest = float(rate[: len(fine) // 4].max())
    if len(turns) < 2 or fine[turns[0]] > IMPACT_END / 100:
        return None, steepest
    return tuple(float(x) for t in turns[:2] for x in (fine[t] * contact * 1e3, curve[t])), steepest


def check_registration(forces: dict) -> None:
    """Print what removing spread of timing and filter does to the vertical force, read through the filter."""
    print("spread of timing (% of stance); first peak and dip (ms, BW), steepest rise (BW/s): mean -> target")
    for (strike, speed), (_, _, contact, _) in sorted(TIMING.items()):
        mean, sd = forces[strike, speed]["fy"]
        spread, fastest = timing_spread(mean, sd)
        curve = registered(mean, spread, fastest, contact)
        left = np.abs(impact_share(fastest) * (smeared(curve, spread, fastest, contact) - mean)).max()
        says = []
        for force in (mean, smeared(curve, 0.0, fastest, contact)):
            peak, steepest = impact(force, contact)
            says.append(
                f"{'none' if peak is None else '{:.1f} {:.3f}, {:.1f} {:.3f}'.format(*peak)}; {steepest:.0f}"
            )
        print(
            f"  {strike} {speed}: {spread:.2f} %, {' -> '.join(says)};"
            f" change at most {np.abs(curve - mean).max():.3f} BW, of the impulse"
            f" {(curve - mean).sum() / mean.sum():+.4f}; left {left:.4f} BW"
        )


def check(groups: dict, forces: dict, data: Path) -> None:
    """Print what the conversion rests on: signs against Hamner, impulse, oscillation of the mass centre."""
    _, hamner = hamner_stride(data, 3)
    print("sign check: rearfoot mean of 2.5 and 3.5 m/s against Hamner subject 1 at 3 m/s")
    pairs = {n: c + "_r" for n, (c, _) in LEG.items()} | {n: n for n in [*PELVIS, "pelvis_ty"]}
    for name, coordinate in pairs.items():
        sign = LEG[name][1] if name in LEG else 1.0
        ours = sign * (groups["rearfoot", 2.5][name][0] + groups["rearfoot", 3.5][name][0])[:-1] / 2
        theirs = hamner[coordinate]
        shifted = [np.corrcoef(np.roll(ours, k), theirs)[0, 1] for k in range(-25, 25)]
        best = int(np.argmax(shifted))
        print(
            f"  {name:16s} r = {shifted[25]:+.3f}, best {shifted[best]:+.3f} at {best - 25:+d} % stride;"
            f" mean {ours.mean():+7.2f} / {theirs.mean():+7.2f},"
            f" ROM {np.ptp(ours):6.2f} / {np.ptp(theirs):6.2f}"
        )
    print(f"pelvis list x {list_factor(groups):.3f}")
    for (strike, speed), (cadence, _, contact, _) in sorted(TIMING.items()):
        stride, curves = 120.0 / cadence, forces[strike, speed]
        vertical = stride_series(curves["fy"][0], contact, stride)
        impulse = vertical[0].real
        fore_aft = stride_series(curves["fx"][0], contact, stride)
        phase = np.arange(100) / 100.0
        com = evaluate(double_integral(vertical / impulse * 9.81, stride), phase)
        surge = evaluate(double_integral(fore_aft * 9.81, stride), phase)
        height = half_stride_symmetric(groups[strike, speed]["pelvis_ty"][0][:-1], "repeats")
        agreement = np.corrcoef(com, height)[0, 1]
        print(
            f"  {strike} {speed}: vertical impulse {impulse:.4f} of 1 BW x step; oscillation of the"
            f" mass centre {np.ptp(com):.4f} m, of the pelvis {np.ptp(height):.4f} m, r = {agreement:+.3f};"
            f" net fore-aft impulse {fore_aft[0].real * stride / 2:+.4f} BW s, surge {np.ptp(surge):.4f} m"
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with rbds/ and hamner_s01/")
    parser.add_argument("-o", "--output", type=Path, default=Path(__file__).parent)
    options = parser.parse_args()
    groups = read_groups(options.data / "rbds" / "mean_curves.csv", "pct_stride")
    forces = read_groups(options.data / "rbds" / "mean_grf.csv", "pct_stance")
    group, value = ["strike", "speed_mps"], ["mean", "sd", "unit", "source"]
    folder = options.output
    write(folder / "kinematics.csv", [*group, "coordinate", "phase_pct", *value], kinematics(groups))
    write(folder / "ground_force.csv", [*group, "component", "phase_pct", *value], ground_force(forces))
    write(folder / "timing.csv", [*group, "quantity", *value], timing())
    check(groups, forces, options.data)
    check_registration(forces)


if __name__ == "__main__":
    main()
