"""Curved muscle paths as polynomials: sampled over the range of motion and fitted. OpenSim worker."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.stats import qmc

from footstrike.cache.results import cached
from footstrike.dynamics.motion_range import ranges, transmissions
from footstrike.dynamics.rigid_body import Tree
from footstrike.model.description import Description, Muscle, PathPolynomial
from footstrike.muscles.moment_arms import UnitForces
from footstrike.muscles.path_cache import POLYNOMIALS
from footstrike.muscles.path_fit import (
    ARM_LIMIT,
    DENSE,
    LENGTH_LIMIT,
    STRANGE,
    Grid,
    Mask,
    Targets,
    fit,
    residuals,
    strangeness,
)
from footstrike.opensim.conditional_points import conditional_points, switch_jumps
from footstrike.opensim.function_objects import monomials
from footstrike.opensim.muscle_parameters import function_path, geometry
from footstrike.opensim.muscle_paths import active_muscles, lengths, moving_points, read_paths
from footstrike.opensim.opened_model import Array, each
from footstrike.opensim.osim import osim
from footstrike.opensim.poses import Poses
from footstrike.opensim.skeleton import Opened, opened
from footstrike.progress import Progress, silent, stage

SAMPLES = 1024
SEED = 1
NO_ARM = 1e-6  # m: a coordinate whose moment arms are all smaller is not spanned
STEPS = 40  # from the default posture to a sample
FINER = 4  # times as many where a path bends
JUMP = 1.5e-3  # m, change of the step of length from one step to the next
FLIP = 8e-3  # m per rad, change of its slope
MOST_LEFT_OUT = 0.5  # share of the samples
SWITCH_SAMPLES, SWITCHES_SEEN = 256, 24  # postures, and how many of these for each switch
MOST_FOLLOWED, ROUNDS = 128, 6  # samples followed before fitting again, and how often


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
    tell = stage(progress)
    found = cached("paths", (osim_text,), lambda: _fitted(at, curved, progress), POLYNOMIALS, tell).value
    muscles = tuple(replace(d, polynomial=found.get(d.name)) for d in described)
    in_order = {d.name: d.polynomial for d in muscles if d.polynomial is not None}
    return Fitted(muscles, (*_switch_notes(at, curved), *_notes(in_order)))


def _fitted(at: Opened, curved: Sequence[Any], progress: Progress) -> dict[str, PathPolynomial]:
    fitter = _Fitter(at, curved, progress)
    found: dict[str, PathPolynomial] = {}
    tell = stage(progress)
    for done, k in enumerate(fitter.by_span()):
        if done % 10 == 0:
            tell("fitting muscle paths", done, len(curved))
        found[curved[k].getName()] = fitter.polynomial(k)
    return found


def low_discrepancy(d: Description, count: int, seed: int) -> Array:
    """Postures (count, n) over the range of motion, rad and m; ``count`` is a power of two."""
    span = ranges(d)
    unit = qmc.Sobol(len(span), scramble=True, seed=seed).random(count)
    return np.asarray(span[:, 0] + unit * (span[:, 1] - span[:, 0]))


def path_jumps(osim_text: str, muscle: str, names: Sequence[str], q: Array, turns: Array) -> Mask:
    """Whether a muscle's path jumps on the straight way from the default posture to each of ``q`` (N, n).

    ``turns`` (n,) as of :func:`footstrike.dynamics.motion_range.transmissions`.
    """
    at = opened(osim_text)
    found = next(m for m in active_muscles(at.model) if m.getName() == muscle)
    return jumps(at, found, names, q, turns)


def jumps(at: Opened, muscle: Any, names: Sequence[str], q: Array, turns: Array) -> Mask:
    """The same for a muscle of an opened model.

    Paths with conditional points jump where a switch changes the length by more than
    :data:`footstrike.opensim.conditional_points.JUMP`; nothing else is looked for in them. In others a jump is one of the length, or of its slope where the path goes round a wrap on the other side. Wherever
    the slope changes fast, the way is followed again in finer steps: there a smooth path is straighter.
    """
    if conditional_points(muscle):
        return switch_jumps(at, muscle, names, q)[0]
    if not _wraps(muscle):
        return np.zeros(len(q), dtype=bool)
    start = np.array([c.default for c in at.skeleton.description.coordinates if c.name in names])
    way = np.arange(STEPS + 1) / (STEPS - 1)  # a step too far, to see a bend at the very end
    bend = np.abs(_bends(at, muscle, names, start, q, np.tile(way, (len(q), 1))))
    out: Mask = bend.max(axis=1) > JUMP
    limit = FLIP * np.linalg.norm((q - start) * turns, axis=1) / (STEPS - 1)
    unsure = np.flatnonzero(~out & (bend.max(axis=1) > limit))
    if len(unsure):
        middle = way[1 + bend[unsure].argmax(axis=1)]
        fine = middle[:, None] + np.linspace(-1.0, 1.0, 2 * FINER + 1) / (STEPS - 1)
        finer = np.abs(_bends(at, muscle, names, start, q[unsure], fine)).max(axis=1)
        out[unsure] = finer > limit[unsure] / FINER
    return out


def _bends(at: Opened, muscle: Any, names: Sequence[str], start: Array, q: Array, way: Array) -> Array:
    """Second differences (N, k - 2) of a length at shares ``way`` (N, k) of the ways to postures, m."""
    rows = start + way[..., None] * (q - start)[:, None]
    length = lengths(at, [muscle], names, rows.reshape(-1, len(names))).reshape(way.shape)
    return np.diff(length, n=2, axis=1)


class _Fitter:
    def __init__(self, at: Opened, curved: Sequence[Any], progress: Progress) -> None:
        self._at, self._curved = at, curved
        d = at.skeleton.description
        self._names = d.coordinate_names
        self._turning = np.array([c.motion != "translation" for c in d.coordinates])
        self._ranges, self._transmissions = ranges(d), transmissions(d)
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
        chosen = Targets(targets.length, targets.arms[:, used] / self._transmissions[used])
        result = fit(self._grid(used), chosen)
        if conditional_points(muscle):
            result = self._on_one_side(muscle, used, chosen, result)
        elif _wraps(muscle):
            result = self._without_jumps(muscle, used, chosen, result)
        transmission = self._transmissions[used]
        return replace(
            result,
            centre=result.centre / transmission,
            scale=result.scale / transmission,
            contradiction_share=self._contradiction[k],
        )

    def _grid(self, used: list[int], keep: Mask | None = None) -> Grid:
        names = tuple(self._names[i] for i in used)
        if keep is None and self._last is not None and self._last.coordinates == names:
            return self._last
        transmission = self._transmissions[
            used
        ]  # the fit sees the turn of the whole, so that its moment arms are comparable
        q = self._q[:, used] if keep is None else self._q[keep][:, used]
        low, high = self._ranges[used].T * transmission
        grid = Grid(names, self._turning[used], low, high, q * transmission)
        if keep is None:
            self._last = grid
        return grid

    def _on_one_side(
        self, muscle: Any, used: list[int], targets: Targets, first: PathPolynomial
    ) -> PathPolynomial:
        """Fit again without the samples beyond a switch of a conditional point at which the length jumps."""
        if not _misses(first):
            return first
        names = [self._names[i] for i in used]
        jumped = jumps(self._at, muscle, names, self._q[:, used], self._transmissions[used])
        return self._refitted(used, targets, jumped) if 0.0 < jumped.mean() <= MOST_LEFT_OUT else first

    def _refitted(self, used: list[int], targets: Targets, jumped: Mask) -> PathPolynomial:
        stay = ~jumped
        rest = Targets(targets.length[stay], targets.arms[stay])
        return replace(fit(self._grid(used, stay), rest), jump_share=float(jumped.mean()))

    def _without_jumps(
        self, muscle: Any, used: list[int], targets: Targets, first: PathPolynomial
    ) -> PathPolynomial:
        """Fit again without the samples that OpenSim's path reaches by a jump only."""
        names = [self._names[i] for i in used]
        q = self._q[:, used]
        result, followed, jumped = first, *np.zeros((2, len(q)), dtype=bool)
        for _ in range(ROUNDS if len(used) <= DENSE else 2):
            length, arms = residuals(result, q * self._transmissions[used], targets)
            seen = arms[:, self._turning[used]] if _misses(result) else arms[:, :0]
            strange = np.where(followed, 0.0, strangeness(length, seen))
            worst = np.argsort(-strange)[:MOST_FOLLOWED]
            worst = worst[strange[worst] > STRANGE]
            found = jumps(self._at, muscle, names, q[worst], self._transmissions[used])
            followed[worst] = True
            jumped[worst] = found
            if not found.any():
                break
            if jumped.mean() > MOST_LEFT_OUT:
                return first
            result = self._refitted(used, targets, jumped)
        return result

    def _judged(self, own: PathPolynomial, targets: Targets) -> PathPolynomial:
        used = [self._names.index(n) for n in own.coordinates]
        seen = Targets(targets.length, targets.arms[:, used])
        length, arms = residuals(own, self._q[:, used], seen)
        turned = (arms / self._transmissions[used])[:, self._turning[used]]
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


def _wraps(muscle: Any) -> bool:
    path = geometry(muscle)
    return path is not None and path.getWrapSet().getSize() > 0


def _misses(p: PathPolynomial) -> bool:
    return p.length_rms_m > LENGTH_LIMIT or p.arm_rms_m > ARM_LIMIT


def _switch_notes(at: Opened, curved: Sequence[Any]) -> list[str]:
    """One line that names the conditional points at which a length jumps."""
    d = at.skeleton.description
    conditional = [m for m in curved if conditional_points(m)]
    if not conditional or not d.coordinates:
        return []
    q = low_discrepancy(d, SWITCH_SAMPLES, SEED)
    found = [s for m in conditional for s in switch_jumps(at, m, d.coordinate_names, q, SWITCHES_SEEN)[1]]
    named = ", ".join(map(str, found))
    return (
        [f"conditional path points at which OpenSim's length of the muscle jumps: {named}"] if named else []
    )


def _notes(found: dict[str, PathPolynomial]) -> Iterable[str]:
    """One line for each kind of trouble, with the muscles."""
    notes = {
        "muscles whose path in OpenSim jumps (a wrap flips over, a conditional point switches), with the share of the range of motion behind a "
        "jump, which their polynomials leave out": [
            f"{name} {p.jump_share:.1%}" for name, p in found.items() if p.jump_share > 0.0
        ],
        "muscles whose length OpenSim measures along outdated places of the wrap points (wraps in series), with "
        "the share of the range of motion, in which their paths were measured anew": [
            f"{name} {p.contradiction_share:.1%}" for name, p in found.items() if p.contradiction_share > 0.0
        ],
        "muscles whose polynomials differ from OpenSim's path by more than 1 mm in length or 1.5 mm in moment arm "
        "(RMS)": [
            f"{name} {p.length_rms_m * 1e3:.1f} and {p.arm_rms_m * 1e3:.1f} mm"
            for name, p in found.items()
            if _misses(p)
        ],
    }
    return [f"{what}: {', '.join(named)}" for what, named in notes.items() if named]
