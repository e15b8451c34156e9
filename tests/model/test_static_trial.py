"""Scaling to a person standing still: made-up trials of known size, real ones, and bad ones."""

from __future__ import annotations

import os
from pathlib import Path

import ezc3d
import numpy as np
import pytest

from footstrike.errors import InputError
from footstrike.formats.markers import read_markers
from footstrike.model import static_trial
from footstrike.model.description import Array
from footstrike.model.placement import posture
from footstrike.model.scaling import length_factors, scaled, standing_height
from footstrike.model.static_trial import scale_to_static
from footstrike.model.subject import Subject
from footstrike.model.tables import carried_tables
from footstrike.workers.client import opensim_worker

RATE, FRAMES = 150.0, 20
TURN = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])  # a laboratory with z up


def places(factor: float, without: tuple[str, ...] = ()) -> dict[str, Array]:
    """Markers of a generic runner ``factor`` times as large, with a pelvis that has its hips by Harrington."""
    generic = static_trial._generic_places()
    hips = static_trial.hip_centres(generic)
    table = static_trial._table()
    out = {}
    for name, at in generic.items():
        marker, side = name[:-2], name[-1]
        if marker in table and not marker.startswith(without):
            label = table[marker].names[0]
            below = not marker.startswith(("asis", "psis", "c7", "elbow", "wrist"))
            shift = hips[side] - generic[f"hip_{side}"] if below else np.zeros(3)
            out[label if side == "r" else static_trial._left(label)] = factor * (at + shift)
    return out


def write_trc(path: Path, markers: dict[str, Array], unit: float = 1000.0) -> Path:
    names = list(markers)
    lines = [
        f"PathFileType\t4\t(X/Y/Z)\t{path.name}",
        "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits",
        f"{RATE}\t{RATE}\t{FRAMES}\t{len(names)}\t{'mm' if unit == 1000.0 else 'm'}",
        "Frame#\tTime\t" + "\t\t\t".join(names),
        "\t\t" + "\t".join(f"{a}{k + 1}" for k in range(len(names)) for a in "XYZ"),
    ]
    for t in range(FRAMES):
        cells = [f"{v:.6f}" for at in markers.values() for v in unit * (TURN @ at + 0.5)]
        if t == 3:
            cells[:3] = ["", "", ""]  # lost in one frame
        lines.append("\t".join([str(t + 1), f"{t / RATE:.5f}", *cells]))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def write_c3d(path: Path, markers: dict[str, Array]) -> Path:
    file = ezc3d.c3d()
    file["parameters"]["POINT"]["RATE"]["value"] = [RATE]
    file["parameters"]["POINT"]["LABELS"]["value"] = tuple(markers)
    file["parameters"]["POINT"]["UNITS"]["value"] = ("mm",)
    points = np.ones((4, len(markers), FRAMES))
    points[:3] = 1000.0 * (TURN @ np.array(list(markers.values())).T + 0.5)[:, :, None]
    file["data"]["points"] = points
    file.write(str(path))
    return path


@pytest.mark.parametrize("ending", ["trc", "c3d"])
def test_a_larger_runner_is_found_again(tmp_path: Path, ending: str) -> None:
    write = write_trc if ending == "trc" else write_c3d
    found = scale_to_static(write(tmp_path / f"static.{ending}", places(1.07)), 80.0)
    # the model's own hips are not quite where the regression has them: thighs only, by up to its offset
    for segment in ("shank", "foot", "forearm", "trunk"):
        assert found.factors[segment] == pytest.approx((1.07,) * 3, abs=1e-5), segment
    assert found.factors["pelvis"] == pytest.approx((1.07,) * 3, abs=1e-5)
    assert found.factors["thigh"][1] == pytest.approx(1.07, abs=0.01)
    assert found.missing == ()
    new = scaled(carried_tables(), found.subject)
    assert sum(b.mass for b in new.bodies) == pytest.approx(80.0, abs=1e-9)


def test_a_trunk_without_markers_takes_the_rest_of_the_height(tmp_path: Path) -> None:
    path = write_trc(tmp_path / "legs.trc", places(1.05, ("c7", "elbow", "wrist")))
    found = scale_to_static(path, 70.0, height=1.82)
    assert found.assumed == ("trunk", "upper_arm", "forearm", "hand")
    new = scaled(carried_tables(), found.subject)
    generic = carried_tables()
    ratio = standing_height(new, posture(new, {})) / standing_height(generic, posture(generic, {}))
    assert ratio * 1.80 == pytest.approx(1.82, abs=1e-9)
    assert (
        found.factors["upper_arm"] == length_factors(generic, Subject(1.82, 70.0, legs="none"))["upper_arm"]
    )


def test_the_scaled_model_is_built_with_unequal_factors(tmp_path: Path) -> None:
    markers = places(1.0)
    for name in ("R.ASIS", "L.ASIS"):
        markers[name] = markers[name] * [1.0, 1.0, 1.2]
    found = scale_to_static(write_c3d(tmp_path / "wide.c3d", markers), 75.0)
    assert found.factors["pelvis"][2] == pytest.approx(1.2, abs=1e-5)
    text = opensim_worker().call("build_runner", found.subject)
    described = opensim_worker().call("describe", text)
    hip = next(j for j in described.joints if j.name == "hip_r")
    assert hip.parent_pose.p[2] == pytest.approx(1.2 * 0.0835, abs=1e-6)
    assert described.mass == pytest.approx(75.0, abs=1e-9)


def test_bad_trials_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="knee_lateral is missing"):
        scale_to_static(write_trc(tmp_path / "a.trc", places(1.0, ("knee",))), 70.0)
    swapped = places(1.0)
    swapped |= {f"{side}.Ankle": swapped[f"{side}.Knee"] for side in "RL"}
    with pytest.raises(InputError, match=r"shank measures .* \(allowed"):
        scale_to_static(write_trc(tmp_path / "b.trc", swapped), 70.0)
    with pytest.raises(InputError, match="does not exist"):
        scale_to_static(tmp_path / "none.c3d", 70.0)
    with pytest.raises(InputError, match=r"allowed: \.c3d, \.trc"):
        scale_to_static(tmp_path / "none.csv", 70.0)
    (tmp_path / "broken.c3d").write_bytes(b"no c3d at all")
    (tmp_path / "broken.trc").write_text("PathFileType\n", encoding="utf-8")
    for name in ("broken.c3d", "broken.trc"):
        with pytest.raises(InputError, match="cannot be read"):
            read_markers(tmp_path / name)


def test_real_static_trials() -> None:
    folder = os.environ.get("FOOTSTRIKE_DATA")
    if not folder:
        pytest.skip("FOOTSTRIKE_DATA does not name a folder with the RBDS trials (Fukuchi et al. 2017)")
    runners = {"RBDS012": (1.786, 75.7), "RBDS014": (1.872, 75.8), "RBDS018": (1.845, 76.75)}
    for name, (height, mass) in runners.items():
        found = scale_to_static(Path(folder) / "rbds" / name / f"{name}static.c3d", mass, height)
        legs = found.measured["thigh"][0] + found.measured["shank"][0]
        assert 0.44 < legs / height < 0.52, name  # Drillis & Contini 1966: thigh and shank 0.49 of height
        for segment, factor in found.factors.items():
            assert all(0.8 < f < 1.2 for f in factor), (name, segment)
