"""How derivatives are cached: differentiating a runner takes half a minute, reading its derivatives one second."""

from __future__ import annotations

import pickle

from footstrike.cache.results import Format
from footstrike.control.nlp import PointFunctions
from footstrike.workers.casadi_ import ca

_FUNCTIONS = ("value", "first", "second", "gauss_newton", "constants")


def _dump(functions: PointFunctions) -> bytes:
    parts = [getattr(functions, name).serialize() for name in _FUNCTIONS]
    sparsities = functions.jacobian.serialize(), functions.hessian.serialize()
    return pickle.dumps((parts, sparsities, functions.size))


def _load(data: bytes) -> PointFunctions:
    parts, sparsities, size = pickle.loads(data)
    value, first, second, gauss_newton, constants = map(ca.Function.deserialize, parts)
    jacobian, hessian = map(ca.Sparsity.deserialize, sparsities)
    return PointFunctions(value, first, second, gauss_newton, jacobian, hessian, size, constants)


DERIVATIVES = Format(_dump, _load)
