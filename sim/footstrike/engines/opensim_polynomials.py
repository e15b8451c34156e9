"""Curved muscle paths as polynomials: sampled over the range of motion and fitted. OpenSim worker."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.stats import qmc

from footstrike.dynamics.paths import UnitForces
from footstrike.dynamics.rigid_body import Tree
from footstrike.engines import path_cache
from footstrike.engines.opensim_functions import monomials
from footstrike.engines.opensim_model import Array, each
from footstrike.engines.opensim_muscles import function_path, geometry
from footstrike.engines.opensim_paths import active_muscles, lengths, moving_points, read_paths
from footstrike.engines.opensim_poses import Poses
from footstrike.engines.opensim_skeleton import Opened, opened
from footstrike.engines.osim import osim
from footstrike.model.description import Description, Muscle, PathPolynomial
from footstrike.model.motion_range import ranges
from footstrike.model.path_fit import ARM_LIMIT, LENGTH_LIMIT, Grid, Mask, Targets, fit, residuals
from footstrike.progress import Progress, silent, stage

SAMPLES = 1024
SEED = 1
NO_ARM = 1e-6  # m: a coordinate whose moment arms are all smaller is not spanned
SUSPICIOUS = 3.0  # times the limit of length: such a sample may lie beyond a jump of the path
MOST_FOLLOWED = 128  # samples
STEPS = 40  # from the default posture to a sample
JUMP = 1.5e-3  # m, change of the step of length from one step to the next


@dataclass(frozen=True)
class Fitted:
    """Muscles with their polynomials, and warnings about those that miss the limits or jump."""

    muscles: tuple[Muscle, ...]
    warnings: tuple[str, ...]


def polynomials(
    osim_text: str,
    at: Opened,
    described: Sequence[Muscle],
    objects: Sequence[Any],
    progress: Progress = silent,
) -> Fitted:
    """Give every muscle whose path is not straight its polynomial."""
    curved = [m for m, d in zip(objects, described, strict=True) if not d.path]
    if not curved:
        return Fitted(tuple(described), ())
    found = path_cache.recall(osim_text)
    if found is None:
        found = _fitted(at, curved, progress)
        path_cache.keep(osim_text, found)
    muscles = tuple(replace(d, polynomial=found.get(d.name)) for d in described)
    in_order = {d.name: d.polynomial for d in muscles if d.polynomial is not None}
    return Fitted(muscles, tuple(_notes(in_order)))


def _fitted(at: Opened, curved: Sequence[Any], progress: Progress) -> dict[str, PathPolynomial]:
    fitter = _Fitter(at, curved, progress)
    found: dict[str, PathPolynomial] = {}
    tell = stage(progress)
    for done, k in enumerate(fitter.by_span()):
        if done % 10 == 0:
            tell(f"fitting muscle paths, {done + 1} of {len(curved)}")
        found[curved[k].getName()] = fitter.polynomial(k)
    return found


def low_discrepancy(d: Description, count: int, seed: int) -> Array:
    """Postures (count, n) over the range of motion, rad and m; ``count`` is a power of two."""
    span = ranges(d.coordinates)
    unit = qmc.Sobol(len(span), scramble=True, seed=seed).random(count)
    return np.asarray(span[:, 0] + unit * (span[:, 1] - span[:, 0]))


def path_jumps(osim_text: str, muscle: str, names: Sequence[str], q: Array) -> Mask:
    """Whether a muscle's path jumps on the straight way from the default posture to each of ``q`` (N, n)."""
    at = opened(osim_text)
    return jumps(at, next(m for m in active_muscles(at.model) if m.getName() == muscle), names, q)


def jumps(at: Opened, muscle: Any, names: Sequence[str], q: Array) -> Mask:
    """The same for a muscle of an opened model; the switching of conditional points is no jump in this
    sense.
    """
    if not _may_jump(muscle):
        return np.zeros(len(q), dtype=bool)
    start = np.array([c.default for c in at.skeleton.description.coordinates if c.name in names])
    way = np.linspace(0.0, 1.0, STEPS)[:, None, None]
    rows = (start + way * (np.asarray(q) - start)).reshape(-1, len(names))
    length = lengths(at, [muscle], names, rows).reshape(STEPS, len(q))
    return np.asarray(np.abs(np.diff(length, n=2, axis=0)).max(axis=0, initial=0.0) > JUMP)


class _Fitter:
    def __init__(self, at: Opened, curved: Sequence[Any], progress: Progress) -> None:
        self._at, self._curved = at, curved
        d = at.skeleton.description
        self._names = d.coordinate_names
        self._turning = np.array([c.motion != "translation" for c in d.coordinates])
        self._ranges = ranges(d.coordinates)
        self._slopes = Poses(at.model, at.fresh(), self._names).slopes(
            np.array([[c.default for c in d.coordinates]])
        )
        self._q = low_discrepancy(d, SAMPLES, SEED)
        paths = read_paths(at, curved, self._names, self._q, progress)
        forces = UnitForces(Tree(d), self._names, self._q)
        self._contradiction = [float(p.contradiction.mean()) for p in paths]
        self._targets = [Targets(p.length, forces.of(p)) for p in paths]
        self._used = [self._spans(k) for k in range(len(curved))]
        self._last: Grid | None = None  # of the span before: grids are large

    def by_span(self) -> list[int]:
        """Numbers of the muscles, those of one span next to each other."""
        return sorted(range(len(self._curved)), key=lambda k: self._used[k])

    def _spans(self, k: int) -> list[int]:
        arm = np.abs(self._targets[k].arms).max(axis=0)
        spanned = self._spanned(self._curved[k])
        return [i for i, n in enumerate(self._names) if n in spanned and arm[i] > NO_ARM]

    def polynomial(self, k: int) -> PathPolynomial:
        """Of the muscle number ``k``: the file's own, or a fitted one."""
        muscle, targets, used = self._curved[k], self._targets[k], self._used[k]
        own = _own(muscle, set(self._names))
        if own is not None:
            return self._judged(own, targets)
        if not used:
            return _constant(targets)
        chosen = Targets(targets.length, targets.arms[:, used])
        result = fit(self._grid(used), chosen)
        if _may_jump(muscle):
            result = self._without_jumps(muscle, used, chosen, result)
        return replace(result, contradiction_share=self._contradiction[k])

    def _grid(self, used: list[int], keep: Mask | None = None) -> Grid:
        names = tuple(self._names[i] for i in used)
        if keep is None and self._last is not None and self._last.coordinates == names:
            return self._last
        q = self._q[:, used] if keep is None else self._q[keep][:, used]
        low, high = self._ranges[used].T
        grid = Grid(names, self._turning[used], low, high, q)
        if keep is None:
            self._last = grid
        return grid

    def _without_jumps(
        self, muscle: Any, used: list[int], targets: Targets, first: PathPolynomial
    ) -> PathPolynomial:
        """Fit again without the samples that OpenSim's path reaches by a jump only."""
        error = np.abs(residuals(first, self._q[:, used], targets)[0])
        off = error > max(SUSPICIOUS * LENGTH_LIMIT, np.sort(error)[-MOST_FOLLOWED])
        jumped = np.zeros(len(self._q), dtype=bool)
        names = [self._names[i] for i in used]
        jumped[off] = jumps(self._at, muscle, names, self._q[off][:, used])
        share = float(jumped.mean())
        if not 0.0 < share < 0.5:
            return first
        stay = ~jumped
        rest = Targets(targets.length[stay], targets.arms[stay])
        return replace(fit(self._grid(used, stay), rest), jump_share=share)

    def _judged(self, own: PathPolynomial, targets: Targets) -> PathPolynomial:
        used = [self._names.index(n) for n in own.coordinates]
        seen = Targets(targets.length, targets.arms[:, used])
        length, arms = residuals(own, self._q[:, used], seen)
        turned = arms[:, self._turning[used]]
        return replace(
            own,
            length_rms_m=float(np.sqrt(np.mean(length**2))),
            arm_rms_m=float(np.sqrt(np.mean(turned**2))) if turned.size else 0.0,
        )

    def _spanned(self, muscle: Any) -> set[str]:
        """Free coordinates that move the points and surfaces of a path relative to each other."""
        path = geometry(muscle)
        if path is None:
            return {free for n in function_path(muscle)[1] for free in self._slopes[n]}
        pushed = {free for _, n, _ in moving_points(path) for free in self._slopes[n]}
        return pushed | _between(self._at.skeleton.description, _bodies(path))


def _bodies(path: Any) -> set[str]:
    points = [p.getParentFrame() for p in each(path.getPathPointSet())]
    surfaces = [w.getWrapObject().getFrame() for w in each(path.getWrapSet())]
    return {f.findBaseFrame().getName() for f in (*points, *surfaces)}


def _between(d: Description, bodies: Iterable[str]) -> set[str]:
    """Coordinates of the joints that lie between bodies, not of those that carry all of them."""
    below = {j.child: j for j in d.joints}
    chains: list[set[str]] = []
    for body in bodies:
        chain: set[str] = set()
        while body in below:
            chain.add(below[body].name)
            body = below[body].parent
        chains.append(chain)
    common = {j for j in chains[0] if all(j in c for c in chains)}
    between = {j for c in chains for j in c} - common
    return {a.coordinate for j in d.joints if j.name in between for a in j.axes if a.coordinate is not None}


def _own(muscle: Any, free: set[str]) -> PathPolynomial | None:
    """The polynomial of a FunctionBasedPath, where it is one in free coordinates."""
    if geometry(muscle) is not None:
        return None
    path, names = function_path(muscle)
    f = osim.MultivariatePolynomialFunction.safeDownCast(path.getLengthFunction())
    if f is None or not set(names) <= free:
        return None
    exponents, coefficients = monomials(f)
    used = coefficients != 0.0
    unit = np.ones(len(names))
    return PathPolynomial(tuple(names), 0 * unit, unit, exponents[used], coefficients[used], 0.0, 0.0)


def _constant(targets: Targets) -> PathPolynomial:
    """A path that no free coordinate moves."""
    none = np.zeros(0)
    mean = np.array([targets.length.mean()])
    return PathPolynomial((), none, none, np.zeros((1, 0), dtype=int), mean, float(targets.length.std()), 0.0)


def _may_jump(muscle: Any) -> bool:
    """Whether a path wraps, and has no conditional points, whose switching shortens it on purpose."""
    path = geometry(muscle)
    if path is None or not path.getWrapSet().getSize():
        return False
    return "ConditionalPathPoint" not in {p.getConcreteClassName() for p in each(path.getPathPointSet())}


def _misses(p: PathPolynomial) -> bool:
    return p.length_rms_m > LENGTH_LIMIT or p.arm_rms_m > ARM_LIMIT


def _notes(found: dict[str, PathPolynomial]) -> Iterable[str]:
    for name, p in found.items():
        if p.jump_share > 0.0:
            yield (
                f"muscle {name}: its path in OpenSim jumps (a wrap flips over) before {p.jump_share:.1%} of the "
                "range of motion, which the polynomial leaves out"
            )
        if p.contradiction_share > 0.0:
            yield (
                f"muscle {name}: in {p.contradiction_share:.1%} of the range of motion OpenSim measures its length "
                "along outdated places of the wrap points (wraps in series); the path was measured anew there"
            )
        if _misses(p):
            yield (
                f"muscle {name}: the polynomial differs from OpenSim's path by {p.length_rms_m * 1e3:.1f} mm in "
                f"length and {p.arm_rms_m * 1e3:.1f} mm in moment arm (RMS), more than 1 and 1.5 mm"
            )
