"""What a worker keeps between solves, so that the next of the same kind need not make it again."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")

MOST = 8  # of one kind

_kept: dict[str, dict[Hashable, Any]] = {}


def recalled(kind: str, key: Hashable, make: Callable[[], T], most: int = MOST) -> T:
    """The thing of a kind and key, made if this process has not got it any more; the last ``most`` of a kind are kept."""
    known = _kept.setdefault(kind, {})
    found: T = known.pop(key) if key in known else make()
    known[key] = found
    while len(known) > most:
        known.pop(next(iter(known)))
    return found
