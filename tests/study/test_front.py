"""Optima and fronts are where they are known to be, with the multipliers that they are known to have."""

from __future__ import annotations

import tomllib
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from footstrike.errors import InputError
from footstrike.progress import Progress, silent
from footstrike.study.confirm import settings_to_confirm, to_toml
from footstrike.study.experiment import experiment_of
from footstrike.study.front import ACHILLES, COST, DAMAGE_4, METRICS, PEAK, Estimate, TradeOffs, trade_offs
from footstrike.study.optima import Scaled, least, places
from footstrike.study.surfaces import Surface, surfaces
from footstrike.study.sweep import Sweep, sweep

STEPS, KNEES = np.linspace(-15.0, 15.0, 7), np.array([5.0, 10, 15, 20, 25, 30, 40])
AT = np.array([[s, k] for s in STEPS for k in KNEES])
X, Y = AT[:, 0] / 15.0, (AT[:, 1] - 22.5) / 17.5  # scaled as surfaces scale them
KNOWN = {
    PEAK: 4.0 * (1.0 + 0.10 * (X - 1.0) ** 2 - 0.02 * Y),
    COST: 4.0 * (1.0 + 0.05 * (X + 1.0) ** 2 + 0.02 * Y),
    ACHILLES: 8.0 + 0.0 * X,
    DAMAGE_4: 1e4 * (1.0 + 0.10 * (X - 0.2) ** 2 + 0.10 * (Y + 0.4) ** 2),
}
HABIT = {PEAK: 4.0, COST: 4.0, ACHILLES: 8.0, DAMAGE_4: 1e4}


class _Known(Sweep):
    """A sweep whose metrics are functions of what was asked."""

    def __init__(self, folder: Path) -> None:
        asked = {name: SimpleNamespace(values={"strike": "rearfoot"}) for name in ("habit",)}
        self.plan = SimpleNamespace(varied=("strike", "step_length", "knee_flexion"), entries=asked, experiment={"fixed": {"speed": 3.5}}, name="known")  # type: ignore[assignment]  # fmt: skip
        self.folder = SimpleNamespace(path=folder)  # type: ignore[assignment]

    def to_frame(self, progress: Progress = silent) -> pd.DataFrame:
        noise = np.random.default_rng(1).normal(size=len(AT))
        table = pd.DataFrame({
            "status": "solved", "strike": "rearfoot", "habit": "habit", "asked_strike": "rearfoot",
            "asked_step_length_m": 1.2 * (1.0 + AT[:, 0] / 100.0), "asked_step_length_relative_pct": AT[:, 0],
            "asked_knee_flexion_deg": AT[:, 1], **KNOWN, METRICS[2]: 1e7 * noise,
        })  # fmt: skip
        columns = {"strike": "asked_strike", "step_length": "asked_step_length_m", "knee_flexion": "asked_knee_flexion_deg"}  # fmt: skip
        table.attrs = {"varied": columns, "units": {"asked_knee_flexion_deg": "deg", **dict.fromkeys(METRICS, "N")},
                       "labels": {name: name for name in (*columns.values(), *METRICS)}}  # fmt: skip
        return table

    def habits_frame(self) -> pd.DataFrame:
        row = {"status": "solved", **HABIT, METRICS[2]: 1e7, "knee_flexion_contact_deg": 12.0}
        return pd.DataFrame([row], index=["habit"])


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> TradeOffs:
    return trade_offs(_Known(tmp_path_factory.mktemp("known")))


def surface_of(values: np.ndarray, name: str) -> Surface:
    made = _Known(Path())
    table = made.to_frame().assign(**{name: values})
    made.to_frame = lambda progress=silent: table  # type: ignore[method-assign,misc]
    return surfaces(made, [name])[0]


def test_a_limit_and_ranges_hold_back_with_their_multipliers() -> None:
    of = Scaled(surface_of(2.0 - X - 0.5 * Y, PEAK), 1.0)
    limited = Scaled(surface_of(1.0 + 2.0 * X + 0.2 * X**2, COST), 1.0)
    best = least(of, list(places(2, 5)), limited, 2.0)
    assert best is not None
    x = best.z[0]
    assert limited(best.z) == pytest.approx(2.0, abs=1e-4)
    assert best.z[1] == 1.0
    assert best.rate == pytest.approx(1.0 / (2.0 + 0.4 * x), rel=1e-3)
    assert best.ends == pytest.approx([0.0, 50.0], abs=0.1)
    assert best.spread == pytest.approx(0.0, abs=1e-6)
    free = least(of, list(places(2, 5)))
    assert free is not None
    assert free.z.tolist() == [1.0, 1.0]
    assert free.ends == pytest.approx([100.0, 50.0], abs=0.1)
    assert least(of, list(places(2, 5)), limited, -5.0) is None


def test_starts_that_end_elsewhere_are_told() -> None:
    two = Scaled(surface_of((X**2 - 0.6) ** 2 + 0.05 * X, PEAK), 1.0)
    best = least(two, [np.array([-0.9, 0.0]), np.array([0.9, 0.0])])
    assert best is not None
    assert best.z[0] < 0.0
    assert best.starts == (2, 1)
    assert best.spread == pytest.approx(2 * 0.05 * 0.6**0.5, rel=0.05)


def test_optima_are_where_they_are_known(found: TradeOffs) -> None:
    best = {b.objective: b for b in found.best if b.limited is None}
    assert set(best) == {PEAK, COST, DAMAGE_4}  # the other one is noise
    assert best[PEAK].setting == {"step_length": 15.0, "knee_flexion": 40.0}
    assert best[COST].setting == {"step_length": -15.0, "knee_flexion": 5.0}
    assert best[DAMAGE_4].setting == pytest.approx({"step_length": 3.0, "knee_flexion": 15.5}, abs=0.1)
    assert best[PEAK].estimates[PEAK].change_pct == pytest.approx(-2.0, abs=0.02)
    assert any(METRICS[2] in words for words in found.left_out)


def test_a_front_trades_one_for_the_other(found: TradeOffs) -> None:
    front = [b for b in found.best if (b.objective, b.limited) == (PEAK, COST)]
    assert [b.number for b in front] == list(range(1, 9))
    load, cost = ([b.estimates[name].value for b in front] for name in (PEAK, COST))
    assert np.all(np.diff(load) < 0.0)
    assert np.diff(cost) == pytest.approx(np.full(7, np.ptp(cost) / 7), rel=0.02)
    slopes = -np.diff(load) / np.diff(
        cost
    )  # of a convex front: a multiplier lies between those of both sides
    for before, b, after in zip(slopes, front[1:-1], slopes[1:], strict=False):
        assert after - 0.01 <= b.rate <= before + 0.01
        x, y = b.least.z
        if abs(y) == 1.0:
            assert b.rate == pytest.approx(0.2 * (1.0 - x) / (0.1 * (1.0 + x)), rel=0.01)
    frame = found.to_frame()
    assert frame["drawn"].tolist() == [b.drawn for b in found.best]
    assert len(frame[frame["limited"] == ACHILLES]) == 0  # it does not change


def test_what_the_error_exceeds_is_unresolved() -> None:
    assert Estimate(3.9, 0.02, 4.0).resolved
    assert not Estimate(3.9, 0.06, 4.0).resolved
    assert Estimate(3.9, 0.06, 4.0).error_pct == pytest.approx(1.5)


def test_settings_are_a_sweep_of_their_own(found: TradeOffs) -> None:
    experiment = settings_to_confirm(found)
    assert tomllib.loads(to_toml(experiment)) == experiment
    assert experiment["cells"][0] == {
        "strike": "rearfoot",
        "step_length": {"relative": 15.0},
        "knee_flexion": 40.0,
    }
    read = experiment_of(experiment)
    assert len(read.cells) == len({str(cell) for cell in read.cells})
    assert len(settings_to_confirm(found, 2)["cells"]) == 2


def test_a_sweep_of_several_habits_has_no_front(tmp_path: Path) -> None:
    grid = {"strike": ["rearfoot"], "speed": [3.0, 3.5], "knee_flexion": [10, 15, 20]}
    with pytest.raises(InputError, match="2 habitual gaits"):
        trade_offs(sweep({"fixed": {"legs": "torques"}, "grid": grid}, tmp_path / "out"))
