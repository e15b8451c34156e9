"""The validation table against runs with known numbers."""

from __future__ import annotations

import numpy as np
import pytest
from synthetic import PERIOD, analytic_run, changed

from footstrike.claims.definitions import Expected, ValidationRow, validation_rows
from footstrike.claims.validation import is_habitual, validate
from footstrike.control.modifiers import MODIFIERS
from footstrike.outcomes.ground import early_force, stance, weight
from footstrike.outcomes.metrics import metrics
from footstrike.simulation.request import OF_SUBJECT, PARTS, Request, SolverOptions, asked_for


def row(rule: str, field: str | None = "cadence_spm", needs: str = "habitual", **expected) -> ValidationRow:
    entry = Expected(**{"strike": "both", **expected})
    return ValidationRow(id="1", quantity="q", field=field, unit="u", rule=rule, needs=needs, source="s",
                         expected=(entry,))  # fmt: skip


CADENCE = 120 / PERIOD


@pytest.mark.parametrize(
    ("one", "result"),
    [
        (row("within", mean=CADENCE + 1, sd=2.0), "pass"),
        (row("within", mean=CADENCE + 3, sd=2.0), "fail"),
        (row("within", mean=CADENCE), "not available"),
        (row("range", low=CADENCE - 1), "pass"),
        (row("range", high=CADENCE - 1), "fail"),
        (row("range", low=CADENCE - 1, high=CADENCE + 1), "pass"),
        (row("absent", field="vgrf_impact_peak_bw"), "pass"),
        (row("absent"), "fail"),
        (row("range", field="metabolic_cost_j_per_kg_m", low=0.0), "not available"),
        (row("range", field="lumbar.L5S1.peak_compression_bw", low=3.4, high=3.6), "pass"),
        (row("range", low=0.0, speed_mps=4.5), "not available"),
        (row("direction", needs="step_rate", sign=1), "not available"),
    ],
)
def test_each_rule(one, result):
    (found,) = validate([analytic_run(samples=351)], [one])
    assert found["result"] == result
    assert found["expected"]
    assert found["result"] == "pass" or found["why"]


def test_pairs_compare_forefoot_with_rearfoot():
    one = row("direction", field="knee_absorbed_j_per_kg", needs="strike", sign=1)
    rear = analytic_run(samples=351)
    stronger = {name: 2 * value for name, value in rear.torques.items()}
    fore = changed(analytic_run(samples=351, strike="forefoot"), torques=stronger)
    assert validate([rear, fore], [one])[0]["result"] == "pass"
    assert validate([rear], [one])[0]["result"] == "not available"


def faster(rate: float = 1.1, **spec):
    """A run that takes its steps at another rate, with the knee's moment down to 0.6 of it."""
    base = analytic_run(samples=351, step_length_m=1.1, **spec)
    weaker = {name: 0.6 * value for name, value in base.torques.items()}
    return changed(base, time=base.time / rate, torques=weaker)


def test_step_rate_is_judged_where_a_run_steps_a_tenth_faster():
    one = row("direction", field="knee_absorbed_j_per_kg", needs="step_rate", sign=-1).model_copy(
        update={"unit": "%"}
    )
    habitual = analytic_run(samples=351)
    (found,) = validate([habitual, faster()], [one])
    assert found["result"] == "pass"
    assert found["measured"] == pytest.approx(100 * (0.6 / 1.1 - 1), rel=0.05)  # less time, same speeds
    for others in ([], [faster(1.2)], [faster(strike="forefoot")], [faster(trunk_lean_deg=9.0)]):
        (missing,) = validate([habitual, *others], [one])
        assert missing["result"] == "not available"
        assert "step length" in missing["why"]


def _impact(run, is_peak: bool) -> float:
    phase = stance(run)
    assert phase is not None
    return metrics(run)["vgrf_impact_peak_bw"] if is_peak else early_force(phase)


@pytest.mark.parametrize("bump", [0.6, 0.0], ids=["a distinct peak", "force at 13 % of stance"])
def test_impact_against_knee_flexion_is_a_slope_over_runs(bump: float) -> None:
    one = row("direction", field=None, needs="knee_flexion", sign=-1)
    habitual = analytic_run(samples=351, bump=bump)
    flexed = {
        name: value - np.radians(10.0) for name, value in habitual.coordinates.items() if "knee" in name
    }
    lower = {side: 0.9 * force for side, force in habitual.ground_force.items()}
    bent = changed(
        analytic_run(samples=351, knee_flexion_deg=22.0),
        coordinates=habitual.coordinates | flexed,
        ground_force=lower,
    )
    (found,) = validate([habitual, bent], [one])
    before, after = (_impact(run, bump > 0) for run in (habitual, bent))
    assert found["result"] == "pass"
    assert found["measured"] == pytest.approx((after - before) * weight(habitual) / 10.0, rel=0.01)
    assert validate([habitual], [one])[0]["result"] == "not available"


def test_leg_stiffness_against_stride_frequency_is_told_over_the_published_range() -> None:
    """Published from 0.74 to 1.36 of the preferred frequency: between runs that far apart it is their difference."""
    one = row("direction", field="leg_stiffness_kn_per_m", needs="stride_frequency", sign=1)
    habitual, quick = analytic_run(samples=351), faster(1.62)
    (found,) = validate([habitual, quick], [one])
    usual, other = (metrics(run)["leg_stiffness_kn_per_m"] for run in (habitual, quick))
    assert found["measured"] == pytest.approx(other - usual)
    assert found["result"] == "pass"
    assert validate([habitual], [one])[0]["result"] == "not available"


def test_the_carried_table_can_be_judged_and_keeps_failing_rows():
    found = validate([analytic_run(), analytic_run(strike="forefoot")])
    assert {r["row"] for r in found} == {r.id for r in validation_rows()}
    by_row = {(r["row"], r["strike"]): r for r in found}
    assert by_row["21a", "rearfoot"]["result"] == "pass"
    assert by_row["6", "rearfoot"]["result"] == "pass"
    assert by_row["6", "forefoot"]["result"] == "fail"
    assert by_row["6", "forefoot"]["measured"] == pytest.approx(
        metrics(analytic_run())["knee_flexion_contact_deg"]
    )


def test_only_solved_habitual_runs_count():
    prescribed = analytic_run(step_length_m=1.1)
    crashed = changed(analytic_run(), status="crashed")
    (found,) = validate([prescribed, crashed], [row("range", low=0.0)])
    assert found["result"] == "not available"


def test_rows_of_postures_and_walking_are_judged_without_runs():
    one = row("range", field="standing.L4L5.compression_bw", needs="posture", low=0.7, high=1.0)
    for value, result in ((0.8, "pass"), (0.5, "fail")):
        (found,) = validate([], [one], {"standing": {"L4L5": {"compression_bw": value}}})
        assert (found["measured"], found["result"]) == (value, result)
    assert validate([], [one])[0]["result"] == "not available"


ASKED = {
    "step_length": 1.1, "cadence": 180.0, "free_step": True, "knee_flexion": 0.0, "foot_strike_angle": 0.0,
    "trunk_lean": 0.0, "rotation": 0.0, "arm_swing": 0.0, "vertical_oscillation": 1.0, "left_strike": "forefoot", "from_strike": "forefoot",
}  # fmt: skip
OTHERWISE = {
    "speed": 3.0,
    "height": 1.7,
    "mass": 60.0,
    "sex": "female",
    "legs": "torques",
    "points": 60,
    "starts": 2,
    "nearness": 3.0,
}


def test_a_gait_of_which_something_is_asked_is_not_habitual():
    """Whatever the field is: a new one counts as asked for until it is said to be another kind."""
    fields = set(Request.model_fields).difference(PARTS) | {
        *OF_SUBJECT,
        *MODIFIERS,
        *SolverOptions.model_fields,
    }
    assert {"strike", *ASKED, *OTHERWISE} == fields
    for name, value in ASKED.items():
        spec = Request.of(strike="rearfoot", **{name: value}).specification()
        (asked,) = asked_for(spec)
        assert asked.startswith(name)
        run = analytic_run(samples=351, **spec)
        assert not is_habitual(run)
        assert is_habitual(run, but=asked)
        (found,) = validate([run], [row("range", low=0.0)])
        assert found["result"] == "not available"
    for name, value in OTHERWISE.items():
        assert is_habitual(
            analytic_run(samples=351, **Request.of(strike="rearfoot", **{name: value}).specification())
        )


def test_perturbed_and_unsolved_runs_are_not_habitual():
    assert not is_habitual(analytic_run(samples=351, perturbation=3))
    assert not is_habitual(changed(analytic_run(samples=351), status="not_converged"))
