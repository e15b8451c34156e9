from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from native import run_native

from footstrike.dynamics.motion_range import LARGEST_SPINE_TURN, file_range, ranges, transmissions
from footstrike.dynamics.rigid_body import Tree
from footstrike.errors import InputError
from footstrike.model.description import Description, PathPolynomial
from footstrike.muscles.moment_arms import UnitForces, polynomial_length
from footstrike.muscles.path_fit import Grid, Targets, all_exponents, fit, residuals
from footstrike.workers.client import Worker

CURVED = ["WrapSphere", "WrapCylinder", "WrapEllipsoid", "conditional", "moving"]


@pytest.fixture(scope="module")
def described(worker: Worker, toys: dict[str, str]) -> Description:
    return worker.call("describe", toys["paths"])


def postures(d: Description, count: int, seed: int = 5) -> Any:
    low, high = ranges(d).T
    return low + (high - low) * np.random.default_rng(seed).uniform(size=(count, len(low)))


def test_lengths_of_sampled_paths_are_opensims(
    worker: Worker, toys: dict[str, str], described: Description
) -> None:
    q = postures(described, 20)
    names = described.coordinate_names
    paths = worker.call("muscle_paths", toys["paths"], names, q)
    assert [p.name for p in paths] == [m.name for m in described.muscles]
    lengths = worker.call("muscle_lengths", toys["paths"], names, q)
    np.testing.assert_allclose(np.column_stack([p.length for p in paths]), lengths, atol=1e-12)


def test_pulls_balance_and_give_opensims_moment_arms(
    worker: Worker, toys: dict[str, str], described: Description
) -> None:
    q = postures(described, 10)
    names = described.coordinate_names
    forces = UnitForces(Tree(described), names, q)
    solver = worker.call("moment_arms", toys["paths"], names, q)
    for k, path in enumerate(worker.call("muscle_paths", toys["paths"], names, q)):
        assert path.points.shape == path.pulls.shape == (10, len(path.bodies), 3)
        if path.name in ("WrapCylinder", "moving", "conditional", "straight"):
            np.testing.assert_allclose(path.pulls.sum(axis=1), 0.0, atol=1e-9)
        if path.name != "moving":  # OpenSim forgets what the point's own motion does to its neighbour
            np.testing.assert_allclose(forces.of(path), solver[:, k], atol=1e-9, err_msg=path.name)


def test_moment_arms_are_minus_the_slope_of_opensims_length(
    worker: Worker, toys: dict[str, str], described: Description
) -> None:
    names, h = described.coordinate_names, 1e-5
    q = postures(described, 6, seed=8)
    muscles = ["moving", "WrapCylinder", "straight"]
    forces = UnitForces(Tree(described), names, q)
    arms = np.stack([forces.of(p) for p in worker.call("muscle_paths", toys["paths"], names, q, muscles)], 1)
    for k in range(len(names)):
        step = h * np.eye(len(names))[k]
        far, near = (
            worker.call("muscle_lengths", toys["paths"], names, q + s * step, muscles) for s in (1, -1)
        )
        np.testing.assert_allclose(arms[..., k], (near - far) / (2 * h), atol=1e-6)


def test_curved_paths_become_polynomials_within_the_limits(described: Description) -> None:
    curved = {m.name: m.polynomial for m in described.muscles if m.polynomial is not None}
    assert sorted(curved) == sorted(CURVED)
    for name, p in curved.items():
        assert p.length_rms_m < 1e-3, name
        assert p.arm_rms_m < 1.5e-3, name
        assert p.coordinates == ("q0", "q1")
    straight = next(m for m in described.muscles if m.name == "straight")
    assert [body for body, _ in straight.path] == ["ground", "b1"]


def test_polynomials_meet_postures_that_were_not_fitted(
    worker: Worker, toys: dict[str, str], described: Description
) -> None:
    q = postures(described, 150, seed=11)
    names = described.coordinate_names
    muscles = ["WrapCylinder", "conditional", "moving"]
    lengths = worker.call("muscle_lengths", toys["paths"], names, q, muscles)
    by_name = {m.name: m.polynomial for m in described.muscles}
    for k, name in enumerate(muscles):
        polynomial = by_name[name]
        assert polynomial is not None
        ours, _ = polynomial_length(polynomial, dict(zip(names, q.T, strict=True)))
        assert np.sqrt(np.mean((ours - lengths[:, k]) ** 2)) < 1e-3, name


def test_jumps_of_a_path_are_left_out_and_said(described: Description) -> None:
    jumping = [m.name for m in described.muscles if m.polynomial and m.polynomial.jump_share > 0]
    for name in jumping:
        assert any(name in w and "jumps" in w for w in described.warnings)


def test_a_path_that_goes_round_the_other_side_is_left_out_there(
    worker: Worker, toys: dict[str, str]
) -> None:
    d = worker.call("describe", toys["flip"])
    path = d.muscles[0].polynomial
    assert path is not None
    low, high = ranges(d)[0]
    assert path.jump_share == pytest.approx(-low / (high - low), abs=0.03)  # the other side of straight
    q = np.zeros((20, len(d.coordinates)))
    q[:, 0] = np.linspace(0.05, high, 20)
    theirs = worker.call("muscle_paths", toys["flip"], d.coordinate_names, q)[0]
    arms = UnitForces(Tree(d), d.coordinate_names, q).of(theirs)
    used = [d.coordinate_names.index(n) for n in path.coordinates]
    length, off = residuals(path, q[:, used], Targets(theirs.length, arms[:, used]))
    assert np.abs(length).max() < 2e-3
    assert np.abs(off).max() < 4e-3
    jumped = worker.call(
        "path_jumps", toys["flip"], "either_way", ["q0"], np.array([[-0.3], [0.1], [0.8]]), np.ones(1)
    )
    assert jumped.tolist() == [True, False, False]


def test_a_smooth_path_does_not_jump(worker: Worker, toys: dict[str, str], described: Description) -> None:
    q = postures(described, 20)
    for name in ("WrapSphere", "WrapCylinder"):
        jumped = worker.call(
            "path_jumps", toys["paths"], name, described.coordinate_names, q, np.ones(q.shape[1])
        )
        assert not jumped.any()


def test_a_coordinate_that_leads_a_chain_is_sampled_by_the_turn_of_the_whole(
    worker: Worker, toys: dict[str, str]
) -> None:
    d = worker.call("describe", toys["couplers"])
    turns = dict(zip(d.coordinate_names, transmissions(d), strict=True))
    assert turns["pin0_0"] > 2.0
    assert turns["pin7_0"] == 1.0
    for c, (low, high) in zip(d.coordinates, ranges(d), strict=True):
        assert file_range(c)[0] <= low < high <= file_range(c)[1]
        assert turns[c.name] == 1.0 or high - low <= 2 * LARGEST_SPINE_TURN / turns[c.name] + 1e-12


def test_a_path_given_by_functions_is_carried_over(worker: Worker, toys: dict[str, str]) -> None:
    d = worker.call("describe", toys["function_path"])
    polynomial = d.muscles[0].polynomial
    assert polynomial is not None
    q = postures(d, 10)
    theirs = worker.call("muscle_lengths", toys["function_path"], d.coordinate_names, q)[:, 0]
    length, slope = polynomial_length(polynomial, dict(zip(d.coordinate_names, q.T, strict=True)))
    np.testing.assert_allclose(length, theirs, atol=1e-14)
    arms = worker.call("moment_arms", toys["function_path"], d.coordinate_names, q)[:, 0]
    np.testing.assert_allclose(-np.column_stack([slope["q0"], slope["q1"]]), arms, atol=1e-14)


def test_polynomials_are_the_same_for_symbols(described: Description) -> None:
    polynomial = next(m.polynomial for m in described.muscles if m.name == "WrapCylinder")
    assert polynomial is not None
    q = postures(described, 7)
    length, slope = polynomial_length(polynomial, {"q0": q[:, 0], "q1": q[:, 1]})
    symbolic = run_native("toy_symbols.evaluate_path", polynomial, q)
    np.testing.assert_allclose(symbolic, np.array([length, slope["q0"], slope["q1"]]), atol=1e-13)


def test_unknown_names_are_answered_with_suggestions(worker: Worker, toys: dict[str, str]) -> None:
    with pytest.raises(InputError, match="did you mean 'q0'"):
        worker.call("muscle_paths", toys["paths"], ["q00"], np.zeros((1, 1)))
    with pytest.raises(InputError, match="did you mean 'moving'"):
        worker.call("muscle_paths", toys["paths"], ["q0"], np.zeros((1, 1)), ["movin"])


def polynomial_samples(n: int, order: int, count: int, noise: float) -> tuple[Grid, Targets, PathPolynomial]:
    """Samples of a known sparse polynomial, with noise on the lengths."""
    rng = np.random.default_rng(2)
    exponents = all_exponents(n, order)
    exponents = exponents[rng.permutation(len(exponents))[:6]]
    low, high = -0.5 - np.arange(n), 0.7 + 0.1 * np.arange(n)
    q = low + (high - low) * rng.uniform(size=(count, n))
    names = tuple("abcdef"[:n])
    truth = PathPolynomial(
        names,
        (low + high) / 2,
        (high - low) / 2,
        exponents,
        0.02 * rng.uniform(0.5, 1.5, len(exponents)),
        0.0,
        0.0,
    )
    none = Targets(np.zeros(count), np.zeros((count, n)))
    length, arms = residuals(truth, q, none)
    targets = Targets(length + noise * rng.standard_normal(count), arms)
    return Grid(names, np.ones(n, dtype=bool), low, high, q), targets, truth


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_a_fit_meets_its_limits_with_few_terms(n: int) -> None:
    grid, targets, truth = polynomial_samples(n, 4, 512, noise=1e-4)
    found = fit(grid, targets)
    assert found.length_rms_m < 0.8e-3
    assert found.arm_rms_m < 1.2e-3
    assert len(found.coefficients) <= len(truth.coefficients) + 4


def test_many_coordinates_get_the_terms_of_third_order_that_matter() -> None:
    n, rng = 26, np.random.default_rng(4)
    q = rng.uniform(-1, 1, (800, n))
    line = rng.uniform(-0.02, 0.02, n)
    bend = q[:, 3] * q[:, 11] * q[:, 20] + 0.5 * q[:, 7] ** 2 * q[:, 1]
    slopes = np.tile(line, (800, 1))
    for v, slope in (
        (3, q[:, 11] * q[:, 20]),
        (11, q[:, 3] * q[:, 20]),
        (20, q[:, 3] * q[:, 11]),
        (7, q[:, 7] * q[:, 1]),
        (1, 0.5 * q[:, 7] ** 2),
    ):
        slopes[:, v] += 0.03 * slope
    names = tuple(f"q{k}" for k in range(n))
    grid = Grid(names, np.ones(n, dtype=bool), -np.ones(n), np.ones(n), q)
    found = fit(grid, Targets(0.4 + q @ line + 0.03 * bend, -slopes))
    cubic = {tuple(np.flatnonzero(e)) for e in found.exponents if e.sum() == 3}
    assert {(3, 11, 20), (1, 7)} <= cubic
    assert found.arm_rms_m < 1.5e-3
