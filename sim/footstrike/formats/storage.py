"""Tables over time as OpenSim reads and writes them: .sto and .mot files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def read_columns(path: Path) -> dict[str, Array]:
    """{column: (T,)} of a .sto or .mot file, ``time`` among them, in the units of the file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    head = next(k for k, line in enumerate(lines) if line.strip().lower() == "endheader") + 1
    values = np.array([[float(x) for x in line.split()] for line in lines[head + 1 :] if line.strip()])
    return dict(zip(lines[head].split(), values.T, strict=True))


def columns_text(name: str, time: Array, columns: Mapping[str, Array]) -> str:
    """Text of a .mot or .sto file; ``columns`` are (T,) each, rad, m, N or N m."""
    rows = np.column_stack([time, *columns.values()])
    head = [
        name,
        "version=1",
        f"nRows={rows.shape[0]}",
        f"nColumns={rows.shape[1]}",
        "inDegrees=no",
        "endheader",
        "\t".join(["time", *columns]),
    ]
    return "\n".join([*head, *("\t".join(f"{x:.15g}" for x in row) for row in rows), ""])
