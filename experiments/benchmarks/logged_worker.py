"""A worker of sweeps that also writes down what it has solved: a line each in the file that SOLVES_LOG names."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from footstrike.study import cell_worker, solving

COMMAND = ("-P", str(Path(__file__).resolve()))
_solve = solving.solve_cell


def _logged(request: Any, *others: Any) -> tuple[str, str, bytes]:
    answer = _solve(request, *others)
    with Path(os.environ["SOLVES_LOG"]).open("a", encoding="utf-8") as log:
        log.write(f"{sorted(request.specification().items())}\n")
    return answer


if __name__ == "__main__":
    solving.solve_cell = _logged
    cell_worker.main()
