"""Muscles inside an optimal control problem: the torques they make, with exact derivatives by the chain rule.

A muscle acts through its length and the slopes of its length, polynomials in the few coordinates that it spans;
everything else is a small function of these. Derivatives of that function are made once for every number of
coordinates and put together with those of the polynomials, which keeps the expressions ten times smaller than
differentiating the torques as a whole would. What a muscle adds to the loads of a point (:mod:`footstrike.control.point_loads`) goes
the same way: a pull is one more polynomial, its metabolic rate one more number that the small function gives.

Tendons are rigid, but where a tendon's stretch matters its force is a variable of its own, and the muscle has to
be in equilibrium with it: force = cos(pennation) (activation x length x velocity + passive), all in maximal
isometric forces (De Groote et al. 2016, Ann Biomed Eng 44:2922).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations_with_replacement
from typing import Any

import numpy as np

from footstrike.brief import brief
from footstrike.control.nlp import Differentiated
from footstrike.control.point_loads import Load
from footstrike.control.problem import Drive
from footstrike.dynamics.scalars import constant
from footstrike.model.description import Muscle, PathPolynomial, PullPolynomial
from footstrike.muscles.metabolic_rate import excitation_of, smooth_rate
from footstrike.muscles.strength import (
    fibre,
    force_length,
    force_velocity,
    parameters,
    passive_force,
    tendon_compliance,
    tendon_length,
)
from footstrike.workers.casadi_ import ca

Entries = dict[tuple[int, int], Any]
Derivatives = Callable[..., Any]
"""A polynomial's derivative with respect to the coordinates whose places are given; its value without any."""

MOMENT = 100.0  # N m, of the scaled balances of moments


@dataclass(frozen=True)
class Columns:
    """Where a point's vector has what muscles need.

    ``value`` and ``rate`` (per phase) by coordinate, and by muscle whose tendon stretches for its force. ``activation_rate``
    (per phase) only where a load has metabolic rates.
    """

    __repr__ = brief

    value: Mapping[str, int]
    rate: Mapping[str, int]
    duration: int
    activation: Mapping[str, int]
    activation_rate: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class LoadRow:
    """Place of a load among the constraints."""

    __repr__ = brief

    place: int
    load: Load


def muscle_part(
    drive: Drive,
    y: Any,
    columns: Columns,
    rows: Mapping[str, int],
    balances: Mapping[str, int],
    count: int,
    loads: Sequence[LoadRow] = (),
) -> Differentiated:
    """Minus the muscles' torques (in :data:`MOMENT`) in the rows of their coordinates, and the balance of compliant tendons.

    Parameters
    ----------
    y
        (ny,) what a point sees.
    rows, balances
        LoadRow of each balanced coordinate, and of the balance of each muscle whose tendon stretches.
    count
        Number of rows.
    loads
        Rows to which muscles add tension and metabolic rate.
    """
    jets = _Jets(y, columns)
    multipliers = ca.SX.sym("multipliers", count)
    value: dict[int, Any] = defaultdict(float)
    first: Entries = defaultdict(float)
    second: Entries = defaultdict(float)
    for muscle in drive.muscles:
        _Member(muscle, drive, jets, columns, (rows, balances, loads)).add_to(
            value, first, second, y, multipliers
        )
    values = ca.vertcat(*[value.get(k, 0.0) for k in range(count)])
    ny = y.numel()
    return Differentiated(values, _matrix(first, count, ny), _matrix(second, ny, ny), multipliers)


class _Jets:
    """Polynomials and their derivatives up to the third; monomials are shared by all muscles."""

    def __init__(self, y: Any, columns: Columns) -> None:
        self._y, self._columns = y, columns
        self._powers: dict[tuple[str, float, float], list[Any]] = {}
        self._products: dict[tuple[Any, ...], Any] = {}

    def of(self, path: PathPolynomial | PullPolynomial, most: int = 3) -> dict[tuple[int, ...], Any]:
        """Derivatives up to an order by sorted tuple of the coordinates' places; () is the length or pull itself."""
        n = len(path.coordinates)
        sums: dict[tuple[int, ...], Any] = defaultdict(float)
        wanted = [w for order in range(most + 1) for w in combinations_with_replacement(range(n), order)]
        for exponents, coefficient in zip(path.exponents, constant(path.coefficients), strict=True):
            for which in wanted:
                left, factor = list(map(int, exponents)), 1.0
                for i in which:
                    factor *= left[i] / float(path.scale[i])
                    left[i] -= 1
                if factor != 0.0:
                    sums[which] = sums[which] + factor * coefficient * self._monomial(path, tuple(left))
        return sums

    def _monomial(self, path: PathPolynomial | PullPolynomial, exponents: tuple[int, ...]) -> Any:
        factors = []
        for i, e in enumerate(exponents):
            if e:
                key = (path.coordinates[i], float(path.centre[i]), float(path.scale[i]))
                factors.append((key, e))
        known = self._products.get(tuple(factors))
        if known is None:
            known = 1.0
            for key, e in factors:
                known = known * self._power(key, e)
            self._products[tuple(factors)] = known
        return known

    def _power(self, key: tuple[str, float, float], e: int) -> Any:
        name, centre, scale = key
        powers = self._powers.setdefault(key, [(self._y[self._columns.value[name]] - centre) / scale])
        while len(powers) < e:
            powers.append(powers[-1] * powers[0])
        return powers[e - 1]


class _Member:
    """One muscle in the problem."""

    def __init__(
        self,
        muscle: Muscle,
        drive: Drive,
        jets: _Jets,
        columns: Columns,
        rows: tuple[Mapping[str, int], Mapping[str, int], Sequence[LoadRow]],
    ) -> None:
        path = drive.paths[muscle.name]
        balanced, balances, loads = rows
        self.muscle, self.n = muscle, len(path.coordinates)
        self.compliant = muscle.name in drive.compliant
        self.jet = jets.of(path)
        pulled = [r for r in loads if muscle.name in r.load.pull]
        warm = [r for r in loads if muscle.name in r.load.heat]
        pulls = [r.load.pull[muscle.name] for r in pulled]
        self.pulls = [(jets.of(p, 2), [path.coordinates.index(c) for c in p.coordinates]) for p in pulls]
        self.heat = warm[0].load.heat[muscle.name] if warm else None
        self.units = [r.load.scale for r in (*pulled, *warm)]
        self.q = [columns.value[c] for c in path.coordinates]
        self.others = [columns.rate[c] for c in path.coordinates]
        self.others += [columns.duration, columns.activation[muscle.name]]
        if self.compliant:
            self.others += [columns.value[muscle.name], columns.rate[muscle.name]]
        if self.heat:
            self.others.append(columns.activation_rate[muscle.name])
        self.rows: list[int | None] = [balanced.get(c) for c in path.coordinates]
        if self.compliant:
            self.rows.append(balances[muscle.name])
        self.rows += [r.place for r in (*pulled, *warm)]
        self.kind = _Kind(self.n, self.compliant, muscle.name in drive.passive, len(pulled), bool(warm))

    def add_to(
        self, value: dict[int, Any], first: Entries, second: Entries, y: Any, multipliers: Any
    ) -> None:
        """Add value, first derivatives, and second derivatives (upper triangle) times the multipliers."""
        n = self.n
        inner: list[Derivatives] = [
            self._at,
            *(self._slope(j) for j in range(n)),
            *map(self._pull, range(len(self.pulls))),
        ]
        z = ca.vertcat(*[f() for f in inner])
        others = ca.vertcat(*[y[i] for i in self.others])
        lam = ca.vertcat(*[0.0 if r is None else multipliers[r] for r in self.rows])
        constants = (*parameters(self.muscle), *self._of_heat(), *self.units)
        outputs, jacobian, gradient, hessian = _small(self.kind)(z, others, ca.vertcat(*constants), lam)
        slopes = ca.vertcat(*[ca.horzcat(*[f(k) for k in range(n)]) for f in inner])
        places, m = self.q + self.others, len(inner)
        J = ca.horzcat(jacobian[:, :m] @ slopes, jacobian[:, m:])
        for k, row in enumerate(self.rows):
            if row is None:
                continue
            value[row] = value[row] + outputs[k]
            for c, place in enumerate(places):
                _add(first, row, place, J[k, c])
        self._curve(second, places, slopes, gradient, hessian, inner)

    def _curve(
        self,
        second: Entries,
        places: list[int],
        slopes: Any,
        gradient: Any,
        hessian: Any,
        inner: Sequence[Derivatives],
    ) -> None:
        n, m = self.n, len(inner)
        own = slopes.T @ hessian[:m, :m] @ slopes
        mixed = slopes.T @ hessian[:m, m:]
        H = ca.blockcat([[own, mixed], [mixed.T, hessian[m:, m:]]])
        for a in range(len(places)):
            for b in range(a, len(places)):
                term = H[a, b]
                if b < n:
                    for k, f in enumerate(inner):
                        term = term + gradient[k] * f(a, b)
                low, high = sorted((places[a], places[b]))
                _add(second, low, high, term)

    def _at(self, *which: int) -> Any:
        return self.jet.get(tuple(sorted(which)), 0.0)

    def _slope(self, j: int) -> Derivatives:
        return lambda *which: self._at(j, *which)

    def _pull(self, k: int) -> Derivatives:
        jet, places = self.pulls[k]

        def of(*which: int) -> Any:
            if any(w not in places for w in which):
                return 0.0
            return jet.get(tuple(sorted(places.index(w) for w in which)), 0.0)

        return of

    def _of_heat(self) -> tuple[Any, ...]:
        return (self.heat.mass, self.heat.slow) if self.heat else ()


@dataclass(frozen=True)
class _Kind:
    """What muscles with the same small function have in common."""

    coordinates: int
    compliant: bool
    passive: bool
    pulls: int
    warm: bool


@lru_cache(maxsize=64)
def _small(kind: _Kind) -> Any:
    """Outputs, their Jacobian, and gradient and Hessian of their weighted sum, as a function of few symbols.

    In: length, slopes and pulls (1 + n + p), rates, duration, activation (tendon force and its rate; rate of activation), the
    muscle's parameters (mass and slow fibres; what counts as one of each load), weights. Out: minus the torque per
    coordinate, then what the tendon's balance lacks, then the loads by pull and the metabolic rate.
    """
    n = kind.coordinates
    z = ca.SX.sym("z", 1 + n + kind.pulls)
    constants = ca.SX.sym("constants", 8 + 2 * kind.warm + kind.pulls + kind.warm)
    others = ca.SX.sym("others", n + 2 + 2 * kind.compliant + kind.warm)
    F, optimal, slack, pennation, fastest, width, strain, tendon_strain = ca.vertsplit(constants[:8])
    units = constants[8 + 2 * kind.warm :]
    length, slope, pull = z[0], z[1 : 1 + n], z[1 + n :]
    duration, activation = others[n], others[n + 1]
    velocity = ca.dot(slope, others[:n]) / duration
    along, along_rate = length - slack, velocity
    if kind.compliant:
        force = others[n + 2]
        stretched = slack * tendon_length(force, tendon_strain)
        stretching = slack * tendon_compliance(force, tendon_strain) * others[n + 3] / duration
        along, along_rate = length - stretched, velocity - stretching
    cosine, normal, rate = fibre(along, along_rate, optimal, pennation, fastest)
    isometric = activation * force_length(normal, width)
    active = isometric * force_velocity(rate)
    passive = passive_force(normal, strain) if kind.passive else 0.0
    produced = (active + passive) * cosine
    tension = force if kind.compliant else produced
    outputs = slope * (F / MOMENT) * tension  # minus the torque, since arms are minus the slopes
    if kind.compliant:
        outputs = ca.vertcat(outputs, force - produced)
    if kind.pulls:
        outputs = ca.vertcat(outputs, F * tension * pull / units[: kind.pulls])
    if kind.warm:
        excited = excitation_of(activation, others[-1] / duration)
        forces = (F * isometric, F * active, F * passive)
        power = smooth_rate(
            excited, normal, rate * fastest * optimal, forces, tuple(ca.vertsplit(constants[8:10]))
        )
        outputs = ca.vertcat(outputs, power / units[-1])
    local = ca.vertcat(z, others)
    weights = ca.SX.sym("weights", outputs.numel())
    hessian, gradient = ca.hessian(ca.dot(weights, outputs), local)
    return ca.Function(
        "small", [z, others, constants, weights], [outputs, ca.jacobian(outputs, local), gradient, hessian]
    )


def _add(entries: Entries, row: int, column: int, term: Any) -> None:
    if not (isinstance(term, float) and term == 0.0) and not (hasattr(term, "is_zero") and term.is_zero()):
        entries[row, column] = entries[row, column] + term


def _matrix(entries: Entries, rows: int, columns: int) -> Any:
    """Sparse SX matrix from its entries."""
    places = sorted(entries, key=lambda p: (p[1], p[0]))
    pointer = np.searchsorted([c for _, c in places], np.arange(columns + 1))
    sparsity = ca.Sparsity(rows, columns, pointer.tolist(), [r for r, _ in places])
    return ca.SX(sparsity, ca.vertcat(*[entries[p] for p in places]))
