"""Terms of the objective: names, weights, residuals, and what a term of one's own does to a gait."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import footstrike as fs
from footstrike.control.terms import HABITUAL, Braking, Objective
from footstrike.errors import InputError
from footstrike.simulation.request import Request


def test_weights_are_changed_by_name_and_nothing_else_is() -> None:
    other = HABITUAL.weighted(force=5.0, jerk=0.1)
    assert other.weights == {**HABITUAL.weights, "force": 5.0, "jerk": 0.1}
    assert other.structure() == HABITUAL.structure()
    assert HABITUAL.scaled(motion=3.0).weights["motion"] == 3.0 * HABITUAL.weights["motion"]


def test_an_unknown_term_gets_the_nearest_name() -> None:
    with pytest.raises(InputError, match="did you mean 'reserve'"):
        HABITUAL.weighted(reserv=1.0)


def test_only_backward_force_counts_as_braking() -> None:
    braking = Braking("braking", 1.0, "ground_force", per="one")
    forces = np.array([-0.4, 2.0, 0.1, 0.3, 1.0, 0.0])
    assert braking.residual(forces, {}, 1.0) == pytest.approx([-0.4, 0.0], abs=1e-4)


def test_a_gait_that_pays_for_braking_brakes_less() -> None:
    term = Braking("braking", 100.0, "ground_force", per="one")
    costly = Objective((*HABITUAL.terms, term), HABITUAL.smoothness)
    habit = Request.of(strike="rearfoot", legs="torques", points=30)
    runs = [fs.simulate(r) for r in (habit, habit.model_copy(update={"objective": costly}))]
    assert all(run.solved for run in runs)
    usual, less = (fs.metrics(run)["braking_impulse_bw_s"] for run in runs)
    assert less < 0.9 * usual
    recorded = runs[1].spec["problem"]["weights"]
    assert recorded == {**runs[0].spec["problem"]["weights"], "braking": 100.0}
    assert replace(term, weight=0.0) in costly.structure()
