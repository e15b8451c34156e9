"""Which modules of the package run while something is done."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any


def modules_in(work: Callable[[], Any]) -> set[str]:
    """Names of the modules, in the package, whose functions Python calls."""
    ran: set[str] = set()

    def note(frame: Any, event: str, _: Any) -> None:
        if event == "call":
            ran.add(str(frame.f_globals.get("__name__")))

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return {name.removeprefix("footstrike.") for name in ran if name.startswith("footstrike.")}
