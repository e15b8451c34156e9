"""The methods of a run in words, and the works to cite for it: from what the run says that it was made with.

Modules name the works behind their physics (``CITES``), tables name theirs in each row; here stands only what part of
a run rests on which of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from footstrike.brief import brief
from footstrike.citations import Work, cited, named_in, sources
from footstrike.control import basis, drive, passive_moments
from footstrike.control.modifiers import recorded
from footstrike.dynamics import contact
from footstrike.errors import InputError
from footstrike.model import leg_tables
from footstrike.model.sides import without_side
from footstrike.model.subject import Subject
from footstrike.muscles import strength
from footstrike.outcomes.metrics import metrics
from footstrike.outcomes.muscle_outputs import has_leg_muscles
from footstrike.report.page_tables import Table
from footstrike.runs.run import Run
from footstrike.workers.client import CITES as ENGINES

Part = tuple[str, Iterable[str]]
"""Sentences, and keys of the works that they rest on."""

SKELETON = ("bodies.csv", "joints.csv", "joint_axes.csv", "couplers.csv", "joint_functions.toml")
TERMS = {
    "motion": "coordinates, from the reference in SDs between runners",
    "rate": "their rates of change, likewise",
    "force": "ground force, from the reference in SDs between runners",
    "torque": "torque of actuators, per scale of the joint",
    "acceleration": "accelerations, per 200 rad/s2 or m/s2",
    "jerk": "jerk, per 1e5 rad/s3 or m/s3",
    "activation": "muscle activations",
    "moment": "net moments, from the reference in SDs between runners",
    "reserve": "moments that no muscle supplies, per scale of the joint",
}
"""Terms of the objective by name of their weight (:data:`footstrike.control.terms.HABITUAL`)."""

ARTICLE = ("hanlon2006", "murray1984", "muller2015")
"""Works that the article cites."""

_STRIKES = {"left_strike": "{} strike of the left foot", "from_strike": "the habits of a {} runner"}


@dataclass(frozen=True)
class Methods:
    """Text, one paragraph for each part of the work, and the works that it cites, in order."""

    text: str
    works: tuple[Work, ...]

    __repr__ = brief

    @property
    def bibtex(self) -> str:
        """Content of a .bib file."""
        return "\n".join(work.bibtex for work in self.works)

    def __str__(self) -> str:
        return (
            "\n\n".join([self.text, "References\n" + "\n".join(f"- {w.reference}" for w in self.works)])
            + "\n"
        )


def cite(run: Run) -> Methods:
    """The methods of a run, and what to cite with it.

    A run of an older file, in which weights and choices are not recorded, says so.

    Raises
    ------
    InputError
        If the run is not solved.
    """
    if not run.solved:
        raise InputError(f"the run is not solved ({run.status}): there are no methods to tell")
    parts = [part(run) for part in _PARTS]
    told = [(text, cited(keys)) for text, keys in parts if text]
    paragraphs = [f"{text}{_named(works)}" for text, works in told]
    return Methods("\n\n".join(paragraphs), tuple(cited(w.key for _, works in told for w in works)))


def bibliography(runs: Iterable[Run], claims: Iterable[Mapping[str, Any]] = ()) -> Table:
    """Works to cite for runs, and those that the evidence of claims names as far as they are known, as a .bib file."""
    keys = [work.key for run in runs if run.solved for work in cite(run).works]
    keys += [
        key
        for row in claims
        for key in named_in(str(row.get("evidence", "")) + str(row.get("sd_source", "")))
    ]
    return Table("references", "\n".join(work.bibtex for work in cited([*keys, *ARTICLE])), "bib")


def _named(works: Iterable[Work]) -> str:
    names = "; ".join(work.names[0] for work in works)
    return f" ({names})." if names else "."


def wishes(run: Run) -> list[str]:
    """What was asked of the gait, each in words; nothing of a habitual one."""
    asked = [str(modifier) for modifier in recorded(run.spec)]
    asked += [words.format(run.spec[k]) for k, words in _STRIKES.items() if run.spec.get(k) is not None]
    asked += ["step length left free"] if run.spec.get("free_step") else []
    return asked + _optimised(run.spec.get("optimise"))


def _task(run: Run) -> Part:
    asked = wishes(run)
    wish = f", with {', '.join(asked)}" if asked else ", as it is habitual"
    return (
        f"One stride of {run.strike} running at {run.speed:g} m/s{wish}, was simulated by optimal control with "
        f"Footstrike {_version(run, 'footstrike')}",
        (),
    )


def _optimised(asked: Mapping[str, Any] | None) -> list[str]:
    """What an optimised gait was optimised for, and within what."""
    if not asked:
        return []
    goals = " + ".join(f"{weight:g} {name}" for name, weight in asked["objective"].items())
    limits = [f"{name} at most {percent:g} % above habit" for name, percent in asked["budgets_pct"].items()]
    if asked["free"] == ["all"]:
        where = "the whole motion free"
    else:
        where = f"{', '.join(asked['free'])} chosen and all else nearest to habit"
    return [f"{goals} (over their habitual values) as small as can be", where, *limits]


def _model(run: Run) -> Part:
    name = run.spec.get("model")
    text = (
        f"The model {name or 'of the run'} has {len(run.coordinates)} free coordinates and {run.mass:.1f} kg"
    )
    if name != Subject().name:
        return text, ()
    keys = [key for table in SKELETON for key in sources(table)]
    rhythm = _recorded(run, "runner").get("rhythm", Subject().rhythm)
    keys += sources("rhythm.csv", lambda row: row["rhythm"] == rhythm)
    size = [
        f"{run.spec[k]:g} {unit}" for k, unit in (("height_m", "m"), ("mass_kg", "kg")) if run.spec.get(k)
    ]
    size += [run.spec["sex"]] if run.spec.get("sex") else []
    if size:
        text += f", scaled to {', '.join(size)}"
        keys += sources("anthropometry.csv")
    return f"{text}; its lumbar levels move by a rhythm", keys


def _contact(run: Run) -> Part:
    keys = [*contact.CITES, *sources("contact.toml")]
    return (
        "The feet touch the ground with smooth Hunt-Crossley spheres, fitted to measured ground force",
        keys,
    )


def _reference(run: Run) -> Part:
    target = str(run.spec.get("target", ""))
    return (f"The motion tracks a measured gait; {target}", named_in(target)) if target else ("", ())


def _drive(run: Run) -> Part:
    if not run.muscle_driven:
        return "Torques drive all joints", ()
    keys = [*strength.CITES, *sources("trunk_fascicles.csv")]
    count = len(run.muscle_names)
    if not has_leg_muscles(run):
        return (
            f"Torques drive all joints; {count} trunk muscles then share the lumbar moments by static optimisation",
            keys,
        )
    problem = _recorded(run, "problem")
    text = f"{count} Hill-type muscles of legs and trunk are part of the problem"
    if problem:
        text += (
            f", with activation dynamics ({1000 * problem['activation_time_s']:g} and "
            f"{1000 * problem['deactivation_time_s']:g} ms) and {problem['compliant_tendons']} tendons that stretch"
        )
    mine = set(run.muscle_names)
    keys += [*sources("leg_muscles.csv", lambda row: row["muscle"] in mine), *leg_tables.CITES, *drive.CITES]
    if problem.get("tissue", True):
        text += "; passive tissue resists at the ends of the joints' ranges"
        keys += passive_moments.CITES
    return text, keys


def _objective(run: Run) -> Part:
    weights: Mapping[str, float] = _recorded(run, "problem").get("weights", {})
    if not weights:
        return "The weights of the objective are not recorded in this file", ()
    terms = [f"{value:g} for {TERMS.get(name, name)}" for name, value in weights.items()]
    text = f"The objective is a sum of mean squares, with weights {'; '.join(terms)}"
    moments = _recorded(run, "problem").get("tracked_moments", [])
    return text + (f"; the net moments are {', '.join(moments)}" if moments else ""), ()


def _solver(run: Run) -> Part:
    s = run.solver
    mesh = _recorded(run, "problem")
    text = f"Motion is a spline that obeys the equations of motion at {s.get('points', 'its')} collocation points"
    if mesh:
        half = "half a stride, the rest by symmetry" if mesh["ends"] == "mirrored" else "a stride"
        text += f" in {mesh['intervals']} intervals over {half}"
    text += f"; IPOPT took {s['iterations']} iterations" if "iterations" in s else ""
    return text, [*basis.CITES, *ENGINES["casadi"]]


def _checks(run: Run) -> Part:
    limits_told = (
        (
            "opensim_residual_max_bw",
            "OpenSim's own inverse dynamics leaves {:.2g} body weights at the pelvis at the collocation points",
        ),
        ("between_points_residual_max_bw", "at most {:.2g} are left between them"),
        ("energy_imbalance", "energy balances within {:.2g} of the joints' positive work"),
        ("reserve_max_nm", "reserves supply at most {:.2g} N m"),
    )
    told = [words.format(run.solver[k]) for k, words in limits_told if run.solver.get(k) is not None]
    return (f"Checks: {'; '.join(told)}", ENGINES["opensim"]) if told else ("", ())


def _lumbar(run: Run) -> Part:
    levels = metrics(run)["lumbar"]
    if not levels:
        return "", ()
    return (
        f"Loads of {len(levels)} lumbar levels are those of the joints with the forces of all muscles; compression acts "
        "along the chord of joint centres, disc axes from standing radiographs",
        sources("discs.csv"),
    )


def _tissue(run: Run) -> Part:
    if not run.metabolic_rate.size:
        return "", ()
    mine = {without_side(name) for name in run.muscle_names} | set(run.muscle_groups)
    energetics = sources("muscle_energetics.csv", lambda row: row["muscle"] in mine)
    keys = [*sources("metabolic_rate.toml"), *energetics, *sources("patella.toml")]
    return "Metabolic rate and patellofemoral force follow from the states of the muscles", keys


def _versions(run: Run) -> Part:
    found = run.spec.get("versions", {})
    names = [f"{name} {value}" for name, value in found.items() if name not in ("schema", "footstrike")]
    return (f"Versions: {', '.join(names)}", ()) if names else ("", ())


_PARTS: tuple[Callable[[Run], Part], ...] = (
    _task, _model, _contact, _reference, _drive, _objective, _solver, _checks, _lumbar, _tissue, _versions,
)  # fmt: skip


def _recorded(run: Run, what: str) -> dict[str, Any]:
    found: dict[str, Any] = run.spec.get(what) or {}
    return found


def _version(run: Run, name: str) -> str:
    return str(run.spec.get("versions", {}).get(name, "of an unknown version"))
