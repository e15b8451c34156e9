"""The main job: simulate what a preset asks for, judge every claim on it, write everything into one folder."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from footstrike.claims.contrasts import tables_hash
from footstrike.claims.definitions import Claim, Evidence
from footstrike.claims.definitions import claims as claim_tables
from footstrike.claims.judgement import SOLVES, Judgement, write_judgements
from footstrike.claims.judging import Results, judgements
from footstrike.claims.presets import PRESETS, REFERENCE_SPEED, Preset, check_preset
from footstrike.claims.solves import Inquiry, comparisons_of
from footstrike.errors import SolveError
from footstrike.files import check_folder, to_json, write_atomically
from footstrike.progress import Progress, silent, stage
from footstrike.report.page import write_report
from footstrike.runs.run import Run
from footstrike.runs.store import versions
from footstrike.study.folder import SweepFolder
from footstrike.study.plan import PlannedRun
from footstrike.study.sweep import Sweep, Where, solve_plan
from footstrike.study.tally import Tally
from footstrike.study.uncertain import uncertain_inputs


def study(
    preset: str | Preset,
    out: Path,
    progress: Progress = silent,
    *,
    seed: int = 1,
    where: Where | None = None,
) -> dict[str, Any]:
    """Run a preset; every simulation is kept when it is finished, and not made again."""
    began = time.monotonic()
    asked = asked_by(PRESETS[check_preset(preset)] if isinstance(preset, str) else preset, seed)
    check_folder(out)
    sweep = _solve(asked, out, progress, where or Where())
    if where is not None and where.shard is not None:
        return {"claims": [], "provenance": _provenance(asked, sweep, {}, began)}
    runs = _main_runs(asked, sweep)
    _check_habits(asked, sweep.folder)
    found = judgements(asked, Results(sweep.folder), progress)
    for name, key in runs.items():
        write_atomically(out / f"{name}.h5", sweep.folder.cell_file(key).read_bytes())
    hashes = {name: Run.load(out / f"{name}.h5").content_hash() for name in runs}
    write_judgements(out, found)
    result = {
        "claims": [_row(claim, asked, found) for claim in asked.claims],
        "provenance": _provenance(asked, sweep, hashes, began),
    }
    write_atomically(out / "claims.json", to_json(result, indent=2).encode())
    stage(progress)("writing the report")
    write_report(out, out / "report.html")
    return result


def asked_by(preset: Preset, seed: int = 1) -> Inquiry:
    """All that a preset asks for, with the carried claims and uncertain inputs."""
    return Inquiry(preset, claim_tables(), uncertain_inputs(), seed)


def _solve(asked: Inquiry, out: Path, progress: Progress, where: Where) -> Sweep:
    tell, folder = stage(progress), SweepFolder(out / SOLVES)
    total = len(asked.plan.entries)
    open_ones = sum(where.retry or not folder.is_ended(key) for key in asked.plan.entries)
    if not open_ones:
        tell(f"all {total} simulations were solved before, or failed")

    def watch(tally: Tally) -> None:
        if open_ones:
            tell(f"solving {open_ones} of {total} simulations", tally.solved + tally.failed, tally.total)

    return solve_plan(asked.plan, folder.path, where, watch, renew=True)


def _main_runs(asked: Inquiry, sweep: Sweep) -> dict[str, str]:
    """Keys of the solved unperturbed pairs, habits and conversions, by the name of their file."""
    plain = {"strike", "speed", "from_strike", *dict(asked.preset.fixed)}
    return {
        _name_of(e): e.key
        for e in sweep.plan.entries.values()
        if set(e.values) <= plain and sweep.folder.is_solved(e.key)
    }


def _name_of(entry: PlannedRun) -> str:
    habit = entry.values.get("from_strike")
    landing = f"{habit}_to_{entry.values['strike']}" if habit else str(entry.values["strike"])
    return f"{landing}_{float(entry.values['speed']):g}"


def _check_habits(asked: Inquiry, folder: SweepFolder) -> None:
    for entry in asked.plan.entries.values():
        speed, strike = entry.values["speed"], entry.values["strike"]
        is_habit = set(entry.values) <= {"strike", "speed", *dict(asked.preset.fixed)}
        if is_habit and speed == REFERENCE_SPEED and folder.is_failed(entry.key):
            why = folder.reason(entry.key)["reason"]
            raise SolveError(
                f"{strike} at {speed:g} m/s was not solved: {why}; the runs are in {folder.path}"
            )


def _provenance(asked: Inquiry, sweep: Sweep, runs: Mapping[str, str], began: float) -> dict[str, Any]:
    status = sweep.status()
    return {
        "preset": asked.preset.name,
        "seed": asked.seed,
        "claims_tables_sha256": tables_hash(),
        "plan_sha256": asked.sha256,
        "plan": sweep.plan.experiment,
        "speed_mps": REFERENCE_SPEED,
        "simulations": {name: status[name] for name in ("cells", "solved", "failed", "open", "left_out")},
        "failures": status["failures"],
        "wall_s": time.monotonic() - began,
        "versions": versions(),
        "runs": dict(runs),
    }


def _row(claim: Claim, asked: Inquiry, found: Sequence[Judgement]) -> dict[str, Any]:
    """A claim as ``claims.json`` has it: what decides it, and its other metrics, each on the contrast that it is about."""
    about = {(c.metric.field, c.contrast) for c in comparisons_of(asked, claim.id) if c.is_about}
    own = [
        r
        for r in found
        if r.claim == claim.id and r.speed_mps == REFERENCE_SPEED and (r.metric, r.contrast) in about
    ]
    signs = {metric.field: metric.sign for metric in claim.metric}
    deciding = next(r for r in own if r.decides)
    return {
        "id": claim.id,
        "title": claim.title,
        "statement": claim.statement,
        **_fields(deciding, signs),
        "evidence": {"for": _cited(claim.evidence_for), "against": _cited(claim.evidence_against)},
        "caveat": claim.caveat,
        "metrics": [_fields(r, signs) for r in own if r is not deciding],
    }


def _fields(of: Judgement, signs: Mapping[str, int | None]) -> dict[str, Any]:
    return {
        "metric": of.metric,
        "label": of.label,
        "units": of.unit,
        "role": of.role,
        "contrast": of.contrast,
        "speed_mps": of.speed_mps,
        "rearfoot": of.rearfoot,
        "forefoot": of.forefoot,
        "effect": of.effect,
        "ci_low": of.low,
        "ci_high": of.high,
        "effect_size": of.effect_size,
        "verdict": of.verdict,
        "why": of.why,
        "sentence": of.sentence,
        "claimed_sign": signs[of.metric],
        "between_runner_sd": of.sd,
        "sd_source": of.sd_source,
        "threshold": of.threshold,
        "share_agreeing": of.above if (signs[of.metric] or 1) > 0 else of.below,
        "basis": of.basis,
        "runs": of.solved,
        "failed": of.failed,
        "flip_distance": of.flip.distance if of.flip else None,
        "flip_to": of.flip.to if of.flip else None,
        "driver": next(iter(of.drivers), None),
    }


def _cited(evidence: Sequence[Evidence]) -> list[str]:
    return [f"{item.finding} — {item.source}" for item in evidence]
