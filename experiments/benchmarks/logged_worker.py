"""A worker of sweeps that also writes down what it begins and ends solving: lines in the file that SOLVES_LOG names."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from footstrike.study import cell_worker, solving

COMMAND = ("-P", str(Path(__file__).resolve()))
_solve = solving.solve_cell


def _logged(request: Any, *others: Any) -> tuple[str, str, bytes]:
    name = repr(sorted(request.specification().items()))
    _write("begun", name)
    answer = _solve(request, *others)
    _write("ended", name)
    return answer


def _write(what: str, name: str) -> None:
    with Path(os.environ["SOLVES_LOG"]).open("a", encoding="utf-8") as log:
        log.write(f"{what} {name}\n")


if __name__ == "__main__":
    solving.solve_cell = _logged
    cell_worker.main()
