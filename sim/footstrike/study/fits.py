"""Two kinds of smooth functions through scattered points, each with its leave-one-out error in closed form.

Coordinates are scaled: -1 and 1 at the ends of the range of the points.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from footstrike.brief import brief

Array = NDArray[np.float64]

DEGREES = (1, 2, 3, 4)
PENALTIES = tuple(10.0**k for k in range(-6, 2))
LENGTHS = (0.2, 20.0)
NOISE = (1e-7, 1e2)  # variance over the amplitude
STARTS = ((1.0, 1e-2), (0.4, 1e-1))
"""Lengths and noise from which the greatest likelihood is looked for."""


@dataclass(frozen=True)
class RidgePolynomial:
    """A polynomial whose coefficients are held small (ridge), the penalty by least leave-one-out error.

    Value: ``intercept + sum_j coefficients[j] * term_j(z)``, ``term_j(z) = prod_i z_i ** exponents[j][i]``. SD:
    ``scale * sqrt(1 + 1/n + t' spread t)``, with ``t`` the terms less ``means``; ``scale`` is such that the left-out errors
    have the spread that their own SDs say.
    """

    __repr__ = brief

    exponents: Array
    coefficients: Array
    intercept: float
    means: Array
    spread: Array
    scale: float
    points: int
    left_out: Array

    def __call__(self, z: Array) -> tuple[Array, Array]:
        """Value and SD (m,) at ``z`` (m, d)."""
        terms = _terms(z, self.exponents)
        away = terms - self.means
        leverage = 1.0 / self.points + np.einsum("mj,jk,mk->m", away, self.spread, away)
        return self.intercept + terms @ self.coefficients, self.scale * np.sqrt(1.0 + leverage)

    def plain(self) -> dict[str, Any]:
        """The coefficients by the names of the formula above."""
        return {
            "kind": "polynomial",
            "exponents": self.exponents.astype(int).tolist(),
            "coefficients": _short(self.coefficients),
            "intercept": float(self.intercept),
            "means": _short(self.means),
            "spread": _short(self.spread),
            "scale": float(self.scale),
            "n": self.points,
        }


@dataclass(frozen=True)
class GaussianFit:
    """A Gaussian process with a length for each variable (RBF) and noise.

    Value: ``mean + sum_i weights[i] * k(z, points[i])``, ``k(a, b) = amplitude * exp(-sum_j ((a_j - b_j) / lengths[j])**2 /
    2)``. SD: ``scale * sqrt(amplitude + noise - |white k|**2)``, with ``k`` between ``z`` and the points and ``white`` the
    inverse of the lower Cholesky factor of the covariance of the points; ``scale`` as that of a polynomial.
    """

    __repr__ = brief

    points: Array
    weights: Array
    mean: float
    amplitude: float
    lengths: Array
    noise: float
    white: Array
    scale: float
    left_out: Array

    def __call__(self, z: Array) -> tuple[Array, Array]:
        """Value and SD (m,) at ``z`` (m, d)."""
        apart = (z[:, None, :] - self.points[None, :, :]) / self.lengths
        k = self.amplitude * np.exp(-0.5 * np.sum(apart**2, axis=-1))
        left = self.amplitude + self.noise - np.sum((k @ self.white.T) ** 2, axis=1)
        return self.mean + k @ self.weights, self.scale * np.sqrt(np.maximum(left, 0.0))

    def plain(self) -> dict[str, Any]:
        """The numbers by the names of the formula above."""
        return {
            "kind": "gaussian process",
            "points": _short(self.points),
            "weights": _short(self.weights),
            "mean": float(self.mean),
            "amplitude": float(self.amplitude),
            "lengths": _short(self.lengths),
            "noise": float(self.noise),
            "white": [_short(row[: i + 1]) for i, row in enumerate(self.white)],
            "scale": float(self.scale),
        }


Fit = RidgePolynomial | GaussianFit
"""What a surface is: called with scaled coordinates it gives value and SD; ``left_out`` are its errors without each point."""


def fit_polynomial(z: Array, y: Array) -> RidgePolynomial:
    """The polynomial of least leave-one-out error, with at most one coefficient for two points.

    The penalty and its leave-one-out error are those of :class:`sklearn.linear_model.RidgeCV`.

    Parameters
    ----------
    z, y
        (n, d) scaled coordinates and (n,) values.
    """
    found = [_constant(z, y)]
    for degree in DEGREES:
        exponents = _exponents(z.shape[1], degree)
        if len(exponents) + 1 <= len(y) / 2:
            found.append(_ridge(z, y, exponents))
    return min(found, key=lambda fit: float(np.mean(fit.left_out**2)))


def fit_process(z: Array, y: Array) -> GaussianFit:
    """The Gaussian process of greatest likelihood; left-out errors are those of its lengths and noise.

    The likelihood is that of lengths and of noise over amplitude, with the amplitude that is best for them (Rasmussen &
    Williams 2006, Gaussian Processes for Machine Learning, eq. 2.30 and 5.9); left-out errors after their eq. 5.12.
    """
    mean, n, d = float(y.mean()), len(y), z.shape[1]
    away = y - mean
    apart = (z[:, None, :] - z[None, :, :]) ** 2
    bounds = [tuple(np.log(LENGTHS))] * d + [tuple(np.log(NOISE))]
    found = [
        minimize(_unlikelihood, np.log([*[length] * d, noise]), (apart, away), jac=True, bounds=bounds)
        for length, noise in STARTS
    ]
    *lengths, noise = np.exp(min(found, key=lambda one: float(one.fun)).x)
    k = _correlation(apart, np.array(lengths)) + noise * np.eye(n)
    white = np.linalg.inv(np.linalg.cholesky(k))
    amplitude = float(np.sum((white @ away) ** 2)) / n
    white /= np.sqrt(amplitude)
    weights, precision = white.T @ (white @ away), np.sum(white**2, axis=0)
    left_out = weights / precision
    scale = float(np.sqrt(np.mean(left_out**2 * precision)))
    return GaussianFit(
        z, weights, mean, amplitude, np.array(lengths), noise * amplitude, white, scale, left_out
    )


def _unlikelihood(logs: Array, apart: Array, away: Array) -> tuple[float, Array]:
    """Minus the logarithm of the likelihood (less a constant), and its gradient, by the logarithms of lengths and noise.

    Parameters
    ----------
    apart
        (n, n, d) squared distances along each variable.
    away
        (n,) values less their mean.
    """
    *lengths, noise = np.exp(logs)
    n = len(away)
    smooth = _correlation(apart, np.array(lengths))
    white = np.linalg.inv(np.linalg.cholesky(smooth + noise * np.eye(n)))
    inverse = white.T @ white
    weights = inverse @ away
    amplitude = float(away @ weights) / n
    slope = 0.5 * (inverse - np.outer(weights, weights) / amplitude)
    by_length = np.einsum("ij,ijk->k", slope * smooth, apart) / np.array(lengths) ** 2
    value = 0.5 * n * np.log(amplitude) - float(np.sum(np.log(np.diag(white))))
    return value, np.array([*by_length, noise * np.trace(slope)])


def _correlation(apart: Array, lengths: Array) -> Array:
    return np.asarray(np.exp(-0.5 * (apart @ (1.0 / lengths**2))))


def _ridge(z: Array, y: Array, exponents: Array) -> RidgePolynomial:
    from sklearn.linear_model import RidgeCV

    terms = _terms(z, exponents)
    model = RidgeCV(alphas=np.array(PENALTIES)).fit(terms, y)
    means = terms.mean(axis=0)
    away = terms - means
    spread = np.linalg.inv(away.T @ away + model.alpha_ * np.eye(len(exponents)))
    fitted = model.intercept_ + terms @ model.coef_
    own = 1.0 / len(y) + np.einsum("ij,jk,ik->i", away, spread, away)
    left_out = (y - fitted) / (1.0 - own)
    return RidgePolynomial(
        exponents,
        model.coef_,
        float(model.intercept_),
        means,
        spread,
        _calibrated(left_out, own),
        len(y),
        left_out,
    )


def _constant(z: Array, y: Array) -> RidgePolynomial:
    nothing = np.zeros((0, z.shape[1]))
    own = np.full(len(y), 1.0 / len(y))
    left_out = (y - y.mean()) / (1.0 - own)
    return RidgePolynomial(
        nothing,
        np.zeros(0),
        float(y.mean()),
        np.zeros(0),
        np.zeros((0, 0)),
        _calibrated(left_out, own),
        len(y),
        left_out,
    )


def _calibrated(left_out: Array, own: Array) -> float:
    """SD of a value about the function: a left-out error has 1 / (1 - its leverage) times the variance."""
    return float(np.sqrt(np.mean(left_out**2 * (1.0 - own))))


def _exponents(variables: int, degree: int) -> Array:
    """(terms, variables), all but the constant."""
    from sklearn.preprocessing import PolynomialFeatures

    powers = PolynomialFeatures(degree, include_bias=False).fit(np.zeros((1, variables))).powers_
    return np.asarray(powers, dtype=float)


def _terms(z: Array, exponents: Array) -> Array:
    return np.asarray(np.prod(z[:, None, :] ** exponents[None, :, :], axis=-1))


def _short(values: Array) -> Any:
    """Ten significant digits of each, as lists."""
    return np.vectorize(lambda v: float(f"{v:.10g}"), otypes=[float])(values).tolist() if values.size else []
