"""Propagation of uncertainty: exact where the effect is linear, honest about error where it is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from footstrike.study.importance import importance, surrogate
from footstrike.study.propagation import (
    FEWEST,
    Interval,
    LinearEffect,
    convergence,
    effect_gradient,
    propagate,
)
from footstrike.study.uncertain import draws, uncertain_inputs

NAMES = ("leg_mode_1", "leg_mode_2", "reference_lean", "rhythm", "rearfoot_mean_1", "friction")
INPUTS = tuple(i for i in uncertain_inputs() if i.name in NAMES)
SLOPES = {
    "leg_mode_1": 0.6,
    "leg_mode_2": 0.0,
    "reference_lean": 0.1,
    "rearfoot_mean_1": -1.0,
    "friction": 0.0,
}
LINEAR = LinearEffect(0.5, SLOPES)
SD = float(np.sqrt(sum((SLOPES[i.name] * i.sd) ** 2 for i in INPUTS if i.is_number)))


def curved(table: pd.DataFrame, size: float = 0.3) -> np.ndarray:
    """Linear, and something of an input without a slope and of a choice."""
    other = np.sin(2.0 * table["leg_mode_2"].to_numpy()) + (table["rhythm"] == "lfb")
    return LINEAR.at(INPUTS, table) + size * other


def test_to_first_order_the_interval_is_that_of_the_sum_of_normals():
    found = propagate(INPUTS, LINEAR)
    assert found.basis == "first order"
    assert found.interval.mean == pytest.approx(0.5, abs=0.01)
    assert found.interval.low == pytest.approx(0.5 - 1.96 * SD, abs=0.04)
    assert found.interval.high == pytest.approx(0.5 + 1.96 * SD, abs=0.04)
    assert found.error("low") is None


def test_a_linear_effect_needs_no_more_than_its_first_order():
    table = draws(INPUTS, 20, seed=3)
    found = propagate(INPUTS, LINEAR, (table, LINEAR.at(INPUTS, table)))
    alone = propagate(INPUTS, LINEAR)
    assert found.interval.low == pytest.approx(alone.interval.low, abs=1e-9)
    assert found.error("mean") < 1e-9
    assert found.correlation == pytest.approx(1.0)


def test_the_control_variate_lowers_the_error_of_the_mean_and_keeps_the_truth():
    truth = Interval.of(curved(draws(INPUTS, 40_000, seed=99), 0.1))
    table = draws(INPUTS, 60, seed=5)
    effects = curved(table, 0.1)
    with_first_order = propagate(INPUTS, LINEAR, (table, effects))
    without = propagate(INPUTS, LinearEffect(0.5, {}), (table, effects))
    assert with_first_order.basis.endswith("control variate")
    assert without.basis == "sample"
    assert with_first_order.error("mean") < 0.3 * without.error("mean")
    assert with_first_order.error("low") < without.error("low")
    for name in ("mean", "low", "high"):
        error = max(with_first_order.error(name), 0.01)
        assert getattr(with_first_order.interval, name) == pytest.approx(getattr(truth, name), abs=4 * error)


def test_the_error_that_is_told_is_the_scatter_between_seeds():
    means, told = [], []
    for seed in range(20):
        table = draws(INPUTS, 40, seed=seed)
        found = propagate(INPUTS, LINEAR, (table, curved(table)), seed=seed)
        means.append(found.interval.mean)
        told.append(found.error("mean"))
    assert np.std(means) < 1.5 * np.mean(told)  # a Latin hypercube may do better than its bootstrap says


def test_failed_pairs_are_counted_and_too_few_are_no_sample():
    table = draws(INPUTS, 30)
    effects = curved(table)
    effects[:12] = np.nan
    found = propagate(INPUTS, LINEAR, (table, effects))
    assert (found.solved, found.failed) == (18, 12)
    effects[12 : 30 - FEWEST + 1] = np.nan
    few = propagate(INPUTS, LINEAR, (table, effects))
    assert few.basis == "first order"
    assert (few.solved, few.failed) == (FEWEST - 1, 30 - FEWEST + 1)


def test_errors_fall_with_the_number_of_pairs():
    table = draws(INPUTS, 160, seed=2)
    found = convergence(INPUTS, LINEAR, (table, curved(table)), (20, 160))
    assert found.loc[160, "mean_error"] < 0.6 * found.loc[20, "mean_error"]


def test_the_gradient_of_an_effect_is_the_weighted_sum_over_its_members():
    rear = pd.DataFrame({"leg_mode_1": [2.0], "reference_lean": [1.0]}, index=["m"])
    fore = pd.DataFrame({"leg_mode_1": [5.0], "reference_lean": [1.5]}, index=["m"])
    gradient, missing = effect_gradient(INPUTS, [(-1.0, "rearfoot", rear), (1.0, "forefoot", fore)], "m")
    assert gradient == {"leg_mode_1": 3.0, "reference_lean": 0.5, "rearfoot_mean_1": -2.0}
    assert set(missing) == {"leg_mode_2", "friction"}  # rhythm is a choice


def test_sobol_indices_of_a_linear_effect_are_the_shares_of_its_variance():
    of = surrogate(INPUTS, LINEAR)
    found = importance(INPUTS, of, by="input")
    assert of.error is None
    for i in INPUTS:
        share = (SLOPES.get(i.name, 0.0) * i.sd) ** 2 / SD**2 if i.is_number else 0.0
        assert found.loc[i.name, "total"] == pytest.approx(share, abs=0.08)
    groups = importance(INPUTS, of)
    assert groups.index[0] == "leg motion and force"
    assert set(groups.index) == {i.group for i in INPUTS}


def test_a_surrogate_learns_what_is_not_linear_and_tells_its_cross_validated_error():
    table = draws(INPUTS, 120, seed=8)
    square = LINEAR.at(INPUTS, table) + 0.5 * table["leg_mode_2"].to_numpy() ** 2
    of = surrogate(INPUTS, LINEAR, (table, square))
    assert "leg_mode_2" in of.active
    assert of.determination == pytest.approx(1.0, abs=1e-3)
    noise = np.random.default_rng(1).standard_normal(120)
    blind = surrogate(INPUTS, LinearEffect(0.0, {}), (table, noise))
    assert blind.determination < 0.2  # nothing to be learnt, and it says so
    assert blind.error == pytest.approx(1.0, abs=0.25)


def test_an_effect_that_nothing_moves_has_no_drivers():
    still = surrogate(INPUTS, replace(LINEAR, gradient={}))
    assert (importance(INPUTS, still)["total"] == 0).all()
