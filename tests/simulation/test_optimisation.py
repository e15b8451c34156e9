"""What an optimisation is asked for, and the search among modified gaits, on loads that are known."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import footstrike as fs
from footstrike.control.aims import Aim
from footstrike.control.solution import Response
from footstrike.errors import InputError
from footstrike.simulation.best_gait import Candidates
from footstrike.simulation.chosen import Judge, Search
from footstrike.simulation.optimisation import Optimisation


def test_goals_are_read_with_level_exponent_and_weight() -> None:
    asked = Optimisation.of(
        "peak-compression.L4L5=2,damage_per_km^10,metabolic_cost=0.5", "step-length,rotation"
    )
    weights = {str(g): w for g, w in asked.objective}
    assert weights == {"peak_compression.L4L5": 2.0, "damage_per_km.L5S1^10": 1.0, "metabolic_cost": 0.5}
    assert asked.free == ("step_length", "rotation")
    assert asked.specification()["budgets_pct"] == {}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"objective": "peak_compresion"}, "did you mean 'peak_compression'"),
        ({"objective": "peak_compression.L6S1"}, "did you mean 'L5S1'"),
        ({"objective": "effort.L5S1"}, "has no level"),
        ({"objective": "damage_per_km^40"}, "allowed: 2 to 12"),
        ({"objective": "effort=-1"}, "allowed: a number above 0"),
        ({"objective": ""}, "objective is empty"),
        ({"free": "step-lenght"}, "did you mean 'step_length'"),
        ({"free": "all,step-length"}, "leaves nothing else"),
        ({"free": "step-length,cadence"}, "the same thing"),
        ({"limits": {"trunk-lean": (0.0, 5.0)}}, "which is not free"),
        ({"limits": {"knee-flexion": (20.0, 10.0)}}, "are empty"),
        ({"budgets": "metabolic_cost"}, "budget None of metabolic_cost"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words.replace("^", r"\^")):
        Optimisation.of(**fields)


def test_a_gait_without_muscles_is_not_optimised() -> None:
    with pytest.raises(InputError, match="loads need muscles"):
        fs.optimize(strike="rearfoot", legs="torques")


CENTRES = np.array([[0.5, -0.2], [-0.3, 0.6], [0.1, 0.1]])


def bowls(at: Any) -> Any:
    """Three points, whose load is each a bowl of its own; the second load is a cost."""
    u = at - CENTRES
    curved = 1.0 + (u**2).sum(axis=1) + 0.2 * np.sin(2 * u[:, 0])
    cost = np.full(3, 1.0 + 0.3 * at[0])
    slopes = np.stack([2 * u[:, 0] + 0.4 * np.cos(2 * u[:, 0]), 2 * u[:, 1]], axis=1)
    of_cost = np.tile([0.3, 0.0], (3, 1))
    return np.stack([curved, cost], axis=1), np.stack([slopes, of_cost], axis=1)


def searched(most: float | None) -> Search:
    def solve(at: Any) -> Any:
        values, slopes = bowls(np.asarray(at))
        response = Response(["load", "cost"], ["a", "b"], values, slopes, np.full(3, 1 / 3))
        return SimpleNamespace(response=response)

    aims = [Aim("load", "peak", ("load",), 1.0), Aim("cost", "mean", ("cost",), 0.0, most)]
    search = Search(Judge(aims, ["load", "cost"], np.full(3, 1 / 3), np.ones(2)), solve, lambda words: None)
    assert search.run(np.array([0.9, 0.9]))
    return search


def best_of_grid(most: float) -> float:
    grid = np.linspace(-1, 1, 201)
    allowed = [np.array([a, b]) for a in grid if 1 + 0.3 * a <= most + 1e-9 for b in grid]
    return float(min(bowls(at)[0][:, 0].max() for at in allowed))


@pytest.mark.parametrize("most", [None, 0.91])
def test_the_search_finds_the_least_peak_within_a_limit(most: float | None) -> None:
    search = searched(most)
    found = search.judge.ratios(search.best.loads)
    assert found[0] == pytest.approx(best_of_grid(most or 9.0), abs=0.01)
    assert len(search.candidates) <= 10
    assert most is None or found[1] <= most + 1e-3


def test_the_price_of_a_limit_is_what_the_best_gains_where_it_is_raised() -> None:
    search = searched(0.9)
    gain = (best_of_grid(0.885) - best_of_grid(0.915)) / 0.03
    assert search.worth(1) == pytest.approx(gain, rel=0.15)


@dataclass(frozen=True)
class Place:
    """A problem, and its solution: where it is."""

    at: tuple[float, ...]
    response: Any = None


def test_a_candidate_is_solved_once() -> None:
    asked: list[tuple[float, ...]] = []

    def ask(problem: Place) -> Place:
        asked.append(problem.at)
        return problem

    ranges = SimpleNamespace(
        free=[],
        scaled=lambda values: np.zeros(1),
        at=lambda at: Place(tuple(at)),
        scaled_response=lambda found: found.at,
    )
    gaits = Candidates(ranges, ask)  # type: ignore[arg-type]
    for place in (0.0, 0.5, 0.4, 0.5, 0.0):
        assert gaits(np.array([place])).response == (place,)
    assert asked == [(0.0,), (0.5,), (0.4,)]
