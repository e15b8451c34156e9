"""Where the cache lies."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_cache_path


def folder() -> Path:
    """``FOOTSTRIKE_CACHE`` if set, else the system's place for caches; absolute."""
    return Path(os.environ.get("FOOTSTRIKE_CACHE") or user_cache_path("footstrike")).absolute()


def unfinished() -> Path:
    """Folder, in that of the cache, of what is being made."""
    return folder() / "unfinished"
