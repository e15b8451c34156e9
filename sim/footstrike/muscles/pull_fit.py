"""How much of a muscle's tension loads a joint along an axis, as a polynomial in the coordinates that the muscle spans.

The force of a joint on the segment above or below it is what motion and ground ask, less the pull of every muscle that
crosses it (:func:`footstrike.muscles.load_sharing.reaction`). The pull of one newton, seen in the axes of the joint, depends
on a few coordinates only, and smoothly: it is sampled where the paths were (:mod:`footstrike.muscles.running_paths`) and
fitted by least squares.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from footstrike.brief import brief
from footstrike.dynamics.rigid_body import Motion, Tree
from footstrike.model.description import Array, Description, PathPolynomial, PullPolynomial
from footstrike.muscles.path_fit import Exponents, all_exponents, rms
from footstrike.muscles.paths import path_geometry
from footstrike.muscles.running_paths import Measure, running_postures

HIGHEST_ORDER = 5
CLOSE = 1e-3  # of the tension, RMS: a polynomial of this order will do
NO_PULL = 1e-4  # of the tension; below, a muscle does not load the joint
NO_INFLUENCE = 1e-3  # of the tension; below, a pull does not depend on a coordinate

Axes = Callable[[Tree, Motion, int], Array]
"""Unit vectors (T, k, 3) in ground along which the force of a joint is told, in each of T frames of a motion."""


@dataclass(frozen=True)
class Pulls:
    """Of one joint, along k axes.

    Attributes
    ----------
    polynomials
        By axis, by muscle: the force of the joint on its child, along the axis, per newton of the muscle's tension.
    error
        (k,) RMS error over the samples of the pull of all muscles together at equal tension, over that pull's RMS.
    """

    __repr__ = brief

    polynomials: tuple[Mapping[str, PullPolynomial], ...]
    error: Array


def joint_pulls(
    description: Description,
    measure: Measure,
    joints: Mapping[str, Axes],
    paths: Mapping[str, PathPolynomial],
) -> dict[str, Pulls]:
    """The pulls of all muscles on joints, by joint.

    Parameters
    ----------
    measure
        Paths of curved muscles, as for :func:`footstrike.muscles.running_paths.running_paths`.
    joints
        Names, and the axes along which their force is told.
    paths
        Of the muscles that count; their coordinates are those of the pulls.
    """
    names, q = running_postures(description)
    tree = Tree(description, keep=joints)
    motion = tree.motion({name: q[:, i] for i, name in enumerate(names)})
    muscles = [m for m in description.muscles if m.name in paths]
    curved = [m.name for m in muscles if not m.path]
    sampled = measure(names, q, curved) if curved else ()
    still = {name: np.zeros(len(q)) for name in names}
    geometry = path_geometry(tree, motion, len(q), muscles, sampled, still)
    carried = tree.children()
    columns = {name: q[:, i] for i, name in enumerate(names)}
    children = {j.name: j.child for j in description.joints}
    out = {}
    for joint, axes in joints.items():
        above = np.isin(geometry.node, carried[tree.placement[children[joint]].node])
        force = np.add.reduceat(np.where(above[:, None], geometry.force, 0.0), geometry.first, axis=1)
        along = -np.einsum("tmi,tki->tmk", force, axes(tree, motion, len(q)))
        out[joint] = _fitted(along, [paths[m.name] for m in muscles], [m.name for m in muscles], columns)
    return out


def _fitted(
    along: Array, paths: Sequence[PathPolynomial], names: Sequence[str], q: Mapping[str, Array]
) -> Pulls:
    polynomials: list[dict[str, PullPolynomial]] = [{} for _ in range(along.shape[2])]
    missed = np.zeros((along.shape[0], along.shape[2]))
    for m, (name, path) in enumerate(zip(names, paths, strict=True)):
        if np.abs(along[:, m]).max() < NO_PULL:
            continue
        for k in range(along.shape[2]):
            polynomials[k][name], off = _fit(along[:, m, k], path, q)
            missed[:, k] += off
    whole = along.sum(axis=1)
    return Pulls(
        tuple(polynomials), np.array([rms(a) / rms(b) for a, b in zip(missed.T, whole.T, strict=True)])
    )


def _fit(values: Array, path: PathPolynomial, q: Mapping[str, Array]) -> tuple[PullPolynomial, Array]:
    """Full polynomial, of the lowest order that is close, in those coordinates of the path that the values depend on; what it
    misses.
    """
    x = np.stack([q[name] for name in path.coordinates], axis=1)
    x = (x - path.centre) / path.scale
    used = _matters(x, values)
    for order in range(1, HIGHEST_ORDER + 1):
        exponents = all_exponents(len(used), order)
        design = _design(x[:, used], exponents)
        coefficients = np.asarray(np.linalg.lstsq(design, values, rcond=None)[0], dtype=float)
        off = design @ coefficients - values
        if rms(off) <= CLOSE:
            break
    names = tuple(path.coordinates[i] for i in used)
    return PullPolynomial(names, path.centre[used], path.scale[used], exponents, coefficients), off


def _matters(x: Array, values: Array) -> list[int]:
    """The coordinates whose terms of second order contribute to the values."""
    exponents = all_exponents(x.shape[1], 2)
    design = _design(x, exponents)
    terms = design * np.linalg.lstsq(design, values, rcond=None)[0]
    parts = [rms(terms[:, moved].sum(axis=1)) for moved in exponents.T > 0]
    return [i for i, part in enumerate(parts) if part > NO_INFLUENCE] or [0]


def _design(x: Array, exponents: Exponents) -> Array:
    return np.asarray(np.prod(x[:, None, :] ** exponents[None], axis=2))
