"""Muscle paths of a runner as short polynomials, fitted closely over the range that running uses.

The optimal control problem needs length and moment arms of every muscle with exact derivatives. Lengths and
moment arms are sampled over :data:`RUNNING_RANGE` (straight paths from their points, others by OpenSim) and
fitted together by least squares; a stretch of the path between two bodies contributes terms in the coordinates
between these bodies only, so no term mixes the hip with the spine where the path touches the pelvis.

A runner of another size can take over the terms of a runner whose paths are fitted: the equations of motion then have
the same structure, whatever the coefficients are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from footstrike.dynamics.rigid_body import Tree
from footstrike.model.description import Array, Description, Muscle, PathPolynomial
from footstrike.model.measured import MusclePath
from footstrike.model.sides import without_side
from footstrike.muscles.moment_arms import UnitForces
from footstrike.muscles.path_fit import Exponents, all_exponents, columns_at, rms
from footstrike.muscles.paths import path_geometry

RUNNING_RANGE_DEG = {
    "hip_flexion": (-45, 90),
    "hip_adduction": (-30, 30),
    "hip_rotation": (-35, 35),
    "knee_angle": (-130, 5),
    "ankle_angle": (-45, 40),
    "subtalar_angle": (-30, 30),
    "mtp_angle": (-20, 60),
    "lumbar_extension": (-35, 35),
    "lumbar_bending": (-30, 30),
    "lumbar_rotation": (-30, 30),
    "arm_flex": (-70, 60),
    "arm_add": (-60, 20),
    "arm_rot": (-45, 60),
    "elbow_flex": (0, 130),
}
"""What the measured groups of both strikes reach from 2 to 5.5 m/s, with room on both sides."""

SAMPLES = 1024
SEED = 20
NO_ARM = 1e-5  # m; below, the muscle does not act on the coordinate
AIM_LENGTH, AIM_ARM = 0.2e-3, 0.4e-3  # m RMS
HIGHEST_ORDER = 7
MOST_TERMS = 140
TAKEN_OVER = (
    1.5  # times the aim, or the error of the terms' first owner: up to there another runner's terms do
)

Measure = Callable[[list[str], Array, list[str]], Sequence[MusclePath]]
Ranges = Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class _Samples:
    """Postures (N, n) of the moving coordinates, their range (n, 2), and whether each was varied."""

    names: list[str]
    q: Array
    low: Array
    high: Array

    @property
    def moving(self) -> list[int]:
        return [i for i in range(len(self.names)) if self.high[i] > self.low[i]]


def running_paths(
    description: Description,
    measure: Measure,
    ranges: Ranges = RUNNING_RANGE_DEG,
    like: Mapping[str, PathPolynomial] | None = None,
    tell: Callable[[int, int], None] | None = None,
) -> dict[str, PathPolynomial]:
    """Polynomials of all muscles that act on a coordinate, by name.

    Parameters
    ----------
    measure
        ``measure(coordinates, q, muscles)`` gives the paths of curved muscles at ``q`` (N, n), as OpenSim has
        them.
    ranges
        Degrees, by coordinate without its side; coordinates that are not named stay at zero.
    like
        Polynomials of another runner with the same muscles, whose terms are taken over where they do.
    tell
        Called with how many of how many muscles are fitted.
    """
    at = _samples(description, ranges)
    tree = Tree(description)
    motion = tree.motion({name: at.q[:, i] for i, name in enumerate(at.names)})
    straight = [m for m in description.muscles if m.path]
    moving = [at.names[i] for i in at.moving]
    found: dict[str, tuple[Array, Array]] = {}
    if straight:
        geometry = path_geometry(tree, motion, len(at.q), straight)
        arms = geometry.moment_arms(moving)
        found |= {m.name: (geometry.length[:, k], arms[:, k]) for k, m in enumerate(straight)}
    curved = [m.name for m in description.muscles if not m.path]
    if curved:
        forces = UnitForces(tree, at.names, at.q)
        for path in measure(at.names, at.q, curved):
            found[path.name] = (path.length, forces.of(path)[:, at.moving])
    out = {}
    for count, muscle in enumerate(description.muscles):
        if tell:
            tell(count, len(description.muscles))
        length, arms = found[muscle.name]
        polynomial = _taken_over(at, length, arms, (like or {}).get(muscle.name))
        polynomial = polynomial or _fit(at, length, arms, _groups(tree, muscle))
        if polynomial is not None:
            out[muscle.name] = polynomial
    return out


def running_postures(description: Description) -> tuple[list[str], Array]:
    """The free coordinates, and (N, n) postures over the range of running at which paths are sampled, rad or m."""
    at = _samples(description, RUNNING_RANGE_DEG)
    return at.names, at.q


def _samples(description: Description, ranges: Ranges) -> _Samples:
    names = description.coordinate_names
    low, high = np.zeros(len(names)), np.zeros(len(names))
    for i, c in enumerate(description.coordinates):
        low[i], high[i] = np.deg2rad(ranges.get(without_side(c.name), (0.0, 0.0)))
    unit = qmc.Sobol(len(names), seed=SEED).random(SAMPLES)
    return _Samples(names, low + unit * (high - low), low, high)


def _groups(tree: Tree, muscle: Muscle) -> list[frozenset[str]]:
    """Coordinates between the bodies of each stretch of a straight path; none where it is not known."""
    bodies = [body for body, _ in muscle.path]
    out = set()
    for a, b in pairwise(bodies):
        above = [_ancestors(tree, tree.placement[x].node) for x in (a, b)]
        between = above[0] ^ above[1]
        out.add(frozenset(_coordinate(tree, k) for k in between) - {""})
    return sorted((g for g in out if g), key=sorted)


def _ancestors(tree: Tree, node: int) -> frozenset[int]:
    found = []
    while node >= 0:
        found.append(node)
        node = tree.nodes[node].parent
    return frozenset(found)


def _coordinate(tree: Tree, node: int) -> str:
    motion = tree.nodes[node].motion
    return (motion.coordinate or "") if motion is not None else ""


def _taken_over(
    at: _Samples, length: Array, arms: Array, like: PathPolynomial | None
) -> PathPolynomial | None:
    """The best polynomial with another runner's terms; None if it is too far off."""
    moving = [at.names[i] for i in at.moving]
    if like is None or not set(like.coordinates) <= set(moving):
        return None
    used = [moving.index(name) for name in like.coordinates]
    index = [at.moving[k] for k in used]
    if not np.allclose([like.centre - like.scale, like.centre + like.scale], [at.low[index], at.high[index]]):
        return None
    x = (at.q[:, index] - like.centre) / like.scale
    system = _System.of(x, like.scale, like.exponents, length, arms[:, used])
    c, *errors = system.solved(np.arange(len(like.exponents)))
    own = (max(AIM_LENGTH, like.length_rms_m), max(AIM_ARM, like.arm_rms_m))
    left_out = np.abs(np.delete(arms, used, axis=1)).max(initial=0.0)
    if left_out > AIM_ARM or any(e > TAKEN_OVER * most for e, most in zip(errors, own, strict=True)):
        return None
    return PathPolynomial(like.coordinates, like.centre, like.scale, like.exponents, c, *errors)


def _fit(at: _Samples, length: Array, arms: Array, groups: list[frozenset[str]]) -> PathPolynomial | None:
    used = [k for k in range(arms.shape[1]) if np.abs(arms[:, k]).max() > NO_ARM]
    if not used:
        return None
    index = [at.moving[k] for k in used]
    names = [at.names[i] for i in index]
    centre, scale = (at.low[index] + at.high[index]) / 2, (at.high[index] - at.low[index]) / 2
    x = (at.q[:, index] - centre) / scale
    best: tuple[Exponents, Array, float, float] | None = None
    for order in range(1, HIGHEST_ORDER + 1):
        exponents = _exponents(names, groups, order)
        if len(exponents) > MOST_TERMS and best is not None:
            break
        best = _pruned(_System.of(x, scale, exponents, length, arms[:, used]))
        if best[2] <= AIM_LENGTH and best[3] <= AIM_ARM:
            break
    assert best is not None
    return PathPolynomial(tuple(names), centre, scale, *best)


def _exponents(names: list[str], groups: list[frozenset[str]], order: int) -> Exponents:
    """All monomials up to a total order within each group of coordinates; within all if there is no group."""
    rows: set[tuple[int, ...]] = set()
    for group in groups or [frozenset(names)]:
        inside = [i for i, n in enumerate(names) if n in group]
        for powers in all_exponents(len(inside), order):
            row = np.zeros(len(names), dtype=int)
            row[inside] = powers
            rows.add(tuple(int(e) for e in row))
    return np.array(sorted(rows, key=lambda r: (sum(r), r)), dtype=int)


@dataclass(frozen=True)
class _System:
    """Least squares of length and moment arms over the samples, both by their aims.

    ``design`` (N + n N, k), ``right`` (N + n N,), ``H`` and ``b`` of the normal equations, ``size`` (k,) of the columns.
    """

    exponents: Exponents
    samples: int
    design: Array
    right: Array
    H: Array
    b: Array
    size: Array

    @classmethod
    def of(cls, x: Array, scale: Array, exponents: Exponents, length: Array, arms: Array) -> _System:
        """For monomials at scaled coordinates ``x`` (N, n)."""
        columns = columns_at(x, scale, exponents)
        design = np.vstack([columns.value / AIM_LENGTH, columns.arm.reshape(-1, len(exponents)) / AIM_ARM])
        right = np.concatenate([length / AIM_LENGTH, (arms / AIM_ARM).T.ravel()])
        size = np.linalg.norm(design, axis=0)
        return cls(exponents, len(length), design, right, design.T @ design, design.T @ right, size)

    def solved(self, terms: NDArray[np.intp]) -> tuple[Array, float, float]:
        """Coefficients of some of the terms, and errors of length and moment arms, m RMS."""
        d = 1 / self.size[terms]
        scaled = self.H[np.ix_(terms, terms)] * np.outer(d, d) + 1e-12 * np.eye(len(terms))
        c = d * np.linalg.solve(scaled, d * self.b[terms])
        off = self.design[:, terms] @ c - self.right
        return c, AIM_LENGTH * rms(off[: self.samples]), AIM_ARM * rms(off[self.samples :])


def _pruned(system: _System) -> tuple[Exponents, Array, float, float]:
    """Terms, coefficients and errors of the fit with as few terms as meet the aim (all if none does)."""
    c, length, arm = system.solved(np.arange(len(system.exponents)))
    order = np.argsort(np.abs(c) * system.size)
    few, many = 0, len(order) - 1
    while few < many and length <= AIM_LENGTH and arm <= AIM_ARM:
        middle = (few + many + 1) // 2
        _, a, b = system.solved(np.sort(order[middle:]))
        few, many = (middle, many) if a <= AIM_LENGTH and b <= AIM_ARM else (few, middle - 1)
    terms = np.sort(order[few:])
    return system.exponents[terms], *system.solved(terms)
