"""Runs made by hand: one whose numbers are known in closed form, one that looks like running."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.constants import g

from footstrike.solution.run import Array, Run

MASS = 70.0
BW = MASS * g
PERIOD = 0.70
CONTACT = 0.22
SPEED = 3.5
SHANK = np.array([0.0, 0.40, 0.0])


def half_sine_peak(period: float = PERIOD, contact: float = CONTACT) -> float:
    """Peak (BW) of the half-sine force whose mean over the stride, both feet together, is one body weight."""
    return np.pi / 2 * (period / 2) / contact


def foot_force(t: Array, start: float, bump: float = 0.0, braking: float = 0.4) -> Array:
    """(T, 3) N: half-sine up, full sine fore-aft, and a raised-cosine impact of ``bump`` BW at 30 ms, 24 ms
    wide.
    """
    s = (t - start) % PERIOD
    on = s < CONTACT
    fy = np.where(on, half_sine_peak() * np.sin(np.pi * s / CONTACT), 0.0)
    fy = fy + np.where(np.abs(s - 0.030) < 0.012, bump * 0.5 * (1 + np.cos(np.pi * (s - 0.030) / 0.012)), 0.0)
    fx = np.where(on, -braking * np.sin(2 * np.pi * s / CONTACT), 0.0)
    return BW * np.column_stack([fx, fy, np.zeros_like(t)])


def level_loads(t: Array, scale: float = 1.0) -> dict[str, Array]:
    """Compression 2 + 1.5 cos(two cycles per stride) BW, shear 0.3 of that, 5 % more along the disc."""
    compression = scale * BW * (2.0 + 1.5 * np.cos(4 * np.pi * t / PERIOD))
    shear = 0.3 * compression
    force = np.column_stack([shear, -compression, np.zeros_like(t)])
    return {
        "force": force,
        "resultant": np.linalg.norm(force, axis=1),
        "compression": compression,
        "anterior_shear": shear,
        "compression_disc": 0.9 * compression,
        "anterior_shear_disc": 1.5 * shear,
        "coupler_moment": np.zeros((t.size, 3)),
        "muscle_share": np.full(t.size, 0.6),
        "inertia_share": np.full(t.size, 0.4),
    }


def analytic_run(samples: int = 1401, bump: float = 0.0, strike: str = "rearfoot", **spec: object) -> Run:
    """A stride with known answers: see the tests of the metrics for each of them."""
    t = np.linspace(0.0, PERIOD, samples)
    turn = 2 * np.pi * t / PERIOD
    com = np.column_stack([SPEED * t, 1.0 + 0.04 * np.cos(2 * turn), 0 * t])
    ankle = com + np.column_stack([0.1 * np.cos(turn), -0.85 + 0 * t, 0.05 + 0 * t])
    points = {
        "com": com,
        "pelvis": com + np.array([0.02, 0.0, 0.0]),
        "heel_r": com + np.column_stack([0.20 * np.cos(turn), -0.9 + 0 * t, 0.05 + 0 * t]),
        "ankle_r": ankle,
        "knee_r": ankle + SHANK,
        "hip_r": ankle + 2 * SHANK,
    }
    shank_g = 2.0 * np.cos(4 * turn) + 1.5 * np.cos(11 * turn)
    tibia = np.column_stack([5 * g * np.sin(turn), g * shank_g, 0 * t])
    sacrum = np.column_stack([0 * t, g * (1.0 * np.cos(4 * turn) + 0.5 * np.cos(11 * turn)), 0 * t])
    right, left = foot_force(t, 0.0, bump), foot_force(t, PERIOD / 2, bump)
    centre = np.where(right[:, 1:2] > 0, np.column_stack([0.25 + 0 * t, 0 * t, 0.05 + 0 * t]), np.nan)
    knee = -np.radians(12.0 + 40.0 * np.sin(turn) ** 2)
    angles = {
        "knee_angle_r": knee,
        "ankle_angle_r": np.radians(4.0 * np.cos(turn)),
        "pelvis_rotation": np.radians(7.5 * np.cos(turn)),
        "lumbar_rotation": np.radians(10.0 * np.sin(turn)),
        "pelvis_tx": SPEED * t,
    }
    speeds = {name: np.gradient(value, t) for name, value in angles.items()}
    return Run(
        spec={"strike": strike, "speed_mps": SPEED, "leg_length_m": 0.93, **spec},
        status="solved",
        message="",
        mass=MASS,
        model_osim="<OpenSimDocument/>",
        solver={"wall_s": 12.5, "iterations": 80, "points": 60, "residual_max_bw": 1e-6, "starts": 1},
        time=t,
        coordinates=angles,
        speeds=speeds,
        accelerations={name: np.gradient(value, t) for name, value in speeds.items()},
        torques={"knee_angle_r": np.full_like(t, 35.0), "ankle_angle_r": -140.0 * np.sin(turn / 2)},
        ground_force={"right": right, "left": left},
        ground_point={"right": centre, "left": np.full((samples, 3), np.nan)},
        points=points,
        point_accelerations={"tibia_r": tibia, "tibia_l": tibia, "sacrum": sacrum},
        segments={
            "foot_pitch_r": np.radians(17.0 * np.cos(turn)),
            "shank_angle_r": np.radians(8.0 * np.cos(turn)),
            "trunk_lean": np.radians(8.0 + 2.0 * np.cos(2 * turn)),
        },
        muscle_names=["soleus_r", "med_gas_r", "lat_gas_r"],
        activations=np.full((samples, 3), 0.5),
        muscle_forces=np.full((samples, 3), 1000.0),
        lumbar={"L5S1": level_loads(t), "L4L5": level_loads(t, 0.9)},
    )


def changed(run: Run, **fields: object) -> Run:
    """A copy of ``run`` with some fields replaced."""
    return replace(run, **fields)  # type: ignore[arg-type]
