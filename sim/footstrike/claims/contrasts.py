"""The contrasts that claims are judged on: which simulations they are made of, and with what weight each counts.

An effect is the weighted sum of a metric over the members of a contrast. All members of a contrast get the same draws of the
uncertain inputs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from footstrike.brief import brief
from footstrike.claims.definitions import Claim, ClaimMetric, Simulated
from footstrike.gait.targets import HABITUAL
from footstrike.resources import resource
from footstrike.simulation.request import Request
from footstrike.study.variables import absolute, request_of

FACTORS = {
    "knee_flexion_contact_deg": "knee_flexion",
    "trunk_lean_deg": "trunk_lean",
    "rotation_scale": "rotation",
    "step_length_change_pct": "step_length",
}
"""Variable of a simulation by the factor that a claim names."""
ARMS_HELD = {"arm_swing": 0.0}
OPTIMUM = {"minimise": "peak_compression", "free": "step_length,knee_flexion", "budgets": "effort=0"}
"""Least peak compression at L5/S1 by step length and knee flexion, at no more than the habitual effort."""
TABLES = ("uncertain_inputs.csv", "measured.csv")


@dataclass(frozen=True)
class Member:
    """One simulation of a contrast.

    Attributes
    ----------
    weight
        What its metric is multiplied by in the effect.
    values
        What is asked of it, flat (:func:`footstrike.study.variables.request_of`).
    """

    __repr__ = brief

    weight: float
    values: Mapping[str, Any]

    @property
    def habit(self) -> str:
        """The strike of its runner when nothing is asked."""
        return str(self.values.get("from_strike") or self.values["strike"])

    def request(self, drawn: Mapping[str, Any] | None = None) -> Request:
        """What is simulated; ``drawn`` are further values (:func:`footstrike.study.uncertain.member_values`)."""
        return request_of({**(drawn or {}), **self.values})


def members(
    claim: Claim, metric: ClaimMetric, speed: float, name: Simulated | None = None
) -> tuple[Member, ...]:
    """The simulations of a contrast.

    Parameters
    ----------
    claim, metric
        A slope is one over the claim's factor, the mean of both strikes; any other effect is forefoot minus rearfoot.
    speed
        m/s.
    name
        Of the contrast; the one that decides the claim if None.
    """
    if metric.effect == "slope":
        return _slope(claim, metric, speed, ARMS_HELD if name == "arms_held" else {})
    rear, fore = ({"strike": strike, "speed": speed} for strike in HABITUAL)
    pairs: dict[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = {
        "groups": (rear, fore),
        "conversion": (rear, {**fore, "from_strike": "rearfoot"}),
        "conversion_back": ({**rear, "from_strike": "forefoot"}, fore),
        "optimum": ({**rear, **OPTIMUM}, {**fore, **OPTIMUM}),
        "optimum_against_habit": ({**rear, **OPTIMUM}, fore),
        "sweep": (rear, fore),
        "arms_held": ({**rear, **ARMS_HELD}, {**fore, **ARMS_HELD}),
    }
    before, after = pairs[name or claim.contrast.decided_by]
    return Member(-1.0, before), Member(1.0, after)


def _slope(claim: Claim, metric: ClaimMetric, speed: float, held: Mapping[str, Any]) -> tuple[Member, ...]:
    levels = np.array(claim.contrast.levels)
    variable = FACTORS[str(claim.contrast.factor)]
    away = levels - levels.mean()
    weights = (metric.per or 1.0) * away / np.sum(away**2) / len(HABITUAL)
    out = []
    for strike in HABITUAL:
        common = {"strike": strike, "speed": speed, **held}
        for level, weight in zip(levels, weights, strict=True):
            relative = claim.contrast.unit == "%"
            values = absolute(common, {variable: level}) if relative else {**common, variable: float(level)}
            out.append(Member(float(weight), values))
    return tuple(out)


def effect_of(of: Sequence[Member], values: Sequence[float | None]) -> float | None:
    """The effect from a metric's value in each member; None where one is not defined."""
    if any(v is None or not np.isfinite(v) for v in values):
        return None
    return float(sum(m.weight * float(v or 0.0) for m, v in zip(of, values, strict=True)))


def tables_hash(folder: Path | None = None) -> str:
    """Hash of the claims, the uncertain inputs and the measured runners: it changes if any number behind a verdict's rule does."""
    at = folder or resource("experiments", "claims")
    digest = hashlib.sha256()
    for path in sorted([*at.glob("C[0-9]*.toml"), *(at / name for name in TABLES)]):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
