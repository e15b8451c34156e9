"""The text of a model file, decoded as the file says."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from footstrike.errors import InputError

PACKED = {b"\x1f\x8b": "gzip", b"PK\x03\x04": "zip", b"7z\xbc\xaf": "7z", b"BZh": "bzip2"}
MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
OTHERWISE = "iso-8859-1"  # gives every byte a letter of its own
_DECLARED = re.compile(r"""(<\?xml\b[^>]*?\bencoding\s*=\s*["'])([^"']*)(["'])""")


@dataclass(frozen=True)
class ModelFile:
    """Text of a model, declared as UTF-8, and warnings about how it was read."""

    text: str
    warnings: tuple[str, ...] = ()


def read_model_file(path: Path) -> ModelFile:
    """Read an .osim file.

    Raises
    ------
    InputError
        The file is missing, empty, packed or binary, or is not in the encoding that it declares.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"model file {path}: {(error.strerror or str(error)).lower()}") from None
    if not data.strip():
        raise InputError(f"model file {path} is empty")
    packed = next((name for start, name in PACKED.items() if data.startswith(start)), None)
    if packed is not None:
        raise InputError(f"model file {path} is packed ({packed}): unpack it first")
    mark = next((name for start, name in MARKS.items() if data.startswith(start)), None)
    if mark is None and b"\0" in data[:4096]:
        raise InputError(f"model file {path} is not UTF-8 text: an .osim is XML")
    return _decoded(path, data, mark or _declared(data))


def _declared(data: bytes) -> str:
    found = _DECLARED.search(data[:400].decode("ascii", errors="replace"))
    return found[2] if found else "utf-8"


def _decoded(path: Path, data: bytes, encoding: str) -> ModelFile:
    notes = []
    try:
        text = data.decode(encoding)
    except LookupError:
        raise InputError(f"model file {path} declares the encoding {encoding!r}, which is unknown") from None
    except UnicodeDecodeError as error:
        if codecs.lookup(encoding).name not in ("utf-8", "utf-8-sig", "ascii"):
            raise InputError(
                f"model file {path} is not in the encoding {encoding!r} that it declares: {error.reason} at byte "
                f"{error.start}"
            ) from None
        text = data.decode(OTHERWISE)
        notes = [f"the file is not in the encoding {encoding} that it declares: read as {OTHERWISE}"]
    return ModelFile(_DECLARED.sub(r"\1UTF-8\3", text, count=1), tuple(notes))
