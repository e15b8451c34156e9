"""The plan: names that tell content, habits first, and blocks that shards share out."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from toy_cells import GRID

from footstrike.errors import InputError
from footstrike.simulation.request import Request
from footstrike.study.cell_blocks import blocks
from footstrike.study.local import shard_of
from footstrike.study.plan import key_of, make_plan, plan_of
from footstrike.study.variables import request_of

POINTS = arrays(
    float, st.tuples(st.integers(1, 40), st.integers(0, 3)), elements=st.integers(0, 4).map(float)
)


@given(POINTS, st.integers(1, 8))
def test_blocks_hold_every_point_once(points: np.ndarray, most: int) -> None:
    found = blocks(points, most)
    assert sorted(i for block in found for i in block) == list(range(len(points)))
    assert all(1 <= len(block) <= most for block in found)


def test_habits_come_first_and_once() -> None:
    plan = make_plan(GRID)
    entries = list(plan.entries.values())
    assert [e.is_cell for e in entries] == [False] * 2 + [True] * 18
    assert {e.habit for e in entries[2:]} == {e.key for e in entries[:2]}
    seen: set[str] = set()
    for e in entries:
        assert {e.habit} - {None} <= seen
        assert key_of(e.request) == e.key
        assert e.habit is None or key_of(e.request.habit) == e.habit
        seen.add(e.key)


def test_a_cell_that_is_its_own_habit_is_solved_once() -> None:
    table = {"grid": {"strike": ["rearfoot", "forefoot"], "speed": [3.0, 3.5]}}
    plan = make_plan(table)
    assert len(plan.entries) == len(plan.cells) == 4


def test_two_cells_that_are_the_same_are_refused() -> None:
    table = {"fixed": {"strike": "rearfoot"}, "cells": [{"speed": 3.0}, {"speed": 3.0}]}
    with pytest.raises(InputError, match=r"speed 3 m/s.*leave one out"):
        make_plan(table)
    table["cells"] = [{"speed": 3.0, "trunk_lean": 5}, {"speed": 3.0, "trunk_lean": 5.0}]
    with pytest.raises(InputError, match="leave one out"):
        make_plan(table)


def test_keys_tell_everything_that_is_asked() -> None:
    one = {"strike": "rearfoot", "speed": 3.5, "legs": "torques", "points": 40, "knee_flexion": 20.0}
    others = {
        "strike": "forefoot", "speed": 3.6, "legs": "muscles", "points": 41, "knee_flexion": 21.0, "height": 1.7,
        "from_strike": "forefoot", "nearness": 2.0, "starts": 2, "rhythm": "lfb", "trunk": "full", "shank_scale": 1.1,
        "free_step": True, "left_strike": "forefoot", "sex": "female",
    }  # fmt: skip
    keys = {key_of(request_of(one)), *(key_of(request_of({**one, name: v})) for name, v in others.items())}
    assert len(keys) == 1 + len(others)
    request = request_of(one)
    heavier = request.model_copy(update={"objective": request.objective.scaled(motion=2.0)})
    assert key_of(heavier) != key_of(request)
    assert key_of(Request.of(**one)) == key_of(request)


def test_a_plan_is_the_same_after_its_file() -> None:
    plan = make_plan(GRID)
    assert dataclasses.asdict(plan_of(plan.to_json())) == dataclasses.asdict(plan)


def test_a_plan_of_schema_1_is_read() -> None:
    plan = make_plan(GRID)
    whole = json.loads(plan.to_json())
    first, *_, last = whole["entries"]
    old = {
        **whole,
        "schema": 1,
        "entries": [{**e, "neighbour": None} for e in [last, first, *whole["entries"]]],
    }
    assert plan_of(json.dumps(old)).same_work(plan)
    with pytest.raises(InputError, match="versions 1 and 2"):
        plan_of(json.dumps({**whole, "schema": 3}))


@pytest.mark.parametrize(
    ("text", "words"), [("", "damaged"), ("{}", "Footstrike"), ('{"format": "x"}', "Footstrike")]
)
def test_what_is_no_plan_is_refused(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        plan_of(text)
    with pytest.raises(InputError, match="damaged"):
        plan_of(make_plan(GRID).to_json()[:-100])


@pytest.mark.parametrize("of", [1, 2, 3, 4])
def test_shards_hold_every_cell_once_with_its_habit(of: int) -> None:
    plan = make_plan(GRID)
    parts = [shard_of(plan, f"{i}/{of}") for i in range(1, of + 1)]
    cells = [key for part in parts for key in part if plan.entries[key].is_cell]
    assert sorted(cells) == sorted(e.key for e in plan.cells)
    for part in parts:
        assert {plan.entries[key].habit for key in part} - {None} <= set(part)


@pytest.mark.parametrize(
    ("shard", "words"), [("3/2", "I/N"), ("0/2", "I/N"), ("a/b", "I/N"), ("2", "I/N"), ("1/9", "4 blocks")]
)
def test_what_is_no_shard_is_refused(shard: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        shard_of(make_plan(GRID), shard)
