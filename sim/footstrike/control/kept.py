"""Derivatives kept on disk: differentiating a runner takes seconds, reading its derivatives one."""

from __future__ import annotations

import contextlib
import os
import pickle
import shutil
import tempfile
from pathlib import Path

from footstrike.control.nlp import PointFunctions
from footstrike.engines.casadi_ import ca

_KEPT = ("value", "first", "second", "gauss_newton")
_MOST = 10  # sets of functions on disk, about 80 MB each; a runner has two. Those unused for longest go first


def save_functions(functions: PointFunctions, folder: Path) -> None:
    """Keep the functions on disk; a disk that cannot be written only costs the next solve its time."""
    with contextlib.suppress(OSError, RuntimeError):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
            for name in _KEPT:
                getattr(functions, name).save(str(Path(temporary) / name))
            rest = (functions.jacobian.serialize(), functions.hessian.serialize(), functions.size)
            (Path(temporary) / "rest").write_bytes(pickle.dumps(rest))
            os.rename(temporary, folder)  # noqa: PTH104
            Path(temporary).mkdir()  # for the context to remove
        by_age = sorted(folder.parent.iterdir(), key=lambda p: p.stat().st_mtime, reverse=True)
        for old in by_age[_MOST:]:
            shutil.rmtree(old, ignore_errors=True)


def load_functions(folder: Path) -> PointFunctions | None:
    """The functions kept in ``folder``, or None if they are not there whole."""
    try:
        jacobian, hessian, size = pickle.loads((folder / "rest").read_bytes())
        value, first, second, gauss_newton = (ca.Function.load(str(folder / name)) for name in _KEPT)
        os.utime(folder)
    except (OSError, RuntimeError, ValueError, EOFError, pickle.UnpicklingError):
        return None
    sparsities = ca.Sparsity.deserialize(jacobian), ca.Sparsity.deserialize(hessian)
    return PointFunctions(value, first, second, gauss_newton, *sparsities, size)
