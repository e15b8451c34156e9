"""Constants of physiology and models: each has a source, and those that OpenSim has, too, are OpenSim's."""

from __future__ import annotations

import csv
import tomllib
from dataclasses import asdict
from pathlib import Path

import pytest
from native import run_native

from footstrike.control.problem import Drive
from footstrike.model.activation import activation_dynamics
from footstrike.model.actuators import torque_scale
from footstrike.model.contact_smoothing import contact_smoothing
from footstrike.model.limits import GENERIC_HEIGHT_M, step_length_limits
from footstrike.model.muscle_curves import muscle_curves
from footstrike.resources import resource
from footstrike.simulation import request

MODELS = resource("models")
NO_NUMBERS_OF_OTHERS = (
    "citations.toml",
    "contact.toml",
    "trunk_reduced_error.csv",
)  # the latter two: results


@pytest.mark.parametrize("table", sorted(p.name for p in MODELS.iterdir() if p.suffix in {".csv", ".toml"}))
def test_every_number_has_a_source(table: str) -> None:
    if table in NO_NUMBERS_OF_OTHERS:
        return
    path = Path(MODELS / table)
    if path.suffix == ".csv":
        with path.open(newline="", encoding="utf-8") as stream:
            parts = list(csv.DictReader(stream))
    else:
        read = tomllib.loads(path.read_text(encoding="utf-8"))
        parts = [read] if "source" in read else list(read.values())
    assert parts
    for part in parts:
        assert len(part.get("source", "")) > 5, f"{table}: {part}"


def test_constants_that_opensim_has_are_its_own() -> None:
    theirs = run_native("opensim_side.default_constants")
    assert asdict(contact_smoothing()) == theirs["contact"]
    dynamics, curves = activation_dynamics(), muscle_curves()
    assert (dynamics.activation_time, dynamics.deactivation_time, dynamics.least) == theirs["activation"]
    assert (curves.passive_strain, curves.tendon_strain) == theirs["strains"]


def test_muscles_of_a_problem_follow_the_table_of_activation() -> None:
    drive, table = Drive(), activation_dynamics()
    assert (drive.activation_time, drive.deactivation_time) == (
        table.activation_time,
        table.deactivation_time,
    )
    assert drive.floor == table.least


def test_actuators_are_as_strong_as_the_beginning_of_their_names_says() -> None:
    assert torque_scale("knee_angle_r") == torque_scale("ankle_angle_l") == 150.0
    assert torque_scale("hip_rotation_l") == 50.0
    assert torque_scale("hip_flexion_l") == torque_scale("hinge") == 100.0


@pytest.mark.parametrize("speed", [2.0, 3.5, 5.5])
def test_steps_are_limited_by_time_and_reach(speed: float) -> None:
    shortest, longest = step_length_limits(speed)
    assert shortest == 0.25 * speed
    assert longest == min(0.5 * speed, 1.2 * 0.53 * GENERIC_HEIGHT_M + 0.2 * speed)
    assert step_length_limits(speed, 1.5)[1] <= longest
    assert request.step_length_limits(speed) == (shortest, longest)
