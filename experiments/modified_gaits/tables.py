"""Tables of the study, as rows of text; every number is a run's."""

from __future__ import annotations

from collections.abc import Callable

from gaits import SPEED, Gait, Study
from muscles import EXTENSORS, FLEXORS, least_effort_peak, mean_force, peak_force

from footstrike.gait.foot_strike import bound
from footstrike.gait.targets import target

Rows = list[list[str]]

PEAK = "lumbar.L5S1.peak_compression_bw"
SHEAR = "lumbar.L5S1.peak_anterior_shear_bw"
MEAN = "lumbar.L5S1.mean_compression_bw"
MARKERS = "foot_strike_angle_markers_deg"
KNEE = "knee_flexion_contact_deg"
LANDING = "landing_residual_max_bw"


def corners(study: Study) -> Rows:
    """What was asked of step length and knee, and what the gait has."""
    rows = [
        [
            "strike", "step asked, m", "met, m", "knee asked, deg", "met, deg", "foot-strike angle (markers), deg",
            "of the strike, deg", "largest reserve, N m", "at", "off the points, BW", "iterations", "status",
        ]
    ]  # fmt: skip
    for g in study.corners():
        limit = bound(target(g.run.strike, g.run.speed))
        step = g.asks("step_length") or study.habit_of(g).number("step_length_m")
        rows.append(
            [
                g.run.strike, f"{step:.4f}", f"{g.number('step_length_m'):.4f}", f"{g.asks('knee_flexion'):g}",
                f"{g.number(KNEE):.4f}", f"{g.number(MARKERS):.1f}", str(limit), f"{g.reserve:.1f}", _where(g),
                f"{g.run.solver[LANDING]:.3f}", str(g.run.solver["iterations"]), g.run.status,
            ]
        )  # fmt: skip
    return rows


def lean(study: Study) -> Rows:
    """The series of mean trunk lean."""
    return _series(study, "trunk_lean", "lean asked, deg", {
        "lean of the run, deg": lambda g: f"{g.number('trunk_lean_mean_deg'):.1f}",
        "net extension moment, N m/kg": _of("lumbar_extension_moment_peak_nm_per_kg", 2),
        "trunk extensors, mean BW": lambda g: f"{mean_force(g, EXTENSORS):.2f}",
        "trunk flexors, mean BW": lambda g: f"{mean_force(g, FLEXORS):.2f}",
        "heel ahead of pelvis, cm": lambda g: f"{100 * g.number('heel_ahead_of_pelvis_m'):.1f}",
        "loading rate, BW/s": _of("valr_bw_per_s", 0),
        "patellofemoral, BW": _of("patellofemoral_peak_bw", 2),
    })  # fmt: skip


def rotation(study: Study) -> Rows:
    """The series of pelvis and trunk rotation, then that of arm swing."""
    columns = {
        "range of pelvis rotation, deg": _of("pelvis_rotation_rom_deg", 1),
        "of lumbar rotation, deg": _of("lumbar_rotation_rom_deg", 1),
        "net axial moment, N m/kg": _of("lumbar_axial_moment_peak_nm_per_kg", 2),
        "loading rate, BW/s": _of("valr_bw_per_s", 0),
        "patellofemoral, BW": _of("patellofemoral_peak_bw", 2),
        "cost, J/kg/m": _of("metabolic_cost_j_per_kg_m", 2),
    }
    turned = _series(study, "rotation", "asked, times habit", columns)
    swung = _series(study, "arm_swing", "asked, times habit", columns)
    named = [["rotation " + row[0], *row[1:]] for row in turned[2:]]
    return [*turned[:2], *named, *(["arms " + row[0], *row[1:]] for row in swung[2:])]


def strike_angle(study: Study) -> Rows:
    """The series of the foot-strike angle."""
    return _series(study, "foot_strike_angle", "angle asked (markers), deg", {
        "angle of the run, deg": _of(MARKERS, 1),
        "knee at contact, deg": _of(KNEE, 1),
        "heel ahead of pelvis, cm": lambda g: f"{100 * g.number('heel_ahead_of_pelvis_m'):.1f}",
        "loading rate, BW/s": _of("valr_bw_per_s", 0),
        "braking, BW s": _of("braking_impulse_bw_s", 4),
        "Achilles, BW": _of("achilles_peak_bw", 2),
        "patellofemoral, BW": _of("patellofemoral_peak_bw", 2),
    })  # fmt: skip


CONVERSION = {
    "knee at contact, deg": (KNEE, 1, 1.0),
    "step length, cm": ("step_length_m", 1, 100.0),
    "cadence, steps/min": ("cadence_spm", 1, 1.0),
    "mean lean, deg": ("trunk_lean_mean_deg", 2, 1.0),
    "foot-strike angle (markers), deg": (MARKERS, 1, 1.0),
    "loading rate, BW/s": ("valr_bw_per_s", 0, 1.0),
    "active peak, BW": ("vgrf_active_peak_bw", 2, 1.0),
    "braking, BW s": ("braking_impulse_bw_s", 4, 1.0),
    "Achilles, BW": ("achilles_peak_bw", 2, 1.0),
    "patellofemoral, BW": ("patellofemoral_peak_bw", 2, 1.0),
    "L5/S1 compression, BW": (PEAK, 2, 1.0),
    "cost, J/kg/m": ("metabolic_cost_j_per_kg_m", 2, 1.0),
}


def conversion(study: Study) -> Rows:
    """Both ways at every speed: the habit, then what changes from it at each nearness."""
    rows = [["runner", "speed, m/s", "nearness", *CONVERSION, "reserve, N m", "off the points, BW"]]
    for runner in ("rearfoot", "forefoot"):
        own = [g for g in study.conversions() if g.from_strike == runner]
        for speed in sorted({g.run.speed for g in own}):
            habit = study.habit(runner, speed)
            rows.append([f"{runner}, habit", f"{speed:g}", "", *_values(habit), *_quality(habit)])
            for g in own:
                if g.run.speed == speed:
                    words = f"asked to land {g.run.strike}"
                    rows.append([words, f"{speed:g}", near(g), *_changes(g, habit), *_quality(g)])
    return rows


def near(g: Gait) -> str:
    """The scale of nearness in words."""
    value = float(g.run.spec["nearness"])
    return "1/3" if abs(value - 1 / 3) < 0.01 else f"{value:g}"


def _values(g: Gait) -> list[str]:
    return [f"{factor * g.number(name):.{digits}f}" for name, digits, factor in CONVERSION.values()]


def _changes(g: Gait, habit: Gait) -> list[str]:
    return [
        f"{factor * (g.number(name) - habit.number(name)):+.{digits}f}"
        for name, digits, factor in CONVERSION.values()
    ]


def _quality(g: Gait) -> list[str]:
    return [f"{g.reserve:.0f}", f"{g.run.solver[LANDING]:.2f}"]


def _series(study: Study, name: str, heading: str, columns: dict[str, Callable[[Gait], str]]) -> Rows:
    """Habit and the gaits of one modifier: what was asked, loads of L5/S1, some columns, quality."""
    habit = study.habit()
    rows = [
        [
            heading, "peak compression, BW", "change, N", "if shared anew, BW", "mean compression, BW",
            "anterior shear, BW", *columns, "largest reserve, N m", "off the points, BW",
        ]
    ]  # fmt: skip
    for g in (habit, *study.series(name)):
        asked = g.asks(name)
        rows.append(
            [
                "habit" if asked is None else f"{asked:g}", f"{g.number(PEAK):.3f}",
                f"{(g.number(PEAK) - habit.number(PEAK)) * g.weight:+.0f}", f"{least_effort_peak(g):.3f}",
                f"{g.number(MEAN):.2f}", f"{g.number(SHEAR):.2f}", *(of(g) for of in columns.values()),
                f"{g.reserve:.1f} {_where(g)}", f"{g.run.solver[LANDING]:.3f}",
            ]
        )  # fmt: skip
    return rows


def _where(g: Gait) -> str:
    """The joint of the largest reserve."""
    largest = g.run.solver["reserves_max_nm"]
    return max(largest, key=largest.__getitem__).removesuffix("_angle").replace("_", " ")


def _of(metric: str, digits: int) -> Callable[[Gait], str]:
    def words(g: Gait) -> str:
        value = g[metric]
        return "none" if value is None else f"{value:.{digits}f}"

    return words


def compared(study: Study) -> Rows:
    """Conversion to the forefoot beside people who were asked the same, and beside the contrast of two habits."""
    rear, fore = study.habit("rearfoot"), study.habit("forefoot")
    forward = [study.converted("rearfoot", SPEED, n) for n in (1 / 3, 1.0, 3.0)]
    back = study.converted("forefoot")
    rows = [["quantity", "Vannatta & Kernozek 2015", "rearfoot runner to forefoot (nearness 1/3, 1, 3)",
             "forefoot runner to rearfoot", "forefoot group minus rearfoot group"]]  # fmt: skip
    for words, published, of, form in _COMPARED:
        change = form.format
        rows.append([
            words, published, ", ".join(change(of(g) - of(rear), of(g) / of(rear) * 100 - 100) for g in forward),
            change(of(back) - of(fore), of(back) / of(fore) * 100 - 100),
            change(of(fore) - of(rear), of(fore) / of(rear) * 100 - 100),
        ])  # fmt: skip
    return rows


def _number(metric: str, factor: float = 1.0) -> Callable[[Gait], float]:
    return lambda g: factor * g.number(metric)


_COMPARED: tuple[tuple[str, str, Callable[[Gait], float], str], ...] = (
    ("knee flexion at contact, deg", "more", _number(KNEE), "{0:+.1f}"),
    ("peak knee flexion in stance, deg", "same", _number("knee_flexion_peak_stance_deg"), "{0:+.1f}"),
    ("knee excursion, deg", "less",
     lambda g: g.number("knee_flexion_peak_stance_deg") - g.number(KNEE), "{0:+.1f}"),
    ("step length, %", "same", _number("step_length_m"), "{1:+.1f}"),
    ("heel ahead of pelvis, cm", "foot nearer to the hip", _number("heel_ahead_of_pelvis_m", 100.0), "{0:+.1f}"),
    ("peak vertical force, %", "slightly more", _number("vgrf_active_peak_bw"), "{1:+.1f}"),
    ("peak patellofemoral force, %", "stress -27", _number("patellofemoral_peak_bw"), "{1:+.1f}"),
    ("peak force of the quadriceps, %", "less", lambda g: peak_force(g, ("vasti", "rectus_femoris")), "{1:+.1f}"),
    ("mean force of the hamstrings, %", "less", lambda g: mean_force(g, ("hamstrings",)), "{1:+.1f}"),
    ("peak force of the gastrocnemii, %", "more", lambda g: peak_force(g, ("gastrocnemius",)), "{1:+.1f}"),
    ("peak force of the soleus, %", "more", lambda g: peak_force(g, ("soleus",)), "{1:+.1f}"),
)  # fmt: skip
