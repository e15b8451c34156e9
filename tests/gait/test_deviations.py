"""A runner whose habit differs from the mean of the group."""

from __future__ import annotations

import math

import numpy as np
import pytest

from footstrike.errors import InputError
from footstrike.gait.deviations import DEVIATIONS, deviated
from footstrike.gait.targets import target
from footstrike.model.sides import REVERSING
from footstrike.simulation.request import Request

MEAN = target("rearfoot", 3.5)


def test_a_leaning_runner_leans_by_the_spread_and_his_curves_with_him() -> None:
    own = deviated(MEAN, {"lean": 1.0})
    assert own.lean - MEAN.lean == pytest.approx(MEAN.lean_spread)
    thorax = [t.coordinates["pelvis_tilt"] + t.coordinates["lumbar_extension"] for t in (own, MEAN)]
    assert thorax[1] - thorax[0] == pytest.approx(MEAN.lean_spread)


@pytest.mark.parametrize("name", [n for n in DEVIATIONS if n != "lean"])
def test_a_gait_stays_symmetric(name: str) -> None:
    own = deviated(MEAN, {name: -1.0})
    for coordinate, curve in own.coordinates.items():
        half = len(curve) // 2
        if coordinate in REVERSING:
            assert curve[half:] == pytest.approx(-curve[: half + 1], abs=1e-9)
        elif coordinate.endswith("_r"):
            left = own.coordinates[coordinate[:-1] + "l"]
            assert left == pytest.approx(np.append(np.roll(curve[:-1], half), curve[half]), abs=1e-9)
    changed = [c for c, v in own.coordinates.items() if not np.array_equal(v, MEAN.coordinates[c])]
    assert {c.removesuffix("_r").removesuffix("_l") for c in changed} == {name}


def test_opposite_deviations_lie_on_both_sides_of_the_mean() -> None:
    for name in ("knee_angle", "lumbar_rotation"):
        ends = [deviated(MEAN, {name: x}).coordinates for x in (1.0, -1.0)]
        for c, curve in MEAN.coordinates.items():
            assert (ends[0][c] + ends[1][c]) / 2 == pytest.approx(curve, abs=1e-12)


@pytest.mark.parametrize(
    ("deviations", "words"),
    [({"knee": 1.0}, "knee_angle"), ({"lean": 4.0}, "allowed: -3 to 3"), ({"lean": math.nan}, "lean nan")],
)
def test_impossible_deviations_are_refused(deviations: dict[str, float], words: str) -> None:
    with pytest.raises(InputError, match=words):
        Request(strike="rearfoot", deviations=deviations)
