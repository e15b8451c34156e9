"""The text that tells what the files of an exported run are, how OpenSim's tools run on them, and what to expect."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from footstrike.brief import brief
from footstrike.export.setups import STATIC_OPTIMISATION_EVERY
from footstrike.model.description import Coupler, Description, Polynomial
from footstrike.outcomes.ground import weight
from footstrike.outcomes.laws import ROOT, TRANSLATIONS
from footstrike.outcomes.metrics import metrics
from footstrike.runs.run import Run

_CONTENTS = {
    "runner.osim": "the model, with an actuator on every free coordinate; its contact spheres are switched off, "
    "since external_loads.xml applies the ground's force",
    "motion.mot": "coordinates, dependent ones included, rad and m",
    "ground_forces.mot": "the ground's force on each segment of the feet (N), its point (m), free torque (N m)",
    "external_loads.xml": "applies ground_forces.mot",
    "forces.sto": "force of every muscle (N) and of every actuator (N m, N), in the model's order",
    "joint_moments.sto": "the run's joint moments, N m (N at the pelvis' translations), under the names that OpenSim's "
    "inverse dynamics gives them: _force also where it does not see a plain rotation",
    "activations.sto": "muscle activations, 0 to 1",
    "lumbar_loads.sto": "the run's joint loads of the lumbar levels, N and N m; force on the upper vertebra as "
    "anterior, superior (along the chord of joint centres) and right",
    "inverse_dynamics.xml": "set-up of inverse dynamics",
    "joint_reaction.xml": "set-up of joint reaction at the lumbar levels under forces.sto",
    "static_optimisation.xml": f"set-up of static optimisation, every {STATIC_OPTIMISATION_EVERY}th sample",
    "joint_reaction_of_static_optimisation.xml": "set-up of joint reaction under the forces it finds",
}

_HOW = """\
How to run the tools
OpenSim application: File > Open Model, runner.osim; Tools > Inverse Dynamics (or Tools > Analyze); Load, the set-up; Run.
Shell, in this folder:
    opensim-cmd run-tool inverse_dynamics.xml
    opensim-cmd run-tool joint_reaction.xml
    opensim-cmd run-tool static_optimisation.xml
    opensim-cmd run-tool joint_reaction_of_static_optimisation.xml
Python, with the opensim package, in this folder:
    import opensim
    opensim.InverseDynamicsTool("inverse_dynamics.xml").run()
    opensim.AnalyzeTool("joint_reaction.xml").run()
    opensim.AnalyzeTool("static_optimisation.xml").run()
    opensim.AnalyzeTool("joint_reaction_of_static_optimisation.xml").run()
Static optimisation takes minutes; the set-up after it needs its result. AnalyzeTool finds its files from anywhere.
InverseDynamicsTool looks for the model where it is started: stand in this folder, or give it the model with setModel.
Joint reaction must log "Found {actuators} actuator forces". If it does not, give its forces_file by its full path: without
that file OpenSim takes default activations and still prints a result.
Results: inverse_dynamics.sto, and .sto files in folders that have the names of the other set-ups.
"""

_EXPECT = """\
What to expect
Inverse dynamics: joint_moments.sto within 1 % of body weight, which is {weight:.1f} N. So at the pelvis, where the run
itself leaves up to {force:.1f} N and {moment:.1f} N m. The tool ignores couplers: the column of a coordinate that
drives others is only its own joint's share. Its whole moment is the sum
{sums}
"""

_REACTION = """\
Joint reaction: force on the upper vertebra, in N, expressed in the frame LEVEL_axes of the model: x anterior, y superior
along the chord of joint centres, z right. Compression is +fy, anterior shear is -fx (the load pushes the upper vertebra
forward). Peaks of the run, in body weights:
{peaks}
Static optimisation finds other muscle forces than the run has, and so other loads: it takes every instant by itself,
without activation dynamics, with rigid tendons, without the pull of stretched fibres and without a least activation,
and minimises the plain sum of squared activations.
"""


@dataclass(frozen=True)
class Shipped:
    """The exported model: its text, names of its actuators, and columns of inverse dynamics by coordinate."""

    osim: str
    actuators: Sequence[str]
    columns: Mapping[str, str]

    __repr__ = brief


def readme(run: Run, description: Description, names: Iterable[str], shipped: Shipped) -> str:
    """Text of README.txt; ``names`` are the files to be told of."""
    lines = [
        f"One stride of {run.strike} running at {run.speed:g} m/s, from right initial contact (time 0) to the next one",
        f"({run.time[-1]:.4f} s). Motion and forces go on a little beyond both ends, as the strides before and after do,",
        "so that splines have neighbours there. Ground axes: x forward, y up, z to the right. Units: s, m, rad, N, N m;",
        "no file is in degrees.",
        "",
        *(f"{name}: {_CONTENTS[name]}" for name in names),
        "",
        "Actuators carry what muscles do not: nearly all of the moment of arms and toes; elsewhere reserves and passive tissue;",
        "at the pelvis what the solution left over.",
        "",
    ]
    how = _HOW.format(actuators=len(shipped.actuators))
    force, moment = _left_over(run)
    sums = "\n".join(_sums(description.couplers, shipped.columns)) or "    (none here)"
    expect = _EXPECT.format(weight=weight(run), force=force, moment=moment, sums=sums)
    peaks = "\n".join(_peaks(run))
    return "\n".join([*lines, how, expect + (_REACTION.format(peaks=peaks) if peaks else "")])


def _left_over(run: Run) -> tuple[float, float]:
    """Largest force (N) and moment (N m) at the pelvis that the run leaves to nobody."""
    pelvis = {name: float(np.abs(v).max()) for name, v in run.torques.items() if name.startswith(ROOT)}
    forces = [v for name, v in pelvis.items() if name in TRANSLATIONS]
    moments = [v for name, v in pelvis.items() if name not in TRANSLATIONS]
    return max(forces, default=0.0), max(moments, default=0.0)


def _sums(couplers: Iterable[Coupler], columns: Mapping[str, str]) -> list[str]:
    """One line for each coordinate that drives others."""
    parts: dict[str, list[str]] = {}
    for c in couplers:
        slope = f"(slope of {c.name})"
        if isinstance(c.function, Polynomial) and len(c.function.coefficients) == 2:
            slope = f"{c.function.coefficients[1]:.6g}"
        parts.setdefault(c.independent, []).append(f"{slope} x {columns[c.dependent]}")
    return [f"    {columns[name]} + " + " + ".join(terms) for name, terms in parts.items()]


def _peaks(run: Run) -> list[str]:
    return [
        f"    {level:6} resultant {loads['peak_resultant_bw']:.3f}  compression {loads['peak_compression_bw']:.3f}  "
        f"anterior shear {loads['peak_anterior_shear_bw']:.3f}"
        for level, loads in metrics(run)["lumbar"].items()
    ]
