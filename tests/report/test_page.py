"""The page stands alone, says what the numbers say, and cannot be broken by what is in a run."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from synthetic import analytic_run, changed, looking_run

from footstrike.errors import InputError
from footstrike.report.figures import moments
from footstrike.report.page import choose_pair, write_report
from footstrike.report.words import number

VOID = {"meta", "input", "br", "link", "img", "hr"}


class Checker(HTMLParser):
    """Counts open elements, and collects what the tests ask about."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def parsed(text: str) -> Checker:
    checker = Checker()
    checker.feed(text)
    assert not checker.open
    return checker


@pytest.fixture(scope="module")
def pair():
    return [looking_run("rearfoot"), looking_run("forefoot")]


@pytest.fixture(scope="module")
def page(pair, tmp_path_factory) -> str:
    return write_report(pair, tmp_path_factory.mktemp("page") / "report.html").read_text(encoding="utf-8")


def test_it_is_one_file_that_asks_for_nothing(page):
    for _, attributes in parsed(page).tags:
        for name in ("src", "href", "xlink:href", "data", "action"):
            assert (attributes.get(name) or "#").startswith(("#", "data:text/"))
    assert not re.search(r"@import|url\((?!#)|fetch\(|XMLHttpRequest", page)


def test_every_picture_has_a_text_and_a_caption(page):
    tags = parsed(page).tags
    pictures = [attributes for tag, attributes in tags if tag == "svg"]
    assert len(pictures) >= 15
    assert all(attributes["role"] == "img" and attributes["aria-label"] for attributes in pictures)
    assert sum(tag == "figcaption" for tag, _ in tags) == len(pictures)
    assert all(attributes.get("aria-label") for tag, attributes in tags if tag == "canvas")


def test_ids_are_unique(page):
    ids = [attributes["id"] for _, attributes in parsed(page).tags if attributes.get("id")]
    assert len(ids) == len(set(ids))


def test_colours_follow_the_page(page):
    assert "#0072b2" not in page.split("</style>", 1)[1].lower()
    assert "var(--rearfoot)" in page.split("</style>", 1)[1]
    assert "currentColor" in page


def test_the_headline_states_the_numbers(page):
    assert "3.91 body" in page
    assert "undecided" in page
    assert "no uncertainty has been computed" in page


def test_postures_and_walking_are_judged_whatever_the_runs(page):
    assert "compression at L4/5 while standing" in page
    assert "needs the static postures and the walking stride" not in page


def test_the_sign_of_shear_is_that_of_the_load(page):
    assert "positive where the load pushes the upper vertebra forward over the lower one" in page
    assert "on the upper vertebra, forward +" not in page


def test_net_moments_lie_beside_those_of_measured_runners(pair, page):
    assert "Knee extension: net moment over the stride by strike" in page
    assert "Extension at L5/S1: net moment" not in page  # these runs do not know it
    twist = np.outer(np.sin(2 * np.pi * pair[0].time / pair[0].period), [10.0, 20.0, 30.0])
    knowing = [changed(run, lumbar_net={"L5S1": {"force": twist, "moment": twist}}) for run in pair]
    captions = [picture.caption for picture in moments(knowing)]
    assert captions[0] == "Extension at L5/S1, net moment, N m/kg, extends the trunk +."
    assert len(captions) == 7
    band = [picture.svg.count("fill-opacity: 0.13") for picture in moments(knowing)]
    assert band == [1] * 7
    fast = [changed(run, spec={**run.spec, "speed_mps": 4.5}) for run in knowing]
    assert [picture.svg.count("fill-opacity: 0.13") for picture in moments(fast)] == [1, 1, 1, 0, 0, 0, 0]


def test_rows_that_cannot_confirm_themselves_say_so(page):
    assert "tracked: cannot confirm itself" in page
    assert re.search(r"\d+ pass \(\d+ of them tracked\)", page)


def test_a_claims_result_in_the_folder_is_shown(pair, tmp_path):
    for run in pair:
        run.save(tmp_path / "runs" / f"{run.strike}.h5")
    row = {"id": "C6", "statement": "It lowers the load.", "metric": "lumbar.L5S1.peak_compression_bw",
           "units": "BW", "rearfoot": 4.0, "forefoot": 5.0, "effect": 1.0, "ci_low": 0.5, "ci_high": 1.5,
           "effect_size": 2.0, "between_runner_sd": 0.5, "verdict": "contradicted", "why": "because",
           "evidence": "none"}  # fmt: skip
    (tmp_path / "claims.json").write_text(json.dumps({"claims": [row], "provenance": {"seed": 7}}))
    text = write_report(tmp_path, tmp_path / "report.html").read_text(encoding="utf-8")
    parsed(text)
    assert "contradict it" in text
    assert "[+0.500, +1.50]" in text
    assert "seed" in text
    assert "runs/forefoot.h5" in text


def test_hostile_text_stays_text(pair, tmp_path):
    evil = "</script><script>alert(1)</script>"
    run = changed(pair[0], spec={**pair[0].spec, "note": evil, "strike": "rearfoot"}, message=evil)
    text = write_report([run], tmp_path / "page.html").read_text(encoding="utf-8")
    assert evil not in text
    parsed(text)


def test_one_strike_or_no_muscles_still_makes_a_page(pair, tmp_path):
    alone = write_report([pair[1]], tmp_path / "one.html").read_text(encoding="utf-8")
    assert "Only the forefoot strike" in alone
    bare = [changed(run, muscle_names=[], activations=np.zeros((0, 0)), muscle_forces=np.zeros((0, 0)))
            for run in pair]  # fmt: skip
    text = write_report(bare, tmp_path / "bare.html").read_text(encoding="utf-8")
    assert "without muscle forces of the trunk" in text
    assert "Peak compression at L5/S1" not in text


def test_a_flat_analytic_run_makes_a_page(tmp_path):
    parsed(write_report([analytic_run()], tmp_path / "flat.html").read_text(encoding="utf-8"))


def test_what_cannot_be_reported_is_refused(pair, tmp_path):
    with pytest.raises(InputError, match="holds no runs"):
        write_report(tmp_path, tmp_path / "report.html")
    with pytest.raises(InputError, match=r"no solved run .*crashed"):
        write_report([changed(pair[0], status="crashed")], tmp_path / "report.html")
    with pytest.raises(InputError, match="is a folder"):
        write_report(pair, tmp_path)
    pair[0].save(tmp_path / "run.h5")
    (tmp_path / "claims.json").write_text('{"claims": [{"id": "C1"}]}')
    with pytest.raises(InputError, match="field 'statement' is missing"):
        write_report(tmp_path, tmp_path / "report.html")
    (tmp_path / "claims.json").write_text("{")
    with pytest.raises(InputError, match=r"claims\.json cannot be used"):
        write_report(tmp_path, tmp_path / "report.html")
    assert not (tmp_path / "report.html").exists()


def test_the_pair_is_habitual_and_at_one_speed(pair):
    shorter = changed(pair[0], spec={**pair[0].spec, "step_length_m": 1.0})
    faster = changed(pair[1], spec={**pair[1].spec, "speed_mps": 4.5})
    weaker = changed(pair[1], spec={**pair[1].spec, "perturbation": {"strength": 0.9}})
    assert choose_pair([shorter, faster, weaker, *pair]) == pair
    assert choose_pair([changed(pair[0], status="infeasible")]) == []


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (0.0, "0.00"), (3.14159, "3.14"), (170.53, "171"), (-0.0424, "−0.0424"), (1e-7, "1.0e−07"),
     ("x", "x"), (12, "12"), (1234.5, "1234"), (99.96, "100")],
)  # fmt: skip
def test_numbers_are_readable(value, text):
    assert number(value) == text
