"""Constant sparse products that make derivatives of the whole program of those at its points."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from footstrike.control.memory import recalled
from footstrike.workers.casadi_ import ca

Array = NDArray[np.float64]


def to_casadi(matrix: Any) -> Any:
    """CasADi matrix from a scipy sparse one."""
    m = sparse.csc_matrix(matrix)
    m.sort_indices()
    return ca.DM(ca.Sparsity(*m.shape, m.indptr.tolist(), m.indices.tolist()), m.data)


def _rows(seen: Any, ny: int) -> tuple[NDArray[np.int64], Array]:
    """Columns and values of the rows of ``seen``, padded to equal length: (K, ny, width) each."""
    m = sparse.csr_matrix(seen)
    counts = np.diff(m.indptr)
    width = int(counts.max())
    slot = np.arange(width) < counts[:, None]
    columns = np.zeros((m.shape[0], width), dtype=np.int64)
    values = np.zeros((m.shape[0], width))
    columns[slot], values[slot] = m.indices, m.data
    shape = (-1, ny, width)
    return columns.reshape(shape), values.reshape(shape)


def _products(
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    values: Array,
    source: NDArray[np.int64],
    shape: tuple[int, int],
    sources: int,
) -> tuple[Any, Any]:
    """Constant matrix from local to global non-zeros (column-major), and the global sparsity."""
    keep = values != 0.0
    position = columns[keep] * shape[0] + rows[keep]
    unique, target = np.unique(position, return_inverse=True)
    product = sparse.csc_matrix((values[keep], (target, source[keep])), shape=(len(unique), sources))
    pointer = np.searchsorted(unique // shape[0], np.arange(shape[1] + 1))
    sparsity = ca.Sparsity(shape[0], shape[1], pointer.tolist(), (unique % shape[0]).tolist())
    return to_casadi(product), sparsity


def jacobian_product(seen: Any, local: Any) -> tuple[Any, Any]:
    """From non-zeros of the Jacobians at the points, whose sparsity is ``local`` (ng, ny), to those of the whole."""
    return recalled("jacobian product", _key(seen, local), lambda: _jacobian_product(seen, local))


def hessian_product(seen: Any, local: Any) -> tuple[Any, Any]:
    """The same of Hessians: ``local`` (ny, ny) and the whole are upper triangles."""
    return recalled("hessian product", _key(seen, local), lambda: _hessian_product(seen, local))


def _key(seen: Any, local: Any) -> tuple[bytes, int]:
    m = sparse.csr_matrix(seen)
    of_seen = sha256(repr(m.shape).encode())
    for part in (m.indptr, m.indices, m.data):
        of_seen.update(part.tobytes())
    return of_seen.digest(), int(local.hash())


def _jacobian_product(seen: Any, local: Any) -> tuple[Any, Any]:
    columns, values = _rows(seen, local.size2())
    r, c = np.array(local.row()), np.array(local.get_col())
    n, K, width, ng = len(r), len(columns), columns.shape[2], local.size1()
    k = np.arange(K)[:, None, None]
    rows = np.broadcast_to(k * ng + r[None, :, None], (K, n, width))
    source = np.broadcast_to(k * n + np.arange(n)[None, :, None], (K, n, width))
    return _products(
        rows.ravel(),
        columns[:, c].ravel(),
        values[:, c].ravel(),
        source.ravel(),
        (K * ng, seen.shape[1]),
        K * n,
    )


def _hessian_product(seen: Any, local: Any) -> tuple[Any, Any]:
    columns, values = _rows(seen, local.size2())
    a, b = np.array(local.row()), np.array(local.get_col())
    n, K, width = len(a), len(columns), columns.shape[2]
    shape = (K, n, width, width)
    i = np.broadcast_to(columns[:, a, :, None], shape)
    j = np.broadcast_to(columns[:, b, None, :], shape)
    value = values[:, a, :, None] * values[:, b, None, :]
    diagonal = (a == b)[None, :, None, None]
    value = np.where(diagonal & (i > j), 0.0, value)  # the mirror entry stands for it
    value = np.where(~diagonal & (i == j), 2 * value, value)
    source = np.broadcast_to((np.arange(K)[:, None] * n + np.arange(n))[:, :, None, None], shape)
    size = seen.shape[1]
    return _products(
        np.minimum(i, j).ravel(), np.maximum(i, j).ravel(), value.ravel(), source.ravel(), (size, size), K * n
    )
