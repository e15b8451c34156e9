"""The habitual gait of a modified one is read back, never solved anew; a warning names the joint that lacks muscle."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from footstrike.cache.entries import entry
from footstrike.control.solution import Controls
from footstrike.simulation import pipeline
from footstrike.simulation.request import Request

ASKED = Request.of(strike="forefoot", from_strike="rearfoot", trunk_lean=15.0)


@pytest.fixture
def asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Request]:
    """Requests that were simulated; none is."""
    found: list[Request] = []
    monkeypatch.setenv("FOOTSTRIKE_CACHE", str(tmp_path))
    at = pipeline.Posed(SimpleNamespace(osim="model"), {}, "problem")  # type: ignore[arg-type]
    monkeypatch.setattr(pipeline, "posed", lambda *_: at)
    monkeypatch.setattr(pipeline, "simulate", lambda request, progress: found.append(request))
    return found


def test_a_habit_that_was_not_solved_is_not_solved_for_it(asked_for: list[Request]) -> None:
    assert pipeline.habit_of(ASKED) is None
    assert asked_for == []


@pytest.mark.parametrize("stage", ["gaits", "runs"])
def test_a_habit_that_was_solved_is_read_back(asked_for: list[Request], stage: str) -> None:
    said = ASKED.habit.specification()
    values = ("problem", {}, said) if stage == "gaits" else ("model", "problem", {}, said)
    entry(stage, *values).write(b"a result")
    pipeline.habit_of(ASKED)
    assert asked_for == [Request.of(strike="rearfoot")]


def test_reserves_are_told_by_joint_and_the_warning_names_the_largest() -> None:
    reserves = np.array([[1.0, -30.0, 2.0], [-4.0, 0.0, 31.0]])
    controls = Controls(
        [],
        np.zeros((0, 0)),
        [],
        np.zeros((0, 0)),
        ["knee_angle_r", "ankle_angle_r", "ankle_angle_l"],
        reserves,
    )
    largest = pipeline.largest_reserves(controls)
    assert list(largest.items()) == [("ankle_angle", 31.0), ("knee_angle", 4.0)]
    solver = {"reserve_max_nm": 31.0, "reserves_max_nm": largest}
    torques = {"ankle_angle_r": np.array([-200.0, 0.0])}
    assert "31 N m at ankle that" in pipeline.trusted("converged", solver, torques)
    assert pipeline.trusted("converged", solver, {"ankle_angle_r": np.array([400.0])}) == "converged"
