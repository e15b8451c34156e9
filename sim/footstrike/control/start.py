"""Where a muscle-driven problem starts: the motion that actuators drive, its moments shared out over the muscles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from footstrike.control.limits import passive_torque
from footstrike.control.problem import Controls, Drive, Gait, TrackProblem
from footstrike.dynamics.contact import contact_forces
from footstrike.dynamics.paths import polynomial_length
from footstrike.dynamics.rigid_body import Tree, stack
from footstrike.gait.mirror import mirror
from footstrike.lumbar.muscle import Strength, strength
from footstrike.lumbar.static_optimisation import balance

Array = NDArray[np.float64]
Curves = Mapping[str, Array]

RESERVE_PENALTY = 1.0  # per (N m)^2: a start may lean on reserves
MOST_TENSION = 1.5  # maximal isometric forces, of a tendon that stretches
MOST_ACTIVE = 0.9  # dynamics let activation come near 1 only slowly
WITHIN = 0.9  # of what activation dynamics allow: strictly inside


def shared_out(problem: TrackProblem, gait: Gait) -> Gait:
    """The gait with the activations, tendon forces and reserves that static optimisation finds for it."""
    drive, basis = problem.drive, gait.basis
    q, qd, qdd = (
        dict(
            zip(
                gait.names,
                (basis.matrix(basis.points, d) @ gait.coefficients).T / gait.duration**d,
                strict=True,
            )
        )
        for d in range(3)
    )
    loads = _loads(problem, q, qd, qdd)
    able, arms = _muscles(drive, q, qd)
    passive = able.passive * np.isin(drive.names, drive.passive)
    gain = (able.active[..., None] * arms).transpose(0, 2, 1)
    at_rest = np.einsum("tmc,tm->tc", arms, passive)
    cost = np.array([drive.cost.get(name, 1.0) for name in drive.names])
    shared = balance(gain, loads - at_rest, weights=cost, lower=drive.floor, reserve_penalty=RESERVE_PENALTY)
    ends = shared.activations[problem.points_per_interval - 1 :: problem.points_per_interval]
    nodes = _obeying(problem, gait, ends)
    activations = np.stack([np.interp(basis.points, basis.breaks, a) for a in nodes.T], axis=1)
    supplied = np.einsum("tcm,tm->tc", gain, activations) + at_rest
    maximum = np.array([m.max_isometric_force for m in drive.muscles])
    stretched = [drive.names.index(name) for name in drive.compliant]
    tension = ((activations * able.active + passive) / maximum)[:, stretched]
    tendons = np.linalg.lstsq(basis.matrix(basis.points), np.clip(tension, 0.0, MOST_TENSION), rcond=None)[0]
    controls = Controls(
        drive.names, nodes, list(drive.compliant), tendons, list(drive.balanced), loads - supplied
    )
    return replace(gait, controls=controls)


def _loads(problem: TrackProblem, q: Curves, qd: Curves, qdd: Curves) -> Array:
    """(K, C) N m that muscles have to supply."""
    tree = Tree(problem.description)
    motion = tree.motion(q, qd, qdd)
    tau = tree.inverse_dynamics(motion, contact_forces(tree, motion, problem.description.spheres))
    frames = len(next(iter(q.values())))
    drive = problem.drive
    return stack([tau[n] - passive_torque(drive, n, q[n], qd[n]) for n in drive.balanced], frames)


def _muscles(drive: Drive, q: Curves, qd: Curves) -> tuple[Strength, Array]:
    """What the muscles can do, their tendons taken as rigid, and moment arms (K, M, C), m."""
    frames = len(next(iter(q.values())))
    length, velocity = np.zeros((2, frames, len(drive.muscles)))
    arms = np.zeros((frames, len(drive.muscles), len(drive.balanced)))
    for k, muscle in enumerate(drive.muscles):
        length[:, k], slopes = polynomial_length(drive.paths[muscle.name], q)
        for name, slope in slopes.items():
            velocity[:, k] += slope * qd[name]
            if name in drive.balanced:
                arms[:, k, drive.balanced.index(name)] = -slope
    return strength(drive.muscles, length, velocity), arms


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
