"""Fitted muscle paths kept between sessions: sampling and fitting a large model takes seconds."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import numpy as np

from footstrike.cache import Place
from footstrike.files import to_json
from footstrike.model.description import PathPolynomial

_ARRAYS = ("centre", "scale", "coefficients")


def recall(place: Place) -> dict[str, PathPolynomial] | None:
    """The polynomials of a model's muscles by name, if they were fitted before."""
    kept = place.read()
    if kept is None:
        return None
    return {name: _polynomial(fields) for name, fields in json.loads(kept).items()}


def keep(place: Place, polynomials: dict[str, PathPolynomial]) -> None:
    """Keep polynomials."""
    place.write(to_json({name: asdict(p) for name, p in polynomials.items()}).encode())


def _polynomial(fields: dict[str, Any]) -> PathPolynomial:
    names = tuple(fields["coordinates"])
    exact: dict[str, Any] = {name: np.array(fields[name], dtype=float) for name in _ARRAYS}
    exact["exponents"] = np.array(fields["exponents"], dtype=int).reshape(-1, len(names))
    return PathPolynomial(**(fields | exact | {"coordinates": names}))
