"""Results kept between sessions, found again by everything that they depend on.

A result appears whole or not at all: it is written in a place for unfinished ones and moved when it is complete. What a
killed process left there goes at once where its parent or its worker still lives, and else when something is kept next.
A cache that cannot be read or written costs time and nothing else.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import pickle
import shutil
import socket
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path

from footstrike.stages import STAGES, fingerprint

_DIGEST = hashlib.sha256().digest_size
_FORGOTTEN_S = 24 * 3600.0  # an unfinished file of another machine is nobody's after this


def folder() -> Path:
    """Where results lie: ``FOOTSTRIKE_CACHE`` if set, else the system's place for caches; absolute."""
    return Path(os.environ.get("FOOTSTRIKE_CACHE") or user_cache_path("footstrike")).absolute()


@dataclass(frozen=True)
class Place:
    """Where one result lies, whether it is there or not."""

    file: Path
    most: int | None

    def read(self) -> bytes | None:
        """The result, or None if it is not there; a damaged one is removed."""
        try:
            data = self.file.read_bytes()
            os.utime(self.file)
        except OSError:
            return None
        result, digest = data[:-_DIGEST], data[-_DIGEST:]
        if hashlib.sha256(result).digest() == digest:
            return result
        self.remove()
        return None

    def write(self, result: bytes) -> bool:
        """Keep a result, and say whether that was possible."""
        try:
            _move(result + hashlib.sha256(result).digest(), self.file)
        except OSError:
            return False
        self._forget_the_oldest()
        return True

    def remove(self) -> None:
        """Let go of the result."""
        with contextlib.suppress(OSError):
            self.file.unlink(missing_ok=True)

    def _forget_the_oldest(self) -> None:
        if self.most is None:
            return
        with contextlib.suppress(OSError):
            ages = {path: path.stat().st_mtime for path in self.file.parent.iterdir()}
            kept = sorted((p for p in ages if p.is_file()), key=lambda p: ages[p], reverse=True)[: self.most]
            for path in ages.keys() - set(kept):
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def place(stage: str, *values: Any) -> Place:
    """Where the result of a stage (:data:`footstrike.stages.STAGES`) made from ``values`` lies."""
    digest = hashlib.sha256(fingerprint(stage).encode())
    for value in values:
        digest.update(hashlib.sha256(content(value)).digest())
    return Place(folder() / stage / digest.hexdigest()[:32], STAGES[stage].most)


def content(value: Any) -> bytes:
    """A value's bytes, the same whether or not parts of it are one object in memory."""
    buffer = io.BytesIO()
    pickler = pickle.Pickler(buffer, protocol=5)
    pickler.fast = True
    pickler.dump(value)
    return buffer.getvalue()


def abandon(process: int | None = None) -> None:
    """Remove what a process of this machine (by default this one) has not finished; it is gone, or going."""
    begun = f"{_machine()}-{os.getpid() if process is None else process}-"
    for path in _unfinished():
        if path.name.startswith(begun):
            _unlink(path)


def _move(data: bytes, target: Path) -> None:
    """Write a file beside the finished ones and move it to them."""
    _sweep()
    beside = _beside()
    beside.mkdir(parents=True, exist_ok=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=beside, prefix=f"{_machine()}-{os.getpid()}-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(target)
    except BaseException:
        _unlink(Path(name))
        raise


def _sweep() -> None:
    """Remove what processes that are no more have left."""
    for path in _unfinished():
        machine, _, rest = path.name.rpartition("-")[0].rpartition("-")
        gone = machine == _machine() and not _lives(rest)
        with contextlib.suppress(OSError):
            if gone or time.time() - path.stat().st_mtime > _FORGOTTEN_S:
                _unlink(path)


def _beside() -> Path:
    return folder() / "unfinished"


def _unfinished() -> list[Path]:
    try:
        return list(_beside().iterdir())
    except OSError:
        return []


def _machine() -> str:
    return socket.gethostname().replace(os.sep, "_")


def _lives(process: str) -> bool:
    """Whether a process of this machine runs; where that cannot be asked, it may."""
    if os.name == "nt" or not process.isdigit():
        return True
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _unlink(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
