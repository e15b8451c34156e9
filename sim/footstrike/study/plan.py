"""A sweep's plan: its cells in the order in which they are solved, each under a name that tells its content."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from footstrike.brief import brief
from footstrike.control.modifiers import MODIFIERS
from footstrike.errors import InputError
from footstrike.files import plain
from footstrike.resources import resource
from footstrike.runs.store import versions
from footstrike.simulation.request import Request
from footstrike.stages import STAGES, Stage, code, library_versions
from footstrike.study.cell_blocks import blocks, scaled
from footstrike.study.design import Cell, Refused, cells_of
from footstrike.study.experiment import Experiment, read_experiment
from footstrike.study.values import Scalar
from footstrike.study.variables import OPTIMISE, identity, is_number, request_of, told, unit_of

FORMAT = "footstrike sweep"
SCHEMA = 2
READABLE = (1, 2)
"""Schema 1 names a neighbour of each entry, which no solve uses."""
_KEY = 32  # characters


@dataclass(frozen=True)
class PlannedRun:
    """A simulation of the plan.

    Attributes
    ----------
    key
        Hash of all that its result depends on: what is asked, the code, the tables, the libraries.
    values
        What is asked, flat (:func:`footstrike.study.variables.request_of`).
    asked, relative
        The varied variables among them, and those that were given in % of habit; nothing for a habitual gait that no cell
        asks for.
    is_cell
        Whether the sweep asks for it, or it is only the habit of cells.
    habit
        Key of the habitual gait that it departs from; None if it is one.
    block
        Number of the block that it belongs to.
    derivatives
        Inputs by which the run keeps its sensitivities (:mod:`footstrike.simulation.sensitivity`).
    """

    __repr__ = brief

    key: str
    values: dict[str, Scalar]
    asked: dict[str, Scalar] = field(default_factory=dict)
    relative: dict[str, float] = field(default_factory=dict)
    is_cell: bool = True
    habit: str | None = None
    block: int = 0
    derivatives: tuple[str, ...] = ()

    @property
    def request(self) -> Request:
        """What is simulated."""
        return request_of(self.values)

    @property
    def words(self) -> str:
        """What is asked, in a line."""
        text = told(self.asked or self.values)
        return text if self.is_cell else f"habitual gait ({text})"


@dataclass(frozen=True)
class Plan:
    """All simulations of a sweep, each after what it needs.

    Attributes
    ----------
    name
        Of the sweep.
    experiment
        What was asked, as the file has it.
    varied
        Names of the varied variables.
    entries
        By key; habitual gaits first, then block by block.
    refused
        Combinations that no runner can be asked for, with the reason.
    fingerprint
        Hash of the code, tables and libraries that results depend on.
    made
        When, ISO 8601, and with which ``versions``.
    """

    __repr__ = brief

    name: str
    experiment: dict[str, Any]
    varied: tuple[str, ...]
    entries: dict[str, PlannedRun]
    refused: tuple[Refused, ...]
    fingerprint: str
    versions: dict[str, str]
    made: str

    @property
    def cells(self) -> tuple[PlannedRun, ...]:
        """What the sweep asks for."""
        return tuple(e for e in self.entries.values() if e.is_cell)

    @property
    def units(self) -> dict[str, str]:
        """Unit of every varied variable."""
        return {name: unit_of(name) for name in self.varied}

    @property
    def blocks(self) -> int:
        """Number of blocks."""
        return 1 + max((e.block for e in self.entries.values()), default=-1)

    def same_work(self, other: Plan) -> bool:
        """Whether another plan has the same simulations."""
        return self.entries == other.entries

    def only(self, keys: Sequence[str]) -> Plan:
        """The plan of some entries and the habits that they need."""
        wanted = {*keys, *(self.entries[key].habit for key in keys)}
        return replace(self, entries={key: e for key, e in self.entries.items() if key in wanted})

    def to_json(self) -> str:
        """As plan.json holds it."""
        whole = {
            "format": FORMAT,
            "schema": SCHEMA,
            **asdict(self),
            "units": self.units,
            "entries": [asdict(e) for e in self.entries.values()],
        }
        return json.dumps(plain(whole), indent=1, allow_nan=False, ensure_ascii=False)


def make_plan(source: Path | str | Mapping[str, Any]) -> Plan:
    """The plan of a sweep's file (:func:`footstrike.study.experiment.read_experiment`).

    Raises
    ------
    InputError
        Something in the file cannot be used; nothing was computed.
    """
    name, experiment = read_experiment(source)
    try:
        cells, refused = cells_of(experiment)
        entries = _entries(cells, experiment)
    except InputError as error:
        raise error if isinstance(source, Mapping) else InputError(f"{name}: {error}") from error
    return _plan(name, experiment.model_dump(exclude_defaults=True), experiment.varied, entries, refused)


@dataclass(frozen=True)
class GivenRun:
    """A simulation that is given by itself.

    Attributes
    ----------
    values
        Flat (:func:`footstrike.study.variables.request_of`).
    asked
        What of it is told to people.
    derivatives
        Inputs by which its run keeps its sensitivities.
    """

    __repr__ = brief

    values: Mapping[str, Scalar]
    asked: Mapping[str, Scalar]
    derivatives: tuple[str, ...] = ()


def plan_of_cells(name: str, experiment: Mapping[str, Any], cells: Sequence[GivenRun]) -> Plan:
    """The plan of simulations that are given one by one.

    Parameters
    ----------
    name, experiment
        Kept with the plan, for people.
    cells
        What is given twice is solved once; what cannot be asked of any runner is ``refused``.
    """
    found: dict[str, tuple[Cell, tuple[str, ...]]] = {}
    refused: list[Refused] = []
    for given in cells:
        values, asked = dict(given.values), dict(given.asked)
        try:
            cell = Cell(asked, {}, values, request_of(values))
        except InputError as error:
            refused.append(Refused(asked, str(error)))
            continue
        key = key_of(cell.request)
        before, wanted = found.get(key, (cell, ()))
        found[key] = before, tuple(dict.fromkeys((*wanted, *given.derivatives)))
    return _plan(name, dict(experiment), (), _grouped(found), refused)


def _plan(
    name: str,
    experiment: dict[str, Any],
    varied: tuple[str, ...],
    entries: dict[str, PlannedRun],
    refused: Sequence[Refused],
) -> Plan:
    return Plan(
        name=name,
        experiment=experiment,
        varied=varied,
        entries=entries,
        refused=tuple(refused),
        fingerprint=fingerprint_of_cells(),
        versions=versions(),
        made=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _grouped(cells: Mapping[str, tuple[Cell, tuple[str, ...]]]) -> dict[str, PlannedRun]:
    """Habit by habit in the order in which they are first needed, each before what departs from it; a block a habit."""
    groups: dict[str, list[str]] = defaultdict(list)
    for key, (cell, _) in cells.items():
        groups[key_of(cell.request.habit)].append(key)
    out: dict[str, PlannedRun] = {}
    for block, (habit, keys) in enumerate(groups.items()):
        if habit not in cells:
            out[habit] = PlannedRun(habit, _habit_values(cells[keys[0]][0]), is_cell=False, block=block)
        for key in sorted(keys, key=lambda k: k != habit):
            cell, derivatives = cells[key]
            own = None if key == habit else habit
            out[key] = PlannedRun(key, cell.values, cell.asked, {}, True, own, block, derivatives)
    return out


def _entry_of(entry: Mapping[str, Any]) -> PlannedRun:
    known = {name: value for name, value in entry.items() if name != "neighbour"}
    inputs = known.get("derivatives") or ()
    return PlannedRun(**{**known, "derivatives": tuple(inputs) if inputs is not True else ()})


def plan_of(text: str) -> Plan:
    """The plan that a plan.json holds.

    Raises
    ------
    InputError
        It is not one.
    """
    try:
        whole = json.loads(text)
        if whole.get("format") != FORMAT:
            raise InputError("it was not written by Footstrike")
        if whole["schema"] not in READABLE:
            known = " and ".join(map(str, READABLE))
            raise InputError(
                f"its schema is version {whole['schema']}, this Footstrike reads versions {known}"
            )
        entries = [_entry_of(entry) for entry in whole["entries"]]
        return Plan(
            name=whole["name"],
            experiment=whole["experiment"],
            varied=tuple(whole["varied"]),
            entries={e.key: e for e in entries},
            refused=tuple(Refused(**one) for one in whole["refused"]),
            fingerprint=whole["fingerprint"],
            versions=whole["versions"],
            made=whole["made"],
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"it is truncated or damaged: {error}") from error


def _entries(cells: Sequence[Cell], experiment: Experiment) -> dict[str, PlannedRun]:
    """Habitual gaits, then the cells block by block."""
    by_key = _keyed(cells)
    groups: dict[str, list[str]] = defaultdict(list)
    for key, cell in by_key.items():
        groups[key_of(cell.request.habit)].append(key)
    habits: dict[str, PlannedRun] = {}
    others: dict[str, PlannedRun] = {}
    block = 0
    for habit, keys in groups.items():
        habits[habit] = PlannedRun(habit, _habit_values(by_key[keys[0]]), is_cell=False, block=block)
        for members in _blocks({key: by_key[key] for key in keys}, experiment):
            for key in members:
                cell = by_key[key]
                entry = PlannedRun(key, cell.values, cell.asked, cell.relative, block=block)
                if key == habit:
                    habits[key] = entry
                else:
                    others[key] = replace(entry, habit=habit)
            block += 1
    return {**habits, **others}


def _keyed(cells: Sequence[Cell]) -> dict[str, Cell]:
    found: dict[str, Cell] = {}
    for cell in cells:
        key = key_of(cell.request)
        if key in found:
            raise InputError(f"two cells are the same ({told(cell.asked)}): leave one out")
        found[key] = cell
    return found


def _blocks(group: Mapping[str, Cell], experiment: Experiment) -> list[list[str]]:
    """Keys of the cells of one habit, block by block."""
    keys, cells = list(group), list(group.values())
    names = [name for name in experiment.varied if all(is_number(c.values[name]) for c in cells)]
    rows = [[float(c.values[name]) for name in names] for c in cells]
    points = scaled(np.array(rows).reshape(-1, len(names)))
    return [[keys[i] for i in members] for members in blocks(points, experiment.block)]


def _habit_values(cell: Cell) -> dict[str, Scalar]:
    """Values of the habitual gait of a cell, flat."""
    aside = {*MODIFIERS, *OPTIMISE, "from_strike", "free_step", "nearness", "starts"}
    kept = {name: value for name, value in cell.values.items() if name not in aside}
    return {**kept, "strike": cell.request.habit.strike}


def key_of(request: Request) -> str:
    """Name of a request's result: a hash of all that it depends on."""
    whole = f"{fingerprint_of_cells()}\n{identity(request)}"
    return hashlib.sha256(whole.encode()).hexdigest()[:_KEY]


@cache
def fingerprint_of_cells() -> str:
    """Hash of the code that makes a run, of all tables that it may read, and of the libraries."""
    digest = hashlib.sha256(repr(library_versions()).encode())
    stages = (*STAGES["runs"].made_by, *STAGES["sensitivities"].made_by)
    makers = (*stages, "simulation.request", "control.tasks", "opensim.tasks")
    digest.update(code(Stage(makers)).encode())
    for folder in (("models",), ("experiments", "targets")):
        for path in sorted(resource(*folder).iterdir()):
            if path.suffix in (".csv", ".toml"):
                digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()
