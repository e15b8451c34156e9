"""What of a gait is chosen, as variables of its problem: how reference and constraints move along with each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from footstrike.brief import brief
from footstrike.control.aims import Choice
from footstrike.control.modification import STEPS
from footstrike.control.modifiers import MODIFIERS, Cadence, Contacts, FootStrikeAngle, StepLength
from footstrike.control.problem import Event, TrackProblem
from footstrike.control.reference import THORAX_TILT
from footstrike.control.solution import Gait
from footstrike.simulation.optimisation import FREE_LENGTH, LIMITS, Optimisation

TIMING = (StepLength.name, Cadence.name)
DURATION = "duration"


@dataclass(frozen=True)
class Free:
    """A free modifier: its value in the habitual gait, and its limits, in its own unit."""

    __repr__ = brief

    name: str
    habitual: float
    low: float
    high: float

    @property
    def start(self) -> float:
        """The allowed value nearest to the habitual one."""
        return min(max(self.habitual, self.low), self.high)


def free_modifiers(asked: Optimisation, habit: Gait, contacts: Contacts, speed: float) -> tuple[Free, ...]:
    """What is free of a habitual gait."""
    found = []
    for name in asked.free:
        now = _HABITUAL[name](habit, contacts, speed)
        around = (1 - FREE_LENGTH) * now, (1 + FREE_LENGTH) * now
        low, high = asked.limits.get(name, around if name in TIMING else LIMITS[name])
        found.append(Free(name, now, low, high))
    return tuple(found)


def with_choices(
    problem: TrackProblem, free: tuple[Free, ...], contacts: Contacts, speed: float
) -> TrackProblem:
    """The problem of a modified gait in which the values of free modifiers are variables within their limits."""
    steady = [f for f in free if f.name not in TIMING]
    start = {f.name: f.start for f in steady}

    def applied(values: Mapping[str, float]) -> TrackProblem:
        asked = problem
        for name, value in values.items():
            asked = MODIFIERS[name](value).applied(asked, contacts)
        return asked

    base = applied(start)
    choices = []
    for f in steady:
        one = applied({**start, f.name: _other(f)})
        choices.append(_choice(f, base, one))
        base = replace(
            base, events=_wider(base.events, *(applied({**start, f.name: v}).events for v in (f.low, f.high)))
        )
    timed = next((f for f in free if f.name in TIMING), None)
    if timed:
        base = _timed(base, timed, speed)
    return replace(base, choices=tuple(choices))


def value_of(name: str, solved: float, problem: TrackProblem, speed: float) -> tuple[str, float]:
    """Name and value of a modifier from that of a choice; a duration is told as a step length, m."""
    if name != DURATION:
        return name, solved
    return StepLength.name, speed * solved / STEPS[problem.ends]


def _other(f: Free) -> float:
    """A value to see how the problem moves along: within the limits, away from the start."""
    return f.high if f.high - f.start >= f.start - f.low else f.low


def _choice(f: Free, base: TrackProblem, one: TrackProblem) -> Choice:
    by = _other(f) - f.start
    (before,), (after,) = base.references, one.references
    moved = {n: (after.coordinates[n] - c) / by for n, c in before.coordinates.items()}
    pairs = zip(before.averages, after.averages, strict=True)
    return Choice(
        f.name,
        f.start,
        f.low,
        f.high,
        {n: c for n, c in moved.items() if np.any(c)},
        tuple((b.value - a.value) / by for a, b in zip(base.prescribed, one.prescribed, strict=True)),
        tuple((b.value - a.value) / by for a, b in pairs),
    )


def _wider(events: tuple[Event, ...], *others: tuple[Event, ...]) -> tuple[Event, ...]:
    """Events whose bounds hold for all values: a value that bounds an event is free between its limits."""
    return tuple(
        replace(e, low=min(o.low for o in same), high=max(o.high for o in same))
        for e, *same in zip(events, *others, strict=True)
    )


def _timed(problem: TrackProblem, f: Free, speed: float) -> TrackProblem:
    steps = STEPS[problem.ends]
    ends = [MODIFIERS[f.name](v) for v in (f.low, f.high)]
    times = sorted(m.value / speed if isinstance(m, StepLength) else 60.0 / m.value for m in ends)
    middle, half = steps * (times[0] + times[1]) / 2, (times[1] - times[0]) / (times[1] + times[0])
    references = tuple(replace(r, duration=middle) for r in problem.references)
    return replace(problem, references=references, duration_bound=half)


def _step(habit: Gait, contacts: Contacts, speed: float) -> float:
    return speed * habit.duration / STEPS[habit.ends]


def _cadence(habit: Gait, contacts: Contacts, speed: float) -> float:
    return 60.0 * STEPS[habit.ends] / habit.duration


def _knee(habit: Gait, contacts: Contacts, speed: float) -> float:
    angles = [float(habit.evaluate(np.array([p]))[0][f"knee_angle_{s}"][0]) for s, p in contacts.items()]
    return -float(np.degrees(np.mean(angles)))  # knee flexion is negative there


def _lean(habit: Gait, contacts: Contacts, speed: float) -> float:
    q = habit.evaluate(habit.basis.points)[0]
    return -float(np.degrees(habit.basis.weights @ sum(q[name] for name in THORAX_TILT)))


def _whole(habit: Gait, contacts: Contacts, speed: float) -> float:
    return 1.0


def _no_value(habit: Gait, contacts: Contacts, speed: float) -> float:
    return 0.0


_HABITUAL: dict[str, Callable[[Gait, Contacts, float], float]] = {
    StepLength.name: _step,
    Cadence.name: _cadence,
    "knee_flexion": _knee,
    FootStrikeAngle.name: _no_value,
    "trunk_lean": _lean,
    "rotation": _whole,
    "arm_swing": _whole,
    "vertical_oscillation": _whole,
}
