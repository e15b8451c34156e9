"""The carried moments of measured runners."""

from __future__ import annotations

import numpy as np
import pytest

from footstrike.errors import InputError
from footstrike.gait.moments import LEG, TRUNK, moment_band, moment_curves


def test_every_curve_is_a_stride_with_a_spread() -> None:
    assert sorted(moment_curves(TRUNK)) == [2.0, 3.0, 4.0, 5.0]
    assert sorted(moment_curves(LEG)) == [3.0, 4.0]
    for table in (TRUNK, LEG):
        for group in moment_curves(table).values():
            for mean, sd in group.values():
                assert mean.shape == sd.shape == (101,)
                assert (sd > 0).all()


def test_peaks_lie_where_the_ten_have_them() -> None:
    extension = moment_band(3.0, "lumbar_extension")
    assert extension.mean.max() == pytest.approx(0.87, abs=0.005)
    assert extension.percent[extension.mean.argmax()] == 18.0
    bending, rotation = (moment_band(4.0, f"lumbar_{way}").mean for way in ("bending", "rotation"))
    assert (bending.argmin(), rotation.argmin()) == (14, 26)  # to the left, to the right in right stance
    assert moment_band(3.0, "knee_angle").mean[:30].max() > 1.8
    assert moment_band(3.0, "ankle_angle").mean.min() < -2.5
    assert moment_band(3.0, "hip_adduction").mean[:30].min() < -1.5


@pytest.mark.parametrize("name", ["lumbar_extension", "lumbar_bending", "lumbar_rotation"])
def test_both_steps_are_alike(name: str) -> None:
    """Left strides are in it mirrored, so half a stride later the curve comes again, reversed but for extension."""
    mean = moment_band(3.0, name).mean[:-1]
    sign = 1.0 if name == "lumbar_extension" else -1.0
    assert np.abs(np.roll(mean, 50) - sign * mean).max() < 0.1 * np.ptp(mean)


def test_between_the_speeds_it_is_linear() -> None:
    slow, middle, fast = (moment_band(speed, "lumbar_rotation") for speed in (3.0, 3.5, 4.0))
    np.testing.assert_allclose(middle.mean, (slow.mean + fast.mean) / 2)
    np.testing.assert_allclose(middle.sd, (slow.sd + fast.sd) / 2)


def test_nothing_is_said_of_what_was_not_measured() -> None:
    with pytest.raises(InputError, match=r"3 to 4 m/s"):
        moment_band(4.5, "knee_angle")
    with pytest.raises(InputError, match="elbow_flex"):
        moment_band(3.0, "elbow_flex")
