"""What is tried when a solve fails, fallback by fallback, and what it was that failed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from footstrike.brief import brief
from footstrike.control.problem import TrackProblem
from footstrike.control.solution import Solution

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Fallback:
    """One further attempt: in words, as a change of the problem, and whether that makes it another, easier one."""

    __repr__ = brief

    words: str
    change: Callable[[TrackProblem], TrackProblem]
    easier: bool = True


def _from_nothing(problem: TrackProblem) -> TrackProblem:
    return replace(problem, guess=None) if problem.guess is not None else problem


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


FALLBACKS = (
    Fallback("a start from a smooth gait", _from_nothing, easier=False),
    Fallback("another strategy for the barrier", _monotone, easier=False),
    Fallback("a start from a problem with cheaper reserves", _freer),
    Fallback("a start from a coarser mesh", _coarser),
)
"""An easier problem's solution is where the problem itself then starts."""


def solve_with_fallbacks(
    problem: TrackProblem, solve: Callable[[TrackProblem], Solution], tell: Callable[[str], None]
) -> tuple[Solution, tuple[str, ...]]:
    """Solve a problem, and by easier ones if that fails; also the words of the fallbacks that were needed."""
    solved = solve(problem)
    steps: list[str] = []
    for fallback in FALLBACKS:
        if solved.nlp.success:
            break
        changed = fallback.change(problem)
        if changed is problem:
            continue
        tell(f"not solved ({solved.nlp.words}); trying {fallback.words}")
        steps.append(fallback.words)
        attempt = solve(changed)
        if fallback.easier and attempt.nlp.success:
            attempt = solve(replace(problem, guess=attempt))
        nearer = not fallback.easier and attempt.nlp.infeasibility < solved.nlp.infeasibility
        if attempt.nlp.success or nearer:
            solved = attempt
    return solved, tuple(steps)
