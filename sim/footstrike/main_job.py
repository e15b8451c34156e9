"""The main job: simulate both strikes, compare them claim by claim, write everything into one folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from footstrike.claims.contrasts import tables_hash
from footstrike.claims.definitions import claims as claim_tables
from footstrike.claims.presets import PRESETS, check_preset
from footstrike.claims.verdicts import claim_rows
from footstrike.errors import SolveError
from footstrike.files import to_json, write_atomically
from footstrike.gait.targets import HABITUAL
from footstrike.outcomes.metrics import metrics
from footstrike.progress import Progress
from footstrike.report.page import write_report
from footstrike.runs.run import Run
from footstrike.runs.store import versions
from footstrike.simulation.pipeline import simulate
from footstrike.simulation.request import Request

REFERENCE_SPEED = 3.5  # m/s, at which the claims are decided


def study(preset: str, out: Path, progress: Progress) -> dict[str, Any]:
    """Run a preset; every finished run is saved before the next one starts."""
    runs: dict[tuple[str, float], Run] = {}
    for speed in PRESETS[check_preset(preset)]:
        for strike in HABITUAL:
            run = simulate(Request.of(strike=strike, speed=speed), progress)
            run.save(out / f"{strike}_{speed:g}.h5")
            runs[strike, speed] = run
    failed = {name: run for name, run in runs.items() if not run.solved}
    if failed:
        (strike, speed), run = next(iter(failed.items()))
        raise SolveError(f"{strike} at {speed:g} m/s was not solved: {run.message}; the runs are in {out}")
    result = {
        "claims": _rows(preset, runs),
        "provenance": {
            "preset": preset,
            "claims_tables_sha256": tables_hash(),
            "speed_mps": REFERENCE_SPEED,
            "versions": versions(),
            "runs": {f"{s}_{v:g}": run.content_hash() for (s, v), run in runs.items()},
        },
    }
    write_atomically(out / "claims.json", to_json(result, indent=2).encode())
    write_report(out, out / "report.html")
    return result


def _rows(preset: str, runs: dict[tuple[str, float], Run]) -> list[dict[str, Any]]:
    tables = claim_tables(preset)
    rearfoot, forefoot = (metrics(runs[strike, REFERENCE_SPEED]) for strike in HABITUAL)
    return claim_rows(tables, rearfoot, forefoot)
