"""Claims built to be true, false, nil and undecidable are judged so; what turns a verdict is found."""

from __future__ import annotations

import runpy

import numpy as np
import pandas as pd
import pytest

from footstrike.claims.assessment import Simulations, assess
from footstrike.claims.contrasts import members
from footstrike.claims.definitions import claim
from footstrike.claims.flip import flip, nearest_change
from footstrike.claims.sentences import sentence
from footstrike.claims.verdicts import Rule, judge
from footstrike.resources import resource
from footstrike.study.importance import surrogate
from footstrike.study.propagation import LinearEffect, propagate
from footstrike.study.uncertain import draws, uncertain_inputs

CLAIM = claim("C5")
METRIC = CLAIM.verdict_metric  # VALR: claimed sign -1, SD 12.8, so the threshold is 6.4 BW/s
FIELD = METRIC.field
INPUTS = tuple(
    i for i in uncertain_inputs() if i.name in ("leg_mode_1", "contact_stiffness", "tone", "forefoot_mean_1")
)
SPREAD = {"leg_mode_1": 1.0, "contact_stiffness": 4.0, "tone": 0.0, "forefoot_mean_1": 2.0}


def simulations(
    effect: float, count: int = 40, noise: float = 0.5, derivatives: bool = True, seed: int = 1
) -> Simulations:
    """Two members whose metric is linear in the inputs, with a little that is not; ``effect`` lies between them."""
    of = members(CLAIM, METRIC, 3.5)
    table = draws(INPUTS, count, seed=seed)
    rng = np.random.default_rng(seed)
    change = sum(s * (table[i.name].to_numpy() - i.nominal) for i, s in ((i, SPREAD[i.name]) for i in INPUTS))
    rear = pd.DataFrame({FIELD: 70.0 + 3.0 * table["leg_mode_1"].to_numpy()})
    fore = pd.DataFrame({FIELD: rear[FIELD] + effect + change + noise * rng.standard_normal(count)})
    slopes = None
    if derivatives:
        own = {"leg_mode_1": [3.0], "contact_stiffness": [0.0], "tone": [0.0]}
        other = {
            "leg_mode_1": [3.0 + SPREAD["leg_mode_1"]],
            "contact_stiffness": [4.0],
            "tone": [0.0],
            "forefoot_mean_1": [2.0],
        }
        slopes = tuple(pd.DataFrame(d, index=[FIELD]) for d in (own, other))
    return Simulations(of, ({FIELD: 70.0}, {FIELD: 70.0 + effect}), slopes, table, (rear, fore))


@pytest.mark.parametrize(
    ("effect", "verdict"),
    [(-18.0, "supported"), (18.0, "contradicted"), (0.2, "no effect"), (-6.0, "undecided")],
)
@pytest.mark.parametrize("derivatives", [True, False])
def test_synthetic_claims_are_judged_as_they_were_built(effect, verdict, derivatives):
    for seed in (1, 2):
        found = assess(CLAIM, METRIC, simulations(effect, derivatives=derivatives, seed=seed), INPUTS)
        assert found.decision.verdict == verdict
        assert found.decision.runs == 40
        assert found.decision.ci_low_error is not None


def test_too_few_pairs_decide_nothing_unless_the_first_order_is_known():
    few = simulations(-18.0, count=6, derivatives=False)
    found = assess(CLAIM, METRIC, few, INPUTS)
    assert found.decision.verdict == "undecided"
    assert "only 6" in found.decision.why
    by_first_order = assess(CLAIM, METRIC, simulations(-18.0, count=6), INPUTS)
    assert by_first_order.decision.verdict == "supported"
    assert "first order" in by_first_order.decision.why


def test_failed_draws_are_named():
    of = simulations(-18.0)
    of.sampled[1].loc[[3, 7], FIELD] = np.nan
    of.sampled[1]["reason"] = None
    of.sampled[1].loc[3, "reason"] = "Infeasible problem"
    found = assess(CLAIM, METRIC, of, INPUTS)
    assert [(f.draw, f.member) for f in found.failures] == [(3, 1), (7, 1)]
    assert found.failures[0].reason == "Infeasible problem"
    assert found.failures[1].reason
    assert found.propagated.failed == 2
    assert "2 draws" in sentence(CLAIM, METRIC, found)


def test_a_verdict_that_another_sample_could_turn_is_undecided():
    rule_like = simulations(-18.0, noise=0.0, derivatives=False, count=12)
    scatter = np.where(np.arange(12) < 2, 30.0, -18.0)  # signs agree in 10 of 12: just above 80 %
    rule_like.sampled[1][FIELD] = rule_like.sampled[0][FIELD] + scatter
    found = assess(CLAIM.model_copy(update={"agreement": 0.8}), METRIC, rule_like, INPUTS)
    assert found.decision.verdict == "undecided"
    assert found.decision.stable < 0.9
    assert "resampled" in found.decision.why


def test_the_flip_distance_is_that_of_the_nearest_boundary():
    linear = LinearEffect(-18.0, SPREAD)
    found = propagate(INPUTS, linear)
    turn = flip(Rule(-1, 6.4), found, surrogate(INPUTS, linear), INPUTS)
    per_sd = np.array([SPREAD[i.name] * i.sd for i in INPUTS])
    assert turn.verdict == "undecided"
    assert turn.shift == pytest.approx(11.6, abs=0.01)
    unlimited = 11.6 / np.sqrt(np.sum(per_sd**2))
    assert turn.distance is None or turn.distance >= unlimited - 0.01
    weak = LinearEffect(-7.4, SPREAD)
    near = flip(Rule(-1, 6.4), propagate(INPUTS, weak), surrogate(INPUTS, weak), INPUTS)
    assert near.distance == pytest.approx(1.0 / np.sqrt(np.sum(per_sd**2)), rel=0.01)
    moved = sum(SPREAD[i.name] * i.sd * near.inputs.get(i.name, 0.0) for i in INPUTS)
    assert moved == pytest.approx(near.shift)
    assert "tone" not in near.inputs  # it does nothing
    after = LinearEffect(weak.nominal + moved, SPREAD)
    assert judge(propagate(INPUTS, after), -1, 12.8).verdict == near.verdict


def test_inputs_change_no_further_than_they_are_drawn():
    (tone,) = (i for i in INPUTS if i.name == "tone")
    of = surrogate(INPUTS, LinearEffect(0.0, {"tone": 10.0}))
    reach = 10.0 * (0.05 - 0.01)
    assert nearest_change(of, INPUTS, 0.9 * reach)["tone"] == pytest.approx(0.9 * 0.04 / tone.sd)
    assert nearest_change(of, INPUTS, 1.1 * reach) is None
    assert nearest_change(of, INPUTS, -0.2) is None  # tone cannot fall so far


def test_on_a_curved_effect_the_flip_is_nearer_than_its_first_order_says():
    table = draws(INPUTS, 80, seed=6)
    linear = LinearEffect(-9.0, SPREAD)
    effects = linear.at(INPUTS, table) + 1.0 * table["leg_mode_1"].to_numpy() ** 2
    of = surrogate(INPUTS, linear, (table, effects))
    straight = nearest_change(surrogate(INPUTS, linear), INPUTS, 2.6)
    bent = nearest_change(of, INPUTS, 2.6)
    assert np.linalg.norm(list(bent.values())) < np.linalg.norm(list(straight.values()))
    row = {i.name: [i.nominal + i.sd * bent.get(i.name, 0.0)] for i in INPUTS}
    still = {i.name: [i.nominal] for i in INPUTS}
    moved = of.at(INPUTS, pd.DataFrame(row)) - of.at(INPUTS, pd.DataFrame(still))
    assert moved[0] == pytest.approx(2.6, rel=1e-4)


@pytest.mark.parametrize(
    ("effect", "words"),
    [
        (-18.0, "support the claim"),
        (18.0, "contradict the claim"),
        (0.2, "no effect that counts"),
        (-6.0, "not decided"),
    ],
)
def test_the_sentence_follows_from_the_numbers(effect, words):
    found = assess(CLAIM, METRIC, simulations(effect), INPUTS)
    told = sentence(CLAIM, METRIC, found)
    assert words in told
    assert ("lower" if effect < 0 else "higher") in told
    assert f"{abs(effect):.3g} BW/s" in told
    if found.flip.distance is not None:
        assert f"{found.flip.distance:.1f} SD" in told


def test_the_rule_finds_few_effects_between_runners_of_one_group_only_if_95_percent_must_agree():
    """Nominal: 5 % with the agreement of 97.5 % that the claims ask for; 80 % lets far more through (docs/claims.md)."""
    script = runpy.run_path(str(resource("experiments", "claims", "false_positives.py")))
    shares = {row[0]: float(row[4]) for row in script["judged"](60, seed=2) if row[1] == "all"}
    assert shares["as the claims ask"] < 0.09
    assert shares["agreement of 80 %"] > 0.12
