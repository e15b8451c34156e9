"""Sensitivities of a run against new solves; actuators in place of leg muscles, a coarse mesh."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

import footstrike as fs
from footstrike.errors import InputError
from footstrike.progress import silent
from footstrike.runs.run import Run
from footstrike.simulation import sensitivity
from footstrike.simulation.inputs import inputs_of
from footstrike.simulation.optimisation import Optimisation
from footstrike.simulation.request import Request
from footstrike.simulation.sensitivity import kept, table_of

HABIT = Request.of(strike="rearfoot", legs="torques", points=30)


def test_a_derivative_is_the_difference_of_new_solves_and_is_kept_in_the_file(tmp_path: Path) -> None:
    found = fs.sensitivities(HABIT, ["weight_motion"])
    weight, step = inputs_of(HABIT)["weight_motion"], 0.04
    runs = [fs.simulate(weight.changed(1.0 + s * step)) for s in (1, -1)]
    up, down = (row for _, row in fs.metrics_table(runs).drop(columns=["status", "strike"]).iterrows())
    for metric in ("vgrf_active_peak_bw", "knee_flexion_contact_deg", "valr_bw_per_s", "trunk_lean_mean_deg"):
        assert found.loc[metric, "weight_motion"] == pytest.approx(
            (up[metric] - down[metric]) / (2 * step), rel=0.01, abs=1e-4
        )
    own = fs.metrics(fs.simulate(HABIT))
    assert found.attrs["value"]["valr_bw_per_s"] == pytest.approx(own["valr_bw_per_s"], rel=1e-9)
    run = replace(runs[0], sensitivities=kept(found))
    back = table_of(Run.load(run.save(tmp_path / "run.h5")))
    assert back["weight_motion"].to_dict() == found["weight_motion"].dropna().to_dict()


def test_every_input_changes_its_request() -> None:
    asked = Request.of(strike="forefoot", trunk_lean=12.0, step_length=1.2)
    known = inputs_of(asked)
    assert {"trunk_lean", "step_length", "nearness", "speed", "trunk_strength", "weight_motion"} <= set(known)
    for one in known.values():
        moved = one.changed(one.value + one.step)
        assert moved != asked
        assert moved.habit.strike == asked.strike


def test_of_an_optimised_gait_what_was_chosen_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = {"step_length": 1.3, "knee_flexion": 20.0}
    run = SimpleNamespace(solved=True, solver={"optimum": {"chosen": chosen}})
    monkeypatch.setattr(sensitivity, "simulate", lambda *_: run)
    best = Request.of(strike="rearfoot", trunk_lean=5.0).optimised(Optimisation.of("peak_compression"))
    held = sensitivity._held(best, silent)
    assert held.optimise is None
    assert {m.name: m.value for m in held.modifiers} == {"trunk_lean": 5.0, **chosen}


def test_unknown_inputs_optimised_gaits_and_runs_without_are_refused() -> None:
    with pytest.raises(InputError, match="did you mean 'trunk_strength'"):
        fs.sensitivities(HABIT, ["trunk_strenght"])
    best = Request.of(strike="rearfoot").optimised(Optimisation.of("peak_compression", "all"))
    with pytest.raises(InputError, match="everything was free"):
        fs.sensitivities(best)
    run = fs.simulate(HABIT)
    with pytest.raises(InputError, match="--sensitivity"):
        table_of(run)
