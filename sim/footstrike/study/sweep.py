"""Sweeps: many simulations described by one file, solved into one folder, read as one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from footstrike.brief import brief
from footstrike.errors import InputError
from footstrike.progress import Progress, silent, stage
from footstrike.runs.run import Run
from footstrike.study.folder import SweepFolder
from footstrike.study.local import checked_workers, shard_of, solve_locally
from footstrike.study.plan import Plan, PlannedRun, make_plan
from footstrike.study.tally import Watch, unwatched

if TYPE_CHECKING:
    from pandas import DataFrame


class Sweep:
    """A sweep's folder, whether it is finished or not.

    Parameters
    ----------
    folder
        What :func:`sweep` wrote.

    Raises
    ------
    InputError
        It holds no sweep.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = SweepFolder(Path(folder))
        self.plan: Plan = self.folder.plan()
        self._read: dict[str, tuple[tuple[int, int], DataFrame]] = {}

    def __repr__(self) -> str:
        counts = self.status()
        said = ", ".join(f"{counts[name]} {name}" for name in ("solved", "failed", "open"))
        return f"<Sweep {self.plan.name}: {counts['cells']} cells over {', '.join(self.plan.varied)}: {said}>"

    def status(self) -> dict[str, Any]:
        """What is done: numbers of ``cells``, ``solved``, ``failed`` and ``open`` ones, of combinations ``left_out``.

        ``failures`` has ``key``, ``asked``, ``status`` and ``reason`` of each failed cell.
        """
        cells = self.plan.cells
        solved = [e for e in cells if self.folder.is_solved(e.key)]
        failed = [e for e in cells if self.folder.is_failed(e.key)]
        reasons = {e.key: self.folder.reason(e.key) for e in failed}
        return {
            "name": self.plan.name,
            "folder": str(self.folder.path),
            "cells": len(cells),
            "solved": len(solved),
            "failed": len(failed),
            "open": len(cells) - len(solved) - len(failed),
            "left_out": len(self.plan.refused),
            "failures": [
                {
                    "key": e.key,
                    "asked": e.asked,
                    "status": reasons[e.key].get("status"),
                    "reason": reasons[e.key].get("reason"),
                }
                for e in failed
            ],
        }

    def runs(self) -> dict[str, Run]:
        """The runs of the solved cells by key, in the order in which they were asked for.

        Raises
        ------
        InputError
            A file is damaged; sweep again, it is solved anew.
        """
        return {e.key: self.folder.load(e.key) for e in self.plan.cells if self.folder.is_solved(e.key)}

    def habits(self) -> dict[str, Run]:
        """The runs of the habitual gaits that cells depart from, by key (``PlannedRun.habit`` of a cell), as far as solved."""
        keys = dict.fromkeys(e.habit or e.key for e in self.plan.cells)
        return {key: self.folder.load(key) for key in keys if self.folder.is_solved(key)}

    def to_frame(self, progress: Progress = silent) -> DataFrame:
        """All cells as a table, a row each; its index is the key, which names the file.

        A file is read once, as long as it stays the same.

        Returns
        -------
        pandas.DataFrame
            ``status`` (``solved``, ``open``, or why it failed), ``strike``, ``habit`` (key of its habitual gait),
            ``asked_NAME_UNIT`` for each varied variable, ``asked_NAME_relative_pct`` where it was given in % of habit, then
            every metric (:func:`footstrike.metrics_table`), NaN where the cell is not solved. ``attrs`` has ``units`` and
            ``labels`` of what was asked and of the metrics, and ``varied``: name of its ``asked_`` column by variable.
        """
        return self._table(self.plan.cells, progress)

    def habits_frame(self) -> DataFrame:
        """The habitual gaits in a table like :meth:`to_frame`'s."""
        keys = dict.fromkeys(e.habit or e.key for e in self.plan.cells)
        return self._table([self.plan.entries[key] for key in keys])

    def _table(self, entries: Sequence[PlannedRun], progress: Progress = silent) -> DataFrame:
        from pandas import DataFrame, concat

        found = self._metrics([e.key for e in entries if self.folder.is_solved(e.key)], progress)
        columns = {name: _column(name, self.plan.units[name]) for name in self.plan.varied}
        head = DataFrame([self._head(e, columns) for e in entries], index=[e.key for e in entries])
        rest = found.drop(columns=["status", "strike"]).reindex(head.index)
        table = concat([head, rest], axis=1)
        units = {columns[name]: unit for name, unit in self.plan.units.items()}
        labels = {column: name.replace("_", " ") for name, column in columns.items()}
        table.attrs = {
            "units": {**units, **found.attrs["units"]},
            "labels": {**labels, **found.attrs["labels"]},
            "varied": columns,
        }
        return table

    def _head(self, entry: PlannedRun, columns: Mapping[str, str]) -> dict[str, Any]:
        status = "open"
        if self.folder.is_solved(entry.key):
            status = "solved"
        elif self.folder.is_failed(entry.key):
            status = str(self.folder.reason(entry.key)["status"])
        asked = {column: entry.asked.get(name) for name, column in columns.items()}
        relative = {f"asked_{name}_relative_pct": value for name, value in entry.relative.items()}
        return {
            "status": status,
            "strike": entry.values["strike"],
            "habit": entry.habit or entry.key,
            **asked,
            **relative,
        }

    def _metrics(self, keys: Sequence[str], progress: Progress) -> DataFrame:
        from pandas import concat

        from footstrike.outcomes.metrics import metrics_table

        tell, rows = stage(progress), [metrics_table({})]
        for done, key in enumerate(keys):
            file = self.folder.cell_file(key).stat()
            state = file.st_mtime_ns, file.st_size
            if key not in self._read or self._read[key][0] != state:
                tell("reading the solved cells", done, len(keys))
                self._read[key] = state, metrics_table({key: self.folder.load(key)})
            rows.append(self._read[key][1])
        table = concat(rows[1:]) if keys else rows[0]
        table.attrs = rows[0].attrs
        return table


def sweep(
    experiment: Path | str | Mapping[str, Any],
    out: Path | str | None = None,
    *,
    workers: int | None = None,
    shard: str | None = None,
    dask: Any = None,
    retry: bool = False,
    watch: Watch = unwatched,
) -> Sweep:
    """Solve every cell of a sweep into a folder; what is there already is not solved again.

    Parameters
    ----------
    experiment
        A file (docs/sweeps.md), the name of one that the package carries, or what such a file holds.
    out
        The folder; ``footstrike-NAME`` if None.
    workers
        Number of processes on this computer; its cores if None.
    shard
        ``I/N``: only this part of the sweep, whole blocks.
    dask
        Address of a scheduler of Dask, or a ``distributed.Client``: the cells are solved there.
    retry
        Whether failed cells are tried again.
    watch
        Told how far it is, about twice a second.

    Raises
    ------
    InputError
        The experiment cannot be used, or the folder holds something else; nothing was computed.
    FootstrikeError
        A result cannot be written; what is finished stays.
    """
    plan = make_plan(experiment)
    where = Where(workers, shard, dask, retry)
    return solve_plan(plan, Path(out if out is not None else f"footstrike-{plan.name}"), where, watch)


@dataclass(frozen=True)
class Where:
    """How much of a plan is solved and where: ``workers``, ``shard``, ``dask`` and ``retry`` of :func:`sweep`."""

    __repr__ = brief

    workers: int | None = None
    shard: str | None = None
    dask: Any = None
    retry: bool = False


def solve_plan(
    plan: Plan, out: Path, where: Where | None = None, watch: Watch = unwatched, *, renew: bool = False
) -> Sweep:
    """Solve the simulations of a plan into a folder; what is there already is not solved again.

    With ``renew`` the plan may take the place of another one (:meth:`SweepFolder.begin`). Errors as in :func:`sweep`.
    """
    where = where or Where()
    keys = shard_of(plan, where.shard) if where.shard else tuple(plan.entries)
    number = checked_workers(where.workers)
    folder = SweepFolder(out)
    plan = folder.begin(plan, renew)
    folder.tidy(plan)
    if where.retry:
        for key in keys:
            folder.failed_file(key).unlink(missing_ok=True)
    if where.dask is not None:
        from footstrike.study.cluster import solve_on_dask

        solve_on_dask(folder, plan, keys, where.dask, watch)
    else:
        solve_locally(folder, plan, keys, number, watch)
    return Sweep(folder.path)


def merge_sweeps(folders: Sequence[Path | str], out: Path | str) -> Sweep:
    """Put the results of several folders of one sweep, such as its shards, into one.

    Raises
    ------
    InputError
        They are not of one sweep, or there is none.
    FootstrikeError
        The new folder cannot be written.
    """
    parts = [SweepFolder(Path(folder)) for folder in folders]
    if not parts:
        raise InputError("no folders to merge: give at least one")
    plans = [part.plan() for part in parts]
    for part, plan in zip(parts, plans, strict=True):
        if not plan.same_work(plans[0]):
            raise InputError(
                f"{part.path} holds another sweep than {parts[0].path}: merge parts of one sweep"
            )
    whole = SweepFolder(Path(out))
    whole.begin(plans[0])
    for part in parts:
        part_ends = [e for e in plans[0].entries.values() if part.is_ended(e.key)]
        for entry in part_ends:
            _copy(part, whole, entry)
    return Sweep(whole.path)


def take_over(folders: Sequence[Path | str], plan: Plan, out: Path | str) -> None:
    """Begin a sweep with the simulations that other folders have solved already.

    Raises
    ------
    InputError
        The folder holds another sweep.
    """
    whole = SweepFolder(Path(out))
    whole.begin(plan)
    for part in (SweepFolder(Path(folder)) for folder in folders):
        for entry in plan.entries.values():
            if part.path != whole.path and part.is_solved(entry.key):
                _copy(part, whole, entry)


def _copy(part: SweepFolder, whole: SweepFolder, entry: PlannedRun) -> None:
    """Take over what a part has of an entry: its run, or else why there is none."""
    from footstrike.files import write_atomically

    if whole.is_solved(entry.key):
        return
    if part.is_solved(entry.key) and part.is_sound(entry):
        whole.keep(entry, part.cell_file(entry.key).read_bytes())
    elif part.failed_file(entry.key).exists():
        write_atomically(whole.failed_file(entry.key), part.failed_file(entry.key).read_bytes())


def _column(name: str, unit: str) -> str:
    return f"asked_{name}" + (f"_{unit.replace('/', 'p')}" if unit else "")
