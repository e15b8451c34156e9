from __future__ import annotations

import numpy as np

from footstrike.model.description import Muscle
from footstrike.muscles.strength import force_length, force_velocity, passive_force, strength

PENNATE = Muscle("m", 1000.0, 0.1, 0.2, 0.3, 10.0, ())


def test_curves_at_their_landmarks() -> None:
    assert abs(force_length(np.array(1.0)) - 1.0) < 1e-2
    assert force_length(np.array([0.3, 1.8])).max() < 0.15
    assert abs(force_velocity(np.array(0.0)) - 1.0) < 1e-12
    assert abs(force_velocity(np.array(-1.0))) < 2e-2
    np.testing.assert_allclose(passive_force(np.array([0.2, 1.6]), 0.6), [0.0, 1.0], atol=1e-12)


def test_a_wide_curve_reaches_further() -> None:
    assert force_length(np.array(1.4), 1.5) > force_length(np.array(1.4))


def test_thickness_of_the_fibres_is_kept() -> None:
    length = np.linspace(0.25, 0.33, 9)[:, None]
    able = strength([PENNATE], length, np.zeros_like(length))
    fibre = able.fibre_length * 0.1
    thickness = np.sqrt(fibre**2 - (length - 0.2) ** 2)
    np.testing.assert_allclose(thickness, 0.1 * np.sin(0.3), rtol=1e-12)


def test_shortening_weakens_and_lengthening_strengthens() -> None:
    length = np.full((3, 1), 0.2 + 0.1 * np.cos(0.3))
    active = strength([PENNATE], length, np.array([[-0.3], [0.0], [0.3]])).active[:, 0]
    assert active[0] < active[1] < active[2]
    assert abs(active[1] - 1000.0 * np.cos(0.3) * force_length(np.array(1.0))) < 1e-6
