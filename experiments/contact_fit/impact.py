"""Can contact, mesh and smoothness carry the impact of one runner? His measured steps are tracked.

    python experiments/contact_fit/impact.py --data DIR [--runner RBDS014] [--points 96 192]

DIR holds ``rbds/RBDS014/RBDS014runT35.c3d`` and the like, and ``rbds/runners.csv`` (Fukuchi et al. 2017, PeerJ 5:e3298,
CC-BY 4.0). The mean over his steps of the ground force, with his step and contact time, takes the place of the
group's; the motion stays the group's, within its SD. Legs are torque-driven. Printed: first peak, dip after it, loading rate
of plate and solution, read in the same way.
"""

from __future__ import annotations

import argparse
import csv
from dataclasses import replace
from pathlib import Path

import ezc3d
import numpy as np
from numpy.typing import NDArray
from scipy.constants import g
from scipy.interpolate import CubicSpline
from scipy.signal import butter, filtfilt

from footstrike.control.problem import TrackProblem, default_breaks
from footstrike.control.reference import step_reference
from footstrike.control.sample import sample
from footstrike.gait.targets import Target, target
from footstrike.model.description import Description
from footstrike.model.subject import Subject
from footstrike.outcomes import ground, signals
from footstrike.outcomes.ground import FORCE_CUTOFF_HZ, Stance
from footstrike.runs import assemble
from footstrike.runs.assemble import CONTACT_N
from footstrike.workers.client import casadi_worker, opensim_worker

Array = NDArray[np.float64]

SHORTEST_S, LONGEST_S = 0.12, 0.40
FINE_HZ = 3000.0


def plate_force(path: Path) -> tuple[float, Array]:
    """Rate (Hz) and force on the runner (T, 2), N: fore-aft and up; the plate's y lies along the belt."""
    trial = ezc3d.c3d(str(path))
    plate = trial["parameters"]["FORCE_PLATFORM"]
    channels = plate["CHANNEL"]["value"].ravel().astype(int) - 1
    loads = plate["CAL_MATRIX"]["value"][:, :, 0] @ trial["data"]["analogs"][0][channels]
    return float(trial["header"]["analogs"]["frame_rate"]), -loads[1:3].T


def steps(path: Path, mass: float) -> tuple[float, list[Array]]:
    """Step time (s), and the force of every step (n, 2) at ``FINE_HZ``, BW, filtered as all data are."""
    rate, force = plate_force(path)
    b, a = butter(2, FORCE_CUTOFF_HZ / (rate / 2))
    time = np.arange(len(force)) / rate
    fine = CubicSpline(time, filtfilt(b, a, force, axis=0))(np.arange(0.0, time[-1], 1 / FINE_HZ))
    above = np.concatenate([[False], fine[:, 1] > CONTACT_N, [False]])
    begins, ends = (np.flatnonzero(np.diff(above.astype(int)) == sign) for sign in (1, -1))
    whole = [(i, j) for i, j in zip(begins, ends, strict=True) if SHORTEST_S < (j - i) / FINE_HZ < LONGEST_S]
    weight = mass * g
    return float(np.median(np.diff([i for i, _ in whole]))) / FINE_HZ, [fine[i:j] / weight for i, j in whole]


def mean_step(several: list[Array]) -> tuple[float, Array]:
    """Mean contact time (s) and force (101, 2) over stance; braking comes first."""
    phase = np.linspace(0.0, 1.0, 101)
    curves = [CubicSpline(np.linspace(0.0, 1.0, len(s)), s)(phase) for s in several]
    mean = np.mean(curves, axis=0)
    mean[:, 0] *= -np.sign(mean[:50, 0].sum())
    return float(np.mean([len(s) for s in several])) / FINE_HZ, mean


def own_target(group: Target, step_time: float, contact_time: float, force: Array) -> Target:
    """The group's target with the runner's own force and times."""
    return replace(
        group,
        stride_time=2 * step_time,
        contact_time=contact_time,
        force_phase=np.linspace(0.0, 1.0, len(force)),
        force={"fx": force[:, 0], "fy": force[:, 1]},
    )


def solved_stance(description: Description, aim: Target, points: int) -> Stance:
    """Track the target and read the stance of the right foot."""
    problem = TrackProblem(description, (step_reference(aim),), default_breaks(points))
    with casadi_worker() as worker:
        solved = worker.call("track", problem)
    if not solved.nlp.success:
        raise SystemExit(f"not solved: {solved.nlp.words}")
    period = 2 * solved.gaits[0].duration
    motion = sample(solved.gaits[0], np.linspace(0.0, period, 801), aim.speed)
    force = assemble.ground_forces(assemble.mechanics(description, description.spheres, motion))["right"]
    smooth = signals.low_pass(force, period, FORCE_CUTOFF_HZ)
    contact = signals.find_contact(smooth[:, 1], period, CONTACT_N)
    assert contact is not None
    fx, fy = (signals.window(smooth[:, k], contact.start, contact.duration, period) for k in (0, 1))
    weight = assemble.weight(description)
    return Stance(contact, fx[0], fx[1] / weight, fy[1] / weight)


def measured_stance(contact_time: float, force: Array, to_weight: float) -> Stance:
    """The plate's mean step, scaled as the target is so that it carries the weight."""
    fine = np.linspace(0.0, 1.0, 2001)
    fx, fy = CubicSpline(np.linspace(0.0, 1.0, len(force)), to_weight * force)(fine).T
    return Stance(signals.Contact(0.0, contact_time), contact_time * fine, fx, fy)


def tell(name: str, phase: Stance) -> None:
    """Print the impact of a stance."""
    peak, (valr, vilr) = ground.impact_peak(phase), ground.loading_rates(phase)
    what = "no distinct peak"
    if peak:
        dip = float(np.interp(peak.dip, phase.t, phase.fy))
        what = f"peak {peak.force:.3f} BW at {peak.time * 1e3:.1f} ms, dip {dip:.3f} BW at {peak.dip * 1e3:.1f} ms"
    print(
        f"  {name:22s} {what}; VALR {valr:.1f}, VILR {vilr:.1f} BW/s; contact {phase.contact.duration:.3f} s"
    )


def main() -> None:
    """Read the options, track each trial of the runner, tell."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--data", type=Path, required=True)
    options.add_argument("--runner", default="RBDS014")
    options.add_argument("--points", type=int, nargs="+", default=[96, 192])
    args = options.parse_args()
    with (args.data / "rbds" / "runners.csv").open(newline="") as file:
        about = next(row for row in csv.DictReader(file) if row["runner"] == args.runner)
    worker = opensim_worker()
    description = worker.call("describe", worker.call("build_runner", Subject(legs="none")))
    for path in sorted((args.data / "rbds" / args.runner).glob("*runT*.c3d")):
        speed = float(path.stem[-2:]) / 10
        strike = about[f"RFSI{path.stem[-2:]}"].lower()
        step_time, several = steps(path, float(about["mass_kg"]))
        contact_time, force = mean_step(several)
        aim = own_target(target(strike, speed), step_time, contact_time, force)
        print(f"{args.runner}, {strike}, {speed:g} m/s, {len(several)} steps")
        to_weight = step_time / float(np.trapezoid(force[:, 1]) / 100 * contact_time)
        tell("plate", measured_stance(contact_time, force, to_weight))
        for points in args.points:
            tell(f"solution, {points} points", solved_stance(description, aim, points))


if __name__ == "__main__":
    main()
