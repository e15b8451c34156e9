"""Runs of the study: read, named by what was asked, each beside the habit that it departs from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from footstrike.claims.verdicts import value_of
from footstrike.control.modifiers import MODIFIERS
from footstrike.outcomes import ground
from footstrike.outcomes.metrics import metrics
from footstrike.runs.run import Run
from footstrike.simulation.request import asked_for

SPEED = 3.5  # m/s, of all but conversions
STRIKE = "rearfoot"  # of all that asks for one thing


@dataclass(frozen=True)
class Gait:
    """A run with its numbers.

    Attributes
    ----------
    run, values
        The run and its metrics.
    asked
        What was asked of it, by the names of a specification; nothing of a habitual gait.
    """

    run: Run
    values: dict[str, Any]
    asked: frozenset[str]

    def __getitem__(self, metric: str) -> float | None:
        return value_of(self.values, metric)

    def number(self, metric: str) -> float:
        """A metric that this run must have."""
        value = self[metric]
        assert value is not None, f"{metric} is not defined in {self.run}"
        return value

    def asks(self, name: str) -> float | None:
        """The value asked for of a modifier; None if it was not asked."""
        value = self.run.spec.get(MODIFIERS[name].key())
        return None if value is None else float(value)

    @property
    def from_strike(self) -> str | None:
        """The runner's own strike, of a conversion."""
        return self.run.spec.get("from_strike")

    @property
    def reserve(self) -> float:
        """The largest moment that no muscle supplies, N m."""
        return float(self.run.solver["reserve_max_nm"])

    @property
    def weight(self) -> float:
        """Body weight, N."""
        return ground.weight(self.run)


@dataclass(frozen=True)
class Study:
    """All gaits of the study."""

    gaits: tuple[Gait, ...]

    def habit(self, strike: str = STRIKE, speed: float = SPEED) -> Gait:
        """The habitual gait of a strike at a speed."""
        return next(g for g in self.gaits if not g.asked and (g.run.strike, g.run.speed) == (strike, speed))

    def habit_of(self, gait: Gait) -> Gait:
        """The habitual gait of the runner of a gait."""
        return self.habit(gait.from_strike or gait.run.strike, gait.run.speed)

    def series(self, name: str) -> tuple[Gait, ...]:
        """Gaits of which one modifier and nothing else is asked, by its value."""
        own = [g for g in self.gaits if g.asked == {MODIFIERS[name].key()} and g.run.strike == STRIKE]
        return tuple(sorted(own, key=lambda g: g.asks(name) or 0.0))

    def corners(self) -> tuple[Gait, ...]:
        """The gaits that are asked for a knee and, but for the habitual step, a step length."""
        own = [g for g in self.gaits if g.asks("knee_flexion") is not None]
        strikes = ("rearfoot", "forefoot")
        return tuple(
            sorted(
                own,
                key=lambda g: (
                    strikes.index(g.run.strike),
                    g.number("step_length_m"),
                    g.asks("knee_flexion"),
                ),
            )
        )

    def conversions(self) -> tuple[Gait, ...]:
        """Conversions by direction, speed and nearness."""
        own = [g for g in self.gaits if g.from_strike]
        return tuple(sorted(own, key=lambda g: (g.run.strike, g.run.speed, float(g.run.spec["nearness"]))))

    def converted(self, from_strike: str, speed: float = SPEED, nearness: float = 1.0) -> Gait:
        """One conversion."""
        for g in self.conversions():
            near = abs(float(g.run.spec["nearness"]) - nearness) < 0.01
            if g.from_strike == from_strike and g.run.speed == speed and near:
                return g
        raise LookupError(f"no conversion from {from_strike} at {speed} m/s")


def read(folders: Iterable[Path]) -> Study:
    """The study from folders of runs, of sweeps or plain ones."""
    runs = (Run.load(path) for folder in folders for path in sorted(folder.rglob("*.h5")))
    return Study(tuple(_once(runs)))


def _once(runs: Iterable[Run]) -> Iterator[Gait]:
    """Solved runs, each request once."""
    seen = set()
    for run in runs:
        what = tuple(run.spec.get(name) for name in ("strike", "speed_mps", "from_strike", "nearness"))
        what += tuple(run.spec.get(kind.key()) for kind in MODIFIERS.values())
        if run.solved and what not in seen:
            seen.add(what)
            yield Gait(run, metrics(run), frozenset(asked_for(run.spec)))
