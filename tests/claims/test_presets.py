"""Presets of the claims: what they plan, that they resume, and that everything that came out is in the records."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import toy_claims
from synthetic import changed, looking_run

from footstrike.claims.definitions import claims
from footstrike.claims.judgement import Judgement, read_judgements, write_judgements
from footstrike.claims.judging import BETWEEN_RUNNERS, _lands_otherwise, spread_of_runners
from footstrike.claims.presets import PRESETS
from footstrike.errors import InputError, SolveError
from footstrike.main_job import asked_by, study
from footstrike.simulation.inputs import inputs_of
from footstrike.simulation.request import Request
from footstrike.study import local, plan
from footstrike.study.folder import SweepFolder
from footstrike.study.propagation import DERIVATIVES
from footstrike.study.sweep import Where, solve_plan
from footstrike.study.uncertain import uncertain_inputs

SMALL = replace(
    PRESETS["quick"],
    name="small",
    contrasts=("groups", "conversion", "conversion_back", "sweep"),
    swept=("C8",),
    levels=2,
    draws=16,
    drawn=("groups",),
)


@pytest.fixture(autouse=True)
def _toys(tmp_path_factory, monkeypatch):
    _set_toys(monkeypatch, tmp_path_factory.getbasetemp())


def _set_toys(patch: pytest.MonkeyPatch, log: Path) -> None:
    patch.setattr(local, "COMMAND", toy_claims.COMMAND)
    patch.setattr(plan, "fingerprint_of_cells", toy_claims.without_code)
    patch.setattr("footstrike.report.page._activities", dict)
    patch.setattr("footstrike.main_job.write_report", lambda folder, page: page.write_text("page"))
    patch.setenv("TOY_LOG", str(log))


@pytest.fixture(scope="module")
def solved(tmp_path_factory):
    """The folder of a small preset, its records, and how many simulations it took."""
    out = tmp_path_factory.mktemp("small")
    with pytest.MonkeyPatch.context() as patch:
        _set_toys(patch, out)
        result = study(SMALL, out, where=Where(workers=1))
        begun = len((out / "log").read_text().splitlines())
    return out, result, begun


@pytest.mark.parametrize(
    ("name", "cells", "derivatives"), [("check", 2, 0), ("quick", 3, 3), ("standard", 70, 22)]
)
def test_a_preset_plans_what_its_claims_are_about(name, cells, derivatives):
    asked = asked_by(PRESETS[name])
    assert len(asked.plan.entries) == cells
    assert sum(bool(e.derivatives) for e in asked.plan.entries.values()) == derivatives
    assert Counter(c.claim.id for c in asked.comparisons if c.decides) == {c.id: 1 for c in claims()}
    known = {e.key for e in asked.plan.entries.values()}
    assert {e.habit for e in asked.plan.entries.values() if e.habit} <= known


def test_the_full_preset_goes_over_five_speeds_and_hundreds_of_draws():
    asked = asked_by(PRESETS["full"])
    assert {e.values["speed"] for e in asked.plan.entries.values()} == {2.5, 3.0, 3.5, 4.0, 4.5}
    assert len(asked.plan.entries) + len(asked.plan.refused) > 1200
    assert asked.plan.blocks > 100


def test_the_plan_hash_tells_seeds_apart_and_nothing_else():
    one, same, other = (asked_by(SMALL, seed).sha256 for seed in (1, 1, 2))
    assert one == same != other


def test_every_claim_has_one_record_that_decides_it(solved):
    out, result, _ = solved
    records = read_judgements(out)
    assert Counter(r.claim for r in records if r.decides) == {c.id: 1 for c in claims()}
    assert [row["id"] for row in result["claims"]] == [c.id for c in claims()]
    assert json.loads((out / "claims.json").read_text())["claims"] == result["claims"]
    for row in result["claims"]:
        (record,) = (r for r in records if r.claim == row["id"] and r.decides)
        assert (row["effect"], row["verdict"], row["ci_low"]) == (record.effect, record.verdict, record.low)
    unsimulated = {r.claim for r in records if r.decides and not r.members}
    assert unsimulated == {"C7", "C9"}
    assert all("not simulated" in r.why for r in records if r.decides and not r.members)


def test_effects_are_those_of_the_runs_and_have_their_interval(solved):
    out, _, _ = solved
    records = read_judgements(out)
    (valr,) = (r for r in records if r.claim == "C5" and r.decides)
    assert valr.effect == pytest.approx(valr.forefoot - valr.rearfoot)
    assert valr.effect < 0
    assert valr.verdict == "supported"
    assert valr.low <= valr.mean <= valr.high
    assert len(valr.quantiles) == 101
    assert all(SweepFolder(out / "solves").cell_file(Path(m.run).stem).exists() for m in valr.members)
    peaks = {
        r.contrast: r for r in records if r.claim == "C6" and r.metric == "lumbar.L5S1.peak_compression_bw"
    }
    assert peaks["groups"].effect == pytest.approx(0.35)
    assert peaks["conversion"].effect == pytest.approx(0.175)
    assert peaks["groups"].basis.startswith("sample")
    assert peaks["conversion"].basis == "first order"
    (slope,) = (r for r in records if r.claim == "C8" and r.decides)
    assert slope.effect == pytest.approx(-0.7, rel=0.01)
    assert slope.rearfoot is None
    damage = [r for r in records if r.metric == "lumbar.L5S1.damage_m4_per_km_bw4_s" and r.claim == "C6"]
    assert damage[0].effect > 0


def test_the_spread_between_runners_of_an_unpublished_metric_follows_from_derivatives(solved):
    out, _, _ = solved
    inputs = uncertain_inputs()
    (peak,) = (r for r in read_judgements(out) if r.claim == "C6" and r.decides)
    lean = next(i for i in inputs if i.name == "reference_lean")
    assert lean.group in BETWEEN_RUNNERS
    assert peak.sd == pytest.approx(3.5 * 0.01 * lean.sd, rel=1e-6)
    assert "first order" in peak.sd_source
    import pandas as pd

    one = pd.DataFrame({"reference_lean": [2.0], "leg_strength": [50.0]}, index=["x"])
    assert spread_of_runners(inputs, one, "x") == pytest.approx(2.0 * lean.sd)
    assert spread_of_runners(inputs, one, "y") is None


def test_measured_runners_stand_beside_without_a_verdict(solved):
    measured = [r for r in read_judgements(solved[0]) if r.contrast == "measured"]
    assert {r.claim for r in measured} >= {"C1", "C2", "C3", "C5", "C10"}
    assert all(r.verdict is None and r.low < r.effect < r.high for r in measured)


@pytest.mark.parametrize(("pitch", "counts"), [(-8.0, True), (4.0, True), (12.0, False)])
def test_a_runner_drawn_from_the_forefoot_group_counts_unless_he_lands_on_the_heel(pitch, counts):
    run = looking_run("forefoot")
    flat = np.full(len(run.time), np.radians(pitch))
    drawn = changed(
        run,
        spec={**run.spec, "variation": {"leg_mode_1": 0.5}},
        segments={**run.segments, "foot_pitch_r": flat},
    )
    assert (_lands_otherwise(drawn) == "") == counts


def test_failed_draws_are_named_and_one_that_lands_otherwise_is_one(solved):
    out, result, _ = solved
    (valr,) = (r for r in read_judgements(out) if r.claim == "C5" and r.decides)
    reasons = {f.reason for f in valr.failures}
    assert "too much for a toy" in reasons
    assert any("which is not a rearfoot landing" in reason for reason in reasons)
    assert valr.failed == len({f.draw for f in valr.failures})
    assert valr.solved + valr.failed == SMALL.draws
    assert result["provenance"]["simulations"]["failed"] > 0
    with (out / "failures.csv").open() as stream:
        rows = [row for row in csv.DictReader(stream) if row["claim"] == "C5"]
    assert {int(row["draw"]) for row in rows} >= {f.draw for f in valr.failures}
    with (out / "effects.csv").open() as stream:
        effects = {(r["claim"], r["metric"], r["contrast"]): r for r in csv.DictReader(stream)}
    assert float(effects["C5", "valr_bw_per_s", "groups"]["effect"]) == pytest.approx(valr.effect)


def test_a_second_run_solves_nothing_and_says_the_same(solved, tmp_path, monkeypatch):
    out, first, _ = solved
    monkeypatch.setenv("TOY_LOG", str(tmp_path))
    told = []
    monkeypatch.setattr("footstrike.main_job.judgements", lambda *_: read_judgements(out))
    again = study(SMALL, out, lambda event: told.append(event["stage"]), where=Where(workers=1))
    assert not (tmp_path / "log").exists()
    assert any("solved before" in words for words in told)
    assert again["claims"] == first["claims"]
    assert again["provenance"]["plan_sha256"] == first["provenance"]["plan_sha256"]


def test_what_was_lost_is_solved_again_alone_and_another_preset_takes_over_what_is_there(
    solved, tmp_path, monkeypatch
):
    out, _, _ = solved
    folder = SweepFolder(out / "solves")
    lost = [e.key for e in folder.plan().entries.values() if folder.is_solved(e.key)][:3]
    for key in lost:
        folder.cell_file(key).unlink()
    monkeypatch.setenv("TOY_LOG", str(tmp_path))
    for preset in (SMALL, PRESETS["quick"], SMALL):
        solve_plan(asked_by(preset).plan, folder.path, Where(workers=1), renew=True)
        assert len((tmp_path / "log").read_text().splitlines()) == len(lost)
        assert folder.plan().same_work(asked_by(preset).plan)


def test_shards_solve_their_part_and_judge_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("TOY_LOG", str(tmp_path))
    few = replace(SMALL, draws=2)
    parts = [study(few, tmp_path / "out", where=Where(1, f"{i}/2")) for i in (1, 2)]
    assert [part["claims"] for part in parts] == [[], []]
    assert not (tmp_path / "out" / "claims.json").exists()
    assert parts[1]["provenance"]["simulations"]["open"] == 0


def test_a_habit_that_is_not_solved_ends_the_job(solved, tmp_path, monkeypatch):
    out = tmp_path / "out"
    asked = asked_by(PRESETS["check"])
    folder = SweepFolder(out / "solves")
    folder.begin(asked.plan)
    for entry in asked.plan.entries.values():
        folder.fail(entry, "not_converged", "no luck")
    with pytest.raises(SolveError, match=r"rearfoot at 3\.5 m/s was not solved: no luck"):
        study(PRESETS["check"], out, where=Where(1))


def test_the_docs_name_the_inputs_without_a_derivative():
    found = set()
    for of in uncertain_inputs():
        strike = "forefoot" if of.members == "forefoot" else "rearfoot"
        other = "rearfoot" if strike == "forefoot" else "forefoot"
        known = inputs_of(Request.of(strike=other, from_strike=strike))
        if DERIVATIVES.get(of.sets, (of.sets, 1.0))[0] not in known:
            found.add(of.name)
    assert found == {"tone", "height", "body_mass_index", "disc_springs", "rhythm", "points"}
    page = (Path(__file__).parents[2] / "docs" / "claims.md").read_text(encoding="utf-8")
    told = page.partition("No derivative is known of")[2].partition(".")[0]
    assert set(re.findall(r"`(\w+)`", told)) == found


def test_records_are_read_as_they_were_written(solved, tmp_path):
    records = read_judgements(solved[0])
    write_judgements(tmp_path, records)
    assert read_judgements(tmp_path) == records
    text = (tmp_path / "judgements.json").read_text()
    (tmp_path / "judgements.json").write_text(text.replace('"claim"', '"claims"', 1))
    with pytest.raises(InputError, match=r"judgements\.json cannot be used"):
        read_judgements(tmp_path)
    with pytest.raises(InputError, match="cannot be read"):
        read_judgements(tmp_path / "nowhere")
    assert isinstance(records[0], Judgement)
    assert np.isfinite([r.effect for r in records if r.effect is not None]).all()
