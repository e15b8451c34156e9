"""What every command and every script calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from footstrike.progress import Progress, silent
from footstrike.runs.run import Run
from footstrike.simulation.pipeline import simulate
from footstrike.simulation.request import Request

__all__ = [
    "Request",
    "Run",
    "build_model",
    "cache_info",
    "check_model",
    "clear_cache",
    "export_opensim",
    "habit_of",
    "optimize",
    "run_claims",
    "show_model",
    "simulate",
    "validate",
]


def optimize(
    objective: str | Mapping[str, float] | None = None,
    free: str | Sequence[str] | None = None,
    budgets: str | Mapping[str, float] | None = None,
    limits: Mapping[str, tuple[float, float]] | None = None,
    progress: Progress = silent,
    **request: Any,
) -> Run:
    """Simulate the stride that is best for a goal: where the back, the leg or the metabolism is loaded least.

    Parameters
    ----------
    objective
        Goals with weights, ``"peak_compression=1,metabolic_cost=0.5"`` or a mapping; peak compression at L5/S1 by default.
        Each counts by its value over that of the habitual gait (:data:`footstrike.control.goals.GOALS`).
    free
        Modifiers whose values are chosen, everything else being nearest to habit (step length and knee flexion by default); or
        ``"all"``, the whole motion.
    budgets
        By goal, by how many per cent it may be above its habitual value.
    limits
        Of free modifiers, in their units.
    request
        Strike, speed, body and options, as for :meth:`Request.of`.

    Returns
    -------
    Run
        Its ``solver["optimum"]`` says what was reached, what was chosen, which limits bind, and what they cost.

    Raises
    ------
    InputError
        What is asked for cannot be.
    """
    from footstrike.simulation.optimisation import Optimisation

    asked = Optimisation.of(objective, free, budgets, limits)
    return simulate(Request.of(**request).optimised(asked), progress)


def habit_of(request: Request, progress: Progress = silent) -> Run | None:
    """The habitual gait that a modified one departs from, if it was solved before; None otherwise."""
    from footstrike.simulation.pipeline import habit_of as known

    return known(request, progress)


def run_claims(
    preset: str,
    out: Path,
    progress: Progress = silent,
    *,
    seed: int = 1,
    workers: int | None = None,
    shard: str | None = None,
    dask: Any = None,
    retry: bool = False,
) -> dict[str, Any]:
    """Simulate what a preset asks for and judge the article's claims on it.

    Writes into ``out``: all simulations (``solves``, a sweep's folder), the unperturbed pairs (.h5), ``claims.json``,
    ``judgements.json``, ``effects.csv``, ``failures.csv`` and ``report.html``; returns what ``claims.json`` holds:
    ``{"claims": [...], "provenance": {...}}``. What is solved already is not solved again.

    Parameters
    ----------
    preset
        One of :data:`footstrike.claims.presets.PRESETS`.
    seed
        Of the draws of uncertain inputs.
    workers, shard, dask, retry
        As for :func:`sweep`. With a shard the claims are not judged: run again without one when all shards are solved.

    Raises
    ------
    InputError
        There is no such preset.
    SolveError
        A habitual gait did not converge; the others are saved.
    """
    from footstrike.main_job import study
    from footstrike.study.sweep import Where

    return study(preset, Path(out), progress, seed=seed, where=Where(workers, shard, dask, retry))


def validate(directory: Path | None = None, progress: Progress = silent) -> list[dict[str, Any]]:
    """Every row of the validation table: expected, measured, pass or fail.

    Without a folder of runs, both strikes are simulated at 3.5 m/s.
    """
    from footstrike.claims.validation import validate as judge
    from footstrike.gait.targets import HABITUAL
    from footstrike.lumbar.activities import activities
    from footstrike.report.page import collect

    if directory is not None:
        runs = list(collect(directory).runs.values())
    else:
        runs = [simulate(Request.of(strike=strike, speed=3.5), progress) for strike in HABITUAL]
    return judge(runs, activities=activities(progress))


def build_model(out: Path, progress: Progress = silent) -> Path:
    """Build the runner that :func:`simulate` uses through OpenSim and write it as an .osim file."""
    from footstrike.files import write_atomically
    from footstrike.model.subject import SIMULATED
    from footstrike.simulation.problems import runner

    write_atomically(Path(out), runner(SIMULATED).osim.encode())
    return Path(out)


def check_model(model: Path | None = None, progress: Progress = silent) -> dict[str, Any]:
    """What was understood of a model, and its agreement with OpenSim; the runner's if no file is given.

    Returns
    -------
    dict
        ``model``, ``passed``, ``understood``, ``checks`` (rows of check, value, limit, unit, passed, detail),
        ``muscle_types``, ``muscles`` (errors of each path, the worst first) and ``warnings``.

    Raises
    ------
    InputError
        The file cannot be read.
    ModelError
        A component cannot be expressed; it is named.
    """
    from footstrike.check.model_check import check

    return check(Path(model) if model else None, progress).plain()


def show_model(model: Path | None = None, picture: Path | None = None) -> dict[str, Any]:
    """What a model consists of; with ``picture``, it is drawn from the side and the front as well.

    The runner's if no file is given.
    """
    from footstrike.check.model_check import model_file
    from footstrike.check.picture import show
    from footstrike.check.scene import posture
    from footstrike.workers.client import opensim_worker

    worker = opensim_worker()
    file = model_file(Path(model) if model else None, worker)
    d = worker.call("describe", file.text, fit_paths=False)
    summary: dict[str, Any] = {
        "name": d.name,
        "mass_kg": d.mass,
        "bodies": len(d.bodies),
        "joints": len(d.joints),
        "free_coordinates": len(d.coordinates),
        "dependent_coordinates": len(d.couplers),
        "muscles": len(d.muscles),
        "contact_spheres": len(d.spheres),
        "markers": len(d.markers),
        "warnings": [*file.warnings, *d.warnings],
    }
    if picture is not None:
        lines = worker.call("muscle_lines", file.text, posture(d))
        summary["picture"] = str(show(d, lines, Path(picture)))
    return summary


def export_opensim(run: Run, directory: Path) -> list[Path]:
    """Write a run as a new folder of .osim, .mot, .sto and .xml files from which OpenSim's tools reproduce it."""
    from footstrike.export.bundle import export_opensim as export

    return export(run, Path(directory))


def cache_info() -> dict[str, Any]:
    """What the cache holds.

    Returns
    -------
    dict
        ``folder``, ``limit_bytes``, ``results`` (count) and ``bytes`` of all, and ``stages``: by name their ``results``,
        ``bytes`` and ``last_used`` (time in ISO 8601, UTC; None if there are none).

    Raises
    ------
    InputError
        ``FOOTSTRIKE_CACHE_LIMIT`` is not a size.
    """
    from footstrike.cache.contents import info

    return info()


def clear_cache(stage: str | None = None) -> dict[str, int]:
    """Remove all results from the cache, or those of one stage; they are made again when they are needed.

    Returns
    -------
    dict
        How many ``results`` were removed, and their ``bytes``.

    Raises
    ------
    InputError
        There is no such stage.
    FootstrikeError
        Some could not be removed.
    """
    from footstrike.cache.contents import clear

    return clear(stage)
