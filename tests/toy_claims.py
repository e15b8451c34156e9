"""A worker of sweeps whose runs are made up from what the claims ask: at once, and smooth in two of the uncertain inputs.

``leg_mode_1`` makes the impact larger, ``reference_lean`` the lumbar load. A rearfoot runner with ``leg_mode_14`` below -1 lands on
the forefoot; one with ``leg_mode_13`` above 1 is not solved. A knee flexion of 39 deg is never solved.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from synthetic import analytic_run, changed, level_loads

from footstrike.outcomes.metrics import metrics_table
from footstrike.progress import Progress, silent
from footstrike.runs.run import Run
from footstrike.runs.store import image
from footstrike.simulation.request import Request
from footstrike.simulation.sensitivity import kept
from footstrike.study import cell_worker, solving

COMMAND = (str(Path(__file__).resolve()),)
SMOOTH = {"leg_mode_1": 0.0, "reference_lean": 10.0}
STEP = 0.05


def without_code() -> str:
    """In place of the hash of all code, whose reading takes longer than a toy."""
    return "toy claims"


def run_of(request: Request, **changes: float) -> Run:
    """A run whose numbers follow from the request."""
    given = dict(request.variation)
    at = {name: given.get(name, usual) + changes.get(name, 0.0) for name, usual in SMOOTH.items()}
    fore = request.strike == "forefoot"
    said = request.specification()
    run = analytic_run(401, bump=(0.3 if fore else 1.5) + 0.05 * at["leg_mode_1"])
    converted = request.from_strike is not None
    slips = not converted and request.strike == "rearfoot" and given.get("leg_mode_14", 0.0) < -1.0
    pitch = np.full(run.time.size, np.radians(-3.0 if fore or slips else 17.0))
    load = (0.5 if converted else 1.0) * (0.1 if fore else 0.0) + 1.0 + 0.01 * (at["reference_lean"] - 10.0)
    rotation = {m.name: m.value for m in request.modifiers}.get("rotation", 1.0)
    lumbar = {"L5S1": level_loads(run.time, load - 0.2 * rotation), "L4L5": level_loads(run.time, 0.9)}
    return changed(
        run,
        spec={**run.spec, **said},
        segments={**run.segments, "foot_pitch_r": pitch},
        lumbar=lumbar,
    )


def toy(request: Request, progress: Progress = silent) -> tuple[str, str, bytes]:
    """Status, message and file of a made-up run; a log counts them."""
    with Path(os.environ["TOY_LOG"], "log").open("a") as log:
        log.write("begun\n")
    given = dict(request.variation)
    if given.get("leg_mode_13", 0.0) > 1.0:
        return "not_converged", "too much for a toy", b""
    return "solved", "", image(run_of(request))


def toy_with_derivatives(
    request: Request, progress: Progress = silent, inputs: Sequence[str] = ()
) -> tuple[str, str, bytes]:
    """The same, with its derivatives."""
    status, message, _ = toy(request)
    run = run_of(request)
    runs = {"": run, **{name: run_of(request, **{name: STEP}) for name in SMOOTH}}
    table = metrics_table(runs).drop(columns=["status", "strike"])
    slopes: Any = ((table.loc[list(SMOOTH)] - table.loc[""]) / STEP).T
    ones = dict.fromkeys(SMOOTH, 1.0)
    slopes.attrs = {
        "value": table.loc[""].to_dict(),
        "unit": dict.fromkeys(SMOOTH, ""),
        "at": SMOOTH,
        "usual": ones,
    }
    return status, message, image(replace(run, sensitivities=kept(slopes)))


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    solving.solve_cell = toy
    solving.solve_with_derivatives = toy_with_derivatives
    cell_worker.fingerprint_of_cells = without_code
    cell_worker.main()
