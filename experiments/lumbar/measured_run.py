"""A measured run on a published 324-muscle model: all joints, against OpenSim's static optimisation, and timed.

    FOOTSTRIKE_DATA=DIR python experiments/lumbar/measured_run.py

DIR holds models/FBLS_Raabe2016.osim (Raabe & Chaudhari 2016) and hamner_s01/run3_*.mot (Hamner & Delp 2013, 3 m/s).
The generic model takes the subject's joint angles (15 Hz low-pass); the lumbar angles are stretched by the sums of the
model's rhythm. Both programs get the same strengths, reserves of 1 N m per unit of control and squared activations.
"""

from __future__ import annotations

import os
import time as clock
from pathlib import Path

import numpy as np
from scipy.interpolate import make_interp_spline
from scipy.signal import butter, filtfilt

from footstrike.dynamics.rigid_body import Force, Tree, stack, stack_matrix
from footstrike.engines.client import Worker
from footstrike.lumbar.distribution import Sharing
from footstrike.lumbar.joint_loads import JointLoads, joint_loads
from footstrike.lumbar.paths import path_geometry
from footstrike.model.description import Array, Description

STRIDE = (0.514, 1.213)  # s, limits of the first stride of the trial
FRAMES = 70
BEYOND = 20  # frames more at both ends for OpenSim's splines
LUMBAR = {"flex_extension": 0.934, "lat_bending": 1.0, "axial_rotation": 0.39}
SOURCE = {
    "flex_extension": "lumbar_extension",
    "lat_bending": "lumbar_bending",
    "axial_rotation": "lumbar_rotation",
}
SHOWN = ("L5_S1_IVDjnt", "L3_L4_IVDjnt", "L1_L2_IVD_jnt", "hip_r", "knee_r", "ankle_r")
Series = dict[str, Array]


def table(path: Path) -> Series:
    lines = path.read_text(encoding="utf-8").splitlines()
    start = next(k for k, line in enumerate(lines) if line.strip() == "endheader") + 1
    rows = [[float(x) for x in line.split()] for line in lines[start + 1 :] if line.strip()]
    return dict(zip(lines[start].split(), np.array(rows).T, strict=True))


def motion(d: Description, angles: Series, time: Array) -> tuple[Series, Series, Series]:
    b, a = butter(4, 15.0 / (0.5 / np.diff(angles["time"]).mean()))
    series: tuple[Series, Series, Series] = ({}, {}, {})
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
    for side, body in (("R", "calcn_r"), ("L", "calcn_l")):
        force, point = (
            np.column_stack(
                [np.interp(time, plates["time"], plates[f"{side}_ground_force_{w}{x}"]) for x in "xyz"]
            )
            for w in "vp"
        )
        turn = stack_matrix(tree.orientation(at, body), len(time))
        local = np.einsum("tji,tj->ti", turn, point - stack(tree.position(at, body), len(time)))
        forces.append(Force(body, list(local.T), list(force.T)))
        wrenches[body] = np.hstack([np.cross(point, force), force])
    return forces, wrenches


def solve(
    worker: Worker,
    text: str,
    d: Description,
    series: tuple[Series, Series, Series],
    forces: list[Force],
    **how: object,
) -> tuple[JointLoads, list[object]]:
    names = d.coordinate_names
    q, qd = (np.column_stack([s[n] for n in names]) for s in series[:2])
    marks = [clock.perf_counter()]
    paths = worker.call("muscle_paths", text, names, q, [m.name for m in d.muscles if not m.path])
    marks.append(clock.perf_counter())
    active = worker.call("muscle_strength", text, names, q, qd, [m.name for m in d.muscles])
    marks.append(clock.perf_counter())
    loads = joint_loads(d, *series, forces, sampled=paths, active=active, sharing=Sharing(**how))  # type: ignore[arg-type]
    marks.append(clock.perf_counter())
    parts = ", ".join(f"{1e3 * s / len(q):.1f}" for s in np.diff(marks))
    print(f"paths, strengths, sharing and joints: {parts} ms per frame")
    return loads, paths


def main() -> None:
    data = Path(os.environ["FOOTSTRIKE_DATA"])
    text = (data / "models" / "FBLS_Raabe2016.osim").read_text(encoding="utf-8")
    time = np.linspace(*STRIDE, FRAMES)
    step = time[1] - time[0]
    longer = np.arange(-BEYOND, FRAMES + BEYOND) * step + time[0]
    angles, plates = (table(data / "hamner_s01" / f"run3_{what}.mot") for what in ("ik", "grf"))
    with Worker("opensim") as worker:
        d: Description = worker.call("describe", text)
        series = motion(d, angles, time)
        forces, _ = ground(d, series[0], plates, time)
        for _ in range(3):
            solve(worker, text, d, series, forces)
        compare(worker, text, d, motion(d, angles, longer), plates, longer)


def compare(
    worker: Worker,
    text: str,
    d: Description,
    series: tuple[Series, Series, Series],
    plates: Series,
    time: Array,
) -> None:
    names = d.coordinate_names
    forces, wrenches = ground(d, series[0], plates, time)
    balanced = [n for n in names if not n.startswith(("pelvis", "arm", "elbow", "pro_sup"))]
    q = np.column_stack([series[0][n] for n in names])
    started = clock.perf_counter()
    theirs = worker.call(
        "static_optimisation",
        text,
        time,
        names,
        q,
        balanced,
        every=5,
        tolerance=1e-4,
        iterations=1000,
        forces=wrenches,
    )
    wall = clock.perf_counter() - started
    print(
        f"OpenSim: {len(theirs['time'])} frames in {wall:.0f} s, {wall / len(theirs['time']):.2f} s per frame"
    )
    inside = np.flatnonzero((theirs["time"] > STRIDE[0]) & (theirs["time"] < STRIDE[1]))
    at = np.array([int(np.argmin(np.abs(time - t))) for t in theirs["time"][inside]])
    picked: tuple[Series, Series, Series] = tuple({n: v[at] for n, v in s.items()} for s in series)  # type: ignore[assignment]
    pushes = [Force(f.body, [x[at] for x in f.point], [x[at] for x in f.force]) for f in forces]
    ours, paths = solve(
        worker, text, d, picked, pushes, weights={}, reserve_penalty=1.0, floor=theirs["floor"]
    )
    tension = np.column_stack([theirs["forces"][n][inside] for n in ours.muscle_names])
    tree = Tree(d, keep=[j.name for j in d.joints])
    geometry = path_geometry(tree, tree.motion(*picked), len(at), d.muscles, paths, picked[1])  # type: ignore[arg-type]
    change = geometry.pull(tension - ours.muscle_forces)
    weight = d.mass * float(np.linalg.norm(d.gravity))
    for name in SHOWN:
        child = next(j.child for j in d.joints if j.name == name)
        a = ours.reactions[name][:, :3]
        x, y = (
            np.linalg.norm(v, axis=1) / weight for v in (a, a - change[:, tree.placement[child].node, :3])
        )
        rms, largest = np.sqrt(np.mean((x - y) ** 2)), np.abs(x - y).max()
        print(f"  {name}: peak {x.max():.2f}, OpenSim {y.max():.2f}; rms {rms:.4f}, largest {largest:.4f} BW")


if __name__ == "__main__":
    main()
