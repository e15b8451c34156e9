"""OpenSim's own inverse dynamics and joint reactions, to compare with. Runs in the OpenSim worker."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from footstrike.model.measured import ReactionFrame
from footstrike.opensim.muscle_parameters import geometry
from footstrike.opensim.opened_model import Array, each, initialise, load, mobilities, read, station, vec
from footstrike.opensim.osim import osim
from footstrike.opensim.poses import Poses
from footstrike.progress import Progress, silent, stage

_REFERENCE_ACTUATOR = "footstrike_reference_"
_STEP = 3e-6  # s, of the differences that turn OpenSim's velocities into accelerations


class Poser(Poses):
    """Puts a model into states with speeds, one frame at a time."""

    def __init__(self, model: Any, state: Any, names: Sequence[str]) -> None:
        super().__init__(model, state, names)
        self.coordinates = {c.getName(): c for c in each(model.getCoordinateSet())}
        self.mobility = mobilities(model, state)
        self.matter = model.getMatterSubsystem()

    def set(self, q: Array, qd: Array, qdd: Array) -> Array:
        """Set coordinates and speeds (n,); return OpenSim's accelerations (its vector of ``udot``)."""
        x, v, a = (rows[0] for rows in self.follow(*(np.atleast_2d(r) for r in (q, qd, qdd))))
        self.place(x)
        u = self.speeds(v)
        self.state.setU(osim.Vector.createFromMat(u))
        self.model.realizeVelocity(self.state)
        drift = osim.Vector()
        self.matter.multiplyByNDot(self.state, False, osim.Vector.createFromMat(u), drift)
        return self.speeds(a - drift.to_numpy())

    def speeds(self, rates: Array) -> Array:
        """OpenSim's speeds from the rates of its positions: the two differ for ball joints."""
        u = osim.Vector()
        self.matter.multiplyByNInv(self.state, False, osim.Vector.createFromMat(rates), u)
        return np.array(u.to_numpy())

    def on_free(self, tau: Array, row: Array) -> list[float]:
        """Generalised forces of the free coordinates, now at ``row``, from those of OpenSim's speeds."""
        f = osim.Vector()
        self.matter.multiplyByNInv(self.state, True, osim.Vector.createFromMat(tau), f)
        force = f.to_numpy()
        slopes = self.slopes(np.atleast_2d(row))
        total = dict.fromkeys(self.names, 0.0)
        for name, slot in self.slot.items():
            for free, slope in slopes[name].items():
                if free in total:
                    total[free] += float(slope[0]) * float(force[slot])
        return [total[n] for n in self.names]


def inverse_dynamics(
    osim_text: str,
    names: Sequence[str],
    q: Array,
    qd: Array,
    qdd: Array,
    forces: dict[str, Array] | None = None,
) -> Array:
    """OpenSim's own inverse dynamics, with couplers projected onto the free coordinates.

    Parameters
    ----------
    names : free coordinates, the columns of ``q``, ``qd``, ``qdd`` (frames, n), rad and m
    forces : body name -> (frames, 6): torque about the ground origin (N m), force (N), ground frame

    Returns
    -------
    (frames, n) generalised forces, N m and N.
    """
    model = load(osim_text)
    poser = Poser(model, model.initSystem(), names)
    given = forces or {}
    rows = []
    for k in range(len(q)):
        udot = osim.Vector.createFromMat(poser.set(q[k], qd[k], qdd[k]))
        applied = _weights(poser, {n: w[k] for n, w in given.items()})
        solver = osim.InverseDynamicsSolver(model)
        still = osim.Vector(poser.state.getNU(), 0.0)
        rows.append(poser.on_free(solver.solve(poser.state, udot, still, applied).to_numpy(), q[k]))
    return np.array(rows)


def _weights(poser: Poser, wrenches: dict[str, Array]) -> Any:
    """Forces on all bodies: given ones, and gravity, which this form of the solver leaves to the caller."""
    bodies = {b.getName(): b for b in list(poser.model.getBodyList())}
    count = 1 + max(b.getMobilizedBodyIndex() for b in bodies.values())
    applied = osim.VectorOfSpatialVec(count, osim.SpatialVec(osim.Vec3(0), osim.Vec3(0)))
    gravity = vec(poser.model.getGravity())
    for body in bodies.values():
        weight = body.getMass() * gravity
        at = vec(body.findStationLocationInGround(poser.state, body.getMassCenter()))
        _apply(applied, body, poser.state, np.concatenate([np.cross(at, weight), weight]))
    for name, wrench in wrenches.items():
        _apply(applied, bodies[name], poser.state, wrench)
    return applied


def _apply(applied: Any, body: Any, state: Any, wrench: Array) -> None:
    """Add a wrench about the ground origin (ground frame) to a body, referred to the body's own origin."""
    origin = vec(body.getPositionInGround(state))
    torque = wrench[:3] - np.cross(origin, wrench[3:])
    index = body.getMobilizedBodyIndex()
    old = applied.get(index)
    total = osim.SpatialVec(
        osim.Vec3(*(vec(old.get(0)) + torque)), osim.Vec3(*(vec(old.get(1)) + wrench[3:]))
    )
    applied.set(index, total)


def momentum_balance(osim_text: str, names: Sequence[str], q: Array, qd: Array, qdd: Array) -> Array:
    """Inverse dynamics from the rate of change of the momentum that OpenSim computes for every body.

    The same quantity as :func:`inverse_dynamics` by another way: velocities at neighbouring instants
    instead of OpenSim's accelerations, which lack a term in joints where one coordinate turns about several
    axes.
    """
    model = load(osim_text)
    poser = Poser(model, model.initSystem(), names)
    bodies = list(model.getBodyList())
    gravity = vec(model.getGravity())
    rows = []
    for x, v, a in zip(q, qd, qdd, strict=True):
        near = []
        for t in (-2 * _STEP, -_STEP, _STEP, 2 * _STEP):
            poser.set(x + v * t + a * t * t / 2, v + a * t, a)
            near.append(_momenta(poser.state, bodies))
        rate = (near[0] - 8 * near[1] + 8 * near[2] - near[3]) / (12 * _STEP)
        poser.set(x, v, a)
        tau = np.zeros(poser.state.getNU())
        for body, change in zip(bodies, rate, strict=True):
            weight = body.getMass() * gravity
            tau += _generalised(poser, body, change[:3], change[3:] - weight)
        rows.append(poser.on_free(tau, x))
    return np.array(rows)


def _momenta(state: Any, bodies: list[Any]) -> Array:
    """Angular momentum about the own centre of mass and linear momentum of every body (bodies, 6), ground."""
    out = np.zeros((len(bodies), 6))
    for k, body in enumerate(bodies):
        R = np.array([vec(body.expressVectorInGround(state, osim.Vec3(*e))) for e in np.eye(3)]).T
        (xx, yy, zz), (xy, xz, yz) = vec(body.getInertia().getMoments()), vec(body.getInertia().getProducts())
        inertia = np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])
        w = vec(body.getVelocityInGround(state).get(0))
        v = vec(body.findStationVelocityInGround(state, body.getMassCenter()))
        out[k] = np.concatenate([R @ inertia @ R.T @ w, body.getMass() * v])
    return out


def _generalised(poser: Poser, body: Any, moment: Array, force: Array) -> Array:
    """Generalised force of a moment and a force at a body's centre of mass."""
    if body.getMass() == 0.0 and not moment.any():
        return np.zeros(poser.state.getNU())
    wrench = osim.SpatialVec(osim.Vec3(*moment), osim.Vec3(*force))
    f = osim.Vector()
    index = body.getMobilizedBodyIndex()
    poser.matter.multiplyByFrameJacobianTranspose(poser.state, index, body.getMassCenter(), wrench, f)
    return np.array(f.to_numpy())


def total_mass(osim_text: str) -> float:
    """OpenSim's total mass of the model, kg."""
    model = load(osim_text)
    return float(model.getTotalMass(model.initSystem()))


def joint_reactions(
    osim_text: str,
    names: Sequence[str],
    q: Array,
    qd: Array,
    tau: Array,
    muscle_force: float,
    progress: Progress = silent,
) -> list[ReactionFrame]:
    """OpenSim's joint reactions with the same force in every muscle.

    Parameters
    ----------
    names : free coordinates, the columns of ``q``, ``qd`` and of ``tau``, the generalised forces (N m, N)
    that
        act beside gravity and the muscles
    muscle_force : N
    """
    model = read(osim_text)
    for name in names:
        actuator = osim.CoordinateActuator(name)
        actuator.setName(_REFERENCE_ACTUATOR + name)
        model.addForce(actuator)
    state = initialise(model)
    poser = Poser(model, state, names)
    for component in list(model.getComponentsList()):
        force = osim.Force.safeDownCast(component)
        if force is not None:
            force.setAppliesForce(state, _pull(force, state, muscle_force))
    forces = model.getForceSet()
    actuators = [osim.ScalarActuator.safeDownCast(forces.get(_REFERENCE_ACTUATOR + n)) for n in names]
    tell = stage(progress)
    out = []
    for k in range(len(q)):
        tell("joint reactions of OpenSim", k, len(q))
        out.append(_reaction_frame(poser, actuators, q[k], qd[k], tau[k], muscle_force))
    return out


def _pull(force: Any, state: Any, value: float) -> bool:
    """Whether the force is one that shall act; muscles are given their force."""
    if force.getName().startswith(_REFERENCE_ACTUATOR):
        return True
    muscle = osim.Muscle.safeDownCast(force)
    if muscle is None or not muscle.get_appliesForce() or geometry(muscle) is None:
        return False
    muscle.overrideActuation(state, True)
    muscle.setOverrideActuation(state, value)
    return True


def _reaction_frame(
    poser: Poser, actuators: list[Any], q: Array, qd: Array, tau: Array, pull: float
) -> ReactionFrame:
    model, state = poser.model, poser.state
    poser.set(q, qd, np.zeros(len(q)))
    for actuator, value in zip(actuators, tau, strict=True):
        actuator.overrideActuation(state, True)
        actuator.setOverrideActuation(state, float(value))
    model.realizeAcceleration(state)
    rates = state.getQDotDot().to_numpy()
    reactions = {}
    for joint in list(model.getJointList()):
        on_child = joint.calcReactionOnChildExpressedInGround(state)
        reactions[joint.getName()] = np.concatenate([vec(on_child.get(0)), vec(on_child.get(1))])
    forces: list[tuple[str, Array, Array]] = []
    for muscle in list(model.getMuscleList()):
        path = geometry(muscle)
        if path is not None and muscle.get_appliesForce():
            forces += _point_forces(path, state, pull)
    acceleration = {n: float(rates[poser.slot[n]]) for n in poser.names}
    return ReactionFrame(acceleration, tuple(forces), reactions)


def _point_forces(path: Any, state: Any, pull: float) -> list[tuple[str, Array, Array]]:
    directions = osim.ArrayPointForceDirection()
    path.getPointForceDirections(state, directions)
    out = []
    for i in range(directions.getSize()):
        d = directions.get(i)
        out.append((*station(d.frame(), d.point()), pull * vec(d.direction())))
    return out
