"""Metabolic rate of muscles: its limits in closed form, and OpenSim's own on the same states."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from native import run_native
from synthetic import MASS, SPEED, analytic_run, changed

from footstrike.errors import ModelError
from footstrike.model.description import Description, Muscle
from footstrike.model.subject import Subject
from footstrike.model.tables import carried_tables
from footstrike.muscles.energetics import Energetics, energetics
from footstrike.muscles.strength import strength
from footstrike.outcomes.metabolics import Fibres, bhargava, fibres, metabolic_rate
from footstrike.outcomes.metrics import metrics
from footstrike.workers.client import opensim_worker

SOLEUS = Muscle("soleus_r", 3549.0, 0.05, 0.25, 0.436332, 10.0, ())
POSTURE = {"hip_flexion_r": 0.4, "knee_angle_r": -0.7, "ankle_angle_r": 0.15, "lumbar_extension": -0.1,
           "hip_flexion_l": -0.2, "knee_angle_l": -1.1, "ankle_angle_l": -0.2, "lumbar_rotation": 0.1}  # fmt: skip


def state(
    u: float = 1.0, velocity: float = 0.0, active: float = 800.0, passive: float = 0.0, length: float = 1.0
) -> Fibres:
    one = np.ones((1, 1))
    return Fibres(u * one, length * one, velocity * one, active * one, passive * one, 1000.0 * one)


def kilogram(slow: float) -> Energetics:
    return Energetics(np.ones(1), np.full(1, slow))


@pytest.mark.parametrize(("slow", "heat"), [(1.0, 40.0 + 74.0), (0.0, 133.0 + 111.0), (0.5, 179.0)])
def test_an_isometric_muscle_only_heats(slow: float, heat: float) -> None:
    rates = bhargava(state(), kilogram(slow))
    assert rates.total == pytest.approx(heat)
    assert rates.work == 0.0
    assert rates.shortening == 0.0


def test_a_muscle_at_rest_gives_one_watt_per_kilogram() -> None:
    assert bhargava(state(u=0.0, active=0.0), kilogram(0.5)).total == pytest.approx(1.0)


def test_maintenance_depends_on_length_and_activation_does_not() -> None:
    short, long = (bhargava(state(length=x), kilogram(1.0)) for x in (0.5, 1.5))
    assert short.maintenance == pytest.approx(37.0)
    assert long.maintenance == 0.0
    assert short.activation == long.activation == pytest.approx(40.0)


def test_shortening_does_work_and_heats() -> None:
    rates = bhargava(state(velocity=-0.3, passive=50.0), kilogram(1.0))
    assert rates.work == pytest.approx(240.0)
    assert rates.shortening == pytest.approx((160.0 + 0.18 * 850.0) * 0.3)
    assert rates.total == pytest.approx(114.0 + 240.0 + rates.shortening)


def test_no_muscle_gains_energy() -> None:
    """What lengthening absorbs becomes heat beyond what activation costs."""
    gentle, hard = (bhargava(state(velocity=v), kilogram(1.0)) for v in (0.05, 0.5))
    assert gentle.total == pytest.approx(114.0 - 1.157 * 800.0 * 0.05)
    assert hard.total == pytest.approx(0.0, abs=1e-12)


def test_the_mass_is_that_of_the_fibres() -> None:
    soleus = energetics([SOLEUS])
    assert soleus.mass == pytest.approx(1059.7 * 3549.0 / 0.6e6 * 0.05)
    assert soleus.slow == pytest.approx(0.803)
    with pytest.raises(ModelError, match="deltoid_r"):
        energetics([Muscle("deltoid_r", 1.0, 0.1, 0.1, 0.0, 10.0, ())])


def test_every_muscle_of_the_runner_has_its_energetics() -> None:
    tables = carried_tables()
    rows = [*tables.leg_muscles["hamner"], *(f for fs in tables.fascicles.values() for f in fs)]
    all_of_them = [
        Muscle(m.name, m.max_isometric_force, m.optimal_fibre_length, 0.1, 0.0, 10.0, (), group=m.group)
        for m in rows
    ]
    found = energetics(all_of_them)
    by_name = dict(zip([m.name for m in all_of_them], found.mass, strict=True))
    legs = sum(by_name[m.name] for m in tables.leg_muscles["hamner"])
    assert 0.1 < legs / 75.3 < 0.25  # of body mass
    for name, mass in by_name.items():
        other = name[:-2] + ("_l" if name.endswith("_r") else "_r")
        assert mass == pytest.approx(by_name[other])


def test_fibre_forces_give_the_tendon_force() -> None:
    length, velocity = np.array([[0.29], [0.30]]), np.array([[-0.2], [0.1]])
    able = strength([SOLEUS], length, velocity)
    activation = np.full((2, 1), 0.6)
    tension = activation * able.active + able.passive
    found = fibres([SOLEUS], activation, tension, able.fibre_length, able.fibre_velocity)
    along = (length - SOLEUS.tendon_slack_length) / (found.length * SOLEUS.optimal_fibre_length)
    np.testing.assert_allclose(along * (found.active + found.passive), tension, rtol=1e-12)
    np.testing.assert_allclose(along * found.passive, able.passive, rtol=1e-9, atol=1e-9)


@pytest.fixture(scope="module")
def runner() -> tuple[str, Description]:
    text = opensim_worker().call("build_runner", Subject(legs="hamner"))
    return text, opensim_worker().call("describe", text)


@pytest.fixture(scope="module")
def opensims(runner: tuple[str, Description]) -> list[dict[str, Any]]:
    text, d = runner
    of = energetics(d.muscles)
    each = {m.name: (of.slow[k], of.mass[k]) for k, m in enumerate(d.muscles)}
    random = np.random.default_rng(3)
    found = []
    for scale in (1.0, 4.0):
        speeds = {name: scale * random.uniform(-1, 1) for name in POSTURE}
        activation = random.uniform(0.02, 1.0, len(d.muscles))
        found.append(run_native("metabolics_side.bhargava", text, POSTURE, speeds, activation, each))
    return found


def test_rates_are_those_of_opensim(runner: tuple[str, Description], opensims: list[dict[str, Any]]) -> None:
    """196 muscles in two states, shortening and lengthening: every rate within 1e-9 of the muscle's largest."""
    of = energetics(runner[1].muscles)
    for theirs in opensims:
        assert (theirs["velocity"] < -0.01).any()
        assert (theirs["velocity"] > 0.01).any()
        names = ("excitation", "length", "velocity", "active", "passive", "isometric")
        ours = bhargava(Fibres(*(theirs[name][None] for name in names)), of)
        both = [ours.activation, ours.maintenance, ours.shortening, ours.work, ours.total]
        largest = np.abs(theirs["rates"]).max(axis=1)
        for kind, values in enumerate(both):
            np.testing.assert_array_less(np.abs(values[0] - theirs["rates"][:, kind]), 1e-9 * largest)


def test_rates_from_activation_and_tendon_force_are_those_of_opensim(
    runner: tuple[str, Description], opensims: list[dict[str, Any]]
) -> None:
    muscles = runner[1].muscles
    fastest = np.array([m.max_velocity * m.optimal_fibre_length for m in muscles])
    for theirs in opensims:
        rate = metabolic_rate(
            muscles,
            theirs["activation"][None],
            theirs["tendon"][None],
            theirs["length"][None],
            (theirs["velocity"] / fastest)[None],
        )
        np.testing.assert_allclose(rate[0], theirs["rates"][:, 4], rtol=1e-6, atol=1e-9)


def test_cost_of_running_per_metre() -> None:
    run = analytic_run()
    power = np.full((run.time.size, 3), 200.0)
    found = metrics(changed(run, metabolic_rate=power, spec={**run.spec, "muscle_mass_kg": 14.0}))
    assert found["metabolic_cost_j_per_kg_m"] == pytest.approx((600.0 - 14.0) / (MASS * SPEED))
    assert found["metabolic_cost_gross_j_per_kg_m"] == pytest.approx((600.0 / MASS + 1.2) / SPEED)
    assert metrics(run)["metabolic_cost_j_per_kg_m"] is None
    assert metrics(run)["metabolic_cost_gross_j_per_kg_m"] is None
