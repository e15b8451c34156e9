"""What a sweep's file may say, and how each mistake in it is answered before anything runs."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from footstrike.errors import InputError
from footstrike.gait.targets import target
from footstrike.study.design import cells_of
from footstrike.study.experiment import carried, experiment_of, read_experiment
from footstrike.study.plan import make_plan
from footstrike.study.values import read_values
from footstrike.study.variables import habitual_values, request_of

BASE: dict[str, Any] = {"fixed": {"strike": "rearfoot"}, "grid": {"knee_flexion": [10, 20]}}


def changed(part: str, **entries: Any) -> dict[str, Any]:
    table = copy.deepcopy(BASE)
    table.setdefault(part, {}).update(entries)
    return table


@pytest.mark.parametrize(
    ("given", "listed"),
    [
        ([5, 10], (5, 10)),
        (7, (7,)),
        ({"from": 5, "to": 40, "count": 8}, (5, 10, 15, 20, 25, 30, 35, 40)),
        ({"from": 0.0, "to": 0.3, "step": 0.1}, (0.0, 0.1, 0.2, 0.3)),
        ({"values": [1, 2], "unit": "deg"}, (1, 2)),
    ],
)
def test_values_are_a_list_or_a_range(given: Any, listed: tuple[float, ...]) -> None:
    assert read_values("knee_flexion", given, "deg").listed == listed


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (changed("grid", knee_flexoin=[1]), ["'knee_flexoin'", "did you mean 'knee_flexion'"]),
        (changed("grid", knee_flexion_deg=[1]), ["'knee_flexion_deg'", "did you mean 'knee_flexion'"]),
        (BASE | {"gird": {}}, ["'gird'", "did you mean 'grid'"]),
        (changed("grid", step_length={"relativ": [1]}), ["'relativ'", "did you mean 'relative'"]),
        (changed("grid", trunk_lean={"values": [0.1], "unit": "rad"}), ["trunk_lean", "'rad'", "'deg'"]),
        (changed("grid", step_length={"relative": [1], "unit": "m"}), ["step_length", "'m'", "'%'"]),
        (changed("grid", trunk_lean=[]), ["trunk_lean", "no values"]),
        (changed("grid", trunk_lean={"from": 5, "to": 5, "count": 3}), ["trunk_lean", "empty"]),
        (changed("grid", trunk_lean={"from": 5, "to": 9}), ["trunk_lean", "count or step"]),
        (changed("grid", trunk_lean={"from": 5, "to": 9, "step": -1}), ["trunk_lean", "above 0"]),
        (changed("grid", trunk_lean=[5, float("nan")]), ["trunk_lean", "nan"]),
        (changed("grid", trunk_lean=[5, float("inf")]), ["trunk_lean", "inf"]),
        (changed("grid", trunk_lean=[5, 5]), ["trunk_lean", "twice"]),
        (changed("grid", trunk_lean=["much"]), ["trunk_lean", "much"]),
        (changed("grid", trunk_lean=[90]), ["trunk_lean 90 deg", "-15 to 35 deg"]),
        (changed("grid", speed=[35]), ["speed 35", "2 to 5.5 m/s"]),
        (changed("grid", trunk_lean={"relative": [1]}), ["trunk_lean", "step_length, cadence"]),
        (changed("grid", rhythm=["cristophy"]), ["'cristophy'", "christophy"]),
        (changed("grid", thigh_scale=[3.0]), ["thigh", "3"]),
        (changed("fixed", knee_flexion=10), ["knee_flexion", "fixed", "grid"]),
        (changed("fixed", speed=[3.5]), ["speed", "one value"]),
        ({"fixed": {"strike": "rearfoot"}}, ["varies nothing"]),
        ({"grid": {"knee_flexion": [1]}}, ["strike is missing"]),
        (BASE | {"cells": [{"speed": 3.0}, {"trunk_lean": 5}]}, ["entry 1 of cells", "trunk_lean"]),
        (BASE | {"limit": 1}, ["2 cells", "limit of 1", "h"]),
        (BASE | {"limit": 0}, ["limit", "0"]),
        (BASE | {"sample": {"method": "random", "count": 4, "ranges": {"speed": [3, 4]}}}, ["'random'"]),
        (BASE | {"sample": {"method": "sobol", "count": 6, "ranges": {"speed": [3, 4]}}}, ["4 or 8"]),
        (BASE | {"sample": {"method": "sobol", "count": 4, "ranges": {"speed": [4, 3]}}}, ["speed", "empty"]),
        (BASE | {"sample": {"method": "sobol", "count": 4, "ranges": {}}}, ["ranges"]),
        (BASE | {"sample": {"method": "sobol", "ranges": {"speed": [3, 4]}}}, ["sample.count"]),
        (BASE | {"sample": {"method": "sobol", "cuont": 4, "ranges": {}}}, ["'cuont'", "count"]),
    ],
)
def test_a_mistake_is_answered_with_its_place_and_what_is_allowed(
    table: dict[str, Any], words: list[str]
) -> None:
    with pytest.raises(InputError) as caught:
        cells_of(experiment_of(table))
    assert "\n" not in str(caught.value)
    for word in words:
        assert word in str(caught.value)


def test_what_is_no_toml_or_no_file_is_named(tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text("grid = [")
    for source, words in [
        (bad, "bad.toml is not TOML"),
        (tmp_path / "none.toml", "none.toml does not exist"),
        (tmp_path, "is a folder"),
        ("quik", "did you mean 'quick'"),
    ]:
        with pytest.raises(InputError, match=words):
            read_experiment(source)


def test_carried_sweeps_can_be_planned() -> None:
    sizes = {name: len(make_plan(name).cells) for name in carried()}
    assert sizes["map"] == 2 * 7 * 7
    assert sizes["quick"] == 12


def test_step_lengths_relative_to_habit_are_those_of_the_strike_and_the_body() -> None:
    table = {
        "fixed": {"mass": 60.0},
        "grid": {
            "strike": ["rearfoot", "forefoot"],
            "height": [1.6, 1.8],
            "step_length": {"relative": [-10, 0]},
        },
    }
    cells, _ = cells_of(experiment_of(table))
    for cell in cells:
        habit = habitual_values(request_of({k: v for k, v in cell.values.items() if k != "step_length"}))
        change = 1.0 + cell.relative["step_length"] / 100.0
        assert cell.asked["step_length"] == pytest.approx(habit["step_length"] * change, rel=1e-12)
    assert len({c.asked["step_length"] for c in cells if c.relative["step_length"] == 0}) == 4


def test_the_habitual_step_is_that_of_the_target() -> None:
    habit = habitual_values(request_of({"strike": "forefoot", "from_strike": "rearfoot", "speed": 3.0}))
    aim = target("rearfoot", 3.0)
    assert habit["step_length"] == pytest.approx(3.0 * aim.stride_time / 2)
    assert habit["cadence"] * habit["step_length"] == pytest.approx(60.0 * 3.0)


def test_grid_cells_and_sample_stand_together() -> None:
    table = {
        "grid": {"strike": ["rearfoot", "forefoot"]},
        "cells": [{"arm_swing": 0.0, "rotation": 1.0}, {"arm_swing": 1.0, "rotation": 0.5}],
        "sample": {
            "method": "latin_hypercube",
            "count": 5,
            "ranges": {"speed": [3, 4], "knee_flexion": [10, 20]},
        },
    }
    cells, _ = cells_of(experiment_of(table))
    assert len(cells) == 2 * 2 * 5
    points = np.array([[c.asked["speed"], c.asked["knee_flexion"]] for c in cells]).reshape(4, 5, 2)
    assert np.all(points == points[0])  # the same points for each combination
    strata = np.floor((points[0] - [3, 10]) / [1, 10] * 5)
    assert sorted(strata[:, 0]) == sorted(strata[:, 1]) == [0, 1, 2, 3, 4]


def test_model_choices_reach_the_subject() -> None:
    request = request_of({"strike": "rearfoot", "rhythm": "lfb", "trunk": "full", "thigh_scale": 1.05})
    assert request.subject.rhythm == "lfb"
    assert request.subject.trunk == "full"
    assert request.subject.segment_factors == (("thigh", (1.05, 1.05, 1.05)),)


def test_impossible_cells_are_refused_or_left_out() -> None:
    table = {"fixed": {"strike": "rearfoot"}, "grid": {"height": [1.5, 1.9], "mass": [45.0, 100.0]}}
    with pytest.raises(InputError, match=r"cell 2 \(height 1.5, mass 100.0\).*mass.*leave_out"):
        cells_of(experiment_of(table))
    cells, refused = cells_of(experiment_of(table | {"impossible": "leave_out"}))
    assert [c.asked for c in cells] == [{"height": 1.5, "mass": 45.0}, {"height": 1.9, "mass": 100.0}]
    assert [r.asked["mass"] for r in refused] == [100.0, 45.0]
    assert all("mass" in r.reason for r in refused)
