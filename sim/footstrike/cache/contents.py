"""What the cache holds, how large it may grow, and how it is emptied."""

from __future__ import annotations

import contextlib
import math
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from footstrike.cache import unfinished
from footstrike.cache.entries import is_entry
from footstrike.cache.location import folder
from footstrike.errors import FootstrikeError, InputError, unknown_name
from footstrike.stages import STAGES

LIMIT_GB = 5.0
LIMIT_NAME = "FOOTSTRIKE_CACHE_LIMIT"
FRESH_S = 3600.0
"""What was used this short ago stays, by whichever process: a session needs it again, even if it is above the limit."""


@dataclass(frozen=True)
class _Used:
    file: Path
    size: int  # bytes
    last: float  # s since the epoch


def limit() -> int:
    """Size that the cache may have, bytes: ``FOOTSTRIKE_CACHE_LIMIT`` in GB (1e9 bytes), else :data:`LIMIT_GB`.

    Raises
    ------
    InputError
        It is not a size.
    """
    text = os.environ.get(LIMIT_NAME) or str(LIMIT_GB)
    try:
        size = float(text)
    except ValueError:
        size = math.nan
    if not (math.isfinite(size) and size > 0.0):
        raise InputError(
            f"{LIMIT_NAME} {text!r} is not a size: give gigabytes, more than 0 (such as {LIMIT_GB:g})"
        )
    return round(1e9 * size)


def shrink() -> None:
    """Remove results, those first that were used the longest ago, until the rest is within the limit."""
    used = sorted(_used(STAGES), key=lambda u: u.last)
    excess = sum(u.size for u in used) - limit()
    stale = time.time() - FRESH_S
    for one in used:
        if excess <= 0.0 or one.last > stale:
            return
        with contextlib.suppress(OSError):
            one.file.unlink()
            excess -= one.size


def info() -> dict[str, Any]:
    """See :func:`footstrike.api.cache_info`."""
    by_stage = {name: list(_used([name])) for name in STAGES}
    every = [one for used in by_stage.values() for one in used]
    return {
        "folder": str(folder()),
        "limit_bytes": limit(),
        "results": len(every),
        "bytes": sum(one.size for one in every),
        "stages": {
            name: {
                "results": len(used),
                "bytes": sum(one.size for one in used),
                "last_used": _iso(max(one.last for one in used)) if used else None,
            }
            for name, used in by_stage.items()
        },
    }


def clear(stage: str | None = None) -> dict[str, int]:
    """See :func:`footstrike.api.clear_cache`; what other processes are making now still appears."""
    used = list(_used(STAGES if stage is None else [check_stage(stage)]))
    unfinished.sweep()
    failed = []
    for one in used:
        try:
            one.file.unlink(missing_ok=True)
        except OSError as error:
            failed.append(f"{one.file} ({(error.strerror or str(error)).lower()})")
    if failed:
        raise FootstrikeError(f"{len(failed)} of {len(used)} results cannot be removed: {failed[0]}")
    return {"results": len(used), "bytes": sum(one.size for one in used)}


def check_stage(name: str) -> str:
    """The name of a stage.

    Raises
    ------
    InputError
        There is no such stage.
    """
    if name not in STAGES:
        raise unknown_name("stage", name, STAGES)
    return name


def _used(stages: Iterable[str]) -> Iterator[_Used]:
    for stage in stages:
        with contextlib.suppress(OSError):  # no such folder
            for file in (folder() / stage).iterdir():
                with contextlib.suppress(OSError):  # another process removed it
                    if is_entry(file):
                        state = file.stat()
                        yield _Used(file, state.st_size, state.st_mtime)


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
