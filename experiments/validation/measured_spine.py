"""Load of L5/S1 along the measured motion of runners, on our own runner: row 26 of the validation table.

    python experiments/validation/measured_spine.py --data DIR [--causes] [RUN.h5 ...]

DIR holds hamner_s01, hamner_s02 (rearfoot) and hamner_s08 (midfoot): joint angles and forces at 3 and 4 m/s (Hamner &
Delp 2013, J Biomech 46:780). Our runner gets each one's mass and 1.80 m, and the joint angles, low-passed at 12 Hz
(Butterworth of second order, there and back). Trunk muscles share out the moments by static optimisation. A step lasts from
a foot's contact (50 N) to the other's; what is printed are means over steps of the peak, of its phase in % of the stride
from that contact, of the peak net extension moment, of the largest lateral and axial moment, and the mean lean
over the trial.

Runs given after the options are treated alike: their motion, on the runner of their own size, by static
optimisation; behind that the peak that the run itself has, with its own muscles. `--causes` changes one thing at a
time: filter, lean, tone, trunk set.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import make_interp_spline
from scipy.signal import butter, filtfilt

from footstrike.dynamics.rigid_body import Tree, stack
from footstrike.formats.storage import read_columns
from footstrike.lumbar.loads import lumbar_loads
from footstrike.lumbar.net_load import LEVEL, net_load
from footstrike.lumbar.one_joint import LUMBAR, on_six_levels
from footstrike.model.description import Description
from footstrike.model.subject import Subject
from footstrike.outcomes.metrics import metrics
from footstrike.outcomes.net_moments import CUTOFF_HZ
from footstrike.runs.assemble import CONTACT_N
from footstrike.runs.run import Run
from footstrike.workers.client import opensim_worker

Array = NDArray[np.float64]
Series = dict[str, Array]

RUNNERS = {"s01": 72.84, "s02": 76.48, "s08": 82.37}  # kg
SPEEDS = (3, 4)
HEIGHT_M = 1.80
STEP_S = 0.005
SHORTEST_S, LONGEST_S = 0.25, 0.50
HEAD = f"{'':34s} steps   L5/S1, BW     at   extension lateral  axial, N m/kg   lean, deg"


@dataclass(frozen=True)
class Trial:
    """Joint angles as recorded (deg, m), and contacts of either foot (s)."""

    name: str
    mass: float
    angles: Series
    contacts: Array


@dataclass(frozen=True)
class How:
    """How a trial is evaluated: filter (Hz), more lean (deg), least activation, trunk fascicles, angles fitted to six levels."""

    cutoff: float = CUTOFF_HZ
    lean: float = 0.0
    floor: float = 0.0
    trunk: str = "reduced"
    six_levels: bool = True


CAUSES = {
    "low-passed at 8 Hz": How(cutoff=8.0),
    "low-passed at 15 Hz": How(cutoff=15.0),
    "low-passed at 20 Hz": How(cutoff=20.0),
    "5 deg less lean, at the lumbar spine": How(lean=-5.0),
    "every trunk muscle at least 2 % active": How(floor=0.02),
    "238 fascicles": How(trunk="full"),
    "angles of one joint, as they are": How(six_levels=False),
}


def trials(data: Path) -> Iterator[Trial]:
    for runner, mass in RUNNERS.items():
        for speed in SPEEDS:
            folder = data / f"hamner_{runner}"
            angles, plates = (read_columns(folder / f"run{speed}_{kind}.mot") for kind in ("ik", "grf"))
            vertical = [v for k, v in plates.items() if k.endswith("ground_force_vy")]
            contacts = np.sort(np.concatenate([rises(plates["time"], force) for force in vertical]))
            yield Trial(f"{runner}, {speed} m/s", mass, angles, contacts)


def rises(time: Array, force: Array) -> Array:
    """When a force comes above the threshold, s."""
    return time[1:][(force[1:] >= CONTACT_N) & (force[:-1] < CONTACT_N)]


def motion(d: Description, trial: Trial, how: How) -> tuple[Array, list[Series]]:
    """Times (s), and coordinates, speeds, accelerations (rad, m)."""
    recorded = trial.angles["time"]
    time = np.arange(recorded[0], recorded[-1], STEP_S)
    b, a = butter(2, how.cutoff / (0.5 / np.diff(recorded).mean()))
    turns = {c.name for c in d.coordinates if c.motion != "translation"}
    series: list[Series] = [{}, {}, {}]
    spine = np.deg2rad([trial.angles[name] for name in LUMBAR])
    if how.six_levels:
        spine = on_six_levels(d, spine)
    ours = dict(zip(LUMBAR, np.rad2deg(spine), strict=True))
    for name in d.coordinate_names:
        values = ours.get(name, trial.angles.get(name, np.zeros_like(recorded)))
        values = values - (how.lean if name == "lumbar_extension" else 0.0)
        curve = make_interp_spline(
            recorded, filtfilt(b, a, np.deg2rad(values) if name in turns else values), k=5
        )
        for order, out in enumerate(series):
            out[name] = curve(time, order)
    return time, series


def described(spec: Subject) -> Description:
    worker = opensim_worker()
    found: Description = worker.call("describe", worker.call("build_runner", spec))
    return found


def loads(d: Description, series: list[Series], floor: float = 0.0) -> dict[str, Array]:
    """Over the frames: resultant (BW), net moments (N m/kg: extension, bending, rotation), lean (deg)."""
    spine = lumbar_loads(d, *series, floor=floor)
    tree = Tree(d)
    at = tree.motion(*series)
    moment = stack(net_load(tree, at, tree.wrenches(at))[1], len(series[0]["pelvis_ty"]))
    up = stack([row[1] for row in tree.orientation(at, "torso")], len(moment))
    return {
        "resultant": spine.lumbar[LEVEL]["resultant"] / (d.mass * np.linalg.norm(d.gravity)),
        "moment": moment / d.mass,
        "lean": np.degrees(np.arctan2(up[:, 0], up[:, 1])),
    }


def steps(time: Array, contacts: Array) -> Iterator[tuple[float, Any]]:
    """Duration and frames of every step that lies within the times."""
    for begin, end in pairwise(contacts):
        if SHORTEST_S < end - begin < LONGEST_S and begin >= time[0] and end <= time[-1]:
            yield end - begin, (time >= begin) & (time < end)


def line(name: str, time: Array, found: dict[str, Array], contacts: Array) -> str:
    """What is printed of a trial."""
    rows = []
    for duration, inside in steps(time, contacts):
        load, moment = found["resultant"][inside], np.abs(found["moment"][inside])
        phase = 50.0 * (time[inside][load.argmax()] - time[inside][0]) / duration
        extension = found["moment"][inside, 0].max()
        rows.append([load.max(), phase, extension, moment[:, 1].max(), moment[:, 2].max()])
    (load, phase, extension, lateral, axial), sd = np.mean(rows, axis=0), np.std(rows, axis=0)[0]
    return (
        f"{name:34s} {len(rows):5d} {load:5.2f} +- {sd:.2f} {phase:4.0f} % {extension:9.2f} {lateral:9.2f} "
        f"{axial:6.2f} {found['lean'].mean():16.1f}"
    )


def of_trial(trial: Trial, how: How) -> str:
    d = described(Subject(trunk=how.trunk, height=HEIGHT_M, mass=trial.mass, legs="none"))
    time, series = motion(d, trial, how)
    return line(trial.name, time, loads(d, series, how.floor), trial.contacts)


def of_run(path: Path) -> str:
    run = Run.load(path)
    size = {name: run.spec.get(name) for name in ("height_m", "mass_kg", "sex")}
    d = described(Subject(**size))
    found = loads(d, [run.coordinates, run.speeds, run.accelerations])
    twice = {name: np.concatenate([values[:-1], values]) for name, values in found.items()}
    time = np.concatenate([run.time[:-1], run.time + run.period])
    contacts = run.time[0] + run.period * np.array([0.0, 0.5, 1.0, 1.5])
    own = metrics(run)["lumbar"].get(LEVEL, {}).get("peak_resultant_bw")
    behind = "" if own is None else f"; its own muscles: {own:.2f} BW"
    return line(f"{path.stem}, {run.speed:g} m/s", time, twice, contacts) + behind


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--data", type=Path, required=True)
    options.add_argument("--causes", action="store_true")
    options.add_argument("runs", type=Path, nargs="*")
    args = options.parse_args()
    print(HEAD)
    for trial in trials(args.data):
        print(of_trial(trial, How()))
    for path in args.runs:
        print(of_run(path))
    for words, how in CAUSES.items() if args.causes else ():
        print(f"\n{words}")
        for trial in trials(args.data):
            print(of_trial(trial, how))


if __name__ == "__main__":
    main()
