"""Time series with labelled axes: what is asked for by name is what the run has."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from synthetic import BW, analytic_run, changed, looking_run

RUN = analytic_run(samples=51, options={"tight": True}, nothing=None)
WHOLE = changed(
    RUN,
    fibre_length=np.ones_like(RUN.muscle_forces),
    joint_contact={"knee_r": np.full((51, 3), 2.0)},
    lumbar_net={"L5S1": {"force": np.ones((51, 3)), "moment": np.full((51, 3), 3.0)}},
)


@pytest.fixture(scope="module")
def data():
    return WHOLE.to_xarray()


def test_every_variable_has_its_unit_and_name(data):
    for name, variable in data.variables.items():
        if variable.dtype == float:
            assert variable.attrs["units"], name
            assert variable.attrs["long_name"], name
    assert data["coordinates"].attrs["units"] == "rad"
    assert data["translations"].attrs["units"] == "m"
    assert data["torques"].attrs["units"] == "N m"
    assert data["lumbar_compression"].attrs["units"] == "N"
    assert data["lumbar_net_moment"].attrs["units"] == "N m"
    assert data["phase"].attrs["units"] == "%"


def test_names_lead_to_the_numbers(data):
    np.testing.assert_array_equal(
        data["coordinates"].sel(coordinate="knee_angle_r"), RUN.coordinates["knee_angle_r"]
    )
    np.testing.assert_array_equal(
        data["translations"].sel(translation="pelvis_tx"), RUN.coordinates["pelvis_tx"]
    )
    up = data["ground_force"].sel(side="right", axis="up")
    assert float(up.max()) == RUN.ground_force["right"][:, 1].max()
    assert float(data["lumbar_compression"].sel(level="L5S1").max() / BW) == pytest.approx(3.5)
    assert float(data["lumbar_force"].sel(level="L4L5", level_axis="superior").max()) < 0
    assert float(data["joint_contact"].sel(joint="knee_r", bone_axis="lateral")[0]) == 2.0
    assert float(data["lumbar_net_moment"].sel(net_level="L5S1", net_axis="extension")[0]) == 3.0
    assert data["phase"].values[[0, -1]] == pytest.approx([0.0, 100.0])


def test_what_a_coordinate_lacks_is_not_a_number(data):
    """Only knee and ankle have torques in this run."""
    assert np.isnan(data["torques"].sel(coordinate="lumbar_rotation")).all()
    assert not np.isnan(data["torques"].sel(coordinate="knee_angle_r")).any()


def test_muscles_are_found_by_their_group(data):
    calf = data["muscle_forces"].where(data["group"] == "gastrocnemius", drop=True)
    assert list(calf["muscle"].values) == ["med_gas_r", "lat_gas_r"]
    sums = data["muscle_forces"].groupby("group").sum()
    assert float(sums.sel(group="gastrocnemius")[0]) == 2000.0


def test_the_specification_goes_with_it(data):
    assert data.attrs["strike"] == "rearfoot"
    assert data.attrs["speed_mps"] == 3.5
    assert data.attrs["options"] == '{"tight": true}'
    assert "nothing" not in data.attrs
    assert all(isinstance(value, (str, int, float)) for value in data.attrs.values())


def test_every_array_of_a_run_is_in_it():
    run = looking_run(samples=51)
    data = run.to_xarray()
    numbers = sum(array.size for name, array in run.arrays() if name != "time")
    kept = sum(int(v.size) for v in data.data_vars.values())
    assert kept >= numbers
    assert {"time", "coordinate", "translation", "side", "axis", "point", "muscle", "level"} <= set(
        data.sizes
    )


def test_a_run_without_muscles_has_none():
    none = np.zeros((0, 0))
    data = changed(RUN, muscle_names=[], activations=none, muscle_forces=none, lumbar={}).to_xarray()
    assert not {"muscle", "level", "group"} & {*data.sizes, *data.coords}


def test_neither_xarray_nor_pandas_is_loaded_before_it_is_asked_for():
    asked = (
        "import sys, footstrike as fs; from footstrike.cli import commands; fs.Run; fs.metrics; fs.metrics_table;"
        "commands.run(['--help']); print(sorted({'xarray', 'pandas'} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert told.stdout.splitlines()[-1] == "[]"
