"""Work of the joints and force of the patella, against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from synthetic import BW, MASS, PERIOD, analytic_run, changed

from footstrike.outcomes import tissue
from footstrike.outcomes.joint_work import work_per_step
from footstrike.outcomes.metrics import metrics
from footstrike.runs.run import Run


def swinging(name: str, moment: float, phase: float = 0.0) -> Run:
    """One coordinate that swings by 0.5 rad twice a stride against a moment ``phase`` behind its speed."""
    run = analytic_run()
    turn = 4 * np.pi * run.time / PERIOD
    rate = 4 * np.pi / PERIOD
    return changed(
        run,
        speeds={name: 0.5 * rate * np.cos(turn)},
        torques={name: moment * np.cos(turn - phase)},
    )


def test_a_moment_with_the_speed_generates() -> None:
    positive, negative = work_per_step(swinging("knee_angle_r", 70.0), "knee")
    assert positive == pytest.approx(2 * 70.0 * 0.5 * np.pi / MASS, rel=1e-4)
    assert negative == 0.0


def test_a_spring_gives_back_what_it_absorbs() -> None:
    positive, negative = work_per_step(swinging("ankle_angle_r", 70.0, np.pi / 2), "ankle")
    assert positive == pytest.approx(-negative, rel=1e-4)
    assert positive == pytest.approx(4 * 0.5 * 70.0 * 0.5 / MASS, rel=1e-3)


def test_the_spine_works_twice_a_stride() -> None:
    leg, spine = (
        work_per_step(swinging(name, 70.0), joint)
        for name, joint in (("hip_flexion_r", "hip"), ("lumbar_extension", "lumbar"))
    )
    assert spine[0] == pytest.approx(leg[0] / 2)


def test_coordinates_of_a_joint_share_their_power() -> None:
    one, other = swinging("hip_flexion_r", 70.0), swinging("hip_rotation_r", -70.0)
    both = changed(one, torques=one.torques | other.torques, speeds=one.speeds | other.speeds)
    assert work_per_step(both, "hip") == pytest.approx((0.0, 0.0), abs=1e-12)


def test_work_is_among_the_metrics() -> None:
    found = metrics(analytic_run())
    net = found["knee_work_positive_j_per_kg"] + found["knee_work_negative_j_per_kg"]
    assert net == pytest.approx(0.0, abs=1e-3)  # a constant moment over a closed cycle
    assert found["hip_work_positive_j_per_kg"] is None


def test_patella_ratio() -> None:
    """Half the quadriceps force on a straight knee, nearly all of it on a bent one, held beyond 110 degrees."""
    degrees = np.array([0.0, 30.0, 60.0, 90.0, 120.0, 140.0, -5.0])
    ratio = tissue.patella_ratio(np.radians(degrees))
    assert ratio[0] == pytest.approx(0.462)
    assert np.all(np.diff(ratio[:4]) > 0)
    assert 0.9 < ratio[3] < 1.1
    assert ratio[5] == pytest.approx(ratio[4])
    assert ratio[6] == pytest.approx(ratio[0])


def test_patella_is_pressed_by_the_quadriceps_in_stance() -> None:
    run = analytic_run()
    force = np.full((run.time.size, 2), 500.0)
    pulled = changed(
        run, muscle_names=["vas_lat_r", "rect_fem_r"], activations=force / 1e3, muscle_forces=force
    )
    flexion = np.radians(52.0)  # the largest of the stride, in the first quarter of it
    expected = 1000.0 * tissue.patella_ratio(np.array(flexion)) / BW
    assert metrics(pulled)["patellofemoral_peak_bw"] == pytest.approx(expected, rel=1e-3)
    assert metrics(run)["patellofemoral_peak_bw"] is None
