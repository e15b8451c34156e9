"""Muscle paths of a model description in the form of OpenSim's MultivariatePolynomialFunction."""

from __future__ import annotations

from itertools import product
from math import comb

import numpy as np

from footstrike.model.description import Array, PathPolynomial


def multivariate(polynomial: PathPolynomial) -> tuple[int, Array]:
    """Order and all coefficients, in unscaled coordinates; the last coordinate's exponent counts up first."""
    order = int(polynomial.exponents.sum(axis=1).max())
    count = len(polynomial.coordinates)
    slots = [e for e in product(range(order + 1), repeat=count) if sum(e) <= order]
    where = {e: k for k, e in enumerate(slots)}
    out = np.zeros(len(slots))
    for exponents, coefficient in zip(polynomial.exponents, polynomial.coefficients, strict=True):
        expanded = [
            _expanded(int(e), float(c), float(s))
            for e, c, s in zip(exponents, polynomial.centre, polynomial.scale, strict=True)
        ]
        for powers in product(*(range(len(x)) for x in expanded)):
            out[where[powers]] += coefficient * np.prod([x[p] for x, p in zip(expanded, powers, strict=True)])
    return order, out


def _expanded(exponent: int, centre: float, scale: float) -> Array:
    """Coefficients, lowest power first, of ((q - centre) / scale)**exponent."""
    return (
        np.array([comb(exponent, k) * (-centre) ** (exponent - k) for k in range(exponent + 1)])
        / scale**exponent
    )
