"""The figures of the page, one panel each, from solved runs (at most one of each strike)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from footstrike.errors import InputError
from footstrike.gait.bands import Band, force_band, joint_band
from footstrike.gait.moments import moment_band
from footstrike.model.rows import LEVELS
from footstrike.outcomes import ground, net_moments
from footstrike.outcomes.spine import quantity, shown
from footstrike.report.style import COLOUR, FAINT, INK, LINE, PANEL, Picture, drawn, legend, panel
from footstrike.runs.run import Array, Run

Row = Mapping[str, Any]


_ANGLES = (
    ("hip_flexion_r", "Hip flexion", "flexion +", 1.0),
    ("hip_adduction_r", "Hip adduction", "adduction +", 1.0),
    ("knee_angle_r", "Knee flexion", "flexion +", -1.0),
    ("ankle_angle_r", "Ankle", "dorsiflexion +", 1.0),
    ("pelvis_tilt", "Pelvis tilt", "backward +", 1.0),
    ("pelvis_rotation", "Pelvis rotation", "to the left +", 1.0),
    ("lumbar_extension", "Lumbar extension", "extension +", 1.0),
    ("lumbar_bending", "Lumbar bending", "to the right +", 1.0),
    ("lumbar_rotation", "Lumbar rotation", "thorax to the left +", 1.0),
)
_L5S1_MOMENTS = (
    ("lumbar_extension", "Extension at L5/S1", "extends the trunk +"),
    ("lumbar_bending", "Bending at L5/S1", "to the right +"),
    ("lumbar_rotation", "Rotation at L5/S1", "to the left +"),
)
_LEG_MOMENTS = (
    ("hip_flexion_r", "Hip flexion", "flexes +"),
    ("hip_adduction_r", "Hip adduction", "adducts +"),
    ("knee_angle_r", "Knee extension", "extends +"),
    ("ankle_angle_r", "Ankle", "dorsiflexes +"),
)
_SHEAR_SIGN = "positive where the load pushes the upper vertebra forward over the lower one"
_FORCES = (("fy", 1, "Vertical ground force", "up +"), ("fx", 0, "Fore-aft ground force", "forward +"))


def ground_forces(runs: Sequence[Run]) -> list[Picture]:
    """Vertical and fore-aft force of the right foot over stance, with the group band behind."""
    return [_ground_force(runs, *row) for row in _FORCES]


def joint_angles(runs: Sequence[Run]) -> list[Picture]:
    """Joint angles over the stride from right contact, with the group band behind."""
    return [_angle(runs, *row) for row in _ANGLES if any(row[0] in run.coordinates for run in runs)]


def moments(runs: Sequence[Run]) -> list[Picture]:
    """Net moments at L5/S1 and of the right leg over the stride, with the band of measured runners behind."""
    known = [
        (row, [run for run in runs if net_moments.curve(run, row[0]) is not None])
        for row in (*_L5S1_MOMENTS, *_LEG_MOMENTS)
    ]
    return [_moment(of, *row) for row, of in known if of]


def lumbar_curves(runs: Sequence[Run], level: str = "L5S1") -> list[Picture]:
    """Compression and anterior shear of one level over the stride."""
    known = [run for run in runs if run.muscle_driven and level in run.lumbar]
    if not known:
        return []
    name = shown(level)
    return [
        _lumbar(
            known, level, "compression", f"Compression at {name}", "along the chord of joint centres, press +"
        ),
        _lumbar(known, level, "anterior_shear", f"Anterior shear at {name}", _SHEAR_SIGN),
    ]


def lumbar_levels(found: Mapping[str, Row]) -> list[Picture]:
    """Peak compression and peak anterior shear by level, bars side by side per strike."""
    by_strike = {strike: values["lumbar"] for strike, values in found.items() if values["lumbar"]}
    if not by_strike:
        return []
    return [
        _bars(by_strike, "peak_compression_bw"),
        _bars(by_strike, "peak_anterior_shear_bw"),
    ]


def foot_strikes(runs: Sequence[Run]) -> list[Picture]:
    """Shank and foot around right contact, one panel per strike."""
    return [
        _foot_strike(run) for run in runs if {"knee_r", "ankle_r", "heel_r", "toe_r"} <= run.points.keys()
    ]


def effects(
    rows: Sequence[Row], title: str = "Forefoot minus rearfoot, in SDs between runners"
) -> list[Picture]:
    """Effects in units of the SD between runners, with their 95 % intervals where they are known."""
    known = [row for row in rows if row["effect_size"] is not None and row["between_runner_sd"] is not None]
    if not known:
        return []
    size = (PANEL[0], 0.8 + 0.36 * len(known))
    with panel(title, size) as (figure, axes):
        axes.axvspan(-0.5, 0.5, color=FAINT, lw=0)
        axes.axvline(0, color=INK, lw=0.7)
        for i, row in enumerate(known):
            _effect(axes, i, row)
        axes.set(ylim=(len(known) - 0.4, -0.8), yticks=[], xlabel="effect, SD between runners")
        axes.spines["left"].set_visible(False)
        text = "; ".join(f"{row['label']} {row['effect_size']:+.2f} SD" for row in known)
        caption = (
            "Dot: effect; line: its 95 % interval where computed. Grey: less than half an SD, "
            "which counts as no effect."
        )
        return [drawn(figure, f"Effects: {text}", "effects", caption)]


def _ground_force(runs: Sequence[Run], component: str, axis: int, title: str, sign: str) -> Picture:
    with panel(title) as (figure, axes):
        banded = False
        for run in runs:
            phase = ground.stance(run)
            if phase is None:
                continue
            banded |= _band(axes, run, _measured_force(run, component), 1.0)
            curve = phase.fy if axis == 1 else phase.fx
            _line(axes, run, 100.0 * phase.t / phase.contact.duration, curve)
        axes.axhline(0, color=INK, lw=0.5)
        axes.set(xlabel="stance of the right foot, %", ylabel="force, body weights", xlim=(0, 100))
        legend(axes, band=banded)
        return drawn(
            figure,
            f"{title} over stance by strike",
            component,
            f"{title}, body weights, {sign}; 50 Hz low-pass.",
        )


def _angle(runs: Sequence[Run], name: str, title: str, sign: str, factor: float) -> Picture:
    with panel(title, (PANEL[0], 2.7)) as (figure, axes):
        for run in runs:
            _band(axes, run, _measured_angle(run, name), factor)
            if name in run.coordinates:
                _line(axes, run, _percent(run), factor * np.degrees(run.coordinates[name]))
        axes.set(xlabel="stride from right contact, %", ylabel=f"deg ({sign})", xlim=(0, 100))
        return drawn(figure, f"{title} over the stride by strike", name, f"{title}, degrees, {sign}.")


def _moment(runs: Sequence[Run], name: str, title: str, sign: str) -> Picture:
    with panel(title, (PANEL[0], 2.7)) as (figure, axes):
        band = _measured_moment(runs[0], name)
        if band is not None:
            axes.fill_between(
                band.percent, band.mean - band.sd, band.mean + band.sd, color=INK, alpha=0.13, lw=0
            )
            axes.plot(band.percent, band.mean, color=INK, lw=0.8)
        for run in runs:
            moment = net_moments.curve(run, name)
            if moment is not None:
                _line(axes, run, _percent(run), moment)
        axes.axhline(0, color=INK, lw=0.5)
        axes.set(xlabel="stride from right contact, %", ylabel=f"N m/kg ({sign})", xlim=(0, 100))
        caption = f"{title}, net moment, N m/kg, {sign}."
        return drawn(figure, f"{title}: net moment over the stride by strike", f"moment{name}", caption)


def _lumbar(runs: Sequence[Run], level: str, quantity: str, title: str, sign: str) -> Picture:
    with panel(title) as (figure, axes):
        for run in runs:
            _line(axes, run, _percent(run), run.lumbar[level][quantity] / ground.weight(run))
        _mark_stance(axes, runs[0])
        axes.axhline(0, color=INK, lw=0.5)
        axes.set(xlabel="stride from right contact, %", ylabel="body weights", xlim=(0, 100))
        legend(axes, band=False)
        caption = f"{title}, body weights, {sign}. Shaded: a foot is on the ground."
        return drawn(figure, f"{title} over the stride by strike", f"{level}{quantity}", caption)


def _bars(by_strike: Mapping[str, Mapping[str, Mapping[str, float]]], field: str) -> Picture:
    of = quantity(field)
    title = f"{of.label.capitalize()} by level"
    levels = [level for level in LEVELS if all(level in found for found in by_strike.values())]
    width = 0.8 / len(by_strike)
    with panel(title) as (figure, axes):
        for i, (strike, found) in enumerate(by_strike.items()):
            heights = [found[level][field] or 0.0 for level in levels]
            where = np.arange(len(levels)) + (i - (len(by_strike) - 1) / 2) * width
            bars = axes.bar(where, heights, 0.92 * width, color=COLOUR[strike], label=strike)
            axes.bar_label(bars, fmt="%.1f", fontsize=7.5, padding=1, color=INK)
        axes.set_xticks(range(len(levels)), [shown(level) for level in levels])
        axes.set_ylabel(of.labelled)
        axes.margins(y=0.22)
        axes.legend(loc="upper right", ncols=2)
        return drawn(figure, f"{title} and strike", field, f"{title}, body weights, bottom to top.")


def _foot_strike(run: Run) -> Picture:
    phase = ground.stance(run)
    start = phase.contact.start if phase else 0.0
    with panel(f"{run.strike.capitalize()}", (PANEL[0], 3.2)) as (figure, axes):
        for delay, strength in ((-0.03, 0.22), (0.03, 0.45), (0.0, 1.0)):
            _draw_leg(axes, run, start + delay, start, strength)
        _draw_force(axes, run, start)
        axes.axhline(0, color=INK, lw=0.8)
        axes.set_aspect("equal")
        axes.set(xlabel="ahead of the pelvis at contact, m", ylabel="height, m")
        axes.set(xlim=(-0.2, 0.65), ylim=(-0.04, 0.58))
        caption = (
            f"Right shank and foot, {run.strike} strike: at contact (strong), 30 ms before and after (pale). "
            "Arrow: ground force 20 ms after contact, 1 body weight = 0.2 m."
        )
        return drawn(figure, f"Foot at contact, {run.strike} strike", f"foot{run.strike}", caption)


def _draw_leg(axes: Axes, run: Run, time: float, start: float, strength: float) -> None:
    origin = place_at(run, run.points["pelvis"], start)[0]
    knee, ankle, heel, toe = (
        place_at(run, run.points[f"{p}_r"], time) for p in ("knee", "ankle", "heel", "toe")
    )
    for chain in ((knee, ankle), (ankle, heel, toe, ankle)):
        x, y = np.array(chain)[:, 0] - origin, np.array(chain)[:, 1]
        axes.plot(x, y, color=COLOUR[run.strike], alpha=strength, lw=2.6, solid_capstyle="round")


def _draw_force(axes: Axes, run: Run, start: float) -> None:
    time = start + 0.02
    point = place_at(run, run.ground_point["right"], time) - place_at(run, run.points["pelvis"], start)
    force = place_at(run, run.ground_force["right"], time, periodic=True) / ground.weight(run) * 0.2
    if np.all(np.isfinite(point)):
        tip = (point[0] + force[0], force[1])
        axes.annotate(
            "", xy=tip, xytext=(point[0], 0.0), arrowprops={"arrowstyle": "-|>", "color": INK, "lw": 1.4}
        )


def place_at(run: Run, values: Array, time: float, *, periodic: bool = False) -> Array:
    """Interpolate positions (T, 3), which advance by a stride length every period, or a periodic vector."""
    laps = np.floor(time / run.period)
    grid = run.time - run.time[0]
    within = time - laps * run.period
    advance = 0.0 if periodic else laps * run.speed * run.period * np.array([1.0, 0.0, 0.0])
    return np.array([np.interp(within, grid, values[:, k]) for k in range(3)]) + advance


def _effect(axes: Axes, i: int, row: Row) -> None:
    size, sd = float(row["effect_size"]), float(row["between_runner_sd"])
    if row["ci_low"] is not None:
        axes.plot([float(row["ci_low"]) / sd, float(row["ci_high"]) / sd], [i, i], color=INK, lw=1.4)
    axes.plot([size], [i], "o", color=COLOUR["forefoot"], ms=5.5)
    text = f"{row['id']}  {row['label']}"
    axes.text(0.0, i - 0.38, text, transform=axes.get_yaxis_transform(), va="center", fontsize=8)


def _measured_force(run: Run, component: str) -> Band | None:
    try:
        return force_band(run.strike, run.speed, component)
    except InputError:
        return None


def _measured_angle(run: Run, name: str) -> Band | None:
    try:
        return joint_band(run.strike, run.speed, name)
    except InputError:
        return None


def _measured_moment(run: Run, name: str) -> Band | None:
    try:
        return moment_band(run.speed, name.removesuffix("_r"))
    except InputError:
        return None


def _band(axes: Axes, run: Run, band: Band | None, factor: float) -> bool:
    if band is None:
        return False
    mean = factor * band.mean
    axes.fill_between(
        band.percent, mean - band.sd, mean + band.sd, color=COLOUR[run.strike], alpha=0.16, lw=0
    )
    return True


def _line(axes: Axes, run: Run, x: Array, y: Array) -> None:
    axes.plot(x, y, color=COLOUR[run.strike], ls=LINE[run.strike], label=run.strike)


def _mark_stance(axes: Axes, run: Run) -> None:
    for side in ("right", "left"):
        phase = ground.stance(run, side)
        if phase is None:
            continue
        start, length = 100 * phase.contact.start / run.period, 100 * phase.contact.duration / run.period
        for lap in (0, 100):
            axes.axvspan(start + lap, start + lap + length, color=FAINT, lw=0, zorder=0)


def _percent(run: Run) -> Array:
    return np.asarray(100.0 * (run.time - run.time[0]) / run.period)
