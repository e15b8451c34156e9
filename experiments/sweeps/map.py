"""Tables and pictures of the map: loads and cost over step length and knee flexion at contact, both strikes.

    footstrike sweep map -o map
    footstrike front map --confirm 8
    python experiments/sweeps/map.py map [-o docs]

Writes img/map.png and img/map_fronts.png, and data/map_optima.csv, data/map_fronts.csv, data/map_confirmed.csv,
data/map_errors.csv and data/map_cells.csv.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from footstrike.outcomes.registry import known_metrics
from footstrike.report.front_figure import front_picture
from footstrike.study.confirm import confirmed
from footstrike.study.front import COST, METRICS, OBJECTIVES, PEAK, TradeOffs, trade_offs
from footstrike.study.surfaces import Surface, surfaces
from footstrike.study.sweep import Sweep

DRAWN = (PEAK, COST, "achilles_peak_bw", "knee_contact_peak_bw")
TEN = (
    PEAK,
    "L5S1_peak_anterior_shear_bw",
    "L5S1_impulse_per_km_bw_s",
    "L5S1_damage_m4_per_km_bw4_s",
    "L5S1_damage_m10_per_km_bw10_s",
    COST,
    "achilles_peak_bw",
    "knee_contact_peak_bw",
    "vgrf_active_peak_bw",
    "valr_bw_per_s",
)
LABEL = {m.column: m.label for m in known_metrics().values()}
SHORT = dict(
    zip(METRICS, ("peak at L5/S1", "damage, m = 4", "damage, m = 10", "cost", "Achilles"), strict=True)
)


def drawn(found: TradeOffs, fits: list[Surface], table: pd.DataFrame, habits: pd.DataFrame) -> plt.Figure:
    """A map for each metric and strike: change from habit by the surface, with the solved gaits as points."""
    strikes = list(found.habits)
    figure, grid = plt.subplots(
        len(DRAWN), len(strikes), figsize=(8.4, 12.0), layout="constrained", sharex=True
    )
    for row, metric in zip(grid, DRAWN, strict=True):
        of = {s.group["strike"]: s for s in fits if s.metric == metric}
        span = max(np.abs(change(of[s], habits, found.habits[s])(grid_of(of[s])[2])).max() for s in strikes)
        for axes, strike in zip(row, strikes, strict=True):
            rows = table[(table["strike"] == strike) & (table["status"] == "solved")]
            panel(axes, of[strike], habits, found.habits[strike], rows, span)
            best = [
                b
                for b in found.best
                if b.limited is None and b.objective == metric and b.group["strike"] == strike
            ]
            for one in best:
                axes.plot(
                    *one.setting.values(),
                    "*",
                    color="black",
                    markersize=14,
                    markeredgecolor="white",
                    zorder=5,
                )
            axes.set_title(f"{strike}: {LABEL[metric]}", fontsize=9)
    for axes in grid[-1]:
        axes.set_xlabel("step length, % from habit")
    for axes in grid[:, 0]:
        axes.set_ylabel("knee flexion at contact, deg")
    return figure


def grid_of(surface: Surface) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two axes, and all pairs of them."""
    x, y = (np.linspace(a.low, a.high, 61) for a in surface.axes)
    both = np.stack(np.meshgrid(x, y), axis=-1)
    return x, y, both.reshape(-1, 2)


def change(surface: Surface, habits: pd.DataFrame, habit: dict[str, Any]) -> Any:
    """Change from habit, %, at places."""
    usual = float(habits.loc[habit["key"], surface.metric])
    return lambda at: 100.0 * (surface.predict(at).value / usual - 1.0)


def panel(
    axes: Axes, surface: Surface, habits: pd.DataFrame, habit: dict[str, Any], rows: pd.DataFrame, span: float
) -> None:
    """One map; nothing but points where its surface is not trusted."""
    x, y, both = grid_of(surface)
    usual = float(habits.loc[habit["key"], surface.metric])
    if surface.trusted:
        z = change(surface, habits, habit)(both).reshape(len(y), len(x))
        filled = axes.contourf(
            x, y, z, levels=MaxNLocator(24, symmetric=True).tick_values(-span, span), cmap="PuOr_r"
        )
        lines = axes.contour(x, y, z, levels=8, colors="black", linewidths=0.5)
        axes.clabel(lines, fmt="%g", fontsize=7)
        axes.figure.colorbar(filled, ax=axes, shrink=0.8, format="%.3g")
    own = 100.0 * (rows[surface.metric] / usual - 1.0)
    places = (rows[a.column] for a in surface.axes)
    axes.scatter(
        *places,
        c=own,
        cmap="PuOr_r",
        vmin=-span,
        vmax=span,
        s=26,
        edgecolors="black",
        linewidths=0.6,
        zorder=3,
    )
    axes.plot(*habit["at"], "D", color="white", markeredgecolor="black", markersize=8, zorder=4)


def optima_table(found: TradeOffs, solved: pd.DataFrame, habits: pd.DataFrame) -> pd.DataFrame:
    """Each strike and objective: where, how much from habit, by the surface and solved; spread; multipliers."""
    frame = found.to_frame()
    rows = []
    for _, one in frame[frame["kind"] == "optimum"].iterrows():
        metric = one["objective"]
        there = solved[
            (solved["group"] == one["group"]) & (solved["kind"] == "optimum") & (solved["objective"] == metric)
        ] if len(solved) else solved  # fmt: skip
        habit = habits.loc[found.habits[one["group"]]["key"]]

        def own(name: str, there: pd.DataFrame = there, habit: pd.Series = habit) -> str:
            return (
                f"{100.0 * (there.iloc[0][f'{name}_solved'] / habit[name] - 1.0):+.1f}" if len(there) else ""
            )

        rows.append(
            {
                "strike": one["group"],
                "least": SHORT[metric],
                "step length, %": f"{one['step_length']:+.1f}",
                "knee, deg": f"{one['knee_flexion']:.1f}",
                "by the surface, %": f"{one[f'{metric}_change_pct']:+.1f} ± {one[f'{metric}_error_pct']:.1f}",
                "solved, %": own(metric),
                "peak L5/S1 solved, %": own(PEAK),
                "cost solved, %": own(COST),
                "Achilles solved, %": own("achilles_peak_bw"),
                "spread of 5 starts, %": f"{one['spread_pct']:.2g} ({one['starts_agreed']} agree)",
                "range of step 1 % wider, %": further(one["end_step_length"]),
                "range of knee 1 deg wider, %": further(one["end_knee_flexion"]),
            }
        )
    return pd.DataFrame(rows)


def confirmed_table(solved: pd.DataFrame) -> pd.DataFrame:
    """Predicted and solved of each setting once: change from habit that the surface missed."""
    rows = []
    for _, one in solved.drop_duplicates(["group", "step_length", "knee_flexion"]).iterrows():
        grid = one["step_length"] % 5 == 0 and one["knee_flexion"] % 5 == 0
        missed = {f"{SHORT[name]} missed, %": f"{one[f'{name}_missed_pct']:+.2f}" for name in METRICS}
        rows.append(
            {
                "strike": one["group"],
                "step length, %": f"{one['step_length']:+.1f}",
                "knee, deg": f"{one['knee_flexion']:.1f}",
                "solved": "in the map" if grid else "to confirm",
                "peak at L5/S1 predicted, BW": f"{one[f'{PEAK}_predicted']:.3f}",
                "solved, BW": f"{one[f'{PEAK}_solved']:.3f}",
                **missed,
            }
        )
    return pd.DataFrame(rows)


def further(taken: float) -> str:
    """What a multiplier of a range takes, nothing where the range does not hold it back."""
    return f"{-taken:+.2f}" if taken else ""


def fronts_table(found: TradeOffs) -> pd.DataFrame:
    """The points of all fronts."""
    frame = found.to_frame()
    rows = []
    for _, one in frame[(frame["kind"] == "front") & frame["drawn"]].iterrows():
        shown = {
            kind: f"{one[f'{name}_change_pct']:+.1f} ± {one[f'{name}_error_pct']:.1f}" if one[f"{name}_resolved"] else "unresolved"
            for kind, name in (("least, %", one["objective"]), ("limited, %", one["limited"]))
        }  # fmt: skip
        rows.append(
            {
                "strike": one["group"],
                "least": SHORT[one["objective"]],
                "limited": SHORT[one["limited"]],
                "step length, %": f"{one['step_length']:+.1f}",
                "knee, deg": f"{one['knee_flexion']:.1f}",
                **shown,
                "1 % more buys, %": f"{one['rate']:.2f}" if one["rate"] > 0 else "",
            }
        )
    return pd.DataFrame(rows)


def errors_table(fits: list[Surface], table: pd.DataFrame) -> pd.DataFrame:
    """Leave-one-out error of ten metrics against the range of the surface and of the solved gaits."""
    rows = []
    for metric in TEN:
        for s in (one for one in fits if one.metric == metric):
            own = table[(table["strike"] == s.group["strike"]) & (table["status"] == "solved")][metric]
            rows.append(
                {
                    "metric": s.label,
                    "unit": s.unit,
                    "strike": s.group["strike"],
                    "range of solved": f"{np.ptp(own):.3g}",
                    "range of surface": f"{s.effect:.3g}",
                    "error": f"{s.error:.2g}",
                    "error, % of range": f"{100.0 * s.error / s.effect:.1f}" if s.effect else "",
                    "kind": s.fit.plain()["kind"],
                    "trusted": "yes" if s.trusted else "no",
                }
            )
    return pd.DataFrame(rows)


def cells_table(sweep: Sweep) -> pd.DataFrame:
    """Solved and failed cells of each strike, with iterations and time."""
    rows = []
    for strike in dict.fromkeys(str(e.values["strike"]) for e in sweep.plan.cells):
        cells = [e for e in sweep.plan.cells if e.values["strike"] == strike]
        runs = [sweep.folder.load(e.key) for e in cells if sweep.folder.is_solved(e.key)]
        taken, steps = ([float(r.solver[name]) for r in runs] for name in ("wall_s", "iterations"))
        rows.append(
            {
                "strike": strike,
                "cells": len(cells),
                "solved": len(runs),
                "failed": sum(sweep.folder.is_failed(e.key) for e in cells),
                "iterations, median (largest)": f"{np.median(steps):.0f} ({max(steps):.0f})",
                "time, s, median (largest)": f"{np.median(taken):.0f} ({max(taken):.0f})",
                "largest reserve, N m": f"{max(float(r.solver['reserve_max_nm']) for r in runs):.1f}",
            }
        )
    return pd.DataFrame(rows)


def main() -> None:
    """Make all."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("-o", "--out", type=Path, default=Path("docs"))
    given = parser.parse_args()
    for part in ("img", "data"):
        (given.out / part).mkdir(parents=True, exist_ok=True)
    sweep = Sweep(given.folder)
    found = trade_offs(sweep)
    table, habits = sweep.to_frame(), sweep.habits_frame()
    fits = surfaces(sweep, list(dict.fromkeys((*TEN, *DRAWN, *OBJECTIVES))))
    solved = confirmed(found)
    drawn(found, fits, table, habits).savefig(given.out / "img" / "map.png", dpi=130)
    (given.out / "img" / "map_fronts.png").write_bytes(front_picture(found, "png"))
    data = {
        "optima": optima_table(found, solved, habits),
        "fronts": fronts_table(found),
        "confirmed": confirmed_table(solved),
        "errors": errors_table(fits, table),
        "cells": cells_table(sweep),
    }
    for name, frame in data.items():
        frame.to_csv(given.out / "data" / f"map_{name}.csv", index=False)


if __name__ == "__main__":
    main()
