"""Runs a test's function in a process of its own, where it may load opensim or casadi."""

from __future__ import annotations

import importlib
import pickle
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from footstrike.workers.client import worker_environment


def run_native(function: str, *args: Any) -> Any:
    """Call ``module.function`` of this folder with ``args`` elsewhere and return its answer."""
    here = Path(__file__).resolve()
    with tempfile.TemporaryDirectory() as folder:
        question, answer = Path(folder, "question"), Path(folder, "answer")
        question.write_bytes(pickle.dumps((function, args)))
        command = [sys.executable, str(here), str(question), str(answer)]
        done = subprocess.run(
            command,
            cwd=folder,
            env=worker_environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        return pickle.loads(answer.read_bytes())


if __name__ == "__main__":
    name, args = pickle.loads(Path(sys.argv[1]).read_bytes())
    module, _, function = name.partition(".")
    Path(sys.argv[2]).write_bytes(pickle.dumps(getattr(importlib.import_module(module), function)(*args)))
