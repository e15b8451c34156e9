"""Uncertain numbers of the runner: factors on the tables that reach the OpenSim model."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from footstrike.errors import InputError
from footstrike.model.factors import FACTORS, multiplied
from footstrike.model.rows import RunnerTables
from footstrike.model.subject import Subject
from footstrike.workers.client import Worker


def test_without_factors_the_tables_are_the_same_object(tables: RunnerTables) -> None:
    assert multiplied(tables, ()) is tables


@pytest.mark.parametrize("name", FACTORS)
def test_a_change_and_its_inverse_leave_nothing(tables: RunnerTables, name: str) -> None:
    there = multiplied(tables, ((name, 1.25),))
    back = multiplied(there, ((name, 0.8),))
    assert there != tables
    assert [b.mass for b in back.bodies] == pytest.approx([b.mass for b in tables.bodies])
    moved = [
        field for field in ("bodies", "fascicles", "leg_muscles", "spheres")
        if getattr(there, field) != getattr(tables, field)
    ]  # fmt: skip
    assert len(moved) == 1
    assert replace(there, **{moved[0]: getattr(tables, moved[0])}) == tables


def test_changes_reach_the_opensim_model(worker: Worker) -> None:
    def described(**factors: float) -> object:
        return worker.call("describe", worker.call("build_runner", Subject(factors=tuple(factors.items()))))

    own, new = described(), described(trunk_mass=1.1, trunk_strength=0.9, contact_stiffness=1.2)
    masses = [{b.name: b.mass for b in d.bodies} for d in (own, new)]  # type: ignore[attr-defined]
    assert masses[1]["torso"] == pytest.approx(1.1 * masses[0]["torso"])
    assert masses[1]["femur_r"] == masses[0]["femur_r"]
    forces = [{m.name: m.max_isometric_force for m in d.muscles} for d in (own, new)]  # type: ignore[attr-defined]
    ratio = {name: forces[1][name] / f for name, f in forces[0].items()}
    assert ratio["soleus_r"] == 1.0
    assert min(ratio.values()) == pytest.approx(0.9)
    stiff = [d.spheres[0].stiffness for d in (own, new)]  # type: ignore[attr-defined]
    assert stiff[1] == pytest.approx(1.2 * stiff[0])


@pytest.mark.parametrize(
    ("factors", "words"),
    [
        ((("trunk_mas", 1.1),), "trunk_mass"),
        ((("trunk_mass", math.nan),), "allowed: a factor from 0.2 to 5"),
        ((("trunk_mass", 6.0),), "allowed: a factor from 0.2 to 5"),
        ((("trunk_mass", 1.1), ("trunk_mass", 1.2)), "twice"),
    ],
)
def test_impossible_factors_are_refused(factors: tuple[tuple[str, float], ...], words: str) -> None:
    with pytest.raises(InputError, match=words):
        Subject(factors=factors)
