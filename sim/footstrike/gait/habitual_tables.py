"""The carried tables of habitual running, read once: curves in SI and radians by strike and speed."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray

from footstrike.resources import resource

Array = NDArray[np.float64]
Curves = dict[str, tuple[Array, Array]]

TO_SI = {"deg": np.pi / 180.0, "m": 1.0, "BW": 1.0, "s": 1.0, "N m/kg": 1.0}


@cache
def rows(name: str, folder: str = "targets") -> list[dict[str, str]]:
    """Rows of a table of experiments/."""
    with resource("experiments", folder, name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _curves(name: str, column: str) -> dict[tuple[str, float], Curves]:
    table = rows(name)
    return {
        (strike, speed): curves
        for strike in dict.fromkeys(row["strike"] for row in table)
        for speed, curves in by_speed([r for r in table if r["strike"] == strike], column, "sd").items()
    }


def _columns(pairs: list[tuple[float, float]]) -> tuple[Array, Array]:
    both = np.array(pairs)
    return both[:, 0], both[:, 1]


@cache
def joint_curves() -> dict[tuple[str, float], Curves]:
    """{(strike, speed): {coordinate: (mean, SD)}}: (100,) over a stride from contact; rad, m."""
    return _curves("kinematics.csv", "coordinate") | _curves("striker_kinematics.csv", "coordinate")


@cache
def force_curves() -> dict[tuple[str, float], Curves]:
    """{(strike, speed): {"fx" | "fy": (mean, SD)}}: (101,) over stance; body weights."""
    return _curves("ground_force.csv", "component") | _curves("striker_force.csv", "component")


@cache
def timings() -> dict[tuple[str, float], dict[str, tuple[float, float]]]:
    """{(strike, speed): {"stride_time" | "contact_time": (mean, SD)}} in s."""
    table: dict[tuple[str, float], dict[str, tuple[float, float]]] = {}
    for row in [*rows("timing.csv"), *rows("striker_timing.csv")]:
        group = table.setdefault((row["strike"], float(row["speed_mps"])), {})
        group[row["quantity"]] = (float(row["mean"]), float(row["sd"]))
    return table


@cache
def trunk_curves(group: str) -> dict[float, Curves]:
    """{speed: {coordinate: (mean, SD of the shape)}}: (100,) over a stride from right contact; rad, m.

    ``group`` is ``ten`` (the mean of ten runners) or the name of one of them.
    """
    return by_speed(
        [row for row in rows("trunk_arms.csv") if row["group"] == group], "coordinate", "sd_shape"
    )


@cache
def lumbar_moments() -> dict[float, Curves]:
    """{speed: {"extension" | "bending" | "rotation": (mean, SD)}}: (100,) over a stride from right contact, N m/kg.

    Net moments at L5/S1 of a typical runner; signs and axes as in :func:`footstrike.lumbar.net_load.net_load`.
    """
    return by_speed(rows("l5s1_target.csv"), "axis", "sd")


@cache
def sideways_force() -> dict[float, Curves]:
    """{speed: {"fz": (mean, SD)}}: (101,) over stance of the right foot, to the right +; body weights."""
    return by_speed(rows("sideways_force.csv"), "component", "sd")


def by_speed(table: list[dict[str, str]], column: str, spread: str) -> dict[float, Curves]:
    """{speed: {name in a column: (mean, SD)}} of rows in the order of their phase, in SI units."""
    samples: dict[float, dict[str, list[tuple[float, float]]]] = {}
    for row in table:
        scale = TO_SI[row["unit"]]
        curve = samples.setdefault(float(row["speed_mps"]), {}).setdefault(row[column], [])
        curve.append((float(row["mean"]) * scale, float(row[spread]) * scale))
    return {speed: {n: _columns(pairs) for n, pairs in group.items()} for speed, group in samples.items()}


def speeds(strike: str) -> tuple[float, ...]:
    """Speeds (m/s) at which a strike was measured, rising."""
    return tuple(sorted(speed for name, speed in timings() if name == strike))


def weights(speed: float, measured: tuple[float, ...]) -> dict[float, float]:
    """Weights of the measured speeds: piecewise linear, and beyond the ends the last line goes on."""
    upper = min(max(int(np.searchsorted(measured, speed)), 1), len(measured) - 1)
    low, high = measured[upper - 1], measured[upper]
    share = (speed - low) / (high - low)
    return {low: 1.0 - share, high: share}


def mixed(curves: Mapping[float, Curves], shares: dict[float, float], name: str) -> tuple[Array, Array]:
    """Mean and SD of one curve at a speed; the SD is not extrapolated."""
    inside = {v: min(max(share, 0.0), 1.0) for v, share in shares.items()}
    mean = np.sum([share * curves[v][name][0] for v, share in shares.items()], axis=0)
    spread = np.sum([share * curves[v][name][1] for v, share in inside.items()], axis=0)
    return mean, spread


@cache
def choices() -> dict[str, tuple[float | None, float]]:
    """{coordinate: (mean or None, SD)} of what neither data set measures; rad, m. No side in the names."""
    table: dict[str, tuple[float | None, float]] = {}
    for row in rows("choices.csv"):
        scale = TO_SI[row["unit"]]
        mean = float(row["mean"]) * scale if row["mean"] else None
        table[row["coordinate"]] = (mean, float(row["sd"]) * scale)
    return table
