"""Passive stiffness of the lumbar levels."""

from __future__ import annotations

import numpy as np
import pytest

from footstrike.errors import InputError
from footstrike.lumbar.disc_stiffness import (
    DIRECTIONS,
    disc_stiffness,
    level_moments,
    passive_energy,
    passive_moments,
)
from footstrike.model.rows import LEVELS, LUMBAR_AXES
from footstrike.model.tables import carried_tables

NAMES = [f"lumbar_{axis}" for axis in LUMBAR_AXES]


def postures(count: int) -> dict[str, np.ndarray]:
    random = np.random.default_rng(0)
    return {name: random.uniform(-0.5, 0.5, count) for name in NAMES}


@pytest.fixture(params=["christophy", "lfb"])
def fractions(request: pytest.FixtureRequest) -> dict[str, dict[str, float]]:
    return carried_tables().rhythms[request.param].fractions


def test_moments_are_minus_the_slope_of_the_energy(fractions: dict[str, dict[str, float]]) -> None:
    q, step = postures(200), 1e-6
    moments = passive_moments(q, fractions)
    for name in NAMES:
        ahead, behind = (passive_energy(q | {name: q[name] + s}, fractions) for s in (step, -step))
        assert moments[name] == pytest.approx(-(ahead - behind) / (2 * step), abs=1e-5), name


def test_springs_rest_while_standing_and_pull_back(fractions: dict[str, dict[str, float]]) -> None:
    still = dict.fromkeys(NAMES, 0.0)
    assert all(m == 0.0 for m in passive_moments(still, fractions).values())
    for name in NAMES:
        for angle in (0.2, -0.2):
            assert passive_moments(still | {name: angle}, fractions)[name] * angle < 0.0
    assert np.all(passive_energy(postures(100), fractions) > 0.0)


def test_levels_in_series_are_softer_than_one(fractions: dict[str, dict[str, float]]) -> None:
    """Equal springs in series under a rhythm: stiffness of the chain is k times the sum of squared shares."""
    total = passive_moments(dict.fromkeys(NAMES, 1.0), fractions)["lumbar_rotation"]
    k = disc_stiffness()["L3L4"]["rotation"]
    assert -total == pytest.approx(k * sum(f**2 for f in fractions["rotation"].values()))


def test_flexion_and_extension_have_their_own_stiffness() -> None:
    fractions = carried_tables().rhythms["christophy"].fractions
    angle = 0.1 / fractions["extension"]["L4L5"]
    own = disc_stiffness()["L4L5"]
    for sign, direction in ((1.0, "extension"), (-1.0, "flexion")):
        q = dict.fromkeys(NAMES, 0.0) | {"lumbar_extension": sign * angle}
        assert level_moments(q, fractions)["L4L5"]["extension"] == pytest.approx(-sign * 0.1 * own[direction])


def test_table_holds_every_level_within_its_published_range() -> None:
    low, middle, high = (disc_stiffness(v) for v in ("low", "stiffness", "high"))
    for level in LEVELS:
        for direction in DIRECTIONS:
            assert 0.0 < low[level][direction] < middle[level][direction] < high[level][direction]
    assert middle["L4L5"]["rotation"] == pytest.approx(np.rad2deg((7.3 + 13.0) / 2), abs=0.1)  # N m/deg


def test_what_is_missing_is_named() -> None:
    fractions = carried_tables().rhythms["christophy"].fractions
    with pytest.raises(InputError, match="lumbar_bending, lumbar_rotation"):
        passive_moments({"lumbar_extension": 0.1}, fractions)
    with pytest.raises(InputError, match="did you mean 'high'"):
        disc_stiffness("hihg")  # type: ignore[arg-type]
