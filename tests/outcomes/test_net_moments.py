"""Net moments and the centre of pressure of runs whose curves are known."""

from __future__ import annotations

import numpy as np
import pytest
from synthetic import BW, CONTACT, MASS, PERIOD, analytic_run, changed

from footstrike.outcomes import centre_of_pressure, net_moments
from footstrike.outcomes.metrics import metrics
from footstrike.runs.run import Run

RUN = analytic_run()
T = RUN.time
TURN = 2 * np.pi * T / PERIOD


def damped(harmonic: int) -> float:
    """What a second-order Butterworth filter, there and back, leaves at a harmonic of the stride."""
    return 1.0 / (1.0 + (harmonic / PERIOD / net_moments.CUTOFF_HZ) ** 4)


def with_net(moment: np.ndarray, vertical: np.ndarray | float = 0.0) -> Run:
    force = np.column_stack([0 * T, vertical + 0 * T, 0 * T])
    return changed(RUN, lumbar_net={"L5S1": {"force": force, "moment": moment}})


def test_peaks_at_l5s1() -> None:
    """Extension peaks at 18 % of the stride, once in each step; the others once to each side."""
    moment = MASS * np.column_stack(
        [0.3 + 0.9 * np.cos(2 * (TURN - 2 * np.pi * 0.18)), -0.8 * np.sin(TURN), 0.5 * np.cos(3 * TURN)]
    )
    found = metrics(with_net(moment, BW * (0.5 + 0.8 * np.cos(2 * TURN))))
    assert found["lumbar_extension_moment_peak_nm_per_kg"] == pytest.approx(0.3 + 0.9 * damped(2), abs=1e-4)
    assert found["lumbar_extension_moment_peak_phase_pct"] == pytest.approx(18.0, abs=0.05)
    assert found["lumbar_lateral_moment_peak_nm_per_kg"] == pytest.approx(0.8 * damped(1), abs=1e-4)
    assert found["lumbar_axial_moment_peak_nm_per_kg"] == pytest.approx(0.5 * damped(3), abs=1e-4)
    assert found["lumbar_vertical_net_force_peak_bw"] == pytest.approx(0.5 + 0.8 * damped(2), abs=1e-4)


def test_a_run_without_net_loads_has_no_such_numbers() -> None:
    found = metrics(RUN)
    assert found["lumbar_extension_moment_peak_nm_per_kg"] is None
    assert found["lumbar_lateral_moment_peak_nm_per_kg"] is None


def test_peaks_of_the_leg() -> None:
    """Knee moment only in stance, the hip's wherever it is largest."""
    outside = np.where(T > 1.2 * CONTACT, 4.0, 1.0)
    moments = {
        "knee_angle_r": MASS * 2.0 * outside,
        "hip_adduction_r": MASS * -1.5 * outside,
        "hip_flexion_r": MASS * (1.2 * np.sin(TURN) - 0.3),
    }
    found = metrics(changed(RUN, torques=moments))
    assert found["knee_extension_moment_peak_nm_per_kg"] == pytest.approx(2.0)
    assert found["hip_abduction_moment_peak_nm_per_kg"] == pytest.approx(1.5)
    assert found["hip_extension_moment_peak_nm_per_kg"] == pytest.approx(1.5, abs=1e-4)
    assert found["hip_flexion_moment_peak_nm_per_kg"] == pytest.approx(0.9, abs=1e-4)


def test_thorax_tilt_is_the_range_of_the_lean() -> None:
    assert metrics(RUN)["thorax_tilt_rom_deg"] == pytest.approx(4.0, abs=1e-3)


def rolling() -> Run:
    """The ground pushes first under, then ever further ahead of an ankle that travels 0.1 m high."""
    ankle = np.column_stack([3.0 * T, 0.1 + 0 * T, 0 * T])
    ahead = -0.02 + 0.2 * T / CONTACT
    point = np.where(
        RUN.ground_force["right"][:, 1:2] > 0, np.column_stack([3.0 * T + ahead, 0 * T, 0 * T]), np.nan
    )
    return changed(
        RUN,
        points=RUN.points | {"ankle_r": ankle},
        ground_point=RUN.ground_point | {"right": point},
    )


def test_the_centre_of_pressure_is_told_from_the_ankle() -> None:
    found = metrics(rolling())
    for share in centre_of_pressure.SHARES_PCT:
        assert found[centre_of_pressure.field(share)] == pytest.approx(
            -0.02 + 0.2 * share / 100, abs=0.002
        )  # contact is seen 1 % late, at 50 N


def test_the_moment_about_the_ankle_is_that_of_the_force_alone() -> None:
    force = RUN.ground_force["right"]
    ahead = -0.02 + 0.2 * T / CONTACT
    by_hand = (force[:, 1] * ahead + force[:, 0] * 0.1)[T < CONTACT].max() / MASS
    assert metrics(rolling())[centre_of_pressure.MOMENT] == pytest.approx(by_hand, rel=1e-6)
