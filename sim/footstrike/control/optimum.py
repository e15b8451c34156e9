"""Loads, aims and choices in the whole program: where they start, what bounds them, and what a solution says of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from footstrike.brief import brief
from footstrike.control.aims import Aim
from footstrike.control.basis import Basis
from footstrike.control.layout import Layout
from footstrike.control.linear_rows import Rows
from footstrike.control.nlp import Assembly, PointFunctions, Program
from footstrike.control.optimality import Optimality
from footstrike.control.point import Point
from footstrike.control.problem import TrackProblem
from footstrike.control.solution import AimValue, BestGait, ChoiceValue, NlpResult, Response
from footstrike.model.description import Array

LEAST_AIM = 1e-6
DEPTH = 3  # a load may be made of loads, which may be made of loads


@dataclass(frozen=True)
class Variables:
    """The variables of a program under construction: where they lie, where they start, their bounds."""

    __repr__ = brief

    layout: Layout
    guess: Array
    low: Array
    high: Array


@dataclass(frozen=True)
class Evaluation:
    """What evaluates the constraints of all points: functions, what points see (ny K, nx), parameters."""

    __repr__ = brief

    functions: PointFunctions
    seen: Any
    parameters: Array

    def loads(self, point: Point, layout: Layout, x: Array) -> Array:
        """(K, loads) of the first gait at variables whose loads do not count."""
        names = point.constraint_names
        rows = [names.index(f"load {name}") for name in point.load_names]
        found = x.copy()
        found[layout.loaded(0)] = 0.0
        for _ in range(DEPTH):
            lacks = self._constraints(layout.points, found)[rows].T
            found[layout.loaded(0)] += lacks.ravel()
        return found[layout.loaded(0)].reshape(layout.points, layout.loads)

    def _constraints(self, K: int, x: Array) -> Array:
        ny, nd, _ = self.functions.size
        y = (self.seen @ x).reshape(-1, ny)[:K].T
        constants = np.array(self.functions.constants(self.parameters)).reshape(-1, 1)
        value = self.functions.value.map(K)(y, np.zeros((nd, K)), np.repeat(constants, K, axis=1))
        return np.array(value[1])


def aim_value(aim: Aim, point: Point, basis: Basis, loads: Array) -> float:
    """Value of an aim of the loads (K, loads) of a gait."""
    own = loads[:, [point.load_names.index(name) for name in aim.loads]]
    return float(own.max() if aim.kind == "peak" else (basis.weights @ own).mean())


def add_loads(
    problem: TrackProblem,
    basis: Basis,
    point: Point,
    at: Variables,
    loads: Array,
    habitual: Mapping[str, float],
) -> None:
    """Where loads and aims start, and how far an aim may go."""
    at.guess[at.layout.loaded(0)] = loads.ravel()
    for i, aim in zip(_places(at.layout, point, "aims"), problem.aims, strict=True):
        at.low[i] = LEAST_AIM
        at.high[i] = np.inf if aim.most is None else aim.most * habitual[aim.name]
        at.guess[i] = max(aim_value(aim, point, basis, loads), LEAST_AIM)


def add_choices(problem: TrackProblem, point: Point, at: Variables) -> None:
    """Where choices start, and their limits."""
    for i, choice in zip(_places(at.layout, point, "choices"), problem.choices, strict=True):
        at.low[i], at.high[i] = choice.low - choice.start, choice.high - choice.start
        at.guess[i] = min(max(0.0, at.low[i]), at.high[i])


def aim_rows(rows: Rows, problem: TrackProblem, basis: Basis, point: Point, layout: Layout) -> None:
    """A peak is exceeded by no load; a mean is that of its loads."""
    start, K = layout.loaded(0).start, layout.points
    for i, aim in zip(_places(layout, point, "aims"), problem.aims, strict=True):
        columns = [start + layout.loads * np.arange(K) + point.load_names.index(name) for name in aim.loads]
        if aim.kind == "peak":
            for own in columns:
                each = np.arange(K)[:, None]
                pairs = np.stack([own, np.full(K, i)], axis=1)
                rows.add(each, pairs, np.array([1.0, -1.0]), np.full(K, -np.inf), np.zeros(K))
        else:
            weights = [basis.weights / len(columns)] * len(columns)
            rows.add(
                0, np.append(np.concatenate(columns), i), np.append(np.concatenate(weights), -1.0), 0.0, 0.0
            )


def optimum_of(
    problem: TrackProblem, point: Point, at: Variables, result: NlpResult, habitual: Mapping[str, float]
) -> BestGait:
    """What a solution says of its aims and choices."""
    x, slope, layout = result.x, result.bound_multipliers, at.layout
    aims = [
        AimValue(
            aim.name,
            float(x[i]),
            habitual[aim.name],
            aim.weight,
            aim.most,
            float(slope[i]),
            aim.factor,
            aim.unit,
        )
        for i, aim in zip(_places(layout, point, "aims"), problem.aims, strict=True)
    ]
    choices = [
        ChoiceValue(c.name, float(x[i]) + c.start, c.low, c.high, float(slope[i]))
        for i, c in zip(_places(layout, point, "choices"), problem.choices, strict=True)
    ]
    i = layout.duration(0)
    if at.high[i] > at.low[i]:
        choices.append(
            ChoiceValue("duration", float(x[i]), float(at.low[i]), float(at.high[i]), float(slope[i]))
        )
    return BestGait(tuple(aims), tuple(choices), problem.objective.weights["aim"])


def response_of(program: Program, point: Point, layout: Layout, result: NlpResult) -> Response:
    """Loads of the first gait at a solution, and how they change with the duration and all choices."""
    fixed = [*_places(layout, point, "choices"), layout.duration(0)]
    at = Optimality(Assembly(program), layout, result, fixed)
    slopes = np.stack([at.following(i)[layout.loaded(0)] for i in fixed], axis=-1)
    shape = layout.points, layout.loads
    return Response(
        point.load_names,
        [*point.choice_names, "duration"],
        result.x[layout.loaded(0)].reshape(shape),
        slopes.reshape(*shape, len(fixed)),
        program.weights,
    )


def _places(layout: Layout, point: Point, kind: str) -> list[int]:
    block = point.shared[kind]
    return list(range(layout.shared.start + block.start, layout.shared.start + block.stop))
