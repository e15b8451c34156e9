"""The best of all modified gaits: values of a few modifiers chosen so that a goal is least.

Every candidate is a modified gait, the nearest to habit with these values. Its solve also tells how the load at every point
changes with the values (:mod:`footstrike.control.optimality`). So each load at each point has a model, quadratic in the values,
exact at the best candidate; the largest of these models, or their mean, is made least within a region in which they are trusted,
and the answer is solved. That goes on until a solve confirms what the models say.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations_with_replacement

import numpy as np
from scipy.optimize import minimize

from footstrike.brief import brief
from footstrike.control.aims import Aim
from footstrike.control.solution import Solution
from footstrike.model.description import Array

MOST_SOLVES = 10
REGION, SMALLEST_REGION = 0.5, 0.03  # of half the range of a value
GAIN = 1e-3  # of the habitual value: a smaller gain is none
PENALTY = 5.0  # per excess of a limit, in habitual values
RIDGE = 1e-3
SLOPE_WEIGHT = (
    0.5  # of a slope beside a value: slopes neglect how the reference's smoothness changes with its duration
)
TRIES = 6

Solve = Callable[[Array], Solution]
"""The modified gait at values scaled to -1..1 of their ranges."""


@dataclass(frozen=True)
class Candidate:
    """A solved modified gait: scaled values (c,), loads (K, L), and slopes (K, L, c) per scaled value."""

    __repr__ = brief

    at: Array
    loads: Array
    slopes: Array
    solution: Solution


@dataclass(frozen=True)
class Judge:
    """What makes a candidate good: aims of named loads, integrated with weights (K,), against the habitual gait's values."""

    __repr__ = brief

    aims: Sequence[Aim]
    names: Sequence[str]
    weights: Array
    habitual: Array

    def ratios(self, loads: Array) -> Array:
        """(aims,) of loads (K, L), in habitual values."""
        return np.array([self._value(a, loads) for a in self.aims]) / self.habitual

    def merit(self, loads: Array) -> float:
        """The sum of aims, and a penalty where a limit is exceeded."""
        ratios = self.ratios(loads)
        limits = np.array([np.inf if a.most is None else a.most for a in self.aims])
        weighed = sum(a.weight * r for a, r in zip(self.aims, ratios, strict=True))
        return float(weighed + PENALTY * np.maximum(ratios - limits, 0.0).sum())

    def _value(self, aim: Aim, loads: Array) -> float:
        own = loads[:, [list(self.names).index(n) for n in aim.loads]]
        return float(own.max() if aim.kind == "peak" else (self.weights @ own).mean())


@dataclass
class Search:
    """Candidates so far, and the models that follow from them."""

    __repr__ = brief

    judge: Judge
    solve: Solve
    tell: Callable[[str], None]
    candidates: list[Candidate] = field(default_factory=list)

    @property
    def best(self) -> Candidate:
        """The candidate of least merit."""
        return min(self.candidates, key=lambda c: self.judge.merit(c.loads))

    def add(self, at: Array) -> Candidate | None:
        """Solve at scaled values; None if that gait is not to be had."""
        solved = self.solve(at)
        if solved.response is None:
            self.tell(f"not solved: {solved.nlp.message}")
            return None
        r = solved.response
        new = Candidate(at, r.values, r.slopes, solved)
        self.candidates.append(new)
        shown = ", ".join(
            f"{a.name} {100 * (x - 1):+.1f} %"
            for a, x in zip(self.judge.aims, self.judge.ratios(r.values), strict=True)
        )
        self.tell(f"candidate {len(self.candidates)}: {shown}")
        return new

    def run(self, begin: Array) -> bool:
        """From a start to the best; whether the models' promise was confirmed."""
        if self.add(begin) is None:
            return False
        region = REGION
        for _ in range(MOST_SOLVES - 1):
            best = self.best
            at, promised = self.promised(region)
            now = self.judge.merit(best.loads)
            if now - promised < GAIN or region < SMALLEST_REGION:
                return True
            new = self.add(at)
            gained = now - self.judge.merit(new.loads) if new else -1.0
            region = min(2 * region, 2.0) if gained > 0.5 * (now - promised) else region / 2
        return False

    def promised(self, region: float) -> tuple[Array, float]:
        """Values within a region around the best at which the models' merit is least, and that."""
        model, centre = self.model(), self.best.at
        bounds = [(max(-1.0, c - region), min(1.0, c + region)) for c in centre]
        random = np.random.default_rng(len(self.candidates))
        low, high = np.array(bounds).T
        starts = [centre, *(low + (high - low) * random.uniform(size=len(low)) for _ in range(TRIES))]
        tried = [_least(lambda u: self.judge.merit(model(u)), start, bounds) for start in starts]
        return min(tried, key=lambda t: t[1])

    def worth(self, aim: int, more: float = 0.01) -> float:
        """By how much the models' sum of aims falls per habitual value by which the limit of an aim is raised."""
        aims = list(self.judge.aims)
        limit = aims[aim].most
        assert limit is not None
        raised = [replace(a, most=limit + more) if k == aim else a for k, a in enumerate(aims)]
        wider = replace(self, judge=replace(self.judge, aims=raised))
        before, after = self.promised(REGION)[1], wider.promised(REGION)[1]
        return (before - after) / more

    def model(self) -> Callable[[Array], Array]:
        """Loads (K, L) of scaled values: value and slopes of the best candidate, curvature from the others."""
        best = self.best
        others = [c for c in self.candidates if c is not best]
        n = len(best.at)
        pairs = list(combinations_with_replacement(range(n), 2))
        rows, right = [RIDGE * np.eye(len(pairs))], [np.zeros((len(pairs), best.loads.size))]
        for c in others:
            u = c.at - best.at
            near = 1 / max(float(u @ u), 1e-3)
            rows.append(near * _squares(u, pairs)[None])
            right.append(near * (c.loads - best.loads - best.slopes @ u).ravel()[None])
            slopes = np.moveaxis(c.slopes - best.slopes, -1, 0).reshape(n, -1)
            rows.append(
                SLOPE_WEIGHT * np.sqrt(near) * np.array([_slope_of_squares(u, pairs, i) for i in range(n)])
            )
            right.append(SLOPE_WEIGHT * np.sqrt(near) * slopes)
        curvature = np.linalg.lstsq(np.vstack(rows), np.vstack(right), rcond=None)[0]

        def loads(at: Array) -> Array:
            u = at - best.at
            curved = (_squares(u, pairs) @ curvature).reshape(best.loads.shape)
            return np.asarray(best.loads + best.slopes @ u + curved)

        return loads


def _squares(u: Array, pairs: Sequence[tuple[int, int]]) -> Array:
    return np.array([u[i] * u[j] for i, j in pairs])


def _slope_of_squares(u: Array, pairs: Sequence[tuple[int, int]], k: int) -> Array:
    return np.array([(i == k) * u[j] + (j == k) * u[i] for i, j in pairs], dtype=float)


def _least(
    function: Callable[[Array], float], start: Array, bounds: Sequence[tuple[float, float]]
) -> tuple[Array, float]:
    """A local minimum of a function with corners."""
    found = minimize(
        function,
        start,
        method="Nelder-Mead",
        bounds=bounds,
        options={"xatol": 1e-4, "fatol": 1e-6, "maxiter": 800},
    )
    return np.asarray(found.x), float(found.fun)
