"""The numbers of runs, by the names that every command prints: of one run as a dict, of many as a table.

What there is stands in :mod:`footstrike.outcomes.registry`. Values per step are those of the right foot. ``None`` means:
not defined for this run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from footstrike.outcomes.registry import known_metrics
from footstrike.runs.run import Run

if TYPE_CHECKING:
    from pandas import DataFrame

SOLVER_FIELDS = (
    "wall_s",
    "iterations",
    "points",
    "residual_max_bw",
    "opensim_residual_max_bw",
    "reserve_max_nm",
    "starts",
    "objective_spread",
    "energy_imbalance",
)

Metrics = dict[str, Any]


def metrics(run: Run) -> Metrics:
    """All result fields of a run; from an unsolved one only its identity and the solver's record.

    Returns
    -------
    dict
        ``status, strike, speed_mps``, then every metric (``None`` where not defined), ``lumbar`` by level and
        ``solver``. Units are in the names; bw = body weights.
    """
    head: Metrics = {"status": run.status, "strike": run.strike}
    head |= {} if run.solved else {"message": run.message}
    solver = {name: run.solver.get(name) for name in SOLVER_FIELDS} | run.solver
    found = _values(run)
    flat = {name: value for name, value in found.items() if "." not in name}
    return head | flat | {"lumbar": _levels(found), "solver": solver}


def metrics_table(runs: Sequence[Run] | Mapping[str, Run]) -> DataFrame:
    """The metrics of runs, a row for each.

    Parameters
    ----------
    runs
        Runs, or runs by the name that their row shall have.

    Returns
    -------
    pandas.DataFrame
        Columns ``status``, ``strike`` and all metrics, levels flat: ``L5S1_peak_compression_bw``; NaN where not
        defined. ``attrs["units"]`` and ``attrs["labels"]`` have unit and label of each of these.
    """
    from pandas import DataFrame

    known = known_metrics()
    names = list(runs) if isinstance(runs, Mapping) else None
    listed = list(runs.values()) if isinstance(runs, Mapping) else list(runs)
    numbers = DataFrame(
        [_values(run) for run in listed], index=names, columns=list(known), dtype=float
    ).rename(columns={m.name: m.column for m in known.values()})
    numbers.insert(0, "status", [run.status for run in listed])
    numbers.insert(1, "strike", [run.strike for run in listed])
    numbers.attrs = {
        "units": {m.column: m.unit for m in known.values()},
        "labels": {m.column: m.label for m in known.values()},
    }
    return numbers


def _values(run: Run) -> dict[str, float | None]:
    known = known_metrics()
    values = {name: of.function(run) if run.solved else None for name, of in known.items()}
    return values | {"speed_mps": run.speed}


def _levels(values: Mapping[str, float | None]) -> dict[str, dict[str, float | None]]:
    """Lumbar loads by level, without levels of which nothing is known."""
    out: dict[str, dict[str, float | None]] = {}
    for name, value in values.items():
        if name.startswith("lumbar."):
            _, level, quantity = name.split(".")
            out.setdefault(level, {})[quantity] = value
    return {level: loads for level, loads in out.items() if any(v is not None for v in loads.values())}
