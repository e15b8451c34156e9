"""Rows 24 to 28 are those of the ten runners' data, and are judged."""

from __future__ import annotations

import runpy

import pytest
from synthetic import analytic_run

from footstrike.claims.definitions import ValidationRow, validation_rows
from footstrike.claims.validation import validate
from footstrike.cli import printing
from footstrike.resources import resource

QUOTED = {"24e", "25c", "27f"}  # not in the tables of the data
ROWS = {row.id: row for row in validation_rows() if row.id[:2] in {"24", "25", "27", "28"}}


@pytest.fixture(scope="module")
def script() -> dict:
    return runpy.run_path(str(resource("experiments", "validation", "ten_runners.py")))


def entries(row: ValidationRow) -> list[dict]:
    return [one.model_dump(exclude_none=True) for one in row.expected]


def test_the_rows_are_what_the_script_finds_in_the_data(script, data):
    found = script["expected"](data)
    assert found.keys() == ROWS.keys() - QUOTED
    for name, expected in found.items():
        assert entries(ROWS[name]) == expected, name


def test_the_carried_curves_are_those_of_the_data(script, data, tmp_path):
    for folder in ("targets", "validation"):
        (tmp_path / folder).mkdir()
    script["write_curves"](data, tmp_path)
    for name in ("validation/l5s1_moments.csv", "validation/leg_moments.csv"):
        assert (tmp_path / name).read_bytes() == resource("experiments", *name.split("/")).read_bytes()


def test_every_row_has_both_strikes_at_the_speeds_of_the_runners():
    for row in ROWS.values():
        for strike in ("rearfoot", "forefoot"):
            assert all(row.expect(strike, speed) is not None for speed in (3.0, 3.5, 4.0)), row.id


def test_of_the_net_moments_only_those_of_the_trunk_count_as_tracked():
    assert all(ROWS[name].tracked for name in ("24a", "24b", "24c", "25a", "25b3", "25c"))
    assert not any(row.tracked for name, row in ROWS.items() if name[:2] in {"27", "28"})


def test_a_run_is_judged_in_each_row_that_it_knows_and_told_what_is_tracked():
    found = {row["row"]: row for row in validate([analytic_run()], list(ROWS.values()))}
    assert found["28a"]["measured"] == pytest.approx(0.5)  # 35 N m on 70 kg
    assert (found["28a"]["result"], found["28a"]["tracked"]) == ("fail", False)
    assert found["28b"]["expected"] == "2.9 ± 0.148"
    assert found["24a"]["result"] == "not available"  # no net load in this run
    assert found["24a"]["tracked"]


def test_the_printed_table_marks_what_is_tracked(capsys):
    for name, mark in (("28a", False), ("24b", True)):
        printing.validation(validate([analytic_run()], [ROWS[name]]))
        printed = capsys.readouterr().out
        assert ("tracked" in printed) is mark
        assert ("*" in printed) is mark


def test_a_few_runners_are_a_range():
    found = validate([analytic_run(strike="forefoot")], [ROWS["28a"]])[0]
    assert (found["low"], found["high"]) == (1.72, 2.21)
    assert found["expected"] == "1.72 to 2.21"
