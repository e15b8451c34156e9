"""A real cell, with legs driven by torques, goes through a real worker and is the run that a simulation gives."""

from __future__ import annotations

from pathlib import Path

import pytest

import footstrike as fs


def test_a_cell_is_the_run_of_its_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()  # no toys
    table = {
        "fixed": {"strike": "rearfoot", "legs": "torques", "points": 30},
        "grid": {"step_length": {"relative": [-5]}},
    }
    found = fs.sweep(table, tmp_path / "out", workers=1)
    ((key, run),) = found.runs().items()
    request = found.plan.entries[key].request
    assert run.content_hash() == fs.simulate(request).content_hash()  # read from the cache, which they share
    row = found.to_frame().loc[key]
    (habit,) = found.habits().values()
    assert row["step_length_m"] == pytest.approx(0.95 * fs.metrics(habit)["step_length_m"], rel=1e-6)
