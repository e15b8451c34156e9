"""Length and moment arms of muscles: from polynomials (numbers or symbols), or from forces on path points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from footstrike.dynamics.rigid_body import Tree
from footstrike.dynamics.scalars import Scalar
from footstrike.model.description import Array, PathPolynomial
from footstrike.model.measured import MusclePath
from footstrike.muscles.paths import NodeMotion, node_motion


def polynomial_length(path: PathPolynomial, q: Mapping[str, Scalar]) -> tuple[Scalar, dict[str, Scalar]]:
    """Length (m) and its derivatives to the coordinates of the path; moment arms are minus these."""
    x = [
        (q[n] - float(c)) * (1 / float(s))
        for n, c, s in zip(path.coordinates, path.centre, path.scale, strict=True)
    ]
    highest = path.exponents.max(axis=0, initial=0)
    powers = [_powers(v, int(e)) for v, e in zip(x, highest, strict=True)]
    length: Scalar = 0.0
    slope: list[Scalar] = [0.0] * len(x)
    for exponents, coefficient in zip(path.exponents, path.coefficients, strict=True):
        length = length + float(coefficient) * _product(powers, exponents)
        for i, e in enumerate(exponents):
            if e:
                lower = exponents.copy()
                lower[i] -= 1
                slope[i] = slope[i] + float(coefficient * e / path.scale[i]) * _product(powers, lower)
    return length, dict(zip(path.coordinates, slope, strict=True))


def _powers(x: Scalar, highest: int) -> list[Scalar]:
    out: list[Scalar] = [1.0]
    for _ in range(highest):
        out.append(out[-1] * x)
    return out


def _product(powers: Sequence[Sequence[Scalar]], exponents: Array) -> Scalar:
    result: Scalar = 1.0
    for power, e in zip(powers, exponents, strict=True):
        if e:
            result = power[int(e)] if isinstance(result, float) else result * power[int(e)]
    return result


class UnitForces:
    """Generalised forces of one newton of tension in paths that OpenSim has measured.

    Parameters
    ----------
    tree : the dynamics of the model
    names : free coordinates, the columns of ``q`` (T, n), rad and m
    """

    def __init__(self, tree: Tree, names: Sequence[str], q: Array) -> None:
        state: dict[str, Scalar] = {c.name: c.default for c in tree.description.coordinates}
        moved = tree.motion(state | {n: q[:, k] for k, n in enumerate(names)})
        self._tree, self._names = tree, list(names)
        self._moving: NodeMotion = node_motion(tree, moved, len(q))
        self._carried = [frozenset(nodes) for nodes in tree.children()]

    def of(self, path: MusclePath) -> Array:
        """(T, n): moment arms (m) of coordinates that turn, dimensionless for those that shift."""
        out = np.zeros((len(path.length), len(self._names)))
        if path.bodies:
            self._add_pulls(path, out)
        for name, extra in path.extra.items():
            if name in self._names:
                out[:, self._names.index(name)] += extra
        return out

    def _add_pulls(self, path: MusclePath, out: Array) -> None:
        places = [self._tree.placement[b] for b in path.bodies]
        nodes = [p.node for p in places]
        R, p = np.array([x.R for x in places]), np.array([x.p for x in places])
        local = p + np.einsum("pij,tpj->tpi", R, path.points)
        at = self._moving.p[:, nodes] + np.einsum("tpij,tpj->tpi", self._moving.R[:, nodes], local)
        moment = np.cross(at, path.pulls)
        for k, node in enumerate(self._tree.nodes):
            carried = [i for i, n in enumerate(nodes) if n in self._carried[k]]
            name = node.motion.coordinate if node.motion else None
            if name not in self._names or not carried or len(carried) == len(nodes):
                continue  # it moves nothing, or the path as a whole
            force = path.pulls[:, carried].sum(axis=1)
            along = force
            if node.motion is not None and node.motion.kind == "rotation":
                along = moment[:, carried].sum(axis=1) - np.cross(self._moving.p[:, k], force)
            axis = self._moving.R[:, k, :, node.axis] * self._moving.slope[:, k, None]
            out[:, self._names.index(name)] += np.einsum("ti,ti->t", axis, along)
