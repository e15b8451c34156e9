import shutil

import pytest
from synthetic import analytic_run

from footstrike.claims.definitions import claim, claim_ids, claims, load_claim, validation_rows
from footstrike.claims.verdicts import claim_rows
from footstrike.errors import InputError
from footstrike.gait.targets import target
from footstrike.outcomes.metrics import metrics
from footstrike.resources import resource

CLAIM = resource("experiments", "claims", "C1.toml").read_text(encoding="utf-8")
ROWS = resource("experiments", "validation", "rows.toml").read_text(encoding="utf-8")


def test_all_rows_are_there():
    numbers = {int(row.id[:2].rstrip("abcdefghi")) for row in validation_rows()}
    assert numbers == set(range(1, 29)) - {
        26
    }  # a script of its own: experiments/validation/measured_spine.py


def test_rows_answer_by_strike_and_speed():
    rows = {row.id: row for row in validation_rows()}
    knee = rows["6"].expect("forefoot", 3.5)
    assert knee is not None
    assert (knee.mean, knee.sd) == (22.6, 4.0)
    assert rows["6"].expect("forefoot", 3.0) is None
    lean = rows["14"].expect("rearfoot", 3.5)
    assert lean is not None
    assert (lean.low, lean.high) == (4.0, 11.0)
    everywhere = rows["21a"].expect("rearfoot", 3.1)
    assert everywhere is not None


@pytest.mark.parametrize("strike", ["rearfoot", "forefoot"])
@pytest.mark.parametrize("speed", [2.5, 3.5, 4.5])
def test_rows_and_targets_tell_the_same_story(strike, speed):
    rows = {row.id: row for row in validation_rows()}
    habitual = target(strike, speed)
    measured = {
        "1": 120.0 / habitual.stride_time,
        "2": speed * habitual.stride_time / 2,
        "3": habitual.contact_time,
        "4": habitual.force["fy"].max(),
    }
    for number, value in measured.items():
        expected = rows[number].expect(strike, speed)
        assert expected is not None
        assert value == pytest.approx(expected.mean, abs=expected.sd / 3)


def test_ten_claims_and_eight_quick_ones():
    assert [c.id for c in claims()] == [f"C{number}" for number in range(1, 11)]
    assert [c.id for c in claims("quick")] == ["C1", "C2", "C3", "C4", "C5", "C6", "C8", "C10"]
    assert {c.id for c in claims("full")} == set(claim_ids())


@pytest.mark.parametrize("name", claim_ids())
def test_claims_can_come_out_on_either_side(name):
    record = claim(name)
    assert record.verdict_metric.sign in (-1, 1)
    assert record.threshold_fraction == 0.5
    assert record.agreement == 0.975
    assert record.evidence_against, "nothing speaks against it?"
    assert all(metric.sign is None for metric in record.metric if metric.role == "context")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("agreement = 0.975", "agreement = 1.8", r"agreement = 1\.8"),
        ("agreement = 0.975", "agrement = 0.8", r"field agre?ement"),
        ('kind = "strike"', 'kind = "walk"', r"contrast\.kind = 'walk'"),
        ("quick = [3.5]", "fast = [3.5]", r"presets\.fast"),
        ("quick = [3.5]", "quick = [-3.5]", r"presets\.quick\[1\] = -3\.5"),
        ('role = "verdict"', 'role = "support"', "exactly one metric"),
        ("between_runner_sd = 3.84", "between_runner_sd = nan", r"metric\[1\]\.between_runner_sd = nan"),
        ("sign = 1\n", "", "sign is missing"),
        ('effect = "strike"', 'effect = "slope"', "'per' belongs to a slope"),
        ('id = "C1"', 'id = "first"', r"id = 'first'"),
        (
            'field = "knee_flexion_contact_deg"',
            'field = "knee_flexion_deg"',
            r"metric\[1\]\.field = 'knee_flexion_deg': .*did you mean 'knee_flexion_contact_deg'",
        ),
        ('id = "C1"', "id = C1", "not valid TOML"),
    ],
)
def test_wrong_claim_names_file_field_and_value(tmp_path, old, new, message):
    assert old in CLAIM
    path = tmp_path / "mine.toml"
    path.write_text(CLAIM.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError, match=rf"mine\.toml: .*{message}"):
        load_claim(path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('rule = "within"', 'rule = "near"', r"row\[1\]\.rule = 'near'"),
        ('rule = "within"', 'rule = "direction"', "row 1: an expected entry does not fit"),
        ('rule = "within"', 'rule = "within"\nunits = "steps/min"', r"row\[1\]\.unit"),
        (
            'field = "cadence_spm"',
            'field = "cadenc_spm"',
            r"row\[1\]\.field = 'cadenc_spm': .*did you mean 'cadence_spm'",
        ),
        ('field = "solver.residual_max_bw"', 'field = "solver.best"', r"\.field = 'solver\.best'"),
        ("sd = 9.4", "sd = -9.4", r"row\[1\]\.expected\[1\]\.sd = -9\.4"),
        ('id = "2"', 'id = "1"', "row id 1 occurs twice"),
    ],
)
def test_wrong_row_names_file_field_and_value(tmp_path, old, new, message):
    assert old in ROWS
    path = tmp_path / "rows.toml"
    path.write_text(ROWS.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError, match=rf"rows\.toml: .*{message}"):
        validation_rows(path)


def test_a_claim_is_one_file(tmp_path):
    """Written into a folder beside the others, it is there, in order, and judged."""
    shutil.copytree(resource("experiments", "claims"), tmp_path, dirs_exist_ok=True)
    mine = CLAIM.replace('id = "C1"', 'id = "C11"').replace("knee_flexion_contact_deg", "flight_time_s", 1)
    (tmp_path / "C11.toml").write_text(mine, encoding="utf-8")
    assert claim_ids(tmp_path)[-2:] == ("C10", "C11")
    assert claims("quick", tmp_path)[-1].id == "C11"
    rear, fore = metrics(analytic_run()), metrics(analytic_run(strike="forefoot"))
    (row,) = claim_rows([claim("C11", tmp_path)], rear, fore)
    assert (row["metric"], row["label"], row["units"]) == ("flight_time_s", "flight time", "s")
    assert row["effect"] == pytest.approx(0.0)
    (tmp_path / "C12.toml").write_text(mine, encoding="utf-8")
    with pytest.raises(InputError, match=r"C12\.toml: field id = 'C11'"):
        claims(folder=tmp_path)


def test_rows_and_claims_are_named_as_their_metrics():
    rows = {row.id: row for row in validation_rows()}
    assert (rows["3"].quantity, rows["3"].unit) == ("contact time", "s")
    assert (rows["17a"].quantity[:6], rows["17a"].unit) == ("change", "%")
    shown = {(metric.label, metric.unit) for metric in claim("C4").metric}
    assert ("peak compression at L5/S1, per 10 deg of lean", "BW") in shown


def test_missing_file_and_unknown_names(tmp_path):
    with pytest.raises(InputError, match=r"none\.toml: cannot be read"):
        load_claim(tmp_path / "none.toml")
    with pytest.raises(InputError, match="claim 'C12' is unknown"):
        claim("C12")
    with pytest.raises(InputError, match="did you mean 'quick'"):
        claims("quik")
