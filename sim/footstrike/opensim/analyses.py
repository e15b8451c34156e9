"""OpenSim's own muscle geometry, joint reactions and static optimisation. Runs in the OpenSim worker."""

from __future__ import annotations

import contextlib
import tempfile
import time as clock
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from footstrike.errors import ModelError
from footstrike.formats.storage import columns_text, read_columns
from footstrike.model.measured import OptimiserSettings
from footstrike.opensim.inverse_dynamics import Poser
from footstrike.opensim.opened_model import each, initialise, read, vec
from footstrike.opensim.osim import osim
from footstrike.opensim.skeleton import opened

Array = NDArray[np.float64]

FREE = 1e4  # optimal force, N m or N, of actuators that cost next to nothing


def muscle_geometry(
    osim_text: str, names: Sequence[str], q: Array, qd: Array, coordinates: Sequence[str]
) -> dict[str, Array]:
    """Geometry and strength of every muscle.

    Parameters
    ----------
    names
        Free coordinates, the columns of ``q`` and ``qd`` (T, n), rad and m.
    coordinates
        Those whose moment arms are wanted.

    Returns
    -------
    ``length``, ``velocity`` (T, M) m, m/s; ``moment_arm`` (T, M, C) m; ``active`` (T, M) N, force at full
    activation with a rigid tendon (along the fibre or the tendon, as the muscle's class has it).
    """
    model = read(osim_text)
    poser = Poser(model, initialise(model), list(names))
    state = poser.state
    muscles = each(model.getMuscles())
    wanted = [model.getCoordinateSet().get(name) for name in coordinates]
    out: dict[str, list[Any]] = {"length": [], "velocity": [], "moment_arm": [], "active": []}
    for frame in range(len(q)):
        poser.set(q[frame], qd[frame], np.zeros(len(names)))
        model.realizeVelocity(state)
        out["length"].append([m.getLength(state) for m in muscles])
        out["velocity"].append([m.getLengtheningSpeed(state) for m in muscles])
        out["moment_arm"].append([[m.computeMomentArm(state, c) for c in wanted] for m in muscles])
        out["active"].append([m.calcInextensibleTendonActiveFiberForce(state, 1.0) for m in muscles])
    return {name: np.array(values) for name, values in out.items()}


def muscle_strength(
    osim_text: str, names: Sequence[str], q: Array, qd: Array, muscles: Sequence[str]
) -> Array:
    """Active force (T, M) at full activation with a rigid tendon, N, as OpenSim's static optimisation has it.

    Parameters
    ----------
    names
        Free coordinates, the columns of ``q`` and ``qd`` (T, n), rad and m.
    """
    at = opened(osim_text)
    poser = Poser(at.model, at.state, names)
    wanted = [at.model.getMuscles().get(name) for name in muscles]
    out = np.zeros((len(q), len(wanted)))
    positions, rates, _ = poser.follow(np.asarray(q, dtype=float), np.asarray(qd, dtype=float))
    for frame, (position, rate) in enumerate(zip(positions, rates, strict=True)):
        poser.place(position)
        poser.state.setU(osim.Vector.createFromMat(poser.speeds(rate)))
        at.model.realizeVelocity(poser.state)
        out[frame] = [m.calcInextensibleTendonActiveFiberForce(poser.state, 1.0) for m in wanted]
    return out


def muscle_driven_reactions(
    osim_text: str,
    names: Sequence[str],
    q: Array,
    qd: Array,
    qdd: Array,
    tension: dict[str, Array],
    joints: Sequence[str],
) -> Array:
    """Reactions of joints when muscles pull with the given tensions and the model moves as told.

    What the muscles do not supply of the accelerations, actuators on the coordinates do; no other force acts
    but gravity.

    Parameters
    ----------
    names
        All free coordinates, the columns of ``q``, ``qd``, ``qdd`` (T, n).
    tension
        By muscle, (T,) N.

    Returns
    -------
    (T, J, 6) force (N) and moment (N m) on each joint's child at its joint frame, ground frame.
    """
    model = read(osim_text)
    for force in each(model.getForceSet()):
        force.set_appliesForce(force.getName() in tension)
    motors = [_actuator(model, name, 1.0) for name in names]
    poser = Poser(model, initialise(model), list(names))
    state = poser.state
    muscles = {m.getName(): m for m in each(model.getMuscles())}
    for actuator in [*(muscles[name] for name in tension), *motors]:
        actuator.overrideActuation(state, True)
    out = np.zeros((len(q), len(joints), 6))
    for frame in range(len(q)):
        poser.set(q[frame], qd[frame], qdd[frame])
        for name, series in tension.items():
            muscles[name].setOverrideActuation(state, float(series[frame]))
        _drive(poser, motors, qdd[frame])
        for k, name in enumerate(joints):
            reaction = model.getJointSet().get(name).calcReactionOnChildExpressedInGround(state)
            out[frame, k] = [*vec(reaction.get(1)), *vec(reaction.get(0))]
    return out


def _drive(poser: Poser, motors: list[Any], wanted: Array) -> None:
    """Set the actuators so that the coordinates accelerate as wanted; accelerations are linear in them."""

    def accelerations(torques: Array) -> Array:
        for motor, torque in zip(motors, torques, strict=True):
            motor.setOverrideActuation(poser.state, float(torque))
        poser.model.realizeAcceleration(poser.state)
        udot = poser.state.getUDot()
        return np.array([udot.get(poser.mobility[name]) for name in poser.names])

    free = accelerations(np.zeros(len(motors)))
    gains = np.column_stack([accelerations(unit) - free for unit in np.eye(len(motors), dtype=np.float64)])
    accelerations(np.asarray(np.linalg.solve(gains, wanted - free), dtype=np.float64))


def static_optimisation(
    osim_text: str,
    time: Array,
    names: Sequence[str],
    q: Array,
    balanced: Sequence[str],
    settings: OptimiserSettings,
    *,
    forces: dict[str, Array] | None = None,
    reactions: Sequence[str] = (),
) -> dict[str, Any]:
    """OpenSim's StaticOptimization analysis of a motion, and its JointReaction with the muscle forces found.

    Coordinates that are not balanced by muscles have actuators that cost next to nothing; balanced ones have
    reserves. OpenSim differentiates the motion itself. ``forces`` from outside by body, (T, 6): moment about the
    ground origin (N m) and force (N), ground frame. ``reactions`` names the joints whose force is wanted.

    Returns
    -------
    ``time`` (K,), ``forces`` and ``activations`` by actuator, each (K,), ``floor`` by muscle, its least
    activation, ``reactions`` by joint (K, 3) force on its child, N, ground frame, ``seconds`` (2,) that the two
    analyses ran, without reading model and motion.
    """
    model = read(osim_text)
    for force in each(model.getForceSet()):
        if osim.Muscle.safeDownCast(force) is None:
            force.set_appliesForce(False)
    floor = {m.getName(): m.getMinControl() for m in each(model.getMuscles())}
    for name in names:
        _actuator(model, name, settings.reserve if name in balanced else FREE)
    ends = (float(time[0]), float(time[-1])) if settings.span is None else settings.span
    seconds = [0.0, 0.0]
    with tempfile.TemporaryDirectory() as folder, _logging(settings.log):
        at = Path(folder)
        model.finalizeConnections()
        model.printToXML(str(at / "model.osim"))
        _write_table(at / "motion.sto", time, *_all_coordinates(osim_text, names, q))
        if forces:
            _write_forces(at, time, forces)
        seconds[0] = _analyse(at, _sharing(settings), ends, settings.every)
        activations = read_columns(at / "so_StaticOptimization_activation.sto")
        tensions = read_columns(at / "so_StaticOptimization_force.sto")
        found: dict[str, Array] = {}
        if reactions:
            seconds[1] = _analyse(at, _joint_reaction(at, reactions), ends, settings.every)
            table = read_columns(at / "so_JointReaction_ReactionLoads.sto")
            found = {joint: _force_on_child(table, joint) for joint in reactions}
    return {
        "time": tensions.pop("time"),
        "forces": tensions,
        "activations": activations,
        "floor": floor,
        "reactions": found,
        "seconds": np.array(seconds),
    }


@contextlib.contextmanager
def _logging(path: Path | None) -> Iterator[None]:
    if path is None:
        yield
        return
    level = osim.Logger.getLevelString()
    osim.Logger.addFileSink(str(path))
    osim.Logger.setLevelString("Info")
    try:
        yield
    finally:
        osim.Logger.setLevelString(level)
        osim.Logger.removeFileSink()


def _sharing(settings: OptimiserSettings) -> Any:
    analysis = osim.StaticOptimization()
    analysis.setName("StaticOptimization")
    analysis.setUseModelForceSet(True)
    analysis.setActivationExponent(settings.exponent)
    analysis.setUseMusclePhysiology(True)
    analysis.setConvergenceCriterion(settings.tolerance)
    analysis.setMaxIterations(settings.iterations)
    return analysis


def _joint_reaction(at: Path, joints: Sequence[str]) -> Any:
    analysis = osim.JointReaction()
    analysis.setName("JointReaction")
    analysis.setForcesFileName(str(at / "so_StaticOptimization_force.sto"))
    names, body, frame = osim.ArrayStr(), osim.ArrayStr(), osim.ArrayStr()
    for joint in joints:
        names.append(joint)
    body.append("child")
    frame.append("ground")
    analysis.setJointNames(names)
    analysis.setOnBody(body)
    analysis.setInFrame(frame)
    return analysis


def _force_on_child(table: dict[str, Array], joint: str) -> Array:
    """(K, 3) from columns such as ``hip_r_on_femur_r_in_ground_fx``."""
    names = [next(c for c in table if c.startswith(f"{joint}_on_") and c.endswith(f"_f{x}")) for x in "xyz"]
    return np.column_stack([table[name] for name in names])


def _analyse(at: Path, analysis: Any, ends: tuple[float, float], every: int) -> float:
    """Run one analysis of the model and motion in a folder; the seconds it took."""
    analysis.setStepInterval(every)
    tool = osim.AnalyzeTool()
    tool.setName("so")
    tool.setModelFilename(str(at / "model.osim"))
    tool.setCoordinatesFileName(str(at / "motion.sto"))
    tool.setLowpassCutoffFrequency(-1.0)
    tool.setInitialTime(ends[0])
    tool.setFinalTime(ends[1])
    tool.setResultsDir(str(at))
    tool.setSolveForEquilibrium(False)
    if (at / "forces.xml").exists():
        tool.setExternalLoadsFileName(str(at / "forces.xml"))
    tool.getAnalysisSet().cloneAndAppend(analysis)
    tool.printToXML(str(at / "setup.xml"))
    ready = osim.AnalyzeTool(str(at / "setup.xml"))
    started = clock.perf_counter()
    if not ready.run():
        raise ModelError(f"OpenSim's {analysis.getName()} failed")
    return clock.perf_counter() - started


def _all_coordinates(osim_text: str, names: Sequence[str], q: Array) -> tuple[list[str], Array]:
    """The motion with those coordinates that couplers drive: the tool does not solve the couplers."""
    model = read(osim_text)
    poser = Poser(model, initialise(model), list(names))
    still = np.zeros(len(names))
    rows = []
    for frame in q:
        poser.set(frame, still, still)
        rows.append([c.getValue(poser.state) for c in poser.coordinates.values()])
    return list(poser.coordinates), np.array(rows)


def _write_table(path: Path, time: Array, names: Sequence[str], rows: Array) -> None:
    columns = dict(zip(names, rows.T, strict=True))
    path.write_text(columns_text("motion", time, columns), encoding="utf-8")


def _write_forces(at: Path, time: Array, forces: dict[str, Array]) -> None:
    """External loads that act at the ground origin, with the moment about it."""
    loads = osim.ExternalLoads()
    columns: list[str] = []
    zero = np.zeros((len(time), 3))
    for body in forces:
        columns += [f"{body}_{what}_{axis}" for what in ("force", "at", "moment") for axis in "xyz"]
        force = osim.ExternalForce()
        force.setName(f"on_{body}")
        force.setAppliedToBodyName(body)
        force.setForceExpressedInBodyName("ground")
        force.setPointExpressedInBodyName("ground")
        force.setForceIdentifier(f"{body}_force_")
        force.setPointIdentifier(f"{body}_at_")
        force.setTorqueIdentifier(f"{body}_moment_")
        loads.cloneAndAppend(force)
    parts = [np.hstack([w[:, 3:], zero, w[:, :3]]) for w in forces.values()]
    _write_table(at / "forces.sto", time, columns, np.hstack(parts))
    loads.setDataFileName(str(at / "forces.sto"))
    loads.printToXML(str(at / "forces.xml"))


def _actuator(model: Any, coordinate: str, optimal_force: float) -> Any:
    actuator = osim.CoordinateActuator(coordinate)
    actuator.setName(f"motor_{coordinate}")
    actuator.setOptimalForce(optimal_force)
    actuator.setMinControl(-1000.0)
    actuator.setMaxControl(1000.0)
    model.addForce(actuator)
    return actuator
