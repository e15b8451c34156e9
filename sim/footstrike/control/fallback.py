"""What is tried when a solve fails, rung by rung, and what it was that failed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from footstrike.brief import brief
from footstrike.control.problem import Solved, TrackProblem

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Rung:
    """One further attempt: in words, as a change of the problem, and whether that makes it another, easier one."""

    __repr__ = brief

    words: str
    change: Callable[[TrackProblem], TrackProblem]
    easier: bool = True


def _monotone(problem: TrackProblem) -> TrackProblem:
    barrier = {"ipopt.mu_strategy": "monotone", "ipopt.mu_init": 1e-3}
    return replace(problem, guess=None, ipopt={**problem.ipopt, **barrier})


def _freer(problem: TrackProblem) -> TrackProblem:
    """Reserves cost less, and the motion is smoother."""
    return replace(problem, objective=problem.objective.scaled(reserve=1 / 10, jerk=3.0), guess=None)


def _coarser(problem: TrackProblem) -> TrackProblem:
    return replace(problem, breaks=_without_every_other(problem.breaks), guess=None)


def _without_every_other(breaks: Array) -> Array:
    kept = breaks[::2]
    return kept if kept[-1] == breaks[-1] else np.append(kept, breaks[-1])


RUNGS = (
    Rung("another strategy for the barrier", _monotone, easier=False),
    Rung("a start from a problem with cheaper reserves", _freer),
    Rung("a start from a coarser mesh", _coarser),
)
"""An easier problem's solution is where the problem itself then starts."""


def climb(
    problem: TrackProblem, solve: Callable[[TrackProblem], Solved], tell: Callable[[str], None]
) -> tuple[Solved, tuple[str, ...]]:
    """Solve a problem, and by easier ones if that fails; also the words of the rungs that were needed."""
    solved = solve(problem)
    steps: list[str] = []
    for rung in RUNGS:
        if solved.outcome.success:
            break
        tell(f"not solved ({solved.outcome.status}); trying {rung.words}")
        steps.append(rung.words)
        attempt = solve(rung.change(problem))
        if rung.easier and attempt.outcome.success:
            attempt = solve(replace(problem, guess=attempt))
        nearer = not rung.easier and attempt.outcome.infeasibility < solved.outcome.infeasibility
        if attempt.outcome.success or nearer:
            solved = attempt
    return solved, tuple(steps)
