"""Lumbar loads of what people do when spines are measured: standing, bending, holding a weight, walking.

Postures are those of the generic runner (1.80 m, 75.3 kg, all 238 fascicles); walking is one measured stride on a
runner of that man's size. Nothing is set to fit: no pressure, no floor, no springs. What is published, and how
the two compare, is in docs/validation.md.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from footstrike.brief import brief
from footstrike.dynamics.rigid_body import Force
from footstrike.lumbar.loads import LumbarResult, lumbar_loads
from footstrike.model.description import Description
from footstrike.model.subject import Subject
from footstrike.progress import Progress, silent, stage
from footstrike.resources import resource
from footstrike.workers.client import opensim_worker

Array = NDArray[np.float64]
Motion = tuple[dict[str, Array], dict[str, Array], dict[str, Array]]

STANDARD_GRAVITY = 9.80665
BEND_DEG = 30.0
LUMBAR_PER_HIP = 1.9  # the first 30 deg of forward bending: Esola et al. 1996, Spine 21:71
HELD_KG = 20.0
HOLDING_DEG = {"elbow_flex": 90.0, "arm_flex": -5.0}  # hands 0.28 m in front of L4/5: a box against the belly
STANDER = Subject(trunk="full", legs="none")
WALKER = Subject(trunk="full", height=1.85, mass=85.27, legs="none")  # height from leg and trunk length
STRIDE_S = 1.145
WALKING_SPEED = 1.24  # m/s
SAMPLES = 200


@dataclass(frozen=True)
class Posture:
    """Coordinates other than zero (deg), and a mass in the hands (kg)."""

    __repr__ = brief

    degrees: Mapping[str, float]
    held: float = 0.0


def bent(degrees: float) -> Posture:
    """Forward bending of the trunk, shared by hips and lumbar spine; the arms hang."""
    pelvis = degrees / (1.0 + LUMBAR_PER_HIP)
    arms = {f"arm_flex_{side}": degrees for side in "rl"}
    return Posture({"pelvis_tilt": -pelvis, "lumbar_extension": pelvis - degrees, **arms})


POSTURES: dict[str, Posture] = {
    "standing": Posture({}),
    "bent_30": bent(BEND_DEG),
    "holding_20kg": Posture(
        {f"{name}_{side}": angle for name, angle in HOLDING_DEG.items() for side in "rl"}, HELD_KG
    ),
}


def activities(progress: Progress = silent) -> dict[str, dict[str, Any]]:
    """Loads of every activity: {activity: {level: {quantity: value}}}.

    Quantities of a posture: ``compression_n``, ``compression_bw``, ``resultant_bw``, ``anterior_shear_bw``,
    ``times_standing`` (compression over that of standing) and ``per_degree_n`` (bending: change from standing
    per degree). Of walking: ``peak_compression_bw``, ``mean_compression_bw``, ``peak_resultant_bw``,
    ``peak_times_standing`` (of the same runner).
    """
    tell = stage(progress)
    tell("standing, bending, holding")
    d = _described(STANDER)
    found: dict[str, dict[str, Any]] = {
        name: _levels(posture_loads(d, posture), d) for name, posture in POSTURES.items()
    }
    for loads in found.values():
        for level, values in loads.items():
            standing = found["standing"][level]["compression_n"]
            values["times_standing"] = values["compression_n"] / standing
    for level, values in found["bent_30"].items():
        values["per_degree_n"] = (
            values["compression_n"] - found["standing"][level]["compression_n"]
        ) / BEND_DEG
    tell("walking")
    found["walking"] = _walking(_described(WALKER))
    return found


def posture_loads(description: Description, posture: Posture, **options: Any) -> LumbarResult:
    """Loads of a posture held still; ``options`` as of :func:`lumbar_loads`."""
    still = {name: np.zeros(1) for name in description.coordinate_names}
    q = still | {name: np.deg2rad([angle]) for name, angle in posture.degrees.items()}
    weight = [0.0, -0.5 * posture.held * STANDARD_GRAVITY, 0.0]
    hands = [b for b in description.bodies if b.name.startswith("hand_") and posture.held]
    held = [Force(hand.name, hand.com.tolist(), weight) for hand in hands]
    return lumbar_loads(description, q, still, still, held, **options)


def walking_motion() -> dict[str, NDArray[np.complex128]]:
    """Fourier series of the carried walking stride (experiments/validation/walking.csv), rad and m."""
    series: dict[str, list[complex]] = {}
    with resource("experiments", "validation", "walking.csv").open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            series.setdefault(row["coordinate"], []).append(
                complex(float(row["real"]), float(row["imaginary"]))
            )
    return {name: np.array(values) for name, values in series.items()}


def periodic(series: Mapping[str, NDArray[np.complex128]], description: Description) -> Motion:
    """Coordinates, speeds and accelerations over the stride; coordinates without a series stay at zero."""
    phase = np.arange(SAMPLES) / SAMPLES
    motion: Motion = ({}, {}, {})
    for name in description.coordinate_names:
        c = series.get(name, np.zeros(1, dtype=complex))
        order = np.arange(len(c))
        wave = np.exp(2j * np.pi * np.outer(phase, order)) * np.where(order, 2.0, 1.0)
        for k, out in enumerate(motion):
            out[name] = np.asarray((wave @ (c * (2j * np.pi / STRIDE_S * order) ** k)).real)
    motion[1]["pelvis_tx"] = motion[1]["pelvis_tx"] + WALKING_SPEED
    return motion


def _described(spec: Subject) -> Description:
    worker = opensim_worker()
    answer: Description = worker.call("describe", worker.call("build_runner", spec))
    return answer


def _levels(result: LumbarResult, d: Description) -> dict[str, dict[str, float]]:
    weight = d.mass * STANDARD_GRAVITY
    return {
        level: {
            "compression_n": float(load["compression"][0]),
            "compression_bw": float(load["compression"][0]) / weight,
            "resultant_bw": float(load["resultant"][0]) / weight,
            "anterior_shear_bw": float(load["anterior_shear"][0]) / weight,
        }
        for level, load in result.lumbar.items()
    }


def _walking(d: Description) -> dict[str, dict[str, float]]:
    weight = d.mass * STANDARD_GRAVITY
    standing = posture_loads(d, POSTURES["standing"]).lumbar
    walking = lumbar_loads(d, *periodic(walking_motion(), d)).lumbar
    return {
        level: {
            "peak_compression_bw": float(load["compression"].max()) / weight,
            "mean_compression_bw": float(load["compression"].mean()) / weight,
            "peak_resultant_bw": float(load["resultant"].max()) / weight,
            "peak_times_standing": float(load["compression"].max() / standing[level]["compression"][0]),
        }
        for level, load in walking.items()
    }
