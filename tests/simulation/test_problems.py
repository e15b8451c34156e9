"""Muscle paths of runners of other sizes, against OpenSim's own lengths."""

from __future__ import annotations

import numpy as np
import pytest

from footstrike.model.scaling import uniform_factor
from footstrike.model.subject import Subject
from footstrike.muscles.moment_arms import polynomial_length
from footstrike.muscles.running_paths import running_postures
from footstrike.simulation.problems import muscle_paths, runner
from footstrike.workers.client import opensim_worker


def test_height_alone_stretches_a_body_uniformly() -> None:
    assert uniform_factor(Subject(height=1.62, mass=55.0)) == pytest.approx(0.9)
    assert uniform_factor(Subject(height=1.62, sex="female")) is None
    assert uniform_factor(Subject(segment_factors=(("thigh", (1.1, 1.1, 1.1)),))) is None


def test_a_smaller_runner_of_the_same_proportions_has_the_paths_that_opensim_measures() -> None:
    model = runner(Subject(height=1.62, mass=55.0, trunk="reduced", factors=(("trunk_mass", 1.1),)))
    paths = muscle_paths(model)
    names, postures = running_postures(model.description)
    q = postures[:48]
    at = {name: q[:, i] for i, name in enumerate(names)}
    for measured in opensim_worker().call("muscle_paths", model.osim, names, q, list(paths)):
        polynomial = paths[measured.name]
        error = polynomial_length(polynomial, at)[0] - measured.length
        assert np.sqrt(np.mean(error**2)) < 2.0 * polynomial.length_rms_m + 1e-5, measured.name
