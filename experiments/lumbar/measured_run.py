"""Measured running on a published 324-muscle model: all joints, against OpenSim, and timed.

    FOOTSTRIKE_DATA=DIR python experiments/lumbar/measured_run.py [--speeds 2 3 4] [--frames 70]

DIR holds models/FBLS_Raabe2016.osim (Raabe & Chaudhari 2016) and hamner_s01/ (Hamner & Delp 2013: run?_*.mot and the
subject's scaled model). The published model is scaled to the subject by OpenSim with the factors of his own scaled
model (trunk and vertebrae alike), 72.84 kg, and takes his joint angles (15 Hz low-pass); the lumbar angles are stretched
by the sums of the model's rhythm. Both programs get the same strengths, reserves of 1 N m per unit of control and squared
activations, and solve the same frames of one stride.

Ours counts everything: a new worker process, reading and describing the model, muscle paths, strengths, sharing and
joints. Of OpenSim only StaticOptimization and JointReaction are counted, not reading model and motion.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import threading
import time as clock
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import Progress
from scipy.interpolate import make_interp_spline
from scipy.signal import butter, filtfilt

from footstrike.dynamics.rigid_body import Force, Tree, stack, stack_matrix
from footstrike.errors import WorkerError
from footstrike.formats.storage import read_columns
from footstrike.model.description import Array, Description
from footstrike.model.measured import MeasuredMuscles, OptimiserSettings
from footstrike.muscles.joint_forces import JointLoads, joint_loads
from footstrike.muscles.load_sharing import Sharing
from footstrike.workers.client import Worker

STRIDES = {2: (0.199, 0.962), 3: (0.514, 1.213), 4: (0.862, 1.546)}  # s, limits of one stride of each trial
BEYOND = 20  # frames more at both ends for OpenSim's splines
REPEATS = 3
SOLVED = "Constraint violation"  # in OpenSim's log, once per frame
MASS_KG = 72.84
LUMBAR = {"flex_extension": 0.934, "lat_bending": 1.0, "axial_rotation": 0.39}
SOURCE = {
    "flex_extension": "lumbar_extension",
    "lat_bending": "lumbar_bending",
    "axial_rotation": "lumbar_rotation",
}
TRUNK = ("sacrum", "lumbar5", "lumbar4", "lumbar3", "lumbar2", "lumbar1", "Abdomen", "LB_wrap")
LEVELS = ("L5_S1_IVDjnt", "L4_L5_IVDjnt", "L3_L4_IVDjnt", "L2_L3_IVD_jnt", "L1_L2_IVD_jnt")
JOINTS = (*LEVELS, "hip_r", "knee_r", "ankle_r")
Series = dict[str, Array]
Motion = tuple[Series, Series, Series]
Ticks = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Trial:
    """One stride: the frames that are solved, ``longer`` with those beyond both ends."""

    speed: int
    time: Array
    longer: Array
    angles: Series
    plates: Series

    @property
    def frames(self) -> int:
        """How many frames are solved."""
        return len(self.time)


@dataclass(frozen=True)
class Ours:
    """Our answer and its seconds: process, description, paths, strengths, sharing and joints."""

    loads: JointLoads
    seconds: Array


def trial(folder: Path, speed: int, frames: int) -> Trial:
    time = np.linspace(*STRIDES[speed], frames)
    longer = time[0] + np.arange(-BEYOND, frames + BEYOND) * (time[1] - time[0])
    return Trial(
        speed, time, longer, *(read_columns(folder / f"run{speed}_{what}.mot") for what in ("ik", "grf"))
    )


def scaled_to_subject(data: Path) -> str:
    """The published model with the factors that the subject's own model shows on its meshes."""
    factors = mesh_factors(data / "hamner_s01" / "subject01_scaled.osim")
    generic = mesh_factors(data / "models" / "Hamner2010.osim")
    factors = {body: factors[body] / generic[body] for body in factors}
    factors |= {f"patella_{side}": factors[f"femur_{side}"] for side in "rl"}
    factors |= dict.fromkeys(TRUNK, factors["torso"])
    text = (data / "models" / "FBLS_Raabe2016.osim").read_text(encoding="utf-8")
    with Worker("opensim") as worker:
        return str(worker.call("scale_model", text, factors, MASS_KG))


def mesh_factors(path: Path) -> dict[str, Array]:
    return {
        str(body.get("name")): np.array([float(x) for x in str(mesh.findtext("scale_factors")).split()])
        for body in ET.parse(path).getroot().iter("Body")
        for mesh in list(body.iter("Mesh"))[:1]
    }


def motion(d: Description, angles: Series, time: Array) -> Motion:
    b, a = butter(4, 15.0 / (0.5 / np.diff(angles["time"]).mean()))
    series: Motion = ({}, {}, {})
    for name in d.coordinate_names:
        values = angles[SOURCE.get(name, name)] / LUMBAR.get(name, 1.0)
        if name not in ("pelvis_tx", "pelvis_ty", "pelvis_tz"):
            values = np.deg2rad(values)
        spline = make_interp_spline(angles["time"], filtfilt(b, a, values), k=5)
        for order, out in enumerate(series):
            out[name] = spline(time, order)
    return series


def ground(d: Description, q: Series, plates: Series, time: Array) -> tuple[list[Force], Series]:
    """Forces at the centres of pressure, and the same as moment about the ground origin and force."""
    tree = Tree(d)
    at = tree.motion(q)
    forces, wrenches = [], {}
    right, left = ("R_", "L_") if "R_ground_force_vx" in plates else ("", "l_")
    for side, body in ((right, "calcn_r"), (left, "calcn_l")):
        force, point = (
            np.column_stack(
                [np.interp(time, plates["time"], plates[f"{side}ground_force_{w}{x}"]) for x in "xyz"]
            )
            for w in "vp"
        )
        turn = stack_matrix(tree.orientation(at, body), len(time))
        local = np.einsum("tji,tj->ti", turn, point - stack(tree.position(at, body), len(time)))
        forces.append(Force(body, list(local.T), list(force.T)))
        wrenches[body] = np.hstack([np.cross(point, force), force])
    return forces, wrenches


def by_us(text: str, run: Trial, floor: dict[str, float]) -> Ours:
    marks = [clock.perf_counter()]
    with Worker("opensim") as worker:
        d: Description = worker.call("describe", text, fit_paths=False)
        marks.append(clock.perf_counter())
        series = motion(d, run.angles, run.time)
        forces, _ = ground(d, series[0], run.plates, run.time)
        names = d.coordinate_names
        q, qd = (np.column_stack([s[n] for n in names]) for s in series[:2])
        paths = worker.call("muscle_paths", text, names, q, [m.name for m in d.muscles if not m.path])
        marks.append(clock.perf_counter())
        active = worker.call("muscle_strength", text, names, q, qd, [m.name for m in d.muscles])
        marks.append(clock.perf_counter())
    how = Sharing(weights={}, reserve_penalty=1.0, floor=floor)
    loads = joint_loads(d, *series, forces, measured=MeasuredMuscles(paths, active), sharing=how)
    marks.append(clock.perf_counter())
    return Ours(loads, np.diff(marks))


def by_opensim(text: str, run: Trial, tick: Ticks) -> dict[str, Any]:
    """Start some frames earlier if OpenSim finds no rest of a tendon at the first one, which it asks for."""
    for before in range(0, BEYOND + 1, 4):
        try:
            return from_frame(text, run, before, tick)
        except WorkerError as error:
            failure = error
    raise failure


def from_frame(text: str, run: Trial, before: int, tick: Ticks) -> dict[str, Any]:
    with Worker("opensim") as worker, tempfile.TemporaryDirectory() as folder:
        d: Description = worker.call("describe", text, fit_paths=False)
        series = motion(d, run.angles, run.longer)
        _, wrenches = ground(d, series[0], run.plates, run.longer)
        names = d.coordinate_names
        log = Path(folder) / "solved.log"
        with counted(log, lambda done: tick(f"OpenSim at {run.speed} m/s", done, run.frames + before)):
            answer: dict[str, Any] = worker.call(
                "static_optimisation",
                text,
                run.longer,
                names,
                np.column_stack([series[0][n] for n in names]),
                [n for n in names if not n.startswith(("pelvis", "arm", "elbow", "pro_sup"))],
                OptimiserSettings(
                    span=(float(run.longer[BEYOND - before]), float(run.time[-1])), tolerance=1e-4, log=log
                ),
                forces=wrenches,
                reactions=JOINTS,
            )
        answer["each"] = seconds_of_each(log)
    return answer


def seconds_of_each(log: Path) -> Array:
    """Seconds between the frames that OpenSim's log calls solved."""
    stamps = [
        datetime.fromisoformat(line[1 : line.index("]")])
        for line in log.read_text(encoding="utf-8", errors="replace").splitlines()
        if SOLVED in line
    ]
    return np.array([(b - a).total_seconds() for a, b in pairwise(stamps)])


@contextmanager
def counted(log: Path, tick: Callable[[int], None]) -> Iterator[None]:
    """Tell every second how many frames OpenSim's log says are solved."""
    done = threading.Event()

    def watch() -> None:
        while not done.wait(1.0):
            if log.exists():
                tick(log.read_text(encoding="utf-8", errors="replace").count(SOLVED))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def compare(text: str, run: Trial, tick: Ticks, console: Console) -> None:
    tries = [by_us(text, run, {})]
    theirs = by_opensim(text, run, tick)
    for k in range(REPEATS):
        tries.append(by_us(text, run, theirs["floor"]))
        tick("ours", k + 1, REPEATS)
    loads = tries[-1].loads
    at = [int(np.argmin(np.abs(theirs["time"] - t))) for t in run.time]
    assert np.abs(theirs["time"][at] - run.time).max() < 1e-6
    weight = MASS_KG * 9.80665
    console.print(f"{run.speed} m/s, {run.frames} frames; reserves: ours {loads.reserve_max_nm:.2f} N m")
    for name in JOINTS:
        mine, other = loads.reactions[name][:, :3], theirs["reactions"][name][at]
        x, y = (np.linalg.norm(v, axis=1) / weight for v in (mine, other))
        vector = np.linalg.norm(mine - other, axis=1) / weight
        rms, largest = (float(f) for f in (np.sqrt(np.mean((x - y) ** 2)), np.abs(x - y).max()))
        console.print(
            f"  {name:14s} peak {x.max():.3f}, OpenSim {y.max():.3f} BW; rms {rms:.4f}, largest {largest:.4f} BW; "
            f"rms of the vector {np.sqrt(np.mean(vector**2)):.4f}"
        )
    tell_times(np.array([one.seconds for one in tries]) / run.frames, theirs, console)


def tell_times(ours: Array, theirs: dict[str, Any], console: Console) -> None:
    """Medians per frame; of OpenSim also the mean, which a few hard frames raise."""
    parts = 1e3 * np.median(ours, axis=0)
    words = ("process and description", "paths", "strengths", "sharing and joints")
    told = ", ".join(f"{w} {p:.1f}" for w, p in zip(words, parts, strict=True))
    console.print(f"  ours, ms per frame: {told}; in all {parts.sum():.1f}")
    mean, reaction = 1e3 * theirs["seconds"] / len(theirs["time"])
    median = 1e3 * float(np.median(theirs["each"]))
    console.print(
        f"  OpenSim, ms per frame: static optimisation {median:.0f} (mean {mean:.0f}), joint reaction {reaction:.0f}"
    )
    for what, cost in (("every cost", parts.sum()), ("all but process and description", parts[1:].sum())):
        of_medians, of_means = (median + reaction) / cost, (mean + reaction) / cost
        console.print(f"  ratio with {what}: {of_medians:.0f} of medians, {of_means:.0f} of means")


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--speeds", type=int, nargs="*", choices=list(STRIDES), default=list(STRIDES))
    options.add_argument("--frames", type=int, default=70)
    args = options.parse_args()
    data = Path(os.environ["FOOTSTRIKE_DATA"])
    text = scaled_to_subject(data)
    with Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task("starting", total=1)
        for speed in args.speeds:
            run = trial(data / "hamner_s01", speed, args.frames)
            compare(
                text,
                run,
                lambda words, done, total: bar.update(task, description=words, completed=done, total=total),
                Console(highlight=False, soft_wrap=True),
            )


if __name__ == "__main__":
    main()
