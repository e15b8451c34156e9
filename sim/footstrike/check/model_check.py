"""What was understood of a model, and whether the package computes the same from it as OpenSim does."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.constants import g

from footstrike.brief import brief
from footstrike.check.model_file import ModelFile, read_model_file
from footstrike.check.path_errors import MusclePathError, path_errors
from footstrike.check.summary import muscle_rows, muscle_types, understood
from footstrike.dynamics.inertia import without_inertia
from footstrike.dynamics.motion_range import file_range, transmissions
from footstrike.dynamics.rigid_body import Force, Tree, stack
from footstrike.model.description import Array, Coordinate, Description
from footstrike.model.subject import SIMULATED
from footstrike.muscles.path_fit import ARM_LIMIT, LENGTH_LIMIT
from footstrike.progress import Progress, silent, stage
from footstrike.workers.client import Worker, opensim_worker

DYNAMICS_STATES = 50
REACTION_STATES = 10
SPEED, ACCELERATION = 3.0, 30.0  # largest random rate (rad/s, m/s) and its rate
MUSCLE_FORCE = 100.0  # N, in every muscle, when joint reactions are compared

LIMITS = {
    "total mass": 1e-9,
    "inverse dynamics": 1e-6,
    "joint reaction": 1e-3,
    "muscle length": LENGTH_LIMIT * 1e3,
    "moment arm": ARM_LIMIT * 1e3,
    "muscle force on bodies": 1e-6,
}
UNITS = {
    "total mass": "kg",
    "inverse dynamics": "of the largest",
    "joint reaction": "BW",
    "muscle length": "mm RMS",
    "moment arm": "mm RMS",
    "muscle force on bodies": "m",
}


@dataclass(frozen=True)
class CheckRow:
    """One comparison: ``value`` against ``limit`` in ``unit``; ``detail`` names where it is largest."""

    check: str
    value: float
    limit: float
    unit: str
    passed: bool
    detail: str = ""


@dataclass(frozen=True)
class CheckReport:
    """What a model consists of, what is not carried over, and the comparisons with OpenSim.

    Attributes
    ----------
    understood
        Names and values to print: counts, types, what was eliminated.
    muscle_types, muscles
        Rows of :mod:`footstrike.check.summary`: the error of the mapping to De Groote-Fregly for each
        type, and the path of each muscle, the worst first.
    warnings
        One line for everything that was left out or is known to differ.
    """

    __repr__ = brief

    model: str
    understood: dict[str, Any]
    muscle_types: list[dict[str, Any]]
    muscles: list[dict[str, Any]]
    warnings: tuple[str, ...]
    comparisons: tuple[CheckRow, ...]

    @property
    def passed(self) -> bool:
        """Whether every comparison is within its limit."""
        return all(row.passed for row in self.comparisons)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The comparisons as plain rows: check, value, limit, unit, passed, detail."""
        return [asdict(row) for row in self.comparisons]

    def plain(self) -> dict[str, Any]:
        """Everything as one JSON-able object."""
        return {
            "model": self.model,
            "passed": self.passed,
            "understood": self.understood,
            "checks": self.rows,
            "muscle_types": self.muscle_types,
            "muscles": self.muscles,
            "warnings": list(self.warnings),
        }


@dataclass(frozen=True)
class _Case:
    described: Description
    text: str
    worker: Worker
    rng: np.random.Generator
    progress: Progress

    @property
    def names(self) -> list[str]:
        return self.described.coordinate_names


def check(osim_path: Path | None = None, progress: Progress = silent) -> CheckReport:
    """Compare a model, or the runner, with OpenSim.

    Random states lie within the coordinates' ranges. Inverse dynamics: largest difference of a generalised
    force, relative to the largest one. Joint reaction: largest difference of a reaction force with the same
    force in every muscle, in body weights. Muscle length and moment arm: root-mean-square over the range of
    motion (:mod:`footstrike.dynamics.motion_range`) of the worst muscle.

    Raises
    ------
    ModelError
        The model cannot be understood.
    """
    tell = stage(progress)

    def relay(event: Any) -> None:
        tell(event["stage"])

    worker = opensim_worker()
    tell("reading the model")
    file = model_file(osim_path, worker)
    described: Description = worker.call("describe", file.text, progress=relay)
    case = _Case(described, file.text, worker, np.random.default_rng(1), relay)
    rows = [_total_mass(case)]
    warnings = [*file.warnings, *described.warnings]
    if described.coordinates:
        tell("comparing inverse dynamics")
        rows.append(_inverse_dynamics(case, warnings))
        tell("comparing joint reactions")
        rows += _joint_reaction(case, warnings)
    errors: dict[str, MusclePathError] = {}
    if described.muscles and described.coordinates:
        tell("comparing muscle paths")
        errors = path_errors(described, file.text, worker, relay)
        rows += _paths(errors)
        warnings += _turning_more(described)
    return CheckReport(
        described.name,
        understood(described),
        muscle_types(described),
        muscle_rows(described, errors),
        tuple(warnings),
        tuple(rows),
    )


def model_file(osim_path: Path | None, worker: Worker) -> ModelFile:
    """A model file, or the runner that ``simulate`` uses.

    Raises
    ------
    InputError
        The file cannot be read.
    """
    if osim_path is None:
        return ModelFile(str(worker.call("build_runner", SIMULATED)))
    return read_model_file(osim_path)


def random_states(coordinates: tuple[Coordinate, ...], count: int, rng: np.random.Generator) -> Array:
    """Coordinates, speeds and accelerations (3, count, n) within range, rad and m."""
    low, high = np.array([file_range(c) for c in coordinates]).reshape(-1, 2).T
    unit = rng.uniform(-1.0, 1.0, (3, count, len(coordinates)))
    q = low + (high - low) * (unit[0] + 1) / 2
    return np.array([q, unit[1] * SPEED, unit[2] * ACCELERATION])


def named(names: list[str], rows: Array) -> dict[str, Array]:
    """Columns by name."""
    return {n: rows[:, k] for k, n in enumerate(names)}


def _ours(case: _Case, tree: Tree, q: Array, qd: Array, qdd: Array) -> Array:
    motion = tree.motion(*(named(case.names, a) for a in (q, qd, qdd)))
    tau = tree.inverse_dynamics(motion)
    return np.column_stack([np.broadcast_to(np.asarray(tau[n], dtype=float), (len(q),)) for n in case.names])


def _total_mass(case: _Case) -> CheckRow:
    theirs = float(case.worker.call("total_mass", case.text))
    return _row("total mass", abs(case.described.mass - theirs), f"{theirs:.6g} kg")


def _inverse_dynamics(case: _Case, warnings: list[str]) -> CheckRow:
    """Against OpenSim's solver; where that is at odds with OpenSim's own velocities, against these."""
    states = random_states(case.described.coordinates, DYNAMICS_STATES, case.rng)
    ours = _ours(case, Tree(case.described), *states)
    error, where = _relative(case, ours, case.worker.call("inverse_dynamics", case.text, case.names, *states))
    if error <= LIMITS["inverse dynamics"] or not case.described.unlike_opensim:
        return _row("inverse dynamics", error, where)
    balance = case.worker.call("momentum_balance", case.text, case.names, *states)
    by_momentum, where = _relative(case, ours, balance)
    warnings.append(
        f"OpenSim's inverse dynamics differs by {error:.1e} of the largest moment, because it leaves out a term "
        f"quadratic in the speeds in {', '.join(case.described.unlike_opensim)}; inverse dynamics was compared "
        "with the rate of change of OpenSim's momenta, joint reactions at rest"
    )
    return _row("inverse dynamics", by_momentum, f"{where}; OpenSim's solver differs by {error:.1e}")


def _relative(case: _Case, ours: Array, theirs: Array) -> tuple[float, str]:
    error = np.abs(ours - theirs).max(axis=0) / np.abs(theirs).max()
    return float(error.max()), case.names[int(error.argmax())]


def _joint_reaction(case: _Case, warnings: list[str]) -> list[CheckRow]:
    free = without_inertia(case.described)
    if free:
        warnings.append(
            f"coordinates without inertia: {', '.join(free)}; accelerations and joint reactions are not defined and "
            "were not compared, inverse dynamics, muscle lengths and moment arms are"
        )
        return []
    q, qd, qdd = random_states(case.described.coordinates, REACTION_STATES, case.rng)
    if case.described.unlike_opensim:
        qd = np.zeros_like(qd)
    tree = Tree(case.described, keep=[j.name for j in case.described.joints])
    tau = _ours(case, tree, q, qd, qdd)
    frames = case.worker.call(
        "joint_reactions", case.text, case.names, q, qd, tau, MUSCLE_FORCE, progress=case.progress
    )
    worst, where = 0.0, ""
    for k, frame in enumerate(frames):
        if not all(np.all(np.isfinite(r)) for r in frame.reactions.values()):
            warnings.append(
                "joint reactions were not compared: OpenSim cannot solve the motion (a coordinate without inertia)"
            )
            return []
        at, rate = (dict(zip(case.names, a[k], strict=True)) for a in (q, qd))
        motion = tree.motion(at, rate, frame.acceleration)
        forces = [Force(b, list(p), list(f)) for b, p, f in frame.muscle_forces if b != "ground"]
        wrenches = tree.wrenches(motion, forces)
        for joint, theirs in frame.reactions.items():
            ours = stack(tree.reaction(motion, wrenches, joint)[0], 1)[0]
            error = float(np.abs(ours - theirs[3:]).max()) / (case.described.mass * g)
            if error >= worst:
                worst, where = error, joint
    return [_row("joint reaction", worst, where)]


def _paths(errors: dict[str, MusclePathError]) -> list[CheckRow]:
    """The worst muscle of each kind of error, by name."""
    longest = max(errors, key=lambda n: errors[n].length)
    widest = max(errors, key=lambda n: errors[n].arm)
    at = max(errors, key=lambda n: errors[n].solver)
    return [
        _row("muscle length", errors[longest].length * 1e3, longest),
        _row("moment arm", errors[widest].arm * 1e3, widest),
        _row("muscle force on bodies", errors[at].solver, at),
    ]


def _turning_more(d: Description) -> list[str]:
    turns = [f"{c.name} ({g:.1f})" for c, g in zip(d.coordinates, transmissions(d), strict=True) if g > 1.0]
    if not turns:
        return []
    return [
        "coordinates that turn the spine several times as far as their own joint, through couplers (how often); "
        f"moment arms about them are judged per radian of the spine: {', '.join(turns)}"
    ]


def _row(name: str, value: float, detail: str) -> CheckRow:
    limit = LIMITS[name]
    return CheckRow(name, value, limit, UNITS[name], bool(value <= limit), detail)
