"""Every number against the closed form it must have."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.constants import g
from synthetic import BW, CONTACT, MASS, PERIOD, SPEED, analytic_run, changed, half_sine_peak, looking_run

from footstrike.outcomes import ground, signals
from footstrike.outcomes.metrics import metrics

FIELDS_OF_THE_CONTRACT = (
    "status",
    "strike",
    "speed_mps",
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
    "lumbar",
    "solver",
)


@pytest.fixture(scope="module")
def found():
    return metrics(analytic_run())


def test_all_fields_of_the_contract_are_there(found):
    assert set(FIELDS_OF_THE_CONTRACT) <= found.keys()
    level = found["lumbar"]["L5S1"]
    assert {
        "peak_resultant_bw",
        "peak_compression_bw",
        "peak_anterior_shear_bw",
        "mean_compression_bw",
        "peak_load_rate_bw_per_s",
        "impulse_per_step_bw_s",
        "impulse_per_km_bw_s",
    } <= level.keys()
    assert {"wall_s", "opensim_residual_max_bw", "objective_spread", "reserve_max_nm"} <= found[
        "solver"
    ].keys()


def test_spatiotemporal(found):
    assert found["step_length_m"] == pytest.approx(SPEED * PERIOD / 2)
    assert found["cadence_spm"] == pytest.approx(120 / PERIOD)
    assert found["contact_time_s"] == pytest.approx(CONTACT, abs=0.004)
    assert found["flight_time_s"] == pytest.approx(PERIOD / 2 - CONTACT, abs=0.004)


def test_contact_time_of_an_unfiltered_force_is_exact_below_the_sample():
    t = np.arange(1000) / 1000 * PERIOD
    force = np.maximum(0.0, 1000 * np.sin(2 * np.pi * (t - 0.003) / PERIOD))
    contact = signals.find_contact(force, PERIOD, 50.0)
    lag = np.arcsin(0.05) / (2 * np.pi) * PERIOD
    assert contact.start == pytest.approx(0.003 + lag, abs=1e-6)
    assert contact.duration == pytest.approx(PERIOD / 2 - 2 * lag, abs=1e-6)


@pytest.mark.parametrize("shift", [-0.02, 0.0, 0.015])
def test_contact_may_lie_on_either_side_of_the_origin(shift):
    t = np.arange(2000) / 2000 * PERIOD
    s = (t - shift) % PERIOD
    force = np.where(s < CONTACT, 1000 * np.sin(np.pi * s / CONTACT), 0.0)
    contact = signals.find_contact(force, PERIOD, 1.0)
    assert contact.start == pytest.approx(shift, abs=1e-3)
    assert contact.duration == pytest.approx(CONTACT, abs=1e-3)


@pytest.mark.parametrize("above", [1e-9, -1e-9])
def test_a_run_that_begins_at_contact_touches_the_ground_there(above):
    """Both ends of a run are the same instant: it counts once."""
    run = analytic_run()
    t = run.time - run.time[0]
    pushes = np.where(t < 0.25, ground.CONTACT_N + 1500.0 * np.sin(np.pi * t / 0.25), 0.0)
    force = run.ground_force["right"].copy()
    force[:, 1] = pushes + ground.CONTACT_N * np.exp((t - PERIOD) / 0.004) + above
    phase = ground.stance(changed(run, ground_force={**run.ground_force, "right": force}))
    assert phase is not None
    assert phase.touches == pytest.approx(0.0, abs=1e-6)


def test_no_contact_is_none_not_an_error():
    run = analytic_run()
    silent = changed(run, ground_force={side: 0 * force for side, force in run.ground_force.items()})
    found = metrics(silent)
    assert found["contact_time_s"] is None
    assert found["valr_bw_per_s"] is None
    assert found["vgrf_mean_bw"] == 0.0


def test_posture_at_contact(found):
    assert found["knee_flexion_contact_deg"] == pytest.approx(12.0, abs=0.1)
    assert found["ankle_angle_contact_deg"] == pytest.approx(4.0, abs=0.05)
    assert found["foot_strike_angle_deg"] == pytest.approx(17.0, abs=0.1)
    assert found["knee_flexion_peak_stance_deg"] == pytest.approx(52.0, abs=0.1)
    assert found["heel_ahead_of_pelvis_m"] == pytest.approx(0.18, abs=1e-3)
    assert found["heel_ahead_of_com_m"] == pytest.approx(0.20, abs=1e-3)
    assert found["contact_point_ahead_of_com_m"] == pytest.approx(0.25, abs=0.01)
    assert found["trunk_lean_mean_deg"] == pytest.approx(8.0)
    assert found["pelvis_rotation_rom_deg"] == pytest.approx(15.0, abs=0.01)
    assert found["lumbar_rotation_rom_deg"] == pytest.approx(20.0, abs=0.01)


@pytest.mark.parametrize("lead", [-0.06, 0.0, 0.08])
def test_the_trunk_turns_furthest_before_contact(lead):
    run = analytic_run()
    turn = np.cos(2 * np.pi * (run.time + lead) / PERIOD)
    found = metrics(changed(run, coordinates={**run.coordinates, "lumbar_rotation": turn}))
    assert found["lumbar_rotation_peak_before_contact_s"] == pytest.approx(lead, abs=0.003)


def test_momentum_closes(found):
    assert found["vgrf_mean_bw"] == pytest.approx(1.0, abs=1e-4)


def test_half_sine_force(found):
    assert found["vgrf_active_peak_bw"] == pytest.approx(half_sine_peak(), rel=0.01)
    assert found["vgrf_impact_peak_bw"] is None
    assert found["braking_impulse_bw_s"] == pytest.approx(0.4 * CONTACT / np.pi, rel=0.02)
    assert found["peak_braking_bw"] == pytest.approx(0.4, rel=0.02)


def test_average_loading_rate_of_a_half_sine():
    """Between 20 and 80 % of the force at 13 % of stance a half-sine is almost straight."""
    target = half_sine_peak() * np.sin(0.13 * np.pi)
    t20, t80 = (np.arcsin(s * target / half_sine_peak()) * CONTACT / np.pi for s in (0.2, 0.8))
    assert metrics(analytic_run())["valr_bw_per_s"] == pytest.approx(0.6 * target / (t80 - t20), rel=0.05)


def test_an_impact_bump_is_found_and_raises_the_rate(found):
    hit = metrics(analytic_run(bump=1.2))
    smooth = half_sine_peak() * np.sin(np.pi * 0.030 / CONTACT)
    assert hit["vgrf_impact_peak_time_s"] == pytest.approx(0.031, abs=0.004)
    assert smooth < hit["vgrf_impact_peak_bw"] < smooth + 1.2
    assert hit["valr_bw_per_s"] > 1.5 * found["valr_bw_per_s"]
    assert hit["vilr_bw_per_s"] >= hit["valr_bw_per_s"]
    assert hit["vgrf_power_share_12_20_hz"] > found["vgrf_power_share_12_20_hz"]


def test_leg_stiffness_reproduces_the_reference_data():
    """RBDS means at 3.5 m/s (2.56 BW, 0.226 s, 69.6 kg, 1.76 m tall) give its 11.4 kN/m."""
    stiffness = ground.leg_stiffness(2.56 * 69.6 * g, 0.226, 69.6, 3.5, 0.53 * 1.76)
    assert stiffness / 1000 == pytest.approx(11.4, abs=0.3)


def test_leg_stiffness_has_no_value_when_the_leg_cannot_reach():
    assert ground.leg_stiffness(1700.0, 0.4, 70.0, 5.0, 0.9) is None


def test_leg_length_from_the_points_of_the_leg():
    run = analytic_run()
    spec = {k: v for k, v in run.spec.items() if k != "leg_length_m"}
    length = ground.leg_length(changed(run, spec=spec))
    assert length == pytest.approx(0.8 + run.points["ankle_r"][:, 1].min())


def test_shock_and_its_frequencies(found):
    gain = [1 / (1 + (k / PERIOD / 60.0) ** 4) for k in (4, 11)]
    assert found["tibial_shock_g"] == pytest.approx(2.0 * gain[0] + 1.5 * gain[1], rel=0.01)
    assert found["sacral_shock_g"] == pytest.approx(1.0 * gain[0] + 0.5 * gain[1], rel=0.01)
    assert found["tibial_power_share_12_20_hz"] == pytest.approx(1.5**2 / (2.0**2 + 1.5**2), rel=1e-6)
    assert found["shock_attenuation_12_20_hz_db"] == pytest.approx(20 * np.log10(0.5 / 1.5), abs=1e-6)


def test_lumbar_loads(found):
    level = found["lumbar"]["L5S1"]
    gain = 1 / (1 + (2 / PERIOD / 50.0) ** 4)
    assert level["peak_compression_bw"] == pytest.approx(3.5)
    assert level["mean_compression_bw"] == pytest.approx(2.0)
    assert level["peak_anterior_shear_bw"] == pytest.approx(1.05)
    assert level["peak_resultant_bw"] == pytest.approx(3.5 * np.hypot(1, 0.3))
    assert level["peak_load_rate_bw_per_s"] == pytest.approx(1.5 * 4 * np.pi / PERIOD * gain, rel=1e-3)
    assert level["impulse_per_step_bw_s"] == pytest.approx(PERIOD)
    assert level["impulse_per_km_bw_s"] == pytest.approx(PERIOD * 1000 / (SPEED * PERIOD / 2))
    assert level["peak_compression_disc_bw"] == pytest.approx(0.9 * 3.5)
    assert level["time_above_2bw_s"] == pytest.approx(PERIOD / 4, rel=0.01)


def test_a_back_without_muscles_reports_no_compression():
    run = analytic_run()
    bare = changed(run, muscle_names=[], activations=np.zeros((0, 0)), muscle_forces=np.zeros((0, 0)))
    assert metrics(bare)["lumbar"] == {}


def test_an_unsolved_run_reports_nothing():
    found = metrics(changed(analytic_run(), status="not_converged", message="why"))
    assert found["status"] == "not_converged"
    assert found["step_length_m"] is None
    assert found["lumbar"] == {}


def test_exposure_above_one_body_weight(found):
    lag = np.arcsin(1 / half_sine_peak()) / np.pi
    assert found["time_above_1bw_s"] == pytest.approx(CONTACT * (1 - 2 * lag), rel=0.02)
    assert found["time_above_2bw_s"] < found["time_above_1bw_s"]
    assert found["impulse_above_1bw_bw_s"] > found["impulse_above_2bw_bw_s"] > 0


def test_cost_for_the_leg(found):
    assert found["achilles_peak_bw"] == pytest.approx(3000 / BW)
    assert found["ankle_plantarflexion_peak_nm_per_kg"] == pytest.approx(140 / MASS, rel=1e-3)
    # 35 N m of extension against a knee that flexes by 40 deg in the first quarter stride, less after toe-off
    assert found["knee_absorbed_j_per_kg"] == pytest.approx(35 * np.radians(40.0) / MASS, rel=0.02)


def test_two_mass_model_fits_its_own_shape(found):
    assert 0.0 < found["two_mass_r2"] <= 1.0


def test_filter_leaves_slow_signals_and_halves_the_cutoff():
    t = np.linspace(0.0, 1.0, 1001)
    slow, edge = np.cos(2 * np.pi * t), np.cos(2 * np.pi * 50 * t)
    assert np.abs(signals.low_pass(slow, 1.0, 50.0, 1000) - slow[:-1]).max() < 1e-6
    assert np.abs(signals.low_pass(edge, 1.0, 50.0, 1000) - edge[:-1] / 2).max() < 1e-9


@pytest.mark.parametrize("name", ["contact_time_s", "valr_bw_per_s", "vgrf_active_peak_bw", "tibial_shock_g"])
def test_numbers_do_not_depend_on_the_sampling(name):
    coarse, fine = metrics(analytic_run(samples=351)), metrics(analytic_run(samples=2801))
    assert coarse[name] == pytest.approx(fine[name], rel=0.02)


@pytest.mark.parametrize(
    ("strike", "stiffness", "valr", "braking"),
    [
        ("rearfoot", (11.4, 1.3), (73, 13), (0.0209, 0.002)),
        ("forefoot", (11.8, 1.2), (55, 12), (0.0231, 0.003)),
    ],
)
def test_the_measured_mean_forces_give_the_published_numbers(strike, stiffness, valr, braking):
    """Fukuchi 2017: the definitions here, applied to the group-mean forces, fall within the runners' SD."""
    found = metrics(looking_run(strike, samples=701))
    assert found["leg_stiffness_kn_per_m"] == pytest.approx(stiffness[0], abs=stiffness[1])
    assert found["valr_bw_per_s"] == pytest.approx(valr[0], abs=valr[1])
    assert found["braking_impulse_bw_s"] == pytest.approx(braking[0], abs=braking[1])
    assert found["two_mass_r2"] > 0.85
