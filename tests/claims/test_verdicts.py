"""Each branch of the decision rule, and the rows made from metrics."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from synthetic import analytic_run

from footstrike.claims.definitions import claim, claims
from footstrike.claims.verdicts import claim_rows, decide, value_of
from footstrike.outcomes.metrics import metrics

ROW_FIELDS = {"id", "statement", "metric", "units", "rearfoot", "forefoot", "effect", "ci_low", "ci_high",
              "effect_size", "verdict", "why", "evidence"}  # fmt: skip
VERDICTS = {"supported", "contradicted", "no effect", "undecided"}


def around(centre: float, spread: float, n: int = 200) -> np.ndarray:
    return centre + spread * np.linspace(-1, 1, n)


@pytest.mark.parametrize(
    ("effect", "samples", "sign", "verdict"),
    [
        (-8.0, around(-8, 3), -1, "supported"),
        (+8.0, around(8, 3), -1, "contradicted"),
        (+8.0, around(8, 3), +1, "supported"),
        (-8.0, around(-8, 3), +1, "contradicted"),
        (0.5, around(0.5, 2), -1, "no effect"),
        (-4.0, around(-4, 0.5), -1, "no effect"),  # the sign is sure, the size is below half an SD
        (-8.0, around(-8, 20), -1, "undecided"),  # large, but signs differ
        (-4.0, around(-4, 3), -1, "undecided"),  # neither inside nor outside
        (-8.0, [], -1, "undecided"),
        (-8.0, around(-8, 1, 9), -1, "undecided"),
        (None, around(-8, 1), -1, "undecided"),
    ],
)
def test_each_branch(effect, samples, sign, verdict):
    decision = decide(effect, samples, sign, sd=10.0)
    assert decision.verdict == verdict
    assert decision.why


def test_without_a_spread_between_runners_nothing_is_decided():
    decision = decide(-8.0, around(-8, 1), -1, sd=None)
    assert decision.verdict == "undecided"
    assert decision.ci_low == pytest.approx(-8.95, abs=0.01)


def test_the_threshold_is_what_the_table_says():
    assert decide(-8.0, around(-8, 1), -1, sd=10.0, threshold_fraction=0.9).verdict == "no effect"
    assert decide(-8.0, around(-8, 10), -1, sd=10.0, agreement=0.95).verdict == "undecided"


def test_undefined_samples_do_not_count():
    assert decide(-8.0, np.full(50, np.nan), -1, sd=10.0).why.startswith("no uncertainty")


@given(
    effect=st.floats(-50, 50),
    samples=st.lists(st.floats(-50, 50), min_size=10, max_size=60),
    sd=st.floats(0.1, 50),
)
def test_mirroring_the_effect_mirrors_the_verdict(effect, samples, sd):
    mirror = {"supported": "contradicted", "contradicted": "supported"}
    ahead = decide(effect, samples, 1, sd).verdict
    behind = decide(effect, samples, -1, sd).verdict
    assert behind == mirror.get(ahead, ahead)


def test_rows_without_uncertainty_are_undecided_and_say_so():
    rear, fore = metrics(analytic_run(bump=1.2)), metrics(analytic_run(strike="forefoot"))
    rows = {row["id"]: row for row in claim_rows(claims(), rear, fore)}
    assert {"C1", "C3", "C5", "C6", "C10"} <= rows.keys()
    for row in rows.values():
        assert row.keys() >= ROW_FIELDS
        assert row["verdict"] == "undecided"
        assert row["why"]
    assert rows["C5"]["effect"] == pytest.approx(fore["valr_bw_per_s"] - rear["valr_bw_per_s"])
    assert rows["C5"]["effect_size"] == pytest.approx(rows["C5"]["effect"] / 12.8)
    assert "no uncertainty" in rows["C5"]["why"]
    assert rows["C6"]["effect"] == pytest.approx(0.0)
    assert rows["C6"]["effect_size"] is None
    peak = next(m for m in rows["C5"]["metrics"] if m["metric"] == "vgrf_impact_peak_bw")
    assert "forefoot" in peak["why"]


def test_rows_with_perturbed_pairs_reach_a_verdict():
    rear, fore = metrics(analytic_run(bump=1.2)), metrics(analytic_run(strike="forefoot"))
    pairs = [(metrics(analytic_run(samples=351, bump=b)), fore) for b in np.linspace(0.9, 1.4, 12)]
    (row,) = claim_rows([claim("C5")], rear, fore, pairs)
    assert row["verdict"] == "supported"
    assert row["ci_low"] < row["effect"] < row["ci_high"] < 0
    assert row["runs"] == 12
    context = [m for m in row["metrics"] if m["role"] == "context"]
    assert context
    assert all(m["verdict"] is None for m in context)


def test_every_field_of_the_claims_is_a_result_field():
    found = metrics(analytic_run())
    for one in claims():
        for metric in one.metric:
            head, *rest = metric.field.split(".")
            assert head in found, metric.field
            if rest and rest[0] in found["lumbar"]:
                assert rest[1] in found["lumbar"][rest[0]], metric.field


def test_value_of_walks_into_tables():
    tree = {"a": {"b": {"c": 2}}, "n": None}
    assert value_of(tree, "a.b.c") == 2.0
    assert value_of(tree, "a.x.c") is None
    assert value_of(tree, "n") is None
