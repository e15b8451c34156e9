"""Solved gaits kept between sessions: what departures from a habit depart from."""

from __future__ import annotations

import contextlib
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np

from footstrike import cache
from footstrike.control.problem import Solved, TrackProblem
from footstrike.errors import FootstrikeError
from footstrike.files import write_atomically


def recall(problem: TrackProblem) -> Solved | None:
    """The solution of a problem that was solved before."""
    try:
        solved: Solved = pickle.loads(_file(problem).read_bytes())
    except (OSError, EOFError, pickle.UnpicklingError):
        return None
    return solved


def keep(problem: TrackProblem, solved: Solved) -> None:
    """Keep the gait of a solution, without the solver's own vectors; a disk that cannot be written is no harm."""
    small = replace(solved.outcome, x=np.zeros(0), multipliers=np.zeros(0))
    with contextlib.suppress(OSError, FootstrikeError):
        _file(problem).parent.mkdir(parents=True, exist_ok=True)
        write_atomically(_file(problem), pickle.dumps(replace(solved, outcome=small)))


def _file(problem: TrackProblem) -> Path:
    return cache.folder() / "gaits" / cache.key(problem)
