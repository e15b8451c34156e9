"""The page of a claims folder: every verdict with what it rests on, and every number with where it comes from."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path
from urllib.parse import unquote

import pytest
from browser import visit
from claims_folder import METRIC, record, write_claims_folder
from synthetic import changed, looking_run

from footstrike.claims.definitions import claim_ids, validation_rows
from footstrike.cli.commands import run as command
from footstrike.errors import InputError
from footstrike.report.claim_figures import contrast_effects, dial, tornado
from footstrike.report.claim_pictures import front_picture_of
from footstrike.report.claim_view import rows_that_bear
from footstrike.report.context import context, speed_series
from footstrike.report.page import write_report
from footstrike.report.page_tables import curves_table
from footstrike.report.plain_words import bearing, disagreement, told
from footstrike.report.trace import names_of, trace


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("claims")
    write_claims_folder(place)
    return place


@pytest.fixture(scope="module")
def page(folder) -> str:
    return write_report(folder, folder / "report.html", figures_folder=folder / "figures").read_text(
        encoding="utf-8"
    )


def test_the_verdict_stands_with_all_that_it_rests_on(page):
    for text in (
        "Holds in this model", "When a heel striker lands on the forefoot", "habitual groups", "measured runners",
        "The contrasts do not agree", "C1: what drives the effect", "change by 1.70 SD in all", "lean −1.60 SD",
        "to first order", "Sobol' index", "draw 3, simulation 2", "Published evidence", "footstrike trace C1",
        "solves/cells/forefoot.h5",
    ):  # fmt: skip
        assert text in page, text
    assert "<b>solve</b>" not in page


def test_it_opens_without_a_complaint_and_asks_for_nothing(page, folder):
    found = visit(
        folder / "report.html", "return document.documentElement.scrollWidth - innerWidth", width=390
    )
    assert found.console == []
    assert found.requests == []
    assert found.answer <= 0


def test_a_failing_validation_row_stands_next_to_the_verdict():
    row = {"row": "6", "quantity": "knee flexion", "strike": "rearfoot", "result": "fail"}
    assert "1 of 2 judged" in bearing([row, {**row, "result": "pass"}])
    assert "6 knee flexion (rearfoot)" in bearing([row])
    assert "All 1" in bearing([{**row, "result": "pass"}])
    assert "could be judged" in bearing([{**row, "result": "not available"}])
    assert bearing([]) == ""


def test_rows_that_bear_on_claims_exist():
    known = {row.id for row in validation_rows()}
    assert rows_that_bear().keys() == set(claim_ids())
    assert {row for rows in rows_that_bear().values() for row in rows} <= known


def test_contrasts_that_differ_are_told_apart():
    groups, conversion = record("groups", "supported", 8.0), record("conversion", "contradicted", -3.0)
    assert "in the opposite direction" in disagreement([groups, conversion])
    assert disagreement([groups, record("conversion", "supported", 3.0)]) == ""
    assert disagreement([groups, record("measured", None, -3.0)]) == ""


def test_what_is_missing_is_said_and_breaks_nothing(folder, tmp_path):
    shutil.copy(folder / "rearfoot.h5", tmp_path)
    text = write_report(tmp_path, tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Only the rearfoot strike" in text
    assert "There are no judgements of C7 and C8" in text
    looking_run("forefoot").save(tmp_path / "forefoot.h5")
    text = write_report(tmp_path, tmp_path / "report.html").read_text(encoding="utf-8")
    assert "There is no judgements.json beside these runs" in text
    nothing = record("sweep", "undecided", 1.0).model_copy(
        update={"effect": None, "low": None, "high": None, "drivers": {}, "sd": None, "threshold": None}
    )
    assert [contrast_effects("C1", [nothing]), tornado(nothing), dial(nothing)] == [[], [], []]
    assert "no answer yet" in told(nothing)


def test_the_picture_needs_every_run_and_is_a_dial_without():
    rear, fore = looking_run("rearfoot"), looking_run("forefoot")
    decided = record("groups", "supported", 8.0)
    (drawn,) = front_picture_of(decided, [rear, fore])
    assert "as the right foot lands" in drawn.caption
    (drawn,) = front_picture_of(decided, [rear, None])
    assert drawn.name == "dialC1"
    loaded = decided.model_copy(update={"metric": "lumbar.L5S1.peak_compression_bw"})
    assert "Compression at L5/S1" in front_picture_of(loaded, [rear, fore])[0].caption
    pushed = decided.model_copy(update={"metric": "valr_bw_per_s"})
    assert "Vertical force" in front_picture_of(pushed, [rear, fore])[0].caption


def test_numbers_and_figures_can_be_taken_along(page, folder):
    names = {path.name for path in (folder / "figures").iterdir()}
    assert {"effectsC1.svg", "effectsC1.pdf", "tornadoC1.pdf", "frontC1.svg", "effects.csv", "drivers.csv", "curves.csv",
            "references.bib", "left_out_speed.csv"} <= names  # fmt: skip
    assert (folder / "figures" / "effectsC1.pdf").read_bytes().startswith(b"%PDF")
    assert "muller2015" in (folder / "figures" / "references.bib").read_text(encoding="utf-8")
    link = page.split('download="effects.csv"')[0].rpartition('href="')[2].rstrip('" ')
    rows = list(csv.DictReader(io.StringIO(unquote(link.partition(",")[2]).replace("&#34;", '"'))))
    assert [row["contrast"] for row in rows] == ["groups", "conversion", "measured"]
    assert float(rows[0]["flip_distance"]) == 1.7


def test_curves_of_the_table_are_those_of_the_run():
    run = looking_run("rearfoot")
    rows = list(csv.DictReader(io.StringIO(curves_table([run]).text)))
    assert len(rows) == 101
    highest = max(float(row["right_ground_fy_bw"]) for row in rows)
    assert highest == pytest.approx(run.ground_force["right"][:, 1].max() / (9.80665 * run.mass), rel=0.01)


def test_activity_is_shown_where_there_are_several_speeds():
    slow = looking_run("rearfoot")
    groups = ["vasti" for _ in slow.muscle_names]
    slow = changed(slow, muscle_groups=groups)
    fast = changed(slow, spec={**slow.spec, "speed_mps": 4.5}, activations=2.0 * slow.activations)
    assert speed_series([slow, slow]) == {}
    assert "one speed each" in context([slow], ()).activity_told
    found = context([fast, slow], ())
    assert "rises in 1 of 1 muscle groups" in found.activity_told
    assert len(found.activity) == 1
    falling = context([changed(fast, activations=0.5 * slow.activations), slow], ()).activity_told
    assert "rises in 0 of 1 muscle groups (not: vasti)" in falling


def test_lines_against_speed_reproduce_the_error_at_a_left_out_speed():
    found = {(r["strike"], r["angle"], r["speed_mps"]): r for r in context([], ()).left_out}
    between, beyond = (float(found["rearfoot", "knee", speed]["line_rms_deg"]) for speed in ("3.5", "4.5"))
    assert beyond == pytest.approx(2.0 * between, rel=2e-3)  # by construction, at three equal steps
    assert between < float(found["rearfoot", "knee", "3.5"]["nearest_mean_rms_deg"])


@pytest.mark.parametrize(
    "name", ["C1", f"C1.{METRIC}.conversion.effect", "C1.effect@3.5", f"C1.{METRIC}.conversion@3.5"]
)
def test_a_number_is_traced_to_its_files(folder, name):
    found = trace(name, folder)
    assert found.value == found.record.effect
    assert found.recomputed == pytest.approx(found.value, abs=1e-9)
    assert "as recorded" in str(found)
    assert all(len(source.hash or "") == 64 for source in found.sources)
    assert found.versions == {"footstrike": "9.9"}
    assert found.hashes["plan"] == "plan7"
    file, line = found.table.split(":")
    text = (Path(__file__).parents[2] / file).read_text(encoding="utf-8").splitlines()
    assert text[int(line) - 1] == f'field = "{METRIC}"'


def test_other_fields_are_traced_too(folder):
    assert trace("C1.verdict", folder).value == "supported"
    assert trace("C1.flip.distance", folder).value == 1.7
    assert trace("C1.drivers.lean", folder).unit == "deg per SD"
    assert trace(f"C1.{METRIC}.groups.low", folder).value == -1.0
    assert json.dumps(trace("C1", folder).plain())
    assert len(names_of([record("groups", None, 1.0)])) > 20


def test_a_changed_file_shows(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "copy")
    shutil.copy(tmp_path / "copy" / "rearfoot.h5", tmp_path / "copy" / "solves" / "cells" / "forefoot.h5")
    assert "has changed since" in str(trace("C1", tmp_path / "copy"))
    (tmp_path / "copy" / "rearfoot.h5").unlink()
    found = trace("C1", tmp_path / "copy")
    assert found.recomputed is None
    assert "the file is not there" in str(found)


@pytest.mark.parametrize(
    ("name", "said"),
    [(f"C1.{METRIC}.conversion.efect", r"did you mean 'C1\.knee_flexion_contact_deg\.conversion\.effect'"),
     ("C1.flip.distanse", "did you mean 'distance'"), ("D1", "is unknown")],
)  # fmt: skip
def test_a_misspelt_value_is_refused_with_the_nearest_name(folder, name, said):
    with pytest.raises(InputError, match=said):
        trace(name, folder)


def test_commands_trace_and_report(folder, tmp_path, capsys):
    assert command(["trace", "C1", str(folder)]) == 0
    assert "formula: sum of weight × metric" in capsys.readouterr().out
    assert command(["trace", "C1", str(folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["members"][0]["weight"] == -1.0
    assert command(["trace", "C1", str(tmp_path)]) == 2
    assert "judgements.json cannot be read" in capsys.readouterr().err
    assert command(["report", str(folder), "--figures", "--json", "-o", str(tmp_path / "page.html")]) == 0
    assert json.loads(capsys.readouterr().out)["figures"] == str(folder / "figures")
