"""Onsets of bursts whose instant is known."""

from __future__ import annotations

import numpy as np
import pytest
from synthetic import analytic_run, changed

from footstrike.claims.timing import MUSCLES, onset
from footstrike.claims.validation import validate


def with_burst(start: float, name: str, strike: str = "rearfoot"):
    """A muscle that ramps up within 1 % of the stride at ``start`` (%), stays for 15 %, and falls."""
    run = analytic_run(strike=strike)
    percent = 100 * (run.time / run.period)
    level = np.interp((percent - start) % 100, [0, 1, 15, 16, 100], [0, 1, 1, 0, 0])
    return changed(run, muscle_names=[name], activations=level[:, None], muscle_forces=level[:, None])


@pytest.mark.parametrize("start", [-12.0, -4.0, 0.0, 8.0])
def test_onset_near_contact(start):
    found = onset(with_burst(start, "LTpL_L5_r"), "erector spinae", -4.0)
    contact = 100 * 0.0015 / 0.70  # the 50 N threshold comes a little after the force begins
    assert found == pytest.approx(start + 0.25 - contact, abs=0.6)


def test_no_burst_there_or_no_such_muscle():
    assert onset(with_burst(50.0, "vas_med_r"), "vasti", -8.0) is None
    assert onset(with_burst(0.0, "vas_med_l"), "vasti", -8.0) is None
    assert onset(with_burst(0.0, "iliacus_r"), "erector spinae", 0.0) is None
    assert set(MUSCLES) == {"erector spinae", "gluteus maximus", "vasti", "gastrocnemius"}


def test_rows_of_the_table_use_it():
    runs = [with_burst(-2.0, "med_gas_r"), with_burst(-13.0, "med_gas_r", "forefoot")]
    rows = {row["row"]: row for row in validate(runs)}
    assert rows["23e"]["result"] == "pass"
    assert rows["23f"]["result"] == "pass"
    assert rows["23f"]["measured"] == pytest.approx(-11.0, abs=0.1)
    assert rows["23c"]["result"] == "not available"
