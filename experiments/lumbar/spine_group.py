"""The mean motion of ten runners on one joint and on six levels: which has the moments measured for them?

    python experiments/lumbar/spine_group.py --data DIR

DIR holds hamner_group (mean curves and net moments at the lumbar joint, Hamner & Delp 2013), and the scaled model of
hamner_s01, which stands for the group. The six levels get the angles of the one joint, and then those that hold the
thorax where the one joint has it.
"""

from __future__ import annotations

import argparse
import csv
from collections import defaultdict
from pathlib import Path

import numpy as np
from spine_markers import THORAX, Series, Trial, mean_stride, moments, thorax, where
from spines import ANGLES, mounted, six_levels, upper_body, vertebrae_and_thorax

from footstrike.dynamics.rigid_body import Tree
from footstrike.model.description import Array, Description
from footstrike.model.subject import Subject
from footstrike.workers.client import Worker

SPEEDS = (2.0, 3.0, 4.0)
PATH = ("pelvis_tx", "pelvis_ty", "pelvis_tz")
MOMENTS = ("M_extension", "M_bending", "M_rotation")
POINTS, STRIDES = 100, 3


def mean_curves(path: Path, speed: float, name: str) -> Series:
    """Mean over what is in the file of every curve of a speed, (101,)."""
    found: dict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    with path.open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            if float(row["speed"]) == speed:
                at = int(row["pct_stride"] if "pct_stride" in row else row["pct"])
                found[row[name]][at].append(float(row["mean"]))
    return {n: np.array([np.mean(values[k]) for k in sorted(values)]) for n, values in found.items()}


def stride_time(path: Path, speed: float) -> float:
    with path.open(newline="", encoding="utf-8") as stream:
        return float(
            np.mean([float(r["stride_time_s"]) for r in csv.DictReader(stream) if float(r["speed"]) == speed])
        )


def group(folder: Path, speed: float, model: Description) -> Trial:
    """Three equal strides of the group's mean motion; left arm as the right one half a stride later."""
    trunk = mean_curves(folder / "trunk_group.csv", speed, "coordinate")
    path = mean_curves(folder / "body_curves.csv", speed, "coordinate")
    upper, q = upper_body(model), {}
    for name in upper.coordinate_names:
        curve = path[name] if name in PATH else np.deg2rad(trunk[name.removesuffix("_r").removesuffix("_l")])
        once = np.roll(curve[:POINTS], POINTS // 2 if name.endswith("_l") else 0)
        q[name] = np.tile(once, STRIDES)
    lasts = stride_time(folder / "times.csv", speed)
    time = np.arange(STRIDES * POINTS) / POINTS * lasts
    places = {n: upper.markers[n] for n in THORAX}
    return Trial(
        "group", upper, model.mass, time, where(Tree(upper), q, places), q, ((lasts, 2 * lasts, "R"),)
    )


def tell(what: str, q: Series, curves: Array, measured: Array) -> None:
    peaks = " ".join(f"{c.max():.2f}" for c in (curves * [1, -1, -1]).T)
    like = " ".join(f"{np.corrcoef(a, b)[0, 1]:.3f}" for a, b in zip(curves.T, measured.T, strict=True))
    ranges = " ".join(f"{np.rad2deg(np.ptp(q[n])):5.1f}" for n in ANGLES if n in q)
    print(f"  {what:26s} peaks {peaks} N m/kg, r {like}; ranges {ranges}")


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--data", type=Path, required=True)
    data = options.parse_args().data
    text = (data / "hamner_s01" / "subject01_scaled.osim").read_text(encoding="utf-8")
    with Worker("opensim") as worker:
        runner = worker.call("describe", worker.call("build_runner", Subject(legs="none")), fit_paths=False)
        model = worker.call("describe", text, fit_paths=False)
    for speed in SPEEDS:
        print(f"{speed:g} m/s")
        run = group(data / "hamner_group", speed, model)
        chain = six_levels(run.upper, runner)
        levels = mounted(run.upper, chain)
        parts = mounted(run.upper, chain, vertebrae_and_thorax(run.upper, runner, chain))
        theirs = mean_curves(data / "hamner_group" / "lumbar_group_12Hz.csv", speed, "quantity")
        measured = np.stack([theirs[n] for n in MOMENTS], axis=1)
        held = run.angles | thorax(run, lambda _, levels=levels: levels).q
        tell("measured", {}, measured, measured)
        tell("one joint", run.angles, mean_stride(run, moments(run, run.upper, run.angles)), measured)
        tell(
            "six levels, same angles", run.angles, mean_stride(run, moments(run, parts, run.angles)), measured
        )
        tell("six levels, same thorax", held, mean_stride(run, moments(run, parts, held)), measured)


if __name__ == "__main__":
    main()
