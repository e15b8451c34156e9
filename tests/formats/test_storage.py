"""Tables over time as OpenSim writes them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from footstrike.formats.storage import read_columns


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
