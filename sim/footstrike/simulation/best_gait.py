"""Optimised gaits: the goals' loads, the whole motion at once or the best of all modified gaits, several starts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from footstrike.brief import brief
from footstrike.control.aims import Aim
from footstrike.control.goals import Goal, loads_of
from footstrike.control.load_maker import LoadMaker
from footstrike.control.modification import STEPS
from footstrike.control.modifiers import Contacts
from footstrike.control.problem import Prescribed, TrackProblem
from footstrike.control.solution import AimValue, BestGait, ChoiceValue, Solution
from footstrike.control.terms import NEAREST, OPTIMAL
from footstrike.errors import SolveError
from footstrike.model.description import Array
from footstrike.model.measured import MusclePath
from footstrike.simulation.choices import DURATION, TIMING, Free, free_modifiers, with_choices
from footstrike.simulation.chosen import Judge, Search
from footstrike.simulation.optimisation import FREE_LENGTH, LIMITS, Optimisation
from footstrike.simulation.problems import Model
from footstrike.simulation.request import Request
from footstrike.workers.client import opensim_worker

Ask = Callable[[TrackProblem], Solution]
Tell = Callable[[str], None]
AT_LIMIT = 1e-3  # of half the range
MORE = 0.01  # of the habitual value: by that much a limit is raised to see what it costs


@dataclass(frozen=True)
class Start:
    """What an optimisation starts from: the problem near a habitual gait, that gait, and when its feet land."""

    __repr__ = brief

    problem: TrackProblem
    habit: Solution
    contacts: Contacts
    model: Model


def optimised(request: Request, start: Start, ask: Ask, tell: Tell) -> tuple[Solution, list[Solution]]:
    """The best gait of all starts, and those of all starts that were solved.

    Raises
    ------
    SolveError
        The habitual gait is not the nearest to itself.
    """
    asked = request.optimise
    assert asked is not None
    make = load_maker(
        start.model, start.problem, request.speed, [g for g, _ in (*asked.objective, *asked.budgets)]
    )
    aims = aims_of(asked, make)
    loads = loads_of([g for g, _ in (*asked.objective, *asked.budgets)], make)
    problem = replace(start.problem, loads=loads)
    gaits = None if asked.everything else Candidates.of(request, start, problem, ask)
    random = np.random.default_rng(0)
    begins: list[Array | None] = [
        None,
        *(random.uniform(-1, 1, 2) for _ in range(request.options.starts - 1)),
    ]
    tried = []
    for k, begin in enumerate(begins):
        if len(begins) > 1:
            tell(f"start {k + 1} of {len(begins)}")
        if gaits is None:
            tried.append(_everything(problem, aims, request, begin, ask))
        else:
            tried.append(best_modified(gaits, aims, begin, tell))
    solved = [s for s in tried if s.nlp.success and s.optimum]
    if not solved:
        return tried[0], []
    return min(solved, key=_value), solved


def _value(solved: Solution) -> float:
    return solved.optimum.value if solved.optimum else np.inf


def load_maker(model: Model, problem: TrackProblem, speed: float, goals: Sequence[Goal]) -> LoadMaker:
    """Makes the loads of goals, with the pulls of the muscles on their joints."""

    def measure(names: list[str], q: Array, muscles: list[str]) -> Sequence[MusclePath]:
        paths: Sequence[MusclePath] = opensim_worker().call("muscle_paths", model.osim, names, q, muscles)
        return paths

    make = LoadMaker(model.description, problem.drive, speed)
    return make.with_pulls(loads_of(goals, make), measure)


def aims_of(asked: Optimisation, make: LoadMaker) -> tuple[Aim, ...]:
    """An aim of every goal that is paid for or limited."""
    weights = dict(asked.objective)
    limits = {g: 1.0 + percent / 100.0 for g, percent in asked.budgets}
    return tuple(g.aim(make, weights.get(g, 0.0), limits.get(g)) for g in {**weights, **limits})


def _everything(
    problem: TrackProblem, aims: tuple[Aim, ...], request: Request, begin: Array | None, ask: Ask
) -> Solution:
    """The whole motion at once; a further start begins at another step length."""
    objective = OPTIMAL.scaled(motion=request.nearness)
    low, high = np.deg2rad(LIMITS["knee_flexion"])
    knees = tuple(
        Prescribed(f"knee_angle_{e.side}", e.phase, -(low + high) / 2, (high - low) / 2)
        for e in problem.events
        if e.quantity == "foot_pitch"
    )
    asked = replace(
        problem,
        aims=aims,
        objective=objective,
        duration_bound=FREE_LENGTH,
        prescribed=(*problem.prescribed, *knees),
    )
    if begin is not None and asked.guess is not None:
        (gait,) = asked.guess.gaits
        other = replace(gait, duration=gait.duration * (1 + FREE_LENGTH * float(begin[0])))
        asked = replace(asked, guess=replace(asked.guess, gaits=(other,)))
    return ask(asked)


def best_modified(gaits: Candidates, aims: tuple[Aim, ...], begin: Array | None, tell: Tell) -> Solution:
    """The best of all modified gaits, sought from scaled values (-1 to 1; from habit if None); the candidates have the aims' loads.

    Raises
    ------
    SolveError
        The habitual gait is not the nearest to itself.
    """
    at_home = gaits(gaits.home)
    if at_home.response is None:
        raise SolveError(
            f"the habitual gait was not found again ({at_home.nlp.words}), so it cannot be optimised"
        )
    r = at_home.response
    judge = Judge(aims, r.loads, r.weights, np.ones(len(aims)))
    habitual = judge.ratios(r.values)
    judge = replace(judge, habitual=habitual)
    search = Search(judge, gaits, tell)
    confirmed = search.run(gaits.home if begin is None else _spread(begin, len(gaits.home)))
    if not search.candidates:
        return at_home
    return _told(search, gaits.ranges, aims, habitual, confirmed)


class Candidates:
    """Modified gaits at scaled values, each solved once, from the habit."""

    __repr__ = brief

    def __init__(self, ranges: _Ranges, ask: Ask) -> None:
        self.ranges, self._ask = ranges, ask
        self.home = ranges.scaled([f.habitual for f in ranges.free])
        self._known: dict[bytes, Solution] = {}

    @classmethod
    def of(cls, request: Request, start: Start, problem: TrackProblem, ask: Ask) -> Candidates:
        """Of what a request leaves free."""
        assert request.optimise is not None
        free = free_modifiers(request.optimise, start.habit.gaits[0], start.contacts, request.speed)
        base = replace(problem, objective=NEAREST.scaled(motion=request.nearness))
        return cls(_Ranges(with_choices(base, free, start.contacts, request.speed), free), ask)

    def __call__(self, at: Array) -> Solution:
        """The gait at these values."""
        key = at.tobytes()
        if key not in self._known:
            found = self._ask(self.ranges.at(at))
            self._known[key] = replace(found, response=self.ranges.scaled_response(found))
        return self._known[key]


def _spread(begin: Array, count: int) -> Array:
    return np.resize(begin, count)


def _told(
    search: Search, ranges: _Ranges, aims: tuple[Aim, ...], habitual: Array, confirmed: bool
) -> Solution:
    """The best candidate, with what it reached and what held it back."""
    best = search.best
    ratios = search.judge.ratios(best.loads)
    multipliers = [search.worth(k) if a.most is not None else 0.0 for k, a in enumerate(aims)]
    values = tuple(
        AimValue(a.name, float(r * h), float(h), a.weight, a.most, float(m / h), a.factor, a.unit)
        for a, r, h, m in zip(aims, ratios, habitual, multipliers, strict=True)
    )
    return replace(
        best.solution,
        response=None,
        optimum=BestGait(values, ranges.told(best.at), 1.0, len(search.candidates), confirmed),
    )


@dataclass(frozen=True)
class _Ranges:
    """Free modifiers, and the problem at their values scaled to -1..1."""

    problem: TrackProblem
    free: tuple[Free, ...]

    def scaled(self, values: Sequence[float]) -> Array:
        """Of values in the modifiers' units; those out of the limits at the limit."""
        pairs = zip(self.free, values, strict=True)
        return np.clip([2 * (v - f.low) / (f.high - f.low) - 1 for f, v in pairs], -1.0, 1.0)

    def values(self, at: Array) -> list[float]:
        """In the modifiers' units."""
        return [f.low + (float(u) + 1) / 2 * (f.high - f.low) for f, u in zip(self.free, at, strict=True)]

    def at(self, at: Array) -> TrackProblem:
        """The problem of the modified gait."""
        values = dict(zip([f.name for f in self.free], self.values(at), strict=True))
        choices = tuple(replace(c, low=values[c.name], high=values[c.name]) for c in self.problem.choices)
        (reference,) = self.problem.references
        duration = reference.duration
        for f in self.free:
            if f.name in TIMING:
                duration = self._duration(f, values[f.name])
        return replace(
            self.problem,
            choices=choices,
            references=(replace(reference, duration=duration),),
            duration_bound=0.0,
        )

    def scaled_response(self, solved: Solution) -> Any:
        """Of a solution, with slopes per scaled value; loads whose value is not a variable do not answer."""
        r = solved.response
        if r is None:
            return None
        slopes = np.zeros((*r.values.shape, len(self.free)))
        for k, f in enumerate(self.free):
            half = (f.high - f.low) / 2
            if f.name in TIMING:
                value = f.low + half
                step = 1e-4 * half
                by = (self._duration(f, value + step) - self._duration(f, value - step)) / (2 * step)
                slopes[..., k] = r.slopes[..., r.choices.index(DURATION)] * by * half
            elif f.name in r.choices:
                slopes[..., k] = r.slopes[..., r.choices.index(f.name)] * half
        return replace(r, slopes=slopes)

    def told(self, at: Array) -> tuple[ChoiceValue, ...]:
        """Values and limits; a value at its limit counts as held by it."""
        return tuple(
            ChoiceValue(f.name, v, f.low, f.high, float(np.sign(u)) if abs(u) > 1 - AT_LIMIT else 0.0)
            for f, v, u in zip(self.free, self.values(at), at, strict=True)
        )

    def _duration(self, f: Free, value: float) -> float:
        (reference,) = self.problem.references
        assert reference.speed is not None
        step = value / reference.speed if f.name == "step_length" else 60.0 / value
        return STEPS[self.problem.ends] * step


def record_of(optimum: BestGait, habitual: Mapping[str, float] | None = None) -> dict[str, Any]:
    """What a run's solver record says of an optimum; JSON-able."""
    return {
        "objective": {a.name: a.weight for a in optimum.aims if a.weight},
        "values": {a.name: a.told for a in optimum.aims},
        "habitual_values": {a.name: a.told_habitual for a in optimum.aims},
        "units": {a.name: a.unit for a in optimum.aims},
        "change_pct": {a.name: 100.0 * (a.ratio - 1.0) for a in optimum.aims},
        "chosen": {c.name: c.value for c in optimum.choices},
        "limits": {c.name: [c.low, c.high] for c in optimum.choices},
        "binding": optimum.binding,
        "exchange_rates": optimum.exchange,
        "candidates": optimum.candidates,
        "confirmed": optimum.confirmed,
    }
