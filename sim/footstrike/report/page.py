"""Build the page: choose the runs, compute rows and pictures, fill the template, write one file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from footstrike.claims.definitions import claims as carried_claims
from footstrike.claims.judgement import JUDGEMENTS, SOLVES, Judgement, read_judgements
from footstrike.claims.validation import is_habitual, validate
from footstrike.claims.verdicts import claim_rows
from footstrike.errors import InputError
from footstrike.files import check_writable, write_atomically
from footstrike.lumbar.activities import activities
from footstrike.model.rows import LEVELS
from footstrike.outcomes import spine
from footstrike.outcomes.metrics import Metrics, metrics
from footstrike.report import figures, words
from footstrike.report.animation import animations
from footstrike.report.assets import asset, scripts, template
from footstrike.report.claim_view import ClaimView, claim_views
from footstrike.report.context import Context, context
from footstrike.report.methods import bibliography, wishes
from footstrike.report.page_tables import tables_of
from footstrike.report.paper import write_figures
from footstrike.report.plain_words import CONTRASTS
from footstrike.report.still import still
from footstrike.report.style import Picture
from footstrike.runs.run import Run
from footstrike.runs.store import versions

REFERENCE_SPEED = 3.5
MOVING = 6  # runs of which a page holds the motion, 0.4 MB each
SCRIPTS = ("figure.js", "stride.js", "player.js", "report.js")
CLAIMS_FILE = "claims.json"
ROW_FIELDS = (
    "id", "statement", "metric", "units", "rearfoot", "forefoot", "effect", "ci_low", "ci_high",
    "effect_size", "verdict", "why", "evidence",
)  # fmt: skip
PICTURES = ("effects", "foot", "forces", "angles", "moments", "lumbar")
"""Sections of the page that are pictures of its pair."""
STRIKES = ("rearfoot", "forefoot")
BY_LEVEL = (
    "peak_compression_bw",
    "mean_compression_bw",
    "peak_anterior_shear_bw",
    "peak_load_rate_bw_per_s",
    "impulse_per_step_bw_s",
    "impulse_per_km_bw_s",
)


@dataclass(frozen=True)
class Source:
    """What a page is made from: runs by name; of a folder of claims also the result and what is behind it."""

    runs: Mapping[str, Run]
    claims: Mapping[str, Any] | None = None
    judgements: tuple[Judgement, ...] = ()
    folder: Path | None = None

    def run_of(self, file: str | None) -> Run | None:
        """The run of a file of the folder; None where there is none."""
        if file is None or self.folder is None:
            return None
        return self.runs.get(file) or _load(self.folder / file)


def write_report(
    source: Path | str | Sequence[Run],
    out: Path | str,
    claims: Mapping[str, Any] | None = None,
    figures_folder: Path | str | None = None,
) -> Path:
    """Write one self-contained HTML page.

    Parameters
    ----------
    source
        Folder with run files (.h5, searched below it too) and perhaps ``claims.json`` and ``judgements.json``, or runs.
    out
        The page to write (.html), atomically.
    claims
        Result of the claims command; taken from ``claims.json`` or computed from the runs if not given.
    figures_folder
        Where the page's figures go as SVG and PDF, its numbers as CSV and the works to cite as BibTeX; nowhere if None.

    Raises
    ------
    InputError
        If there is no solved run, or the page cannot be written.
    """
    path = check_writable(Path(out))
    found = collect(Path(source)) if isinstance(source, (str, Path)) else _named(source)
    if claims is not None:
        found = replace(found, claims={**claims, "claims": [_complete(row) for row in claims["claims"]]})
    content = _content(found)
    write_atomically(path, template("page.html.j2").render(content).encode("utf-8"))
    if figures_folder is not None:
        write_figures(Path(figures_folder), _all_pictures(content), [*content["tables"], content["bibtex"]])
    return path


def collect(folder: Path) -> Source:
    """Read all runs below a folder, and ``claims.json`` in it.

    Raises
    ------
    InputError
        If there are no runs or a file cannot be used.
    """
    if not folder.is_dir():
        raise InputError(f"folder {folder} {'is not a folder' if folder.exists() else 'does not exist'}")
    paths = sorted(p for p in folder.rglob("*.h5") if SOLVES not in p.relative_to(folder).parts)
    if not paths:
        raise InputError(f"folder {folder} holds no runs (.h5)")
    runs = {str(path.relative_to(folder)): Run.load(path) for path in paths}
    claims = folder / CLAIMS_FILE
    judged = read_judgements(folder) if (folder / JUDGEMENTS).exists() else ()
    return Source(runs, _claims_file(claims) if claims.exists() else None, judged, folder)


def _content(source: Source) -> dict[str, Any]:
    """What the template is filled with."""
    pair = choose_pair(source.runs.values())
    if not pair:
        states = ", ".join(sorted({run.status for run in source.runs.values()})) or "none given"
        raise InputError(f"no solved run to report (runs: {states})")
    found = {run.strike: metrics(run) for run in pair}
    rows = list(source.claims["claims"]) if source.claims else _own_rows(found)
    provenance = dict(source.claims.get("provenance", {})) if source.claims else {}
    checked = validate(list(source.runs.values()), activities=_activities())
    moving, undrawn = animations(choose_moving(source, pair))
    views = claim_views(rows, source.judgements, checked, source.run_of)
    drawn = _pictures(pair, found, rows, views)
    cited = context(list(source.runs.values()), source.judgements)
    return dict(
        title="Foot strike and the lumbar spine",
        headline=words.headline(rows, found),
        counts=words.counts(rows),
        cards=words.key_numbers(found),
        strikes=list(found),
        rows=rows,
        views=views,
        contrasts=CONTRASTS,
        context=cited,
        bibtex=bibliography(pair, rows),
        tables=[*tables_of(pair, source.judgements), *cited.tables],
        **drawn,
        levels=[level for level in reversed(LEVELS) if any(level in m["lumbar"] for m in found.values())],
        columns=[spine.quantity(name) for name in BY_LEVEL],
        found=found,
        validation=words.grouped(checked),
        validation_counts=words.results(checked),
        records=[_record(name, run) for name, run in source.runs.items()],
        provenance=provenance,
        versions=versions(),
        animations=moving,
        undrawn=undrawn,
        stills=[still(figure) for figure in moving[:2]],
        style=asset("page.css"),
        script=scripts(SCRIPTS),
    )


def _pictures(
    pair: Sequence[Run],
    found: Mapping[str, Metrics],
    rows: Sequence[Mapping[str, Any]],
    views: Sequence[ClaimView],
) -> dict[str, list[Picture]]:
    """Pictures of the page by the name of their section."""
    return {
        "effects": figures.effects(rows, "The effects that decide, in SDs between runners")
        if views
        else figures.effects([part for row in rows for part in _with_parts(row)]),
        "foot": figures.foot_strikes(pair),
        "forces": figures.ground_forces(pair),
        "angles": figures.joint_angles(pair),
        "moments": figures.moments(pair),
        "lumbar": figures.lumbar_curves(pair) + figures.lumbar_levels(found),
    }


def _all_pictures(content: Mapping[str, Any]) -> list[Picture]:
    cited: Context = content["context"]
    views: Sequence[ClaimView] = content["views"]
    of_claims = [one for view in views for one in (*view.front, *view.effects, *view.drivers)]
    of_runs = [one for name in PICTURES for one in content[name]]
    return [*of_claims, *of_runs, *cited.slopes, *cited.activity]


def choose_pair(runs: Iterable[Run]) -> list[Run]:
    """One solved run of each strike, habitual before prescribed, nearest to 3.5 m/s; the same speed for
    both.
    """
    solved = [run for run in runs if run.solved]
    best: list[Run] = []
    for strike in STRIKES:
        of_strike = [run for run in solved if run.strike == strike]
        speed = best[0].speed if best else REFERENCE_SPEED
        of_strike.sort(key=lambda run: (not is_habitual(run), abs(run.speed - speed)))
        best += of_strike[:1]
    return best


def choose_moving(source: Source, pair: Sequence[Run]) -> list[Run]:
    """Runs to show in motion, the first two side by side at the start.

    A modified gait stands beside its habit, unless the page is about claims or the habit is not there; else the strikes
    stand side by side.
    """
    solved = [run for run in source.runs.values() if run.solved]
    matched = ([habit, run] for run in solved if wishes(run) for habit in solved if _is_habit(habit, run))
    first = list(pair) if source.claims else next(matched, list(pair))
    others = [run for run in solved if not any(run is one for one in first)]
    told = [run for run in others if is_habitual(run) or wishes(run)]
    return [*first, *told][:MOVING]


def _is_habit(habit: Run, run: Run) -> bool:
    """Whether one run is the habitual gait of the runner who is asked something in another."""
    same = all(
        habit.spec.get(name) == run.spec.get(name)
        for name in ("speed_mps", "height_m", "mass_kg", "sex", "legs")
    )
    return is_habitual(habit) and same and habit.strike == (run.spec.get("from_strike") or run.strike)


def _load(path: Path) -> Run | None:
    return Run.load(path) if path.is_file() else None


@cache
def _activities() -> dict[str, dict[str, Any]]:
    """Loads of standing, bending, holding and walking, which depend on no run."""
    return activities()


def _own_rows(found: Mapping[str, Metrics]) -> list[dict[str, Any]]:
    if not set(STRIKES) <= found.keys():
        return []
    judged = [claim for claim in carried_claims() if claim.contrast.kind == "strike"]
    return claim_rows(judged, found["rearfoot"], found["forefoot"])


def _with_parts(row: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    parts = [{"id": row["id"], **part} for part in row.get("metrics", [])]
    return [row, *parts]


def _record(name: str, run: Run) -> dict[str, Any]:
    return {
        "name": name,
        "status": run.status,
        "message": run.message,
        "hash": run.content_hash()[:16],
        "spec": {key: value for key, value in run.spec.items() if not isinstance(value, (dict, list))},
        "solver": run.solver,
        "versions": run.spec.get("versions") or {},
    }


def _named(runs: Sequence[Run]) -> Source:
    return Source({f"{run.strike} {run.speed:g} m/s, #{i + 1}": run for i, run in enumerate(runs)})


def _claims_file(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {**found, "claims": [_complete(row) for row in found["claims"]]}
    except KeyError as error:
        raise InputError(f"{path} cannot be used: field {error} is missing") from error
    except (OSError, ValueError, TypeError) as error:
        raise InputError(f"{path} cannot be used: {error}") from error


def _complete(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a claims row with the fields that every page needs checked, and the others filled in."""
    needed = {name: row[name] for name in ROW_FIELDS}
    optional = {
        "label": row["metric"],
        "role": "verdict",
        "caveat": "",
        "metrics": [],
        "between_runner_sd": None,
    }
    return {**optional, **needed, **row}
