"""Uncertain inputs: each is applied by the simulation's own code, and draws are common to both members of a pair."""

from __future__ import annotations

import numpy as np
import pytest

from footstrike.control.drive import of_subject
from footstrike.control.problem import Drive
from footstrike.errors import InputError, ModelError
from footstrike.gait.targets import target
from footstrike.lumbar.disc_stiffness import disc_stiffness, passive_moments
from footstrike.model.factors import multiplied
from footstrike.model.rows import LUMBAR_AXES
from footstrike.model.subject import Subject
from footstrike.model.tables import carried_tables, rhythm_named
from footstrike.simulation.request import Request
from footstrike.study.design import cells_of
from footstrike.study.experiment import experiment_of
from footstrike.study.uncertain import draws, member_values, pair_cells, uncertain_inputs
from footstrike.study.variables import identity, request_of

INPUTS = uncertain_inputs()
PAIR = ({"strike": "rearfoot", "speed": 3.5}, {"strike": "forefoot", "speed": 3.5})
CONVERSION = {"strike": "forefoot", "from_strike": "rearfoot", "speed": 3.5}


def member_for(of) -> dict:
    if of.sets == "nearness":
        return CONVERSION
    return {"strike": "rearfoot" if of.members == "both" else of.members, "speed": 3.5}


@pytest.mark.parametrize("of", INPUTS, ids=[i.name for i in INPUTS])
def test_each_input_changes_the_request_and_its_nominal_value_does_not_lie_outside_what_is_drawn(of):
    member = member_for(of)
    plain = identity(request_of(member))
    value = of.at(np.array([0.97]))[0]
    assert identity(request_of(member_values(INPUTS, {of.name: value}, member))) != plain
    assert of.source.strip()
    if of.is_number:
        low, high = of.ends
        assert low <= float(of.nominal) <= high
        assert of.sd > 0


def test_every_group_that_the_claims_name_is_there():
    groups = {i.group for i in INPUTS}
    assert groups >= {
        "strength",
        "tone",
        "effort",
        "lean",
        "trunk and arm motion",
        "leg motion and force",
        "body size",
    }
    assert groups >= {"trunk mass", "rhythm", "disc springs", "contact", "nearness to habit", "mesh"}


def test_inputs_that_set_the_same_variable_add_up_from_zero():
    by_variable: dict[str, list] = {}
    for i in INPUTS:
        by_variable.setdefault(i.sets, []).append(i)
    for several in by_variable.values():
        assert len(several) == 1 or all(i.nominal == 0 for i in several)
    drawn = {"leg_mode_2": 0.5, "rearfoot_mean_2": 0.25, "forefoot_mean_2": -1.0}
    rear, fore = (member_values(INPUTS, drawn, member) for member in PAIR)
    assert (rear["leg_mode_2"], fore["leg_mode_2"]) == (0.75, -0.5)
    assert member_values(INPUTS, drawn, CONVERSION)["leg_mode_2"] == 0.75  # the same runner before and after


def test_a_latin_hypercube_has_one_value_in_each_part_of_every_input():
    n = 40
    table = draws(INPUTS, n, seed=4)
    for i in INPUTS:
        if i.is_number:
            assert table[i.name].nunique() == n
            median = i.at(np.array([0.5]))[0]
            assert np.sum(table[i.name] < median) == n // 2
    assert table.equals(draws(INPUTS, n, seed=4))
    assert not table.equals(draws(INPUTS, n, seed=5))


def test_both_members_of_a_pair_get_the_same_draw_and_make_a_sweep():
    cells = pair_cells(INPUTS, draws(INPUTS, 6), PAIR)
    for rear, fore in zip(cells[::2], cells[1::2], strict=True):
        assert (rear["strike"], fore["strike"]) == ("rearfoot", "forefoot")
        differ = {k for k in rear if rear[k] != fore[k]}
        assert differ == {"strike", *(f"leg_mode_{k}" for k in range(1, 15))}
    solved, refused = cells_of(experiment_of({"cells": list(cells)}))
    assert len(solved) == 12
    assert not refused


def test_body_mass_follows_height_and_index():
    values = member_values(INPUTS, {"height": 1.7, "body_mass_index": 22.0}, PAIR[0])
    assert values["mass"] == pytest.approx(22.0 * 1.7**2)


def test_a_damaged_table_is_refused_by_name(tmp_path):
    head = "input,sets,members,distribution,a,b,nominal,unit,group,source\n"
    for row, what in (
        ("x,tones,both,uniform,0,1,0,1,g,s\n", "sets"),
        ("x,tone,both,uniform,1,0,0,1,g,s\n", "b"),
        ("x,reference_lean,both,normal,10,4,10,rad,g,s\n", "unit"),
    ):
        (tmp_path / "t.csv").write_text(head + row)
        with pytest.raises(ModelError, match=what):
            uncertain_inputs(tmp_path / "t.csv")


def test_a_group_mean_and_a_lean_move_the_reference_gait_as_they_say():
    base = target("forefoot", 3.5)
    other = target(
        "forefoot", 3.5, None, (("reference_lean", 4.0), ("leg_mode_1", 1.0), ("moment_extension", 1.5))
    )
    tilt = other.coordinates["pelvis_tilt"] + other.coordinates["lumbar_extension"]
    assert np.degrees(-tilt[:-1].mean()) == pytest.approx(4.0)
    assert np.degrees(other.lean) == pytest.approx(4.0)
    np.testing.assert_allclose(other.moments["L5S1_extension"], 1.5 * base.moments["L5S1_extension"])
    twice = target("forefoot", 3.5, None, (("leg_mode_1", 2.0),))
    once = target("forefoot", 3.5, None, (("leg_mode_1", 1.0),))
    for name, curve in base.coordinates.items():  # linear in the score
        np.testing.assert_allclose(
            twice.coordinates[name] - curve, 2 * (once.coordinates[name] - curve), atol=1e-12
        )
    assert twice.stride_time - base.stride_time == pytest.approx(2 * (once.stride_time - base.stride_time))
    half = (len(base.phase) - 1) // 2
    np.testing.assert_allclose(
        twice.coordinates["knee_angle_l"][half:], twice.coordinates["knee_angle_r"][: half + 1]
    )


def test_scores_of_all_modes_give_the_spread_that_was_measured():
    base = target("rearfoot", 3.5)
    knees = [
        target("rearfoot", 3.5, None, ((f"leg_mode_{k}", 1.0),)).coordinates["knee_angle_r"]
        for k in range(1, 15)
    ]
    spread = np.degrees(np.sqrt(sum((k - base.coordinates["knee_angle_r"]) ** 2 for k in knees)))
    assert spread[0] == pytest.approx(3.84, rel=0.1)  # SD of the knee at contact, pooled over both groups


def test_one_runner_has_no_variation():
    with pytest.raises(InputError, match="true_forefoot"):
        target("true_forefoot", 3.5, None, (("leg_mode_1", 1.0),))
    with pytest.raises(InputError, match="leg_mode_1"):
        Request(strike="rearfoot", variation=(("leg_mod_1", 1.0),))
    with pytest.raises(InputError, match="from -5 to 5"):
        Request(strike="rearfoot", variation=(("leg_mode_1", 7.0),))


def test_factors_multiply_what_they_name_and_nothing_else():
    tables = carried_tables()
    changed = multiplied(tables, (("trunk_mass", 1.1), ("leg_strength", 0.8), ("friction", 0.9)))
    mass = {b.name: b.mass for b in changed.bodies}
    for b in tables.bodies:
        heavier = b.name == "torso" or b.name.startswith("lumbar")
        assert mass[b.name] == pytest.approx(b.mass * (1.1 if heavier else 1.0))
    assert changed.fascicles == tables.fascicles
    strength = sum(m.max_isometric_force for m in tables.leg_muscles["hamner"])
    assert sum(m.max_isometric_force for m in changed.leg_muscles["hamner"]) == pytest.approx(0.8 * strength)
    assert changed.spheres[0].static_friction == pytest.approx(0.9 * tables.spheres[0].static_friction)
    assert changed.spheres[0].stiffness == tables.spheres[0].stiffness
    assert multiplied(tables, ()) is tables


def test_impossible_values_of_a_subject_are_refused():
    for fields, what in (
        ({"factors": (("leg_strenght", 1.0),)}, "leg_strength"),
        ({"factors": (("friction", 9.0),)}, "from 0.2 to 5"),
        ({"tone": 0.5}, "tone"),
        ({"disc_springs": -1.0}, "disc_springs"),
    ):
        with pytest.raises(InputError, match=what):
            Subject(**fields)


def test_disc_springs_on_the_coordinates_are_those_of_the_levels():
    subject = Subject(disc_springs=1.0, tone=0.03)
    drive = of_subject(Drive(), subject)
    assert drive.floor == 0.03
    fractions = rhythm_named(carried_tables(), subject.rhythm).fractions
    for axis in LUMBAR_AXES:
        spring = drive.springs[f"lumbar_{axis}"].stiffness
        ends = []
        for angle in (0.1, -0.1):
            angles = {f"lumbar_{a}": angle * (a == axis) for a in LUMBAR_AXES}
            ends.append(
                float(-passive_moments(angles, fractions, disc_stiffness())[f"lumbar_{axis}"]) / angle
            )
        assert spring == pytest.approx(np.mean(ends))  # flexion and extension differ there, and are one here
    assert of_subject(Drive(), Subject()) == Drive()
