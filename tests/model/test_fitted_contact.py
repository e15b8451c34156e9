import runpy

import pytest

from footstrike.model.tables import load_tables
from footstrike.resources import resource


@pytest.fixture(scope="module")
def fit():
    return runpy.run_path(str(resource("experiments", "contact_fit", "fit.py")))


def test_no_estimated_contact_parameter_lies_at_its_bound(fit):
    changes = fit["changes_between"](load_tables(fitted_contact=False), load_tables())
    shares = {name: abs(change) / fit["bound"](name) for name, change in changes.items()}
    assert len(shares) == 16
    assert max(shares.values()) < fit["AT_BOUND"], shares
    assert max(shares.values()) > 0.05, "the table carries an estimate, not the anatomical start"


def test_both_feet_have_the_same_soles():
    spheres = {s.name: s for s in load_tables().spheres}
    for name, sphere in spheres.items():
        other = spheres[name[:-1] + ("l" if name.endswith("r") else "r")]
        assert other.stiffness == sphere.stiffness
        assert other.dissipation == sphere.dissipation
        assert other.location[:2] == sphere.location[:2]
        assert other.location[2] == -sphere.location[2]
