"""Results of stages: read from the cache, or made and put there.

Results are plain files, moved into place when whole, not entries of diskcache. With derivatives of 88 MB that wrote in 2.5
instead of 3.6 s and read in 0.5 instead of 1.9 s, little against what making them takes; but of ten writers that were killed two
left files of 88 MB that nothing removes, content is not checked, and its locks outlive a holder that was killed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from footstrike.cache import unfinished
from footstrike.cache.contents import limit, shrink
from footstrike.cache.entries import Entry, entry

T = TypeVar("T")


@dataclass(frozen=True)
class Format(Generic[T]):
    """How a result becomes bytes, and these a result.

    ``dump`` returns None for a result that is not to be found again; ``load`` may raise anything for bytes that it cannot use.
    """

    dump: Callable[[T], bytes | None]
    load: Callable[[bytes], T]


class Result(NamedTuple, Generic[T]):
    """A stage's result, and whether it was in the cache."""

    value: T
    found: bool


def _silent(_words: str) -> None:
    pass


def cached(
    stage: str,
    values: tuple[Any, ...],
    make: Callable[[], T],
    form: Format[T],
    tell: Callable[[str], None] = _silent,
) -> Result[T]:
    """The result of a stage (:data:`footstrike.stages.STAGES`) that ``make`` makes from ``values``.

    Of several processes that need the same result at once, one makes it and the others wait and read it. A result that was
    just made has been through its bytes, too, so that it is the same in every session. A cache that cannot be read or
    written costs time and nothing else.

    Parameters
    ----------
    tell
        Told in words what happens beside the making.

    Raises
    ------
    InputError
        The limit of the cache's size is not a size.
    """
    limit()
    unfinished.sweep()
    at = entry(stage, *values)
    known = _read(at, form)
    if known is not None:
        return known
    with unfinished.alone(at.name, tell):
        known = _read(at, form)
        if known is not None:
            return known
        made = make()
        data = form.dump(made)
        if data is None:
            return Result(made, False)
        _write(at, data, tell)
    return Result(form.load(data), False)


def _read(at: Entry, form: Format[T]) -> Result[T] | None:
    data = at.read()
    if data is None:
        return None
    try:
        return Result(form.load(data), True)
    except Exception:  # whatever its reader says, it is made anew
        return None


def _write(at: Entry, data: bytes, tell: Callable[[str], None]) -> None:
    try:
        at.write(data)
        shrink()
    except OSError as error:
        tell(
            f"the cache cannot be written ({(error.strerror or str(error)).lower()}); the work goes on without"
        )
