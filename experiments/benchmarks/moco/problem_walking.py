"""The walking trial of OpenSim's example3DWalking, driven by torques or by muscles."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from problem import PELVIS, Array, Drive, Problem, Spring, splined

from footstrike.formats.storage import read_columns
from footstrike.model.description import Description, Muscle, PathPolynomial
from footstrike.model.measured import MusclePath
from footstrike.muscles.running_paths import running_paths
from footstrike.workers.client import opensim_worker


def walking(t: Mapping[str, Any], muscles: bool) -> Problem:
    """The problem of the table [walking]."""
    root = os.environ.get("FOOTSTRIKE_DATA")
    if not root:
        raise SystemExit(
            "the walking problem needs FOOTSTRIKE_DATA: a folder with example3DWalking's data in walking/"
        )
    files = {k: Path(root) / t[k] for k in ("model", "spheres", "motion", "forces")}
    own = t["muscles" if muscles else "torque"]
    worker = opensim_worker()
    text = _prepared(files, t, muscles)
    description = worker.call("describe", text)
    if muscles:
        description = replace(description, muscles=_fitted(text, description, t["range_deg"]))
    names = description.coordinate_names
    data = read_columns(files["motion"])
    measured = {k.split("/")[-2]: v for k, v in data.items() if "/" in k}
    time = data["time"]
    values, rates = splined(time, {n: measured.get(n, np.zeros(len(time))) for n in names})
    forces = read_columns(files["forces"])
    inside = (forces["time"] > t["start_s"] - 0.1) & (forces["time"] < t["end_s"] + 0.1)
    force = {
        side: np.stack([forces[f"ground_force_{side[0]}_v{axis}"][inside] for axis in "xyz"], axis=1)
        for side in ("right", "left")
    }
    weight = description.mass * float(np.linalg.norm(description.gravity))
    return Problem(
        name="walking_muscles" if muscles else "walking_torque",
        model=text,
        description=description,
        muscles=muscles,
        ends="periodic" if muscles else "free",
        start=t["start_s"],
        end=t["end_s"],
        breaks=np.linspace(0.0, 1.0, 1 + int(np.ceil((t["end_s"] - t["start_s"]) / t["mesh_interval_s"]))),
        time=time,
        values=values,
        rates=rates,
        value_weights={n: own["state"] * t["value"].get(n, 1.0) for n in names},
        rate_weights={n: own["state"] * t["rate"].get(n, 1.0) for n in names},
        force_time=forces["time"][inside],
        force=force,
        force_weight=own["force"] * weight,
        drives=tuple(_walking_drive(t["drives"], n, muscles) for n in names if not n.startswith(PELVIS)),
        springs=tuple(
            Spring(n, t["drives"]["toe_stiffness"], t["drives"]["toe_damping"])
            for n in names
            if n.startswith("mtp")
        ),
        effort_weight=own["effort"],
        activation_weight=own["effort"] if muscles else 0.0,
        convergence_tolerance=t["convergence_tolerance"],
        constraint_tolerance=t["constraint_tolerance"],
        initial_within=(t["initial_value_within"], t["initial_speed_within"]),
        activation_floor=t["muscle_properties"]["activation_floor"],
        notes=t,
    )


def _fitted(text: str, description: Description, ranges: Mapping[str, Any]) -> tuple[Muscle, ...]:
    """The muscles with polynomials fitted closely over what walking uses, for both programs."""

    def measure(names: list[str], q: Array, muscles: list[str]) -> list[MusclePath]:
        return list(opensim_worker().call("muscle_paths", text, names, q, muscles))

    def closer(muscle: Muscle) -> PathPolynomial:
        """Where the path jumps, the description's own, which leaves out what is behind the jump."""
        own, fitted = muscle.polynomial, paths[muscle.name]
        return fitted if own is None or fitted.length_rms_m <= own.length_rms_m else own

    paths = running_paths(description, measure, {n: tuple(r) for n, r in ranges.items()})
    return tuple(replace(m, polynomial=closer(m), path=()) for m in description.muscles)


def _walking_drive(t: Mapping[str, float], name: str, muscles: bool) -> Drive:
    if name.startswith("mtp"):
        return Drive(name, t["toe_nm"], 1.0)
    if name.startswith(("hip", "knee", "ankle")):
        return Drive(name, t["reserve_nm"]) if muscles else Drive(name, t["leg_nm"], 1.0)
    return Drive(name, t["other_nm"], 1.0)


def _prepared(files: Mapping[str, Path], t: Mapping[str, Any], muscles: bool) -> str:
    """The walking model's text with contact and converted muscles (in an OpenSim process of its own)."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "model.osim"
        script = Path(__file__).with_name("moco_walking.py")
        request = {
            **{k: str(p.absolute()) for k, p in files.items()},
            "table": t,
            "muscles": muscles,
            "out": str(out),
        }
        subprocess.run(
            [sys.executable, str(script)],
            input=json.dumps(request),
            text=True,
            check=True,
            cwd=folder,
            stdout=sys.stderr,
        )
        return out.read_text(encoding="utf-8")
