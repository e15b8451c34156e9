"""Results that are being made: by one process at a time, and nothing of them stays when that process ends.

Who makes a result holds a lock of the operating system on an empty file. The kernel drops the lock with its process,
however that ends; so a lock that can be had, and the half-written files beside it, belong to nobody.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from footstrike.cache.location import unfinished
from footstrike.cache.lock import Lock

Tell = Callable[[str], None]

_LOCK, _PART = ".lock", ".part"
_FIRST_PAUSE_S, _PAUSE_S = 0.05, 1.0  # between two looks whether the other process is ready
_ABANDONED_S = 24 * 3600.0  # age after which a file is nobody's where locks do not work

_held: set[str] = set()


@contextlib.contextmanager
def alone(name: str, tell: Tell) -> Iterator[None]:
    """Wait until no other process makes the result of this name, and keep others waiting.

    Where a file cannot be locked (a folder that is not to be written, some network drives) nobody waits: work is then done
    twice, and each result is still whole.
    """
    lock = _lock(name)
    locked = _wait_for(lock, tell)
    if locked:
        _held.add(name)
    try:
        yield
    finally:
        if locked:
            _held.discard(name)
            lock.release()


def write(parts: Iterable[bytes], target: Path, name: str) -> None:
    """Write a file that appears whole or not at all, of parts that follow each other.

    Raises
    ------
    OSError
        It cannot be written; nothing of it is left.
    """
    unfinished().mkdir(parents=True, exist_ok=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=unfinished(), prefix=f"{name}-", suffix=_PART)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.writelines(parts)
            stream.flush()
            os.fsync(stream.fileno())
        Path(part).replace(target)
    except BaseException:
        _unlink(Path(part))
        raise


def sweep() -> None:
    """Remove what processes left that ended while they made a result."""
    for name in {_name(path) for path in _files()}:
        lock = _lock(name)
        try:
            taken = lock.take()
        except OSError:
            _remove_parts(name, older_than=_ABANDONED_S)
            continue
        if taken:
            _remove_parts(name)
            lock.release()


def abandon() -> None:
    """Remove what this process makes; it is about to end."""
    for name in tuple(_held):
        _remove_parts(name)
        _unlink(_lock(name).file)


def _lock(name: str) -> Lock:
    return Lock(unfinished() / f"{name}{_LOCK}")


def _wait_for(lock: Lock, tell: Tell) -> bool:
    """Whether the lock is held now; not if the file cannot be locked."""
    pause = _FIRST_PAUSE_S
    while True:
        try:
            unfinished().mkdir(parents=True, exist_ok=True)
            if lock.take():
                return True
        except OSError:
            return False
        if pause > _FIRST_PAUSE_S:
            tell("waiting for another process that makes the same")
        time.sleep(pause)
        pause = min(2 * pause, _PAUSE_S)


def _files() -> list[Path]:
    try:
        return [path for path in unfinished().iterdir() if path.suffix in (_LOCK, _PART)]
    except OSError:
        return []


def _name(file: Path) -> str:
    """Of the result that a lock or a half-written file belongs to."""
    return file.stem if file.suffix == _LOCK else file.stem.rpartition("-")[0]


def _remove_parts(name: str, older_than: float = 0.0) -> None:
    for path in _files():
        if path.suffix == _PART and _name(path) == name:
            with contextlib.suppress(OSError):
                if time.time() - path.stat().st_mtime >= older_than:
                    path.unlink()


def _unlink(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
