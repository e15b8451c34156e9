"""Files that appear whole or not at all, and values that are safe in JSON."""

from __future__ import annotations

import contextlib
import json
import math
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
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


def check_new_folder(folder: Path) -> Path:
    """Refuse early a folder that :func:`write_folder` could not make; missing parents are created, it is not.

    Raises
    ------
    InputError
        If it holds something already, is where the program stands, or its parent cannot be written to.
    """
    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        raise InputError(f"output {folder} is a file: give the name of a folder")
    if folder.is_dir() and any(folder.iterdir()):
        raise InputError(f"output folder {folder} is not empty: give the name of a new one, or empty it")
    if folder.resolve() == Path.cwd():
        raise InputError(f"output folder {folder} is the current one: give the name of a new one in it")
    check_folder(folder.resolve().parent)
    return folder


def write_folder(folder: Path, files: Mapping[str, str]) -> list[Path]:
    """Write a folder of text files that appears whole or not at all, through a temporary one beside it.

    Parameters
    ----------
    folder
        Must not exist, or be empty.
    files
        Texts by name.

    Raises
    ------
    InputError
        If the folder holds something already or may not be written.
    FootstrikeError
        If writing fails midway, for instance on a full disk; nothing is left behind.
    """
    place = check_new_folder(folder).resolve()
    temporary: Path | None = None
    try:
        with _explained(folder):
            temporary = Path(tempfile.mkdtemp(dir=place.parent, prefix=f".{place.name}-", suffix=".part"))
            for name, text in files.items():
                with (temporary / name).open("w", encoding="utf-8", newline="\n") as stream:
                    stream.write(text)
                    stream.flush()
                    os.fsync(stream.fileno())
            temporary.chmod(0o777 & ~_umask())
            if place.exists():
                place.rmdir()
            temporary.replace(place)
            temporary = None
    finally:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)
    return [Path(folder) / name for name in files]


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
        with _explained(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-", suffix=".part")
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            Path(temporary).chmod(0o666 & ~_umask())
            Path(temporary).replace(path)
            temporary = None
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    """What the system refuses, as the package's own errors."""
    try:
        yield
    except (PermissionError, NotADirectoryError, FileNotFoundError, FileExistsError) as error:
        raise InputError(f"{path} cannot be written: {_reason(error)}") from error
    except OSError as error:
        raise FootstrikeError(f"writing {path} failed: {_reason(error)}; nothing was left behind") from error


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
