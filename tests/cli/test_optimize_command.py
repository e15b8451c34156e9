"""``footstrike optimize``: what it asks for, what it prints, what it refuses."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from synthetic import analytic_run

from footstrike import api
from footstrike.cli import commands
from footstrike.report.methods import cite

FOUND = {
    "values": {"peak_compression.L5S1": 4.0},
    "habitual_values": {"peak_compression.L5S1": 4.2},
    "units": {"peak_compression.L5S1": "BW"},
    "change_pct": {"peak_compression.L5S1": -4.8},
    "chosen": {"step_length": 1.4},
    "limits": {"step_length": [1.0, 1.4]},
    "binding": ["step_length at its most"],
    "exchange_rates": {"metabolic_cost": 0.28},
    "confirmed": False,
}
ASKED = ["--strike", "rearfoot", "--effort-budget", "5", "--budget", "metabolic_cost=3"]


@pytest.fixture
def asked(monkeypatch):
    requests = []

    def simulate(request, progress):
        requests.append(request)
        run = analytic_run(samples=101)
        spec = {**run.spec, "optimise": request.optimise.specification()}
        return replace(run, spec=spec, solver={**run.solver, "optimum": FOUND})

    monkeypatch.setattr(api, "simulate", simulate)
    return requests


def test_it_asks_for_goals_budgets_and_limits_and_prints_what_was_found(asked, capsys):
    limits = ["--free", "knee-flexion", "--limits", "knee-flexion=10:30", "--starts", "3"]
    assert commands.run(["optimize", *ASKED, *limits, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["solver"]["optimum"] == FOUND
    (request,) = asked
    assert request.options.starts == 3
    assert request.optimise.specification() == {
        "objective": {"peak_compression.L5S1": 1.0},
        "free": ["knee_flexion"],
        "budgets_pct": {"effort": 5.0, "metabolic_cost": 3.0},
        "limits": {"knee_flexion": [10.0, 30.0]},
    }
    assert not request.habit.modified


def test_the_table_says_what_holds_it_back(asked, capsys):
    assert commands.run(["optimize", *ASKED]) == 0
    printed = capsys.readouterr().out
    for words in ("-4.8 %", "held by: step_length at its most", "buys 0.28 %", "not confirmed"):
        assert words in printed


def test_methods_say_what_was_optimised(asked):
    text = cite(api.optimize(strike="rearfoot", budgets="metabolic_cost=3")).text
    assert "1 peak_compression.L5S1 (over their habitual values) as small as can be" in text
    assert "metabolic_cost at most 3 % above habit" in text
    assert "as it is habitual" not in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--objective", "peak_comp"], "did you mean 'peak_compression'"),
        (["--limits", "knee-flexion=10"], "allowed: NAME=LOW:HIGH"),
        (["--budget", "metabolic_cost=cheap"], "budget 'cheap' of metabolic_cost"),
    ],
)
def test_bad_input_is_one_line(arguments, words, capsys):
    assert commands.run(["optimize", "--strike", "rearfoot", *arguments]) == 2
    assert words in capsys.readouterr().err
