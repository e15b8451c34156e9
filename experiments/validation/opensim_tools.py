"""OpenSim's own tools on exported runs, from the shipped set-ups, beside the runs.

    python experiments/validation/opensim_tools.py RUN.h5 [RUN.h5 ...]

Inverse dynamics and joint reaction have to give the run; static optimisation answers another question, and its answer
is then turned into the run's step by step: the same muscle redundancy solved with the cost, the curves and the least
activation of the run. What is left is what one instant alone cannot have: activation dynamics and tendons that stretch.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
from scipy.constants import g

import footstrike as fs
from footstrike.control.drive import MUSCLE_DRIVEN
from footstrike.control.problem import Drive
from footstrike.control.sample import Kinematics, frames
from footstrike.dynamics.joint_functions import evaluate
from footstrike.export.setups import STATIC_OPTIMISATION_EVERY
from footstrike.formats.storage import read_columns
from footstrike.model.description import Array, Description
from footstrike.model.measured import MeasuredMuscles
from footstrike.model.sides import without_side
from footstrike.muscles.joint_forces import joint_loads
from footstrike.muscles.load_sharing import Sharing
from footstrike.outcomes.laws import ROOT
from footstrike.runs import assemble
from footstrike.workers.client import opensim_worker

Columns = dict[str, Array]
REACTIONS = "runner_JointReaction_ReactionLoads.sto"
LEAST = Drive().floor
STEPS = (
    ("as OpenSim's static optimisation", Sharing(weights={}), True),
    ("fascicles weighted as in the run", Sharing(), True),
    ("and stretched fibres pull", Sharing(passive=True), False),
    ("and no activation below the run's least", Sharing(passive=True, floor=LEAST), False),
)


def inverse_dynamics(folder: Path, run: fs.Run, description: Description) -> None:
    opensim_worker().call("run_tool", folder / "inverse_dynamics.xml")
    found = read_columns(folder / "inverse_dynamics.sto")
    column = {n.removesuffix("_moment").removesuffix("_force"): v for n, v in found.items()}
    total = {name: column[name].copy() for name in run.torques}
    for c in description.couplers:
        total[c.independent] += evaluate(c.function, run.coordinates[c.independent])[1] * column[c.dependent]
    error = {name: np.abs(total[name] - values) for name, values in run.torques.items()}
    inner = [name for name in error if not name.startswith(ROOT)]
    weight = run.mass * g / 100
    for label, names in (("pelvis", [n for n in error if n.startswith(ROOT)]), ("joints", inner)):
        worst = max(names, key=lambda n: error[n].max())
        ends = max(error[n][[0, -1]].max() for n in names)
        print(
            f"inverse dynamics, {label}: differs from the run by at most {error[worst].max() / weight:.2f} % BW"
        )
        print(f"  ({worst}), at the two ends {ends / weight:.2f}; OpenSim's largest "
              f"{max(np.abs(total[n]).max() for n in names) / weight:.2f}, "
              f"the run's {max(np.abs(run.torques[n]).max() for n in names) / weight:.2f}")  # fmt: skip
    for name in ("lumbar_extension", "lumbar_bending", "lumbar_rotation"):
        own, whole, of_run = (np.abs(v).max() for v in (column[name], total[name], run.torques[name]))
        print(f"  {name}: OpenSim's column {own:.2f}, summed {whole:.2f}, run {of_run:.2f} N m")


def reactions(folder: Path, setup: str, run: fs.Run) -> dict[str, Array]:
    """Peaks (3,) of resultant, compression and anterior shear by level, BW."""
    opensim_worker().call("run_tool", folder / f"{setup}.xml")
    found = read_columns(folder / setup / REACTIONS)
    out = {}
    for level in run.lumbar:
        names = [
            next(n for n in found if n.startswith(f"{level}_on_") and n.endswith(f"_f{x}")) for x in "xyz"
        ]
        force = np.column_stack([found[n] for n in names]) / (run.mass * g)
        out[level] = np.array([np.linalg.norm(force, axis=1).max(), force[:, 1].max(), (-force[:, 0]).max()])
    return out


def steps(run: fs.Run, description: Description) -> None:
    """Static optimisation by Footstrike, turned into the run's muscles one difference at a time."""
    every = slice(None, None, STATIC_OPTIMISATION_EVERY)
    motion = Kinematics(
        *({n: v[every] for n, v in s.items()} for s in (run.coordinates, run.speeds, run.accelerations))
    )
    contact = assemble.mechanics(description, description.spheres, motion).contact
    names = description.coordinate_names
    q, qd = frames(motion.q, names), frames(motion.qd, names)
    ask = opensim_worker().call
    bent = [m.name for m in description.muscles if not m.path]
    sampled = ask("muscle_paths", run.model_osim, names, q, bent)
    strengths = ask("muscle_strength", run.model_osim, names, q, qd, [m.name for m in description.muscles])
    balanced = [n for n in names if without_side(n) in MUSCLE_DRIVEN]
    for label, sharing, theirs in STEPS:
        loads = joint_loads(
            description, motion.q, motion.qd, motion.qdd, contact, balanced=balanced, sharing=sharing,
            measured=MeasuredMuscles(sampled, strengths if theirs else None),
        )  # fmt: skip
        peak = np.linalg.norm(loads.reactions["L5S1"][:, :3], axis=1).max() / (run.mass * g)
        print(f"| {label} | {peak:.3f} | {loads.reserve_max_nm:.0f} |")
    peak = run.lumbar["L5S1"]["resultant"][every].max() / (run.mass * g)
    print(f"| the run, in the same samples | {peak:.3f} | {run.solver['reserve_max_nm']:.0f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="+", type=Path)
    for path in parser.parse_args().runs:
        run = fs.Run.load(path)
        description = opensim_worker().call("describe", run.model_osim)
        print(f"\n{run.strike} at {run.speed:g} m/s")
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place) / "exported"
            fs.export_opensim(run, folder)
            inverse_dynamics(folder, run, description)
            given = reactions(folder, "joint_reaction", run)
            opensim_worker().call("run_tool", folder / "static_optimisation.xml")
            shared = reactions(folder, "joint_reaction_of_static_optimisation", run)
        print("| level | run | joint reaction | after static optimisation |\n|---|---|---|---|")
        for level, loads in fs.metrics(run)["lumbar"].items():
            ours = [loads[f"peak_{k}_bw"] for k in ("resultant", "compression", "anterior_shear")]
            print(f"| {level} |", " | ".join(" / ".join(f"{x:.3f}" for x in row)
                                              for row in (ours, given[level], shared[level])), "|")  # fmt: skip
        steps(run, description)


if __name__ == "__main__":
    main()
