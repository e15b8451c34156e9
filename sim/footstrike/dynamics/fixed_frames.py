"""Constant rotations, points and inertias of a model, whose numbers may be symbols.

Arrays are computed with numpy; as soon as a symbol is among the numbers, the results are nested lists of scalars
(:mod:`footstrike.dynamics.scalars`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from footstrike.dynamics.scalars import (
    Scalar,
    constant,
    cos,
    dot,
    has_symbols,
    is_zero,
    minus,
    mul,
    plus,
    product,
    scaled,
    sin,
    sub,
    transform,
)

Array = NDArray[np.float64]


def product_of(A: Array, B: Array) -> Array:
    """``A @ B``, both (3, 3)."""
    if has_symbols([A, B]):
        return _as_array(product(constant(A), constant(B)))
    return np.asarray(A) @ np.asarray(B)


def transposed(R: Array) -> Array:
    """``R.T``."""
    return _as_array([list(row) for row in zip(*R, strict=True)]) if has_symbols(R) else np.asarray(R).T


def placed(p: Array, R: Array, x: Array, amount: Scalar = 1.0) -> Array:
    """``p + R @ x * amount``: where a point or a direction of a frame leads to."""
    if has_symbols([p, R, x, amount]):
        return _as_array(plus(constant(p), scaled(amount, transform(constant(R), constant(x)))))
    return np.asarray(np.asarray(p) + np.asarray(R) @ np.asarray(x) * amount)


def placed_back(p: Array, R: Array, x: Array) -> Array:
    """``p - R @ x``."""
    if has_symbols([p, R, x]):
        return _as_array(minus(constant(p), transform(constant(R), constant(x))))
    return np.asarray(p) - np.asarray(R) @ np.asarray(x)


def rotation(axis: Array, angle: Scalar) -> Array:
    """Rotation (3, 3) about a unit axis (3,)."""
    x, y, z = axis
    K = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    if has_symbols(angle):
        turned = [scaled(sin(angle), row) for row in constant(K)]
        twice = [scaled(1 - cos(angle), row) for row in constant(K @ K)]
        return _as_array(
            [plus(a, plus(b, c)) for a, b, c in zip(constant(np.eye(3)), turned, twice, strict=True)]
        )
    return np.asarray(np.eye(3) + np.sin(angle) * K + (1 - np.cos(angle)) * K @ K)


def with_moment(total: Array, mass: Scalar, c: Array) -> Array:
    """``total + mass * c``: moments of mass (3,), kg m."""
    if has_symbols([total, mass, c]):
        return _as_array(plus(constant(total), scaled(mass, constant(c))))
    return np.asarray(total + mass * np.asarray(c))


def with_inertia(total: Array, R: Array, inertia: Array, mass: Scalar, c: Array) -> Array:
    """``total`` plus the inertia (3, 3) of a body turned by ``R`` whose centre of mass is at ``c``, kg m2."""
    if not has_symbols([total, R, inertia, mass, c]):
        R, c = np.asarray(R), np.asarray(c)
        return np.asarray(
            total + R @ inertia @ R.T + mass * (c @ c * np.eye(3) - np.outer(c, c))  # Steiner
        )
    A, x = constant(R), constant(c)
    turned = product(product(A, constant(inertia)), constant(transposed(R)))
    steiner = [
        [mul(mass, sub(dot(x, x) if i == j else 0.0, mul(x[i], x[j]))) for j in range(3)] for i in range(3)
    ]
    return _as_array([plus(t, plus(a, b)) for t, a, b in zip(constant(total), turned, steiner, strict=True)])


def is_massless(mass: Scalar, inertia: Array) -> bool:
    """Whether mass (kg) and inertia (3, 3) are zero."""
    return is_zero(mass) and all(is_zero(v) for row in inertia for v in row)


def _as_array(nested: Any) -> Array:
    """Nested lists of scalars under the type of the arrays that they stand for."""
    value: Array = nested
    return value
