"""Pictures of the study: what moves, and what it does to L5/S1. Habits are black, rearfoot solid, forefoot dashed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from gaits import SPEED, Gait, Study
from muscles import LEVEL, least_effort_peak
from numpy.typing import NDArray
from tables import KNEE, MARKERS, PEAK, SHEAR, near

from footstrike.outcomes import ground, signals
from footstrike.report.style import COLOUR

Array = NDArray[np.float64]
Curve = Callable[[Gait], Array]

STYLE: dict[str, Any] = {
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "legend.title_fontsize": 8,
}
TRUNK = ("pelvis", "L5S1", "L3L4", "T12L1", "t10", "c7", "head")
LEG = ("pelvis", "hip_r", "knee_r", "ankle_r", "heel_r", "toe_r", "ankle_r")
STEPS = {0.85: ":", 1.0: "-", 1.15: "--"}


def lean(study: Study, path: Path) -> None:
    """Trunk at right contact, compression and shear over the stride, peaks against lean."""
    _series_figure(
        study, "trunk_lean", "deg of lean", (_posture(TRUNK, LEG), "Right contact, from the side"), path
    )


def strike_angle(study: Study, path: Path) -> None:
    """Pitch of the right foot and ankle around contact, compression and shear, peaks against the angle."""
    _series_figure(study, "foot_strike_angle", "deg", (_ankle, "Right ankle around contact"), path)


def rotation(study: Study, path: Path) -> None:
    """Rotation of the lumbar spine, compression and shear, peaks."""
    _series_figure(study, "rotation", "times habit", (_angles("lumbar_rotation", "pelvis_rotation"),
                   "Rotation: trunk on pelvis (pelvis thin)"), path)  # fmt: skip


def arm_swing(study: Study, path: Path) -> None:
    """Flexion of the right shoulder, compression and shear, peaks."""
    _series_figure(
        study, "arm_swing", "times habit", (_angles("arm_flex_r"), "Flexion of the right shoulder"), path
    )


def corners(study: Study, path: Path) -> None:
    """What a straight and a bent knee do with short, habitual and long steps, under each strike."""
    panels = {
        "Peak compression at L5/S1, BW": PEAK,
        "Loading rate, BW/s": "valr_bw_per_s",
        "Peak patellofemoral force, BW": "patellofemoral_peak_bw",
        "Net metabolic cost, J/kg/m": "metabolic_cost_j_per_kg_m",
    }
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(1, 4, figsize=(14, 4), layout="constrained")
        for axis, (title, metric) in zip(axes, panels.items(), strict=True):
            _corner_lines(axis, study, metric)
            axis.set(title=title, xlabel="knee flexion at contact, deg")
        figure.legend(
            *axes[0].get_legend_handles_labels(),
            title="step length, times habit",
            loc="outside lower center",
            ncols=6,
        )
        _save(figure, path)


def _corner_lines(axis: Any, study: Study, metric: str) -> None:
    for strike, colour in COLOUR.items():
        habit = study.habit(strike)
        for times, line in STEPS.items():
            step = times * habit.number("step_length_m")
            own = [
                g
                for g in study.corners()
                if g.run.strike == strike and abs(g.number("step_length_m") - step) < 1e-3
            ]
            axis.plot([g.number(KNEE) for g in own], [g.number(metric) for g in own], line, marker="o", ms=4,
                      color=colour, label=f"{strike}, {times:g}")  # fmt: skip
        axis.plot(habit.number(KNEE), habit.number(metric), "*", ms=11, color=colour, mec="k", zorder=5)


def conversion(study: Study, path: Path) -> None:
    """Leg and ankle at contact, force and compression at 3.5 m/s; changes at every speed and nearness."""
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(2, 4, figsize=(14, 7.4), layout="constrained")
        for who, shift in (("rearfoot", 0.0), ("forefoot", 0.45)):
            for g, line in ((study.habit(who), "-"), (study.converted(who), "--")):
                leg = np.array([g.run.points[name][0] - g.run.points["pelvis"][0] for name in LEG])
                height = [g.run.points[name][0, 1] for name in LEG]
                words = f"{who} runner, {'habit' if line == '-' else 'asked to land ' + g.run.strike}"
                axes[0, 0].plot(leg[:, 0] + shift, height, line, color=COLOUR[who], lw=1.5)
                _converted(axes[0], g, line, COLOUR[who], words)
        axes[0, 0].axhline(0, color="0.6", lw=0.8)
        axes[0, 0].set_aspect("equal", adjustable="datalim")
        axes[0, 0].set(
            title="Right leg at contact", xlabel="ahead, m (forefoot runner beside)", ylabel="height, m"
        )
        axes[0, 1].set(
            title="Right ankle around contact", xlabel="ms since contact", ylabel="deg, dorsiflexion +"
        )
        axes[0, 2].set(title=f"Vertical force at {SPEED:g} m/s, BW", xlabel="ms since contact")
        axes[0, 3].set(title="Compression at L5/S1, BW", xlabel="stride from right contact, %", xlim=(0, 50))
        handles = axes[0, 2].get_legend_handles_labels()[0] + _changes(axes[1], study)
        figure.legend(handles=handles, loc="outside lower center", ncols=5)
        _save(figure, path)


def _converted(axes: Sequence[Any], g: Gait, line: str, colour: str, words: str) -> None:
    milliseconds, angle = _around_contact(g)
    axes[1].plot(milliseconds, angle, line, color=colour)
    phase = ground.stance(g.run)
    assert phase is not None
    axes[2].plot(1000 * phase.t, phase.fy, line, color=colour, label=words)
    axes[3].plot(_percent(g), _load(g, "compression"), line, color=colour)


_CHANGES = {
    "Change of knee at contact, deg": (KNEE, 1.0),
    "Change of step length, cm": ("step_length_m", 100.0),
    "Change of loading rate, BW/s": ("valr_bw_per_s", 1.0),
    "Change of L5/S1 peak, BW": (PEAK, 1.0),
}


def _changes(axes: Sequence[Any], study: Study) -> list[Any]:
    """Change from the runner's own habit against speed, a marker for each nearness, and the contrast of the groups."""
    markers = {"1/3": "v", "1": "o", "3": "^"}
    for axis, (title, (metric, factor)) in zip(axes, _CHANGES.items(), strict=True):
        for g in study.conversions():
            change = factor * (g.number(metric) - study.habit_of(g).number(metric))
            at = g.run.speed + (-0.06 if g.from_strike == "rearfoot" else 0.06)
            axis.plot(
                at, change, markers[near(g)], color=COLOUR[g.from_strike or ""], ms=6, mfc="none", mew=1.6
            )
        for speed in (2.5, 3.5, 4.5):
            rear, fore = (study.habit(strike, speed).number(metric) for strike in ("rearfoot", "forefoot"))
            axis.plot(speed, factor * (fore - rear), "kx", ms=7)
        axis.axhline(0, color="0.6", lw=0.8)
        axis.set(title=title, xlabel="speed, m/s", xticks=(2.5, 3.5, 4.5), xlim=(2.2, 4.8))
    shown = {
        f"nearness {near_}": {"marker": m, "color": "0.3", "mfc": "none"} for near_, m in markers.items()
    }
    shown["forefoot less rearfoot group"] = {"marker": "x", "color": "k"}
    return [plt.Line2D([], [], ls="", label=label, **style) for label, style in shown.items()]


def _series_figure(
    study: Study, name: str, unit: str, moves: tuple[Callable[..., None], str], path: Path
) -> None:
    """Four panels of one modifier: what moves, compression and shear over the stride, peaks."""
    habit, series = study.habit(), study.series(name)
    colours = list(plt.colormaps["viridis"](np.linspace(0.0, 0.9, len(series))))
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(1, 4, figsize=(14, 3.6), layout="constrained")
        draw, title = moves
        draw(axes[0], (*series, habit), [*colours, "k"])
        axes[0].set_title(title)
        for axis, what, words in (
            (axes[1], "compression", "Compression"),
            (axes[2], "anterior_shear", "Anterior shear"),
        ):
            for g, colour in zip((*series, habit), [*colours, "k"], strict=True):
                label = "habit" if g is habit else f"{g.asks(name):g}"
                axis.plot(
                    _percent(g), _load(g, what), color=colour, lw=2.2 if g is habit else 1.3, label=label
                )
            axis.set(title=f"{words} at L5/S1, BW", xlabel="stride from right contact, %", xlim=(0, 50))
        axes[1].legend(title=unit, ncols=2)
        _peaks(axes[3], series, habit, name)
        axes[3].set(title="Peaks at L5/S1, BW", xlabel=f"asked, {unit}")
        _save(figure, path)


def _peaks(axis: Any, series: Sequence[Gait], habit: Gait, name: str) -> None:
    asked = [g.asks(name) or 0.0 for g in series]
    own = {"trunk_lean": "trunk_lean_mean_deg", "foot_strike_angle": MARKERS}.get(name)
    at = habit.number(own) if own else 1.0
    axis.plot(asked, [g.number(PEAK) for g in series], "o-", color="k", label="compression")
    axis.plot(
        asked,
        [least_effort_peak(g) for g in series],
        "s--",
        color="0.5",
        mfc="w",
        label="the same, muscles sharing anew",
    )
    axis.plot(
        asked, [g.number(SHEAR) for g in series], "^:", color=COLOUR["forefoot"], label="anterior shear"
    )
    for y in (habit.number(PEAK), habit.number(SHEAR)):
        axis.plot(at, y, "*", ms=11, color="gold", mec="k", zorder=5)
    axis.set_ylim(0, None)
    axis.legend(loc="center right")


def _posture(*chains: tuple[str, ...]) -> Callable[..., None]:
    def draw(axis: Any, gaits: Sequence[Gait], colours: Sequence[Any]) -> None:
        _draw_posture(axis, gaits, colours, *chains)

    return draw


def _draw_posture(axis: Any, gaits: Sequence[Gait], colours: Sequence[Any], *chains: tuple[str, ...]) -> None:
    """Lines through points of the body at right contact, ahead of the pelvis, m."""
    for g, colour in zip(gaits, colours, strict=True):
        points = g.run.points
        for chain in chains:
            line = np.array([points[name][0] - [points["pelvis"][0, 0], 0.0, 0.0] for name in chain])
            axis.plot(line[:, 0], line[:, 1], color=colour, lw=2.0 if not g.asked else 1.4)
    axis.axhline(0, color="0.6", lw=0.8)
    axis.set_aspect("equal", adjustable="datalim")
    axis.set(xlabel="ahead of the pelvis, m", ylabel="height, m")


def _angles(thick: str, thin: str | None = None) -> Callable[..., None]:
    def draw(axis: Any, gaits: Sequence[Gait], colours: Sequence[Any]) -> None:
        for g, colour in zip(gaits, colours, strict=True):
            wide = 2.2 if not g.asked else 1.5
            axis.plot(_percent(g), np.rad2deg(g.run.coordinates[thick]), color=colour, lw=wide)
            if thin:
                axis.plot(_percent(g), np.rad2deg(g.run.coordinates[thin]), color=colour, lw=0.7)
        axis.set(
            xlabel="stride from right contact, %", ylabel="deg, to the left +" if thin else "deg, forward +"
        )

    return draw


def _ankle(axis: Any, gaits: Sequence[Gait], colours: Sequence[Any]) -> None:
    """Angle of the right ankle from 60 ms before to 60 ms after contact; a dot at contact."""
    for g, colour in zip(gaits, colours, strict=True):
        milliseconds, angle = _around_contact(g)
        axis.plot(milliseconds, angle, color=colour, lw=2.2 if not g.asked else 1.4)
        axis.plot(0, angle[60], "o", ms=4, color=colour)
    axis.set(xlabel="ms since contact", ylabel="deg, dorsiflexion +")


def _around_contact(g: Gait) -> tuple[Array, Array]:
    """Milliseconds since contact, and the angle of the right ankle, deg."""
    milliseconds = np.linspace(-60, 60, 121)
    ankle = g.run.coordinates["ankle_angle_r"]
    return milliseconds, np.rad2deg([signals.at(ankle, t / 1000, g.run.period) for t in milliseconds])


def _percent(g: Gait) -> Array:
    return 100.0 * (g.run.time - g.run.time[0]) / g.run.period


def _load(g: Gait, what: str) -> Array:
    return g.run.lumbar[LEVEL][what] / g.weight


def _save(figure: Any, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=90)
    plt.close(figure)
