"""What a modified gait was asked for and has, beside its habit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from synthetic import analytic_run

from footstrike.control.modifiers import MODIFIERS
from footstrike.outcomes.registry import named
from footstrike.runs.run import Run
from footstrike.simulation import changes
from footstrike.simulation.request import Request


def asked(run: Run, **modifiers: float) -> Run:
    """The run as if it had been asked for something."""
    said = Request.of(strike=run.strike, **modifiers).specification()
    return replace(run, spec={**run.spec, **said})


def test_a_lean_is_met_in_the_sum_that_is_held() -> None:
    habit = analytic_run(samples=201)
    tilt = np.radians(-4.0 + np.sin(2 * np.pi * habit.time / habit.period))
    own = {**habit.coordinates, "pelvis_tilt": tilt, "lumbar_extension": np.full_like(tilt, np.radians(-6.0))}
    (found,) = changes.asked_and_met(asked(replace(habit, coordinates=own), trunk_lean=10.0), habit)
    assert (found.asked, found.unit) == (10.0, "deg")
    assert found.met == pytest.approx(10.0, abs=1e-9)
    assert found.habit is None  # the habit here has no pelvis


@pytest.mark.parametrize("times", [0.0, 0.5, 1.7])
def test_an_amplitude_is_that_of_the_habitual_course(times: float) -> None:
    habit = analytic_run(samples=201)
    across = np.radians(3.0) * np.cos(
        2 * 2 * np.pi * habit.time / habit.period
    )  # another course does not count
    own = {
        name: habit.coordinates[name].mean()
        + times * (habit.coordinates[name] - habit.coordinates[name].mean())
        + across
        for name in changes.AMPLITUDES["rotation"]
    }
    run = asked(replace(habit, coordinates={**habit.coordinates, **own}), rotation=times)
    (found,) = changes.asked_and_met(run, habit)
    assert found.met == pytest.approx(times, abs=1e-6)
    assert found.habit == pytest.approx(1.0)
    (alone,) = changes.asked_and_met(run, None)
    assert alone.met is None


def test_what_is_asked_at_contact_is_told_by_its_metric() -> None:
    run = asked(analytic_run(samples=201), knee_flexion=12.0, foot_strike_angle=17.0)
    knee, foot = changes.asked_and_met(run, None)
    assert knee.met == named("knee_flexion_contact_deg").function(run)
    assert foot.met == named("foot_strike_angle_markers_deg").function(run)
    assert not {"knee_flexion_contact_deg", "foot_strike_angle_markers_deg"} & set(changes.beside(run))


def test_a_conversion_is_asked_for_the_angle_of_the_other_group() -> None:
    run = replace(
        analytic_run(samples=201, strike="forefoot"),
        spec={**analytic_run(samples=51).spec, "strike": "forefoot"},
    )
    run = replace(run, spec={**run.spec, "from_strike": "rearfoot"})
    (found,) = changes.asked_and_met(run, None)
    assert found.asked == pytest.approx(-1.25, abs=0.01)  # markers, at 3.5 m/s


def test_changes_are_relative_but_for_angles() -> None:
    habit = analytic_run(samples=201)
    more = {level: {k: 1.1 * v for k, v in loads.items()} for level, loads in habit.lumbar.items()}
    peak = changes.changed(replace(habit, lumbar=more), habit, ("lumbar.L5S1.peak_compression_bw",))[0]
    assert peak.percent == pytest.approx(10.0)
    (knee,) = changes.changed(habit, habit, ("knee_flexion_contact_deg",))
    assert knee.percent is None


def test_an_unresolved_landing_and_a_hard_one_are_told() -> None:
    run = analytic_run(samples=51)
    assert changes.cautions(run) == []
    assert "left over" in changes.cautions(replace(run, solver={"landing_residual_max_bw": 0.3}))[0]
    assert "lands harder" in changes.cautions(asked(run, foot_strike_angle=0.0))[0]


def test_amplitudes_name_the_coordinates_that_the_modifiers_scale(monkeypatch: pytest.MonkeyPatch) -> None:
    from footstrike.control import modification

    for name, coordinates in changes.AMPLITUDES.items():
        scaled: list[str] = []
        monkeypatch.setattr(
            modification,
            "with_amplitude",
            lambda _p, _v, groups, s=scaled: s.extend(n for g in groups for n in g),
        )
        MODIFIERS[name](1.0).applied(None, {})  # type: ignore[arg-type]
        assert set(scaled) == set(coordinates)
