"""The benchmark's problems as plain data, from problems.toml: what Moco and Footstrike are both given."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import make_interp_spline

from footstrike.control.problem import default_breaks
from footstrike.dynamics.rigid_body import Tree
from footstrike.engines.client import opensim_worker
from footstrike.gait.mirror import mirror
from footstrike.gait.targets import Target, target
from footstrike.model.description import Description
from footstrike.model.runner import RunnerSpec

Array = NDArray[np.float64]
TABLE = Path(__file__).with_name("problems.toml")
PELVIS = "pelvis_"


@dataclass(frozen=True)
class Drive:
    """An ideal torque ``scale * u`` (N m) about a coordinate, with ``|u| <= limit``."""

    coordinate: str
    scale: float
    limit: float = np.inf


@dataclass(frozen=True)
class Spring:
    """A passive torque ``-stiffness q - damping q'``, N m."""

    coordinate: str
    stiffness: float
    damping: float


@dataclass(frozen=True)
class Problem:
    """One problem; :mod:`objective` evaluates its objective.

    Attributes
    ----------
    model
        Text of the .osim file, complete but for ``drives`` and ``springs``: contact is in it, and muscles if they
        drive it.
    description
        The same as plain data, whose polynomials are the muscles' paths in both programs.
    muscles
        Whether muscles drive it; ``passive_muscles`` whether their passive fibres pull.
    ends
        "mirrored": the end mirrors the start, one step further on; "periodic": the end is the start, anywhere
        ahead; "free".
    breaks
        Ends of the mesh intervals, 0..1 of ``start``..``end`` (s).
    time, values, rates
        Sampled reference motion of the free coordinates, (T,) each; beyond both ends.
    value_weights, rate_weights
        Per rad2 s (m2 s) and rad2/s.
    force_time, force
        Sampled ground force on "right" and "left" foot, (S, 3) N.
    force_weight
        Per body weight squared and second.
    effort_weight, activation_weight
        Of squared controls of the drives and squared activations, per s.
    initial_within
        How far values and speeds may be from the reference at the start; None: anywhere.
    advance
        How far the pelvis moves on, m, if mirrored.
    """

    name: str
    model: str
    description: Description
    muscles: bool
    passive_muscles: bool
    ends: str
    start: float
    end: float
    breaks: Array
    time: Array
    values: Mapping[str, Array]
    rates: Mapping[str, Array]
    value_weights: Mapping[str, float]
    rate_weights: Mapping[str, float]
    force_time: Array
    force: Mapping[str, Array]
    force_weight: float
    drives: tuple[Drive, ...]
    springs: tuple[Spring, ...]
    effort_weight: float
    activation_weight: float
    convergence_tolerance: float
    constraint_tolerance: float
    initial_within: tuple[float, float] | None = None
    advance: float | None = None
    notes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def duration(self) -> float:
        """Seconds."""
        return self.end - self.start

    @property
    def weight(self) -> float:
        """Body weight, N."""
        return self.description.mass * float(np.linalg.norm(self.description.gravity))


def problem(name: str) -> Problem:
    """The problem of that name, one of :data:`PROBLEMS`."""
    return PROBLEMS[name]()


def _runner(muscles: bool) -> Problem:
    t = tomllib.loads(TABLE.read_text(encoding="utf-8"))["runner"]
    worker = opensim_worker()
    spec = RunnerSpec(trunk=t["muscles_trunk"], legs=t["muscles_legs"] if muscles else "none")
    text = worker.call("build_runner", spec)
    description = worker.call("describe", text)
    if not muscles:
        description = replace(description, muscles=())
    names = description.coordinate_names
    aim = target(t["strike"], t["speed_mps"])
    duration = aim.stride_time / 2
    time = np.linspace(-0.3, 1.3, 641) * duration
    before = t["flight_before_contact"]
    curves = {n: _runner_reference(aim, n, time / duration, before) for n in names}
    curves["pelvis_ty"] += _standing_height(description, aim, curves, time / duration / 2 - before)
    values, rates = _spline(time, curves)
    driven = [n for n in names if not n.startswith(PELVIS)]
    scale = {n: next(s for start, s in t["scale_nm"].items() if n.startswith(start)) for n in driven}
    ideal = driven if not muscles else [n for n in driven if n.startswith(("arm", "elbow"))]
    drives = [Drive(n, scale[n] if n in ideal else t["reserve_nm"]) for n in driven]
    force_time, force = _runner_forces(aim, description, before)
    return Problem(
        name="runner_muscles" if muscles else "runner_torque",
        model=text,
        description=description,
        muscles=muscles,
        passive_muscles=True,
        ends="mirrored",
        start=0.0,
        end=duration,
        breaks=default_breaks(t["points"]),
        time=time,
        values=values,
        rates=rates,
        value_weights={n: t["motion"] / len(names) / duration * _runner_weight(t, aim, n) for n in names},
        rate_weights=dict.fromkeys(names, 0.0),
        force_time=force_time,
        force=force,
        force_weight=t["force"] / 6 / t["force_spread_bw"] ** 2 / duration,
        drives=tuple(drives),
        springs=(),
        effort_weight=t["torque"] / len(drives) / duration,
        activation_weight=t["activation"] / len(description.muscles) / duration if muscles else 0.0,
        convergence_tolerance=t["convergence_tolerance"],
        constraint_tolerance=t["constraint_tolerance"],
        advance=aim.speed * duration,
        notes=t,
    )


def _runner_reference(aim: Target, name: str, phase: Array, before: float) -> Array:
    """Target of a coordinate over the half cycle, which begins shortly before right contact."""
    stride = np.mod(phase / 2 - before, 1.0)
    periodic = np.append(aim.coordinates[name][:-1], aim.coordinates[name][0])
    curve = make_interp_spline(aim.phase, periodic, k=3, bc_type="periodic")(stride)
    if name == "pelvis_tx":
        return np.asarray(curve + aim.speed * aim.stride_time / 2 * phase)
    return np.asarray(curve)


def _standing_height(
    description: Description, aim: Target, curves: Mapping[str, Array], stride: Array
) -> float:
    """How far to raise the pelvis so that the lowest right sphere sinks in 5 mm on average over stance, m.

    It is where both programs start from; the height is not tracked.
    """
    tree = Tree(description)
    motion = tree.motion(dict(curves))
    right = [s for s in description.spheres if s.name.endswith("_r")]
    bottoms = [
        np.asarray(tree.position(motion, s.body, list(map(float, s.location)))[1]) - s.radius for s in right
    ]
    stance = (stride > 0) & (stride < aim.contact_time / aim.stride_time)
    return float(-0.005 - np.min(bottoms, axis=0)[stance].mean())


def _runner_weight(t: Mapping[str, Any], aim: Target, name: str) -> float:
    if name in ("pelvis_tx", "pelvis_ty"):
        return 0.0
    if name == "pelvis_tz":
        return 1 / float(t["pelvis_sideways_spread_m"]) ** 2
    spread = max(float(aim.spread[name][:-1].mean()), np.deg2rad(t["smallest_spread_deg"]))
    other = max(float(aim.spread[mirror(name)[0]][:-1].mean()), np.deg2rad(t["smallest_spread_deg"]))
    return 2 / (spread**2 + other**2)


def _runner_forces(aim: Target, description: Description, before: float) -> tuple[Array, dict[str, Array]]:
    """Measured mean force of both feet over the half cycle, scaled to carry the weight; none in flight."""
    duration = aim.stride_time / 2
    time = np.linspace(-0.3, 1.3, 1281) * duration
    phase = time / duration / 2 - before
    weight = description.mass * float(np.linalg.norm(description.gravity))
    carried = np.trapezoid(aim.force["fy"], aim.force_phase) * aim.contact_time
    to_weight = weight * duration / float(carried)
    out = {}
    for side, shift in (("right", 0.0), ("left", 0.5)):
        stance = np.mod(phase + shift, 1.0) * aim.stride_time / aim.contact_time
        out[side] = np.zeros((len(time), 3))
        for k, axis in enumerate(("fx", "fy")):
            curve = to_weight * np.interp(stance, aim.force_phase, aim.force[axis])
            out[side][:, k] = np.where(stance <= 1.0, curve, 0.0)
    return time, out


def _walking(muscles: bool) -> Problem:
    t = tomllib.loads(TABLE.read_text(encoding="utf-8"))["walking"]
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
    names = description.coordinate_names
    data = _table(files["motion"])
    measured = {k.split("/")[-2]: v for k, v in data.items() if "/" in k}
    time = data["time"]
    values, rates = _spline(time, {n: measured.get(n, np.zeros(len(time))) for n in names})
    forces = _table(files["forces"])
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
        passive_muscles=False,
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
        notes=t,
    )


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


def _table(path: Path) -> dict[str, Array]:
    """Columns of a .sto or .mot file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    start = next(k for k, line in enumerate(lines) if line.strip() == "endheader") + 1
    rows = np.array([[float(x) for x in line.split()] for line in lines[start + 1 :] if line.strip()])
    return dict(zip(lines[start].split(), rows.T, strict=True))


def _spline(time: Array, curves: Mapping[str, Array]) -> tuple[dict[str, Array], dict[str, Array]]:
    """The curves, and their derivatives by quintic splines."""
    splines = {n: make_interp_spline(time, v, k=5) for n, v in curves.items()}
    return dict(curves), {n: np.asarray(s.derivative()(time)) for n, s in splines.items()}


PROBLEMS: dict[str, Callable[[], Problem]] = {
    "walking_torque": lambda: _walking(False),
    "runner_torque": lambda: _runner(False),
    "runner_muscles": lambda: _runner(True),
    "walking_muscles": lambda: _walking(True),
}
