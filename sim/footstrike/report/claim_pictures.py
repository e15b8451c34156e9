"""The one picture of a claim for a runner: the simulated runners of its contrast, drawn at landing or as curves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from footstrike.brief import brief
from footstrike.claims.judgement import JudgedMember, Judgement
from footstrike.outcomes import ground
from footstrike.outcomes.registry import named
from footstrike.report.claim_figures import dial
from footstrike.report.figures import place_at
from footstrike.report.plain_words import CONTRASTS
from footstrike.report.style import COLOUR, INK, LINE, PANEL, Picture, drawn, panel
from footstrike.runs.run import Array, Run

LEG = ("L5S1", "hip_r", "knee_r", "ankle_r", "heel_r", "toe_r", "ankle_r")
FAR_LEG = ("L5S1", "hip_l", "knee_l", "ankle_l", "heel_l", "toe_l", "ankle_l")
TRUNK = ("L5S1", "T12L1", "neck", "head")
ARM = ("shoulder_r", "elbow_r", "hand_r")
LEVEL = "L5S1"


@dataclass(frozen=True)
class Drawn:
    """One simulation in a picture: its run, name in the legend, colour, and strength from 0 to 1."""

    __repr__ = brief

    run: Run
    label: str
    colour: str
    strength: float
    line: str


def front_picture_of(record: Judgement, runs: Sequence[Run | None]) -> list[Picture]:
    """The picture of a claim from the runs of its deciding record's members, in their order; a dial where runs are missing."""
    shown = _shown(record, runs)
    if not shown:
        return dial(record)
    topic = named(record.metric).topic
    if topic == "spine" and all(LEVEL in one.run.lumbar for one in shown):
        return [_loads(record, shown)]
    if topic in ("ground", "shock") and "braking" not in record.metric:
        return [_forces(record, shown)]
    return [_poses(record, shown)]


def _shown(record: Judgement, runs: Sequence[Run | None]) -> list[Drawn]:
    """Both members of a pair; of a slope those of one strike, from the least to the most of what is swept."""
    known = [(m, run) for m, run in zip(record.members, runs, strict=True) if run is not None and run.solved]
    if len(known) < len(record.members) or not known:
        return []
    if len(known) == 2:
        landings = [str(m.values["strike"]) for m, _ in known]
        return [
            Drawn(run, _name(m), COLOUR[strike], 1.0, LINE[strike])
            for (m, run), strike in zip(known, landings, strict=True)
        ]
    own = [(m, run) for m, run in known if m.values["strike"] == "rearfoot"]
    factor = _factor(own[0][0], own[-1][0])
    return [
        Drawn(run, f"{factor.replace('_', ' ')} {m.values.get(factor, 'habitual')}", INK, strength, "-")
        for (m, run), strength in zip(own, np.linspace(0.25, 1.0, len(own)), strict=True)
    ]


def _factor(one: JudgedMember, other: JudgedMember) -> str:
    names = {**one.values, **other.values}
    return next((n for n in names if one.values.get(n) != other.values.get(n)), "")


def _name(member: JudgedMember) -> str:
    values: dict[str, Any] = member.values
    landing = str(values["strike"])
    habit = values.get("from_strike")
    best = " (least loaded)" if values.get("minimise") else ""
    return f"{landing}, a {habit} runner" if habit else f"{landing}{best}"


def _poses(record: Judgement, shown: Sequence[Drawn]) -> Picture:
    whole = "trunk" in record.metric or "step" in record.metric
    with panel("At landing", (PANEL[0], 4.4 if whole else 3.6)) as (figure, axes):
        for one in shown:
            _pose(axes, one, whole)
        axes.axhline(0, color=INK, lw=0.8)
        axes.set_aspect("equal")
        axes.set(xlim=(-0.75, 0.75), ylim=(-0.06, 1.9), xlabel="ahead of the pelvis, m", yticks=[])
        if not whole:
            axes.set(xlim=(-0.65, 0.65), ylim=(-0.06, 1.12))
        axes.spines["left"].set_visible(False)
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=2, fontsize=8)
        return _picture(
            record, figure, "The simulated runners from the right as the right foot lands, pelvis on pelvis"
        )


def _pose(axes: Axes, one: Drawn, whole: bool) -> None:
    run = one.run
    phase = ground.stance(run)
    start = phase.contact.start if phase else 0.0
    origin = place_at(run, run.points["pelvis"], start)[0]
    legs, rest = ((FAR_LEG, 0.3), (LEG, 1.0)), ((TRUNK, 1.0), (ARM, 0.5))
    for chain, strength in (*legs, *rest) if whole else legs:
        names = [name for name in chain if name in run.points]
        if len(names) < 2:
            continue
        at = np.array([place_at(run, run.points[name], start) for name in names])
        label = one.label if chain is LEG else None
        axes.plot(
            at[:, 0] - origin,
            at[:, 1],
            one.line,
            color=one.colour,
            alpha=strength * one.strength,
            lw=2.2,
            label=label,
        )
    if whole and "head" in run.points:
        head = place_at(run, run.points["head"], start)
        axes.plot([head[0] - origin], [head[1]], "o", color=one.colour, ms=11, alpha=one.strength, mfc="none")


def _forces(record: Judgement, shown: Sequence[Drawn]) -> Picture:
    with panel("Push of the ground, upwards", (PANEL[0], 3.1)) as (figure, axes):
        for one in shown:
            phase = ground.stance(one.run)
            if phase is not None:
                _curve(axes, one, 1000.0 * phase.t, phase.fy)
        axes.set(xlabel="after the foot lands, ms", ylabel="body weights")
        _legend(axes)
        return _picture(record, figure, "Vertical force of the ground on the right foot")


def _loads(record: Judgement, shown: Sequence[Drawn]) -> Picture:
    with panel("Pressing force on the lowest lumbar joint", (PANEL[0], 3.1)) as (figure, axes):
        for one in shown:
            run = one.run
            percent = np.asarray(100.0 * (run.time - run.time[0]) / run.period)
            _curve(axes, one, percent, run.lumbar[LEVEL]["compression"] / ground.weight(run))
        axes.set(xlabel="stride from right landing, %", ylabel="body weights", xlim=(0, 100))
        _legend(axes)
        return _picture(record, figure, "Compression at L5/S1 over one stride, right and left step")


def _legend(axes: Axes) -> None:
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.24), ncols=2, fontsize=8)


def _curve(axes: Axes, one: Drawn, x: Array, y: Array) -> None:
    axes.plot(x, y, one.line, color=one.colour, alpha=one.strength, label=one.label)


def _picture(record: Judgement, figure: Any, what: str) -> Picture:
    caption = f"{what}; {CONTRASTS[record.contrast]}, {record.speed_mps:g} m/s."
    return drawn(figure, f"{record.claim}: {caption}", f"front{record.claim}", caption)
