"""How solved gaits are cached: what outcomes are computed from and modified gaits stay near to."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from footstrike.brief import brief
from footstrike.cache.results import Format
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


def _dump(answer: Answer) -> bytes | None:
    """Without what stood in the solver's way; nothing if it was not solved."""
    solved = answer.solved
    if not solved.nlp.success:
        return None
    small = replace(solved.nlp, violations=np.zeros(0))
    return pickle.dumps(replace(answer, solved=replace(solved, nlp=small)))


def _load(data: bytes) -> Answer:
    answer: Answer = pickle.loads(data)
    return answer


ANSWERS = Format(_dump, _load)
