"""Tables over time as OpenSim writes them: .sto and .mot files."""

from __future__ import annotations

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
