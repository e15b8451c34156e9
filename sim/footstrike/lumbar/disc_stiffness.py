"""Passive stiffness of the lumbar motion segments: discs, ligaments and facets as linear rotational springs.

Off unless asked for: the muscles of the model then balance all of the moment. The springs are at rest while
all lumbar coordinates are zero (standing); in vitro the resting posture of a segment is not known to be that
one, and stiffness rises with compression (the published range is kept in the table), so this serves
sensitivity, not a corrected load.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from footstrike.errors import InputError, unknown_name
from footstrike.model.rows import LEVELS, LUMBAR_AXES
from footstrike.resources import resource

Array = NDArray[np.float64]
Value = Literal["stiffness", "low", "high"]

DIRECTIONS = ("flexion", "extension", "bending", "rotation")
VALUES: tuple[Value, ...] = ("stiffness", "low", "high")

Stiffness = Mapping[str, Mapping[str, float]]
"""N m/rad, {level: {direction: value}}."""


@cache
def disc_stiffness(value: Value = "stiffness") -> dict[str, dict[str, float]]:
    """Rotational stiffness of every level, N m/rad (models/disc_stiffness.csv, each with its source).

    Parameters
    ----------
    value
        ``"stiffness"``, the middle of the published range, or its ends ``"low"`` and ``"high"``.
    """
    if value not in VALUES:
        raise unknown_name("value of the disc stiffness", value, VALUES)
    out: dict[str, dict[str, float]] = {}
    with resource("models", "disc_stiffness.csv").open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            out.setdefault(row["level"], {})[row["direction"]] = float(row[value])
    return out


def level_moments(
    coordinates: Mapping[str, ArrayLike],
    fractions: Mapping[str, Mapping[str, float]],
    stiffness: Stiffness | None = None,
) -> dict[str, dict[str, Array]]:
    """Moment of every level's spring on the upper vertebra, N m.

    Parameters
    ----------
    coordinates
        ``lumbar_extension``, ``lumbar_bending``, ``lumbar_rotation``, each a number or (T,), rad.
    fractions
        Share of each level, {axis: {level: share}}, as :attr:`footstrike.model.rows.Rhythm.fractions`.
    stiffness
        N m/rad, {level: {flexion, extension, bending, rotation}}; :func:`disc_stiffness` if not given.

    Returns
    -------
    {level: {axis: moment}} about the axes of the three coordinates, with their signs.
    """
    used = disc_stiffness() if stiffness is None else stiffness
    angles = _angles(coordinates)
    return {
        level: {
            axis: -_spring(used[level], axis, fractions[axis][level] * angles[axis]) for axis in LUMBAR_AXES
        }
        for level in LEVELS
    }


def passive_moments(
    coordinates: Mapping[str, ArrayLike],
    fractions: Mapping[str, Mapping[str, float]],
    stiffness: Stiffness | None = None,
) -> dict[str, Array]:
    """Generalised moment of all springs on the three lumbar coordinates, N m.

    The share of a level weighs its spring's moment, since the level turns by that share of the coordinate: the
    moments are minus the slopes of :func:`passive_energy`. Parameters as :func:`level_moments`.
    """
    moments = level_moments(coordinates, fractions, stiffness)
    return {
        f"lumbar_{axis}": np.asarray(sum(fractions[axis][level] * moments[level][axis] for level in LEVELS))
        for axis in LUMBAR_AXES
    }


def passive_energy(
    coordinates: Mapping[str, ArrayLike],
    fractions: Mapping[str, Mapping[str, float]],
    stiffness: Stiffness | None = None,
) -> Array:
    """Elastic energy of all springs, J; parameters as :func:`level_moments`."""
    angles = _angles(coordinates)
    moments = level_moments(coordinates, fractions, stiffness)
    parts = [
        -0.5 * moments[level][axis] * fractions[axis][level] * angles[axis]
        for level in LEVELS
        for axis in LUMBAR_AXES
    ]
    return np.asarray(sum(parts))


def _spring(level: Mapping[str, float], axis: str, angle: Array) -> Array:
    if axis != "extension":
        return level[axis] * angle
    return np.where(angle < 0.0, level["flexion"], level["extension"]) * angle


def _angles(coordinates: Mapping[str, ArrayLike]) -> dict[str, Array]:
    missing = [f"lumbar_{axis}" for axis in LUMBAR_AXES if f"lumbar_{axis}" not in coordinates]
    if missing:
        raise InputError(f"passive disc stiffness needs the coordinates {', '.join(missing)}")
    return {axis: np.asarray(coordinates[f"lumbar_{axis}"], dtype=float) for axis in LUMBAR_AXES}
