import runpy

import numpy as np
import pytest
from scipy.signal import butter, filtfilt

from footstrike.gait.targets import target
from footstrike.resources import resource

PERCENT = np.arange(101)
CONTACT = 0.226  # s


@pytest.fixture(scope="module")
def derive():
    return runpy.run_path(str(resource("experiments", "targets", "derive.py")))


def running_force(shift: float, size: float) -> np.ndarray:
    """A vertical force with an impact peak at 13 % of stance, which comes earlier or later."""
    t = PERCENT + shift * np.clip(PERCENT / 7, 0, 1) * np.clip((50 - PERCENT) / 25, 0, 1)
    impact = np.where(np.abs(t - 13) < 13, 0.5 + 0.5 * np.cos(np.pi * (t - 13) / 13), 0.0)
    return size * (1.25 * impact + 2.5 * np.sin(np.pi * np.clip(t, 0, 100) / 100) ** 1.6)


def test_registration_finds_the_runner_whom_averaging_hides(derive):
    random = np.random.default_rng(3)
    spread = 1.6
    runners = np.stack(
        [running_force(spread * random.normal(), 1 + 0.08 * random.normal()) for _ in range(4000)]
    )
    b, a = butter(2, 50.0 * 2 * CONTACT / 100)
    runners = filtfilt(b, a, runners, axis=1)
    mean, sd = runners.mean(axis=0), runners.std(axis=0)
    found, fastest = derive["timing_spread"](mean, sd)
    assert found == pytest.approx(spread, rel=0.15)
    truth = running_force(0.0, 1.0)
    registered = derive["registered"](mean, found, fastest, CONTACT)
    impact = slice(5, 40)
    assert np.abs(registered - truth)[impact].max() < 0.4 * np.abs(mean - truth)[impact].max()
    assert np.diff(registered).max() > np.diff(mean).max(), "averaging flattens the rise"


def test_target_read_through_spread_and_filter_is_the_measured_mean(derive):
    mean = running_force(0.0, 1.0)
    target_force = derive["registered"](mean, 1.5, 7, CONTACT)
    again = derive["smeared"](target_force, 1.5, 7, CONTACT)
    share = derive["impact_share"](7)
    np.testing.assert_allclose(share * again, share * mean, atol=0.01)
    assert np.abs(target_force - mean)[share == 0].max() == 0.0, "nothing is changed after midstance"


@pytest.mark.parametrize("speed", [2.5, 3.5, 4.5])
def test_only_rearfoot_targets_have_an_impact_peak_and_it_grows_with_speed(speed, derive):
    impact = derive["impact"]
    contact = {s: target(s, speed).contact_time for s in ("rearfoot", "forefoot")}
    peak, rise = impact(target("rearfoot", speed).force["fy"], contact["rearfoot"])
    no_peak, slower = impact(target("forefoot", speed).force["fy"], contact["forefoot"])
    assert no_peak is None
    assert slower < rise
    if speed == 2.5:
        assert peak is None, "38 % of the steps have one"
        return
    time, force, _, dip = peak
    published = {3.5: (1.72, 0.20), 4.5: (2.03, 0.19)}[speed]
    assert force == pytest.approx(published[0], abs=published[1])
    assert 25 < time < 40
    assert dip < force
