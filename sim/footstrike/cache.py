"""Results kept between sessions, found again by the hash of everything that they depend on."""

from __future__ import annotations

import hashlib
import io
import os
import pickle
from functools import cache
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path

_PACKAGE = Path(__file__).resolve().parent
_SCIENCE = ("model", "gait", "dynamics", "control", "lumbar", "solution", "engines")  # what results depend on


def folder() -> Path:
    """Where caches lie: ``FOOTSTRIKE_CACHE`` if set, else the system's place for them."""
    return Path(os.environ.get("FOOTSTRIKE_CACHE") or user_cache_path("footstrike"))


def key(*parts: Any) -> str:
    """Hash of the given values and of the package's own science code."""
    digest = hashlib.sha256(_code().encode())
    for part in parts:
        digest.update(part.encode() if isinstance(part, str) else content(part))
    return digest.hexdigest()[:32]


def content(value: Any) -> bytes:
    """A value's bytes, the same whether or not parts of it are one object in memory."""
    buffer = io.BytesIO()
    pickler = pickle.Pickler(buffer, protocol=5)
    pickler.fast = True
    pickler.dump(value)
    return buffer.getvalue()


@cache
def _code() -> str:
    digest = hashlib.sha256()
    for name in _SCIENCE:
        for path in sorted((_PACKAGE / name).glob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()
