"""Bodies that cannot be, and coordinates that nothing resists."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from footstrike.dynamics.motion_range import file_range
from footstrike.dynamics.rigid_body import Tree
from footstrike.errors import ModelError
from footstrike.model.description import Array, Body, Description

ROUNDING = 1e-3  # of the largest principal moment, in which a file may be rounded
NOTHING = 1e-12  # of the largest inertia of a coordinate, or of the coordinates' coupling
SHARE = 0.1  # of a motion without inertia, from which a coordinate belongs to it
POSTURES = 3


def impossible_inertias(bodies: Iterable[Body]) -> list[str]:
    """One warning for each kind of impossible inertia, with the bodies and their principal moments.

    Raises
    ------
    ModelError
        A mass, mass centre or inertia is not finite.
    """
    kinds: dict[str, list[str]] = {}
    for b in bodies:
        if not all(np.all(np.isfinite(v)) for v in (b.mass, b.com, b.inertia)):
            raise ModelError(
                f"body {b.name!r} has a mass, mass centre or inertia that is not a finite number"
            )
        kind = _fault(b)
        if kind:
            moments = " ".join(f"{v:.3g}" for v in np.linalg.eigvalsh(b.inertia))
            kinds.setdefault(kind, []).append(f"{b.name} ({b.mass:.4g} kg; {moments} kg m2)")
    return [f"{kind}: {', '.join(named)}" for kind, named in kinds.items()]


def _fault(body: Body) -> str:
    low, middle, high = np.linalg.eigvalsh(body.inertia)
    if low < -ROUNDING * max(abs(low), abs(high)):
        return "bodies with a negative principal moment of inertia, which no mass has"
    if high > (low + middle) + ROUNDING * high:
        return "bodies whose largest principal moment of inertia exceeds the sum of the others, which no mass does"
    if body.mass > 0.0 and high == 0.0:
        return "bodies that have mass but no inertia (is it missing in the file?)"
    return ""


def without_inertia(d: Description) -> list[str]:
    """The free coordinates that can be accelerated, alone or together, without a force, in any posture."""
    if not d.coordinates:
        return []
    alone = np.ones(len(d.coordinates), dtype=bool)
    for matrix in _mass_matrices(d):
        alone &= _unresisted(matrix)
    return [n for n, free in zip(d.coordinate_names, alone, strict=True) if free]


def _unresisted(matrix: Array) -> Array:
    """(n,) whether each coordinate takes part in a motion that has no inertia."""
    own = np.diag(matrix)
    none = own <= NOTHING * own.max(initial=0.0)
    scale = np.where(none, 1.0, np.sqrt(np.where(none, 1.0, own)))
    values, vectors = np.linalg.eigh(matrix / np.outer(scale, scale) + np.diag(none.astype(float)))
    return np.asarray(none | (np.abs(vectors[:, values < NOTHING]) > SHARE).any(axis=1))


def _mass_matrices(d: Description) -> Array:
    """(POSTURES, n, n) generalised inertias at random postures, from forces without gravity."""
    n = len(d.coordinates)
    low, high = np.array([file_range(c) for c in d.coordinates]).T
    q = np.repeat(low + (high - low) * np.random.default_rng(2).uniform(0.2, 0.8, (POSTURES, n)), n, axis=0)
    unit = np.tile(np.eye(n), (POSTURES, 1))
    tree = Tree(replace(d, gravity=np.zeros(3)))
    at, rate, acceleration = (
        {name: a[:, k] for k, name in enumerate(d.coordinate_names)} for a in (q, 0.0 * q, unit)
    )
    tau = tree.inverse_dynamics(tree.motion(at, rate, acceleration))
    columns = [np.broadcast_to(np.asarray(tau[c], dtype=float), (len(q),)) for c in d.coordinate_names]
    whole = np.stack(columns, axis=-1).reshape(POSTURES, n, n)
    return np.asarray((whole + whole.transpose(0, 2, 1)) / 2)
