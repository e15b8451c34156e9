"""Contrasts of the claims: every one can be asked of a runner, and its weights give the effect that is meant."""

from __future__ import annotations

import numpy as np
import pytest

from footstrike.claims.contrasts import effect_of, members, tables_hash
from footstrike.claims.definitions import claim, claims
from footstrike.claims.measured_runners import measured_contrasts, welch
from footstrike.resources import resource
from footstrike.study.uncertain import draws, member_values, uncertain_inputs

CASES = [
    (one.id, name)
    for one in claims()
    for name in (one.contrast.decided_by, *one.contrast.beside)
    if name != "measured"
]


@pytest.mark.parametrize(("name", "contrast"), CASES)
def test_every_contrast_can_be_asked_with_a_draw_of_the_inputs(name, contrast):
    one = claim(name)
    inputs = uncertain_inputs()
    drawn = draws(inputs, 2).to_dict("records")[1]
    for metric in {m.effect: m for m in one.metric}.values():
        for member in members(one, metric, 3.5, contrast):
            assert member.request().speed == 3.5
            varied = member.request(member_values(inputs, drawn, member.values))
            assert varied.subject.factors
            assert (varied.optimise is not None) == ("minimise" in member.values)


def test_all_ten_claims_are_decided_by_the_contrast_of_their_words():
    decided = {one.id: one.contrast.decided_by for one in claims()}
    assert decided == {
        **dict.fromkeys(("C1", "C2", "C4", "C6"), "conversion"),
        **dict.fromkeys(("C3", "C5", "C10"), "groups"),
        **dict.fromkeys(("C7", "C8"), "sweep"),
        "C9": "optimum",
    }


def test_a_difference_is_forefoot_less_rearfoot_whoever_converts():
    one = claim("C6")
    for contrast in ("groups", "conversion", "conversion_back"):
        before, after = members(one, one.verdict_metric, 3.5, contrast)
        assert (before.values["strike"], after.values["strike"]) == ("rearfoot", "forefoot")
        assert effect_of((before, after), (3.0, 3.5)) == pytest.approx(0.5)
    before, after = members(one, one.verdict_metric, 3.5, "conversion_back")
    assert before.habit == after.habit == "forefoot"
    assert effect_of((before, after), (None, 3.5)) is None


def test_a_slope_is_that_of_a_straight_line_per_step_of_the_factor():
    one = claim("C7")
    of = members(one, one.verdict_metric, 3.5)
    values = [2.0 - 0.03 * m.values["knee_flexion"] + (m.values["strike"] == "forefoot") for m in of]
    assert effect_of(of, values) == pytest.approx(-0.03 * 10.0)
    assert sum(m.weight for m in of) == pytest.approx(0.0)


def test_measured_runners_are_those_of_the_data(data, tmp_path):
    import runpy
    import sys

    script = resource("experiments", "claims", "measured.py")
    out = tmp_path / "measured.csv"
    before = sys.argv
    try:
        sys.argv = [str(script), "--data", str(data), "-o", str(out)]
        runpy.run_path(str(script), run_name="__main__")
    finally:
        sys.argv = before
    assert out.read_bytes() == resource("experiments", "claims", "measured.csv").read_bytes()


@pytest.mark.parametrize(
    ("metric", "rearfoot", "forefoot", "tolerance"),
    [  # group means of the same data set by its single runners (validation table)
        ("knee_flexion_contact_deg", 11.9, 22.6, 0.1),
        ("shank_angle_contact_deg", 8.8, 2.6, 0.1),
        ("step_length_m", 1.237, 1.232, 0.006),
        ("braking_impulse_bw_s", 0.0209, 0.0231, 0.0004),
        ("vgrf_active_peak_bw", 2.56, 2.53, 0.01),
        ("valr_bw_per_s", 73.0, 55.0, 3.5),
        ("contact_time_s", 0.226, 0.221, 1e-6),
    ],
)
def test_runners_made_of_modes_have_the_metrics_of_the_measured_ones(metric, rearfoot, forefoot, tolerance):
    (found,) = measured_contrasts([metric], 3.5)
    assert found.rearfoot == pytest.approx(rearfoot, abs=tolerance)
    assert found.forefoot == pytest.approx(forefoot, abs=tolerance)
    assert found.low < found.effect < found.high
    assert np.sign(found.effect_size) == np.sign(found.effect)


def test_every_claim_that_names_measured_runners_has_some():
    known = {c.metric for c in measured_contrasts()}
    for one in claims():
        if "measured" in one.contrast.beside and one.id not in ("C4", "C6"):
            assert known & {m.field for m in one.metric}, one.id


def test_welch_agrees_with_scipy():
    from scipy.stats import ttest_ind

    rng = np.random.default_rng(3)
    a, b = rng.normal(1.0, 2.0, 19), rng.normal(2.0, 1.0, 6)
    effect, low, high, _ = welch(
        np.array([a.mean(), b.mean()]), np.array([a.std(ddof=1), b.std(ddof=1)]), (19, 6)
    )
    there = ttest_ind(b, a, equal_var=False).confidence_interval(0.95)
    assert (low, high) == pytest.approx((there.low, there.high))
    assert effect == pytest.approx(b.mean() - a.mean())


def test_the_hash_of_the_tables_changes_with_any_number_behind_a_verdict(tmp_path):
    for path in resource("experiments", "claims").glob("*.*"):
        if path.suffix in (".toml", ".csv"):
            (tmp_path / path.name).write_bytes(path.read_bytes())
    assert tables_hash(tmp_path) == tables_hash()
    for name, old, new in (("C5.toml", "12.8", "12.9"), ("uncertain_inputs.csv", "0.05", "0.06")):
        text = (tmp_path / name).read_text()
        (tmp_path / name).write_text(text.replace(old, new, 1))
        assert tables_hash(tmp_path) != tables_hash()
        (tmp_path / name).write_text(text)
