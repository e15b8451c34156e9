"""Tools for signals that repeat every stride: filters without edges, interpolation, contact events.

A periodic signal here is sampled uniformly over one stride with both ends included, as in
:class:`footstrike.runs.run.Run`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

DENSE = (
    4096  # samples per stride after filtering: finer than 0.25 ms, so that rates do not depend on the mesh
)


@dataclass(frozen=True)
class Contact:
    """A stance phase: start and duration (s); ``start`` may be slightly negative (before the stride's
    origin).
    """

    start: float
    duration: float

    @property
    def end(self) -> float:
        """Toe-off, s."""
        return self.start + self.duration


def low_pass(signal: Array, period: float, cutoff: float, samples: int = DENSE) -> Array:
    """Fourth-order zero-phase Butterworth low-pass of a periodic signal, resampled.

    Equal to a second-order filter run forwards and backwards on endless repetitions of the stride (no edges):
    harmonics at frequency f are scaled by ``1 / (1 + (f / cutoff)**4)``.

    Parameters
    ----------
    signal
        (T,) or (T, k), both ends of the stride included.
    period
        s.
    cutoff
        Hz, the frequency of half amplitude (-6 dB) of the double pass.
    samples
        Number of samples of the answer over [0, period).

    Returns
    -------
    Array
        (samples,) or (samples, k), the end of the stride left out.
    """
    cycle = signal[:-1]
    spectrum = np.fft.rfft(cycle, axis=0)
    frequency = np.arange(spectrum.shape[0]) / period
    gain = 1.0 / (1.0 + (frequency / cutoff) ** 4)
    shaped = spectrum * gain.reshape(-1, *([1] * (signal.ndim - 1)))
    return np.asarray(np.fft.irfft(shaped, n=samples, axis=0) * (samples / cycle.shape[0]))


def derivative(signal: Array, period: float) -> Array:
    """Rate of change of a dense periodic signal (n,) without its end, by central differences."""
    step = period / signal.shape[0]
    return np.asarray((np.roll(signal, -1, axis=0) - np.roll(signal, 1, axis=0)) / (2.0 * step))


def at(signal: Array, time: float, period: float) -> float:
    """Linear interpolation of a periodic signal (T,), both ends included, at any time (s)."""
    grid = np.linspace(0.0, period, signal.shape[0])
    return float(np.interp(time % period, grid, signal))


def mean(signal: Array) -> float:
    """Mean over the stride (trapezoid rule), both ends included."""
    return float(np.trapezoid(signal) / (signal.shape[0] - 1))


def window(signal: Array, start: float, duration: float, period: float) -> tuple[Array, Array]:
    """Cut ``[start, start + duration]`` out of a dense periodic signal.

    Returns
    -------
    tuple of Array
        Times since ``start`` (n,), s, first 0 and last ``duration``; values (n,).
    """
    n = signal.shape[0]
    step = period / n
    count = max(2, round(duration / step) + 1)
    times = np.linspace(0.0, duration, count)
    position = ((start + times) / step) % n
    low = np.floor(position).astype(int) % n
    share = position - np.floor(position)
    return times, (1.0 - share) * signal[low] + share * signal[(low + 1) % n]


def find_contact(force: Array, period: float, threshold: float) -> Contact | None:
    """Longest interval of a dense periodic force (n,) above ``threshold``; crossings interpolated linearly.

    ``None`` if the force never crosses the threshold. The start lies within half a period of the origin.
    """
    above = force >= threshold
    if above.all() or not above.any():
        return None
    step = period / force.shape[0]
    before = np.roll(above, 1)
    ups = [_crossing(force, int(i), threshold) * step for i in np.flatnonzero(above & ~before)]
    downs = np.array([_crossing(force, int(i), threshold) * step for i in np.flatnonzero(~above & before)])
    contacts = [Contact(up, float(np.min((downs - up) % period))) for up in ups]
    longest = max(contacts, key=lambda contact: contact.duration)
    start = (longest.start + period / 2) % period - period / 2
    return Contact(start, longest.duration)


def _crossing(force: Array, i: int, threshold: float) -> float:
    """Return the sample position of the crossing between samples ``i - 1`` and ``i``."""
    a, b = force[i - 1], force[i]
    return i - 1 + float((threshold - a) / (b - a))


def power_share(
    signal: Array, period: float, band: tuple[float, float], within: tuple[float, float]
) -> float:
    """Share of a periodic signal's power in ``band`` (Hz) of its power in ``within`` (Hz).

    The signal (T,) includes both ends; each harmonic of the stride frequency counts where its frequency
    falls.
    """
    power = np.abs(np.fft.rfft(signal[:-1])) ** 2
    frequency = np.arange(power.size) / period
    total = power[_inside(frequency, within)].sum()
    return float(power[_inside(frequency, band)].sum() / total) if total > 0 else float("nan")


def band_power(signal: Array, period: float, band: tuple[float, float]) -> float:
    """Power of a periodic signal (T,) in ``band`` (Hz), in its units squared."""
    amplitude = np.abs(np.fft.rfft(signal[:-1])) / (signal.size - 1)
    frequency = np.arange(amplitude.size) / period
    return float(2.0 * (amplitude[_inside(frequency, band)] ** 2).sum())


def _inside(frequency: Array, band: tuple[float, float]) -> NDArray[np.bool_]:
    return (frequency >= band[0]) & (frequency <= band[1])
