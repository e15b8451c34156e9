"""Where the tables that the package carries lie: beside an installed copy, or at the root of a checkout."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from footstrike.errors import FootstrikeError

_PACKAGE = Path(__file__).resolve().parent


def resource(*parts: str) -> Path:
    """Path of a carried file, e.g. ``resource("models", "bodies.csv")``.

    Raises
    ------
    FootstrikeError
        If the file is not there: the installation is damaged.
    """
    for root in (_PACKAGE / "_carried", _PACKAGE.parents[1]):
        path = root.joinpath(*parts)
        if path.exists():
            return path
    raise FootstrikeError(f"the package's own file {'/'.join(parts)} is missing: install footstrike again")


@cache
def carried_toml(*parts: str) -> dict[str, Any]:
    """Content of a carried .toml file, e.g. ``carried_toml("models", "patella.toml")``; read only."""
    return tomllib.loads(resource(*parts).read_text(encoding="utf-8"))
