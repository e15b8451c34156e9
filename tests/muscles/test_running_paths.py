"""Muscle paths of a runner of another size: the same terms, other coefficients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from toy_leg import leg

from footstrike.model.description import Description, Muscle, PathPolynomial
from footstrike.muscles.running_paths import AIM_ARM, AIM_LENGTH, TAKEN_OVER, running_paths


def walker(length: float, forward: float = 0.04) -> Description:
    """A leg with a straight muscle over the knee; ``forward``: how far before the thigh it begins, for a leg of 0.4 m."""
    size = length / 0.4
    points = (
        ("thigh", size * np.array([forward, -0.3, 0.0])),
        ("shank", size * np.array([0.05, -0.05, 0.0])),
    )
    muscle = Muscle("front_r", 1000.0, 0.1, 0.2, 0.0, 10.0, points)
    return replace(leg(length=length).description, muscles=(muscle,))


def fitted(description: Description, like: Mapping[str, PathPolynomial] | None = None) -> PathPolynomial:
    def measure(*_: Any) -> Any:
        raise AssertionError("a straight path needs no measuring")

    return running_paths(description, measure, like=like)["front_r"]


def test_another_size_takes_over_the_terms() -> None:
    generic = fitted(walker(0.4))
    own, like = fitted(walker(0.44)), fitted(walker(0.44), {"front_r": generic})
    assert np.array_equal(like.exponents, generic.exponents)
    assert np.array_equal(like.centre, generic.centre)
    assert not np.allclose(like.coefficients, generic.coefficients, rtol=1e-2)
    assert like.length_rms_m <= TAKEN_OVER * AIM_LENGTH
    assert like.arm_rms_m <= TAKEN_OVER * AIM_ARM
    assert like.arm_rms_m <= 1.3 * max(own.arm_rms_m, AIM_ARM)


def test_a_body_of_its_own_size_keeps_its_coefficients() -> None:
    generic = fitted(walker(0.4))
    again = fitted(walker(0.4), {"front_r": generic})
    assert again.coefficients == pytest.approx(generic.coefficients, rel=1e-9)
    assert again.arm_rms_m == pytest.approx(generic.arm_rms_m)


def test_terms_that_do_not_do_are_not_taken_over() -> None:
    generic = fitted(walker(0.4))
    few = replace(generic, exponents=generic.exponents[:1], coefficients=generic.coefficients[:1])
    elsewhere = replace(generic, centre=generic.centre + 0.5)
    for like in (few, elsewhere, replace(generic, coordinates=("another",))):
        found = fitted(walker(0.44), {"front_r": like})
        assert np.array_equal(found.exponents, fitted(walker(0.44)).exponents)
        assert np.array_equal(found.centre, generic.centre)
