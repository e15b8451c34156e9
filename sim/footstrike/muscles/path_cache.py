"""How fitted muscle paths are cached: sampling and fitting a large model takes seconds."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import numpy as np

from footstrike.cache.results import Format
from footstrike.files import to_json
from footstrike.model.description import PathPolynomial

_ARRAYS = ("centre", "scale", "coefficients")


def _dump(polynomials: dict[str, PathPolynomial]) -> bytes:
    return to_json({name: asdict(p) for name, p in polynomials.items()}).encode()


def _load(data: bytes) -> dict[str, PathPolynomial]:
    return {name: _polynomial(fields) for name, fields in json.loads(data).items()}


def _polynomial(fields: dict[str, Any]) -> PathPolynomial:
    names = tuple(fields["coordinates"])
    exact: dict[str, Any] = {name: np.array(fields[name], dtype=float) for name in _ARRAYS}
    exact["exponents"] = np.array(fields["exponents"], dtype=int).reshape(-1, len(names))
    return PathPolynomial(**(fields | exact | {"coordinates": names}))


POLYNOMIALS = Format(_dump, _load)
"""Of a model's muscles, by name."""
