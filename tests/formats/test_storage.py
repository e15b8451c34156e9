"""Tables over time as OpenSim writes them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from footstrike.formats.storage import columns_text, read_columns


@pytest.mark.parametrize("end", ["endheader", "EndHeader  "])
def test_columns_are_read_by_name_whatever_precedes_them(end: str, tmp_path: Path) -> None:
    file = tmp_path / "motion.mot"
    file.write_text(
        f"motion\nversion=1\nnRows=2\n{end}\ntime\tknee_angle_r\n0.0\t-1.5\n\n0.01\t-1.25e1\n", "utf-8"
    )
    columns = read_columns(file)
    assert list(columns) == ["time", "knee_angle_r"]
    np.testing.assert_array_equal(columns["time"], [0.0, 0.01])
    np.testing.assert_array_equal(columns["knee_angle_r"], [-1.5, -12.5])


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    time = np.linspace(0.0, 0.3, 4)
    columns = {"knee_angle_r": np.sin(time) / 3.0, "pelvis_ty": np.cos(time)}
    file = tmp_path / "motion.mot"
    file.write_text(columns_text("motion", time, columns), "utf-8")
    found = read_columns(file)
    assert list(found) == ["time", *columns]
    for name, values in columns.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-14)
