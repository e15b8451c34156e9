"""Laws of mechanics that a solved stride must obey, wherever it was sampled: momentum, energy, periodicity.

Rates of momentum and energy are not taken from the equations of motion: they are differences of the momentum and
energy of all bodies at neighbouring instants along the motion (see :func:`footstrike.outcomes.laws.rates`). So
a wrong force shows, and so does an error in the inverse dynamics.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.constants import g

from footstrike.brief import brief
from footstrike.control.sample import Kinematics
from footstrike.dynamics.rigid_body import Motion, Tree, stack, stack_matrix
from footstrike.runs import assemble
from footstrike.runs.assemble import Mechanics
from footstrike.runs.run import Run
from footstrike.workers.client import opensim_worker

Array = NDArray[np.float64]

STEP_S = 3e-5  # of the differences: truncation and rounding are both below 1e-8 of the rate
ROOT = "pelvis_"  # begins the names of the coordinates that nothing holds
TRANSLATIONS = ("pelvis_tx", "pelvis_ty", "pelvis_tz")


@dataclass(frozen=True)
class Balance:
    """What is left over in the balances of momentum and energy.

    Attributes
    ----------
    momentum_bw
        (T, 3) rate of momentum less ground forces and weight, per body weight.
    impulse_bw_s
        (3,) change of momentum over all of the motion less the impulse of ground forces and weight.
    power_w_per_kg
        (T,) each: ``body``, the rate of kinetic and potential energy; ``joints``, ``ground`` and ``residual``, the
        power of joint torques, of the ground on the feet, and of the pelvis residual, which nobody supplies.
    work_j_per_kg
        The same four, integrated.
    positive_work_j_per_kg
        Work of the joints while they do positive work, summed over all.
    """

    __repr__ = brief

    momentum_bw: Array
    impulse_bw_s: Array
    power_w_per_kg: dict[str, Array]
    work_j_per_kg: dict[str, float]
    positive_work_j_per_kg: float

    @property
    def energy_imbalance_share(self) -> float:
        """Energy that neither joints nor ground account for after all, as a part of the joints' positive work."""
        w = self.work_j_per_kg
        return abs(w["body"] - w["joints"] - w["ground"]) / self.positive_work_j_per_kg

    @property
    def momentum_imbalance_max_bw(self) -> float:
        """Largest force that nobody supplies, per body weight."""
        return float(np.linalg.norm(self.momentum_bw, axis=1).max())

    @property
    def energy_imbalance_w_per_kg(self) -> Array:
        """(T,) rate of energy that neither joints nor ground account for."""
        p = self.power_w_per_kg
        return np.asarray(p["body"] - p["joints"] - p["ground"])

    @property
    def energy_imbalance_rms_w_per_kg(self) -> float:
        """Root of the mean square of :attr:`energy_imbalance_w_per_kg`."""
        return float(np.sqrt(np.mean(self.energy_imbalance_w_per_kg**2)))

    @property
    def energy_error_w_per_kg(self) -> float:
        """Largest imbalance once the pelvis residual's power is counted: an error of the dynamics themselves."""
        return float(np.abs(self.energy_imbalance_w_per_kg - self.power_w_per_kg["residual"]).max())


@dataclass(frozen=True)
class Periodicity:
    """How far the end of a stride is from its start; the pelvis is compared less its way.

    ``progress_m`` is the way less speed times period.
    """

    angle_deg: float
    pelvis_m: float
    progress_m: float
    angular_speed_rad_s: float
    pelvis_speed_m_s: float
    ground_force_bw: float


def mechanics(run: Run) -> Mechanics:
    """Forces of a run's motion, computed anew with its model."""
    d = opensim_worker().call("describe", run.model_osim)
    return assemble.mechanics(d, d.spheres, kinematics(run))


def kinematics(run: Run) -> Kinematics:
    """The motion of a run."""
    return Kinematics(run.coordinates, run.speeds, run.accelerations)


def of_run(run: Run) -> Balance:
    """Balances of a stride, with the ground forces that the run states."""
    return balance(mechanics(run), kinematics(run), run.time, run.ground_force)


def balance(
    m: Mechanics, motion: Kinematics, time: Array, ground_force: Mapping[str, Array] | None = None
) -> Balance:
    """Balances of a motion over T frames.

    Parameters
    ----------
    ground_force
        (T, 3) N by side; those of the contact spheres if not given. The power is always that of the spheres.
    """
    d = m.tree.description
    stated = assemble.ground_forces(m) if ground_force is None else ground_force
    outside = np.sum(list(stated.values()), axis=0) + d.mass * np.asarray(d.gravity)
    force, power = rates(m.tree, motion)
    state = m.tree.motion(motion.q, motion.qd)
    change = np.diff(momentum(m.tree, state, m.frames)[[0, -1]], axis=0)[0]
    weight = assemble.weight(d)
    powers = {"body": power, **_powers(m, motion.qd)}
    return Balance(
        momentum_bw=(force - outside) / weight,
        impulse_bw_s=(change - np.trapezoid(outside, time, axis=0)) / weight,
        power_w_per_kg={k: p / d.mass for k, p in powers.items()},
        work_j_per_kg={k: float(np.trapezoid(p, time)) / d.mass for k, p in powers.items()},
        positive_work_j_per_kg=_positive_work(m, motion.qd, time) / d.mass,
    )


def _positive_work(m: Mechanics, speeds: Mapping[str, Array], time: Array) -> float:
    """Positive work of all joints, J."""
    joints = [name for name in m.torques if not name.startswith(ROOT)]
    return float(sum(np.trapezoid(np.maximum(m.torques[n] * speeds[n], 0.0), time) for n in joints))


def _powers(m: Mechanics, speeds: Mapping[str, Array]) -> dict[str, Array]:
    """Power of joint torques, ground forces and pelvis residual, each (T,) W."""
    joints, residual, ground = np.zeros(m.frames), np.zeros(m.frames), np.zeros(m.frames)
    for name, torque in m.torques.items():
        into = residual if name.startswith(ROOT) else joints
        into += torque * speeds[name]
    for f in m.contact:
        v = stack(m.tree.velocity(m.motion, f.body, f.point), m.frames)
        ground += np.sum(stack(f.force, m.frames) * v, axis=1)
    return {"joints": joints, "ground": ground, "residual": residual}


def rates(tree: Tree, motion: Kinematics) -> tuple[Array, Array]:
    """Rates of linear momentum (T, 3) N and of kinetic and potential energy (T,) W.

    Differences of fourth order between the states ``q + v t + a t^2 / 2`` and ``v + a t`` at four instants around
    each frame: the state's rate of change, by speeds and accelerations only, without any equation of motion.
    """
    frames = len(next(iter(motion.q.values())))
    force, power = np.zeros((frames, 3)), np.zeros(frames)
    for steps, weight in ((-2, 1.0), (-1, -8.0), (1, 8.0), (2, -1.0)):
        t = steps * STEP_S
        q = {k: x + t * motion.qd[k] + t * t / 2 * motion.qdd[k] for k, x in motion.q.items()}
        qd = {k: v + t * motion.qdd[k] for k, v in motion.qd.items()}
        state = tree.motion(q, qd)
        force += weight / (12 * STEP_S) * momentum(tree, state, frames)
        power += weight / (12 * STEP_S) * energy(tree, state, frames)
    return force, power


def momentum(tree: Tree, state: Motion, frames: int) -> Array:
    """Linear momentum of all bodies (T, 3), kg m/s, ground frame."""
    total = np.zeros((frames, 3))
    for k, node in enumerate(tree.nodes):
        R, v, w = stack_matrix(state.R[k], frames), stack(state.v[k], frames), stack(state.w[k], frames)
        total += np.einsum("tij,tj->ti", R, node.mass * v + np.cross(w, node.moment))
    return total


def energy(tree: Tree, state: Motion, frames: int) -> Array:
    """Kinetic and potential energy of all bodies (T,), J; the latter is zero at the ground's origin."""
    total = np.zeros(frames)
    gravity = np.asarray(tree.description.gravity)
    for k, node in enumerate(tree.nodes):
        R, p = stack_matrix(state.R[k], frames), stack(state.p[k], frames)
        v, w = stack(state.v[k], frames), stack(state.w[k], frames)
        total += 0.5 * node.mass * np.sum(v * v, axis=1)
        total += np.sum(v * np.cross(w, node.moment), axis=1)
        total += 0.5 * np.einsum("ti,ij,tj->t", w, node.inertia, w)
        total -= (node.mass * p + R @ node.moment) @ gravity
    return total


def periodicity(run: Run) -> Periodicity:
    """Differences between the last and the first frame of a stride."""
    jump = {k: abs(float(x[-1] - x[0])) for k, x in run.coordinates.items()}
    kick = {k: abs(float(v[-1] - v[0])) for k, v in run.speeds.items()}
    progress = float(run.coordinates["pelvis_tx"][-1] - run.coordinates["pelvis_tx"][0])
    force = [np.abs(f[-1] - f[0]).max() for f in run.ground_force.values()]
    weight = run.mass * g
    return Periodicity(
        angle_deg=float(np.rad2deg(max(x for k, x in jump.items() if k not in TRANSLATIONS))),
        pelvis_m=max(jump["pelvis_ty"], jump["pelvis_tz"]),
        progress_m=abs(progress - run.speed * run.period),
        angular_speed_rad_s=max(x for k, x in kick.items() if k not in TRANSLATIONS),
        pelvis_speed_m_s=max(kick[k] for k in TRANSLATIONS),
        ground_force_bw=float(max(force)) / weight,
    )
