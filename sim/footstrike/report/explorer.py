"""The explorer of a sweep: one page with every metric over what was swept, and a runner between the solved ones."""

from __future__ import annotations

import json
import lzma
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from footstrike.brief import brief
from footstrike.errors import InputError
from footstrike.files import check_writable, write_atomically
from footstrike.outcomes.registry import known_metrics
from footstrike.report.animation import Drawing, drawing, motion
from footstrike.report.assets import asset, scripts, template
from footstrike.resources import resource
from footstrike.runs.run import Run
from footstrike.runs.store import versions
from footstrike.study.front import habit_on_axes
from footstrike.study.surfaces import FEWEST, Surface, SweptVariable, surfaces
from footstrike.study.sweep import Sweep

if TYPE_CHECKING:
    from pandas import DataFrame, Series

FRAMES, LINE_POINTS = 32, 5  # of a motion: 0.05 MB
MOVING = 120  # solved gaits of which the page holds the motion
EXAMPLE = ("experiments", "sweeps", "map.json.xz")
"""Contents of the page of a solved sweep that the package carries: step length and knee flexion under each strike."""
DIGITS = 6
MAIN = (
    "L5S1_peak_compression_bw",
    "L5S1_impulse_per_km_bw_s",
    "L5S1_peak_anterior_shear_bw",
    "vgrf_active_peak_bw",
    "valr_bw_per_s",
    "braking_impulse_bw_s",
    "metabolic_cost_j_per_kg_m",
    "knee_contact_peak_bw",
    "achilles_peak_bw",
    "patellofemoral_peak_bw",
    "tibial_shock_g",
    "step_length_m",
    "cadence_spm",
    "contact_time_s",
    "foot_strike_angle_markers_deg",
    "knee_flexion_contact_deg",
    "trunk_lean_mean_deg",
)
"""Metrics that the page shows at first."""
SCRIPTS = ("figure.js", "stride.js", "player.js", "surface.js", "chart.js", "explorer.js")


@dataclass(frozen=True)
class Explored:
    """What a page is made from: a sweep, its tables and its surfaces."""

    __repr__ = brief

    sweep: Sweep
    table: DataFrame
    habits: DataFrame
    surfaces: list[Surface]


def write_explorer(folder: Path | str | None = None, out: Path | str | None = None) -> Path:
    """Write one self-contained HTML page that explores a sweep.

    Parameters
    ----------
    folder
        What :func:`footstrike.sweep` wrote; it need not be finished. None: the solved example that the package carries.
    out
        The page to write (.html), atomically; ``explorer.html`` in the folder (here, for the example) if None.

    Raises
    ------
    InputError
        The folder holds no sweep, or fewer than six solved cells of every strike, or the page cannot be written.
    """
    path = check_writable(Path(out) if out is not None else Path(folder or ".") / "explorer.html")
    content = example() if folder is None else contents(Sweep(folder))
    write_atomically(path, render(content).encode("utf-8"))
    return path


def contents(sweep: Sweep, moving: int = MOVING) -> dict[str, Any]:
    """All that the page of a sweep says, JSON-able; at most ``moving`` of its solved gaits move."""
    if sweep.status()["solved"] < FEWEST:
        raise _too_few(sweep)
    found = Explored(sweep, sweep.to_frame(), sweep.habits_frame(), surfaces(sweep))
    if not found.surfaces:
        raise _too_few(sweep)
    plan, status = sweep.plan, sweep.status()
    return {
        "title": plan.experiment.get("title") or plan.name,
        "question": plan.experiment.get("question", ""),
        "status": {name: status[name] for name in ("cells", "solved", "failed", "left_out")},
        "made": plan.made,
        "versions": versions(),
        "data": explored(found, moving),
    }


def example() -> dict[str, Any]:
    """The contents that the package carries."""
    content: dict[str, Any] = json.loads(lzma.decompress(resource(*EXAMPLE).read_bytes()))
    return content


def render(content: Mapping[str, Any]) -> str:
    """Return the page as text."""
    return template("explorer.html.j2").render(
        **content,
        levels=content["data"]["drawings"][0]["levels"],
        style=asset("page.css") + asset("explorer.css"),
        script=scripts(SCRIPTS),
    )


def explored(found: Explored, moving: int = MOVING) -> dict[str, Any]:
    """All data of the page, JSON-able.

    Returns
    -------
    dict
        ``axes`` (label, unit), ``metrics`` (name, label, unit, topic, main), ``groups`` (:func:`_group`), ``habits`` (key,
        title, values by metric), ``drawings`` (:class:`Drawing`'s parts) and ``motions`` by key (number of its drawing and what
        :func:`footstrike.report.animation.motion` gives).
    """
    metrics = _metrics(found)
    names = [m["name"] for m in metrics]
    solved = found.table[found.table["status"] == "solved"]
    by_group: dict[str, list[Surface]] = {}
    for surface in found.surfaces:
        by_group.setdefault(", ".join(surface.group.values()), []).append(surface)
    groups = [_group(name, fits, found, names) for name, fits in by_group.items()]
    keys = list(dict.fromkeys(cell["key"] for group in groups for cell in group["cells"]))
    every = math.ceil(len(keys) / moving)
    habits = [key for key in found.habits.index if found.habits.loc[key, "status"] == "solved"]
    drawings, motions = _motions(found.sweep, dict.fromkeys([*habits, *keys[::every]]))
    return {
        "name": found.sweep.plan.name,
        "solved": len(solved),
        "axes": [{"label": a.name.replace("_", " "), "unit": a.unit} for a in found.surfaces[0].axes],
        "metrics": metrics,
        "groups": groups,
        "habits": [_habit(key, found.habits.loc[key], names) for key in habits],
        "drawings": [d.parts for d in drawings],
        "motions": motions,
    }


def _metrics(found: Explored) -> list[dict[str, Any]]:
    """What the page can show: those that some surface goes through."""
    topics = {m.column: m.topic.replace("_", " ") for m in known_metrics().values()}
    drawn = {s.metric: s for s in found.surfaces}
    order = [name for name in MAIN if name in drawn]
    order += [name for name in topics if name in drawn and name not in order]
    return [
        {
            "name": name,
            "label": drawn[name].label,
            "unit": drawn[name].unit,
            "topic": topics[name],
            "main": name in MAIN,
        }
        for name in order
    ]


def _group(name: str, fits: Sequence[Surface], found: Explored, metrics: Sequence[str]) -> dict[str, Any]:
    """One strike (and what else is no number).

    Returns
    -------
    dict
        ``name``, ``strike``, ``ranges`` (low, high of each axis), ``cells`` (key, ``x`` on the axes, ``habit``, ``values``),
        ``failed`` (``x``, ``reason``), ``habitual`` (``x`` of each habitual gait; null where it is not known), ``surfaces`` (by
        number of the metric).
    """
    axes, plan = fits[0].axes, found.sweep.plan
    rows = _rows(found.table, fits[0].group)
    columns = [a.column for a in axes]
    solved = rows[rows["status"] == "solved"]
    reasons = {one["key"]: one["reason"] for one in found.sweep.status()["failures"]}
    failed = rows[[key in reasons for key in rows.index]]
    ranges = [[min(f.axes[i].low for f in fits), max(f.axes[i].high for f in fits)] for i in range(len(axes))]
    return {
        "name": name,
        "strike": str(solved["strike"].iloc[0]),
        "ranges": ranges,
        "cells": [
            {"key": key, "x": _listed(row[columns]), "habit": row["habit"], "values": _listed(row[metrics])}
            for key, row in solved.iterrows()
        ],
        "failed": [
            {"x": _listed(row[columns]), "reason": reasons[str(key)]} for key, row in failed.iterrows()
        ],
        "habitual": [
            _on_axes(axes, found.habits.loc[key], plan.entries[str(key)].values)
            for key in solved["habit"].unique()
        ],
        "surfaces": {metrics.index(f.metric): _surface(f) for f in fits if f.metric in metrics},
    }


def _rows(table: DataFrame, group: Mapping[str, str]) -> DataFrame:
    """Rows of a group, solved or not."""
    for name, value in group.items():
        column = "strike" if name == "strike" else table.attrs["varied"][name]
        table = table[table[column].astype(str) == value]
    return table


def _on_axes(axes: Sequence[SweptVariable], habit: Series, asked: Mapping[str, Any]) -> list[float | None]:
    return [None if x is None else _number(x) for x in habit_on_axes(axes, habit, asked)]


def _habit(key: str, row: Series, metrics: Sequence[str]) -> dict[str, Any]:
    return {"key": key, "values": _listed(row[metrics])}


def _surface(surface: Surface) -> dict[str, Any]:
    """What the page needs to evaluate a surface; the factor of a covariance it makes itself, that is much shorter."""
    whole = surface.plain()
    kept = {name: whole[name] for name in ("error", "effect", "trusted", "band_sd")}
    fit = {name: value for name, value in whole["fit"].items() if name != "white"}
    return kept | {"fit": fit, "ends": [[axis["low"], axis["high"]] for axis in whole["axes"]]}


def _motions(sweep: Sweep, keys: Mapping[str, Any]) -> tuple[list[Drawing], dict[str, dict[str, Any]]]:
    """Motions of solved gaits; those of one model share its drawing."""
    drawings: dict[tuple[str, ...], Drawing] = {}
    motions = {}
    for key in keys:
        run = sweep.folder.load(key)
        name = (run.model_osim, *run.muscle_names)
        if name not in drawings:
            drawings[name] = drawing(run)
        number = list(drawings).index(name)
        motions[key] = {"drawing": number, **_motion(run, drawings[name])}
    return list(drawings.values()), motions


def _motion(run: Run, drawn: Drawing) -> dict[str, Any]:
    return motion(run, drawn, FRAMES, LINE_POINTS)


def _too_few(sweep: Sweep) -> InputError:
    return InputError(
        f"{sweep.folder.path} holds {sweep.status()['solved']} solved cells: at least {FEWEST} of one strike, with a number "
        "among what was swept, make a surface"
    )


def _listed(row: Series) -> list[float | None]:
    return [_number(value) for value in row]


def _number(value: Any) -> float | None:
    return float(f"{float(value):.{DIGITS}g}") if np.isfinite(float(value)) else None
