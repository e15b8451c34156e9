"""Measured joint angles on our own runner move it as they moved the measured one."""

from __future__ import annotations

import csv
import runpy
from pathlib import Path

import numpy as np
import pytest

from footstrike.model.subject import Subject
from footstrike.resources import resource


@pytest.fixture(scope="module")
def script() -> dict:
    return runpy.run_path(str(resource("experiments", "validation", "measured_spine.py")))


def published(data: Path, table: str, **where: str) -> dict[str, str]:
    with (data / "hamner_group" / table).open(newline="", encoding="utf-8") as file:
        rows = csv.DictReader(file)
        return next(row for row in rows if all(row[k] == v for k, v in where.items()))


def test_subject_1_at_3_m_per_s(script, data):
    """His lean, the moment that his own model has within a tenth, and a load that peaks in mid-stance."""
    trial = next(script["trials"](data))
    assert trial.name == "s01, 3 m/s"
    d = script["described"](Subject(height=script["HEIGHT_M"], mass=trial.mass, legs="none"))
    time, series = script["motion"](d, trial, script["How"]())
    found = script["loads"](d, series)
    tilt = published(data, "trunk_rom.csv", runner="hamner_s01", speed="3.0", coordinate="thorax_tilt")
    assert found["lean"].mean() == pytest.approx(-float(tilt["mean"]), abs=0.5)
    steps = list(script["steps"](time, trial.contacts))
    assert len(steps) >= 10
    peaks = [found["moment"][inside, 0].max() for _, inside in steps]
    own = published(data, "lumbar_peaks_12Hz.csv", runner="hamner_s01", speed="3.0", q="M_extension")
    assert np.mean(peaks) == pytest.approx(float(own["max"]), rel=0.1)
    phases = [50.0 * found["resultant"][inside].argmax() / inside.sum() for _, inside in steps]
    assert 13.0 < np.mean(phases) < 22.0
