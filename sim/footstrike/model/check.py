"""What was understood of a model, and whether the package computes the same from it as OpenSim does."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from footstrike.dynamics.rigid_body import Force, Tree, stack
from footstrike.engines.client import Worker, opensim_worker
from footstrike.errors import InputError
from footstrike.model.description import Array, Coordinate, Description
from footstrike.model.runner import RunnerSpec
from footstrike.progress import Progress, silent

GRAVITY = 9.80665  # m/s2, of body weights
DYNAMICS_STATES = 50
REACTION_STATES = 10
SPEED, ACCELERATION = 3.0, 30.0  # largest random rate (rad/s, m/s) and its rate
MUSCLE_FORCE = 100.0  # N, in every muscle, when joint reactions are compared
LIMITS = {"inverse dynamics": 1e-6, "joint reaction": 1e-3}


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
    """What a model consists of, what is not carried over, and the comparisons with OpenSim."""

    model: str
    understood: dict[str, Any]
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


def check(osim_path: Path | None = None, progress: Progress = silent) -> CheckReport:
    """Compare a model, or the runner, with OpenSim.

    Random states lie within the coordinates' ranges. Inverse dynamics: largest difference of a generalised
    force, relative to the largest one. Joint reaction: largest difference of a reaction force with the same
    force in every muscle, in body weights.

    Raises
    ------
    ModelError
        The model cannot be understood.
    """
    tell = _teller(progress)
    worker = opensim_worker()
    tell("reading the model")
    text = model_text(osim_path, worker)
    described: Description = worker.call("describe", text)
    rng = np.random.default_rng(1)
    tell("comparing inverse dynamics")
    rows = [_inverse_dynamics(described, text, worker, rng)]
    tell("comparing joint reactions")
    rows.append(_joint_reaction(described, text, worker, rng))
    return CheckReport(described.name, _understood(described), described.warnings, tuple(rows))


def model_text(osim_path: Path | None, worker: Worker) -> str:
    """The text of a model file, or of the runner."""
    if osim_path is None:
        return str(worker.call("build_runner", RunnerSpec()))
    try:
        return osim_path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise InputError(f"model file {osim_path}: {error.strerror}") from None


def _teller(progress: Progress) -> Callable[[str], None]:
    start = time.monotonic()

    def tell(stage: str) -> None:
        progress(
            {
                "stage": stage,
                "iteration": None,
                "objective": None,
                "infeasibility": None,
                "elapsed_s": time.monotonic() - start,
            }
        )

    return tell


def _understood(d: Description) -> dict[str, Any]:
    return {
        "mass": d.mass,
        "bodies": len(d.bodies),
        "joints": len(d.joints),
        "free coordinates": len(d.coordinates),
        "couplers eliminated": len(d.couplers),
        "muscles": len(d.muscles),
        "contact spheres": len(d.spheres),
    }


def random_states(coordinates: tuple[Coordinate, ...], count: int, rng: np.random.Generator) -> Array:
    """Coordinates, speeds and accelerations (3, count, n) within range, rad and m."""
    low, high = np.array([usable_range(c) for c in coordinates]).reshape(-1, 2).T
    unit = rng.uniform(-1.0, 1.0, (3, count, len(coordinates)))
    q = low + (high - low) * (unit[0] + 1) / 2
    return np.array([q, unit[1] * SPEED, unit[2] * ACCELERATION])


def usable_range(c: Coordinate) -> tuple[float, float]:
    """The range of a coordinate, cut to what a posture can reach where the file says nothing useful."""
    reach = 1.0 if c.motion == "translation" else np.pi / 2
    low, high = sorted((c.minimum, c.maximum))
    low, high = max(low, c.default - reach), min(high, c.default + reach)
    return (low, high) if low < high else (c.default, c.default)


def _named(described: Description, rows: Array) -> dict[str, Array]:
    return {n: rows[:, k] for k, n in enumerate(described.coordinate_names)}


def _inverse_dynamics(d: Description, text: str, worker: Worker, rng: np.random.Generator) -> CheckRow:
    names = d.coordinate_names
    q, qd, qdd = random_states(d.coordinates, DYNAMICS_STATES, rng)
    theirs = worker.call("momentum_balance", text, names, q, qd, qdd)
    tree = Tree(d)
    ours = stack_named(
        tree.inverse_dynamics(tree.motion(_named(d, q), _named(d, qd), _named(d, qdd))), names, len(q)
    )
    error = np.abs(ours - theirs).max(axis=0) / np.abs(theirs).max()
    return _row("inverse dynamics", float(error.max()), "of the largest", names[int(error.argmax())])


def stack_named(values: dict[str, Any], names: list[str], frames: int) -> Array:
    """Array (frames, n) in the order of names."""
    return np.column_stack([np.broadcast_to(np.asarray(values[n], dtype=float), (frames,)) for n in names])


def _joint_reaction(d: Description, text: str, worker: Worker, rng: np.random.Generator) -> CheckRow:
    names = d.coordinate_names
    q, qd, qdd = random_states(d.coordinates, REACTION_STATES, rng)
    tree = Tree(d, keep=[j.name for j in d.joints])
    tau = stack_named(
        tree.inverse_dynamics(tree.motion(_named(d, q), _named(d, qd), _named(d, qdd))), names, len(q)
    )
    frames = worker.call("joint_reactions", text, names, q, qd, tau, MUSCLE_FORCE)
    worst, where = 0.0, ""
    for k, frame in enumerate(frames):
        motion = tree.motion(
            dict(zip(names, q[k], strict=True)), dict(zip(names, qd[k], strict=True)), frame.acceleration
        )
        forces = [Force(b, list(p), list(f)) for b, p, f in frame.muscle_forces if b != "ground"]
        wrenches = tree.wrenches(motion, forces)
        for joint, theirs in frame.reactions.items():
            ours = stack(tree.reaction(motion, wrenches, joint)[0], 1)[0]
            error = float(np.abs(ours - theirs[3:]).max()) / (d.mass * GRAVITY)
            if error > worst:
                worst, where = error, joint
    return _row("joint reaction", worst, "BW", where)


def _row(name: str, value: float, unit: str, detail: str) -> CheckRow:
    limit = LIMITS[name]
    return CheckRow(name, value, limit, unit, value <= limit, detail)
