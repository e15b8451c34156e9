"""Muscles inside the optimal control problem: exact derivatives, feasible starts, activation dynamics."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from native import run_native

from footstrike.control.basis import radau_basis
from footstrike.control.drive import drive_of
from footstrike.control.fallback import FALLBACKS, solve_with_fallbacks
from footstrike.control.passive_moments import passive_moment, tissue_constants
from footstrike.control.problem import Drive, TrackProblem, default_breaks
from footstrike.control.reference import step_reference, stride_reference, with_bump
from footstrike.control.solution import NlpResult, Solution
from footstrike.control.start import with_shared_load
from footstrike.gait.targets import target
from footstrike.model.description import Description, PathPolynomial
from footstrike.model.subject import Subject
from footstrike.muscles.running_paths import AIM_ARM, AIM_LENGTH, running_paths
from footstrike.workers.client import opensim_worker


@pytest.fixture(scope="module")
def runner() -> tuple[str, Description]:
    text = opensim_worker().call("build_runner", Subject(legs="hamner"))
    return text, opensim_worker().call("describe", text)


@pytest.fixture(scope="module")
def paths(runner: tuple[str, Description]) -> dict[str, PathPolynomial]:
    text, d = runner

    def measure(names: list[str], q: Any, muscles: list[str]) -> Any:
        return opensim_worker().call("muscle_paths", text, names, q, muscles)

    return running_paths(d, measure)


@pytest.fixture(scope="module")
def drive(runner: tuple[str, Description], paths: dict[str, PathPolynomial]) -> Drive:
    return drive_of(runner[1], paths)


def test_paths_are_close_over_the_range_of_running(paths: dict[str, PathPolynomial]) -> None:
    assert np.median([p.length_rms_m for p in paths.values()]) <= AIM_LENGTH
    assert np.median([p.arm_rms_m for p in paths.values()]) <= AIM_ARM
    assert max(p.length_rms_m for p in paths.values()) <= 1.0e-3
    assert (
        max(p.arm_rms_m for p in paths.values()) <= 2.0e-3
    )  # iliacus, whose conditional point comes and goes


def test_no_term_mixes_hip_and_spine(paths: dict[str, PathPolynomial]) -> None:
    psoas = paths["PS_L5S1_1_r"]
    spine = np.array([n.startswith("lumbar") for n in psoas.coordinates])
    mixed = (psoas.exponents[:, spine].sum(axis=1) > 0) & (psoas.exponents[:, ~spine].sum(axis=1) > 0)
    assert spine.any()
    assert not mixed.any()


def test_which_tendons_stretch(drive: Drive) -> None:
    assert {"soleus_r", "med_gas_r", "lat_gas_r", "soleus_l"} <= set(drive.compliant)
    assert not {"vas_lat_r", "glut_max1_r", "rect_fem_r"} & set(drive.compliant)
    assert not any(name in drive.passive for name in ("RA_L5S1_T12L1_1_r", "PS_L5S1_1_r"))


def test_derivatives_are_those_of_finite_differences(runner: tuple[str, Description], drive: Drive) -> None:
    few = [m for m in drive.muscles if m.name in ("soleus_r", "rect_fem_r", "PS_L5S1_1_r", "vas_lat_l")]
    small = replace(drive, muscles=tuple(few), compliant=("soleus_r",))
    jacobian, hessian = run_native("casadi_side.muscle_derivatives", runner[1], small, 4)
    for exact, numeric in (jacobian, hessian):
        assert np.abs(exact).max() > 0.1
        np.testing.assert_allclose(exact, numeric, atol=2e-6 * np.abs(exact).max())


@pytest.fixture(scope="module")
def start(runner: tuple[str, Description], drive: Drive) -> tuple[TrackProblem, Any]:
    reference = step_reference(target("rearfoot", 3.0))
    problem = TrackProblem(runner[1], (reference,), default_breaks(), drive=drive)
    return problem, with_shared_load(problem, run_native("casadi_side.nearest_gait", problem))


class TestStart:
    def test_obeys_activation_dynamics(self, start: tuple[TrackProblem, Any]) -> None:
        problem, gait = start
        a, h = gait.controls.activations, np.diff(gait.basis.breaks)[:, None] * gait.duration
        rate = np.diff(a, axis=0) / h
        assert (a >= problem.drive.floor - 1e-12).all()
        assert (rate <= (1 - a[1:]) / problem.drive.activation_time + 1e-9).all()
        assert (rate >= -a[1:] / problem.drive.deactivation_time - 1e-9).all()

    def test_what_muscles_do_not_supply_is_in_the_reserves(self, start: tuple[TrackProblem, Any]) -> None:
        problem, gait = start
        rows = run_native("casadi_side.constraints_at", problem, gait)
        moments = [k for name, k in rows["names"].items() if name.startswith("moment")]
        assert np.abs(rows["values"][moments]).max() < 1e-9


class TestPassiveMoments:
    @pytest.mark.parametrize("name", sorted(tissue_constants()))
    def test_push_back_from_both_ends(self, name: str) -> None:
        q1, q2 = tissue_constants()[name][4:]
        assert passive_moment(name + "_r", q1 - 0.3) > 0
        assert passive_moment(name + "_l", q2 + 0.3) < 0
        assert abs(passive_moment(name, (q1 + q2) / 2)) < 5.0

    def test_unknown_joints_have_none(self) -> None:
        assert passive_moment("elbow_flex_r", 0.0) is None


class TestReference:
    def test_a_stride_is_two_mirrored_steps(self) -> None:
        aim = target("forefoot", 3.0)
        step, stride = step_reference(aim), stride_reference(aim)
        assert stride.duration == pytest.approx(2 * step.duration)
        phase = np.linspace(0.05, 0.9, 9)
        names = ["knee_angle_r", "lumbar_rotation"]
        curves = [r.tracked("coordinates", names, p)[0] for r, p in ((stride, phase / 2), (step, phase))]
        assert curves[0] == pytest.approx(curves[1], abs=1e-4)

    def test_left_foot_may_land_otherwise(self) -> None:
        rear, fore = target("rearfoot", 3.0), target("forefoot", 3.0)
        mixed = stride_reference(rear, fore)
        assert mixed.coordinates["ankle_angle_r"] == pytest.approx(
            stride_reference(rear).coordinates["ankle_angle_r"]
        )
        assert mixed.coordinates["ankle_angle_l"] == pytest.approx(
            stride_reference(fore).coordinates["ankle_angle_l"]
        )

    def test_mean_force_carries_the_weight(self) -> None:
        reference = step_reference(target("rearfoot", 3.5))
        both = reference.force[:, 1] + reference.force[:, 4]
        assert np.trapezoid(both, reference.phase) == pytest.approx(1.0, abs=0.01)

    def test_bump_is_local(self) -> None:
        before = step_reference(target("rearfoot", 3.5))
        after = with_bump(before, "knee_angle_r", 0.12, -0.2, mirrored=True)
        change = after.coordinates["knee_angle_r"] - before.coordinates["knee_angle_r"]
        later = np.interp([0.12, 0.12 + 0.08 / before.duration], before.phase, change)
        assert later[0] == pytest.approx(-0.2, abs=1e-3)
        assert later[1] / later[0] == pytest.approx(0.33, abs=0.1)  # of measured runners, after 80 ms
        assert np.abs(change[before.phase > 0.8]).max() < 1e-4


class TestFallbacks:
    def solved(self, success: bool) -> Solution:
        outcome = NlpResult(np.zeros(1), np.zeros(1), 1.0, "Failed", success, 3, 1.0)
        return Solution((), {}, outcome)

    def problem(self) -> TrackProblem:
        empty = Description("none", np.zeros(3), (), (), ())
        return TrackProblem(empty, (), default_breaks(30))

    def test_first_success_needs_no_rung(self) -> None:
        asked: list[TrackProblem] = []

        def solve(p: TrackProblem) -> Solution:
            asked.append(p)
            return self.solved(True)

        assert solve_with_fallbacks(self.problem(), solve, print)[1] == ()
        assert len(asked) == 1

    def test_an_easier_problem_is_followed_by_the_real_one(self) -> None:
        asked: list[TrackProblem] = []

        def solve(p: TrackProblem) -> Solution:
            asked.append(p)
            return self.solved(len(asked) >= 3)

        solved, steps = solve_with_fallbacks(self.problem(), solve, lambda words: None)
        assert solved.nlp.success
        assert steps == tuple(r.words for r in FALLBACKS[1:3])
        assert asked[-1].objective == self.problem().objective

    def test_what_began_at_a_solved_gait_is_first_tried_from_a_smooth_one(self) -> None:
        asked: list[TrackProblem] = []
        begun = replace(self.problem(), guess=self.solved(True))

        def solve(p: TrackProblem) -> Solution:
            asked.append(p)
            return self.solved(p.guess is None)

        solved, steps = solve_with_fallbacks(begun, solve, lambda words: None)
        assert solved.nlp.success
        assert steps == (FALLBACKS[0].words,)
        assert [p.guess is None for p in asked] == [False, True]

    def test_tells_what_was_tried_in_vain(self) -> None:
        solved, steps = solve_with_fallbacks(self.problem(), lambda p: self.solved(False), lambda words: None)
        assert not solved.nlp.success
        assert steps == tuple(r.words for r in FALLBACKS[1:])


def test_points_lie_within_their_intervals() -> None:
    basis = radau_basis(default_breaks(60, steps=2))
    assert basis.breaks[-1] == 1.0
    assert (np.diff(basis.points) > 0).all()
