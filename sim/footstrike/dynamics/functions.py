"""Joint functions and their derivatives, on numbers or on symbols."""

from __future__ import annotations

import numpy as np

from footstrike.dynamics.scalars import Scalar
from footstrike.model.description import Composite, Cubic, Function, Polynomial


def is_constant(function: Function) -> bool:
    """Whether the function has the same value everywhere."""
    if isinstance(function, Polynomial):
        return not any(function.coefficients[1:])
    if isinstance(function, Composite):
        return is_constant(function.outer) or is_constant(function.inner)
    return bool(np.ptp(function.y) == 0 and not np.any(function.dy))


def evaluate(function: Function, x: Scalar) -> tuple[Scalar, Scalar, Scalar]:
    """Value, first and second derivative of ``function`` at ``x``."""
    if isinstance(function, Polynomial):
        c = np.array(function.coefficients or (0.0,))
        powers = np.arange(len(c))
        first = (c * powers)[1:]
        second = (first * powers[:-1])[1:]
        return _horner(c, x), _horner(first, x), _horner(second, x)
    if isinstance(function, Composite):
        y, y1, y2 = evaluate(function.inner, x)
        z, z1, z2 = evaluate(function.outer, y)
        return z, z1 * y1, z2 * y1 * y1 + z1 * y2
    return _cubic(function, x)


def _horner(coefficients: np.ndarray[tuple[int], np.dtype[np.float64]], x: Scalar) -> Scalar:
    if len(coefficients) == 0:
        return 0.0
    result: Scalar = float(coefficients[-1])
    for c in coefficients[-2::-1]:
        result = result * x
        if c != 0.0:
            result = result + float(c)
    return result


def _cubic(f: Cubic, x: Scalar) -> tuple[Scalar, Scalar, Scalar]:
    """Hermite cubic in the interval of ``x``; the coefficients are picked by comparisons, so symbols work too."""
    h = np.diff(f.x)
    slope = np.diff(f.y) / h
    c2 = (3 * slope - 2 * f.dy[:-1] - f.dy[1:]) / h
    c3 = (f.dy[:-1] + f.dy[1:] - 2 * slope) / h**2
    rows = np.column_stack([f.x[:-1], f.y[:-1], f.dy[:-1], c2, c3])
    rows = np.vstack([[f.x[0], f.y[0], f.dy[0], 0, 0], rows, [f.x[-1], f.y[-1], f.dy[-1], 0, 0]])
    picked = [float(v) + 0.0 * x for v in rows[0]]
    for knot, before, after in zip(f.x, rows[:-1], rows[1:], strict=True):
        step = x >= float(knot)
        picked = [p + step * float(b - a) for p, a, b in zip(picked, before, after, strict=True)]
    x0, a0, a1, a2, a3 = picked
    d = x - x0
    return (
        a0 + d * (a1 + d * (a2 + d * a3)),
        a1 + d * (2 * a2 + d * 3 * a3),
        2 * a2 + d * 6 * a3,
    )
