"""Does a reference from other runners predict a runner's joint moments? Each of ten runners left out once.

    python experiments/targets/left_out.py --data DIR [--speeds 3 4] [--points 60] [-o left_out.csv] [--only s01 ...]

For each runner, a gait is tracked that the other nine give: trunk, pelvis, arms and moments at L5/S1 from all of them, legs and
ground force from those who land alike, at the left-out runner's mass, leg length and speed. Solved three times, with angles and
forces tracked, with moments at L5/S1 too, and with those of hip, knee and ankle as well, it is compared with the moments of the left-out runner himself: at L5/S1 from
his own motion, at hip, knee and ankle from inverse dynamics with his own forces. DIR holds ``hamner_group/`` (Hamner SR, Delp SL
2013, J Biomech 46:780). Rows already in the output are not solved again.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from ten_runners import ARMS, LEG, MIDLINE, PATH, on_phase, runners

from footstrike.control.reference import step_reference
from footstrike.dynamics.rigid_body import Tree
from footstrike.dynamics.scalars import dot
from footstrike.gait.fourier import smooth
from footstrike.gait.targets import COORDINATES, INTERVALS, SIDED, Target
from footstrike.lumbar.net_load import MOMENTS, joint_axes
from footstrike.lumbar.one_joint import LUMBAR, on_six_levels
from footstrike.model.description import Description
from footstrike.model.sides import REVERSING, without_side
from footstrike.progress import silent
from footstrike.simulation.pipeline import solve_problem
from footstrike.simulation.problems import runner, track_problem
from footstrike.simulation.reporter import ProgressReporter
from footstrike.simulation.request import Request
from footstrike.workers.client import opensim_worker

Array = np.ndarray

HARMONICS = 8  # of the stride: about 11 Hz, as the measured moments
REFERENCE_HEIGHT_M, REFERENCE_RUNNER = 1.80, "s01"
MIDSTANCE = 50
JOINTS = ("hip_flexion", "hip_adduction", "knee_angle", "ankle_angle")
VARIANTS = {
    "angles": (),
    "L5S1": MOMENTS,
    "L5S1 and legs": (*MOMENTS, *(f"{name}_{side}" for name in JOINTS for side in "rl")),
}
FREE = {"subtalar_angle": np.deg2rad(6.0), "mtp_angle": np.deg2rad(20.0)}
PATH_SD = {"pelvis_tx": 0.01, "pelvis_ty": 0.009, "pelvis_tz": 0.01}
LEAN = np.deg2rad(10.0)


@dataclass(frozen=True)
class Measured:
    """Curves of all runners at one speed: {coordinate: {runner: (100,)}}, rad and m; strike, times and forces by runner."""

    speed: int
    curves: dict[str, dict[str, Array]]
    strike: dict[str, str]
    times: pd.DataFrame
    forces: dict[str, dict[str, Array]]

    @property
    def names(self) -> list[str]:
        """The runners."""
        return list(self.strike)


def read(data: Path, speed: int) -> Measured:
    body, trunk = (pd.read_csv(data / f"{n}_curves.csv") for n in ("body", "trunk"))
    curves = {}
    for name in (*MIDLINE, *LEG, *ARMS, *PATH):
        who, found = runners(trunk if name in ARMS else body, name, speed)
        parity = "any" if name in SIDED else "reverses" if name in REVERSING else "repeats"
        unit = 1.0 if name in PATH else np.pi / 180
        curves[name] = {w: unit * smooth(c, HARMONICS, parity) for w, c in zip(who, found, strict=True)}
    times = pd.read_csv(data / "times.csv")
    times = times[times.speed == speed].set_index("runner")
    table = pd.read_csv(data / "force_curves.csv")
    forces = {
        axis: {w: c.to_numpy() for w, c in chosen.groupby("runner")["mean_bw"]}
        for axis, chosen in table[table.speed == speed].groupby("component")
    }
    return Measured(speed, curves, dict(times.strike), times, forces)


def lumbar_moments(description: Description, m: Measured, who: str) -> dict[str, Array]:
    """{axis: (100,)} N m/kg at the back joint of Hamner's skeleton, 1 cm above L5/S1, along the runner's own mean motion.

    It is the skeleton that the angles were found with: ours bends over six levels, and the same angles move its thorax
    otherwise.
    """
    period = float(m.times.stride_time_s[who])
    q = {n: np.zeros(INTERVALS) for n in description.coordinate_names}
    for name, curve in m.curves.items():
        if name in SIDED:
            q[f"{name}_r"], q[f"{name}_l"] = curve[who], np.roll(curve[who], INTERVALS // 2)
        else:
            q[name] = curve[who].copy()
    rates = [{n: derivative(c, period, d) for n, c in q.items()} for d in (1, 2)]
    tree = Tree(description)
    motion = tree.motion(q, *rates)
    _, moment = tree.reaction(motion, tree.wrenches(motion), "back")
    axes = joint_axes(tree.orientation(motion, "pelvis"), tree.orientation(motion, "torso"))
    mass = description.mass
    return {n: np.asarray(dot(axis, moment)) / mass for n, axis in zip(MOMENTS, axes, strict=True)}


def derivative(curve: Array, period: float, order: int) -> Array:
    """Time derivative of a periodic curve (n,)."""
    series = np.fft.rfft(curve)
    k = np.arange(len(series))
    series[k > HARMONICS] = 0.0
    return np.fft.irfft(series * (2j * np.pi * k / period) ** order, len(curve))


def like(m: Measured, who: str) -> list[str]:
    """Others who land on the same part of the foot."""
    lands = m.strike[who] == "rearfoot"
    return [n for n in m.names if n != who and (m.strike[n] == "rearfoot") == lands]


def spread(curves: Sequence[Array]) -> Array:
    """SD between runners of the shape."""
    about = np.array([c - c.mean() for c in curves])
    return about.std(axis=0, ddof=1)


def reference(m: Measured, who: str, moments: dict[str, dict[str, Array]]) -> Target:
    """What the others give: the mean of all of them, legs and forces of those who land alike."""
    nine, alike = [n for n in m.names if n != who], like(m, who)
    mean, sd = {}, {}
    for name, curve in m.curves.items():
        mean[name] = np.mean([curve[n] for n in (alike if name in LEG else nine)], axis=0)
        sd[name] = (
            np.array([curve[n] for n in nine]).std(axis=0, ddof=1)
            if name in LEG
            else spread([curve[n] for n in nine])
        )
    for name, value in FREE.items():
        mean[name], sd[name] = np.zeros(INTERVALS), np.full(INTERVALS, value)
    for name, value in PATH_SD.items():
        sd[name] = np.full(INTERVALS, value)
    thorax = mean["pelvis_tilt"] + mean["lumbar_extension"]
    mean["lumbar_extension"] = mean["lumbar_extension"] - thorax.mean() - LEAN
    times = m.times.loc[alike]
    forces = {axis: np.array([curves[n] for n in alike]) for axis, curves in m.forces.items()}
    every = {axis: np.array([curves[n] for n in nine]) for axis, curves in m.forces.items()}
    net = {name: [moments[n][name] for n in nine] for name in MOMENTS}
    for name in JOINTS:
        legs = [moments[n][name] for n in alike if name in moments[n]]
        every_leg = [moments[n][name] for n in nine if name in moments[n]]
        net |= {f"{name}_r": legs, f"{name}_l": [np.roll(c, INTERVALS // 2) for c in legs]}
        sd[name + "_moment"] = np.std(every_leg, axis=0, ddof=1)
    return Target(
        strike="rearfoot" if m.strike[who] == "rearfoot" else "forefoot",
        speed=float(m.speed),
        stride_time=float(times.stride_time_s.mean()),
        contact_time=float(times.contact_time_s.mean()),
        phase=np.linspace(0.0, 1.0, INTERVALS + 1),
        coordinates=both_sides(mean),
        spread=both_sides(sd),
        force_phase=np.linspace(0.0, 1.0, 101),
        force={axis: curves.mean(axis=0) for axis, curves in forces.items()},
        force_spread={axis: curves.std(axis=0, ddof=1) for axis, curves in every.items()},
        moments={name: closed(np.mean(x, axis=0)) for name, x in net.items()},
        moment_spread={
            name: closed(np.std(x, axis=0, ddof=1) if name in MOMENTS else sd[f"{without_side(name)}_moment"])
            for name, x in net.items()
        },
        lean=float(LEAN),
        lean_spread=float(np.deg2rad(4.2)),
        source="ten runners, one left out",
    )


def on_our_spine(aim: Target, skeleton: Description) -> Target:
    """The target with lumbar angles of six levels that hold the thorax where one joint has it."""
    angles = np.array([aim.coordinates[name] for name in LUMBAR])
    fitted = on_six_levels(skeleton, angles)
    tilt = aim.coordinates["pelvis_tilt"][:-1].mean()
    fitted[0] += -aim.lean - tilt - fitted[0, :-1].mean()
    return replace(aim, coordinates=aim.coordinates | dict(zip(LUMBAR, fitted, strict=True)))


def closed(curve: Array) -> Array:
    return np.append(curve, curve[0])


def both_sides(right: dict[str, Array]) -> dict[str, Array]:
    half = INTERVALS // 2
    every = dict(right)
    for name in SIDED:
        every[f"{name}_r"], every[f"{name}_l"] = right[name], np.roll(right[name], half)
    return {name: closed(every[name]) for name in COORDINATES}


def height_of(geometry: pd.DataFrame, who: str) -> float:
    """Height from that of the hip in midstance, against the runner of known height; that of the mean where not known."""
    hip = geometry[(geometry.pct_stance == MIDSTANCE)].groupby("runner").hip_height_m.mean()
    ratio = hip.get(who, float(hip.mean())) / hip[REFERENCE_RUNNER]
    return REFERENCE_HEIGHT_M * float(ratio)


def own_moments(data: Path, m: Measured, who: str) -> dict[str, Array]:
    """{coordinate: (100,)} N m/kg of a runner's own joints; empty for the one whose forces are not usable."""
    table = pd.read_csv(data / "joint_moments.csv")
    table = table[(table.runner == who) & (table.speed == m.speed)]
    return {
        name: on_phase(curve.sort_values("pct").moment_nm_per_kg.to_numpy())
        for name, curve in table.groupby("coordinate")
        if name in JOINTS
    }


def compare(
    data: Path, m: Measured, skeleton: Description, who: str, points: int, tracked: str
) -> list[list]:
    """Rows of runner, speed, strike, tracked, quantity, RMS difference, peak solved and measured, N m/kg."""
    geometry = pd.read_csv(data / "stance_geometry.csv")
    request = Request.of(
        strike="rearfoot" if m.strike[who] == "rearfoot" else "forefoot",
        speed=m.speed,
        mass=float(m.times.mass_kg[who]),
        height=round(height_of(geometry, who), 3),
        points=points,
    )
    reporter = ProgressReporter(silent)
    model = runner(request.subject, reporter)
    moments = {n: lumbar_moments(skeleton, m, n) | own_moments(data, m, n) for n in m.names}
    aim = on_our_spine(reference(m, who, moments), model.description)
    problem = track_problem(model, request, aim, None, reporter)
    problem = replace(problem, references=(step_reference(aim, tracked=VARIANTS[tracked]),))
    run = solve_problem(request, model, {"right": aim}, problem, reporter)
    if not run.solved:
        return [[who, m.speed, m.strike[who], tracked, run.status, "", "", ""]]
    phase = np.arange(INTERVALS) / INTERVALS
    solved = dict(zip(MOMENTS, run.lumbar_net["L5S1"]["moment"].T, strict=True))
    solved |= {name: run.torques[f"{name}_r"] for name in JOINTS}
    rows = []
    for name, own in moments[who].items():
        ours = np.interp(phase, run.time / run.period, solved[name]) / run.mass
        largest = [float(c[np.abs(c).argmax()]) for c in (ours, own)]
        rms = float(np.sqrt(np.mean((ours - own) ** 2)))
        rows.append([who, m.speed, m.strike[who], tracked, name, *(f"{x:.3f}" for x in (rms, *largest))])
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--speeds", type=int, nargs="*", default=[3, 4])
    parser.add_argument("--points", type=int, default=60)
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--tracked", nargs="*", choices=VARIANTS, default=list(VARIANTS))
    parser.add_argument("-o", "--output", type=Path, default=Path("left_out.csv"))
    args = parser.parse_args()
    header = ["runner", "speed", "strike", "tracked", "quantity", "rms", "peak_solved", "peak_measured"]
    if not args.output.exists():
        args.output.write_text(",".join(header) + "\n")
    done = pd.read_csv(args.output)
    model = (args.data / "models" / "Hamner2010.osim").read_text()
    skeleton = opensim_worker().call("describe", model)
    known = set(zip(done.runner, done.speed, done.tracked, strict=True))
    for speed in args.speeds:
        m = read(args.data / "hamner_group", speed)
        for who in args.only or m.names:
            for tracked in args.tracked:
                if (who, speed, tracked) in known:
                    continue
                rows = compare(args.data / "hamner_group", m, skeleton, who, args.points, tracked)
                with args.output.open("a", newline="") as file:
                    csv.writer(file, lineterminator="\n").writerows(rows)
                print(*rows, sep="\n", flush=True)


if __name__ == "__main__":
    main()
