import os
import runpy
import sys
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import butter, filtfilt

from footstrike.errors import InputError
from footstrike.gait.bands import force_band, joint_band
from footstrike.gait.fourier import coefficients, double_integral, evaluate, smooth
from footstrike.gait.habitual_tables import choices, joint_curves
from footstrike.gait.targets import STRIKES, Target, is_extrapolated, target
from footstrike.lumbar.net_load import MOMENTS
from footstrike.model.sides import mirror
from footstrike.resources import resource

MEASURED = [(strike, speed) for strike in ("rearfoot", "forefoot") for speed in (2.5, 3.5, 4.5)]
FREE = 31


def contact_deg(habitual: Target, coordinate: str) -> float:
    return float(np.degrees(habitual.coordinates[coordinate][0]))


def rom_deg(curve: np.ndarray) -> float:
    return float(np.degrees(np.ptp(curve)))


@pytest.mark.parametrize(("strike", "speed"), MEASURED)
def test_stride_is_periodic_and_mirrors_itself_exactly(strike, speed):
    habitual = target(strike, speed)
    half = (len(habitual.phase) - 1) // 2
    assert len(habitual.coordinates) == FREE
    assert habitual.coordinates.keys() == habitual.spread.keys()
    for name, curve in habitual.coordinates.items():
        other, sign = mirror(name)
        assert curve[0] == curve[-1]
        np.testing.assert_array_equal(curve[half:], sign * habitual.coordinates[other][: half + 1])
        np.testing.assert_array_equal(habitual.spread[name][half:], habitual.spread[other][: half + 1])


@settings(deadline=None)  # the first one reads the tables
@given(strike=st.sampled_from(STRIKES), speed=st.floats(2.0, 5.5))
def test_every_speed_gives_a_usable_target(strike, speed):
    habitual = target(strike, speed)
    curves = [*habitual.coordinates.values(), *habitual.force.values()]
    assert all(np.all(np.isfinite(curve)) for curve in curves)
    assert all(np.all(spread > 0) for spread in habitual.spread.values())
    assert 0.1 < habitual.contact_time < habitual.stride_time / 2, "running has a flight phase"
    assert is_extrapolated(strike, speed) == ("extrapolated" in habitual.source)


@pytest.mark.parametrize(
    ("strike", "speed", "knee", "ankle"),
    [
        ("rearfoot", 2.5, 11.7, 4.5),
        ("forefoot", 2.5, 20.5, -4.8),
        ("rearfoot", 3.5, 11.9, 4.0),
        ("forefoot", 3.5, 22.6, -4.4),
        ("rearfoot", 4.5, 13.1, 3.8),
        ("forefoot", 4.5, 23.6, -4.5),
    ],
)
def test_posture_at_contact_is_that_of_the_groups_with_the_legs_turned_forward(strike, speed, knee, ankle):
    habitual, measured = target(strike, speed), joint_curves()[strike, speed]
    turned, _ = choices()["thigh"]
    thigh = habitual.coordinates["pelvis_tilt"][0] + habitual.coordinates["hip_flexion_r"][0]
    expected = measured["pelvis_tilt"][0][0] + measured["hip_flexion"][0][0] + turned
    assert -contact_deg(habitual, "knee_angle_r") == pytest.approx(knee, abs=0.25)
    assert contact_deg(habitual, "ankle_angle_r") == pytest.approx(ankle, abs=0.15)
    assert np.degrees(thigh - expected) == pytest.approx(0.0, abs=0.4)  # Fourier series


@pytest.mark.parametrize(("strike", "speed"), MEASURED)
def test_vertical_impulse_carries_the_body(strike, speed):
    habitual = target(strike, speed)
    stance = habitual.force_phase * habitual.contact_time
    impulse = np.trapezoid(habitual.force["fy"], stance)
    assert impulse == pytest.approx(habitual.stride_time / 2, rel=0.03)
    assert np.trapezoid(habitual.force["fx"], stance) == pytest.approx(0.0, abs=0.002)


@pytest.mark.parametrize(("strike", "speed"), MEASURED)
def test_pelvis_rises_and_falls_with_the_mass_centre_under_the_measured_force(strike, speed):
    habitual = target(strike, speed)
    since_contact = (np.arange(2000) / 2000 * 2 % 1) * habitual.stride_time / 2
    stance = habitual.force_phase * habitual.contact_time
    force = np.interp(since_contact, stance, habitual.force["fy"], right=0.0)
    acceleration = 9.81 * coefficients(force / force.mean(), 20, "repeats")
    height = evaluate(double_integral(acceleration, habitual.stride_time), habitual.phase)
    pelvis = habitual.coordinates["pelvis_ty"]
    assert np.corrcoef(height, pelvis)[0, 1] > 0.98
    assert 0.7 < np.ptp(pelvis) / np.ptp(height) < 1.05


@pytest.mark.parametrize("strike", ["rearfoot", "forefoot"])
def test_trunk_and_pelvis_ranges_at_3_5_m_per_s(strike):
    q = target(strike, 3.5).coordinates
    assert -np.degrees((q["pelvis_tilt"] + q["lumbar_extension"])[:-1].mean()) == pytest.approx(10.0)
    assert 11.0 < rom_deg(q["pelvis_rotation"]) < 19.0
    assert 10.6 < rom_deg(q["pelvis_list"]) < 13.0
    assert 23.3 < rom_deg(q["lumbar_rotation"]) < 35.2
    assert 15.0 < rom_deg(q["lumbar_bending"]) < 23.0
    assert 6.5 < rom_deg(q["lumbar_extension"]) < 13.6
    assert rom_deg(q["pelvis_tilt"] + q["lumbar_extension"]) == pytest.approx(5.0, abs=1.7)


def test_the_thorax_of_both_strikes_moves_alike_in_space():
    rearfoot, forefoot = (target(strike, 3.5).coordinates for strike in ("rearfoot", "forefoot"))
    for pelvis, lumbar in (
        ("pelvis_tilt", "lumbar_extension"),
        ("pelvis_list", "lumbar_bending"),
        ("pelvis_rotation", "lumbar_rotation"),
    ):
        np.testing.assert_allclose(
            rearfoot[pelvis] + rearfoot[lumbar], forefoot[pelvis] + forefoot[lumbar], atol=1e-12
        )


@pytest.mark.parametrize(("speed", "peaks"), [(3.0, (1.15, 0.81, 0.53)), (4.0, (1.45, 0.96, 0.70))])
def test_moments_at_l5s1_are_those_of_a_typical_stride_once_they_are_filtered(speed, peaks):
    habitual = target("rearfoot", speed)
    b, a = butter(2, 12.0 * 2 * habitual.stride_time / 100)
    for name, peak in zip(MOMENTS, peaks, strict=True):
        curve = habitual.moments[name][:-1]
        filtered = filtfilt(b, a, np.tile(curve, 3))[100:200]
        assert filtered.max() == pytest.approx(peak, rel=0.06)
    extension = habitual.moments["L5S1_extension"]
    assert 13 <= np.argmax(extension[:50]) <= 18  # 17 to 18 % on their forces, whose contact reads 2 % early


def test_rearfoot_lands_toe_up_and_the_forefoot_striker_toe_down():
    def pitch(strike: str) -> float:
        habitual = target(strike, 3.5)
        chain = ("pelvis_tilt", "hip_flexion_r", "knee_angle_r", "ankle_angle_r")
        return sum(contact_deg(habitual, name) for name in chain)

    assert pitch("rearfoot") == pytest.approx(15.1, abs=0.3)
    assert pitch("forefoot") == pytest.approx(0.4, abs=0.3)
    assert pitch("true_forefoot") < -10.0


def test_smoothing_stays_within_a_third_of_a_degree():
    for curves in joint_curves().values():
        for name, (mean, _) in curves.items():
            residual = smooth(mean, 10) - mean
            if name != "pelvis_ty":
                assert np.degrees(np.std(residual)) < 0.12
                assert np.degrees(np.abs(residual).max()) < 0.4


def test_between_measured_speeds_the_target_is_their_mean():
    low, middle, high = (target("rearfoot", speed) for speed in (2.5, 3.0, 3.5))
    assert middle.stride_time == pytest.approx((low.stride_time + high.stride_time) / 2)
    for name in ("knee_angle_r", "pelvis_ty", "ankle_angle_l"):
        expected = (low.coordinates[name] + high.coordinates[name]) / 2
        np.testing.assert_allclose(middle.coordinates[name], expected, atol=1e-12)


def test_bands_are_in_degrees_and_body_weights():
    knee = joint_band("forefoot", 3.5, "knee_angle_r")
    assert knee.unit == "deg"
    assert knee.percent[-1] == 100.0
    assert knee.mean[0] == pytest.approx(-22.6, abs=0.25)
    assert joint_band("forefoot", 3.5, "pelvis_ty").unit == "m"
    vertical = force_band("rearfoot", 3.5, "fy")
    assert vertical.unit == "BW"
    assert vertical.mean.max() == pytest.approx(2.54, abs=0.02)


@pytest.mark.parametrize("speed", [1.9, 5.6, -3.5, float("nan"), float("inf"), "fast", None])
def test_unusable_speed_names_value_and_limits(speed):
    with pytest.raises(InputError, match=r"speed .*2\.0 to 5\.5"):
        target("rearfoot", speed)


def test_unknown_names_offer_the_nearest():
    with pytest.raises(InputError, match="did you mean 'rearfoot'"):
        target("rearfot", 3.5)
    with pytest.raises(InputError, match="did you mean 'knee_angle_r'"):
        joint_band("rearfoot", 3.5, "knee_angel_r")
    with pytest.raises(InputError, match="force component 'fq'"):
        force_band("rearfoot", 3.5, "fq")


def test_double_integral_of_a_sine():
    phase = np.arange(200) / 200
    period = 0.7
    omega = 2 * np.pi / period
    series = coefficients(-(omega**2) * np.sin(2 * np.pi * phase), 5)
    np.testing.assert_allclose(
        evaluate(double_integral(series, period), phase), np.sin(2 * np.pi * phase), atol=1e-12
    )


def test_reading_the_tables_warns_of_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        target("forefoot", 5.0)


@pytest.mark.parametrize(
    ("script", "tables"),
    [
        ("derive.py", ("kinematics", "ground_force", "timing")),
        (
            "ten_runners.py",
            (
                "trunk_arms",
                "l5s1_target",
                "sideways_force",
                "striker_kinematics",
                "striker_force",
                "striker_timing",
            ),
        ),
    ],
)
def test_carried_tables_are_those_that_the_data_give(script, tables, tmp_path, monkeypatch):
    data = os.environ.get("FOOTSTRIKE_DATA")
    if not data:
        pytest.skip("FOOTSTRIKE_DATA does not name a folder with the data sets")
    path = resource("experiments", "targets", script)
    monkeypatch.setattr(sys, "argv", [str(path), "--data", data, "-o", str(tmp_path)])
    monkeypatch.syspath_prepend(str(path.parent))
    runpy.run_path(str(path), run_name="__main__")
    for name in tables:
        assert (tmp_path / f"{name}.csv").read_text() == path.with_name(f"{name}.csv").read_text()


@pytest.mark.parametrize("strike", ["rearfoot", "forefoot"])
def test_longer_legs_run_dynamically_similarly(strike):
    own, tall = target(strike, 3.5), target(strike, 3.5, leg_scale=1.21)
    assert tall.stride_time == pytest.approx(1.1 * own.stride_time)
    assert tall.contact_time == pytest.approx(1.1 * own.contact_time)
    for name, angle in own.coordinates.items():
        factor = 1.21 if name.startswith("pelvis_t") and name != "pelvis_tilt" else 1.0
        assert tall.coordinates[name] == pytest.approx(factor * angle)
    for name, force in own.force.items():
        assert tall.force[name] == pytest.approx(force)
    for name, moment in own.moments.items():
        assert tall.moments[name] == pytest.approx(1.21 * moment)  # N m per kg: weight times length
    # the impulse over a stride is that of one body weight whatever the size
    carried = [
        np.trapezoid(t.force["fy"], t.force_phase) * t.contact_time / t.stride_time for t in (own, tall)
    ]
    assert carried[0] == pytest.approx(carried[1])
    with pytest.raises(InputError, match="leg_scale 3"):
        target(strike, 3.5, leg_scale=3)
