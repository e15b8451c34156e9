"""Tables of a page as CSV: what is plotted can be taken along, without a network."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import numpy as np

from footstrike.claims.judgement import Judgement
from footstrike.outcomes import ground
from footstrike.runs.run import Run

PERCENT = np.arange(101.0)


@dataclass(frozen=True)
class Table:
    """Content of a file for taking along, and its name and ending."""

    name: str
    text: str
    ending: str = "csv"

    @property
    def file(self) -> str:
        """Name of the file."""
        return f"{self.name}.{self.ending}"

    @property
    def link(self) -> str:
        """Address that holds the whole file."""
        return f"data:text/{'csv' if self.ending == 'csv' else 'plain'};charset=utf-8,{quote(self.text, safe=',')}"


def table(name: str, rows: Iterable[Mapping[str, Any]]) -> Table:
    """Rows as a table, all with the fields of the first."""
    found = list(rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(found[0]) if found else ["empty"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(found)
    return Table(name, text.getvalue())


def effects_table(name: str, records: Iterable[Judgement]) -> Table:
    """Judgements flat: effect, interval, size, verdict, flip distance, shares and counts."""
    return table(name, [_flat(record) for record in records])


def drivers_table(name: str, records: Iterable[Judgement]) -> Table:
    """What each input changes each effect by, for one SD, to first order."""
    return table(
        name,
        [
            {"claim": r.claim, "metric": r.metric, "contrast": r.contrast, "speed_mps": r.speed_mps, "input": i,
             "change_per_sd": step, "unit": r.unit}
            for r in records
            for i, step in r.drivers.items()
        ],
    )  # fmt: skip


def curves_table(runs: Sequence[Run]) -> Table:
    """What the page plots over the stride from right contact, at every per cent of it."""
    rows = []
    for run in runs:
        at = 100.0 * (run.time - run.time[0]) / run.period
        named = {
            f"{name}_deg": np.degrees(values)
            for name, values in run.coordinates.items()
            if "pelvis_t" not in name
        }
        weight = ground.weight(run)
        named |= {f"{side}_ground_f{axis}_bw": force[:, k] / weight
                  for side, force in run.ground_force.items() for k, axis in enumerate("xyz")}  # fmt: skip
        for level, loads in run.lumbar.items():
            named |= {
                f"{level}_{q}_bw": loads[q] / weight for q in ("compression", "anterior_shear") if q in loads
            }
        columns = {name: np.interp(PERCENT, at, values) for name, values in named.items()}
        for k, percent in enumerate(PERCENT):
            head = {"strike": run.strike, "speed_mps": run.speed, "stride_pct": f"{percent:g}"}
            rows.append(head | {name: f"{values[k]:.5g}" for name, values in columns.items()})
    fields = list(dict.fromkeys(name for row in rows for name in row))
    return table("curves", [{name: row.get(name, "") for name in fields} for row in rows])


def tables_of(pair: Sequence[Run], records: Sequence[Judgement]) -> list[Table]:
    """The page's tables: curves of its pair, and of a folder of claims effects and drivers."""
    found = [curves_table(pair)]
    if records:
        found += [effects_table("effects", records), drivers_table("drivers", records)]
    return found


def _flat(record: Judgement) -> dict[str, Any]:
    plain = record.model_dump(
        include={
            "claim", "metric", "label", "unit", "role", "contrast", "speed_mps", "decides", "rearfoot", "forefoot",
            "effect", "low", "high", "effect_size", "sd", "threshold", "above", "below", "verdict", "basis", "solved",
            "failed",
        }
    )  # fmt: skip
    turn = record.flip
    return plain | {"flip_distance": turn and turn.distance, "flip_to": turn and turn.to}
