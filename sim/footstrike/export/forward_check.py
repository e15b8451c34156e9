"""A solved stride against OpenSim's forward dynamics: accelerations in every frame, and integration from a state.

The joint torques act, not the muscles: in the solution their sum, with the reserves, is the torque, and a torque that
is given as a function of time shows the dynamics and the contact alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.constants import g
from scipy.interpolate import CubicHermiteSpline

from footstrike.brief import brief
from footstrike.control.sample import frames
from footstrike.dynamics.rigid_body import Force, stack
from footstrike.model.contact_smoothing import contact_smoothing
from footstrike.outcomes.laws import ROOT, TRANSLATIONS, mechanics
from footstrike.runs import assemble
from footstrike.runs.assemble import Mechanics
from footstrike.runs.run import Run
from footstrike.workers.client import opensim_worker

Array = NDArray[np.float64]

AFTER_S = (0.010, 0.020, 0.050, 0.100)
FLIGHT_BW = 1e-3  # both feet together


@dataclass(frozen=True)
class Agreement:
    """Largest difference between OpenSim's accelerations and the solved ones, per largest acceleration.

    Attributes
    ----------
    bodies
        With the solved ground forces given: equations of motion alone.
    contact
        With OpenSim's contact, against the solved motion with OpenSim's friction law in place of the smooth one.
    friction
        With OpenSim's contact and the solved torques: what the smooth friction law changes.
    friction_rms
        The same, root mean square.
    worst
        The coordinate of ``friction``.
    friction_force_bw
        Largest difference of the two friction laws' forces on one foot, per body weight.
    """

    bodies: float
    contact: float
    friction: float
    friction_rms: float
    worst: str
    friction_force_bw: float


@dataclass(frozen=True)
class Drift:
    """Distance of OpenSim's forward integration from the solved motion.

    Attributes
    ----------
    start
        ``contact`` or ``flight``, and ``start_s`` its time in the stride.
    supported
        Whether the motion gets all generalised forces that it needs in OpenSim: the pelvis residual, which the
        solution leaves between its points, and what the friction laws differ by. Else joint torques only.
    after_s
        (K,) s since the start.
    angles_deg, median_deg, pelvis_m
        (K,) root mean square and median over the joint angles, distance of the pelvis; NaN where the integrator
        gave up.
    worst
        (K,) the joint angle that is farthest away.
    """

    __repr__ = brief

    start: str
    start_s: float
    supported: bool
    after_s: Array
    angles_deg: Array
    median_deg: Array
    pelvis_m: Array
    worst: tuple[str, ...]


def forward_agreement(run: Run) -> Agreement:
    """Accelerations of OpenSim's forward dynamics along the whole stride, against the solved ones."""
    m = mechanics(run)
    names = m.tree.description.coordinate_names
    q, qd, qdd = (frames(x, names) for x in (run.coordinates, run.speeds, run.accelerations))
    sharp = _as_opensim(m)

    def error(forces: list[Force], contact: bool) -> Array:
        tau = _needed(m, forces, names)
        theirs = opensim_worker().call(
            "forward_accelerations", run.model_osim, names, q, qd, tau, contact=contact
        )
        return np.asarray(np.abs(theirs - qdd))

    largest = float(np.abs(qdd).max())
    friction = error(m.contact, True)
    return Agreement(
        bodies=float(error([], False).max()) / largest,
        contact=float(error(sharp, True).max()) / largest,
        friction=float(friction.max()) / largest,
        friction_rms=float(np.sqrt(np.mean(friction**2))) / largest,
        worst=names[int(np.argmax(friction.max(axis=0)))],
        friction_force_bw=_largest_difference(m, sharp),
    )


def forward_drift(run: Run, *, supported: bool = False, accuracy: float = 1e-5) -> list[Drift]:
    """Integrate OpenSim's model from right contact and from mid-flight under the solved joint torques.

    Nothing corrects the motion, and running is unstable without feedback: the drift of the first 0.1 s tells
    whether dynamics and contact agree, that at the end of a step how unstable the motion is.

    Parameters
    ----------
    supported
        Let the pelvis residual and the difference of the friction laws act too.
    accuracy
        Of OpenSim's integrator.
    """
    names = sorted(run.coordinates)
    q, qd, tau = (frames(x, names) for x in (run.coordinates, run.speeds, run.torques))
    if supported:
        m = mechanics(run)
        tau = _needed(m, _as_opensim(m), names)
    else:
        tau = np.where([n.startswith(ROOT) for n in names], 0.0, tau)
    after = np.array([*AFTER_S, run.period / 2])
    solved = CubicHermiteSpline(run.time, q, qd)
    found = []
    for start, k in (("contact", 0), ("flight", mid_flight(run))):
        moment = float(run.time[k])
        reached = opensim_worker().call(
            "forward_integration",
            run.model_osim,
            names,
            run.time,
            tau,
            (moment, q[k], qd[k]),
            moment + after,
            accuracy=accuracy,
        )
        found.append(_drift(start, moment, supported, after, names, reached - solved(moment + after)))
    return found


def _drift(start: str, moment: float, supported: bool, after: Array, names: list[str], error: Array) -> Drift:
    joints = [k for k, n in enumerate(names) if not n.startswith(ROOT)]
    angle = np.rad2deg(np.abs(error[:, joints]))
    return Drift(
        start=start,
        start_s=moment,
        supported=supported,
        after_s=after,
        angles_deg=np.sqrt(np.mean(angle**2, axis=1)),
        median_deg=np.median(angle, axis=1),
        pelvis_m=np.linalg.norm(error[:, [n in TRANSLATIONS for n in names]], axis=1),
        worst=tuple(names[joints[k]] for k in np.argmax(angle, axis=1)),
    )


def mid_flight(run: Run) -> int:
    """Frame in the middle of the flight after the right foot's stance (the lightest frame if there is none)."""
    force = sum(f[:, 1] for f in run.ground_force.values())
    half = len(run.time) // 2
    weight = run.mass * g
    early = np.flatnonzero(np.asarray(force)[: half + 1] < FLIGHT_BW * weight)
    early = early[early > half // 2]
    return int(early[len(early) // 2]) if len(early) else int(np.argmin(np.asarray(force)[: half + 1]))


def _as_opensim(m: Mechanics) -> list[Force]:
    """The contact forces with ``min(s, 1)`` in place of ``s / (1 + s^4)^(1/4)``, as in OpenSim."""
    out = []
    for sphere, f in zip(m.spheres, m.contact, strict=True):
        v = m.tree.velocity(m.motion, f.body, f.point)
        s = (
            np.sqrt(v[0] ** 2 + v[2] ** 2 + contact_smoothing().constant_contact_force)
            / sphere.transition_velocity
        )
        ratio = np.minimum(s, 1.0) / (s / (1 + s**4) ** 0.25)
        out.append(Force(f.body, f.point, [f.force[0] * ratio, f.force[1], f.force[2] * ratio]))
    return out


def _needed(m: Mechanics, forces: list[Force], names: list[str]) -> Array:
    """(T, n) generalised forces that the motion needs beside gravity and the given ones."""
    tau = m.tree.inverse_dynamics(m.motion, forces)
    return np.stack([np.broadcast_to(np.asarray(tau[n], dtype=float), (m.frames,)) for n in names], axis=1)


def _largest_difference(m: Mechanics, others: list[Force]) -> float:
    worst = 0.0
    for letter in assemble.SIDES.values():
        of = [k for k, s in enumerate(m.spheres) if s.name.endswith(f"_{letter}")]
        gap = sum(
            (stack(others[k].force, m.frames) - stack(m.contact[k].force, m.frames) for k in of), np.zeros(3)
        )
        worst = max(worst, float(np.linalg.norm(np.atleast_2d(gap), axis=1).max()))
    return worst / assemble.weight(m.tree.description)
