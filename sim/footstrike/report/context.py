"""The three studies that the article cites: what each did and did not show, and the running analogue of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from footstrike.brief import brief
from footstrike.claims.judgement import Judgement
from footstrike.gait.habitual_tables import rows
from footstrike.report.methods import wishes
from footstrike.report.page_tables import Table, table
from footstrike.report.plain_words import CONTRASTS, labelled
from footstrike.report.style import COLOUR, INK, LINE, PANEL, Picture, drawn, panel
from footstrike.runs.run import Array, Run

FOLDER = "context"
ANGLES = {"hip_flexion": "Hip flexion", "knee": "Knee flexion", "ankle": "Ankle dorsiflexion"}
GROUPS = {
    "vasti": ("vasti",),
    "hamstrings": ("hamstrings",),
    "gluteus maximus": ("gluteus_maximus",),
    "soleus": ("soleus",),
    "gastrocnemius": ("gastrocnemius",),
    "erector spinae": (
        "longissimus_pars_thoracis", "longissimus_pars_lumborum", "iliocostalis_pars_thoracis", "iliocostalis_pars_lumborum",
    ),
    "multifidus": ("multifidus",),
    "obliques": ("external_oblique", "internal_oblique"),
}  # fmt: skip
"""Muscles whose activity is shown against speed, and the groups that they are of."""
MARKS = ("o", "s", "^", "v", "D", "P", "X", "*")
SPEED_POINTS = 2


@dataclass(frozen=True)
class Context:
    """What the page says of the cited studies.

    Attributes
    ----------
    slopes
        Pictures of how much an angle changes with speed, over the stride.
    left_out
        Errors at a left-out speed, rows of ``left_out_speed.csv``.
    activity, activity_told
        Muscle activity of simulated runs against speed, and what it shows; pictures are none without several speeds.
    patients, beside
        What Müller et al. found, and the judgements that lie beside it.
    tables
        All of it as files.
    """

    __repr__ = brief

    slopes: Sequence[Picture]
    left_out: Sequence[Mapping[str, str]]
    activity: Sequence[Picture]
    activity_told: str
    patients: Sequence[Mapping[str, str]]
    beside: Sequence[str]
    tables: Sequence[Table]


def context(runs: Sequence[Run], records: Sequence[Judgement]) -> Context:
    """The context of a page from its runs and judgements, both of which may be few or none."""
    regression = rows("speed_regression.csv", FOLDER)
    left_out = rows("left_out_speed.csv", FOLDER)
    series = speed_series(runs)
    activity = [
        {"runner": name, "speed_mps": run.speed, "muscle": muscle, "mean_activation": f"{value:.4g}"}
        for name, of_speeds in series.items()
        for run in of_speeds
        for muscle, value in mean_activity(run).items()
    ]
    return Context(
        slopes=[_slopes(regression, angle) for angle in ANGLES],
        left_out=left_out,
        activity=[_activity(name, of_speeds, i) for i, (name, of_speeds) in enumerate(series.items())],
        activity_told=_activity_told(series),
        patients=rows("mueller2015.csv", FOLDER),
        beside=[_beside(r) for r in records if r.decides and r.claim in ("C7", "C8")],
        tables=[table("speed_regression", regression), table("left_out_speed", left_out)]
        + ([table("activity", activity)] if activity else []),
    )


def speed_series(runs: Sequence[Run]) -> dict[str, list[Run]]:
    """Muscle-driven runs of one kind at two speeds or more, slow to fast, by name of the kind; habitual ones first."""
    kinds: dict[str, dict[float, Run]] = {}
    for run in sorted(runs, key=lambda one: len(wishes(one))):
        if run.solved and run.muscle_driven and mean_activity(run):
            kinds.setdefault(", ".join([run.strike, *wishes(run)]), {}).setdefault(run.speed, run)
    several = {name: found for name, found in kinds.items() if len(found) >= SPEED_POINTS}
    return {name: [found[speed] for speed in sorted(found)] for name, found in list(several.items())[:2]}


def mean_activity(run: Run) -> dict[str, float]:
    """Activation of each muscle of the table, mean over the stride and the muscle's parts."""
    means = run.activations.mean(axis=0) if run.activations.size else np.zeros(0)
    groups = np.array(run.muscle_groups)
    found = {}
    for name, parts in GROUPS.items():
        mine = np.isin(groups, parts)
        if mine.any() and mine.size == means.size:
            found[name] = float(means[mine].mean())
    return found


def _slopes(regression: Sequence[Mapping[str, str]], angle: str) -> Picture:
    title = ANGLES[angle]
    with panel(f"{title} against speed", (PANEL[0], 2.7)) as (figure, axes):
        for strike in COLOUR:
            mine = [row for row in regression if row["strike"] == strike and row["angle"] == angle]
            percent, slope = (_column(mine, name) for name in ("stride_pct", "per_mps_deg"))
            axes.plot(
                percent, slope, LINE[strike], color=COLOUR[strike], marker=".", ms=4, lw=1.2, label=strike
            )
        axes.axhline(0, color=INK, lw=0.5)
        axes.set(xlabel="stride from right contact, %", ylabel="deg per m/s", xlim=(0, 100))
        axes.legend(loc="best", fontsize=8)
        caption = f"{title}: slope of its line against speed at 26 points of the stride, measured runners (Fukuchi 2017)."
        return drawn(figure, caption, f"slope{angle}", caption)


def _activity(name: str, runs: Sequence[Run], number: int) -> Picture:
    speeds = [run.speed for run in runs]
    found = [mean_activity(run) for run in runs]
    with panel(name[:1].upper() + name[1:], (PANEL[0], 3.6)) as (figure, axes):
        for muscle, mark in zip(GROUPS, MARKS, strict=True):
            values = [one.get(muscle, np.nan) for one in found]
            axes.plot(speeds, values, f"{mark}-", color=INK, mfc="none", ms=5, lw=1.0, label=muscle)
        axes.set(xlabel="speed, m/s", ylabel="activation, mean of the stride", ylim=(0, None))
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.22), ncols=3, fontsize=7.5)
        caption = f"Simulated activation against running speed, {name}."
        return drawn(figure, caption, f"activity{number}", caption)


def _activity_told(series: Mapping[str, Sequence[Run]]) -> str:
    if not series:
        return "The runs of this page have one speed each, so nothing is shown of activity against speed."
    told = []
    for name, runs in series.items():
        slow, fast = mean_activity(runs[0]), mean_activity(runs[-1])
        rising = [muscle for muscle in slow if fast.get(muscle, 0.0) > slow[muscle]]
        falling = [muscle for muscle in slow if muscle not in rising]
        exceptions = f" (not: {', '.join(falling)})" if falling else ""
        told.append(
            f"{name}: from {runs[0].speed:g} to {runs[-1].speed:g} m/s the mean activation rises in "
            f"{len(rising)} of {len(slow)} muscle groups{exceptions}"
        )
    return f"Simulated, {'; '.join(told)}."


def _beside(record: Judgement) -> str:
    return f"{record.claim}, {labelled(record)} ({CONTRASTS[record.contrast]}): {record.verdict}. {record.sentence}"


def _column(found: Sequence[Mapping[str, Any]], name: str) -> Array:
    return np.array([float(row[name]) for row in found])
