"""Linear constraints as they are collected."""

from __future__ import annotations

import numpy as np
import pytest

from footstrike.control.linear_rows import Rows


def test_a_problem_without_linear_constraints_has_an_empty_matrix() -> None:
    matrix, low, high = Rows(5).matrix()
    assert matrix.shape == (0, 5)
    assert low.shape == high.shape == (0,)


def test_rows_of_several_calls_follow_each_other() -> None:
    rows = Rows(3)
    rows.add(0, [0, 2], [1.0, -1.0], 0.0, 0.0)
    rows.add(np.arange(2)[:, None], [[0, 1], [1, 2]], 2.0, np.zeros(2), np.full(2, np.inf))
    matrix, low, high = rows.matrix()
    assert matrix.toarray() == pytest.approx(np.array([[1, 0, -1], [2, 2, 0], [0, 2, 2]]))
    assert low == pytest.approx(np.zeros(3))
    assert high == pytest.approx([0.0, np.inf, np.inf])
