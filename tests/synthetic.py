"""Runs made by hand: one whose numbers are known in closed form, one that looks like running."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.constants import g

from footstrike.model.tables import groups_named
from footstrike.runs.run import Array, Run

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
        muscle_groups=["soleus", "gastrocnemius", "gastrocnemius"],
        activations=np.full((samples, 3), 0.5),
        muscle_forces=np.full((samples, 3), 1000.0),
        lumbar={"L5S1": level_loads(t), "L4L5": level_loads(t, 0.9)},
    )


def changed(run: Run, **fields: object) -> Run:
    """A copy of ``run`` with some fields replaced; muscles of other names get the groups of the tables."""
    if "muscle_names" in fields:
        fields = {"muscle_groups": groups_named(fields["muscle_names"]), **fields}  # type: ignore[arg-type]
    return replace(run, **fields)  # type: ignore[arg-type]


def looking_run(strike: str = "rearfoot", samples: int = 201) -> Run:
    """A stick figure that moves as the measured group does: for pages and figures, not for numbers."""
    from footstrike.gait.targets import target

    habitual = target(strike, SPEED)
    period, contact = habitual.stride_time, habitual.contact_time
    phase = np.linspace(0.0, 1.0, samples)
    t = phase * period
    q = {name: np.interp(phase, habitual.phase, value) for name, value in habitual.coordinates.items()}
    q["pelvis_tx"] = q["pelvis_tx"] + SPEED * t
    points, pitch, shank = _stick_figure(q, t)
    force, centre = {}, {}
    for side, start in (("right", 0.0), ("left", 0.5)):
        since = ((phase - start) % 1.0) * period / contact
        curve = {k: np.interp(since, habitual.force_phase, v, right=0.0) for k, v in habitual.force.items()}
        force[side] = BW * np.column_stack([curve["fx"], curve["fy"], 0 * t])
        toe = points[f"toe_{side[0]}"]
        where = points[f"heel_{side[0]}"] + np.clip(since, 0, 1)[:, None] * (toe - points[f"heel_{side[0]}"])
        where[:, 1] = 0.0
        centre[side] = np.where(since[:, None] <= 1.0, where, np.nan)
    rates = {name: np.gradient(value, t) for name, value in q.items()}
    base = analytic_run(samples, strike=strike)
    total = (force["right"] + force["left"])[:, 1]
    levels = {name: level_loads(t, 1.0 - 0.06 * i) for i, name in enumerate(LEVELS)}
    for i, level in enumerate(levels.values()):
        level["compression"] = (1.0 - 0.06 * i) * (0.6 * BW + 1.3 * total)
        level["resultant"] = 1.05 * level["compression"]
    return replace(
        base, time=t, coordinates=q, speeds=rates, points=points, ground_force=force, ground_point=centre,
        accelerations={name: np.gradient(value, t) for name, value in rates.items()}, lumbar=levels,
        torques=dict.fromkeys(q, 0 * t), solver={**base.solver, "opensim_residual_max_bw": 3e-4},
        segments={"foot_pitch_r": pitch, "shank_angle_r": shank, "trunk_lean": np.full_like(t, 0.12)},
    )  # fmt: skip


LEVELS = ("L5S1", "L4L5", "L3L4", "L2L3", "L1L2", "T12L1")


def _stick_figure(q: dict[str, Array], t: Array) -> tuple[dict[str, Array], Array, Array]:
    """Sagittal chains of the leg, spine and arm with a little width."""

    def along(angle: Array, length: float) -> Array:
        return length * np.column_stack([np.sin(angle), -np.cos(angle), 0 * t])

    pelvis = np.column_stack([q["pelvis_tx"], 0.95 + q["pelvis_ty"], q["pelvis_tz"]])
    lean = -(q["pelvis_tilt"] + q["lumbar_extension"])
    up = np.column_stack([np.sin(lean), np.cos(lean), 0 * t])
    points = {"pelvis": pelvis, "sacrum": pelvis + np.array([-0.08, 0.05, 0.0]), "com": pelvis + 0.08 * up}
    points |= {name: pelvis + np.array([-0.06, 0.08, 0]) + 0.035 * i * up for i, name in enumerate(LEVELS)}
    points["head"] = pelvis + 0.72 * up
    angles = {}
    for side, z in (("r", 0.09), ("l", -0.09)):
        hip = pelvis + np.array([0.0, -0.07, z])
        thigh = q[f"hip_flexion_{side}"] + q["pelvis_tilt"]
        shank = thigh + q[f"knee_angle_{side}"]
        foot = shank + q[f"ankle_angle_{side}"] + np.pi / 2
        knee = hip + along(thigh, 0.42)
        ankle = knee + along(shank, 0.42)
        heel = ankle + along(foot, -0.05) + along(foot - np.pi / 2, 0.06)
        shoulder = pelvis + 0.48 * up + np.array([0.0, 0.0, 2.0 * z])
        arm = q[f"arm_flex_{side}"] - lean
        elbow = shoulder + along(arm, 0.30)
        points |= {f"hip_{side}": hip, f"knee_{side}": knee, f"ankle_{side}": ankle, f"heel_{side}": heel}
        points |= {f"toe_{side}": heel + along(foot, 0.20), f"shoulder_{side}": shoulder}
        points |= {f"elbow_{side}": elbow}
        points[f"hand_{side}"] = elbow + along(arm + q[f"elbow_flex_{side}"], 0.27)
        angles[side] = (foot - np.pi / 2, shank)
    return points, angles["r"][0], angles["r"][1]
