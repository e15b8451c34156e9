"""The carried tables of habitual running, read once: curves in SI and radians by strike and speed."""

from __future__ import annotations

import csv
from functools import cache

import numpy as np
from numpy.typing import NDArray

from footstrike.resources import resource

Array = NDArray[np.float64]
Curves = dict[str, tuple[Array, Array]]

_TO_SI = {"deg": np.pi / 180.0, "m": 1.0, "BW": 1.0, "s": 1.0}


def _rows(name: str) -> list[dict[str, str]]:
    with resource("experiments", "targets", name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _curves(name: str, column: str) -> dict[tuple[str, float], Curves]:
    samples: dict[tuple[str, float], dict[str, list[tuple[float, float]]]] = {}
    for row in _rows(name):
        group = samples.setdefault((row["strike"], float(row["speed_mps"])), {})
        scale = _TO_SI[row["unit"]]
        group.setdefault(row[column], []).append((float(row["mean"]) * scale, float(row["sd"]) * scale))
    return {key: {n: _columns(pairs) for n, pairs in group.items()} for key, group in samples.items()}


def _columns(pairs: list[tuple[float, float]]) -> tuple[Array, Array]:
    both = np.array(pairs)
    return both[:, 0], both[:, 1]


@cache
def joint_curves() -> dict[tuple[str, float], Curves]:
    """{(strike, speed): {coordinate: (mean, SD)}}: (100,) over a stride from contact; rad, m."""
    return _curves("kinematics.csv", "coordinate")


@cache
def force_curves() -> dict[tuple[str, float], Curves]:
    """{(strike, speed): {"fx" | "fy": (mean, SD)}}: (101,) over stance; body weights."""
    return _curves("ground_force.csv", "component")


@cache
def timings() -> dict[tuple[str, float], dict[str, tuple[float, float]]]:
    """{(strike, speed): {"stride_time" | "contact_time": (mean, SD)}} in s."""
    table: dict[tuple[str, float], dict[str, tuple[float, float]]] = {}
    for row in _rows("timing.csv"):
        group = table.setdefault((row["strike"], float(row["speed_mps"])), {})
        group[row["quantity"]] = (float(row["mean"]), float(row["sd"]))
    return table


@cache
def trunk_series() -> dict[float, dict[str, NDArray[np.complex128]]]:
    """{speed: {coordinate: Fourier coefficients}}: as in `footstrike.gait.fourier`; rad, m."""
    table: dict[float, dict[str, list[complex]]] = {}
    for row in _rows("trunk_arms.csv"):
        series = table.setdefault(float(row["speed_mps"]), {}).setdefault(row["coordinate"], [])
        series.append(complex(float(row["real"]), float(row["imaginary"])) * _TO_SI[row["unit"]])
    return {speed: {name: np.array(c) for name, c in group.items()} for speed, group in table.items()}


def speeds(strike: str) -> tuple[float, ...]:
    """Speeds (m/s) at which a strike was measured, rising."""
    return tuple(sorted(speed for name, speed in timings() if name == strike))


def weights(speed: float, measured: tuple[float, ...]) -> dict[float, float]:
    """Weights of the measured speeds: piecewise linear, and beyond the ends the last line goes on."""
    upper = min(max(int(np.searchsorted(measured, speed)), 1), len(measured) - 1)
    low, high = measured[upper - 1], measured[upper]
    share = (speed - low) / (high - low)
    return {low: 1.0 - share, high: share}


@cache
def choices() -> dict[str, tuple[float | None, float]]:
    """{coordinate: (mean or None, SD)} of what neither data set measures; rad, m. No side in the names."""
    table: dict[str, tuple[float | None, float]] = {}
    for row in _rows("choices.csv"):
        scale = _TO_SI[row["unit"]]
        mean = float(row["mean"]) * scale if row["mean"] else None
        table[row["coordinate"]] = (mean, float(row["sd"]) * scale)
    return table
