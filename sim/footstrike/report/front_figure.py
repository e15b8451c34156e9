"""The picture of a sweep's fronts: what less load costs, with the habitual gait of each strike."""

from __future__ import annotations

import io
import itertools
from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from footstrike.outcomes.registry import known_metrics
from footstrike.report.style import LINE, colour_of_group, plain_look
from footstrike.study.front import TRADE_OFFS, BestSetting, TradeOffs, named_group


def front_picture(found: TradeOffs, kind: str) -> bytes:
    """The fronts as a picture, ``png`` or ``svg``: a panel for each trade-off.

    Points are predictions of surfaces, with their leave-one-out error (1 SD) as bars; ◆ is the habitual gait, solved. Points whose
    changes do not exceed their errors are not drawn.
    """
    with mpl.rc_context(plain_look()):
        figure = Figure(figsize=(9.0, 7.0), layout="constrained")
        for axes, pair in zip(figure.subplots(2, 2).flat, TRADE_OFFS, strict=True):
            _panel(axes, found, pair)
        buffer = io.BytesIO()
        figure.savefig(buffer, format=kind, dpi=160, metadata={"Date": None} if kind == "svg" else None)
    return buffer.getvalue()


def _panel(axes: Axes, found: TradeOffs, pair: tuple[str, str]) -> None:
    labels = {m.column: m.label for m in known_metrics().values()}
    objective, limited = pair
    for name in found.habits:
        points = [
            one for one in found.best
            if (one.objective, one.limited) == pair and named_group(one.group) == name and one.drawn
        ]  # fmt: skip
        if points:
            _line(axes, name, points, pair)
    axes.plot(0.0, 0.0, "D", color="#444444", markersize=7, zorder=3, label="habit of each")
    axes.axhline(0.0, color="#bbbbbb", linewidth=0.6, zorder=0)
    axes.axvline(0.0, color="#bbbbbb", linewidth=0.6, zorder=0)
    axes.set_xlabel(f"{labels[limited]}, % from habit")
    axes.set_ylabel(f"{labels[objective]},\n% from habit")
    axes.legend(fontsize=8)


def _line(axes: Axes, name: str, points: Sequence[BestSetting], pair: tuple[str, str]) -> None:
    y, x = ([one.estimates[metric] for one in points] for metric in pair)
    colour = colour_of_group(name)
    strike = name.split(", ")[0]
    for one, two in itertools.pairwise(points):
        if two.number == one.number + 1:  # nothing is known to lie between others
            ends = [[p.estimates[metric].change_pct for p in (one, two)] for metric in pair]
            axes.plot(ends[1], ends[0], LINE.get(strike, "-"), color=colour)
    axes.errorbar(
        [e.change_pct for e in x],
        [e.change_pct for e in y],
        xerr=np.array([e.error_pct for e in x]),
        yerr=np.array([e.error_pct for e in y]),
        fmt="o",
        color=colour,
        markersize=4,
        elinewidth=0.8,
        label=name,
    )
