"""What a CasADi worker can be asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from footstrike.control.track import track

TASKS: dict[str, Callable[..., Any]] = {"track": track}
