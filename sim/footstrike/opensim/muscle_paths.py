"""Where muscles run and how long they are, frame by frame, as OpenSim has it. Runs in the OpenSim worker.

Straight paths are computed here from the positions of their bodies, all frames at once; only paths that
wrap or have moving or conditional points are read from OpenSim.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from footstrike.dynamics.rigid_body import Tree
from footstrike.errors import unknown_name
from footstrike.model.measured import MusclePath
from footstrike.muscles.paths import node_motion
from footstrike.opensim.muscle_parameters import function_path, geometry, straight_path
from footstrike.opensim.opened_model import Array, each, pose, vec
from footstrike.opensim.osim import osim
from footstrike.opensim.poses import Poses
from footstrike.opensim.skeleton import Opened, opened
from footstrike.progress import Progress, silent, stage

_NO_PULL = 1e-12
_APART = 1e-5  # m
_TOLD = 200  # frames between two progress events


def muscle_paths(
    osim_text: str,
    names: Sequence[str],
    q: Array,
    muscles: Sequence[str] | None = None,
    progress: Progress = silent,
) -> list[MusclePath]:
    """How muscles pull on the bodies in every frame.

    Parameters
    ----------
    names : free coordinates, the columns of ``q`` (T, n), rad and m
    muscles : which ones; all that apply force if not given

    Raises
    ------
    InputError
        A coordinate or muscle is unknown.
    """
    at = opened(osim_text)
    return read_paths(at, _chosen(at, muscles), names, q, progress)


def muscle_lengths(
    osim_text: str, names: Sequence[str], q: Array, muscles: Sequence[str] | None = None
) -> Array:
    """Lengths of muscle-tendon units (T, M) in metres, as OpenSim has them."""
    at = opened(osim_text)
    return lengths(at, _chosen(at, muscles), names, q)


def moment_arms(
    osim_text: str,
    names: Sequence[str],
    q: Array,
    muscles: Sequence[str] | None = None,
    wanted: NDArray[np.bool_] | None = None,
    seconds: float = np.inf,
    progress: Progress = silent,
) -> Array:
    """OpenSim's own moment arms (T, M, n): m for coordinates that turn, 1 for those that shift.

    ``wanted`` (M, n) spares the time for those known to be zero. Those that are not reached within
    ``seconds`` are NaN: OpenSim's solver is slow where there are many couplers, so they are asked in random
    order.
    """
    at = opened(osim_text)
    poses = Poses(at.model, at.fresh(), names)
    paths = [m.getPath() for m in _chosen(at, muscles)]
    coordinates = [at.model.getCoordinateSet().get(n) for n in names]
    asked = np.ones((len(paths), len(names)), dtype=bool) if wanted is None else wanted
    out = np.zeros((len(q), len(paths), len(names)))
    out[:, asked] = np.nan
    pairs = np.random.default_rng(0).permutation(np.argwhere(asked))
    tell, start = stage(progress), time.monotonic()
    for t, row in enumerate(poses.follow(np.asarray(q, dtype=float))[0]):
        tell("moment arms of OpenSim", t, len(q))
        poses.place(row)
        for i, k in pairs:
            if time.monotonic() - start > seconds * (t + 1) / len(q):
                break
            out[t, i, k] = paths[i].computeMomentArm(poses.state, coordinates[k])
    return out


def active_muscles(model: Any) -> list[Any]:
    """The muscles that apply force, in the model's order."""
    return [m for m in list(model.getMuscleList()) if m.get_appliesForce()]


def _chosen(at: Opened, names: Sequence[str] | None) -> list[Any]:
    every = {m.getName(): m for m in active_muscles(at.model)}
    for name in names or ():
        if name not in every:
            raise unknown_name("muscle", name, every)
    return [every[n] for n in names] if names is not None else list(every.values())


def lengths(at: Opened, muscles: Sequence[Any], names: Sequence[str], q: Array) -> Array:
    """Lengths of given muscles (T, M), m."""
    poses = Poses(at.model, at.fresh(), names)
    paths = [m.getPath() for m in muscles]
    out = np.zeros((len(q), len(paths)))
    for t, row in enumerate(poses.follow(np.asarray(q, dtype=float))[0]):
        poses.place(row)
        out[t] = [path.getLength(poses.state) for path in paths]
    return out


def read_paths(
    at: Opened, muscles: Sequence[Any], names: Sequence[str], q: Array, progress: Progress = silent
) -> list[MusclePath]:
    """Paths of given muscles in every frame."""
    q = np.asarray(q, dtype=float)
    poses = Poses(at.model, at.fresh(), names)
    straight = {m.getName(): p for m in muscles if geometry(m) is not None and (p := straight_path(m))}
    curved = [m for m in muscles if m.getName() not in straight]
    readers = [_reader(m, poses, q) for m in curved]
    tell = stage(progress)
    if curved:
        for t, row in enumerate(poses.follow(q)[0]):
            if t % _TOLD == 0:
                tell("muscle paths of OpenSim", t, len(q))
            poses.place(row)
            for reader in readers:
                reader.read(t)
    found = {r.name: r.path() for r in readers} | _straight(at, straight, names, q)
    return [found[m.getName()] for m in muscles]


def _straight(
    at: Opened, paths: dict[str, tuple[tuple[str, Array], ...]], names: Sequence[str], q: Array
) -> dict[str, MusclePath]:
    """Straight paths of all frames from the positions of the bodies."""
    if not paths:
        return {}
    tree = Tree(at.skeleton.description)
    frames = len(q)
    state = {c.name: c.default for c in at.skeleton.description.coordinates}
    moving = node_motion(tree, tree.motion(state | {n: q[:, k] for k, n in enumerate(names)}), frames)
    out = {}
    for name, path in paths.items():
        ground = []
        for body, point in path:
            place = tree.placement[body]
            local = place.p + place.R @ point
            ground.append(moving.p[:, place.node] + moving.R[:, place.node] @ local)
        x = np.stack(ground, axis=1)
        along = np.diff(x, axis=1)
        length = np.linalg.norm(along, axis=2, keepdims=True)
        unit = along / np.maximum(length, _NO_PULL)
        pulls = np.zeros_like(x)
        pulls[:, :-1] += unit
        pulls[:, 1:] -= unit
        points = np.broadcast_to(np.array([p for _, p in path]), x.shape).copy()
        bodies = tuple(b for b, _ in path)
        fine = np.zeros(frames, dtype=bool)
        out[name] = MusclePath(name, bodies, points, pulls, length[..., 0].sum(axis=1), {}, fine)
    return out


def _reader(muscle: Any, poses: Poses, q: Array) -> GeometryReader | FunctionReader:
    path = geometry(muscle)
    if path is None:
        return FunctionReader(muscle, poses, q)
    return GeometryReader(muscle.getName(), path, poses, q)


class GeometryReader:
    """Collects the touched points of one path, frame by frame."""

    def __init__(self, name: str, path: Any, poses: Poses, q: Array) -> None:
        self.name, self._path, self._state = name, path, poses.state
        self._numbers: dict[int, int] = {}  # of frames, by their address
        self._touches = array("d")  # time, number of the frame, point, pull: eight numbers each
        self._frames: list[tuple[str, Array, Array]] = []
        self._length = np.zeros(len(q))
        self._contradiction = np.zeros(len(q), dtype=bool)
        self._several = path.getWrapSet().getSize() > 1
        self._moving = list(moving_points(path))
        self._push = {c: np.zeros(len(q)) for _, c, _ in self._moving}
        self._slopes = poses.slopes(q) if self._moving else {}

    def read(self, t: int) -> None:
        """Take down the path of frame ``t``, in which the model is now."""
        self._length[t] = self._path.getLength(self._state)
        points = each(self._path.getCurrentPath(self._state)) if self._several else []
        if any(self._outdated(p) for p in points):
            self._contradiction[t] = True
            self._follow(t, points)
        else:
            self._take(t)
        for coordinate, push in self._pushes():
            self._push[coordinate][t] += push

    def _take(self, t: int) -> None:
        """Points and pulls as OpenSim gives them."""
        directions = osim.ArrayPointForceDirection()
        self._path.getPointForceDirections(self._state, directions)
        for i in range(directions.getSize()):
            d = directions.get(i)
            self._touch(t, self._known(d.frame()), d.point().to_numpy(), d.direction().to_numpy())

    def _touch(self, t: int, frame: int, point: Array, pull: Array) -> None:
        self._touches.extend((t, frame))
        self._touches.extend(point)
        self._touches.extend(pull)

    def _known(self, frame: Any) -> int:
        key = int(frame.this)
        if key not in self._numbers:
            at = pose(frame)
            self._numbers[key] = len(self._frames)
            self._frames.append((frame.findBaseFrame().getName(), at.R, at.p))
        return self._numbers[key]

    def _outdated(self, point: Any) -> bool:
        """Whether OpenSim measures between another place of a wrap point than the one it pulls at."""
        if osim.PathWrapPoint.safeDownCast(point) is None:
            return False
        pulled = _in_ground(point, self._state)
        return bool(np.abs(pulled - vec(point.getLocationInGround(self._state))).max() > _APART)

    def _follow(self, t: int, points: list[Any]) -> None:
        """Length and pulls along the path through the places of the wrap points where they are now."""
        places = [_in_ground(p, self._state) for p in points]
        keys = [self._known(p.getParentFrame()) for p in points]
        wraps = [osim.PathWrapPoint.safeDownCast(p) for p in points]
        length = 0.0
        for i in range(len(points) - 1):
            arc = wraps[i + 1].getWrapLength(self._state) if wraps[i] and wraps[i + 1] else 0.0
            along = places[i + 1] - places[i]
            length += arc if arc > 0.0 else float(np.linalg.norm(along))
            if arc == 0.0 and self._frames[keys[i]][0] != self._frames[keys[i + 1]][0]:
                unit = along / np.linalg.norm(along)
                for k, pull in ((i, unit), (i + 1, -unit)):
                    self._touch(t, keys[k], vec(points[k].getLocation(self._state)), pull)
        self._length[t] = length

    def _pushes(self) -> Iterator[tuple[str, float]]:
        """Work of one newton per unit of the coordinates that move path points within their bodies."""
        if not self._moving:
            return
        current = each(self._path.getCurrentPath(self._state))
        places = [vec(p.getLocationInGround(self._state)) for p in current]
        of = {p.getName(): i for i, p in enumerate(current)}
        for point, coordinate, moves in self._moving:
            i = of[point.getName()]
            neighbours = [places[k] - places[i] for k in (i - 1, i + 1) if 0 <= k < len(places)]
            pull = sum((n / np.linalg.norm(n) for n in neighbours), np.zeros(3))
            step = osim.Vec3(*(vec(point.getdPointdQ(self._state)) * moves))
            frame = point.getParentFrame()
            yield coordinate, float(pull @ vec(frame.expressVectorInGround(self._state, step)))

    def path(self) -> MusclePath:
        """Everything read, in as many slots as the fullest frame needs."""
        slots: dict[tuple[str, int], int] = {}  # a body, and how often the path has touched it before
        touches = np.array(self._touches).reshape(-1, 8)
        touches = touches[np.abs(touches[:, 5:]).max(axis=1, initial=0.0) > _NO_PULL]
        frames, number = touches[:, 0].astype(int), touches[:, 1].astype(int)
        slot = np.zeros(len(touches), dtype=int)
        now, seen = -1, dict[str, int]()
        for k, (t, frame) in enumerate(zip(frames.tolist(), number.tolist(), strict=True)):
            if t != now:
                now, seen = t, {}
            body = self._frames[frame][0]
            slot[k] = slots.setdefault((body, seen.get(body, 0)), len(slots))
            seen[body] = seen.get(body, 0) + 1
        points, pulls = np.zeros((2, len(self._length), len(slots), 3))
        for frame, (_, R, p) in enumerate(self._frames):
            mine = number == frame
            points[frames[mine], slot[mine]] = p + touches[mine, 2:5] @ R.T
            pulls[frames[mine], slot[mine]] = touches[mine, 5:]
        bodies = tuple(body for body, _ in slots)
        extra = self._extra()
        return MusclePath(self.name, bodies, points, pulls, self._length, extra, self._contradiction)

    def _extra(self) -> dict[str, Array]:
        out: dict[str, Array] = {}
        for coordinate, push in self._push.items():
            for free, slope in self._slopes[coordinate].items():
                out[free] = out.get(free, 0.0) + push * slope
        return out


class FunctionReader:
    """Collects lengths and moment arms of a path that is given by functions of coordinates."""

    def __init__(self, muscle: Any, poses: Poses, q: Array) -> None:
        self.name, self._state = muscle.getName(), poses.state
        self._path, names = function_path(muscle)
        coordinates = poses.model.getCoordinateSet()
        self._coordinates = {n: coordinates.get(n) for n in names}
        self._length = np.zeros(len(q))
        self._arms = {n: np.zeros(len(q)) for n in names}
        self._slopes = poses.slopes(q)

    def read(self, t: int) -> None:
        """Take down length and moment arms of frame ``t``, in which the model is now."""
        self._length[t] = self._path.getLength(self._state)
        arms = self._path.getMomentArms(self._state)
        for k, name in enumerate(self._coordinates):
            self._arms[name][t] = arms.get(k)

    def path(self) -> MusclePath:
        """Everything read: no points, only generalised forces."""
        extra: dict[str, Array] = {}
        for name, arm in self._arms.items():
            for free, slope in self._slopes[name].items():
                extra[free] = extra.get(free, 0.0) + arm * slope
        none = np.zeros((len(self._length), 0, 3))
        return MusclePath(self.name, (), none, none, self._length, extra, np.zeros(len(none), dtype=bool))


def _in_ground(point: Any, state: Any) -> Array:
    """Where a path point is in ground, from its place on its frame."""
    return vec(point.getParentFrame().findStationLocationInGround(state, point.getLocation(state)))


def moving_points(path: Any) -> Iterator[tuple[Any, str, Array]]:
    """The moving points of a path with each coordinate that moves them and the components it moves."""
    for point in each(path.getPathPointSet()):
        moving = osim.MovingPathPoint.safeDownCast(point)
        if moving is None:
            continue
        names = [moving.getSocket(f"{x}_coordinate").getConnecteePath().split("/")[-1] for x in "xyz"]
        for name in sorted(set(names) - {""}):
            yield moving, name, np.array([n == name for n in names], dtype=float)
