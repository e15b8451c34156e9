"""Derivatives of a whole program, put together from those of its points, are the derivatives of the whole."""

from __future__ import annotations

import numpy as np
import pytest
from native import run_native


@pytest.mark.parametrize("seed", [0, 1])
def test_derivatives_are_those_of_casadi_and_of_finite_differences(seed: int) -> None:
    for name, (assembled, expected) in run_native("casadi_side.derivatives", seed).items():
        tolerance = 1e-6 if "differences" in name else 1e-12
        assert assembled == pytest.approx(expected, abs=tolerance * max(1.0, np.abs(expected).max())), name


def test_the_approximate_hessian_is_never_indefinite_and_exact_for_affine_errors() -> None:
    curved, (approximate, exact) = run_native("casadi_side.gauss_newton", 2)
    assert np.linalg.eigvalsh(curved).min() >= -1e-10
    assert approximate == pytest.approx(exact, abs=1e-12)


def test_a_quadratic_program_is_solved_and_reported() -> None:
    outcome, expected, reports = run_native("casadi_side.solved_quadratic", 3)
    assert outcome.success
    assert outcome.x == pytest.approx(expected, abs=1e-6)
    assert outcome.infeasibility <= 1e-8
    assert [r[0] for r in reports[:2]] == [0, 1]
    assert len(reports) >= 2
    assert reports[-1][1] == pytest.approx(outcome.objective, rel=1e-6)
