"""The spline basis integrates and reproduces what its degree promises, derivatives included."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.polynomial import Polynomial

from footstrike.control.basis import Basis, radau_basis

EVEN = np.linspace(0.0, 1.0, 6)
UNEVEN = np.array([0.0, 0.02, 0.1, 0.35, 0.4, 0.8, 1.0])
CASES = [(breaks, points, smooth) for breaks in (EVEN, UNEVEN) for points in (2, 3, 4) for smooth in (1, 2)]


@pytest.fixture(params=CASES, ids=lambda c: f"{len(c[0])}-{c[1]}-{c[2]}")
def basis(request: pytest.FixtureRequest) -> Basis:
    return radau_basis(*request.param)


def points_per_interval(basis: Basis) -> int:
    return basis.degree - basis.smoothness


def coefficients(basis: Basis, polynomial: Polynomial) -> np.ndarray:
    phase = np.linspace(0.0, 1.0, 20 * basis.size)
    found: np.ndarray = np.linalg.lstsq(basis.matrix(phase), polynomial(phase), rcond=None)[0]
    return found


def test_points_lie_in_their_intervals_and_weights_sum_to_one(basis: Basis) -> None:
    k = points_per_interval(basis)
    intervals = basis.points.reshape(-1, k)
    assert np.all(intervals > basis.breaks[:-1, None])
    assert np.all(intervals <= basis.breaks[1:, None])
    assert intervals[:, -1] == pytest.approx(basis.breaks[1:], abs=1e-8)  # Radau: the end is a point
    assert basis.weights.sum() == pytest.approx(1.0, abs=1e-14)
    assert np.all(basis.weights > 0)


def test_weights_integrate_polynomials_exactly(basis: Basis) -> None:
    """k Radau points are exact to degree 2 k - 2 (Hairer & Wanner 1996, IV.5)."""
    for degree in range(2 * points_per_interval(basis) - 1):
        assert basis.weights @ basis.points**degree == pytest.approx(1 / (degree + 1), abs=1e-8)
    beyond = 2 * points_per_interval(basis) - 1
    assert basis.weights @ basis.points**beyond != pytest.approx(1 / (beyond + 1), abs=1e-10)


def test_as_many_unknowns_as_equations_and_free_ends(basis: Basis) -> None:
    """Collocation of a second-order equation leaves the state at the start free; each smooth joint ties."""
    intervals = len(basis.breaks) - 1
    assert basis.size == intervals * points_per_interval(basis) + basis.smoothness + 1


@settings(max_examples=30, deadline=None)
@given(case=st.sampled_from(CASES), values=st.lists(st.floats(-5, 5), min_size=1, max_size=4))
def test_polynomials_up_to_the_degree_are_reproduced_with_their_derivatives(
    case: tuple[np.ndarray, int, int], values: list[float]
) -> None:
    basis = radau_basis(*case)
    polynomial = Polynomial(values[: basis.degree + 1])
    c = coefficients(basis, polynomial)
    phase = np.linspace(0.0, 1.0, 57)
    for derivative in range(4):
        expected = polynomial.deriv(derivative)(phase) if derivative else polynomial(phase)
        size = max(1.0, float(np.abs(values).max())) / np.diff(basis.breaks).min() ** derivative
        assert basis.matrix(phase, derivative) @ c == pytest.approx(expected, abs=1e-9 * size)


def test_functions_sum_to_one_and_are_local(basis: Basis) -> None:
    phase = np.linspace(0.0, 1.0, 101)
    values = basis.matrix(phase)
    assert values.sum(axis=1) == pytest.approx(np.ones(101), abs=1e-12)
    assert np.all((np.abs(values) > 1e-14).sum(axis=1) <= basis.degree + 1)


@pytest.mark.parametrize("derivative", [0, 1, 2])
def test_derivatives_are_those_of_the_values(basis: Basis, derivative: int) -> None:
    h = 1e-5 * np.diff(basis.breaks).min()
    inside = (basis.breaks[:-1, None] + np.diff(basis.breaks)[:, None] * np.array([0.2, 0.5, 0.8])).ravel()
    slope = (basis.matrix(inside + h, derivative) - basis.matrix(inside - h, derivative)) / (2 * h)
    exact = basis.matrix(inside, derivative + 1)
    assert slope == pytest.approx(exact, abs=1e-4 * np.abs(exact).max() + 1e-12)


def test_smoothness_at_the_joints(basis: Basis) -> None:
    inner, h = basis.breaks[1:-1], 1e-10
    for derivative in range(basis.smoothness + 1):
        jump = basis.matrix(inner + h, derivative) - basis.matrix(inner - h, derivative)
        assert np.abs(jump).max() <= 1e-5 * np.abs(basis.matrix(inner, derivative)).max()
    beyond = basis.smoothness + 1
    jump = basis.matrix(inner + h, beyond) - basis.matrix(inner - h, beyond)
    assert np.abs(jump).max() > 0.1 * np.abs(basis.matrix(inner, beyond)).max()


@settings(max_examples=30, deadline=None)
@given(case=st.sampled_from(CASES), values=st.lists(st.floats(-5, 5), min_size=3, max_size=3))
def test_roughness_is_zero_for_quadratics_only(
    case: tuple[np.ndarray, int, int], values: list[float]
) -> None:
    basis = radau_basis(*case)
    R = basis.roughness()
    scale = float(np.abs(R).max())
    flat, cubic = coefficients(basis, Polynomial(values)), coefficients(basis, Polynomial([0, 0, 0, 1.0]))
    assert abs(flat @ R @ flat) <= 1e-10 * scale * max(1.0, float(flat @ flat))
    assert cubic @ R @ cubic == pytest.approx(36.0, rel=1e-4)  # the third derivative of x^3 is 6


def test_roughness_is_symmetric_and_never_negative(basis: Basis) -> None:
    R = basis.roughness()
    assert np.allclose(R, R.T, rtol=0, atol=1e-12 * np.abs(R).max())
    assert np.linalg.eigvalsh(R).min() >= -1e-10 * np.abs(R).max()
