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

from footstrike.dynamics.rigid_body import Tree, stack, stack_matrix
from footstrike.engines.client import Worker
from footstrike.gait.markers import read_markers
from footstrike.model.description import Array, Axis, Body, Coordinate, Description, Joint, Polynomial, Pose
from footstrike.model.rows import LEVELS
from footstrike.model.runner import RunnerSpec

RUNNERS = ("01", "02", "08")
HAMNERS_JOINT = np.array([-0.1007, 0.0815, 0.0])  # of the generic model, in the pelvis
HAMNERS_CENTRE_OF_MASS = 0.32  # height in the generic torso, m
THORAX = ("C7", "CLAV", "LACR", "RACR")
ANGLES = ("lumbar_extension", "lumbar_bending", "lumbar_rotation")
SHIFTS = ("lumbar_tx", "lumbar_ty", "lumbar_tz")
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
    """One runner at 3 m/s: upper body, mass of the whole (kg), markers (m) at ``time`` (s), and the limits of every stride with its side."""

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


# --- data ---------------------------------------------------------------------------------------------------------


def table(path: Path) -> Series:
    lines = path.read_text(encoding="utf-8").splitlines()
    start = next(k for k, line in enumerate(lines) if line.strip() == "endheader") + 1
    rows = [[float(x) for x in line.split()] for line in lines[start + 1 :] if line.strip()]
    return dict(zip(lines[start].split(), np.array(rows).T, strict=True))


def trial(folder: Path, model: Description) -> Trial:
    path = folder / "run3_markers.trc"
    markers = read_markers(path)
    first = float(path.read_text(encoding="utf-8-sig").splitlines()[6].split("\t")[1])
    frames = len(next(iter(markers.positions.values())))
    time = first + np.arange(frames) / markers.rate
    ik = table(folder / "run3_ik.mot")
    angles = {
        n: np.interp(
            time, ik["time"], ik[n] if n.startswith("pelvis_t") and n != "pelvis_tilt" else np.deg2rad(ik[n])
        )
        for n in model.coordinate_names
    }
    forces = table(folder / "run3_grf.mot")
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


def upper_body(model: Description) -> Description:
    """Pelvis, trunk and arms; what is above L5/S1 needs no legs."""
    kept = {"ground", "pelvis", "torso"}
    joints: list[Joint] = []
    for joint in model.joints:
        if (
            joint.child == "pelvis"
            or (joint.parent in kept and joint.parent not in ("ground", "pelvis"))
            or joint.child == "torso"
        ):
            joints.append(joint)
            kept.add(joint.child)
    moved = {axis.coordinate for joint in joints for axis in joint.axes}
    return replace(
        model,
        bodies=tuple(b for b in model.bodies if b.name in kept),
        joints=tuple(joints),
        coordinates=tuple(c for c in model.coordinates if c.name in moved),
        markers={n: at for n, at in model.markers.items() if at[0] in kept},
    )


def without_arms(model: Description) -> Description:
    last = next(k for k, j in enumerate(model.joints) if j.child == "torso")
    joints = model.joints[: last + 1]
    carried = {j.child for j in joints}
    moved = {axis.coordinate for joint in joints for axis in joint.axes}
    return replace(
        model,
        bodies=tuple(b for b in model.bodies if b.name in carried),
        joints=joints,
        coordinates=tuple(c for c in model.coordinates if c.name in moved),
    )


# --- spines -------------------------------------------------------------------------------------------------------


def joint_of(model: Description, child: str) -> Joint:
    return next(j for j in model.joints if j.child == child)


def mounted(
    model: Description, chain: Sequence[Joint], bodies: Sequence[Body] = (), more: Sequence[str] = ()
) -> Description:
    """The model with another chain of joints between pelvis and torso, and bodies and translations that it brings."""
    joints: list[Joint] = []
    for joint in model.joints:
        joints += chain if joint.child == "torso" else [joint]
    known = {b.name for b in bodies}
    massless = [
        Body(j.child, 0.0, np.zeros(3), np.zeros((3, 3))) for j in chain if j.child not in known | {"torso"}
    ]
    new = (*(b for b in model.bodies if b.name not in known), *bodies, *massless)
    coordinates = [Coordinate(n, chain[-1].name, "translation", 0.0, -1.0, 1.0) for n in more]
    return replace(model, joints=tuple(joints), bodies=new, coordinates=(*model.coordinates, *coordinates))


def free(model: Description) -> Description:
    back = joint_of(model, "torso")
    shifts = [
        Axis("translation", e, n, Polynomial((0.0, 1.0))) for e, n in zip(np.eye(3), SHIFTS, strict=True)
    ]
    turns = [a for a in back.axes if a.kind == "rotation"]
    return mounted(model, [replace(back, axes=(*shifts, *turns))], more=SHIFTS)


def three_axes(model: Description, extension: float, bending: float, rotation: float) -> Description:
    """Axes of extension and bending at heights above Hamner's joint, that of rotation ahead of it, m."""
    back = joint_of(model, "torso")
    turns = [a for a in back.axes if a.kind == "rotation"]
    o, up, ahead = back.parent_pose.p, np.array([0.0, 1.0, 0.0]), np.array([1.0, 0.0, 0.0])
    hinges = [
        ("pelvis", "hinge1", o + extension * up, np.zeros(3)),
        ("hinge1", "hinge2", (bending - extension) * up, np.zeros(3)),
        ("hinge2", "torso", rotation * ahead - bending * up, rotation * ahead),
    ]
    return mounted(
        model,
        [
            Joint(f"to_{child}", parent, child, Pose(np.eye(3), p), Pose(np.eye(3), c), (turn,))
            for (parent, child, p, c), turn in zip(hinges, turns, strict=True)
        ],
    )


def six_levels(model: Description, runner: Description) -> list[Joint]:
    """The runner's levels at this body's size; with all angles zero the torso is where Hamner's joint has it."""
    back, size = joint_of(model, "torso"), trunk_size(model)
    levels = [next(j for j in runner.joints if j.name == n) for n in LEVELS]
    chain, at = [], np.zeros(3)
    for level in levels:
        from_parent, from_child = level.parent_pose.p * size, level.child_pose.p * size
        if level.parent == "pelvis":
            from_parent = level.parent_pose.p * pelvis_size(model)
        if level.child == "torso":
            from_child = at + from_parent - back.parent_pose.p
        at = at + from_parent - from_child
        chain.append(
            replace(level, parent_pose=Pose(np.eye(3), from_parent), child_pose=Pose(np.eye(3), from_child))
        )
    return chain


def trunk_size(model: Description) -> float:
    return float(body_of(model, "torso").com[1]) / HAMNERS_CENTRE_OF_MASS


def pelvis_size(model: Description) -> Array:
    p = joint_of(model, "torso").parent_pose.p
    return np.array([p[0] / HAMNERS_JOINT[0], p[1] / HAMNERS_JOINT[1], 1.0])


def body_of(model: Description, name: str) -> Body:
    return next(b for b in model.bodies if b.name == name)


def vertebrae_and_thorax(model: Description, runner: Description, chain: Sequence[Joint]) -> list[Body]:
    """The trunk's mass in parts: vertebrae as the runner's share of it, the thorax what Hamner's torso leaves."""
    torso, size = body_of(model, "torso"), trunk_size(model)
    of_runner = [body_of(runner, j.child) for j in chain]
    share = torso.mass / sum(b.mass for b in of_runner)
    parts = [Body(b.name, share * b.mass, size * b.com, share * size**2 * b.inertia) for b in of_runner[:-1]]
    origin, at = joint_of(model, "torso").parent_pose.p, np.zeros(3)
    mass, moment, inertia = torso.mass, torso.mass * torso.com, about_origin(torso, torso.com)
    for joint, part in zip(chain, parts, strict=False):
        at = at + joint.parent_pose.p - joint.child_pose.p
        c = at + part.com - origin
        mass, moment, inertia = mass - part.mass, moment - part.mass * c, inertia - about_origin(part, c)
    com = moment / mass
    return [*parts, Body("torso", mass, com, inertia - mass * (com @ com * np.eye(3) - np.outer(com, com)))]


def about_origin(body: Body, com: Array) -> Array:
    return body.inertia + body.mass * (com @ com * np.eye(3) - np.outer(com, com))


# --- poses from markers -------------------------------------------------------------------------------------------


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
    motion = tree.motion(q)
    return np.hstack(
        [x - stack(tree.position(motion, *places[n]), len(x)) for n, x in chosen(seen, places).items()]
    )


def chosen(seen: Series, places: Places) -> Series:
    return {n: seen[n] for n in places}


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


# --- moments ------------------------------------------------------------------------------------------------------


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


# --- answers ------------------------------------------------------------------------------------------------------


def compare(run: Trial, runner: Description) -> None:
    """Print what is left of the markers with each spine, the moments, and where the axes lie."""
    chain = six_levels(run.upper, runner)
    lowest = chain[0].parent_pose.p
    print(
        f"\n{run.name}, {len(run.strides)} strides; Hamner's joint {100 * above(run, lowest):.1f} cm above L5/S1"
    )
    posed = on_pelvis(run)
    one = thorax(posed, lambda _: run.upper)
    levels = mounted(run.upper, chain)
    six = thorax(posed, lambda _: levels)
    axes = thorax(posed, lambda x: three_axes(run.upper, *x), START)
    own = three_axes(run.upper, *axes.lengths)
    bound = thorax(posed, lambda _: free(run.upper))
    parts = mounted(run.upper, chain, vertebrae_and_thorax(run.upper, runner, chain))
    rows = [
        ("their joint angles", run.upper, run.angles, None),
        ("one joint", run.upper, arms(posed, run.upper, one.q), one),
        ("six levels", levels, arms(posed, levels, six.q), six),
        ("six levels, trunk in parts", parts, arms(posed, parts, six.q), six),
        ("six levels, angles of one joint", parts, arms(posed, parts, one.q), None),
        ("three axes", own, arms(posed, own, axes.q), axes),
        ("free", free(run.upper), arms(posed, free(run.upper), bound.q), bound),
    ]
    curves = {name: mean_stride(run, moments(run, spine, q)) for name, spine, q, _ in rows}
    for name, _, q, fit in rows:
        tell(name, q, fit, curves[name], curves["one joint"])
    tell_axes(run, posed, lowest, axes)
    where = {n: 100 * centre for n, centre in zip(AXES, levels_centres(chain), strict=False)}
    print(
        "  six levels turn about " + ", ".join(f"{x:.1f} cm ({n})" for n, x in where.items()) + " above L5/S1"
    )


def above(run: Trial, lowest: Array) -> float:
    return float(joint_of(run.upper, "torso").parent_pose.p[1] - lowest[1])


def levels_centres(chain: Sequence[Joint]) -> list[float]:
    """Heights above L5/S1 about which all levels together turn the thorax, for small extension and bending, m."""
    at, height = -chain[0].parent_pose.p, []
    for joint in chain:
        at = at + joint.parent_pose.p
        height.append(float(at[1]))
        at = at - joint.child_pose.p
    return [
        sum(
            h * axis.function.coefficients[1]
            for h, joint in zip(height, chain, strict=True)
            for axis in joint.axes
            if axis.coordinate == name and isinstance(axis.function, Polynomial)
        )
        for name in ANGLES[:2]
    ]


def tell(name: str, q: Series, fit: Fit | None, curves: Array, base: Array) -> None:
    left = ""
    if fit is not None:
        each = 1e3 * np.sqrt((fit.left**2).mean(axis=(0, 1)))
        left = f"markers {np.linalg.norm(each):.2f} mm ({each[0]:.2f} {each[1]:.2f} {each[2]:.2f})"
    ranges = " ".join(f"{np.rad2deg(np.ptp(q[n])):5.1f}" for n in ANGLES)
    peaks = " ".join(f"{c.max():.2f}" if k == 0 else f"{np.abs(c).max():.2f}" for k, c in enumerate(curves.T))
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
        runner = worker.call("describe", worker.call("build_runner", RunnerSpec()), fit_paths=False)
        for name in args.runners:
            folder = args.data / f"hamner_s{name}"
            text = (folder / f"subject{name}_scaled.osim").read_text(encoding="utf-8")
            compare(trial(folder, worker.call("describe", text, fit_paths=False)), runner)


if __name__ == "__main__":
    main()
