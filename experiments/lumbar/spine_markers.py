"""Which spine do the markers on the thorax support: one joint, or the runner's six levels?

    python experiments/lumbar/spine_markers.py --data DIR

DIR holds hamner_s01, _s02 and _s08 (Hamner & Delp 2013, running at 3 m/s): markers, ground forces, joint angles and the
scaled model of each runner. All spines stand on one pelvis, that of the four pelvis markers, and carry the same thorax and
arms. Markers on the thorax (C7, clavicle, acromia) give the pose of the thorax, those on the arms the arms; where a marker
sits on its body is estimated from the trial itself, for each spine alone, so that none is favoured.

    one joint    Hamner's: three rotations about one centre
    six levels   the runner's, scaled, by its rhythm; the trunk's mass one body, or vertebrae and thorax
    three axes   extension, bending and rotation each about an axis of its own, where the markers want it
    free         six degrees of freedom: the bound

The first rows keep the joint angles of the file, whose pose was fitted to all markers at once, arms included.

Moments are those on the trunk about Hamner's joint, top-down, along the right axis of the pelvis (extension), the floating
axis (bending) and the long axis of the thorax (rotation), 12 Hz, N m/kg; left strides are mirrored.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from scipy.interpolate import make_interp_spline
from scipy.signal import butter, filtfilt
from spines import (
    ANGLES,
    free,
    joint_of,
    levels_centres,
    mounted,
    six_levels,
    three_axes,
    upper_body,
    vertebrae_and_thorax,
    without_arms,
)

from footstrike.dynamics.rigid_body import Tree, stack, stack_matrix
from footstrike.formats.markers import read_markers
from footstrike.formats.storage import read_columns
from footstrike.model.description import Array, Description
from footstrike.model.subject import Subject
from footstrike.workers.client import Worker

RUNNERS = ("01", "02", "08")
THORAX = ("C7", "CLAV", "LACR", "RACR")
AXES = ("extension", "bending", "rotation")
START = (0.0, 0.0, 0.0)  # of the three axes: Hamner's joint
MIRRORED = np.array([1.0, -1.0, -1.0])
PERCENT = np.linspace(0.0, 1.0, 101)
ITERATIONS = 8
NUDGE = 1e-6  # rad or m, for slopes
CUT_OFF_HZ = 12.0
CONTACT_N = 50.0
Series = dict[str, Array]
Places = dict[str, tuple[str, Array]]
Build = Callable[[Array], Description]


@dataclass(frozen=True)
class Trial:
    """One runner at 3 m/s: upper body, mass of the whole (kg), markers (m) and the angles of the file at ``time`` (s).

    A stride is its limits (s) and its side, R or L.
    """

    name: str
    upper: Description
    mass: float
    time: Array
    seen: Series
    angles: Series
    strides: tuple[tuple[float, float, str], ...]


@dataclass(frozen=True)
class Fit:
    """Coordinates over time, the spine's fitted lengths (m), and what is left of the markers in the ground, (T, n, 3), m."""

    q: Series
    lengths: Array
    left: Array


def trial(folder: Path, model: Description) -> Trial:
    path = folder / "run3_markers.trc"
    markers = read_markers(path)
    first = float(path.read_text(encoding="utf-8-sig").splitlines()[6].split("\t")[1])
    frames = len(next(iter(markers.positions.values())))
    time = first + np.arange(frames) / markers.rate
    ik = read_columns(folder / "run3_ik.mot")
    angles = {
        n: np.interp(
            time, ik["time"], ik[n] if n.startswith("pelvis_t") and n != "pelvis_tilt" else np.deg2rad(ik[n])
        )
        for n in model.coordinate_names
    }
    forces = read_columns(folder / "run3_grf.mot")
    strides = [
        (a, b, side)
        for side in "RL"
        for a, b in limits(forces["time"], forces[f"{side}_ground_force_vy"])
        if a >= time[0] and b <= time[-1]
    ]
    return Trial(folder.name, upper_body(model), model.mass, time, markers.positions, angles, tuple(strides))


def limits(time: Array, vertical: Array) -> list[tuple[float, float]]:
    on = vertical > CONTACT_N
    contacts = time[1:][on[1:] & ~on[:-1]]
    return [(float(a), float(b)) for a, b in pairwise(contacts)]


def fitted(
    build: Build, lengths: Array, q: Series, names: Sequence[str], seen: Series, places: Places
) -> Fit:
    """Gauss-Newton over all frames: coordinates of each frame, and for all frames the lengths and the markers' places.

    What belongs to one frame is eliminated frame by frame from the normal equations of the rest. Markers of one
    body keep their mean orientation on it, which is that of the runner's own joint angles; if they are on
    several, they keep their places.
    """
    apart = shifts(places)
    for _ in range(ITERATIONS):
        tree = Tree(build(lengths))
        left = misses(tree, q, seen, places)
        own = [misses(tree, q | {n: q[n] + NUDGE}, seen, places) for n in names]
        common = [misses(Tree(build(lengths + NUDGE * e)), q, seen, places) for e in np.eye(len(lengths))]
        A = np.stack([(left - x) / NUDGE for x in own], axis=2)
        B = np.dstack([*[(left - x) / NUDGE for x in common], turns(tree, q, places) @ apart])
        At = A.transpose(0, 2, 1)
        inverse = np.linalg.inv(At @ A + 1e-9 * np.eye(len(names))) @ At
        B_left, rest = B - A @ (inverse @ B), left - np.einsum("tij,tj->ti", A @ inverse, left)
        normal = np.einsum("tij,tik->jk", B_left, B_left)
        change = np.linalg.lstsq(normal, np.einsum("tij,ti->j", B_left, rest), rcond=1e-9)[0]
        step = np.einsum("tij,tj->ti", inverse, left - B @ change)
        q = q | {n: q[n] + step[:, k] for k, n in enumerate(names)}
        lengths = lengths + change[: len(lengths)]
        moves = (apart @ change[len(lengths) :]).reshape(-1, 3)
        places = {n: (b, x + move) for (n, (b, x)), move in zip(places.items(), moves, strict=True)}
    left = misses(Tree(build(lengths)), q, seen, places)
    return Fit(q, lengths, left.reshape(len(left), -1, 3))


def shifts(places: Places) -> Array:
    """Moves of markers on one body that do not turn them as a whole, (3n, 3n - 3); none on several bodies."""
    if len({body for body, _ in places.values()}) > 1:
        return np.zeros((3 * len(places), 0))
    at = np.array([x for _, x in places.values()])
    turned = np.stack([np.cross(e, at - at.mean(axis=0)).ravel() for e in np.eye(3)], axis=1)
    return np.linalg.qr(turned, mode="complete")[0][:, 3:]


def misses(tree: Tree, q: Series, seen: Series, places: Places) -> Array:
    return np.hstack([seen[n] - x for n, x in where(tree, q, places).items()])


def where(tree: Tree, q: Series, places: Places) -> Series:
    motion, frames = tree.motion(q), len(next(iter(q.values())))
    return {n: stack(tree.position(motion, *at), frames) for n, at in places.items()}


def turns(tree: Tree, q: Series, places: Places) -> Array:
    """How every marker moves with its place on the body, (T, 3n, 3n)."""
    motion, frames = tree.motion(q), len(next(iter(q.values())))
    out = np.zeros((frames, 3 * len(places), 3 * len(places)))
    for k, (body, _) in enumerate(places.values()):
        out[:, 3 * k : 3 * k + 3, 3 * k : 3 * k + 3] = stack_matrix(tree.orientation(motion, body), frames)
    return out


def seen_places(run: Trial, q: Series, bodies: dict[str, str]) -> Places:
    """Each marker where it is seen in its body's frame, on average."""
    tree, frames = Tree(run.upper), len(run.time)
    motion, out = tree.motion(q), {}
    for name, body in bodies.items():
        R = stack_matrix(tree.orientation(motion, body), frames)
        p = stack(tree.position(motion, body), frames)
        out[name] = (body, np.einsum("tji,tj->ti", R, run.seen[name] - p).mean(axis=0))
    return out


def on_pelvis(run: Trial) -> Trial:
    """The trial with the pelvis where its four markers alone have it."""
    names = [n for n in run.angles if n.startswith("pelvis")]
    places = seen_places(run, run.angles, dict.fromkeys(("RASI", "LASI", "RPSI", "LPSI"), "pelvis"))
    q = fitted(lambda _: without_arms(run.upper), np.zeros(0), run.angles, names, run.seen, places).q
    return replace(run, angles=q)


def thorax(run: Trial, build: Build, lengths: Sequence[float] = (), markers: Sequence[str] = THORAX) -> Fit:
    spine = build(np.array(lengths))
    q = {n: run.angles.get(n, np.zeros(len(run.time))) for n in spine.coordinate_names}
    names = [n for n in q if n.startswith("lumbar")]
    places = seen_places(run, run.angles, dict.fromkeys(markers, "torso"))
    return fitted(lambda x: without_arms(build(x)), np.array(lengths), q, names, run.seen, places)


def arms(run: Trial, spine: Description, q: Series) -> Series:
    """The coordinates with those of the arms fitted to the arms' markers."""
    names = [n for n in spine.coordinate_names if not n.startswith(("pelvis", "lumbar"))]
    places = {n: at for n, at in spine.markers.items() if at[0] not in ("pelvis", "torso") and n in run.seen}
    return fitted(lambda _: spine, np.zeros(0), q, names, run.seen, places).q


def between(run: Trial, start: float, end: float) -> Trial:
    at = (run.time >= start) & (run.time <= end)
    seen, angles = ({n: x[at] for n, x in series.items()} for series in (run.seen, run.angles))
    return replace(run, time=run.time[at], seen=seen, angles=angles)


def moments(run: Trial, spine: Description, q: Series) -> Array:
    """Extension, bending and rotation moment (T, 3) on the trunk about Hamner's joint, N m/kg."""
    b, a = butter(2, CUT_OFF_HZ / (0.5 / np.diff(run.time).mean()))
    splines = {n: make_interp_spline(run.time, filtfilt(b, a, q[n]), k=5) for n in spine.coordinate_names}
    tree, frames = Tree(spine), len(run.time)
    motion = tree.motion(*({n: s(run.time, order) for n, s in splines.items()} for order in range(3)))
    lowest = next(j for j in spine.joints if j.parent == "pelvis")
    force, moment = (stack(v, frames) for v in tree.reaction(motion, tree.wrenches(motion), lowest.name))
    at = stack(tree.position(motion, lowest.child, lowest.child_pose.p), frames)
    centre = stack(tree.position(motion, "pelvis", joint_of(run.upper, "torso").parent_pose.p), frames)
    moment = moment + np.cross(at - centre, force)
    right = stack_matrix(tree.orientation(motion, "pelvis"), frames)[:, :, 2]
    up = stack_matrix(tree.orientation(motion, "torso"), frames)[:, :, 1]
    ahead = np.cross(up, right)
    ahead /= np.linalg.norm(ahead, axis=1, keepdims=True)
    axes = np.stack([right, ahead, up], axis=1)
    return np.asarray(np.einsum("tki,ti->tk", axes, moment)) / run.mass


def mean_stride(run: Trial, curves: Array) -> Array:
    """Mean over right and mirrored left strides, (101, 3)."""
    cut = []
    for start, end, side in run.strides:
        at = start + PERCENT * (end - start)
        curve = np.stack([np.interp(at, run.time, c) for c in curves.T], axis=1)
        cut.append(curve if side == "R" else curve * MIRRORED)
    return np.asarray(np.mean(cut, axis=0))


def compare(run: Trial, runner: Description) -> None:
    """Print what is left of the markers with each spine, the moments, and where the axes lie."""
    chain = six_levels(run.upper, runner)
    lowest = chain[0].parent_pose.p
    print(
        f"\n{run.name}, {len(run.strides)} strides; Hamner's joint {100 * above(run, lowest):.1f} cm above L5/S1"
    )
    levels = mounted(run.upper, chain)
    parts = mounted(run.upper, chain, vertebrae_and_thorax(run.upper, runner, chain))
    as_filed(run, levels, parts)
    posed = on_pelvis(run)
    axes = thorax(posed, lambda x: three_axes(run.upper, *x), START)
    from_markers(posed, levels, parts, axes)
    tell_axes(run, posed, lowest, axes)
    heights = zip(AXES, levels_centres(chain), strict=False)
    print("  six levels turn about", *(f"{100 * h:.1f} cm ({n})" for n, h in heights), "above L5/S1")


def as_filed(run: Trial, levels: Description, parts: Description) -> None:
    """The joint angles of their file, on their spine and on the runner's; then the runner's holding their thorax."""
    base = mean_stride(run, moments(run, run.upper, run.angles))
    tell("angles of their file, one joint", run.angles, None, base, base)
    same_angles = mean_stride(run, moments(run, parts, run.angles))
    tell("the same angles, six levels", run.angles, None, same_angles, base)
    places = seen_places(run, run.angles, dict.fromkeys(THORAX, "torso"))
    carried = run.seen | where(Tree(run.upper), run.angles, places)
    fit = thorax(replace(run, seen=carried), lambda _: levels)
    same_thorax = mean_stride(run, moments(run, parts, run.angles | fit.q))
    tell("the same thorax, six levels", fit.q, fit, same_thorax, base)


def from_markers(posed: Trial, levels: Description, parts: Description, axes: Fit) -> None:
    """Every spine with the thorax and arms where the markers have them."""
    one = thorax(posed, lambda _: posed.upper)
    six = thorax(posed, lambda _: levels)
    bound = thorax(posed, lambda _: free(posed.upper))
    rows = {
        "one joint": (posed.upper, one),
        "six levels": (levels, six),
        "six levels, trunk in parts": (parts, six),
        "three axes": (three_axes(posed.upper, *axes.lengths), axes),
        "free": (free(posed.upper), bound),
    }
    curves = {
        name: mean_stride(posed, moments(posed, spine, arms(posed, spine, fit.q)))
        for name, (spine, fit) in rows.items()
    }
    for name, (_, fit) in rows.items():
        tell(name, fit.q, fit, curves[name], curves["one joint"])


def above(run: Trial, lowest: Array) -> float:
    return float(joint_of(run.upper, "torso").parent_pose.p[1] - lowest[1])


def tell(name: str, q: Series, fit: Fit | None, curves: Array, base: Array) -> None:
    left = ""
    if fit is not None:
        each = 1e3 * np.sqrt((fit.left**2).mean(axis=(0, 1)))
        left = f"markers {np.linalg.norm(each):.2f} mm ({each[0]:.2f} {each[1]:.2f} {each[2]:.2f})"
    ranges = " ".join(f"{np.rad2deg(np.ptp(q[n])):5.1f}" for n in ANGLES)
    peaks = " ".join(f"{c.max():.2f}" for c in (curves * [1, -1, -1]).T)
    like = " ".join(f"{np.corrcoef(a, b)[0, 1]:.3f}" for a, b in zip(curves.T, base.T, strict=True))
    print(f"  {name:32s} ranges {ranges} deg; moments {peaks} N m/kg, r {like}; {left}")


def tell_axes(run: Trial, posed: Trial, lowest: Array, axes: Fit) -> None:
    """Where the markers want the axes: of the trial, of single strides, and with one marker left out."""
    height = np.array([above(run, lowest)] * 2 + [0.0])

    def centres(part: Trial, markers: Sequence[str] = THORAX) -> Array:
        fit = thorax(part, lambda x: three_axes(run.upper, *x), START, markers)
        return 100 * (fit.lengths + height)

    def line(what: str, x: Array) -> None:
        print(
            f"  {what:32s} extension {x[0]:6.1f}, bending {x[1]:6.1f} cm above L5/S1; rotation {x[2]:5.1f} cm ahead"
        )

    line("axes, whole trial", 100 * (axes.lengths + height))
    single = np.array([centres(between(posed, a, b)) for a, b, _ in run.strides])
    line("  single strides, median", np.median(single, axis=0))
    line("  single strides, SD", single.std(axis=0, ddof=1))
    line("  pelvis of their joint angles", centres(run))
    for marker in THORAX:
        line(f"  without {marker}", centres(posed, [n for n in THORAX if n != marker]))


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--data", type=Path, required=True)
    options.add_argument("--runners", nargs="*", choices=RUNNERS, default=RUNNERS)
    args = options.parse_args()
    with Worker("opensim") as worker:
        runner = worker.call("describe", worker.call("build_runner", Subject(legs="none")), fit_paths=False)
        for name in args.runners:
            folder = args.data / f"hamner_s{name}"
            text = (folder / f"subject{name}_scaled.osim").read_text(encoding="utf-8")
            compare(trial(folder, worker.call("describe", text, fit_paths=False)), runner)


if __name__ == "__main__":
    main()
