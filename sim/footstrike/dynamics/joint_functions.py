"""Joint functions and their derivatives, on numbers, arrays or symbols."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from footstrike.dynamics.scalars import Scalar, cos, is_symbol, is_zero, sin
from footstrike.model.description import Composite, Cubic, Function, Piecewise, Polynomial, Sine

Array = NDArray[np.float64]


def is_constant(function: Function) -> bool:
    """Whether the function has the same value everywhere."""
    if isinstance(function, Polynomial):
        return all(map(is_zero, function.coefficients[1:]))
    if isinstance(function, Composite):
        return is_constant(function.outer) or is_constant(function.inner)
    if isinstance(function, Sine):
        return is_zero(function.amplitude) or is_zero(function.omega)
    pieces = _pieces(function)
    return bool(not np.any(pieces.coefficients[:, 1:]) and np.ptp(pieces.coefficients[:, 0]) == 0)


def evaluate(function: Function, x: Scalar) -> tuple[Scalar, Scalar, Scalar]:
    """Value, first and second derivative of ``function`` at ``x``."""
    if isinstance(function, Polynomial):
        return _polynomial([c if is_symbol(c) else float(c) for c in function.coefficients] or [0.0], x)
    if isinstance(function, Composite):
        y, y1, y2 = evaluate(function.inner, x)
        z, z1, z2 = evaluate(function.outer, y)
        return z, z1 * y1, z2 * y1 * y1 + z1 * y2
    if isinstance(function, Sine):
        return _sine(function, x)
    pieces = _pieces(function)
    if isinstance(x, (int, float, np.ndarray)):
        k = np.searchsorted(pieces.breaks, x, side="right") - (np.asarray(x) == pieces.breaks[-1])
        return _polynomial(list(np.moveaxis(pieces.coefficients[k], -1, 0)), x - pieces.origins[k])
    origin, *coefficients = _chosen(pieces, x)
    return _polynomial(coefficients, x - origin)


def compose(outer: Function, inner: Function) -> Function:
    """``outer(inner(x))``; a line of a polynomial is a polynomial again."""
    if isinstance(outer, Polynomial) and isinstance(inner, Polynomial) and len(outer.coefficients) <= 2:
        b, a = (*outer.coefficients, 0.0, 0.0)[:2]
        scaled = [a * c for c in inner.coefficients] or [0.0]
        return Polynomial((scaled[0] + b, *scaled[1:]))
    return Composite(outer, inner)


def _polynomial(c: list[Scalar], x: Scalar) -> tuple[Scalar, Scalar, Scalar]:
    first = [j * a for j, a in enumerate(c)][1:]
    second = [j * a for j, a in enumerate(first)][1:]
    return _horner(c, x), _horner(first, x), _horner(second, x)


def _horner(coefficients: list[Scalar], x: Scalar) -> Scalar:
    if not coefficients:
        return 0.0
    result = coefficients[-1]
    for c in coefficients[-2::-1]:
        result = result * x
        if not (isinstance(c, float) and c == 0.0):
            result = result + c
    return result


def _sine(f: Sine, x: Scalar) -> tuple[Scalar, Scalar, Scalar]:
    s, c = sin(f.omega * x + f.phase), cos(f.omega * x + f.phase)
    return f.amplitude * s + f.offset, f.amplitude * f.omega * c, -f.amplitude * f.omega**2 * s


def _pieces(f: Cubic | Piecewise) -> Piecewise:
    """A Hermite cubic as polynomials, with straight lines outside."""
    if isinstance(f, Piecewise):
        return f
    h = np.diff(f.x)
    slope = np.diff(f.y) / h
    c2 = (3 * slope - 2 * f.dy[:-1] - f.dy[1:]) / h
    c3 = (f.dy[:-1] + f.dy[1:] - 2 * slope) / h**2
    inner = np.column_stack([f.y[:-1], f.dy[:-1], c2, c3])
    ends = [[f.y[k], f.dy[k], 0.0, 0.0] for k in (0, -1)]
    return Piecewise(f.x, np.append(f.x[:1], f.x), np.vstack([ends[0], inner, ends[1]]))


def _chosen(f: Piecewise, x: Scalar) -> list[Scalar]:
    """Origin and coefficients of the piece that holds ``x``, picked by comparisons, so that symbols work.

    A break belongs to the piece above it, the last one to the piece below, as in OpenSim's splines.
    """
    rows = np.column_stack([f.origins, f.coefficients])
    picked: list[Scalar] = [float(v) for v in rows[0]]
    for knot, change in zip(f.breaks, np.diff(rows, axis=0), strict=True):
        beyond = x > float(knot) if knot == f.breaks[-1] else x >= float(knot)
        picked = [p if d == 0.0 else p + beyond * float(d) for p, d in zip(picked, change, strict=True)]
    return picked
