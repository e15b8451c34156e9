"""Solved gaits kept between sessions: what outcomes are computed from and departures depart from."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from footstrike.brief import brief
from footstrike.cache import Place
from footstrike.control.solution import Solution


@dataclass(frozen=True)
class Answer:
    """The best solution of a request.

    Attributes
    ----------
    solved
        The gait and the solver's outcome.
    fallbacks
        What was tried where the first attempt failed.
    starts
        Objectives and step lengths of all starts, and how far they differ.
    wall_s
        How long it took, s.
    """

    __repr__ = brief

    solved: Solution
    fallbacks: tuple[str, ...]
    starts: Mapping[str, Any]
    wall_s: float


def recall(place: Place) -> Answer | None:
    """The answer that is kept in a place."""
    kept = place.read()
    return None if kept is None else pickle.loads(kept)


def keep(place: Place, answer: Answer) -> None:
    """Keep an answer, without the solver's own vectors."""
    solved = answer.solved
    small = replace(solved.nlp, x=np.zeros(0), multipliers=np.zeros(0), violations=np.zeros(0))
    place.write(pickle.dumps(replace(answer, solved=replace(solved, nlp=small))))
