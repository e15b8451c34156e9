"""What an exported run moves, feels and pulls with: columns of its files, continued beyond both ends of the stride."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from footstrike.control.drive import MUSCLE_DRIVEN
from footstrike.dynamics.joint_functions import evaluate
from footstrike.dynamics.rigid_body import Tree, stack_matrix
from footstrike.errors import InputError
from footstrike.lumbar.levels import level_frames, lumbar_joints
from footstrike.lumbar.loads import LUMBAR
from footstrike.model.description import Description, Pose
from footstrike.model.sides import without_side
from footstrike.muscles.paths import path_geometry
from footstrike.outcomes.joint_contact import muscles_named
from footstrike.outcomes.laws import ROOT, kinematics, periodicity
from footstrike.outcomes.muscle_outputs import has_leg_muscles, line_of_action
from footstrike.runs import assemble
from footstrike.runs.run import Run

Array = NDArray[np.float64]
Columns = dict[str, Array]

FOOT = "calcn"
MARGIN = 40  # samples beyond each end of the stride: OpenSim's splines have neighbours there
CLOSED_DEG = 0.1  # a stride whose end is as near to its start may be repeated
AGREEMENT_BW = 1e-3  # of the model's spheres with the run's ground force, if it is theirs
RESERVE = 1.0  # N m, optimal force of actuators where muscles balance: dear to static optimisation
DRIVE = 100.0  # N m or N, of those where there are none: cheap
_AXES = "xyz"
_DIRECTIONS = ("anterior", "superior", "right")


def continued(run: Run) -> Run:
    """The run with ``MARGIN`` samples of the strides before and after; only what is exported is continued.

    Raises
    ------
    InputError
        The stride does not close, so nothing is known of its neighbours.
    """
    gap = periodicity(run).angle_deg
    if gap > CLOSED_DEG:
        raise InputError(
            f"the stride does not close ({gap:.2g} deg are left): only a periodic run is exported"
        )
    n = min(MARGIN, run.time.size - 1)
    way = float(run.coordinates["pelvis_tx"][-1] - run.coordinates["pelvis_tx"][0])

    def more(values: Array, step: Array | float = 0.0) -> Array:
        return np.concatenate([values[-1 - n : -1] - step, values, values[1 : n + 1] + step])

    def each(series: dict[str, Array], step: Array | float = 0.0) -> dict[str, Array]:
        return {name: more(values, step) for name, values in series.items()}

    coordinates = each(run.coordinates) | {"pelvis_tx": more(run.coordinates["pelvis_tx"], way)}
    return replace(
        run,
        time=more(run.time, run.period),
        coordinates=coordinates,
        speeds=each(run.speeds),
        accelerations=each(run.accelerations),
        torques=each(run.torques),
        ground_force=each(run.ground_force),
        ground_point=each(run.ground_point, np.array([way, 0.0, 0.0])),
        activations=more(run.activations) if run.muscle_driven else run.activations,
        muscle_forces=more(run.muscle_forces) if run.muscle_driven else run.muscle_forces,
        lumbar={level: each(loads) for level, loads in run.lumbar.items()},
    )


def motion(run: Run, description: Description) -> Columns:
    """Every coordinate of the model that moves: the run's and those that couplers tie to them."""
    out = dict(run.coordinates)
    waiting = list(description.couplers)
    while waiting:
        ready = [c for c in waiting if c.independent in out]
        if not ready:
            raise InputError(f"the run has no coordinate {waiting[0].independent!r}, which its model needs")
        for c in ready:
            value = evaluate(c.function, out[c.independent])[0]
            out[c.dependent] = np.array(np.broadcast_to(value, run.time.shape), dtype=float)
        waiting = [c for c in waiting if c not in ready]
    return out


def ground(run: Run, description: Description) -> dict[str, Columns]:
    """By body of the feet: force, point and free torque, as columns that ``external_loads.xml`` names."""
    wrenches = _contact_wrenches(run, description)
    if wrenches is None:
        wrenches = _stated_wrenches(run)
    return {body: _load(body, wrench) for body, wrench in wrenches.items()}


def _contact_wrenches(run: Run, description: Description) -> dict[str, Array] | None:
    """(T, 6) moment about the ground origin and force of the model's contact; None if the run's is another."""
    wrenches = assemble.body_wrenches(assemble.mechanics(description, description.spheres, kinematics(run)))
    for side, letter in assemble.SIDES.items():
        of_foot = [w for body, w in wrenches.items() if body.endswith(f"_{letter}")]
        force = np.sum([np.zeros((run.time.size, 6)), *of_foot], axis=0)[:, 3:]
        if np.abs(force - run.ground_force[side]).max() > AGREEMENT_BW * assemble.weight(description):
            return None
    return wrenches


def _stated_wrenches(run: Run) -> dict[str, Array]:
    """(T, 6) of the run's force at its centre of pressure, all on the calcaneus."""
    out = {}
    for side, letter in assemble.SIDES.items():
        force = run.ground_force[side]
        point = _through_flight(run.ground_point[side])
        out[f"{FOOT}_{letter}"] = np.concatenate([np.cross(point, force), force], axis=1)
    return out


def _load(body: str, wrench: Array) -> Columns:
    moment, force = wrench[:, :3], wrench[:, 3:]
    fy = np.where(force[:, 1] > assemble.FLIGHT_N, force[:, 1], np.nan)
    point = _through_flight(np.stack([moment[:, 2] / fy, 0.0 * fy, -moment[:, 0] / fy], axis=1))
    parts = {f"ground_force_{body}_v": force, f"ground_force_{body}_p": point}
    parts[f"ground_torque_{body}_"] = moment - np.cross(point, force)
    return {f"{start}{axis}": v[:, i] for start, v in parts.items() for i, axis in enumerate(_AXES)}


def _through_flight(point: Array) -> Array:
    """A centre of pressure (T, 3) with straight lines where it is not known, so that nothing jumps between samples."""
    known = np.flatnonzero(np.isfinite(point).all(axis=1))
    if not known.size:
        return np.zeros_like(point)
    frames = np.arange(len(point))
    return np.stack([np.interp(frames, known, x[known]) for x in point.T], axis=1)


def actuation(run: Run, description: Description) -> Columns:
    """By free coordinate (T,): what its actuator supplies beside the muscles, N m or N.

    All of the moment of arms and toes; reserves and passive tissue elsewhere; what is left at the pelvis.
    """
    names = description.coordinate_names
    missing = [name for name in names if name not in run.torques]
    if missing:
        raise InputError(f"the run has no moment of coordinate {missing[0]!r}, which its model needs")
    if not run.muscle_driven:
        return {name: run.torques[name] for name in names}
    muscles = muscles_named(description, run.muscle_names)
    sampled = line_of_action(run, description, muscles)
    state, tree = kinematics(run), Tree(description)
    moving = tree.motion(state.q, state.qd)
    paths = path_geometry(tree, moving, run.time.size, muscles, sampled, state.qd)
    inner = [name for name in names if not name.startswith(ROOT)]
    pulled = np.einsum("tmc,tm->tc", paths.moment_arms(inner), run.muscle_forces)
    by_muscles = dict(zip(inner, pulled.T, strict=True))
    return {name: run.torques[name] - by_muscles.get(name, 0.0) for name in names}


def optimal_forces(run: Run, description: Description) -> dict[str, float]:
    """By free coordinate, optimal force of its actuator, N m or N."""
    balanced = MUSCLE_DRIVEN if has_leg_muscles(run) else LUMBAR
    return {
        name: RESERVE if without_side(name) in balanced else DRIVE for name in description.coordinate_names
    }


def by_muscle(run: Run, values: Array) -> Columns:
    """Columns (T,) of values (T, M)."""
    return dict(zip(run.muscle_names, values.T, strict=True))


def lumbar(run: Run) -> Columns:
    """Loads of every level; vectors get one column per direction."""
    out: Columns = {}
    for level, loads in run.lumbar.items():
        for name, values in loads.items():
            if values.ndim == 1:
                out[f"{level}_{name}"] = values
            else:
                out |= {f"{level}_{name}_{d}": values[:, i] for i, d in enumerate(_DIRECTIONS)}
    return out


def level_axes(description: Description) -> dict[str, tuple[str, str, Pose]]:
    """By level: its joint, and the vertebra on which its axes stand, with where: anterior, along the chord, right.

    The chord of a level lies in its upper vertebra; that of the highest one is L1's, below the joint.
    """
    levels = lumbar_joints(description)
    tree = Tree(description, keep=[j.name for j in levels.values()])
    standing = tree.motion(dict.fromkeys(description.coordinate_names, 0.0))
    frames = {f.name: f for f in level_frames(tree, standing, 1)}
    out = {}
    for k, (level, joint) in enumerate(levels.items()):
        highest = k == len(levels) - 1
        body, origin = (joint.parent, joint.parent_pose.p) if highest else (joint.child, joint.child_pose.p)
        turned = stack_matrix(tree.orientation(standing, body), 1)[0]
        out[level] = (joint.name, body, Pose(turned.T @ frames[level].chord[0].T, origin))
    return out
