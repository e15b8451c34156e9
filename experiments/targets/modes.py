"""Derive how runners differ from their group's mean: modes of legs with forces, and of trunk with arms.

    python experiments/targets/modes.py --data DIR [-o experiments/targets]

DIR holds ``rbds/between_runner_modes.csv`` (principal components of the runners of a strike group, Fukuchi et al. 2017) and
``hamner_group/`` (curves of ten runners). A loading is the change for a score of one SD, so that scores are normal with
mean 0 and SD 1. Those of trunk and arms are principal components of the shapes about each runner's mean over the stride, mean
of 3 and 4 m/s, every coordinate with the same variance.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from derive import LEG, PELVIS, RBDS, half_stride_symmetric, write
from ten_runners import ARMS, HIP, MIDLINE, PATH, TEN, runners

from footstrike.lumbar.one_joint import LUMBAR, on_six_levels
from footstrike.model.description import Description
from footstrike.model.subject import Subject
from footstrike.simulation.problems import runner

OF_LEGS = (
    "hip_flexion",
    "knee",
    "ankle",
    "pelvis_tilt",
    "pelvis_rotation",
    "pelvis_ty",
    "fx",
    "fy",
    "stride_time",
    "contact_time",
)
TIMES, FORCES = ("stride_time", "contact_time"), ("fx", "fy")
KEPT = 0.95  # share of the variance
TRUNK = (*MIDLINE, *HIP, *ARMS, *PATH)


def legs(data: Path) -> list[list]:
    """Rows of speed, quantity, per cent, unit, source, loadings; what a reference gait takes from elsewhere is left out."""
    table = pd.read_csv(data / "rbds" / "between_runner_modes.csv")
    rows = []
    for speed, at_speed in table.groupby("speed"):
        for name in OF_LEGS:
            wide = at_speed[at_speed["var"] == name].pivot(index="pct", columns="mode", values="loading")
            coordinate, curves = _as_tracked(name, wide.to_numpy())
            unit = _unit(name)
            digits = 4 if unit == "deg" else 5
            rows += [
                [speed, coordinate, k, unit, RBDS, *_padded([f"{x:.{digits}f}" for x in row])]
                for k, row in enumerate(curves)
            ]
    return rows


def _as_tracked(name: str, curves: np.ndarray) -> tuple[str, np.ndarray]:
    """Coordinate and curves (P, modes) with the sign, the period and the symmetry of the tables beside this."""
    if name in (*FORCES, *TIMES):
        return name, curves
    curves = curves[:-1]
    if name in LEG:
        coordinate, sign = LEG[name]
        return coordinate, sign * curves
    parity = PELVIS.get(name, "repeats")
    curves = np.stack([half_stride_symmetric(c, parity) for c in curves.T], axis=1)
    return name, curves - curves.mean(axis=0) if name == "pelvis_ty" else curves


def _unit(name: str) -> str:
    if name in TIMES:
        return "s"
    return "BW" if name in FORCES else "m" if name in PATH else "deg"


MOST = 14


def _padded(values: list[str]) -> list[str]:
    return values + [""] * (MOST - len(values))


def trunk(data: Path, skeleton: Description) -> tuple[list[list], int]:
    """Rows of coordinate, per cent, unit, source, loadings; and the number of modes."""
    shapes = _shapes(data / "hamner_group", skeleton)
    away = {name: curves - curves.mean(axis=0) for name, curves in shapes.items()}
    size = {name: float(np.sqrt((x**2).sum(axis=0).mean() / (len(x) - 1))) for name, x in away.items()}
    whole = np.concatenate([away[name] / size[name] for name in TRUNK], axis=1)
    _, s, modes = np.linalg.svd(whole, full_matrices=False)
    share = np.cumsum(s**2) / np.sum(s**2)
    number = int(np.searchsorted(share, KEPT)) + 1
    print("trunk: cumulative share of variance", np.round(share[:number], 3))
    loading = (s[:number, None] / np.sqrt(len(whole) - 1)) * modes[:number]
    rows = []
    for place, name in enumerate(TRUNK):
        unit = "m" if name in PATH else "deg"
        digits = 5 if unit == "m" else 4
        curves = size[name] * loading[:, 100 * place : 100 * (place + 1)].T
        rows += [[name, k, unit, TEN, *(f"{x:.{digits}f}" for x in row)] for k, row in enumerate(curves)]
    return rows, number


def _shapes(folder: Path, skeleton: Description) -> dict[str, np.ndarray]:
    """(10, 100) by coordinate: mean over 3 and 4 m/s of each runner's curve about its own mean."""
    body, arms = pd.read_csv(folder / "body_curves.csv"), pd.read_csv(folder / "trunk_curves.csv")
    found: dict[str, list[np.ndarray]] = {}
    for speed in (3, 4):
        curves = {name: runners(arms if name in ARMS else body, name, speed)[1] for name in TRUNK}
        lumbar = np.deg2rad(np.stack([curves[name] for name in LUMBAR], axis=1))
        fitted = np.rad2deg([on_six_levels(skeleton, one) for one in lumbar])
        curves |= {name: fitted[:, i] for i, name in enumerate(LUMBAR)}
        for name, values in curves.items():
            found.setdefault(name, []).append(values - values.mean(axis=1, keepdims=True))
    return {name: np.mean(values, axis=0) for name, values in found.items()}


def moments(data: Path) -> None:
    """Print by how much the peaks of the net moments at L5/S1 differ between the ten, in parts of their mean."""
    peaks = pd.read_csv(data / "hamner_group" / "lumbar_peaks_12Hz.csv")
    peaks = peaks[peaks.speed.isin([3.0, 4.0])]
    for axis in ("extension", "bending", "rotation"):
        rows = peaks[peaks.q == f"M_{axis}"]
        largest = rows["max"] if axis == "extension" else np.maximum(rows["max"], -rows["min"])
        each = largest.groupby(rows.runner).mean()
        print(f"L5/S1 {axis}: SD over mean between runners {each.std() / each.mean():.3f}")


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--data", type=Path, required=True)
    options.add_argument("-o", "--out", type=Path, default=Path(__file__).parent)
    given = options.parse_args()
    head = [f"mode_{k + 1}" for k in range(MOST)]
    write(
        given.out / "leg_modes.csv",
        ["speed_mps", "quantity", "phase_pct", "unit", "source", *head],
        legs(given.data),
    )
    rows, number = trunk(given.data, runner(Subject(legs="none")).description)
    write(given.out / "trunk_modes.csv", ["quantity", "phase_pct", "unit", "source", *head[:number]], rows)
    moments(given.data)


if __name__ == "__main__":
    main()
