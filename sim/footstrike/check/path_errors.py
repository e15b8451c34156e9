"""How far the muscle paths of a description are from OpenSim's, over the range of motion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from footstrike.dynamics.motion_range import ranges, transmissions
from footstrike.dynamics.rigid_body import Motion, Tree
from footstrike.model.description import Array, Description
from footstrike.model.measured import MusclePath
from footstrike.muscles.moment_arms import UnitForces
from footstrike.muscles.path_fit import ARM_LIMIT, LENGTH_LIMIT, STRANGE, Targets, residuals, rms, strangeness
from footstrike.muscles.paths import path_geometry
from footstrike.progress import Progress
from footstrike.workers.client import Worker

POSTURES = 512
SEED = 20  # other postures than those that were fitted
SOLVED = 3  # postures in which OpenSim's (slow) moment-arm solver is asked as well
SECONDS = 15.0  # for as many muscles and coordinates as it can answer
NO_ARM = 1e-9
SOLVER_LIMIT = 1e-6  # m
DIFFERENCE = 1e-5  # rad or m


@dataclass(frozen=True)
class MusclePathError:
    """Root-mean-square errors of length and moment arm over the range of motion, m.

    ``solver``: largest difference between moment arms by the forces on path points and by OpenSim's solver,
    m.
    """

    length: float
    arm: float
    solver: float


def path_errors(d: Description, text: str, worker: Worker, progress: Progress) -> dict[str, MusclePathError]:
    """Compare lengths and moment arms of all muscles, by name, at postures that were not fitted."""
    names = d.coordinate_names
    span = ranges(d)
    unit = qmc.Sobol(len(names), scramble=True, seed=SEED).random(POSTURES)
    q = span[:, 0] + unit * (span[:, 1] - span[:, 0])
    tree = Tree(d)
    curved = [m.name for m in d.muscles if m.polynomial is not None]
    paths: list[MusclePath] = worker.call("muscle_paths", text, names, q, curved, progress=progress)
    forces = UnitForces(tree, names, q)
    arms = {p.name: forces.of(p) for p in paths}
    odd = {p.name: p.contradiction[:SOLVED] for p in paths}
    solver = _solver_errors(d, tree, arms, odd, text, worker, q[:SOLVED], progress)
    lengths = _straight_lengths(d, tree, text, worker, q)
    errors = {n: (e, solver[n]) for n, e in lengths.items()}
    errors |= _polynomial_errors(d, paths, arms, text, worker, q)
    return {n: MusclePathError(*errors[n], solver[n]) for n in errors}


def _straight_lengths(d: Description, tree: Tree, text: str, worker: Worker, q: Array) -> dict[str, float]:
    """Root-mean-square errors of length of straight paths, m."""
    muscles = [m for m in d.muscles if m.polynomial is None]
    if not muscles:
        return {}
    names = d.coordinate_names
    ours = path_geometry(tree, _motion(tree, d, q), len(q), muscles).length
    theirs = worker.call("muscle_lengths", text, names, q, [m.name for m in muscles])
    rms = np.sqrt(np.mean((ours - theirs) ** 2, axis=0))
    return {m.name: float(e) for m, e in zip(muscles, rms, strict=True)}


def _motion(tree: Tree, d: Description, q: Array) -> Motion:
    return tree.motion({n: q[:, k] for k, n in enumerate(d.coordinate_names)})


def _polynomial_errors(
    d: Description, paths: list[MusclePath], arms: dict[str, Array], text: str, worker: Worker, q: Array
) -> dict[str, tuple[float, float]]:
    names = d.coordinate_names
    turning = np.array([c.motion != "translation" for c in d.coordinates])
    transmission = transmissions(d)
    muscles = {m.name: m for m in d.muscles}
    out = {}
    for path in paths:
        polynomial = muscles[path.name].polynomial
        assert polynomial is not None
        used = [names.index(n) for n in polynomial.coordinates]
        all_arms = arms[path.name]
        length, arm = residuals(polynomial, q[:, used], Targets(path.length, all_arms[:, used]))
        outside = np.setdiff1d(np.flatnonzero(turning), used)
        arm = arm / transmission[used]
        off = np.column_stack([arm[:, turning[used]], -all_arms[:, outside] / transmission[outside]])
        errors = np.inf, np.inf
        jumped = np.zeros(len(q), dtype=bool)
        for seen in (off[:, :0], off):  # moment arms only where they miss the limit
            if errors[0] > LENGTH_LIMIT or errors[1] > ARM_LIMIT:
                far = ~jumped & (strangeness(length, seen) > STRANGE)
                way = q[far][:, used], transmission[used]
                jumped[far] = _jumped(path.name, polynomial.coordinates, *way, text, worker)
                errors = _errors(length, off, ~jumped & ~path.contradiction)
        out[path.name] = errors
    return out


def _errors(length: Array, arms: Array, stay: NDArray[np.bool_]) -> tuple[float, float]:
    left = arms[stay]
    return rms(length[stay]), rms(left[:, np.abs(left).max(axis=0, initial=0.0) > NO_ARM])


def _jumped(
    muscle: str, names: tuple[str, ...], q: Array, turns: Array, text: str, worker: Worker
) -> NDArray[np.bool_]:
    if not q.size:
        return np.zeros(len(q), dtype=bool)
    return np.asarray(worker.call("path_jumps", text, muscle, names, q, turns))


def _solver_errors(
    d: Description,
    tree: Tree,
    curved: dict[str, Array],
    odd: dict[str, NDArray[np.bool_]],
    text: str,
    worker: Worker,
    q: Array,
    progress: Progress,
) -> dict[str, float]:
    """Largest differences of moment arms by the forces of unit tension from those of OpenSim's solver, m."""
    names = d.coordinate_names
    straight = [m for m in d.muscles if m.polynomial is None]
    ours = {n: a[: len(q)] for n, a in curved.items()}
    if straight:
        geometry = path_geometry(tree, _motion(tree, d, q), len(q), straight)
        arms = geometry.moment_arms(names)
        ours |= {m.name: arms[:, k] for k, m in enumerate(straight)}
    muscles = [m.name for m in d.muscles]
    stacked = np.stack([ours[n] for n in muscles], axis=1)
    wanted = np.abs(stacked).max(axis=0) > NO_ARM
    theirs = worker.call("moment_arms", text, names, q, muscles, wanted, SECONDS, progress=progress)
    for i, name in enumerate(muscles):
        if name in odd:
            theirs[odd[name], i] = np.nan  # where OpenSim contradicts itself
    error = np.nan_to_num(np.abs(stacked - theirs)).max(axis=(0, 2))
    for i in map(int, np.flatnonzero(error > SOLVER_LIMIT)):
        slope = _slope_of_length(text, worker, names, muscles[i], q)
        error[i] = min(error[i], np.abs(stacked[:, i] - slope).max())
    return dict(zip(muscles, error.tolist(), strict=True))


def _slope_of_length(text: str, worker: Worker, names: list[str], muscle: str, q: Array) -> Array:
    """Minus the slope of OpenSim's length: right where its moment arm forgets a moving path point."""
    columns = []
    for k in range(len(names)):
        step = np.zeros(len(names))
        step[k] = DIFFERENCE
        far, near = (worker.call("muscle_lengths", text, names, q + s * step, [muscle]) for s in (1, -1))
        columns.append((near - far)[:, 0] / (2 * DIFFERENCE))
    return np.column_stack(columns)
