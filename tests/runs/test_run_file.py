"""The .h5 file of a run: what goes in comes out, and what is broken says so."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from synthetic import analytic_run, changed

from footstrike.errors import FootstrikeError, InputError
from footstrike.runs.run import Run


@pytest.fixture(scope="module")
def saved(tmp_path_factory) -> Path:
    return analytic_run(samples=51).save(tmp_path_factory.mktemp("run") / "run.h5")


def test_round_trip(saved):
    before, after = analytic_run(samples=51), Run.load(saved)
    assert after.spec == before.spec
    assert after.solver == before.solver
    assert after.muscle_names == before.muscle_names
    assert after.muscle_groups == before.muscle_groups
    assert dict(after.arrays()).keys() == dict(before.arrays()).keys()
    for name, array in before.arrays():
        np.testing.assert_array_equal(dict(after.arrays())[name], array)
    assert after.content_hash() == before.content_hash()


def test_every_data_set_has_units_and_a_name(saved):
    def visit(name, item):
        if isinstance(item, h5py.Dataset):
            assert "units" in item.attrs, name
            assert item.attrs["long_name"], name

    with h5py.File(saved) as file:
        file.visititems(visit)
        assert file["coordinates/pelvis_tx"].attrs["units"] == "m"
        assert file["coordinates/knee_angle_r"].attrs["units"] == "rad"
        assert file["lumbar/L5S1/compression"].attrs["units"] == "N"
        assert file["lumbar/L5S1/coupler_moment"].attrs["units"] == "N m"
        assert {"specification", "content_hash", "versions", "schema"} <= file.attrs.keys()


def test_what_not_every_run_has_may_be_missing(tmp_path, saved):
    with h5py.File(saved) as file:
        assert not {"fibre_length", "fibre_velocity", "metabolic_rate", "joint_contact"} & file.keys()
    bare = Run.load(saved)
    assert bare.fibre_length.size == 0
    assert bare.joint_contact == {}
    assert bare.lumbar_net == {}
    of_muscles = np.ones_like(bare.muscle_forces)
    more = changed(
        bare,
        fibre_length=of_muscles,
        metabolic_rate=of_muscles,
        joint_contact={"knee_r": np.ones((51, 3))},
        lumbar_net={"L5S1": {"force": np.ones((51, 3)), "moment": np.ones((51, 3))}},
    )
    assert more.content_hash() != bare.content_hash()
    back = Run.load(more.save(tmp_path / "more.h5"))
    assert back.content_hash() == more.content_hash()
    assert back.fibre_velocity.size == 0
    with h5py.File(tmp_path / "more.h5") as file:
        assert file["joint_contact/knee_r"].attrs["units"] == "N"
        assert file["metabolic_rate"].attrs["units"] == "W"
        assert file["lumbar_net/L5S1/moment"].attrs["units"] == "N m"
        assert file["lumbar_net/L5S1/force"].attrs["units"] == "N"


names = st.text(
    st.characters(codec="utf-8", exclude_characters="/\0", exclude_categories=("Cs",)), min_size=1
)
values = hnp.arrays(float, 4, elements=st.floats(allow_nan=True, allow_infinity=True))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    tree=st.dictionaries(names.filter(lambda n: n.strip(".") != ""), values, max_size=4),
    spec=st.dictionaries(
        st.text(), st.none() | st.booleans() | st.integers(-9, 9) | st.text() | st.floats(0, 1)
    ),
)
def test_round_trip_of_anything(tmp_path, tree, spec):
    run = changed(
        analytic_run(samples=4), coordinates=tree, spec={**spec, "strike": "forefoot", "speed_mps": 3.5}
    )
    again = Run.load(run.save(tmp_path / "any.h5"))
    assert again.spec == run.spec
    assert again.coordinates.keys() == tree.keys()
    for name, array in tree.items():
        np.testing.assert_array_equal(again.coordinates[name], array)


def test_a_large_specification_and_model_fit(tmp_path):
    run = changed(analytic_run(samples=4, note="x" * 200_000), model_osim="<m>" + "y" * 2_000_000 + "</m>")
    again = Run.load(run.save(tmp_path / "big.h5"))
    assert len(again.spec["note"]) == 200_000
    assert again.model_osim == run.model_osim


@pytest.mark.parametrize("share", [0.0, 0.0001, 0.001, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 0.9999])
def test_truncated_file(saved, tmp_path, share):
    data = saved.read_bytes()
    broken = tmp_path / "broken.h5"
    broken.write_bytes(data[: int(share * len(data))])
    with pytest.raises(InputError, match=r"broken\.h5"):
        Run.load(broken)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.floats(0, 0.99999), byte=st.integers(1, 255))
def test_a_flipped_byte_is_an_input_error_or_harmless(saved, tmp_path, at, byte):
    data = bytearray(saved.read_bytes())
    data[int(at * len(data))] ^= byte
    broken = tmp_path / "flipped.h5"
    broken.write_bytes(bytes(data))
    try:
        run = Run.load(broken)
    except InputError as error:
        assert "flipped.h5" in str(error)  # noqa: PT017
    else:
        assert run.content_hash() == analytic_run(samples=51).content_hash()


def test_missing_foreign_and_folder(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        Run.load(tmp_path / "no.h5")
    with pytest.raises(InputError, match="is a folder"):
        Run.load(tmp_path)
    (tmp_path / "text.h5").write_text("time,force\n")
    with pytest.raises(InputError, match="not an HDF5 file"):
        Run.load(tmp_path / "text.h5")
    with h5py.File(tmp_path / "foreign.h5", "w") as file:
        file["x"] = 1.0
    with pytest.raises(InputError, match="not written by Footstrike"):
        Run.load(tmp_path / "foreign.h5")


def test_other_schema_is_refused(saved, tmp_path):
    other = tmp_path / "later.h5"
    other.write_bytes(saved.read_bytes())
    with h5py.File(other, "a") as file:
        file.attrs["schema"] = 99
    with pytest.raises(InputError, match="version 99"):
        Run.load(other)


def test_a_file_of_schema_1_gets_the_groups_of_its_muscles(tmp_path):
    run = changed(analytic_run(samples=11), muscle_groups=[])
    old = run.save(tmp_path / "old.h5")
    with h5py.File(old, "a") as file:
        del file["muscle_groups"]
        file.attrs["schema"] = 1
    assert Run.load(old).muscle_groups == ["soleus", "gastrocnemius", "gastrocnemius"]


def test_tampered_content_is_refused(saved, tmp_path):
    other = tmp_path / "edited.h5"
    other.write_bytes(saved.read_bytes())
    with h5py.File(other, "a") as file:
        file["lumbar/L5S1/compression"][3] = 0.0
    with pytest.raises(InputError, match="content hash"):
        Run.load(other)


def test_inconsistent_runs_are_not_written(tmp_path):
    run = analytic_run(samples=11)
    with pytest.raises(InputError, match="coordinates/knee_angle_r has 5 samples"):
        changed(run, coordinates={"knee_angle_r": np.zeros(5)}).save(tmp_path / "bad.h5")
    with pytest.raises(InputError, match="2 groups for 3 muscles"):
        changed(run, muscle_groups=["soleus", "vasti"]).save(tmp_path / "bad.h5")
    with pytest.raises(InputError, match="status 'fine'"):
        changed(run, status="fine").save(tmp_path / "bad.h5")
    assert not list(tmp_path.iterdir())


def test_a_full_disk_leaves_the_old_file_and_no_remains(tmp_path, monkeypatch):
    path = analytic_run(samples=11).save(tmp_path / "run.h5")
    before = path.read_bytes()

    def full(_handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FootstrikeError, match="no space left on device"):
        analytic_run(samples=21).save(path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["run.h5"]


def test_output_that_is_a_folder_or_below_a_file(tmp_path):
    with pytest.raises(InputError, match="is a folder"):
        analytic_run(samples=11).save(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        analytic_run(samples=11).save(tmp_path / "file" / "run.h5")
