"""The numbers of a run, by the names that every command prints.

Contact events, forces and rates are defined in :mod:`footstrike.outcomes.ground`, angles and positions in
:mod:`footstrike.outcomes.posture`, net moments in :mod:`footstrike.outcomes.net_moments`, where the ground pushes in
:mod:`footstrike.outcomes.centre_of_pressure`, shock in :mod:`footstrike.outcomes.shock`, lumbar loads in
:mod:`footstrike.outcomes.spine`, the cost for the leg in :mod:`footstrike.outcomes.tissue`, contact forces in
:mod:`footstrike.outcomes.joint_contact`, work in :mod:`footstrike.outcomes.joint_work`, metabolic cost in
:mod:`footstrike.outcomes.metabolics`. Values per step are those of the right foot. ``None`` means: not defined for this run.
"""

from __future__ import annotations

from typing import Any

from footstrike.outcomes import (
    centre_of_pressure,
    ground,
    joint_contact,
    joint_work,
    metabolics,
    net_moments,
    posture,
    shock,
    signals,
    spine,
    tissue,
)
from footstrike.outcomes.ground import Stance
from footstrike.runs.run import Run

SOLVER_FIELDS = (
    "wall_s",
    "iterations",
    "points",
    "residual_max_bw",
    "opensim_residual_max_bw",
    "reserve_max_nm",
    "starts",
    "objective_spread",
)

Metrics = dict[str, Any]


def metrics(run: Run) -> Metrics:
    """All result fields of a run; from an unsolved one only its identity and the solver's record.

    Returns
    -------
    dict
        ``status, strike, speed_mps``, then the fields below (``None`` where not defined), ``lumbar`` by
        level and ``solver``. Units are in the names; bw = body weights.
    """
    head: Metrics = {"status": run.status, "strike": run.strike, "speed_mps": run.speed}
    solver = {name: run.solver.get(name) for name in SOLVER_FIELDS} | run.solver
    if not run.solved:
        return head | {"message": run.message} | dict.fromkeys(_NAMES) | {"lumbar": {}, "solver": solver}
    phase = ground.stance(run)
    contact = phase.contact if phase else None
    values = _stride(run) | _shape(run) | _joints(run) | net_moments.at_l5s1(run) | net_moments.of_hip(run)
    if phase:
        values |= _posture(run, phase) | _forces(run, phase) | _shock(run, phase) | _tissue(run, phase)
        values |= net_moments.in_stance(run, phase.contact) | centre_of_pressure.under_foot(
            run, phase.contact
        )
    ordered = {name: values.get(name) for name in _NAMES}
    return head | ordered | {"lumbar": spine.loads(run, contact), "solver": solver}


def _stride(run: Run) -> Metrics:
    step_time = run.period / 2
    total = run.ground_force["right"][:, 1] + run.ground_force["left"][:, 1]
    return {
        "step_length_m": run.speed * step_time,
        "cadence_spm": 60.0 / step_time,
        "vgrf_mean_bw": signals.mean(total) / ground.weight(run),
        "leg_length_m": ground.leg_length(run),
        "metabolic_cost_j_per_kg_m": metabolics.net_cost(run),
        "metabolic_cost_gross_j_per_kg_m": metabolics.gross_cost(run),
    }


def _shape(run: Run) -> Metrics:
    tibia, sacrum = shock.tibial_axial(run), shock.sacral_vertical(run)
    return {
        "trunk_lean_mean_deg": posture.mean_lean(run),
        "thorax_tilt_rom_deg": posture.lean_range(run),
        "pelvis_rotation_rom_deg": posture.range_of_motion(run, "pelvis_rotation"),
        "lumbar_rotation_rom_deg": posture.range_of_motion(run, "lumbar_rotation"),
        "lumbar_bending_rom_deg": posture.range_of_motion(run, "lumbar_bending"),
        "lumbar_extension_rom_deg": posture.range_of_motion(run, "lumbar_extension"),
        "vgrf_power_share_12_20_hz": shock.impact_power_share(run.ground_force["right"][:, 1], run),
        "tibial_power_share_12_20_hz": shock.impact_power_share(tibia, run),
        "sacral_power_share_12_20_hz": shock.impact_power_share(sacrum, run),
        "shock_attenuation_12_20_hz_db": shock.attenuation_db(run),
    }


def _joints(run: Run) -> Metrics:
    out: Metrics = {}
    for joint in joint_contact.AXES:
        out |= {f"{joint}_{name}": value for name, value in joint_contact.peaks(run, joint).items()}
    for joint in joint_work.JOINTS:
        work = joint_work.work_per_step(run, joint)
        positive, negative = work if work else (None, None)
        out[f"{joint}_work_positive_j_per_kg"] = positive
        out[f"{joint}_work_negative_j_per_kg"] = negative
    return out


def _posture(run: Run, phase: Stance) -> Metrics:
    contact = phase.contact
    knee = posture.coordinate_at(run, "knee_angle_r", contact.start)
    return {
        "contact_time_s": contact.duration,
        "flight_time_s": run.period / 2 - contact.duration,
        "foot_strike_angle_deg": posture.segment_at(run, "foot_pitch_r", contact.start),
        "knee_flexion_contact_deg": None if knee is None else -knee,
        "knee_flexion_peak_stance_deg": posture.peak_stance_knee_flexion(run, contact),
        "ankle_angle_contact_deg": posture.coordinate_at(run, "ankle_angle_r", contact.start),
        "shank_angle_contact_deg": posture.segment_at(run, "shank_angle_r", contact.start),
        "trunk_lean_contact_deg": posture.segment_at(run, "trunk_lean", contact.start),
        "heel_ahead_of_pelvis_m": posture.ahead(run, "heel_r", "pelvis", contact.start),
        "heel_ahead_of_com_m": posture.ahead(run, "heel_r", "com", contact.start),
        "contact_point_ahead_of_com_m": posture.contact_point_ahead_of_com(run, contact),
    }


def _forces(run: Run, phase: Stance) -> Metrics:
    peak = ground.impact_peak(phase)
    valr, vilr = ground.loading_rates(phase)
    impulse, braking_peak = ground.braking(phase)
    above_1, impulse_1 = ground.exposure(phase, 1.0)
    above_2, impulse_2 = ground.exposure(phase, 2.0)
    return {
        "vgrf_impact_peak_bw": peak.force if peak else None,
        "vgrf_impact_peak_time_s": peak.time if peak else None,
        "impact_phase_duration_s": peak.dip if peak else None,
        "vgrf_active_peak_bw": ground.active_peak(phase),
        "valr_bw_per_s": valr,
        "vilr_bw_per_s": vilr,
        "braking_impulse_bw_s": impulse,
        "peak_braking_bw": braking_peak,
        "leg_stiffness_kn_per_m": _leg_stiffness(run, phase),
        "time_above_1bw_s": above_1,
        "time_above_2bw_s": above_2,
        "impulse_above_1bw_bw_s": impulse_1,
        "impulse_above_2bw_bw_s": impulse_2,
        "two_mass_r2": ground.two_mass_r2(run, phase),
    }


def _leg_stiffness(run: Run, phase: Stance) -> float | None:
    length = ground.leg_length(run)
    if length is None:
        return None
    peak = float(phase.fy.max()) * ground.weight(run)
    stiffness = ground.leg_stiffness(peak, phase.contact.duration, run.mass, run.speed, length)
    return None if stiffness is None else stiffness / 1000.0


def _shock(run: Run, phase: Stance) -> Metrics:
    return {
        "tibial_shock_g": shock.peak(shock.tibial_axial(run), run, phase.contact),
        "sacral_shock_g": shock.peak(shock.sacral_vertical(run), run, phase.contact),
    }


def _tissue(run: Run, phase: Stance) -> Metrics:
    return {
        "achilles_peak_bw": tissue.achilles_peak_bw(run),
        "patellofemoral_peak_bw": tissue.patellofemoral_peak_bw(run, phase.contact),
        "ankle_plantarflexion_peak_nm_per_kg": tissue.plantarflexion_peak_nm_per_kg(run),
        "ankle_absorbed_j_per_kg": tissue.absorbed_in_stance(run, "ankle_angle_r", phase.contact),
        "knee_absorbed_j_per_kg": tissue.absorbed_in_stance(run, "knee_angle_r", phase.contact),
    }


_NAMES = (
    "step_length_m",
    "cadence_spm",
    "contact_time_s",
    "flight_time_s",
    "foot_strike_angle_deg",
    "knee_flexion_contact_deg",
    "knee_flexion_peak_stance_deg",
    "ankle_angle_contact_deg",
    "heel_ahead_of_pelvis_m",
    "contact_point_ahead_of_com_m",
    "trunk_lean_mean_deg",
    "pelvis_rotation_rom_deg",
    "lumbar_rotation_rom_deg",
    "vgrf_mean_bw",
    "vgrf_impact_peak_bw",
    "vgrf_active_peak_bw",
    "valr_bw_per_s",
    "vilr_bw_per_s",
    "braking_impulse_bw_s",
    "leg_stiffness_kn_per_m",
    "tibial_shock_g",
    "sacral_shock_g",
    "metabolic_cost_j_per_kg_m",
    "shank_angle_contact_deg",
    "trunk_lean_contact_deg",
    "heel_ahead_of_com_m",
    "lumbar_bending_rom_deg",
    "lumbar_extension_rom_deg",
    "vgrf_impact_peak_time_s",
    "impact_phase_duration_s",
    "peak_braking_bw",
    "time_above_1bw_s",
    "time_above_2bw_s",
    "impulse_above_1bw_bw_s",
    "impulse_above_2bw_bw_s",
    "vgrf_power_share_12_20_hz",
    "tibial_power_share_12_20_hz",
    "sacral_power_share_12_20_hz",
    "shock_attenuation_12_20_hz_db",
    "metabolic_cost_gross_j_per_kg_m",
    "achilles_peak_bw",
    "patellofemoral_peak_bw",
    "ankle_contact_peak_bw",
    "knee_contact_peak_bw",
    "hip_contact_peak_bw",
    "ankle_contact_impulse_bw_s",
    "knee_contact_impulse_bw_s",
    "hip_contact_impulse_bw_s",
    "ankle_resultant_peak_bw",
    "hip_resultant_peak_bw",
    "ankle_shear_peak_bw",
    "hip_shear_peak_bw",
    "hip_work_positive_j_per_kg",
    "hip_work_negative_j_per_kg",
    "knee_work_positive_j_per_kg",
    "knee_work_negative_j_per_kg",
    "ankle_work_positive_j_per_kg",
    "ankle_work_negative_j_per_kg",
    "lumbar_work_positive_j_per_kg",
    "lumbar_work_negative_j_per_kg",
    "ankle_plantarflexion_peak_nm_per_kg",
    "ankle_absorbed_j_per_kg",
    "knee_absorbed_j_per_kg",
    "leg_length_m",
    "two_mass_r2",
    "thorax_tilt_rom_deg",
    "lumbar_extension_moment_peak_nm_per_kg",
    "lumbar_extension_moment_peak_phase_pct",
    "lumbar_lateral_moment_peak_nm_per_kg",
    "lumbar_axial_moment_peak_nm_per_kg",
    "lumbar_vertical_net_force_peak_bw",
    "knee_extension_moment_peak_nm_per_kg",
    "hip_extension_moment_peak_nm_per_kg",
    "hip_flexion_moment_peak_nm_per_kg",
    "hip_abduction_moment_peak_nm_per_kg",
    *centre_of_pressure.FIELDS,
)
