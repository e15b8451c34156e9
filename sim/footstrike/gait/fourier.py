"""Periodic curves as short Fourier series: smoothing, half-stride symmetry, double integration."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Parity = Literal["any", "repeats", "reverses"]


def coefficients(samples: Array, harmonics: int, parity: Parity = "any") -> NDArray[np.complex128]:
    """Complex Fourier coefficients of a curve sampled evenly over one period.

    Parameters
    ----------
    samples
        (n,) values over one period, the end point left out.
    harmonics
        Highest harmonic kept; fewer than n / 2.
    parity
        ``repeats``: the second half period equals the first (even harmonics only);
        ``reverses``: it is the first with changed sign (odd harmonics only).

    Returns
    -------
    ndarray
        (harmonics + 1,) with ``curve(p) = c0 + 2 Re sum(c_k exp(2 pi i k p))``.
    """
    series = np.fft.rfft(samples)[: harmonics + 1] / len(samples)
    order = np.arange(harmonics + 1)
    if parity == "repeats":
        series[order % 2 == 1] = 0.0
    elif parity == "reverses":
        series[order % 2 == 0] = 0.0
    return np.asarray(series, dtype=np.complex128)


def evaluate(series: NDArray[np.complex128], phase: Array) -> Array:
    """Values (n,) of a series at phases (n,), in periods."""
    order = np.arange(1, len(series))
    turns = np.exp(2j * np.pi * np.outer(phase, order))
    return np.asarray(series[0].real + 2.0 * (turns @ series[1:]).real, dtype=np.float64)


def double_integral(series: NDArray[np.complex128], period: float) -> NDArray[np.complex128]:
    """Periodic position (zero mean) whose acceleration is the series without its mean; period in s."""
    order = np.arange(1, len(series))
    position = np.zeros_like(series)
    position[1:] = -series[1:] / (2.0 * np.pi * order / period) ** 2
    return position


def smooth(samples: Array, harmonics: int, parity: Parity = "any") -> Array:
    """The samples (n,), one period without its end point, after a fit of ``harmonics`` harmonics.

    The half-stride symmetry of ``repeats`` and ``reverses`` is exact to the last bit; n must then be even.
    """
    n = len(samples)
    phase = np.arange(n) / n
    series = coefficients(samples, harmonics, parity)
    if parity == "any":
        return evaluate(series, phase)
    half = evaluate(series, phase[: n // 2])
    return np.concatenate([half, half if parity == "repeats" else -half])
