from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import lsq_linear, minimize

from footstrike.errors import InputError
from footstrike.muscles.static_optimisation import TOLERANCE_SATURATED, balance

Array = np.ndarray


def problem(
    seed: int, frames: int, coordinates: int, muscles: int, load: float
) -> tuple[Array, Array, Array]:
    random = np.random.default_rng(seed)
    gain = 10 * random.normal(size=(frames, coordinates, muscles))
    return gain, load * random.normal(size=(frames, coordinates)), random.uniform(0.5, 5.0, muscles)


@pytest.mark.parametrize("load", [20.0, 150.0, 600.0])
def test_squares_agree_with_bounded_least_squares(load: float) -> None:
    gain, loads, weight = problem(1, 6, 3, 30, load)
    ours = balance(gain, loads, weights=weight, reserve_penalty=10.0)
    root = np.sqrt(10.0 * weight.mean())
    for k in range(len(gain)):
        rows = np.vstack([np.diag(np.sqrt(weight)), root * gain[k]])
        theirs = lsq_linear(rows, [*np.zeros(30), *(root * loads[k])], (0, 1), method="bvls", tol=1e-14)
        np.testing.assert_allclose(ours.activations[k], theirs.x, atol=1e-7)


@pytest.mark.parametrize("exponent", [1.5, 2.0, 3.0])
def test_sequential_quadratic_programming_agrees(exponent: float) -> None:
    gain, loads, weight = problem(1, 4, 3, 30, 20.0)
    ours = balance(gain, loads, weights=weight, exponent=exponent, reserve_penalty=1e8)
    for k in range(len(gain)):
        theirs = minimize(
            lambda a: np.sum(weight * np.abs(a) ** exponent),
            np.full(30, 0.3),
            jac=lambda a: weight * exponent * np.abs(a) ** (exponent - 1),
            bounds=[(0, 1)] * 30,
            constraints={
                "type": "eq",
                "fun": lambda a, k=k: gain[k] @ a - loads[k],
                "jac": lambda a, k=k: gain[k],
            },
            method="SLSQP",
            options={"maxiter": 1000, "ftol": 1e-13},
        )
        np.testing.assert_allclose(ours.activations[k], theirs.x, atol=1e-6)


@settings(deadline=None, max_examples=40)
@given(
    st.integers(0, 10_000),
    st.sampled_from([1.5, 2.0, 2.5, 3.0]),
    st.sampled_from([5.0, 60.0, 400.0]),
    st.sampled_from([1, 3, 12]),
    st.sampled_from([0.0, 0.05]),
)
@example(169, 3.0, 400.0, 12, 0.0)  # rounding stops one frame at 3.6e-7 of its largest load
def test_optimality(seed: int, exponent: float, load: float, coordinates: int, floor: float) -> None:
    gain, loads, weight = problem(seed, 5, coordinates, 60, load)
    ours = balance(gain, loads, weights=weight, exponent=exponent, lower=floor)
    a, y = ours.activations, ours.multipliers
    supplied = np.einsum("tcm,tm->tc", gain, a)
    np.testing.assert_allclose(supplied + ours.reserves, loads, atol=1e-9)
    scale = np.abs(loads).max(axis=1, keepdims=True) + 1.0
    assert np.all(np.abs(ours.reserves - y / (2e4 * weight.mean())) < 2 * TOLERANCE_SATURATED * scale)
    price = np.einsum("tc,tcm->tm", y, gain)
    slope = weight * exponent * a ** (exponent - 1) - price
    size = 1e-6 * (1.0 + np.abs(price))
    assert np.all(slope[a <= floor] > -1e-6 * (1.0 + np.abs(price[a <= floor])))
    assert np.all(slope[a >= 1.0] < 1e-6 * (1.0 + np.abs(price[a >= 1.0])))
    inside = (a > floor) & (a < 1.0)
    assert np.all(np.abs(slope[inside]) < size[inside])


def test_muscles_that_suffice_leave_no_reserve() -> None:
    gain, loads, _ = problem(2, 50, 3, 100, 30.0)
    assert np.abs(balance(gain, loads).reserves).max() < 1e-4


def test_stronger_muscles_pull_the_same_while_no_bound_binds() -> None:
    """The cost is homogeneous: activations fall in proportion, so forces stay; reserves vanish."""
    gain, loads, _ = problem(3, 20, 3, 100, 30.0)
    for exponent in (2.0, 3.0):
        normal = balance(gain, loads, exponent=exponent, reserve_penalty=1e8)
        strong = balance(2 * gain, loads, exponent=exponent, reserve_penalty=1e8)
        assert normal.activations.max() < 1.0
        np.testing.assert_allclose(2 * strong.activations, normal.activations, atol=1e-6)


def test_a_split_muscle_with_weights_pulls_like_the_whole() -> None:
    """Two halves with weight 1/2 each cost what the whole does."""
    gain, loads, _ = problem(4, 10, 3, 40, 80.0)
    whole = balance(gain, loads)
    halves = np.concatenate([gain / 2, gain / 2], axis=2)
    parts = balance(halves, loads, weights=np.full(80, 0.5), reserve_penalty=2e4)
    np.testing.assert_allclose(parts.activations[:, :40], whole.activations, atol=1e-6)


def test_order_of_muscles_and_frames_does_not_matter() -> None:
    gain, loads, weight = problem(5, 30, 4, 50, 100.0)
    order, frames = np.random.default_rng(0).permutation(50), np.arange(30)[::-1]
    one = balance(gain, loads, weights=weight)
    other = balance(gain[frames][:, :, order], loads[frames], weights=weight[order])
    np.testing.assert_allclose(other.activations, one.activations[frames][:, order], atol=1e-6)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"exponent": 1.0}, "exponent"),
        ({"lower": 0.5, "upper": 0.4}, "bounds"),
        ({"weights": np.zeros(5)}, "weight"),
        ({"load": np.array([[np.nan]])}, "finite"),
    ],
)
def test_impossible_input_is_refused(change: dict[str, object], text: str) -> None:
    arguments = {"gain": np.ones((1, 1, 5)), "load": np.ones((1, 1)), **change}
    with pytest.raises(InputError, match=text):
        balance(**arguments)  # type: ignore[arg-type]
