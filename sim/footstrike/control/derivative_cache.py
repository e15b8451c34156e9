"""Derivatives kept on disk: differentiating a runner takes seconds, reading its derivatives one."""

from __future__ import annotations

import pickle

from footstrike.cache import Place
from footstrike.control.nlp import PointFunctions
from footstrike.workers.casadi_ import ca

_FUNCTIONS = ("value", "first", "second", "gauss_newton", "constants")


def save_functions(functions: PointFunctions, place: Place) -> None:
    """Keep the functions."""
    parts = [getattr(functions, name).serialize() for name in _FUNCTIONS]
    sparsities = functions.jacobian.serialize(), functions.hessian.serialize()
    place.write(pickle.dumps((parts, sparsities, functions.size)))


def load_functions(place: Place) -> PointFunctions | None:
    """The functions kept, or None if they are not there or another CasADi wrote them."""
    kept = place.read()
    if kept is None:
        return None
    parts, sparsities, size = pickle.loads(kept)
    try:
        value, first, second, gauss_newton, constants = map(ca.Function.deserialize, parts)
        jacobian, hessian = map(ca.Sparsity.deserialize, sparsities)
    except RuntimeError:
        place.remove()
        return None
    return PointFunctions(value, first, second, gauss_newton, jacobian, hessian, size, constants)
