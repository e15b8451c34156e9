"""Derive the walking stride that the package carries from a public trial, and see how it may be trusted.

    python experiments/validation/walking.py --data DIR [-o experiments/validation]

DIR holds walking/coordinates.sto and walking/grf_walk.mot: the trial of OpenSim's example3DWalking (opensim-core,
Apache-2.0; Rajagopal et al. 2016 IEEE TBME 63:2068), one man of 85.3 kg at 1.24 m/s. What is kept are pelvis, trunk and
arms: the load of a lumbar level follows from what moves above it once the motion of the pelvis is known. One stride
becomes a Fourier series of 10 harmonics (9 Hz): where the recording overlaps with itself it is faded over, and the
forward travel is taken out. Printed: lumbar peaks of the series against those of the recording itself, and
what the measured ground forces leave over at the pelvis when the legs move as recorded.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np
from scipy.interpolate import make_interp_spline

from footstrike.dynamics.rigid_body import Force, Tree, stack, stack_matrix
from footstrike.formats.storage import read_columns
from footstrike.gait.fourier import coefficients
from footstrike.lumbar.activities import WALKER, Motion, periodic, walking_motion
from footstrike.lumbar.loads import lumbar_loads
from footstrike.model.description import Array, Description
from footstrike.workers.client import opensim_worker

PERIOD_S = 1.145  # between right contacts at 0.266 and 1.411 s
HARMONICS = 10
SAMPLES = 200
KEPT = (
    "pelvis_tilt", "pelvis_list", "pelvis_rotation", "pelvis_tx", "pelvis_ty", "pelvis_tz",
    "lumbar_extension", "lumbar_bending", "lumbar_rotation",
    *(f"{joint}_{side}" for side in "rl" for joint in ("arm_flex", "arm_add", "arm_rot", "elbow_flex")),
)  # fmt: skip
Series = dict[str, Array]


def table(path: Path) -> Series:
    columns = read_columns(path)
    return {name.split("/")[-2] if "/" in name else name: values for name, values in columns.items()}


def one_period(time: Array, values: Array, travels: bool) -> Array:
    """Values at SAMPLES phases of a period; the overlap of both ends is faded over."""
    curve = make_interp_spline(time, values, k=3)
    at = time[0] + np.arange(SAMPLES) / SAMPLES * PERIOD_S
    later = at + PERIOD_S
    overlap = later <= time[-1]
    step = float(np.mean(curve(later[overlap]) - curve(at[overlap]))) if travels else 0.0
    out = np.asarray(curve(at), dtype=float)
    share = np.linspace(0.0, 1.0, int(overlap.sum()))
    out[overlap] = share * out[overlap] + (1.0 - share) * (curve(later[overlap]) - step)
    return out - step * np.arange(SAMPLES) / SAMPLES


def write(trial: Series, path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as stream:
        rows = csv.writer(stream, lineterminator="\n")
        rows.writerow(["coordinate", "harmonic", "real", "imaginary", "unit"])
        for name in KEPT:
            samples = one_period(trial["time"], trial[name], travels=name == "pelvis_tx")
            unit = "m" if name[-2:] in ("tx", "ty", "tz") else "rad"
            for k, c in enumerate(coefficients(samples, HARMONICS)):
                rows.writerow([name, k, f"{c.real:.6f}", f"{c.imag:.6f}", unit])


def recorded(d: Description, trial: Series) -> tuple[Array, Motion]:
    """The recording itself (published smooth), with the legs; the model's knee bends the other way."""
    coarse = slice(None, None, 10)
    time = trial["time"][20:-20:10]
    series: Motion = ({}, {}, {})
    for name in d.coordinate_names:
        raw = trial.get(name, np.zeros_like(trial["time"]))
        raw = -raw if name.startswith("knee_angle") else raw
        spline = make_interp_spline(trial["time"][coarse], raw[coarse], k=5)
        for order, out in enumerate(series):
            out[name] = spline(time, order)
    return time, series


def feet(d: Description, q: Series, time: Array, plates: Series) -> list[Force]:
    tree = Tree(d)
    at = tree.motion(q)
    forces = []
    for side in "rl":
        force, point = (
            np.column_stack(
                [np.interp(time, plates["time"], plates[f"ground_force_{side}_{w}{x}"]) for x in "xyz"]
            )
            for w in "vp"
        )
        body = f"calcn_{side}"
        turn = stack_matrix(tree.orientation(at, body), len(time))
        loaded = force[:, 1:2] > 5.0
        local = np.einsum("tji,tj->ti", turn, point - stack(tree.position(at, body), len(time)))
        forces.append(Force(body, list(np.where(loaded, local, 0.0).T), list(np.where(loaded, force, 0.0).T)))
    return forces


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--data", type=Path, required=True)
    options.add_argument("-o", "--out", type=Path, default=Path(__file__).parent)
    args = options.parse_args()
    trial = table(args.data / "walking" / "coordinates.sto")
    write(trial, args.out / "walking.csv")
    worker = opensim_worker()
    d: Description = worker.call("describe", worker.call("build_runner", WALKER))
    weight = d.mass * 9.80665
    time, motion = recorded(d, trial)
    series = periodic(walking_motion(), d)
    for name, moving in (("recording", motion), ("series", series)):
        loads = lumbar_loads(d, *moving).lumbar
        peaks = ", ".join(
            f"{level} {load['compression'].max() / weight:.3f}" for level, load in loads.items()
        )
        print(f"peak compression, BW, {name}: {peaks}")
    forces = feet(d, motion[0], time, table(args.data / "walking" / "grf_walk.mot"))
    left = Tree(d).inverse_dynamics(Tree(d).motion(*motion), forces)
    for name in ("pelvis_tx", "pelvis_ty", "pelvis_tz"):
        x = np.asarray(left[name]) / weight
        print(
            f"left over at the pelvis, {name}: rms {np.sqrt(np.mean(x**2)):.3f}, largest {np.abs(x).max():.3f} BW"
        )


if __name__ == "__main__":
    main()
