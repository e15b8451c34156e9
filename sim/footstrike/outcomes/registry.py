"""The registry of metrics: each number of a run is named once, with its unit, label, source and function.

A metric is registered where it is computed, by :func:`metric` over a function of a run, or by :func:`several` over one
that gives several numbers at once. From here it goes into ``--json``, tables, figures, claims and the reference.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, wraps
from importlib import import_module
from typing import Any, Concatenate, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from footstrike.errors import InputError, unknown_name
from footstrike.runs.run import Run

P = ParamSpec("P")
T = TypeVar("T")
OfRun = Callable[[Run], float | None]
SeveralOfRun = Callable[[Run], Sequence[float | None] | None]

ORDER = ("stride", "ground", "posture", "shock", "spine", "net_moments", "joint_contact", "joint_work")
"""Modules whose metrics come first, in this order; the others follow by name."""


@dataclass(frozen=True)
class Quantity:
    """What a number is.

    Attributes
    ----------
    name
        With its unit, as in ``--json``; dots lead into tables: ``lumbar.L5S1.peak_compression_bw``.
    unit
        As it is printed; ``1`` for a share.
    label
        For tables and figures, in lower case.
    source
        Where its definition comes from: a work, or the definition itself in a few words.
    """

    name: str
    unit: str
    label: str
    source: str

    @property
    def labelled(self) -> str:
        """Label and unit."""
        return self.label if self.unit == "1" else f"{self.label}, {self.unit}"

    @property
    def title(self) -> str:
        """The label as a heading."""
        return self.label[:1].upper() + self.label[1:]

    @property
    def column(self) -> str:
        """Its name in a flat table: ``L5S1_peak_compression_bw``."""
        return self.name.removeprefix("lumbar.").replace(".", "_")


@dataclass(frozen=True)
class Metric(Quantity):
    """A quantity with the function that computes it from a solved run; None where a run does not define it."""

    function: OfRun

    @property
    def topic(self) -> str:
        """The module that computes it."""
        return str(self.function.__module__).rpartition(".")[2]


_registered: dict[str, Metric] = {}


def metric(name: str, *, unit: str, label: str, source: str) -> Callable[[OfRun], OfRun]:
    """Register the function below as a metric; see :class:`Quantity`.

    Raises
    ------
    InputError
        Another function has that name already.
    """

    def register(function: OfRun) -> OfRun:
        _add(Metric(name, unit, label, source, function))
        return function

    return register


def several(*quantities: Quantity) -> Callable[[SeveralOfRun], SeveralOfRun]:
    """Register a function that gives several metrics, in this order, or None where it knows none of them.

    It is computed once for each run.

    Raises
    ------
    InputError
        Another function has one of the names already.
    """

    def register(function: SeveralOfRun) -> SeveralOfRun:
        values = once(function)
        for place, quantity in enumerate(quantities):
            _add(
                Metric(quantity.name, quantity.unit, quantity.label, quantity.source, _one_of(values, place))
            )
        return function

    return register


def once(function: Callable[Concatenate[Run, P], T]) -> Callable[Concatenate[Run, P], T]:
    """The function, computed once for each run and remembered for as long as the run lives."""
    known: WeakKeyDictionary[Run, dict[Any, T]] = WeakKeyDictionary()

    @wraps(function)
    def remembered(run: Run, /, *args: P.args, **kwargs: P.kwargs) -> T:
        of_run = known.setdefault(run, {})
        key = (args, tuple(kwargs.items()))
        if key not in of_run:
            of_run[key] = function(run, *args, **kwargs)
        return of_run[key]

    return remembered


def known_metrics() -> dict[str, Metric]:
    """All metrics by name: those of the package, module by module, then those that a user has registered."""
    _load_own()
    return {m.name: m for m in sorted(_registered.values(), key=_place)}


def named(name: str) -> Metric:
    """The metric of that name.

    Raises
    ------
    InputError
        There is none; the nearest name is given.
    """
    known = known_metrics()
    if name not in known:
        raise unknown_name("metric", name, known)
    return known[name]


def reference() -> str:
    """All metrics as tables in Markdown, one for each module."""
    by_topic: dict[str, list[Metric]] = {}
    for found in known_metrics().values():
        by_topic.setdefault(found.topic, []).append(found)
    return "\n".join(_section(topic, found) for topic, found in by_topic.items())


def _section(topic: str, found: Iterable[Metric]) -> str:
    lines = [
        f"## {topic.replace('_', ' ').capitalize()}",
        "",
        "| name | quantity | unit | source |",
        "|---|---|---|---|",
    ]
    lines += [f"| `{m.name}` | {m.label} | {m.unit} | {m.source} |" for m in found]
    return "\n".join([*lines, ""])


def _add(new: Metric) -> None:
    old = _registered.get(new.name)
    if old is not None and _origin(old) != _origin(new):
        raise InputError(f"metric {new.name!r} is registered already, by {'.'.join(_origin(old))}")
    _registered[new.name] = new


def _origin(of: Metric) -> tuple[str, str]:
    return of.function.__module__, of.function.__qualname__


def _one_of(values: SeveralOfRun, place: int) -> OfRun:
    @wraps(values)
    def value(run: Run) -> float | None:
        found = values(run)
        return None if found is None else found[place]

    return value


def _place(of: Metric) -> tuple[bool, int, str]:
    own = of.function.__module__.startswith(f"{__package__}.")
    return not own, ORDER.index(of.topic) if of.topic in ORDER else len(ORDER), of.topic


@cache
def _load_own() -> None:
    package = import_module(str(__package__))
    for module in pkgutil.iter_modules(package.__path__):
        import_module(f"{__package__}.{module.name}")
