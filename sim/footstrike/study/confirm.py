"""Optima and points of fronts confirmed by solves: a list of settings as a sweep of its own, beside the one that they come from."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from footstrike.study.front import METRICS, BestSetting, TradeOffs
from footstrike.study.plan import make_plan
from footstrike.study.sweep import Sweep, sweep, take_over
from footstrike.study.tally import Watch, unwatched

if TYPE_CHECKING:
    from pandas import DataFrame

PREFIX, KEY = "confirmed-", 8


def settings_to_confirm(found: TradeOffs, most: int | None = None) -> dict[str, Any]:
    """The experiment of a sweep whose cells are the settings, each once, optima first.

    Parameters
    ----------
    most
        The most settings; all if None.
    """
    plan = found.sweep.plan
    relative = {a.name for a in found.surfaces[0].axes if a.column.endswith("_relative_pct")}
    cells: list[dict[str, Any]] = []
    for one in found.best:
        cell = _cell(one, relative)
        if cell not in cells:
            cells.append(cell)
    return {
        "title": f"Optima and fronts of {plan.experiment.get('title') or plan.name}",
        "fixed": plan.experiment.get("fixed", {}),
        "cells": cells[:most],
    }


def confirm(found: TradeOffs, most: int, workers: int | None = None, watch: Watch = unwatched) -> DataFrame:
    """Solve settings in a folder beside the cells of the sweep, and compare them with what the surfaces say.

    What the sweep or an earlier confirmation has solved is taken over.

    Returns
    -------
    pandas.DataFrame
        As :func:`confirmed`.

    Raises
    ------
    FootstrikeError
        A result cannot be written.
    """
    experiment = settings_to_confirm(found, most)
    name = hashlib.sha256(json.dumps(experiment, sort_keys=True).encode()).hexdigest()[:KEY]
    folder = found.sweep.folder.path / f"{PREFIX}{name}"
    take_over([found.sweep.folder.path, *_folders(found.sweep)], make_plan(experiment), folder)
    sweep(experiment, folder, workers=workers, watch=watch)
    return confirmed(found)


def confirmed(found: TradeOffs) -> DataFrame:
    """Predicted against solved, of all settings that were solved, in the sweep itself or to confirm them.

    Returns
    -------
    pandas.DataFrame
        A row for each optimum or point: ``group``, ``kind``, ``objective``, ``limited``, ``number``, the variables, ``key``,
        and of each metric ``METRIC_predicted``, ``METRIC_solved`` and ``METRIC_missed_pct`` (solved less predicted, % of habit).
    """
    from pandas import DataFrame

    solved = _solved(found)
    names = [a.name for a in found.surfaces[0].axes]
    head = ["group", "kind", "objective", "limited", "number", *names]
    rows = []
    for (_, row), one in zip(found.to_frame().iterrows(), found.best, strict=True):
        there = solved.get(_place(one.group, one.setting))
        if there is None:
            continue
        new = {**row[head].to_dict(), "key": there[0]}
        for name in METRICS:
            estimate = one.estimates.get(name)
            if estimate is not None:
                new[f"{name}_predicted"], new[f"{name}_solved"] = estimate.value, float(there[1][name])
                new[f"{name}_missed_pct"] = 100.0 * (float(there[1][name]) - estimate.value) / estimate.habit
        rows.append(new)
    return DataFrame(rows)


def to_toml(experiment: dict[str, Any]) -> str:
    """An experiment as the file of a sweep (docs/sweeps.md)."""
    lines = [f"title = {_toml(experiment['title'])}", "", "[fixed]"]
    lines += [f"{name} = {_toml(value)}" for name, value in experiment["fixed"].items()]
    for cell in experiment["cells"]:
        lines += ["", "[[cells]]", *(f"{name} = {_toml(value)}" for name, value in cell.items())]
    return "\n".join([*lines, ""])


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {_toml(one)}" for name, one in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)


def _cell(one: BestSetting, relative: set[str]) -> dict[str, Any]:
    return {**one.group, **{n: {"relative": v} if n in relative else v for n, v in one.setting.items()}}


def _folders(of: Sweep) -> list[Path]:
    return sorted(p for p in of.folder.path.glob(f"{PREFIX}*") if (p / "plan.json").is_file())


def _solved(found: TradeOffs) -> dict[Any, tuple[str, Any]]:
    """Key and metrics of solved cells by strike and place."""
    axes = found.surfaces[0].axes
    known: dict[Any, tuple[str, Any]] = {}
    for one in (found.sweep, *(Sweep(path) for path in _folders(found.sweep))):
        table = one.to_frame()
        columns = table.attrs["varied"]
        if any(name not in columns for name in found.best[0].group):
            continue
        for key, row in table[table["status"] == "solved"].iterrows():
            group = {name: str(row[columns[name]]) for name in found.best[0].group}
            at = {a.name: float(row[a.column]) for a in axes}
            known.setdefault(_place(group, at), (str(key), row))
    return known


def _place(group: dict[str, str], at: dict[str, float]) -> tuple[Any, ...]:
    return tuple(group.items()), tuple(round(v, 6) for v in at.values())
