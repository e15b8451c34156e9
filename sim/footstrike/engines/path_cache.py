"""Fitted muscle paths kept between sessions: sampling and fitting a large model takes seconds."""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from footstrike import cache
from footstrike.errors import FootstrikeError
from footstrike.files import to_json, write_atomically
from footstrike.model.description import PathPolynomial

_ARRAYS = ("centre", "scale", "coefficients")


def recall(osim_text: str, kind: str = "") -> dict[str, PathPolynomial] | None:
    """The polynomials of a model's muscles by name, if they were fitted before; ``kind`` tells fits apart."""
    try:
        stored: dict[str, Any] = json.loads(_file(osim_text, kind).read_text(encoding="utf-8"))
        return {name: _polynomial(fields) for name, fields in stored.items()}
    except (OSError, ValueError, TypeError, KeyError):
        return None


def keep(osim_text: str, polynomials: dict[str, PathPolynomial], kind: str = "") -> None:
    """Store polynomials; a cache that cannot be written is no reason to stop."""
    data = to_json({name: asdict(p) for name, p in polynomials.items()}).encode()
    with contextlib.suppress(FootstrikeError):
        write_atomically(_file(osim_text, kind), data)


def _file(osim_text: str, kind: str) -> Path:
    return cache.folder() / "paths" / f"{cache.key(osim_text, kind)}.json"


def _polynomial(fields: dict[str, Any]) -> PathPolynomial:
    names = tuple(fields["coordinates"])
    exact: dict[str, Any] = {name: np.array(fields[name], dtype=float) for name in _ARRAYS}
    exact["exponents"] = np.array(fields["exponents"], dtype=int).reshape(-1, len(names))
    return PathPolynomial(**(fields | exact | {"coordinates": names}))
