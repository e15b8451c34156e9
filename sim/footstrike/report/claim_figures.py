"""Figures behind a verdict: effects of all contrasts with their intervals, and what drives the deciding one."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes

from footstrike.claims.judgement import Judgement
from footstrike.report.plain_words import CONTRASTS
from footstrike.report.style import FAINT, INK, PANEL, Picture, drawn, panel
from footstrike.report.words import number, signed

MARKERS = {
    "groups": "o", "conversion": "^", "conversion_back": "v", "sweep": "o", "arms_held": "s", "optimum": "D",
    "optimum_against_habit": "P", "measured": "*",
}  # fmt: skip
BAR = "#6f8fa3"
SHOWN_INPUTS = 12
WIDE = 5.4  # inches
STEP = 0.15  # of a row, between contrasts


def contrast_effects(claim: str, records: Sequence[Judgement]) -> list[Picture]:
    """Effects of one claim at one speed in SDs between runners, a row a metric, a marker a contrast; none without SDs."""
    known = [r for r in records if r.effect is not None and r.sd]
    labels = list(dict.fromkeys(r.label for r in known))
    if not labels:
        return []
    size = (WIDE, 1.5 + 0.62 * len(labels))
    with panel(f"{claim}: effects of each contrast", size) as (figure, axes):
        _threshold_band(axes, known)
        for i, label in enumerate(labels):
            own = [r for r in known if r.label == label]
            axes.text(0.0, i - 0.42, label, transform=axes.get_yaxis_transform(), va="center", fontsize=8)
            for k, record in enumerate(own):
                _effect(axes, i - 0.2 + STEP * k, record)
        axes.set(ylim=(len(labels) - 0.4, -0.75), yticks=[], xlabel="effect, SDs between runners")
        axes.spines["left"].set_visible(False)
        used = [name for name in CONTRASTS if any(r.contrast == name for r in known)]
        marks = [
            axes.plot([], [], MARKERS[n], color=INK, mfc="none", ms=6, label=CONTRASTS[n])[0] for n in used
        ]
        axes.legend(
            handles=marks, loc="upper center", bbox_to_anchor=(0.5, -0.9 / size[1]), ncols=2, fontsize=8
        )
        text = "; ".join(f"{r.label}, {CONTRASTS[r.contrast]}: {r.effect_size or 0.0:+.2f} SD" for r in known)
        caption = (
            "Line: 95 % interval. Grey: smaller than the threshold of the rule, too small to count. "
            "Filled: what the verdict of the claim rests on."
        )
        return [drawn(figure, f"Effects of {claim}: {text}", f"effects{claim}", caption)]


def tornado(record: Judgement) -> list[Picture]:
    """What the effect changes by for one SD of each uncertain input, the largest first; none where that is not known."""
    drivers = [(name, step) for name, step in record.drivers.items() if step][:SHOWN_INPUTS]
    if not drivers:
        return []
    size = (WIDE, 1.0 + 0.28 * len(drivers))
    title = f"{record.claim}: what drives the effect"
    with panel(title, size) as (figure, axes):
        places = range(len(drivers))
        bars = axes.barh(list(places), [step for _, step in drivers], 0.7, color=BAR)
        axes.bar_label(bars, [signed(step) for _, step in drivers], fontsize=7.5, padding=2, color=INK)
        axes.set_yticks(list(places), [name.replace("_", " ") for name, _ in drivers], fontsize=8)
        axes.invert_yaxis()
        axes.axvline(0, color=INK, lw=0.7)
        axes.margins(x=0.18)
        unit = "" if record.unit == "1" else f", {record.unit}"
        axes.set_xlabel(f"change of the effect for +1 SD of the input{unit}")
        text = "; ".join(f"{name} {number(step)}" for name, step in drivers)
        left = len(record.drivers) - len(drivers)
        more = f" {left} more inputs matter less." if left > 0 else ""
        caption = f"{record.label}, {CONTRASTS[record.contrast]}: to first order.{more}"
        return [drawn(figure, f"Drivers of {record.claim}: {text}", f"tornado{record.claim}", caption)]


def dial(record: Judgement) -> list[Picture]:
    """Less or more, and whether it counts: the deciding effect with its interval, without numbers."""
    if record.effect is None or not record.threshold:
        return []
    known = [abs(v) for v in (record.effect, record.low, record.high) if v is not None]
    reach = 1.25 * max(*known, 2.0 * record.threshold)
    with panel("", (PANEL[0], 1.35)) as (figure, axes):
        axes.axvspan(-record.threshold, record.threshold, color=FAINT, lw=0)
        axes.axvline(0, color=INK, lw=0.7)
        if record.low is not None and record.high is not None:
            axes.plot([record.low, record.high], [0, 0], color=INK, lw=2.2)
        axes.plot([record.effect], [0], "o", color=INK, ms=9)
        axes.set(xlim=(-reach, reach), ylim=(-1, 1), yticks=[], xticks=[])
        axes.set_xlabel("grey: too small to count", fontsize=8.5)
        axes.text(0.0, -0.16, "← less", transform=axes.transAxes, va="top", fontsize=8.5)
        axes.text(1.0, -0.16, "more →", transform=axes.transAxes, va="top", ha="right", fontsize=8.5)
        axes.spines["left"].set_visible(False)
        alt = f"{record.label}: {signed(record.effect)} {record.unit}, threshold {number(record.threshold)}"
        caption = f"{record.label[:1].upper()}{record.label[1:]}. Dot: simulated; line: where 95 % of the simulated variants lie."
        return [drawn(figure, alt, f"dial{record.claim}", caption)]


def _threshold_band(axes: Axes, records: Sequence[Judgement]) -> None:
    shares = [r.threshold / r.sd for r in records if r.threshold and r.sd]
    if shares:
        axes.axvspan(-shares[0], shares[0], color=FAINT, lw=0)
    axes.axvline(0, color=INK, lw=0.7)


def _effect(axes: Axes, y: float, record: Judgement) -> None:
    sd = float(record.sd or 1.0)
    if record.low is not None and record.high is not None:
        axes.plot([record.low / sd, record.high / sd], [y, y], color=INK, lw=1.0)
    filled = INK if record.decides else "none"
    axes.plot([(record.effect or 0.0) / sd], [y], MARKERS[record.contrast], color=INK, mfc=filled, ms=6)
