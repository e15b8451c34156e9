"""A metric is named once: what is registered is found wherever numbers of a run are shown."""

from __future__ import annotations

import gc
import re

import pytest
from synthetic import analytic_run, changed

from footstrike.cli import printing
from footstrike.errors import InputError
from footstrike.outcomes import registry
from footstrike.outcomes.metrics import metrics, metrics_table
from footstrike.outcomes.registry import Quantity, known_metrics, metric, named, once, reference, several

UNITS = {
    "bw": "BW", "bw_s": "BW s", "bw4_s": "BW⁴ s", "bw10_s": "BW¹⁰ s", "bw_per_s": "BW/s", "deg": "deg", "m": "m", "s": "s", "g": "g", "spm": "steps/min",
    "mps": "m/s", "pct": "% stride", "kn_per_m": "kN/m", "j_per_kg": "J/kg", "j_per_kg_m": "J/kg/m", "db": "dB",
    "nm_per_kg": "N m/kg", "nm": "N m",
}  # fmt: skip
SHARES = ("share", "share_12_20_hz", "r2")


@pytest.fixture
def own(monkeypatch):
    """A registry that forgets after the test."""
    monkeypatch.setattr(registry, "_registered", dict(registry._registered))
    known_metrics()


def test_a_new_metric_is_in_json_table_terminal_and_reference(own, capsys):
    @metric("stride_length_m", unit="m", label="stride length", source="speed times stride time")
    def stride_length(run):
        return run.speed * run.period

    run = analytic_run()
    assert metrics(run)["stride_length_m"] == run.speed * run.period
    assert metrics(changed(run, status="crashed"))["stride_length_m"] is None
    table = metrics_table([run])
    assert table["stride_length_m"].tolist() == [run.speed * run.period]
    assert table.attrs["units"]["stride_length_m"] == "m"
    printing.metrics(metrics(run), None)
    assert "stride length, m" in capsys.readouterr().out
    assert "| `stride_length_m` | stride length | m | speed times stride time |" in reference()
    assert list(known_metrics())[-1] == "stride_length_m", "a user's metrics come after those of the package"


def test_several_metrics_of_one_function_are_computed_once(own):
    calls = []

    @several(Quantity("first_s", "s", "first", "test"), Quantity("second_s", "s", "second", "test"))
    def both(run):
        calls.append(run)
        return None if run.speed > 3.9 else (1.0, 2.0)

    run = analytic_run()
    assert (named("first_s").function(run), named("second_s").function(run)) == (1.0, 2.0)
    assert calls == [run]
    fast = analytic_run(speed_mps=4.0)
    assert (named("first_s").function(fast), named("second_s").function(fast)) == (None, None)


def test_what_is_remembered_goes_with_the_run():
    calls = []

    @once
    def twice(run, side="right"):
        calls.append(side)
        return 2.0

    run = analytic_run(samples=11)
    assert [twice(run), twice(run), twice(run, "left"), twice(analytic_run(samples=11))] == [2.0] * 4
    assert calls == ["right", "left", "right"]
    remembered = twice.__closure__[[c.cell_contents.__class__.__name__ for c in twice.__closure__].index(
        "WeakKeyDictionary")].cell_contents  # fmt: skip
    del run
    gc.collect()
    assert len(remembered) == 0


def test_a_name_belongs_to_one_function(own):
    with pytest.raises(
        InputError, match=r"'contact_time_s' is registered already, by .*ground\.contact_time"
    ):
        metric("contact_time_s", unit="s", label="mine", source="mine")(lambda run: 1.0)


def test_an_unknown_name_is_told_the_nearest():
    with pytest.raises(InputError, match="did you mean 'contact_time_s'"):
        named("contact_tim_s")
    assert named("lumbar.L5S1.peak_compression_bw").column == "L5S1_peak_compression_bw"


@pytest.mark.parametrize("of", known_metrics().values(), ids=lambda of: of.name)
def test_names_carry_their_units(of):
    assert of.label
    assert of.source
    if of.unit == "1":
        assert of.name.endswith(SHARES)
    else:
        endings = [ending for ending in UNITS if of.name.endswith(f"_{ending}")]
        assert of.unit == UNITS[max(endings, key=len)]


def test_labels_tell_metrics_apart():
    labels = [of.label for of in known_metrics().values()]
    assert len(set(labels)) == len(labels)


def test_the_order_does_not_depend_on_what_was_imported_first():
    topics = [of.topic for of in known_metrics().values()]
    assert topics[0] == "stride"
    assert [t for i, t in enumerate(topics) if t not in topics[:i]] == list(dict.fromkeys(sorted(
        topics, key=lambda t: (registry.ORDER.index(t) if t in registry.ORDER else 99, t))))  # fmt: skip


def test_a_table_of_runs_has_a_row_for_each():
    runs = {"rear": analytic_run(bump=1.2), "fore": analytic_run(strike="forefoot"),
            "lost": changed(analytic_run(), status="crashed")}  # fmt: skip
    table = metrics_table(runs)
    assert list(table.index) == ["rear", "fore", "lost"]
    assert list(table["strike"]) == ["rearfoot", "forefoot", "rearfoot"]
    assert table.loc["rear", "L5S1_peak_compression_bw"] == pytest.approx(3.5)
    assert table["vgrf_impact_peak_bw"].isna().tolist() == [False, True, True]
    assert table["speed_mps"].tolist() == [3.5, 3.5, 3.5]
    assert set(table.columns) - {"status", "strike"} == table.attrs["units"].keys()
    assert not [c for c in table.columns if not re.fullmatch(r"\w+", c)]
