"""What a preset simulates: the comparisons of its claims, and the simulations and draws that they need, as one plan."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from footstrike.brief import brief
from footstrike.claims.contrasts import Member, members
from footstrike.claims.definitions import Claim, ClaimMetric, Simulated
from footstrike.claims.presets import REFERENCE_SPEED, Preset
from footstrike.files import plain
from footstrike.gait.targets import HABITUAL
from footstrike.simulation.inputs import inputs_of
from footstrike.study.plan import GivenRun, Plan, plan_of_cells
from footstrike.study.propagation import derivatives_of
from footstrike.study.uncertain import UncertainInput, draws, member_values
from footstrike.study.variables import request_of

if TYPE_CHECKING:
    from pandas import DataFrame

Values = Mapping[str, Any]
MEASURED = "measured"


@dataclass(frozen=True)
class Comparison:
    """One metric of a claim on one contrast at one speed (m/s).

    Attributes
    ----------
    members
        What is simulated of it; nothing for measured runners, and for what the preset does not simulate.
    decides
        Whether it gives the verdict on the claim.
    is_about
        Whether the contrast is the one that the metric is about, not one beside it.
    drawn
        Whether the draws are solved for it.
    """

    __repr__ = brief

    claim: Claim
    metric: ClaimMetric
    contrast: str
    speed: float
    members: tuple[Member, ...] = ()
    decides: bool = False
    is_about: bool = False
    drawn: bool = False


@dataclass(frozen=True)
class Inquiry:
    """All that a preset asks for.

    Attributes
    ----------
    preset, claims, inputs, seed
        What it is made from; ``seed`` of the draws.
    """

    __repr__ = brief

    preset: Preset
    claims: tuple[Claim, ...]
    inputs: tuple[UncertainInput, ...]
    seed: int = 1

    @cached_property
    def comparisons(self) -> tuple[Comparison, ...]:
        """Claim by claim, the deciding contrast first."""
        return tuple(
            one
            for claim in self.claims
            for metric in sorted(claim.metric, key=lambda m: m.role != "verdict")
            for speed in self._speeds(claim, metric)
            for one in self._of(claim, metric, speed)
        )

    @cached_property
    def draws(self) -> DataFrame | None:
        """The draws of the inputs, a row each; None if the preset has none."""
        return draws(self.inputs, self.preset.draws, self.seed) if self.preset.draws else None

    @cached_property
    def plan(self) -> Plan:
        """All simulations: first the unperturbed ones, then draw by draw."""
        cells = [GivenRun(v, v, self.derivatives(v)) for v in self._simulated(False)]
        for number, row in enumerate(self.rows):
            cells += [GivenRun(self.perturbed(row, v), {"draw": number, **v}) for v in self._simulated(True)]
        about = {"claims": self.preset.name, "seed": self.seed, **plain(asdict(self.preset))}
        return plan_of_cells(f"claims-{self.preset.name}", about, cells)

    @cached_property
    def simulations(self) -> list[dict[str, Any]]:
        """Values of all simulations, as :attr:`plan` has them."""
        drawn = self._simulated(True)
        return [*self._simulated(False), *(self.perturbed(row, v) for row in self.rows for v in drawn)]

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """The draws, each as values by input."""
        return [] if self.draws is None else self.draws.to_dict("records")

    def perturbed(self, drawn: Values, values: Values) -> dict[str, Any]:
        """Values of a member with a draw."""
        return member_values(self.inputs, drawn, values)

    def derivatives(self, values: Values) -> tuple[str, ...]:
        """Inputs by which an unperturbed simulation is differentiated: the uncertain ones that have derivatives."""
        if not self.preset.derivatives:
            return ()
        return derivatives_of(self.inputs, inputs_of(request_of(values)))

    @property
    def sha256(self) -> str:
        """Hash of what is asked: preset, seed, and the values of every simulation."""
        asked = {
            "preset": asdict(self.preset),
            "seed": self.seed,
            "simulations": [e.values for e in self.plan.entries.values()],
            "refused": [r.asked for r in self.plan.refused],
        }
        return hashlib.sha256(json.dumps(plain(asked), sort_keys=True).encode()).hexdigest()

    def _simulated(self, drawn: bool) -> list[dict[str, Any]]:
        """Values of all members, or of those that are drawn, each once: habits first."""
        found = {
            json.dumps(plain(dict(m.values)), sort_keys=True): dict(m.values)
            for c in self.comparisons
            if c.drawn or not drawn
            for m in c.members
        }
        fewest = {"strike", "speed", *dict(self.preset.fixed)}
        return sorted(
            found.values(), key=lambda values: (values["speed"] != REFERENCE_SPEED, set(values) != fewest)
        )

    def _speeds(self, claim: Claim, metric: ClaimMetric) -> tuple[float, ...]:
        """At the reference speed first; slopes only there."""
        own = claim.presets.get(self.preset.speeds_of, ())
        others = () if metric.effect == "slope" else tuple(v for v in own if v != REFERENCE_SPEED)
        return (REFERENCE_SPEED, *others)

    def _of(self, claim: Claim, metric: ClaimMetric, speed: float) -> list[Comparison]:
        first, *beside = _contrasts(claim, metric)
        runs = speed in claim.presets.get(self.preset.speeds_of, ())
        out = []
        for name in (first, *beside):
            decides = name == first and metric.role == "verdict" and speed == REFERENCE_SPEED
            swept = name != "sweep" or self.preset.swept is None or claim.id in self.preset.swept
            simulated = runs and swept and name in self.preset.contrasts
            if name == MEASURED:
                out.append(Comparison(claim, metric, name, speed))
            elif simulated or decides:
                of = self._members(claim, metric, speed, name) if simulated else ()
                drawn = simulated and name in self.preset.drawn and speed == REFERENCE_SPEED
                out.append(Comparison(claim, metric, name, speed, of, decides, name == first, drawn))
        return out

    def _members(self, claim: Claim, metric: ClaimMetric, speed: float, name: Any) -> tuple[Member, ...]:
        of = members(_with_levels(claim, self.preset.levels), metric, speed, name)
        return tuple(Member(m.weight, {**dict(self.preset.fixed), **m.values}) for m in of)


def _contrasts(claim: Claim, metric: ClaimMetric) -> tuple[str, ...]:
    """The contrast whose words a metric is about, then those beside it."""
    about = claim.contrast
    if metric.effect == "slope":
        return ("sweep", *(name for name in about.beside if name == "arms_held"))
    first: Simulated = "groups" if about.decided_by == "sweep" else about.decided_by
    return (first, *(name for name in about.beside if name not in (first, "sweep", "arms_held")))


def _with_levels(claim: Claim, count: int | None) -> Claim:
    levels = claim.contrast.levels
    if count is None or count >= len(levels):
        return claim
    places = np.unique(np.round(np.linspace(0, len(levels) - 1, count)).astype(int))
    kept = tuple(levels[k] for k in places)
    return claim.model_copy(update={"contrast": claim.contrast.model_copy(update={"levels": kept})})


def habits_at(asked: Inquiry, speed: float) -> tuple[dict[str, Any], ...]:
    """Values of the habitual pair at a speed (m/s), rearfoot first."""
    return tuple({**dict(asked.preset.fixed), "strike": strike, "speed": speed} for strike in HABITUAL)


def comparisons_of(asked: Inquiry, claim: str) -> Sequence[Comparison]:
    """Those of one claim."""
    return [c for c in asked.comparisons if c.claim.id == claim]
