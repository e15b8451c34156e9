"""The moving runner is the model: bones, muscles and discs are where OpenSim and the equations of motion have them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from browser import visit
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation
from strides import stride
from synthetic import SPEED, changed, looking_run

from footstrike.errors import InputError
from footstrike.model.description import Description
from footstrike.model.subject import Subject
from footstrike.outcomes.ground import weight
from footstrike.report.animation import FRAMES, animation, moving_bodies
from footstrike.report.packing import packed, unpacked
from footstrike.report.page import Source, choose_moving, write_report
from footstrike.report.still import still
from footstrike.runs.run import Array, Run
from footstrike.workers.client import Worker

SAMPLES = 201
NEAR = 2.5e-4  # m: places and turns are rounded to 0.1 mm and 1e-4


@pytest.fixture(scope="module")
def model(worker: Worker) -> tuple[str, Description]:
    text = worker.call("build_runner", Subject())
    return text, worker.call("describe", text, fit_paths=False)


@pytest.fixture(scope="module")
def run(model: tuple[str, Description]) -> Run:
    text, d = model
    looking = looking_run("rearfoot", SAMPLES)
    q = {name: np.append(v, v[0]) for name, v in stride(SPEED, SAMPLES - 1)[1].items()}
    q["pelvis_tx"] = q["pelvis_tx"] + SPEED * looking.time
    names = [m.name for m in d.muscles]
    wave = 0.5 + 0.5 * np.sin(
        2 * np.pi * (looking.time[:, None] / looking.period + np.arange(len(names)) / 7)
    )
    return changed(looking, model_osim=text, coordinates=q, muscle_names=names, activations=wave,
                   muscle_forces=1000.0 * wave)  # fmt: skip


@pytest.fixture(scope="module")
def figure(run: Run) -> dict:
    return animation(run)


@pytest.fixture(scope="module")
def page(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    other = changed(run, spec={**run.spec, "strike": "forefoot"})
    return write_report([run, other], tmp_path_factory.mktemp("moving") / "report.html")


def placed(figure: dict, frame: int, body: str, points: Array) -> Array:
    """Points of a body as the page has them, in ground."""
    pose = unpacked(figure["poses"])[frame, figure["bodies"].index(body)]
    return pose[:3] + Rotation.from_quat(pose[3:]).apply(points)


def drawn(figure: dict, frame: int) -> dict[str, Array]:
    """Points of every muscle as the page draws them."""
    muscles, found, start = figure["muscles"], {}, 0
    points, bent = unpacked(muscles["points"]), iter(unpacked(figure["bent"])[frame])
    for name, count in zip(muscles["names"], muscles["counts"], strict=True):
        on = muscles["bodies"][start : start + count]
        chain = [placed(figure, frame, figure["bodies"][b], points[start + k]) for k, b in enumerate(on)]
        found[name] = np.array(chain) if count else next(bent)
        start += count
    return found


@pytest.mark.parametrize("frame", [0, 37])
def test_muscles_run_where_opensim_has_them(figure, run, model, worker, frame):
    text, d = model
    q = moving_bodies(run, d).q[frame]
    lines = worker.call("muscle_lines", text, dict(zip(d.coordinate_names, q.tolist(), strict=True)))
    found = drawn(figure, frame)
    assert set(found) == set(lines)
    assert sum(not m.path for m in d.muscles) >= 10  # wrapped ones are among them
    for name, points in found.items():
        assert points[[0, -1]] == pytest.approx(lines[name].points[[0, -1]], abs=NEAR), name
    lengths = worker.call("muscle_lengths", text, d.coordinate_names, q[None])[0]
    for m, length in zip(d.muscles, lengths, strict=True):
        along = np.linalg.norm(np.diff(found[m.name], axis=0), axis=1).sum()
        assert along == pytest.approx(length, rel=0.03, abs=0.002), m.name


def test_discs_lie_at_the_levels(figure, run, model, worker):
    _, d = model
    for level in figure["levels"]:
        joint = next(j for j in d.joints if j.name == level["level"])
        above = placed(figure, 20, level["body"], np.array(level["at"]))
        below = placed(figure, 20, joint.parent, np.asarray(joint.parent_pose.p))
        assert above == pytest.approx(below, abs=0.012)  # the rhythm lets vertebrae glide
        assert placed(figure, 20, level["body"], np.array(level["at"]) + level["up"])[1] > above[1]


def test_loads_and_activations_are_those_of_the_run(figure, run):
    loads = unpacked(figure["loads"])
    assert loads.shape == (FRAMES, 6)
    assert loads[0, 0] == pytest.approx(run.lumbar["L5S1"]["compression"][0] / weight(run), abs=1e-3)
    assert loads.max() == pytest.approx(run.lumbar["L5S1"]["compression"].max() / weight(run), rel=0.01)
    k = figure["muscles"]["names"].index("soleus_r")
    same = run.activations[::2, run.muscle_names.index("soleus_r")][:FRAMES]
    assert unpacked(figure["activation"])[:, k] == pytest.approx(same, abs=0.003)


def test_the_force_acts_where_the_foot_is(figure, run):
    force = unpacked(figure["force"])
    on = force[:, 0, 4] > 0
    assert force[:, 0, 4].max() == pytest.approx(
        run.ground_force["right"][:, 1].max() / weight(run), rel=0.02
    )
    assert 0.2 < on.mean() < 0.45
    assert not force[~on, 0].any()
    assert np.abs(force[:, :, 0]).max() < 1.0  # the frame moves with the runner


def test_the_runner_stays_in_the_middle(run, model):
    p = moving_bodies(run, model[1]).p["pelvis"]
    assert np.abs(p[:, 0]).max() < 0.05


def test_outlines_are_closed_and_face_outwards(figure):
    hulls = [s for s in figure["shapes"] if s["kind"] == "hull"]
    assert {"pelvis", "torso", "calcn_r", "toes_l"} <= {s["body"] for s in hulls}
    for shape in hulls:
        points = np.array(shape["points"])
        corners = points[np.array(shape["faces"])]
        normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        volume = np.einsum("ij,ij->i", normal, corners[:, 0] - points.mean(axis=0)).sum() / 6
        assert volume > 0
        edges = {(f[i], f[(i + 1) % 3]) for f in shape["faces"] for i in range(3)}
        assert all((b, a) in edges for a, b in edges)


def test_without_muscle_forces_no_load_of_the_spine_is_shown(run):
    bare = changed(run, muscle_names=[], activations=np.zeros((0, 0)), muscle_forces=np.zeros((0, 0)))
    figure = animation(bare)
    assert figure["loads"]["shape"] == [FRAMES, 0]
    assert figure["muscles"]["names"] == []
    assert "ellipse" in still(figure)


def test_two_runners_take_less_than_five_megabytes(page):
    text = page.read_text(encoding="utf-8")
    assert page.stat().st_size < 3e6
    assert text.count("<canvas") == 2
    assert text.count('class="still"><svg') == 2


def test_a_model_that_cannot_be_read_leaves_the_figure_out_and_says_why(tmp_path):
    text = write_report([looking_run()], tmp_path / "page.html").read_text(encoding="utf-8")
    assert "The moving runner is left out: OpenSim cannot read the model" in text
    assert "<canvas" not in text


def test_a_modified_gait_stands_beside_its_habit():
    rear, fore = looking_run("rearfoot"), looking_run("forefoot")
    knee = changed(rear, spec={**rear.spec, "knee_flexion_deg": 20.0})
    converted = changed(fore, spec={**fore.spec, "from_strike": "rearfoot"})
    shaken = changed(fore, spec={**fore.spec, "perturbation": {"strength": 0.9}})
    named = dict(zip("abcde", [fore, knee, rear, shaken, converted], strict=True))
    pair = [rear, fore]
    assert choose_moving(Source(named), pair) == [rear, knee, fore, converted]
    assert choose_moving(Source({"a": fore, "b": rear, "c": converted}), pair)[:2] == [rear, converted]
    assert choose_moving(Source(named, {"claims": []}), pair)[:2] == pair
    assert choose_moving(Source({"a": fore, "b": knee}), [knee, fore])[:2] == [knee, fore]  # no habit


@given(st.lists(st.floats(-3.2, 3.2), min_size=1, max_size=20))
def test_packed_values_come_back_rounded(values):
    assert unpacked(packed(values, "int16", 1e-4)) == pytest.approx(np.array(values), abs=5.1e-5)


@pytest.mark.parametrize("value", [4.0, -4.0, np.nan])
def test_what_does_not_fit_is_refused(value):
    with pytest.raises(InputError, match="not within"):
        packed([0.0, value], "int16", 1e-4)


STEER = """
  const $ = q => document.querySelector(q), seen = {}, wait = () => new Promise(go => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(go, 100))));
  const set = (q, v, kind) => { $(q).value = v; $(q).dispatchEvent(new Event(kind)); };
  const picture = () => { const c = $("canvas"); return c.toDataURL().length + c.toDataURL().slice(-400); };
  seen.live = $("#runner").classList.contains("live");
  seen.plays = $("#play").textContent;
  if (seen.plays === "Pause") $("#play").click();
  seen.paused = $("#play").textContent;
  set("#phase", 150, "input"); await wait();
  seen.clock = $("#clock").textContent; seen.told = $("#told").textContent;
  seen.cursor = $("#cursor").getAttribute("transform"); const first = picture();
  set("#phase", 600, "input"); await wait();
  seen.cursorMoved = $("#cursor").getAttribute("transform") !== seen.cursor; const second = picture();
  seen.figureMoved = first !== second;
  $("canvas").dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowRight"})); await wait();
  seen.keyTurns = picture() !== second;
  const box = $("#curve svg").getBoundingClientRect(), at = box.left + box.width / 2;
  for (const kind of ["pointerdown", "pointerup"]) try { $("#curve .frame").dispatchEvent(new PointerEvent(kind, {clientX: at, pointerId: 1})); } catch {}
  await wait(); seen.scrubbed = $("#clock").textContent;
  set("#view", "spine back", "change"); set("#muscles", "trunk", "change"); await wait();
  seen.bars = document.querySelectorAll(".bars dd").length;
  seen.wide = document.documentElement.scrollWidth;
  return seen;"""


@pytest.mark.parametrize("width", [390, 1400])
def test_a_browser_shows_and_steers_it(page, width):
    seen, console, requests = visit(page, STEER, width)
    assert console == []
    assert requests == []
    assert seen["live"]
    assert (seen["plays"], seen["paused"]) == ("Pause", "Play")
    assert seen["clock"] == "15 % of the stride"
    assert seen["told"].startswith("rearfoot: ")
    assert seen["cursorMoved"]
    assert seen["figureMoved"]
    assert seen["keyTurns"]
    assert seen["scrubbed"].split(" ")[0] in {"46", "47", "48", "49", "50"}  # margin of the labels
    assert seen["bars"] == 12
    assert seen["wide"] <= width


def test_the_page_itself_refuses_to_ask_for_anything(page):
    _, console, requests = visit(page, """const i = new Image(); i.src = "http://localhost/x.png";
      await new Promise(go => setTimeout(go, 200)); return 0;""")  # fmt: skip
    assert requests  # this is how one would be seen
    assert any("Content Security Policy" in line for line in console)
