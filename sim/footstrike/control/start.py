"""Where a muscle-driven problem starts: the motion that actuators drive, its moments shared out over the muscles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from footstrike.control.passive_moments import passive_torque
from footstrike.control.problem import Drive, TrackProblem
from footstrike.control.solution import Controls, Gait
from footstrike.control.tendons import in_equilibrium
from footstrike.dynamics.contact import contact_forces
from footstrike.dynamics.rigid_body import Tree, stack
from footstrike.model.description import Muscle
from footstrike.model.sides import mirror
from footstrike.muscles.moment_arms import polynomial_length
from footstrike.muscles.static_optimisation import balance
from footstrike.muscles.strength import Strength, strength, strength_behind_tendons

Array = NDArray[np.float64]
Curves = Mapping[str, Array]

RESERVE_PENALTY = 1.0  # per (N m)^2: a start may lean on reserves
PASSES = 2  # of sharing out, where tendons stretch
STEPS = 200  # over the cycle, of the tendons' equilibrium
LEAST_TENSION = 1e-3  # maximal isometric forces
MOST_ACTIVE = 0.9  # dynamics let activation come near 1 only slowly
WITHIN = 0.9  # of what activation dynamics allow: strictly inside


def with_shared_load(problem: TrackProblem, gait: Gait) -> Gait:
    """The gait with the activations, tendon forces and reserves that static optimisation finds for it.

    First with rigid tendons; then once more with what the fibres can do behind the tendons' stretch.
    """
    drive, basis = problem.drive, gait.basis
    q, qd, qdd = gait.evaluate(basis.points)
    loads = joint_torques(problem, drive.balanced, q, qd, qdd)
    able, arms = _muscles(drive, q, qd)
    active, passive = able.active, able.passive * np.isin(drive.names, drive.passive)
    cost = np.array([drive.cost.get(name, 1.0) for name in drive.names])
    maximum = np.array([m.max_isometric_force for m in drive.muscles])
    stretched = [drive.names.index(name) for name in drive.compliant]
    tendons = np.zeros((basis.size, 0))
    for _ in range(PASSES if stretched else 1):
        gain = (active[..., None] * arms).transpose(0, 2, 1)
        at_rest = np.einsum("tmc,tm->tc", arms, passive)
        shared = balance(
            gain, loads - at_rest, weights=cost, lower=drive.floor, reserve_penalty=RESERVE_PENALTY
        )
        ends = shared.activations[problem.points_per_interval - 1 :: problem.points_per_interval]
        nodes = _obeying(problem, gait, ends)
        activations = np.stack([np.interp(basis.points, basis.breaks, a) for a in nodes.T], axis=1)
        force = activations * active + passive
        if stretched:
            tendons = _stretched(problem, gait, nodes)
            tension, rate = (basis.matrix(basis.points, d) @ tendons / gait.duration**d for d in range(2))
            muscles = [drive.muscles[i] for i in stretched]
            behind = strength_behind_tendons(muscles, *_lengths(drive, muscles, q, qd), tension, rate)
            active, passive = active.copy(), passive.copy()
            active[:, stretched] = behind.active
            passive[:, stretched] = behind.passive * np.isin(drive.compliant, drive.passive)
            force[:, stretched] = maximum[stretched] * tension
    supplied = np.einsum("tmc,tm->tc", arms, force)
    controls = Controls(
        drive.names, nodes, list(drive.compliant), tendons, list(drive.balanced), loads - supplied
    )
    return replace(gait, controls=controls)


def _stretched(problem: TrackProblem, gait: Gait, nodes: Array) -> Array:
    """(m, n) spline coefficients of the forces that the tendons have at the nodes' activations."""
    drive, basis = problem.drive, gait.basis
    names = list(drive.compliant)
    places = [drive.names.index(n) for n in names]
    muscles = [drive.muscles[i] for i in places]
    phase = np.linspace(0.0, 1.0, STEPS + 1)
    q, qd, _ = gait.evaluate(phase)
    length, velocity = _lengths(drive, muscles, q, qd)
    activations = np.stack([np.interp(phase, basis.breaks, a) for a in nodes[:, places].T], axis=1)
    follows = [names.index(mirror(n)[0]) if problem.ends == "mirrored" else i for i, n in enumerate(names)]
    resting = np.isin(names, drive.passive)
    force = in_equilibrium(muscles, phase * gait.duration, activations, length, velocity, resting, follows)
    fitted = np.linalg.lstsq(basis.matrix(phase), force, rcond=None)[0]
    return np.asarray(np.maximum(fitted, LEAST_TENSION))


def joint_torques(problem: TrackProblem, names: Sequence[str], q: Curves, qd: Curves, qdd: Curves) -> Array:
    """(K, C) N m at the named coordinates, that of passive tissue taken off: what muscles or actuators supply."""
    tree = Tree(problem.description)
    motion = tree.motion(q, qd, qdd)
    tau = tree.inverse_dynamics(motion, contact_forces(tree, motion, problem.description.spheres))
    frames = len(next(iter(q.values())))
    return stack([tau[n] - passive_torque(problem.drive, n, q[n], qd[n]) for n in names], frames)


def _muscles(drive: Drive, q: Curves, qd: Curves) -> tuple[Strength, Array]:
    """What the muscles can do, their tendons taken as rigid, and moment arms (K, M, C), m."""
    frames = len(next(iter(q.values())))
    length, velocity = _lengths(drive, drive.muscles, q, qd)
    arms = np.zeros((frames, len(drive.muscles), len(drive.balanced)))
    for k, muscle in enumerate(drive.muscles):
        for name, slope in polynomial_length(drive.paths[muscle.name], q)[1].items():
            if name in drive.balanced:
                arms[:, k, drive.balanced.index(name)] = -slope
    return strength(drive.muscles, length, velocity), arms


def _lengths(drive: Drive, muscles: Sequence[Muscle], q: Curves, qd: Curves) -> tuple[Array, Array]:
    """(K, M) lengths of muscle and tendon, m, and their rates, m/s."""
    frames = len(next(iter(q.values())))
    length, velocity = np.zeros((2, frames, len(muscles)))
    for k, muscle in enumerate(muscles):
        length[:, k], slopes = polynomial_length(drive.paths[muscle.name], q)
        velocity[:, k] = sum(slope * qd[name] for name, slope in slopes.items())
    return length, velocity


def _obeying(problem: TrackProblem, gait: Gait, ends: Array) -> Array:
    """(N + 1, M) activations at all nodes, following those at the ends of intervals as fast as dynamics let them."""
    drive, h = problem.drive, np.diff(gait.basis.breaks) * gait.duration
    a = np.minimum(ends, MOST_ACTIVE)
    other = list(range(len(drive.names)))
    if problem.ends == "mirrored":
        other = [drive.names.index(mirror(name)[0]) for name in drive.names]
    first = a[0] if problem.ends == "free" else a[-1, other]
    for _ in range(2):  # the second time from where the first cycle ended
        before = first
        for k in range(len(h)):
            least = before / (1 + WITHIN * h[k] / drive.deactivation_time)
            rise = WITHIN * h[k] / drive.activation_time
            a[k] = np.clip(a[k], least, (before + rise) / (1 + rise))
            before = a[k]
        if problem.ends != "free":
            first = a[-1, other]
    return np.vstack([first, a])
