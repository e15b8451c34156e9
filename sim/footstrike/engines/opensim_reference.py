"""OpenSim's own inverse dynamics and joint reactions, to compare with. Runs in the OpenSim worker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from footstrike.dynamics.functions import evaluate
from footstrike.engines.opensim_describe import coupler_list
from footstrike.engines.opensim_model import Array, each, initialise, load, mobilities, read, station, vec
from footstrike.engines.osim import osim
from footstrike.model.description import Coupler

_REFERENCE_ACTUATOR = "footstrike_reference_"


@dataclass(frozen=True)
class ReactionFrame:
    """One state solved by OpenSim.

    ``acceleration`` by free coordinate (rad/s2, m/s2); ``muscle_forces``: body, point in the body's frame (m)
    and force (N, ground frame); ``reactions`` by joint: moment (N m) and force (N) on the child body, (6,).
    """

    acceleration: dict[str, float]
    muscle_forces: tuple[tuple[str, Array, Array], ...]
    reactions: dict[str, Array]


class Poser:
    """Puts a model into a state given by its free coordinates; dependent ones follow their couplers."""

    def __init__(self, model: Any, state: Any, names: list[str]) -> None:
        self.model, self.state, self.names = model, state, names
        self.coordinates = {c.getName(): c for c in each(model.getCoordinateSet())}
        self.couplers: list[Coupler] = coupler_list(model, state)
        moved = {*names, *(c.dependent for c in self.couplers)}
        for name in moved:
            if self.coordinates[name].getLocked(state):
                self.coordinates[name].setLocked(state, False)
        self.mobility = mobilities(model, state)

    def set(self, q: Array, qd: Array, qdd: Array) -> tuple[dict[str, float], dict[str, float]]:
        """Set coordinates and speeds; return every acceleration and d(dependent)/d(independent)."""
        value = {n: (float(a), float(b), float(c)) for n, a, b, c in zip(self.names, q, qd, qdd, strict=True)}
        slopes = {}
        for c in self.couplers:
            x, v, a = value[c.independent]
            f, first, second = (float(y) for y in evaluate(c.function, x))
            value[c.dependent] = (f, first * v, first * a + second * v * v)
            slopes[c.dependent] = first
        for name, (x, v, _) in value.items():
            self.coordinates[name].setValue(self.state, x, False)
            self.coordinates[name].setSpeedValue(self.state, v)
        return {name: a for name, (_, _, a) in value.items()}, slopes


def inverse_dynamics(
    osim_text: str, names: list[str], q: Array, qd: Array, qdd: Array, forces: dict[str, Array] | None = None
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
    wrenches = forces or {}
    return np.array(
        [
            _generalised(poser, q[k], qd[k], qdd[k], {n: w[k] for n, w in wrenches.items()})
            for k in range(len(q))
        ]
    )


def _generalised(poser: Poser, q: Array, qd: Array, qdd: Array, wrenches: dict[str, Array]) -> list[float]:
    model, state = poser.model, poser.state
    accelerations, slopes = poser.set(q, qd, qdd)
    udot = osim.Vector(state.getNU(), 0.0)
    for name, a in accelerations.items():
        udot.set(poser.mobility[name], a)
    model.realizeVelocity(state)
    bodies = {b.getName(): b for b in model.getBodyList()}
    count = 1 + max(b.getMobilizedBodyIndex() for b in bodies.values())
    applied = osim.VectorOfSpatialVec(count, osim.SpatialVec(osim.Vec3(0), osim.Vec3(0)))
    for body in bodies.values():  # this form of the solver leaves gravity to the caller
        weight = body.getMass() * vec(model.getGravity())
        at = vec(body.findStationLocationInGround(state, body.getMassCenter()))
        _apply(applied, body, state, np.concatenate([np.cross(at, weight), weight]))
    for name, wrench in wrenches.items():
        _apply(applied, bodies[name], state, wrench)
    tau = osim.InverseDynamicsSolver(model).solve(state, udot, osim.Vector(state.getNU(), 0.0), applied)
    of = {name: tau.get(k) for name, k in poser.mobility.items()}
    for c in reversed(poser.couplers):
        of[c.independent] += slopes[c.dependent] * of[c.dependent]
    return [of[n] for n in poser.names]


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


def joint_reactions(
    osim_text: str, names: list[str], q: Array, qd: Array, tau: Array, muscle_force: float
) -> list[ReactionFrame]:
    """OpenSim's joint reactions with the same force in every muscle.

    Parameters
    ----------
    names : free coordinates, the columns of ``q``, ``qd`` and of ``tau``, the generalised forces (N m, N) that
        act beside gravity and the muscles
    muscle_force : N
    """
    model = read(osim_text)
    for name in names:
        actuator = osim.CoordinateActuator(name)
        actuator.setName(_REFERENCE_ACTUATOR + name)
        model.addForce(actuator)
    state = initialise(model)
    for force in model.getComponentsList():
        other = osim.Force.safeDownCast(force)
        if other is not None:
            other.setAppliesForce(state, _pull(other, state, muscle_force))
    poser = Poser(model, state, names)
    actuators = [
        osim.ScalarActuator.safeDownCast(model.getForceSet().get(_REFERENCE_ACTUATOR + n)) for n in names
    ]
    return [_reaction_frame(poser, actuators, *row, muscle_force) for row in zip(q, qd, tau, strict=True)]


def _pull(force: Any, state: Any, value: float) -> bool:
    """Whether the force is one that shall act; muscles are given their force."""
    if force.getName().startswith(_REFERENCE_ACTUATOR):
        return True
    muscle = osim.Muscle.safeDownCast(force)
    if muscle is None:
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
    udot = state.getUDot()
    reactions = {}
    for joint in model.getJointList():
        on_child = joint.calcReactionOnChildExpressedInGround(state)
        reactions[joint.getName()] = np.concatenate([vec(on_child.get(0)), vec(on_child.get(1))])
    forces: list[tuple[str, Array, Array]] = []
    for muscle in model.getMuscleList():
        forces += _point_forces(muscle.getGeometryPath(), state, pull)
    return ReactionFrame({n: udot.get(poser.mobility[n]) for n in poser.names}, tuple(forces), reactions)


def _point_forces(path: Any, state: Any, pull: float) -> list[tuple[str, Array, Array]]:
    directions = osim.ArrayPointForceDirection()
    path.getPointForceDirections(state, directions)
    out = []
    for i in range(directions.getSize()):
        d = directions.get(i)
        out.append((*station(d.frame(), d.point()), pull * vec(d.direction())))
    return out
