"""Derive trunk, pelvis and arms, net moments at L5/S1, and one forefoot striker from ten measured runners.

    python experiments/targets/ten_runners.py --data DIR [-o experiments/targets]

DIR holds ``hamner_group/`` (curves of ten runners at 2, 3, 4 and 5 m/s, right and mirrored left strides averaged; Hamner
SR, Delp SL 2013, J Biomech 46:780). Every runner's curve is taken apart into its mean over the stride (an offset) and
the shape about it: the two differ between runners by different amounts. docs/targets.md tells what is done and why.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from derive import write

from footstrike.lumbar.one_joint import LUMBAR, on_six_levels
from footstrike.model.description import Description
from footstrike.model.sides import REVERSING
from footstrike.model.subject import Subject
from footstrike.simulation.problems import runner

SOURCE = "Hamner & Delp 2013 J Biomech 46:780, {}"
TEN = SOURCE.format("ten runners")
ONE = SOURCE.format("runner s19")
EARLY_PCT = 2.0  # of the stride: how early contact reads on forces that were smoothed (docs/targets.md)
SPEEDS = (2, 3, 4, 5)
STRIKER = "true_forefoot"  # s19
GROUPS = {"ten": None, "s19": ["s19"]}
MIDLINE = (
    "pelvis_tilt",
    "pelvis_list",
    "pelvis_rotation",
    "lumbar_extension",
    "lumbar_bending",
    "lumbar_rotation",
)
ARMS = ("arm_flex", "arm_add", "arm_rot", "elbow_flex")
PATH = ("pelvis_tx", "pelvis_ty", "pelvis_tz")
HIP = ("hip_adduction", "hip_rotation")
LEG = ("hip_flexion", "hip_adduction", "hip_rotation", "knee_angle", "ankle_angle")
ZERO_MEAN = (*PATH, "pelvis_list", "pelvis_rotation", "lumbar_bending", "lumbar_rotation")
AXES = {"extension": 1.0, "bending": -1.0, "rotation": -1.0}  # sign after half a stride
FILTER_HZ = 12.0  # of the measured motion


def on_phase(curve: np.ndarray) -> np.ndarray:
    """(100,) from right contact, of a curve (101,) that begins ``EARLY_PCT`` of a stride before it."""
    at = (np.arange(100) + EARLY_PCT) % 100
    return np.interp(at, np.arange(101), curve)


def symmetric(curve: np.ndarray, name: str) -> np.ndarray:
    """The curve (..., 100) with its half-stride symmetry; those of the legs and arms have none."""
    if name in LEG or name in ARMS:
        return curve
    sign = -1.0 if name in REVERSING else 1.0
    return (curve + sign * np.roll(curve, 50, axis=-1)) / 2.0


def runners(table: pd.DataFrame, coordinate: str, speed: int) -> tuple[list[str], np.ndarray]:
    """Names of the runners and their curves (R, 100) of one coordinate at one speed."""
    phase = "pct" if "pct" in table else "pct_stride"
    chosen = table[(table.coordinate == coordinate) & (table.speed == speed)]
    wide = chosen.pivot(index="runner", columns=phase, values="mean")
    curves = np.array([on_phase(row) for row in wide.to_numpy()])
    curves = symmetric(curves, coordinate)
    if coordinate in ZERO_MEAN:
        curves = curves - curves.mean(axis=1, keepdims=True)
    return list(wide.index), curves


def spreads(curves: np.ndarray) -> tuple[np.ndarray, float]:
    """SD between runners of the shape (100,), and of the mean over the stride."""
    offset = curves.mean(axis=1, keepdims=True)
    return (curves - offset).std(axis=0, ddof=1), float(offset.std(ddof=1))


def trunk_arms(data: Path, skeleton: Description) -> list[list]:
    body = pd.read_csv(data / "body_curves.csv")
    trunk = pd.read_csv(data / "trunk_curves.csv")
    rows = []
    for group, chosen in GROUPS.items():
        for speed in SPEEDS:
            means, sds = {}, {}
            for name in (*MIDLINE, *HIP, *ARMS, *PATH):
                names, curves = runners(trunk if name in ARMS else body, name, speed)
                sds[name] = spreads(curves)
                means[name] = curves[[n in (chosen or names) for n in names]].mean(axis=0)
            lumbar = np.deg2rad([means[name] for name in LUMBAR])
            means |= dict(zip(LUMBAR, np.rad2deg(on_six_levels(skeleton, lumbar)), strict=True))
            for name, mean in means.items():
                shape, offset = sds[name]
                unit = "m" if name in PATH else "deg"
                digits = 5 if unit == "m" else 4
                source = (TEN if chosen is None else ONE) + (
                    "; for a spine of six levels" if name in LUMBAR else ""
                )
                rows += [
                    [group, speed, name, k, *(f"{x:.{digits}f}" for x in (m, s, offset)), unit, source]
                    for k, (m, s) in enumerate(zip(mean, shape, strict=True))
                ]
    return rows


def moments(data: Path) -> list[list]:
    """Net moments at L5/S1 of a typical runner: mean over the ten, with the peak of single strides, before the filter.

    A mean over runners and strides is flatter than any of them, since they differ in time. So it is scaled, axis by axis, to
    the peak that the runners' strides have in the mean. The measured motion was low-passed; what a simulation tracks must
    not be, since the simulation is read through the same filter.
    """
    group = pd.read_csv(data / "lumbar_group_12Hz.csv")
    strides = pd.read_csv(data / "lumbar_peaks_12Hz.csv")
    stride_time = pd.read_csv(data / "times.csv").groupby("speed").stride_time_s.mean()
    rows = []
    for speed in SPEEDS:
        for axis, sign in AXES.items():
            curve = group[(group.quantity == f"M_{axis}") & (group.speed == speed)].sort_values("pct")
            mean, sd = (on_phase(curve[column].to_numpy()) for column in ("mean", "std"))
            mean, sd = (mean + sign * np.roll(mean, 50)) / 2, (sd + np.roll(sd, 50)) / 2
            peaks = strides[(strides.q == f"M_{axis}") & (strides.speed == speed)]
            largest = peaks["max"] if sign > 0 else np.maximum(peaks["max"], -peaks["min"])
            factor = float(largest.mean()) / mean.max()
            target = unfiltered(factor * mean, stride_time[speed])
            rows += [
                [speed, axis, k, f"{m:.4f}", f"{s:.4f}", "N m/kg", f"{TEN}; x {factor:.3f}, filter removed"]
                for k, (m, s) in enumerate(zip(target, sd, strict=True))
            ]
    return rows


def unfiltered(curve: np.ndarray, period: float) -> np.ndarray:
    """The periodic curve (100,) before a Butterworth filter of second order, there and back, up to the filter's frequency."""
    series = np.fft.rfft(curve)
    frequency = np.arange(len(series)) / period
    passed = 1.0 / (1.0 + (frequency / FILTER_HZ) ** 4)
    return np.fft.irfft(np.where(frequency < FILTER_HZ, series / passed, 0.0), len(curve))


def sideways_force(data: Path) -> list[list]:
    """Of the right foot, to the right +; mean and SD over the ten runners."""
    table = pd.read_csv(data / "force_curves.csv")
    rows = []
    for speed in SPEEDS:
        chosen = table[(table.component == "fz") & (table.speed == speed)]
        curves = chosen.pivot(index="runner", columns="pct_stance", values="mean_bw").to_numpy()
        mean, sd = curves.mean(axis=0), curves.std(axis=0, ddof=1)
        rows += [
            [speed, "fz", k, f"{m:.4f}", f"{s:.4f}", "BW", TEN]
            for k, (m, s) in enumerate(zip(mean, sd, strict=True))
        ]
    return rows


def forefoot_striker(data: Path) -> tuple[list[list], list[list], list[list]]:
    """Legs, forces and times of the one runner who lands on the forefoot; SDs are those between the ten."""
    body, forces = pd.read_csv(data / "body_curves.csv"), pd.read_csv(data / "force_curves.csv")
    times = pd.read_csv(data / "times.csv")
    legs, force, timing = [], [], []
    for speed in SPEEDS:
        for name in (*LEG, "pelvis_ty"):
            names, curves = runners(body, name, speed)
            mean, sd = curves[names.index("s19")], curves.std(axis=0, ddof=1)
            unit = "m" if name in PATH else "deg"
            legs += [
                [STRIKER, speed, name, k, f"{m:.5f}", f"{s:.5f}", unit, ONE]
                for k, (m, s) in enumerate(zip(mean, sd, strict=True))
            ]
        for component in ("fx", "fy"):
            chosen = forces[(forces.component == component) & (forces.speed == speed)]
            wide = chosen.pivot(index="runner", columns="pct_stance", values="mean_bw")
            sd = wide.to_numpy().std(axis=0, ddof=1)
            force += [
                [STRIKER, speed, component, k, f"{m:.4f}", f"{s:.4f}", "BW", ONE]
                for k, (m, s) in enumerate(zip(wide.loc["s19"], sd, strict=True))
            ]
        at_speed = times[times.speed == speed].set_index("runner")
        for quantity, column in (("stride_time", "stride_time_s"), ("contact_time", "contact_time_s")):
            mean, sd = at_speed.loc["s19", column], at_speed[column].std(ddof=1)
            timing.append([STRIKER, speed, quantity, f"{mean:.4f}", f"{sd:.4f}", "s", ONE])
    return legs, force, timing


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with hamner_group/")
    parser.add_argument("-o", "--output", type=Path, default=Path(__file__).parent)
    options = parser.parse_args()
    data, folder = options.data / "hamner_group", options.output
    skeleton = runner(Subject(legs="none")).description
    value = ["mean", "sd", "unit", "source"]
    curve = ["mean", "sd_shape", "sd_offset", "unit", "source"]
    write(
        folder / "trunk_arms.csv",
        ["group", "speed_mps", "coordinate", "phase_pct", *curve],
        trunk_arms(data, skeleton),
    )
    write(folder / "l5s1_target.csv", ["speed_mps", "axis", "phase_pct", *value], moments(data))
    write(
        folder / "sideways_force.csv", ["speed_mps", "component", "stance_pct", *value], sideways_force(data)
    )
    group = ["strike", "speed_mps"]
    legs, force, timing = forefoot_striker(data)
    write(folder / "striker_kinematics.csv", [*group, "coordinate", "phase_pct", *value], legs)
    write(folder / "striker_force.csv", [*group, "component", "stance_pct", *value], force)
    write(folder / "striker_timing.csv", [*group, "quantity", *value], timing)


if __name__ == "__main__":
    main()
