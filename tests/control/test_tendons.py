"""Tendons that stretch: equilibrium with their fibres along a given motion."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from footstrike.control.tendons import in_equilibrium
from footstrike.model.description import Muscle
from footstrike.muscles.strength import strength_behind_tendons

SOLEUS = Muscle(
    name="soleus_r",
    max_isometric_force=6000.0,
    optimal_fibre_length=0.05,
    tendon_slack_length=0.25,
    pennation=0.4,
    max_velocity=10.0,
    path=(),
    tendon_strain=0.10,
)
RESTING = np.array([True])


def _held(activation: float, length: float, muscle: Muscle = SOLEUS) -> float:
    time = np.linspace(0.0, 0.5, 201)
    shape = np.ones((len(time), 1))
    force = in_equilibrium([muscle], time, activation * shape, length * shape, 0 * shape, RESTING, [0])
    return float(force[-1, 0])


@pytest.mark.parametrize("activation", [0.05, 0.5, 1.0])
@pytest.mark.parametrize("length", [0.29, 0.30, 0.32])
def test_held_still_the_fibre_pulls_as_much_as_the_tendon(activation: float, length: float) -> None:
    force = _held(activation, length)
    held = np.zeros((1, 1))
    able = strength_behind_tendons([SOLEUS], held + length, held, held + force, held)
    fibre = float(activation * able.active[0, 0] + able.passive[0, 0]) / SOLEUS.max_isometric_force
    assert force == pytest.approx(fibre, abs=2e-3)
    assert force >= 0.0


def test_a_stiffer_tendon_lets_force_rise_faster() -> None:
    time = np.linspace(0.0, 0.3, 301)
    activation = np.where(time < 0.15, 0.05, 0.8)[:, None]
    length = np.full_like(activation, 0.30)
    rises = [
        in_equilibrium([replace(SOLEUS, tendon_strain=s)], time, activation, length, 0 * length, RESTING, [0])
        for s in (0.04, 0.10)
    ]
    just_after = np.searchsorted(time, 0.17)
    assert rises[0][just_after, 0] > rises[1][just_after, 0] + 0.05


def test_a_mirrored_cycle_begins_where_the_other_side_ended() -> None:
    time = np.linspace(0.0, 0.35, 201)
    activation = np.stack([0.1 + 0.5 * np.sin(np.pi * time / 0.35) ** 2, np.linspace(0.6, 0.1, 201)], axis=1)
    activation[:, 1] = np.linspace(activation[-1, 0], activation[0, 0], 201)
    length = np.full_like(activation, 0.30)
    pair = [SOLEUS, replace(SOLEUS, name="soleus_l")]
    force = in_equilibrium(pair, time, activation, length, 0 * length, np.array([True, True]), [1, 0])
    assert np.allclose(force[0], force[-1, ::-1], atol=0.02)
