"""Files that appear whole or not at all, and values that are safe in JSON."""

from __future__ import annotations

import contextlib
import json
import math
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from footstrike.errors import FootstrikeError, InputError


def check_writable(path: Path) -> Path:
    """Refuse early an output file that could not be written; missing parent folders are created.

    Raises
    ------
    InputError
        If ``path`` is a folder, or its folder cannot be created or written to.
    """
    path = Path(path)
    if path.is_dir():
        raise InputError(f"output {path} is a folder: give the name of a file")
    check_folder(path.parent)
    return path


def check_folder(folder: Path) -> Path:
    """Create ``folder`` if it is missing and prove that a file can be written there.

    Raises
    ------
    InputError
        If it cannot be created or written to.
    """
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".footstrike-"):
            pass
    except OSError as error:
        raise InputError(f"output folder {folder} cannot be written: {_reason(error)}") from error
    return folder


def write_atomically(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path`` through a temporary file in the same folder: readers see old or new, never
    half.

    Raises
    ------
    InputError
        If the folder or file may not be written.
    FootstrikeError
        If writing fails midway, for instance on a full disk; the temporary file is removed.
    """
    path = Path(path)
    if path.is_dir():
        raise InputError(f"output {path} is a folder: give the name of a file")
    temporary: str | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-", suffix=".part")
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).chmod(0o666 & ~_umask())
        Path(temporary).replace(path)
        temporary = None
    except (PermissionError, NotADirectoryError, FileNotFoundError, FileExistsError) as error:
        raise InputError(f"{path} cannot be written: {_reason(error)}") from error
    except OSError as error:
        raise FootstrikeError(f"writing {path} failed: {_reason(error)}; nothing was left behind") from error
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()


def plain(value: Any) -> Any:
    """Turn ``value`` into what JSON can hold: arrays to lists, paths to text, NaN and infinity to
    ``None``.
    """
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, (bool, int, str)):
        return value
    return str(value)


def to_json(value: Any, *, indent: int | None = None) -> str:
    """Strict JSON text (no NaN) of any result, with the order of keys kept."""
    return json.dumps(plain(value), indent=indent, allow_nan=False, ensure_ascii=False)


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
