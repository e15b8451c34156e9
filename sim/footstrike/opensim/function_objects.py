"""OpenSim's functions as plain data. Runs in the OpenSim worker."""

from __future__ import annotations

from typing import Any

import numpy as np

from footstrike.dynamics.joint_functions import compose, evaluate
from footstrike.errors import ModelError
from footstrike.model.description import Cubic, Function, Piecewise, Polynomial, Sine
from footstrike.opensim.opened_model import Array
from footstrike.opensim.osim import osim

Terms = list[tuple[str, Function]]

_EXACT = 1e-9  # largest difference from OpenSim's value, relative to the largest value
_ADDITIVE = 1e-12


def function(f: Any, owner: str) -> Function:
    """A function of one variable.

    Raises
    ------
    ModelError
        Its type cannot be expressed; ``owner``, the component that uses it, is named.
    """
    kind = f.getConcreteClassName()
    if kind not in _READERS:
        raise ModelError(
            f"{owner} uses a function of type {kind}, which cannot be expressed: refit it as a SimmSpline"
        )
    cast = getattr(osim, kind).safeDownCast(f)
    made: Function = _READERS[kind](cast, owner)
    _verify(made, f, kind, owner)
    return made


def terms(f: Any, names: list[str], owner: str) -> Terms:
    """A function of several coordinates as a sum of functions of one each; constants go to the first.

    Raises
    ------
    ModelError
        The function mixes its coordinates.
    """
    if len(names) == 1:
        return [(names[0], function(f, owner))]
    kind = f.getConcreteClassName()
    if kind == "LinearFunction":
        c = osim.LinearFunction.safeDownCast(f).getCoefficients()
        slopes = [c.get(i) for i in range(len(names))]
        constants = [c.get(len(names))] + [0.0] * (len(names) - 1)
        return [(n, Polynomial((b, a))) for n, a, b in zip(names, slopes, constants, strict=True)]
    if kind == "MultivariatePolynomialFunction":
        return _additive(osim.MultivariatePolynomialFunction.safeDownCast(f), names, owner)
    if kind == "MultiplierFunction":
        multiplier = osim.MultiplierFunction.safeDownCast(f)
        scale = Polynomial((0.0, multiplier.getScale()))
        return [(n, compose(scale, g)) for n, g in terms(multiplier.getFunction(), names, owner)]
    if kind == "Constant":
        return [(names[0], function(f, owner))]
    raise ModelError(f"{owner} uses a {kind} of {len(names)} coordinates, which cannot be expressed")


def monomials(f: Any) -> tuple[np.ndarray[Any, np.dtype[np.int_]], Array]:
    """Exponents (k, n) and coefficients (k,) of a MultivariatePolynomialFunction."""
    exponents = orders(f.get_dimension(), f.get_order())
    c = f.get_coefficients()
    return exponents, np.array([c.get(i) for i in range(c.size())])


def orders(dimension: int, order: int) -> np.ndarray[Any, np.dtype[np.int_]]:
    """Exponents of all monomials up to a total order, the last variable's running fastest, as in OpenSim."""
    rows: list[list[int]] = [[]]
    for _ in range(dimension):
        rows = [[*row, e] for row in rows for e in range(order - sum(row) + 1)]
    return np.array(rows, dtype=int).reshape(-1, dimension)


def _additive(f: Any, names: list[str], owner: str) -> Terms:
    exponents, coefficients = monomials(f)
    used = np.abs(coefficients) > _ADDITIVE * max(1.0, float(np.abs(coefficients).max()))
    if np.any((exponents[used] > 0).sum(axis=1) > 1):
        raise ModelError(
            f"{owner} uses a polynomial that mixes the coordinates {', '.join(names)}, which cannot be "
            "expressed: fit it by a sum of functions of one coordinate each"
        )
    out: Terms = []
    for k, name in enumerate(names):
        c = np.zeros(int(f.get_order()) + 1)
        for e, value in zip(exponents, coefficients, strict=True):
            if e[k] == e.sum() and (e[k] > 0 or k == 0):
                c[e[k]] += value
        out.append((name, Polynomial(tuple(float(v) for v in c))))
    return out


def _value(f: Any, x: float) -> float:
    return float(f.calcValue(osim.Vector(1, float(x))))


def _slope(f: Any, x: float) -> float:
    order = osim.StdVectorInt()
    order.push_back(0)
    return float(f.calcDerivative(order, osim.Vector(1, float(x))))


def _constant(f: Any, _owner: str) -> Function:
    return Polynomial((float(f.getValue()),))


def _line(f: Any, _owner: str) -> Function:
    return Polynomial((float(f.getIntercept()), float(f.getSlope())))


def _polynomial(f: Any, _owner: str) -> Function:
    c = f.getCoefficients()
    return Polynomial(tuple(float(c.get(i)) for i in range(c.size() - 1, -1, -1)))


def _multivariate(f: Any, owner: str) -> Function:
    return _additive(f, ["its only coordinate"], owner)[0][1]


def _multiplier(f: Any, owner: str) -> Function:
    return compose(Polynomial((0.0, float(f.getScale()))), function(f.getFunction(), owner))


def _sine(f: Any, _owner: str) -> Function:
    return Sine(*(float(p(f)) for p in (_property(n) for n in ("amplitude", "omega", "phase", "offset"))))


def _property(name: str) -> Any:
    return lambda f: osim.PropertyHelper.getValueDouble(f.getPropertyByName(name))


def _simm_spline(f: Any, _owner: str) -> Function:
    x = np.array([f.getX(i) for i in range(f.getSize())])
    return Cubic(x, np.array([_value(f, v) for v in x]), np.array([_slope(f, v) for v in x]))


def _lines(f: Any, owner: str) -> Function:
    x = np.array([f.getX(i) for i in range(f.getSize())])
    y = np.array([f.getY(i) for i in range(f.getSize())])
    slopes = np.diff(y) / np.diff(x)
    if len(x) > 1 and np.ptp(slopes) <= 1e-9 * max(1.0, float(np.abs(slopes).max())):
        return Polynomial((float(y[0] - slopes[0] * x[0]), float(slopes[0])))
    return _sampled(f, x, 1, 1)


def _steps(f: Any, _owner: str) -> Function:
    return _sampled(f, np.array([f.getX(i) for i in range(f.getSize())]), 0, 0)


def _gcv_spline(f: Any, _owner: str) -> Function:
    """A natural spline of odd degree: beyond the knots a polynomial of less than half that degree."""
    half = int(f.getHalfOrder())
    return _sampled(f, np.array([f.getX(i) for i in range(f.getSize())]), 2 * half - 1, half - 1)


def _smooth_step(f: Any, _owner: str) -> Function:
    return _sampled(f, np.array([f.getStartTime(), f.getEndTime()]), 5, 0)


def _sampled(f: Any, breaks: Array, inner: int, outer: int) -> Piecewise:
    """The pieces of a piecewise polynomial of known breaks and degrees, interpolated within each piece."""
    width = float(np.diff(breaks).mean()) if len(breaks) > 1 else 1.0
    edges = np.concatenate([[breaks[0] - width], breaks, [breaks[-1] + width]])
    pieces = len(breaks) + 1
    coefficients = np.zeros((pieces, inner + 1))
    for k in range(pieces):
        degree = outer if k in (0, pieces - 1) else inner
        nodes = -np.cos(np.pi * (np.arange(degree + 1) + 0.5) / (degree + 1))
        half = (edges[k + 1] - edges[k]) / 2
        middle = edges[k] + half
        values = [_value(f, middle + half * t) for t in nodes]
        scaled = np.linalg.solve(np.vander(nodes, increasing=True), values)
        coefficients[k, : degree + 1] = scaled / half ** np.arange(degree + 1)
    return Piecewise(breaks, (edges[:-1] + edges[1:]) / 2, coefficients)


def _verify(made: Function, f: Any, kind: str, owner: str) -> None:
    """Compare with OpenSim's own values within and beyond the knots."""
    low, high = _span(made)
    x = low + (high - low) * np.linspace(-0.3, 1.3, 41) + 1e-7
    theirs = np.array([_value(f, v) for v in x])
    ours = np.broadcast_to(evaluate(made, x)[0], x.shape)
    if np.abs(ours - theirs).max() > _EXACT * max(1.0, float(np.abs(theirs).max())):
        raise ModelError(f"{owner} uses a {kind} whose values could not be carried over exactly: refit it")


def _span(f: Function) -> tuple[float, float]:
    if isinstance(f, Piecewise):
        return float(f.breaks[0]), float(f.breaks[-1])
    return (float(f.x[0]), float(f.x[-1])) if isinstance(f, Cubic) else (-1.5, 1.5)


_READERS: dict[str, Any] = {
    "Constant": _constant,
    "LinearFunction": _line,
    "PolynomialFunction": _polynomial,
    "MultivariatePolynomialFunction": _multivariate,
    "MultiplierFunction": _multiplier,
    "Sine": _sine,
    "SimmSpline": _simm_spline,
    "NaturalCubicSpline": _simm_spline,
    "PiecewiseLinearFunction": _lines,
    "PiecewiseConstantFunction": _steps,
    "GCVSpline": _gcv_spline,
    "StepFunction": _smooth_step,
}
