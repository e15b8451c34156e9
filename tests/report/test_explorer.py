"""The explorer says what the surfaces and the solved gaits say, and a browser shows and steers it."""

from __future__ import annotations

import csv
import io
import json
import re
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser import visit
from strides import stride
from synthetic import BW, SPEED, changed, looking_run

from footstrike.cli import commands
from footstrike.errors import InputError
from footstrike.model.subject import Subject
from footstrike.report.explorer import write_explorer
from footstrike.runs.run import Run
from footstrike.study.folder import SweepFolder
from footstrike.study.plan import make_plan
from footstrike.study.surfaces import Surface, surfaces
from footstrike.study.sweep import Sweep
from footstrike.workers.client import Worker

KNEES, STEPS = [10, 15, 20, 30], [-10, 0, 10]
EXPERIMENT = {
    "title": "A sweep </script> for the tests",
    "question": "What does it show?",
    "fixed": {"speed": SPEED, "legs": "torques"},
    "grid": {"strike": ["rearfoot", "forefoot"], "step_length": {"relative": STEPS}, "knee_flexion": KNEES},
}
FAILED = ("forefoot", 10, 30)


def made_up(text: str, entry: Any, noise: float) -> Run:
    """A gait whose knee moves with what was asked, and whose spine is loaded by a known function of it."""
    looking = looking_run(str(entry.values["strike"]), 101)
    step, knee = entry.relative.get("step_length", 0.0), float(entry.values.get("knee_flexion", 12.0))
    q = {name: np.append(v, v[0]) for name, v in stride(SPEED, 100)[1].items()}
    q["pelvis_tx"] = q["pelvis_tx"] + SPEED * looking.time
    q["knee_angle_r"] = q["knee_angle_r"] - np.radians(knee - 12.0)
    scale = 1.0 + 0.02 * step + 0.001 * (knee - 18.0) ** 2
    lumbar = {name: {k: scale * v for k, v in level.items()} for name, level in looking.lumbar.items()}
    shaken = {side: v * (1.0 + noise) for side, v in looking.ground_force.items()}
    return changed(looking, spec={**looking.spec, **entry.values, "legs": "torques"}, model_osim=text, coordinates=q,
                   lumbar=lumbar, ground_force=shaken, muscle_names=["RA_L5S1_T12L1_1_r"],
                   activations=np.full((101, 1), 0.3), muscle_forces=np.full((101, 1), BW))  # fmt: skip


@pytest.fixture(scope="module")
def folder(worker: Worker, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sweep") / "map"
    text = worker.call("build_runner", Subject(legs="none"))
    plan = SweepFolder(path).begin(make_plan(EXPERIMENT))
    random = np.random.default_rng(1)
    for key, entry in plan.entries.items():
        asked = (entry.values["strike"], entry.relative.get("step_length"), entry.values.get("knee_flexion"))
        if asked == FAILED:
            reason = {"key": key, "status": "infeasible", "reason": "made to fail"}
            SweepFolder(path).failed_file(key).write_text(json.dumps(reason))
        else:
            made_up(text, entry, 0.02 * random.standard_normal()).save(SweepFolder(path).cell_file(key))
    return path


@pytest.fixture(scope="module")
def fits(folder: Path) -> dict[tuple[str, str], Surface]:
    return {(s.group["strike"], s.metric): s for s in surfaces(Sweep(folder))}


@pytest.fixture(scope="module")
def page(folder: Path, fits: dict[tuple[str, str], Surface]) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        fitted_once(patch, fits)
        return write_explorer(folder)


def fitted_once(patch: pytest.MonkeyPatch, fits: dict[tuple[str, str], Surface]) -> None:
    patch.setattr("footstrike.report.explorer.surfaces", lambda sweep: list(fits.values()))


def held(page: Path) -> dict:
    text = page.read_text(encoding="utf-8")
    return json.loads(re.search(r'id="sweep">(.*?)</script>', text, re.DOTALL)[1])


def test_it_holds_every_solved_gait_and_why_the_others_failed(page, folder):
    data = held(page)
    assert page == folder / "explorer.html"
    assert [g["name"] for g in data["groups"]] == ["rearfoot", "forefoot"]
    assert [len(g["cells"]) for g in data["groups"]] == [12, 11]
    assert data["groups"][1]["failed"] == [{"x": [10.0, 30.0], "reason": "made to fail"}]
    table = Sweep(folder).to_frame()
    names = [m["name"] for m in data["metrics"]]
    assert names[0] == "L5S1_peak_compression_bw"
    for cell in data["groups"][0]["cells"]:
        row = table.loc[cell["key"]]
        assert cell["x"] == [row["asked_step_length_relative_pct"], row["asked_knee_flexion_deg"]]
        assert cell["values"][0] == pytest.approx(row["L5S1_peak_compression_bw"], rel=1e-5)
    assert [x[0] for x in data["groups"][0]["habitual"]] == [0.0]
    assert len(data["motions"]) == 25  # and two habitual gaits
    assert len(data["drawings"]) == 1


def test_it_is_one_file_and_small(page):
    text = page.read_text(encoding="utf-8")
    assert not re.search(r"@import|url\(|fetch\(|XMLHttpRequest|src=|<link", text)
    assert "A sweep </script>" not in text
    assert page.stat().st_size < 2e6


EVALUATE = """
  const data = JSON.parse(document.getElementById("sweep").textContent), found = [];
  for (const group of data.groups) for (const m of Object.keys(group.surfaces)) {
    const fit = new Surface(group.surfaces[m]);
    for (const x of %s) { const v = fit.at(x); found.push([group.name, data.metrics[m].name, x, v.value, v.half]); }
  }
  return found;"""


def test_surfaces_in_the_page_are_those_of_the_package(page, fits):
    places = [[-10, 10], [-3.3, 17.0], [7.1, 24.9]]
    found = visit(page, EVALUATE % json.dumps(places)).answer
    kinds = {fits[strike, name].plain()["fit"]["kind"] for strike, name, *_ in found}
    assert kinds == {"polynomial", "gaussian process"}
    for strike, name, x, value, half in found:
        expected = fits[strike, name].predict(np.array([x]))
        size = max(abs(expected.value[0]), fits[strike, name].effect)
        assert value == pytest.approx(expected.value[0], abs=1e-5 * size), name
        assert half == pytest.approx(expected.high[0] - expected.value[0], rel=1e-3, abs=1e-5 * size), name


STEER = """
  const $ = q => document.querySelector(q), wait = () => new Promise(go => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(go, 200)))), seen = {};
  const set = (node, v, kind) => { node.value = v; node.dispatchEvent(new Event(kind)); };
  const [a, b] = document.querySelectorAll(".setting"), row = $("#numbers tbody").rows[0], sliders = a.querySelectorAll("input");
  const numbers = () => [...row.cells].map(c => c.textContent);
  await wait();
  seen.live = $("#runner").classList.contains("live");
  seen.habit = b.querySelector(".state").textContent;
  set(sliders[0], 0, "input"); set(sliders[1], 15, "input"); await wait();
  seen.solved = [a.querySelector(".state").textContent, numbers(), $(".name").textContent];
  set(sliders[1], 17, "input"); seen.between = numbers(); await wait();
  seen.betweenName = $(".name").textContent; seen.hash = location.hash;
  const times = [];
  for (let i = 0; i < 50; i++) { const t = performance.now(); set(sliders[1], 10 + i * .4, "input"); times.push(performance.now() - t); }
  seen.median = times.sort((x, y) => x - y)[25];
  a.querySelector(".near").click(); await wait(); seen.near = a.querySelector(".state").textContent;
  a.querySelector(".least").click(); await wait(); seen.least = [...a.querySelectorAll("output")].map(o => o.textContent);
  $("#map canvas").dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowRight"})); await wait();
  seen.moved = a.querySelector("output").textContent;
  set(b.querySelector(".group"), 1, "change"); await wait(); seen.other = document.querySelectorAll(".name")[1].textContent;
  set($("#wanted"), "loading rate", "input"); seen.rows = [...$("#numbers tbody").rows].filter(r => !r.hidden).length;
  set($("#wanted"), "", "input");
  const make = URL.createObjectURL; let blob = null;
  URL.createObjectURL = one => { blob = one; return "#"; };
  $("#save").click(); seen.csv = await blob.text(); URL.createObjectURL = make;
  seen.trust = $("#trust").textContent; seen.wide = document.documentElement.scrollWidth;
  return seen;"""


@pytest.mark.parametrize("width", [390, 1400])
def test_a_browser_shows_and_steers_it(page, fits, width):
    seen, console, requests = visit(page, STEER, width)
    assert console == []
    assert requests == []
    assert seen["live"]
    assert seen["habit"] == "The habitual gait, solved."
    said, solved, name = seen["solved"]
    assert said == "A solved gait."
    assert "±" not in solved[2]
    assert "interpolated" not in name
    surface = fits["rearfoot", "L5S1_peak_compression_bw"]
    expected = surface.predict(np.array([[0.0, 17.0]])).value[0]
    assert float(seen["between"][2].split(" ")[0]) == pytest.approx(expected, rel=0.005)
    assert "±" in seen["between"][2]
    assert seen["betweenName"].endswith("(interpolated)")
    assert "L5S1_peak_compression_bw" in seen["hash"]
    assert seen["median"] < 200.0
    assert seen["near"] == "A solved gait."
    assert float(seen["least"][0].split(" ")[0].replace("−", "-")) == pytest.approx(-10.0, abs=0.5)
    assert float(seen["least"][1].split(" ")[0]) == pytest.approx(18.0, abs=2.0)
    assert float(seen["moved"].split(" ")[0].replace("−", "-")) == pytest.approx(-9.5, abs=0.6)
    assert "forefoot" in seen["other"]
    assert 1 <= seen["rows"] < 10
    rows = list(csv.reader(io.StringIO(seen["csv"])))
    assert rows[0][:4] == ["setting", "group", "kind", "step length %"]
    assert rows[5][0] == "L5S1_peak_compression_bw"
    assert "leave-one-out error" in seen["trust"]
    assert seen["wide"] <= width


KEPT = """
  const wait = () => new Promise(go => setTimeout(go, 400)), a = document.querySelector(".setting");
  location.hash = "a=at,1,5,25&b=habit,0,0,15&m=valr_bw_per_s&map=A"; await wait();
  return [a.querySelector(".group").value, ...[...a.querySelectorAll("output")].map(o => o.textContent), document.querySelector("#metric").selectedOptions[0].textContent];"""


def test_a_link_brings_a_setting_back(page):
    found = visit(page, KEPT).answer
    assert found == ["1", "5 %", "25 deg", "average vertical loading rate"]


def test_a_surface_whose_error_exceeds_its_effect_is_not_shown(page, fits):
    lost = [name for (strike, name), fit in fits.items() if strike == "rearfoot" and not fit.trusted]
    assert lost
    ask = """const s = document.querySelector(".setting input"); s.value = 3; s.dispatchEvent(new Event("input")); const names = JSON.parse(document.getElementById("sweep").textContent).metrics.map(m => m.name);
      return [...document.querySelector("#numbers tbody").rows].map((r, i) => [names[i], r.cells[2].textContent]);"""
    shown = dict(visit(page, ask).answer)
    assert all(shown[name].startswith("unresolved (± ") for name in lost)
    assert not shown["L5S1_peak_compression_bw"].startswith("unresolved")


def test_the_command_writes_it_or_says_what_is_missing(folder, fits, tmp_path, capsys, monkeypatch):
    fitted_once(monkeypatch, fits)
    assert commands.run(["explore", str(folder), "-o", str(tmp_path / "e.html"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"explorer": str(tmp_path / "e.html")}
    assert commands.run(["explore", str(tmp_path)]) == 2
    assert "holds no sweep" in capsys.readouterr().err
    few = SweepFolder(tmp_path / "few")
    few.begin(make_plan(EXPERIMENT))
    with pytest.raises(InputError, match="holds 0 solved cells: at least 6"):
        write_explorer(few.path)


def test_without_a_folder_it_shows_the_solved_sweep_that_the_package_carries(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert commands.run(["explore"]) == 0
    page = Path(capsys.readouterr().out.strip())
    assert page.resolve() == tmp_path / "explorer.html"
    assert page.stat().st_size < 10e6
    data = held(page)
    assert [len(g["cells"]) for g in data["groups"]] == [49, 49]
    assert len(data["motions"]) == 49 + 2
    seen = visit(page.resolve(), "return document.querySelectorAll('input[type=range]').length")
    assert seen.answer >= 4  # two settings of two variables, and time
    assert not seen.console
    assert not seen.requests


def test_places_of_the_sweep_are_all_there(page):
    wanted = set(product(map(float, STEPS), map(float, KNEES)))
    assert {tuple(cell["x"]) for cell in held(page)["groups"][0]["cells"]} == wanted
