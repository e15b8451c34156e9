"""Effects that were measured in people, or computed by others, and whether the model shows them: sign and rough size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from gaits import Gait, Study
from muscles import least_effort_peak
from tables import KNEE, PEAK, Rows

from footstrike.claims.validation import validate

ROUGH = 2.0  # a size is met between half and twice the published one, unless a range was published


@dataclass(frozen=True)
class Effect:
    """A change of a number.

    Attributes
    ----------
    words
        What changes with what; with the row of the validation table, if it is one.
    expected
        As published, with its source.
    value, unit
        What the study has.
    low, high
        Range in which its size is met; both None where only a direction is published.
    sign
        The published direction.
    """

    words: str
    expected: str
    value: float
    unit: str
    sign: int
    low: float | None = None
    high: float | None = None

    def row(self) -> list[str]:
        """Its row of the table."""
        met = np.sign(self.value) == self.sign
        sized = (self.low is None or self.value >= self.low) and (
            self.high is None or self.value <= self.high
        )
        known = self.low is not None or self.high is not None
        size = ("pass" if sized else "fail") if known else "–"
        return [self.words, self.expected, f"{self.value:+.1f} {self.unit}", "pass" if met else "fail", size]


def known_effects(study: Study) -> Rows:
    """All effects."""
    heading = ["effect", "published", "simulated", "sign", "size"]
    found = [*_rows(study), *_leaning(study), *_arms(study), *_quicker(study)]
    return [heading, *(effect.row() for effect in found)]


def _rows(study: Study) -> list[Effect]:
    """Rows 5b, 17 and 18 of the validation table, rearfoot at 3.5 m/s."""
    published = {"17a": -14.0, "17b": -34.0, "18": -68.0}
    own = [study.habit(), *study.series("step_length"), *_of_corners(study)]
    found = [
        Effect(
            f"{judged['quantity']} (row {judged['row']})",
            f"{published[judged['row']]:+g} {judged['units']} ({judged['source']})",
            judged["measured"], judged["units"], -1, *_rough(published[judged["row"]]),
        )
        for judged in validate([g.run for g in own])
        if judged["row"] in published and judged["measured"] is not None
    ]  # fmt: skip
    rate, habit = study.series("step_length")[0], study.habit()
    stiffer = rate.number("leg_stiffness_kn_per_m") - habit.number("leg_stiffness_kn_per_m")
    change = 0.62 * stiffer / (habit.run.period / rate.run.period - 1)
    words = "leg stiffness, per 62 % of stride frequency (as row 5b, here from +10 %)"
    return [Effect(words, "+9.3 kN/m (Farley & Gonzalez 1996)", change, "kN/m", 1, *_rough(9.3)), *found]


def _of_corners(study: Study) -> list[Gait]:
    """Habitual steps, rearfoot, the knee straighter and more bent as people differ: 5 and 20 deg."""
    return [
        g
        for g in study.corners()
        if len(g.asked) == 1 and g.run.strike == "rearfoot" and (g.asks("knee_flexion") or 0) < 40
    ]


def _leaning(study: Study) -> list[Effect]:
    series, habit = study.series("trunk_lean"), study.habit()
    knees = {g.asks("trunk_lean"): g for g in series}
    spine = "+10 N/deg or more (Dreischarf 2015, standing)"
    return [
        Effect("peak compression at L5/S1 per degree of lean, -5 to 20 deg", spine,
               _slope(series, lambda g: g.number(PEAK)), "N/deg", 1, 10.0),
        Effect("the same, the trunk's muscles sharing anew", spine, _slope(series, least_effort_peak), "N/deg", 1, 10.0),
        Effect("heel ahead of the pelvis, lean 20 deg against habit", "+28 %, overstride from own to 30 deg (Warrener 2021)",
               _percent(series[-1], habit, "heel_ahead_of_pelvis_m"), "%", 1),
        Effect("loading rate, lean 20 deg against habit", "more (Warrener 2021)",
               _percent(series[-1], habit, "valr_bw_per_s"), "%", 1),
        Effect("energy absorbed at the knee, lean 10 against 5 deg", "-19 %, 10.8 against 3.6 deg (Teng & Powers 2015)",
               _percent(knees[10.0], knees[5.0], "knee_absorbed_j_per_kg"), "%", -1, *_rough(-19.0)),
    ]  # fmt: skip


def _arms(study: Study) -> list[Effect]:
    held, habit = study.series("arm_swing")[0], study.habit()
    return [
        Effect("metabolic cost, arms held", "+3 to +13 % (Arellano & Kram 2014)",
               _percent(held, habit, "metabolic_cost_j_per_kg_m"), "%", 1, 3.0, 13.0),
        Effect("range of pelvis rotation, arms held", "more (Arellano & Kram 2014)",
               _percent(held, habit, "pelvis_rotation_rom_deg"), "%", 1),
    ]  # fmt: skip


_QUICKER = (  # words, metric, change at a step rate 10 % higher (Heiderscheit 2011, table 3 and text)
    ("peak knee extension moment", "knee_extension_moment_peak_nm_per_kg", -12.0),
    ("peak hip abduction moment", "hip_abduction_moment_peak_nm_per_kg", -6.0),
    ("peak knee flexion in stance", "knee_flexion_peak_stance_deg", -7.6),
    ("knee flexion at contact", KNEE, 10.1),
    ("energy absorbed at the hip", "hip_work_negative_j_per_kg", None),
    ("braking impulse", "braking_impulse_bw_s", None),
)


def _quicker(study: Study) -> list[Effect]:
    rate, habit = study.series("step_length")[0], study.habit()
    found = []
    for words, metric, published in _QUICKER:
        said = "less" if published is None else f"{published:+g} %"
        size = (None, None) if published is None else _rough(published)
        sign = 1 if published and published > 0 else -1
        of = f"{words}, step rate +10 %"
        found.append(
            Effect(of, f"{said} (Heiderscheit 2011)", _percent(rate, habit, metric), "%", sign, *size)
        )
    return found


def _percent(gait: Gait, habit: Gait, metric: str) -> float:
    return 100.0 * (gait.number(metric) / habit.number(metric) - 1.0)


def _slope(series: tuple[Gait, ...], load: Callable[[Gait], float]) -> float:
    """N per degree of lean, of the straight line through a series."""
    leans = [g.number("trunk_lean_mean_deg") for g in series]
    return float(np.polyfit(leans, [load(g) * g.weight for g in series], 1)[0])


def _rough(published: float) -> tuple[float, float]:
    low, high = sorted((published / ROUGH, published * ROUGH))
    return low, high
