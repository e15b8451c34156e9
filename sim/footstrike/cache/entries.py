"""The files of the cache: one result each, named by everything that it depends on."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from footstrike.cache import unfinished
from footstrike.cache.location import folder
from footstrike.stages import fingerprint

_DIGEST = hashlib.sha256().digest_size
_KEY = 32  # characters


@dataclass(frozen=True)
class Entry:
    """One result, whether it is there or not."""

    file: Path

    @property
    def name(self) -> str:
        """Stage and key."""
        return f"{self.file.parent.name}-{self.file.name}"

    def read(self) -> bytes | None:
        """The result, or None if it is not there or damaged."""
        try:
            with self.file.open("rb") as stream:
                result = stream.read(max(0, os.fstat(stream.fileno()).st_size - _DIGEST))
                digest = stream.read()
        except OSError:
            return None
        with contextlib.suppress(OSError):
            os.utime(self.file)  # when it was used last
        return result if hashlib.sha256(result).digest() == digest else None

    def write(self, result: bytes) -> None:
        """Put a result there, in the place of a damaged one.

        Raises
        ------
        OSError
            The folder cannot be written, or is full.
        """
        unfinished.write((result, hashlib.sha256(result).digest()), self.file, self.name)


def entry(stage: str, *values: Any) -> Entry:
    """Of the result of a stage (:data:`footstrike.stages.STAGES`) made from ``values``."""
    digest = hashlib.sha256(fingerprint(stage).encode())
    for value in values:
        digest.update(hashlib.sha256(content(value)).digest())
    return Entry(folder() / stage / digest.hexdigest()[:_KEY])


def is_entry(file: Path) -> bool:
    """Whether a file is named like a result; others in the folder are somebody else's."""
    return len(file.name) == _KEY and set(file.name) <= set("0123456789abcdef") and file.is_file()


def content(value: Any) -> bytes:
    """A value's bytes, the same whether or not parts of it are one object in memory."""
    buffer = io.BytesIO()
    pickler = pickle.Pickler(buffer, protocol=5)
    pickler.fast = True
    pickler.dump(value)
    return buffer.getvalue()
