"""Three-dimensional algebra on scalars that are floats, numpy arrays over frames, or CasADi SX symbols.

Floats are constants: an exact zero or one disappears from the expression. So one recursion serves numbers
(vectorised over frames) and symbols (with a small expression graph). Vectors are lists of three scalars,
matrices are lists of three rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Scalar = Any
Vector = Sequence[Scalar] | NDArray[np.float64]
Matrix = Sequence[Sequence[Scalar]]

ZERO: Vector = (0.0, 0.0, 0.0)
IDENTITY: Matrix = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


def constant(values: Any) -> Any:
    """Nested lists of floats from an array, with rounding noise below 1e-13 set to exact 0, 1 or -1.

    Symbols among nested lists stay as they are.
    """
    if is_symbol(values):
        return values
    if not isinstance(values, np.ndarray) and has_symbols(values):
        return [constant(v) for v in values]
    array = np.asarray(values, dtype=float)
    snapped = np.round(array)
    snapped = np.where((np.abs(array - snapped) < 1e-13) & (np.abs(snapped) <= 1), snapped, array)
    return snapped.tolist()


def is_symbol(value: Any) -> bool:
    """Whether it is an expression of CasADi rather than a number or an array."""
    return hasattr(value, "is_symbolic")


def has_symbols(values: Any) -> bool:
    """Whether a scalar, or any scalar of nested lists, is a symbol."""
    if isinstance(values, np.ndarray):
        return False
    return any(map(has_symbols, values)) if isinstance(values, list | tuple) else is_symbol(values)


def is_zero(value: Scalar) -> bool:
    """Whether a scalar is exactly zero whatever the symbols are."""
    return not is_symbol(value) and bool(value == 0.0)


def add(a: Scalar, b: Scalar) -> Scalar:
    """``a + b`` without adding an exact zero."""
    if isinstance(a, float) and a == 0.0:
        return b
    if isinstance(b, float) and b == 0.0:
        return a
    return a + b


def sub(a: Scalar, b: Scalar) -> Scalar:
    """``a - b`` without subtracting an exact zero."""
    if isinstance(b, float) and b == 0.0:
        return a
    if isinstance(a, float) and a == 0.0:
        return -b
    return a - b


def mul(a: Scalar, b: Scalar) -> Scalar:
    """``a * b``; an exact zero annihilates, an exact one vanishes."""
    for x, y in ((a, b), (b, a)):
        if isinstance(x, float):
            if x == 0.0:
                return 0.0
            if x == 1.0:
                return y
            if x == -1.0:
                return -y
    return a * b


def dot(a: Vector, b: Vector) -> Scalar:
    """Scalar product."""
    return add(add(mul(a[0], b[0]), mul(a[1], b[1])), mul(a[2], b[2]))


def plus(a: Vector, b: Vector) -> Vector:
    """Sum of two vectors."""
    return [add(x, y) for x, y in zip(a, b, strict=True)]


def minus(a: Vector, b: Vector) -> Vector:
    """Difference of two vectors."""
    return [sub(x, y) for x, y in zip(a, b, strict=True)]


def scaled(s: Scalar, a: Vector) -> Vector:
    """A vector times a scalar."""
    return [mul(s, x) for x in a]


def cross(a: Vector, b: Vector) -> Vector:
    """Vector product."""
    return [
        sub(mul(a[1], b[2]), mul(a[2], b[1])),
        sub(mul(a[2], b[0]), mul(a[0], b[2])),
        sub(mul(a[0], b[1]), mul(a[1], b[0])),
    ]


def transform(R: Matrix, a: Vector) -> Vector:
    """``R @ a``."""
    return [dot(row, a) for row in R]


def transform_back(R: Matrix, a: Vector) -> Vector:
    """``R.T @ a``."""
    return [dot([R[0][i], R[1][i], R[2][i]], a) for i in range(3)]


def product(A: Matrix, B: Matrix) -> Matrix:
    """``A @ B``."""
    return [[dot(row, [B[0][j], B[1][j], B[2][j]]) for j in range(3)] for row in A]


def sin(x: Scalar) -> Scalar:
    """Sine of a number, an array or a symbol."""
    return x.sin() if hasattr(x, "sin") else np.sin(x)


def cos(x: Scalar) -> Scalar:
    """Cosine of a number, an array or a symbol."""
    return x.cos() if hasattr(x, "cos") else np.cos(x)


def arctan(x: Scalar) -> Scalar:
    """Inverse tangent of a number, an array or a symbol."""
    return x.arctan() if hasattr(x, "arctan") else np.arctan(x)


def exp(x: Scalar) -> Scalar:
    """Exponential of a number, an array or a symbol."""
    return x.exp() if hasattr(x, "exp") else np.exp(x)


def log(x: Scalar) -> Scalar:
    """Natural logarithm of a number, an array or a symbol."""
    return x.log() if hasattr(x, "log") else np.log(x)


def arcsinh(x: Scalar) -> Scalar:
    """Inverse hyperbolic sine of a number, an array or a symbol."""
    return x.arcsinh() if hasattr(x, "arcsinh") else np.arcsinh(x)


def sqrt(x: Scalar) -> Scalar:
    """Square root of a number, an array or a symbol."""
    return x.sqrt() if hasattr(x, "sqrt") else np.sqrt(x)


def tanh(x: Scalar) -> Scalar:
    """Hyperbolic tangent of a number, an array or a symbol."""
    return x.tanh() if hasattr(x, "tanh") else np.tanh(x)


def positive(x: Scalar, width: float) -> Scalar:
    """The positive part of a number, smooth within a width: too large by half of it at zero."""
    return (x + sqrt(x * x + width * width)) / 2
