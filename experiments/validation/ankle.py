"""How far ahead of the ankle the ground pushes, and with what moment: measured runners and runs of Footstrike.

    python experiments/validation/ankle.py --data DIR [RUN.h5 ...]

DIR holds ``rbds/RBDS*/`` (Fukuchi et al. 2017, PeerJ 5:e3298: C3D of running at 3.5 m/s on a plate, and standing) and
``hamner_s01/`` (Hamner & Delp 2013, J Biomech 46:780: joint angles on the subject's scaled model, forces with their
points of application, 3 and 4 m/s). The moment is that of the ground force about the ankle, without weight and inertia
of the foot, plantarflexion positive. Right foot, means over steps, at shares of stance.

The ankle's centre is the model's in Hamner's subject and in runs. In the others it is the middle of the malleoli, carried
from the standing trial by the five markers of the shoe; where along the belt their plate's zero lies is read from
its corners, not verified.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator
from pathlib import Path

import ezc3d
import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, filtfilt
from scipy.spatial.transform import Rotation

from footstrike.dynamics.rigid_body import Tree
from footstrike.formats.storage import read_columns
from footstrike.runs.assemble import CONTACT_N
from footstrike.runs.run import Run
from footstrike.workers.client import opensim_worker

Array = NDArray[np.float64]

SHARES = np.array([0.1, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8])
SHORTEST_S, LONGEST_S = 0.15, 0.40
SHOE = ("R.Heel.Bottom", "R.Heel.Lateral", "R.Heel.Top", "R.MT1", "R.MT5")
CUTOFF_HZ = 30.0


def steps(time: Array, force: Array, point: Array, ankle: Array) -> Iterator[tuple[Array, Array]]:
    """Stance by stance, at 101 shares: distance ahead of the ankle (m), moment about it (N m).

    ``force`` (T, 2) forward and up, N; ``point`` (T,) its place along the way, ``ankle`` (T, 2) forward and up, m.
    """
    on = np.concatenate([[False], force[:, 1] > CONTACT_N, [False]])
    for begin, end in zip(
        *(np.flatnonzero(np.diff(on.astype(int)) == sign) for sign in (1, -1)), strict=True
    ):
        if begin == 0 or not SHORTEST_S < time[end - 1] - time[begin] < LONGEST_S:
            continue
        ahead = point[begin:end] - ankle[begin:end, 0]
        moment = force[begin:end, 1] * ahead + force[begin:end, 0] * ankle[begin:end, 1]
        stance = np.linspace(0.0, 1.0, 101)
        of = np.linspace(0.0, 1.0, end - begin)
        yield np.interp(stance, of, ahead), np.interp(stance, of, moment)


def of_run(path: Path) -> tuple[float, list[tuple[Array, Array]]]:
    """Mass, and the one stance of a run."""
    run = Run.load(path)
    ankle, point = run.points["ankle_r"], run.ground_point["right"]
    begin = np.roll(np.arange(len(run.time) - 1), 40)  # the stride begins in flight
    shift = np.where(np.arange(len(begin)) < 40, run.time[-1], 0.0)
    travelled = run.points["pelvis"][-1, 0] - run.points["pelvis"][0, 0]
    back = np.where(shift > 0, travelled, 0.0)
    return run.mass, list(
        steps(
            run.time[begin] - shift,
            run.ground_force["right"][begin][:, :2],
            point[begin, 0] - back,
            ankle[begin, :2] - np.column_stack([back, np.zeros_like(back)]),
        )
    )


def of_hamner(folder: Path, speed: int) -> tuple[float, list[tuple[Array, Array]]]:
    """Mass of Hamner's subject, and the stances of his right foot at a speed (m/s)."""
    worker = opensim_worker()
    description = worker.call("describe", (folder / "subject01_scaled.osim").read_text(encoding="utf-8"))
    angles, plates = (read_columns(folder / f"run{speed}_{kind}.mot") for kind in ("ik", "grf"))
    time = plates["time"]
    inside = (time >= angles["time"][0]) & (time <= angles["time"][-1])
    time = time[inside]
    rotates = {c.name for c in description.coordinates if c.motion == "rotation"}
    q = {
        name: (np.deg2rad if name in rotates else np.asarray)(np.interp(time, angles["time"], angles[name]))
        if name in angles
        else np.zeros_like(time)
        for name in description.coordinate_names
    }
    tree = Tree(description)
    body = next(j.child for j in description.joints if j.name == "ankle_r")
    ankle = np.column_stack(np.broadcast_arrays(*tree.position(tree.motion(q), body, [0.0, 0.0, 0.0])))
    force = np.column_stack([plates[f"R_ground_force_v{axis}"][inside] for axis in "xy"])
    return description.mass, list(steps(time, force, plates["R_ground_force_px"][inside], ankle[:, :2]))


def of_treadmill(trial: Path, standing: Path, mass: float) -> tuple[float, list[tuple[Array, Array]]]:
    """Mass, and the stances of the right foot in a treadmill trial of RBDS."""
    still, running = ezc3d.c3d(str(standing)), ezc3d.c3d(str(trial))
    shoe = np.stack([_marker(still, name).mean(axis=0) for name in SHOE])
    centre = np.mean([_marker(still, n).mean(axis=0) for n in ("R.Ankle", "R.Ankle.Medial")], axis=0)
    seen = np.stack([_marker(running, name) for name in SHOE], axis=1)
    ankle = np.stack([_carried(shoe, now, centre) for now in seen])
    rate = float(running["header"]["analogs"]["frame_rate"])
    plate = running["parameters"]["FORCE_PLATFORM"]
    channels = plate["CHANNEL"]["value"].ravel().astype(int) - 1
    loads = plate["CAL_MATRIX"]["value"][:, :, 0] @ running["data"]["analogs"][0][channels]
    b, a = butter(2, CUTOFF_HZ / (rate / 2))
    loads = filtfilt(b, a, loads)
    time = np.arange(loads.shape[1]) / rate
    frames = np.arange(len(ankle)) / float(running["header"]["points"]["frame_rate"])
    ankle = np.column_stack([np.interp(time, frames, axis) for axis in ankle.T])
    corners = plate["CORNERS"]["value"][0, :, 0] / 1000
    # runners face +x of the laboratory; the plate's y counts from its hindmost corner, moments are in N mm
    vertical = np.where(np.abs(loads[2]) > 1.0, loads[2], np.nan)
    point = corners.min() + loads[3] / 1000 / vertical
    force = np.column_stack([-loads[1], -loads[2]])
    force[:, 0] *= -np.sign(force[: len(force) // 2, 0] @ np.gradient(force[: len(force) // 2, 1]))
    right = np.abs(point - ankle[:, 0]) < 0.30
    force[~right] = 0.0
    return mass, list(steps(time, force, point, ankle[:, :2]))


def _carried(shoe: Array, now: Array, centre: Array) -> Array:
    """Where a point of the standing shoe is now."""
    turn, _ = Rotation.align_vectors(now - now.mean(axis=0), shoe - shoe.mean(axis=0))
    return np.asarray(turn.apply(centre - shoe.mean(axis=0)) + now.mean(axis=0))


def _marker(trial: ezc3d.c3d, name: str) -> Array:
    """(T, 3) m."""
    place = trial["parameters"]["POINT"]["LABELS"]["value"].index(name)
    return np.asarray(trial["data"]["points"][:3, place].T / 1000)


def tell(name: str, mass: float, several: list[tuple[Array, Array]]) -> None:
    """Print the means over steps."""
    ahead, moment = (np.mean([s[k] for s in several], axis=0) for k in range(2))
    places = np.round(100 * SHARES).astype(int)
    peaks = [(float(s[1][3:97].max()), int(3 + s[1][3:97].argmax())) for s in several]
    print(
        f"{name:28s} {len(several):3d} "
        + " ".join(f"{100 * x:6.1f}" for x in ahead[places])
        + f"   {np.mean([p for p, _ in peaks]) / mass:5.2f} at {np.mean([at for _, at in peaks]):.0f} %"
        + f"   {moment[3:40].min() / mass:5.2f}"
    )


def main() -> None:
    """Read the options, tell of every runner."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--data", type=Path, required=True)
    options.add_argument("runs", type=Path, nargs="*")
    args = options.parse_args()
    head = " ".join(f"{share:5.0%} " for share in SHARES)
    print(f"{'':28s} steps, cm ahead of the ankle at {head}; peak moment, N m/kg; least, first 40 %")
    with (args.data / "rbds" / "runners.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            folder = args.data / "rbds" / row["runner"]
            trial, standing = (folder / f"{row['runner']}{kind}.c3d" for kind in ("runT35", "static"))
            tell(
                f"{row['runner']}, {row['RFSI35']}, 3.5 m/s",
                *of_treadmill(trial, standing, float(row["mass_kg"])),
            )
    for speed in (3, 4):
        tell(f"Hamner's subject, {speed} m/s", *of_hamner(args.data / "hamner_s01", speed))
    for path in args.runs:
        tell(path.stem, *of_run(path))


if __name__ == "__main__":
    main()
