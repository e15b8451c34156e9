"""Numbers of a page as text: whole numbers of few bytes, in base64, little end first."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

from footstrike.errors import InputError

KINDS = {"int16": "<i2", "uint16": "<u2", "uint8": "u1"}


def packed(values: Any, kind: str, step: float) -> dict[str, Any]:
    """Values as whole multiples of ``step``.

    Returns
    -------
    dict
        ``kind`` of numbers, ``step``, ``shape`` and ``data``; a page reads it with ``unpacked`` of its script.

    Raises
    ------
    InputError
        A value is no number or does not fit.
    """
    whole = np.rint(np.asarray(values, dtype=float) / step)
    limits = np.iinfo(KINDS[kind])
    if not np.all((whole >= limits.min) & (whole <= limits.max)):
        raise InputError(f"a value of the page is not within {limits.min * step:g} and {limits.max * step:g}")
    data = np.ascontiguousarray(whole, dtype=KINDS[kind]).tobytes()
    return {
        "kind": kind,
        "step": step,
        "shape": list(whole.shape),
        "data": base64.b64encode(data).decode("ascii"),
    }


def unpacked(pack: dict[str, Any]) -> NDArray[np.float64]:
    """The values of :func:`packed`."""
    whole = np.frombuffer(base64.b64decode(pack["data"]), dtype=KINDS[pack["kind"]])
    return whole.reshape(pack["shape"]) * float(pack["step"])
