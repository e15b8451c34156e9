"""What a simulated cycle is compared with: motion, ground force, and how much each counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from footstrike.brief import brief
from footstrike.gait.targets import Target
from footstrike.lumbar.net_load import MOMENTS
from footstrike.model.sides import mirror, without_side

Array = NDArray[np.float64]

FLIGHT_BEFORE_CONTACT = 0.06  # of a stride: a cycle starts this long before right initial contact
SAMPLES = 1001
THORAX_TILT: tuple[str, ...] = ("pelvis_tilt", "lumbar_extension")  # backward +
KNEE_WIDTHS = (0.116, 0.116)
FOOT_WIDTHS = (0.081, 0.054)
"""Widths of a change around contact, before and after it, of a stride: 81 ms; 57 and 38 ms at 3.5 m/s (experiments/targets/covariation.py)."""

_SMALLEST_SPREAD = np.deg2rad(1.0)
_MOMENT_GAP = (0.04, 0.08)  # of a stride, before and after contact
_LANDING_POSTURE = ("pelvis_tilt", "hip_flexion", "knee_angle", "ankle_angle")  # defines the strike pattern
_LANDING_EMPHASIS, _LANDING_WIDTH = 20.0, 0.03  # how much more it counts, and how long; of a stride


@dataclass(frozen=True)
class Average:
    """A value (rad or m) of the mean over the cycle of the sum of coordinates, each times its shape.

    ``shapes`` (P,) over the phases of the reference, one a coordinate; one everywhere if None.
    """

    __repr__ = brief

    names: tuple[str, ...]
    value: float
    shapes: tuple[Array, ...] | None = None


@dataclass(frozen=True)
class Reference:
    """Curves over the phase 0..1 of a cycle (P samples).

    Attributes
    ----------
    duration
        Of the cycle, s.
    speed
        m/s that the body travels at; None where it may start and end anywhere.
    coordinates, coordinate_weights
        By free coordinate (P,): rad or m, and 1 / SD^2.
    force, force_weights
        (P, 6): right fore-aft (forward +), up, sideways (right +), left likewise, in body weights; 1 / SD^2.
    rates, rate_weights
        Time derivatives of the coordinates that are compared, too, by name (P,): rad/s or m/s, and 1 / SD^2.
    moments, moment_weights
        Net moments that are compared, too, by name (P,): N m per kg of body mass, and 1 / SD^2. Those of L5/S1 are
        called ``L5S1_extension``, ``L5S1_bending`` and ``L5S1_rotation``, those of joints by the coordinate.
    averages
        What is held as an average over the cycle.
    """

    __repr__ = brief

    duration: float
    speed: float | None
    phase: Array
    coordinates: dict[str, Array]
    coordinate_weights: dict[str, Array]
    force: Array
    force_weights: Array
    rates: dict[str, Array] = field(default_factory=dict)
    rate_weights: dict[str, Array] = field(default_factory=dict)
    moments: dict[str, Array] = field(default_factory=dict)
    moment_weights: dict[str, Array] = field(default_factory=dict)
    averages: tuple[Average, ...] = ()

    def tracked(self, quantity: str, names: Sequence[str], phase: Array) -> tuple[Array, Array]:
        """(K, n) each: course and tracking weights of a quantity (:class:`footstrike.control.point.Quantities`).

        ``names`` are the coordinates or moments; what the reference does not say of one has no weight.
        """
        if quantity == "ground_force":
            return _read(self, self.force, phase), _read(self, self.force_weights, phase)
        curves, weights = {
            "coordinates": (self.coordinates, self.coordinate_weights),
            "speeds": (self.rates, self.rate_weights),
            "net_moments": (self.moments, self.moment_weights),
        }[quantity]
        none = np.zeros_like(self.phase)
        values, known = (
            np.stack([found.get(n, none) for n in names], axis=1) if names else np.zeros((len(none), 0))
            for found in (curves, weights)
        )
        return _read(self, values, phase), _read(self, known, phase)


def _read(reference: Reference, curves: Array, phase: Array) -> Array:
    columns = [np.interp(phase, reference.phase, c) for c in curves.T]
    return np.stack(columns, axis=1) if columns else np.zeros((len(phase), 0))


def step_reference(
    target: Target, step_time: float | None = None, tracked: Sequence[str] = MOMENTS
) -> Reference:
    """Half a stride, from just before right contact, of a left-right symmetric gait.

    ``step_time`` (s) replaces the target's own: the same motion, faster or slower. ``tracked`` names the moments of the
    target that are compared.
    """
    duration = step_time or target.stride_time / 2
    phase = np.linspace(0.0, 1.0, SAMPLES)
    of_stride = phase / 2 - FLIGHT_BEFORE_CONTACT
    reference = _reference(target, target, phase, of_stride, duration, landings=(0.0,))
    return _with_moments(reference, target, of_stride, tracked)


def stride_reference(
    right: Target, left: Target | None = None, stride_time: float | None = None
) -> Reference:
    """A whole stride, from just before right contact; the left leg may have a target of its own.

    Coordinates that belong to no side are those of the right target.
    """
    duration = stride_time or right.stride_time
    phase = np.linspace(0.0, 1.0, SAMPLES)
    of_stride = phase - FLIGHT_BEFORE_CONTACT
    reference = _reference(right, left or right, phase, of_stride, duration, landings=(0.0, 0.5))
    return _with_moments(reference, right, of_stride, MOMENTS)


def with_bump(
    reference: Reference,
    coordinate: str,
    phase: float,
    change: float,
    mirrored: bool,
    widths: tuple[float, float] = KNEE_WIDTHS,
) -> Reference:
    """The reference with a coordinate changed smoothly around a phase: what a prescribed value there leads to.

    The change goes on beyond the ends of the cycle, on the other side where a cycle is half a stride. ``widths`` of the
    Gaussian before and after the phase are shares of a stride.
    """
    before, after = (w * (2 if mirrored else 1) for w in widths)
    coordinates = dict(reference.coordinates)
    other = mirror(coordinate)[0] if mirrored else coordinate
    for name, centre in ((coordinate, phase), (other, phase + 1), (other, phase - 1)):
        since = reference.phase - centre
        bump = change * np.exp(-((since / np.where(since < 0, before, after)) ** 2))
        coordinates[name] = coordinates[name] + bump
    return replace(reference, coordinates=coordinates)


def scattered(reference: Reference, seed: int, bound: float = 0.0) -> Reference:
    """Another motion to start from: every angle moved by smooth random curves, the duration within ``bound`` of it.

    The curves have three harmonics and half the SD that the tracking weight stands for.
    """
    random = np.random.default_rng(seed)
    coordinates = {}
    for name, curve in reference.coordinates.items():
        weight = np.median(reference.coordinate_weights[name])
        size = 0.5 / np.sqrt(weight) if weight > 0 else 0.0
        waves = sum(
            random.normal() * np.sin(2 * np.pi * (k * reference.phase + random.uniform())) for k in (1, 2, 3)
        )
        coordinates[name] = curve + size / np.sqrt(3.0) * waves
    duration = reference.duration * (1 + bound * random.uniform(-1, 1))
    coordinates["pelvis_tx"] = reference.coordinates["pelvis_tx"]
    return replace(reference, coordinates=coordinates, duration=duration)


def _reference(
    right: Target, left: Target, phase: Array, of_stride: Array, duration: float, landings: tuple[float, ...]
) -> Reference:
    coordinates, weights = {}, {}
    for name in right.coordinates:
        target = left if name.endswith("_l") else right
        coordinates[name] = _at(target, target.coordinates[name], of_stride)
        spread = np.maximum(_at(target, target.spread[name], of_stride), _SMALLEST_SPREAD)
        weights[name] = _emphasis(name, of_stride, landings) / spread**2
    coordinates["pelvis_tx"] = coordinates["pelvis_tx"] + right.speed * duration * phase
    for name in ("pelvis_tx", "pelvis_ty"):
        weights[name] = np.zeros_like(phase)  # where the body is, the forces decide
    weights["pelvis_tz"] = np.full_like(phase, 1 / 0.05**2)
    forces = [
        _force(target, of_stride + shift, side)
        for target, shift, side in ((right, 0.0, 1.0), (left, 0.5, -1.0))
    ]
    force, force_weights = (np.concatenate(parts, axis=1) for parts in zip(*forces, strict=True))
    averages = (Average(THORAX_TILT, -right.lean),)
    return Reference(
        duration, right.speed, phase, coordinates, weights, force, force_weights, averages=averages
    )


def _with_moments(reference: Reference, target: Target, of_stride: Array, names: Sequence[str]) -> Reference:
    """The reference with moments of the target that are compared; their SD is its mean over the stride.

    Those of a leg are not while it lands: forces that were smoothed do not tell them.
    """
    weights = {}
    for name in names:
        sd = float(np.mean(target.moment_spread[name]))
        since = np.mod(of_stride + (0.5 if name.endswith("_l") else 0.0) + _MOMENT_GAP[0], 1.0)
        lands = (since < sum(_MOMENT_GAP)) & (without_side(name) != name)
        weights[name] = np.where(lands, 0.0, 1 / sd**2)
    moments = {name: _at(target, target.moments[name], of_stride) for name in names}
    return replace(reference, moments=moments, moment_weights=weights)


def _at(target: Target, curve: Array, of_stride: Array) -> Array:
    return np.asarray(np.interp(np.mod(of_stride, 1.0), target.phase, curve))


def _emphasis(name: str, of_stride: Array, landings: tuple[float, ...]) -> Array:
    """How much more the posture of pelvis and landing leg counts around its landing."""
    kind = without_side(name)
    out = np.ones_like(of_stride)
    if kind not in _LANDING_POSTURE:
        return out
    for landing in landings:
        if name in (kind, f"{kind}_r" if landing == 0.0 else f"{kind}_l"):
            out += _LANDING_EMPHASIS * np.exp(-(((of_stride - landing) / _LANDING_WIDTH) ** 2))
    return out


def _force(target: Target, of_stride: Array, side: float) -> tuple[Array, Array]:
    """(P, 3) each: fx, fy, fz of one foot in body weights, and 1/SD^2; zero in flight. ``side`` is 1 right, -1 left.

    Measured means carry 0.98 of the weight; they are scaled to carry all of it, since no periodic motion can
    follow less and the solver would seek the difference in the gaps of the mesh.
    """
    carried = np.trapezoid(target.force["fy"], target.force_phase) * target.contact_time
    to_weight = target.stride_time / 2 / float(carried)
    stance = np.mod(of_stride, 1.0) * target.stride_time / target.contact_time
    force, weights = [], []
    for axis, scale in (("fx", to_weight), ("fy", to_weight), ("fz", side)):
        curve = np.interp(stance, target.force_phase, scale * target.force[axis])
        force.append(np.where(stance <= 1.0, curve, 0.0))
        weights.append(np.full(len(stance), 1 / float(np.mean(target.force_spread[axis])) ** 2))
    return np.stack(force, axis=1), np.stack(weights, axis=1)
