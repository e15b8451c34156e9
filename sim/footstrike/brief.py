"""What an object that holds much shows of itself in a session: a line or two."""

from __future__ import annotations

from collections.abc import Mapping, Set, Sized
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

LONGEST = 320  # characters of the whole
WORD = 40  # of a text


def brief(self: Any) -> str:
    """A dataclass by its fields, arrays by their shape, collections by their size; for use as its ``__repr__``."""
    text = ""
    for field in fields(self):
        part = f"{field.name}={_short(getattr(self, field.name))}"
        if len(text) + len(part) > LONGEST:
            text += ", ..."
            break
        text += f", {part}" if text else part
    return f"{type(self).__name__}({text})"


def _short(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"array{value.shape}"
    if isinstance(value, float | np.floating):
        return f"{value:g}"
    if isinstance(value, str):
        return repr(value) if len(value) <= WORD else f"{value[:WORD]!r}... ({len(value)} characters)"
    if isinstance(value, Mapping | Set | list | tuple) and isinstance(value, Sized):
        return f"[{len(value)}]"
    if value is None or isinstance(value, bool | int):
        return repr(value)
    return f"{type(value).__name__}(...)" if is_dataclass(value) else type(value).__name__
