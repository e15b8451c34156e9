"""Excitation from activation: the inverse of first-order dynamics."""

from __future__ import annotations

import numpy as np
import pytest

from footstrike.control.problem import Drive
from footstrike.outcomes.excitation import excitation


def test_it_is_what_the_dynamics_were_driven_with() -> None:
    step = 1e-4
    time = np.arange(0.0, 0.7 + step / 2, step)
    driven = np.where((time > 0.1) & (time < 0.3), 0.8, 0.05)
    level = np.full_like(time, 0.05)
    for _ in range(2):  # the second time round, it begins where a stride ends
        level[0] = level[-1]
        for k in range(len(time) - 1):
            tau = Drive().activation_time if driven[k] > level[k] else Drive().deactivation_time
            level[k + 1] = level[k] + step * (driven[k] - level[k]) / tau
    found = excitation(time, level[:, None])[:, 0]
    away = (np.abs(time - 0.1) > 2 * step) & (np.abs(time - 0.3) > 2 * step)
    assert found[away] == pytest.approx(driven[away], abs=0.01)


def test_a_steady_activation_is_its_excitation() -> None:
    assert excitation(np.linspace(0.0, 0.7, 51), np.full((51, 2), 0.3)) == pytest.approx(0.3)
