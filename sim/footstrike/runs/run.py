"""One run: everything that is known of a solved stride, as data."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from footstrike.brief import LONGEST
from footstrike.errors import InputError
from footstrike.files import plain

if TYPE_CHECKING:
    from xarray import Dataset

Array = NDArray[np.float64]

STATUSES = ("solved", "not_converged", "infeasible", "crashed")


@dataclass(frozen=True, eq=False)
class Run:
    """A solution over one full stride, 0 = right initial contact.

    Axes of ground: x forward, y up, z to the runner's right. T is the number of time points (uniform, both
    ends included), M the number of muscles. Positions carry the runner's forward progression.

    Attributes
    ----------
    spec
        The full request: strike, speed_mps, options, versions, hashes; JSON-able.
    status, message
        One of ``STATUSES``, and in words why and what to change.
    solver
        wall_s, iterations, points, residual_max_bw, opensim_residual_max_bw, reserve_max_nm, starts, ...
    mass
        kg.
    model_osim
        Text of the OpenSim model.
    time
        (T,) s.
    coordinates, speeds, accelerations
        By coordinate name, each (T,): rad or m and their time derivatives.
    torques
        Generalised forces by coordinate name, each (T,): N m (N for translations).
    ground_force
        "right" and "left": (T, 3) N on the foot.
    ground_point
        "right" and "left": centre of pressure (T, 3) m, NaN in flight.
    points
        Named points of the body, (T, 3) m.
    point_accelerations
        tibia_r, tibia_l, sacrum: (T, 3) m/s2, gravity not included.
    segments
        foot_pitch_r/l (toe up +, 0 = flat standing), shank_angle_r/l (ankle ahead of the knee +),
        trunk_lean (forward +): (T,) rad.
    muscle_names, muscle_groups
        M names, and what each is part of ("vasti", "multifidus"; "" where that is not known).
    activations, muscle_forces
        (T, M), forces of the tendon in N.
    fibre_length, fibre_velocity, metabolic_rate
        (T, M) in optimal lengths, in maximal velocities (lengthening +), and W; empty where not computed.
    joint_contact
        hip_r, knee_r, ankle_r, ..._l: (T, 3) N on the segment below, [anterior, superior, lateral] in the
        axes of femur, tibia and tibia; empty where not computed.
    lumbar
        By level "L5S1" ... "T12L1": force (T, 3) N on the upper vertebra as [anterior, superior along the
        chord of joint centres, right]; resultant, compression, anterior_shear, compression_disc,
        anterior_shear_disc (T,) N; coupler_moment (T, 3) N m, with springs of the discs also theirs, disc_moment;
        muscle_share, inertia_share (T,). Anterior shear
        is minus the anterior force: positive when the load pushes the upper vertebra forward over the lower.
    lumbar_net
        "L5S1": net load on all above it, without muscles (:mod:`footstrike.lumbar.net_load`): force (T, 3) N in
        ground; moment (T, 3) N m as [extension, bending to the right, rotation to the left], each positive
        where it moves the trunk so.
    sensitivities
        Where they were asked for: ``value`` of each metric, ``unit``, ``at`` (value) and ``usual`` (change) of each input, and ``slope``, by metric
        and input, the metric's unit per unit of the input (:mod:`footstrike.simulation.sensitivity`); JSON-able.
    """

    spec: dict[str, Any]
    status: str
    message: str
    solver: dict[str, Any]
    mass: float
    model_osim: str
    time: Array
    coordinates: dict[str, Array]
    speeds: dict[str, Array]
    accelerations: dict[str, Array]
    torques: dict[str, Array]
    ground_force: dict[str, Array]
    ground_point: dict[str, Array]
    points: dict[str, Array]
    point_accelerations: dict[str, Array]
    segments: dict[str, Array]
    muscle_names: list[str] = field(default_factory=list)
    muscle_groups: list[str] = field(default_factory=list)
    activations: Array = field(default_factory=lambda: np.zeros((0, 0)))
    muscle_forces: Array = field(default_factory=lambda: np.zeros((0, 0)))
    lumbar: dict[str, dict[str, Array]] = field(default_factory=dict)
    fibre_length: Array = field(default_factory=lambda: np.zeros((0, 0)))
    fibre_velocity: Array = field(default_factory=lambda: np.zeros((0, 0)))
    metabolic_rate: Array = field(default_factory=lambda: np.zeros((0, 0)))
    joint_contact: dict[str, Array] = field(default_factory=dict)
    lumbar_net: dict[str, dict[str, Array]] = field(default_factory=dict)
    sensitivities: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __repr__(self) -> str:
        what = f"{self.spec.get('strike')} at {self.spec.get('speed_mps')} m/s"
        size = (
            f"{self.time.size} samples, {len(self.coordinates)} coordinates, {len(self.muscle_names)} muscles"
        )
        said = self.message if len(self.message) <= LONGEST else f"{self.message[:LONGEST]}..."
        return f"<Run: {what}, {self.status} ({said}); {size}>"

    @property
    def strike(self) -> str:
        """``rearfoot`` or ``forefoot``."""
        return str(self.spec["strike"])

    @property
    def speed(self) -> float:
        """Running speed, m/s."""
        return float(self.spec["speed_mps"])

    @property
    def period(self) -> float:
        """Stride time, s."""
        return float(self.time[-1] - self.time[0])

    @property
    def solved(self) -> bool:
        """Whether numbers may be reported from this run."""
        return self.status == "solved"

    @property
    def muscle_driven(self) -> bool:
        """Whether muscle forces were part of the solution; without them no spine load is reported."""
        return bool(self.muscle_names) and self.muscle_forces.size > 0

    def muscles_of(self, groups: Collection[str], side: str = "") -> list[int]:
        """Columns of the muscles of some groups, of both sides or of one: "r" or "l"."""
        ending = f"_{side}" if side else ""
        named = zip(self.muscle_names, self.muscle_groups, strict=True) if self.muscle_groups else ()
        return [i for i, (name, group) in enumerate(named) if group in groups and name.endswith(ending)]

    def arrays(self) -> Iterator[tuple[str, Array]]:
        """All arrays with their path in the file, e.g. ``("lumbar/L5S1/force", ...)``, in a fixed order."""
        yield "time", self.time
        for group in GROUPS:
            yield from _flatten(group, getattr(self, group))
        yield "activations", self.activations
        yield "muscle_forces", self.muscle_forces
        yield from _flatten("lumbar", self.lumbar)
        yield from ((name, getattr(self, name)) for name in OF_MUSCLES if getattr(self, name).size)
        yield from _flatten("joint_contact", self.joint_contact)
        yield from _flatten("lumbar_net", self.lumbar_net)

    def content_hash(self) -> str:
        """SHA-256 of specification, status, solver record, model and every array, independent of file
        layout.
        """
        head = [
            self.spec,
            self.status,
            self.message,
            self.solver,
            self.mass,
            self.model_osim,
            self.muscle_names,
        ]
        head += [self.muscle_groups] if self.muscle_groups else []
        head += [self.sensitivities] if self.sensitivities else []
        digest = hashlib.sha256(json.dumps(plain(head), sort_keys=True).encode())
        for name, array in self.arrays():
            digest.update(f"{name}{array.shape}".encode())
            digest.update(np.ascontiguousarray(array, dtype="<f8").tobytes())
        return digest.hexdigest()

    def check(self) -> None:
        """Check that the pieces fit together.

        Raises
        ------
        InputError
            Names the first piece that does not.
        """
        if self.status not in STATUSES:
            raise InputError(f"status {self.status!r} of the run is unknown (allowed: {', '.join(STATUSES)})")
        for key in ("strike", "speed_mps"):
            if key not in self.spec:
                raise InputError(f"the specification of the run lacks {key!r}")
        if self.time.ndim != 1:
            raise InputError(f"time of the run has shape {self.time.shape}, not one dimension")
        if self.time.size > 1 and not np.all(np.diff(self.time) > 0):
            raise InputError("time of the run does not increase")
        if self.muscle_groups and len(self.muscle_groups) != len(self.muscle_names):
            raise InputError(f"{len(self.muscle_groups)} groups for {len(self.muscle_names)} muscles")
        for name, array in self.arrays():
            if array.size and array.shape[0] != self.time.size:
                raise InputError(f"{name} has {array.shape[0]} samples, time has {self.time.size}")
        for name in ("activations", "muscle_forces", *OF_MUSCLES):
            array = getattr(self, name)
            if array.size and array.shape != (self.time.size, len(self.muscle_names)):
                raise InputError(f"{name} has shape {array.shape} for {len(self.muscle_names)} muscles")

    def to_xarray(self) -> Dataset:
        """The time series with labelled axes.

        Returns
        -------
        xarray.Dataset
            Over ``time`` (s; ``phase`` in % of the stride), by ``coordinate`` (rad; the pelvis's translations apart, in
            m), ``side``, ``point``, ``segment``, ``muscle`` (with its ``group``), ``joint``, ``level`` and axes of vectors.
            Each variable has ``units`` and ``long_name``; ``attrs`` are the specification.
        """
        from footstrike.runs.labelled import to_xarray

        return to_xarray(self)

    def save(self, path: str | Path) -> Path:
        """Write the run to one .h5 file, atomically; see :func:`footstrike.runs.store.save`."""
        from footstrike.runs.store import save

        return save(self, Path(path))

    @staticmethod
    def load(path: str | Path) -> Run:
        """Read a run that :meth:`save` wrote; see :func:`footstrike.runs.store.load`."""
        from footstrike.runs.store import load

        return load(Path(path))


GROUPS = (
    "coordinates",
    "speeds",
    "accelerations",
    "torques",
    "ground_force",
    "ground_point",
    "points",
    "point_accelerations",
    "segments",
)
OF_MUSCLES = ("fibre_length", "fibre_velocity", "metabolic_rate")
"""Arrays (T, M) that a run may lack."""


def _flatten(prefix: str, tree: Mapping[str, Any]) -> Iterator[tuple[str, Array]]:
    for key in sorted(tree):
        value = tree[key]
        name = f"{prefix}/{key}"
        if isinstance(value, Mapping):
            yield from _flatten(name, value)
        else:
            yield name, np.asarray(value, dtype=float)
