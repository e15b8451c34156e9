"""Marker files of motion capture: C3D and TRC."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from footstrike.brief import brief
from footstrike.errors import InputError

Array = NDArray[np.float64]

METRES = {"mm": 1e-3, "cm": 1e-2, "m": 1.0}


@dataclass(frozen=True)
class Markers:
    """Marker positions (m) in the laboratory's own axes, {name: (T, 3)}, NaN where one was not seen.

    ``rate`` is in Hz.
    """

    __repr__ = brief

    rate: float
    positions: dict[str, Array]

    def mean(self, name: str) -> Array:
        """Median position (3,) over the frames in which the marker was seen, m; NaN if it never was."""
        seen = self.positions[name]
        seen = seen[np.isfinite(seen).all(axis=1)]
        return np.median(seen, axis=0) if len(seen) else np.full(3, np.nan)


def read_markers(path: Path) -> Markers:
    """Markers of a .c3d or .trc file.

    Raises
    ------
    InputError
        The file is missing, of another kind, or cannot be understood.
    """
    path = Path(path)
    readers = {".c3d": _c3d, ".trc": _trc}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise InputError(f"marker file {path}: ending {path.suffix!r} is unknown (allowed: .c3d, .trc)")
    if not path.is_file():
        raise InputError(f"marker file {path} does not exist")
    try:
        markers = reader(path)
    except (OSError, ValueError, IndexError, KeyError, RuntimeError) as error:
        raise InputError(f"marker file {path} cannot be read: {error}") from error
    if not markers.positions:
        raise InputError(f"marker file {path} contains no markers")
    return markers


def _c3d(path: Path) -> Markers:
    import ezc3d

    content = ezc3d.c3d(str(path))
    point = content["parameters"]["POINT"]
    names = [str(n).strip() for n in point["LABELS"]["value"]]
    unit = _metres(str(point["UNITS"]["value"][0]))
    xyz = np.moveaxis(np.asarray(content["data"]["points"], dtype=float)[:3], 0, 2) * unit
    named = dict(zip(names, xyz, strict=False))  # a file may hold points without a label
    return Markers(float(point["RATE"]["value"][0]), {n: _gaps(x) for n, x in named.items()})


def _trc(path: Path) -> Markers:
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    header = dict(zip(lines[1].split("\t"), lines[2].split("\t"), strict=False))
    names = [n.strip() for n in lines[3].split("\t")[2:] if n.strip()]
    rows = [line.split("\t") for line in lines[5:] if line.strip()]
    width = 2 + 3 * len(names)
    cells = [[_number(c) for c in (row + [""] * width)[2:width]] for row in rows]
    xyz = np.array(cells).reshape(len(rows), len(names), 3) * _metres(header["Units"])
    return Markers(float(header["DataRate"]), {n: _gaps(xyz[:, k]) for k, n in enumerate(names)})


def _number(cell: str) -> float:
    return float(cell) if cell.strip() else float("nan")


def _metres(unit: str) -> float:
    key = unit.strip().lower()
    if key not in METRES:
        raise ValueError(f"unit {unit!r} of length is unknown (allowed: {', '.join(METRES)})")
    return METRES[key]


def _gaps(xyz: Array) -> Array:
    """Positions with NaN where the file has the exact zeros that stand for a lost marker."""
    return np.where((xyz == 0.0).all(axis=1)[:, None], np.nan, xyz)
