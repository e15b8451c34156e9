"""What a CasADi worker can be asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from footstrike.control.prediction import predicted
from footstrike.control.track import track
from footstrike.dynamics.equations import inverse_dynamics, ping

TASKS: dict[str, Callable[..., Any]] = {
    "track": track,
    "predicted": predicted,
    "inverse_dynamics": inverse_dynamics,
    "ping": ping,
}
