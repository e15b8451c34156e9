import numpy as np
import pytest

from footstrike.control.basis import radau_basis
from footstrike.control.problem import default_breaks
from footstrike.control.solution import Gait
from footstrike.simulation.initial_contact import COARSE_S, landing_mesh, too_coarse

HALF_CYCLES = {"2.5 m/s": 0.372, "3.5 m/s": 0.352, "4.5 m/s": 0.332}  # s


def gait_on(breaks, duration: float) -> Gait:
    basis = radau_basis(breaks, 3, 1)
    return Gait(basis, [], np.zeros((basis.size, 0)), duration)


def record(points: int, duration: float, start: float = 0.0) -> dict:
    gait = gait_on(default_breaks(points), duration)
    time = np.linspace(0.0, 2 * duration, 401)
    return landing_mesh(gait, start, time, np.where(time < 0.05, 0.01, 0.5))


@pytest.mark.parametrize("duration", HALF_CYCLES.values(), ids=HALF_CYCLES.keys())
def test_default_mesh_is_fine_while_the_foot_lands(duration):
    solver = record(96, duration)
    assert solver["landing_points_gap_s"] <= 0.004
    assert too_coarse(solver) == ""


def test_gap_halves_with_the_mesh_and_residual_is_that_of_landing_only():
    once, twice = record(96, 0.352), record(192, 0.352)
    assert twice["landing_points_gap_s"] == pytest.approx(once["landing_points_gap_s"] / 2)
    assert once["landing_residual_max_bw"] == 0.01


def test_too_few_points_are_said_to_be_too_few():
    solver = record(48, 0.372)
    assert solver["landing_points_gap_s"] > COARSE_S
    assert "more points" in too_coarse(solver)
