"""Dynamics, ground contact, muscles and cost of a tracked gait at one collocation point, on symbols."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from footstrike.control.muscle_part import MOMENT, Columns, muscle_part
from footstrike.control.nlp import PointProblem
from footstrike.control.passive_moments import passive_torque
from footstrike.control.problem import TrackProblem, Weights, change_names, changed
from footstrike.dynamics.contact import contact_forces
from footstrike.dynamics.rigid_body import Force, Motion, Tree
from footstrike.dynamics.scalars import ZERO, plus
from footstrike.lumbar.net_load import MOMENTS, net_load
from footstrike.model.description import ContactSphere
from footstrike.workers.casadi_ import ca

PARTS = ("motion", "rate", "force", "moment", "torque", "acceleration", "activation", "reserve")
"""Of the objective at a point: fields of :class:`Weights`."""


class Point:
    """Symbols and expressions of dynamics, muscles and cost at one collocation point.

    Attributes
    ----------
    names, splines
        Free coordinates; these and the tendons that stretch: everything that is a spline over the cycle.
    controls
        Muscles whose activation the point sees.
    balanced
        Coordinates whose moments muscles supply; each has a reserve (N m) at the point.
    driven, limited
        Coordinates that an actuator drives, and those of them whose actuator has a limit.
    root
        Coordinates that nothing but the ground can push.
    moments
        Net moments that are compared with a reference, by the names of :attr:`Reference.moments`.
    """

    def __init__(self, problem: TrackProblem) -> None:
        self.drive = problem.drive
        self.tree = Tree(problem.description)
        self.names = problem.description.coordinate_names
        self.splines = [*self.names, *self.drive.compliant]
        self.controls, self.balanced = self.drive.names, list(self.drive.balanced)
        on_ground = {j.name for j in problem.description.joints if j.parent == "ground"}
        self.root = [c.name for c in problem.description.coordinates if c.joint in on_ground]
        self.driven = [n for n in self.names if n not in {*self.root, *self.balanced}]
        self.limited = [n for n in self.driven if np.isfinite(self.drive.limit.get(n, np.inf))]
        self.shared_names = change_names(problem.contact)
        self.moments = sorted({name for r in problem.references for name in r.moments})
        self.weight = problem.description.mass * float(np.linalg.norm(problem.description.gravity))
        self._given = problem

    @property
    def habitual(self) -> dict[str, int]:
        """What may count as a difference from a habit (zero where there is none), and how many numbers each is."""
        return {
            "torque": len(self.driven),
            "acceleration": len(self.names),
            "activation": len(self.controls),
            "reserve": len(self.balanced),
            "firmness": 2,
        }

    def weights(self, weights: Weights) -> list[float]:
        """Weight of each part of the objective per number, in the order of :data:`PARTS`."""
        n = len(self.names)
        counts = {
            "motion": n,
            "rate": n,
            "force": 6,
            "moment": len(MOMENTS),
            "torque": n - len(self.root),
            "acceleration": n,
            "activation": 1,
            "reserve": max(len(self.balanced), 1),
        }
        return [getattr(weights, part) / counts[part] for part in PARTS]

    @property
    def constraint_names(self) -> list[str]:
        """What must vanish at the point, or stay within -1..1 (actuators), row by row."""
        return [
            *(f"pelvis residual {name}" for name in self.root),
            *(f"moment of {name}" for name in self.balanced),
            *(f"tendon of {name}" for name in self.drive.compliant),
            *(f"actuator of {name}" for name in self.limited),
        ]

    @property
    def bounds(self) -> Any:
        """(ng,) how far each constraint may be from zero."""
        return np.repeat([0.0, 1.0], [len(self.constraint_names) - len(self.limited), len(self.limited)])

    def problem(self) -> PointProblem:
        """What a point sees (splines and their derivatives, controls, reserves, duration, contact changes)."""
        n, m = len(self.names), len(self.splines)
        q, q1, q2 = (ca.SX.sym(s, m) for s in ("q", "q1", "q2"))
        activation = ca.SX.sym("activation", len(self.controls))
        reserve = ca.SX.sym("reserve", len(self.balanced))
        duration, shared = ca.SX.sym("duration"), ca.SX.sym("shared", len(self.shared_names))
        changes = {name: shared[i] for i, name in enumerate(self.shared_names)}
        spheres = [changed(s, self._given.contact, changes) for s in self._given.description.spheres]
        y = ca.vertcat(q, q1, q2, activation, reserve, duration, shared)
        reference, tightness = ca.SX.sym("reference", n), ca.SX.sym("tightness", n)
        rate_reference, rate_tightness = ca.SX.sym("rate_ref", n), ca.SX.sym("rate_tight", n)
        force_reference, force_tightness = ca.SX.sym("force_ref", 6), ca.SX.sym("force_tight", 6)
        moment_reference, moment_tightness = (
            ca.SX.sym(s, len(self.moments)) for s in ("moment", "moment_tight")
        )
        habits = [ca.SX.sym(name, size) for name, size in self.habitual.items()]
        weights = ca.SX.sym("weights", len(PARTS))
        w = dict(zip(PARTS, ca.vertsplit(weights), strict=True))
        data = ca.vertcat(
            reference,
            tightness,
            rate_reference,
            rate_tightness,
            force_reference,
            force_tightness,
            moment_reference,
            moment_tightness,
            *habits,
            weights,
        )
        usual_torque, usual_acceleration, usual_activation, usual_reserve, firmness = habits
        q, qd, qdd = q[:n], q1[:n] / duration, q2[:n] / duration**2
        states = [dict(zip(self.names, ca.vertsplit(v), strict=True)) for v in (q, qd, qdd)]
        motion = self.tree.motion(*states)
        forces = contact_forces(self.tree, motion, spheres)
        wrenches = self.tree.wrenches(motion, forces)
        tau = self.tree.generalised(motion, wrenches)
        moments = [self._moment(name, motion, wrenches, tau) for name in self.moments]
        for name in self.names:
            tau[name] = tau[name] - passive_torque(self.drive, name, states[0][name], states[1][name])
        ground = (
            ca.vertcat(*[_force_of(spheres, forces, side)[i] for side in "rl" for i in range(3)])
            / self.weight
        )
        rows = [tau[name] / self.weight for name in self.root]
        rows += [
            (tau[name] - r) / MOMENT for name, r in zip(self.balanced, ca.vertsplit(reserve), strict=True)
        ]
        rows += [0.0] * len(self.drive.compliant)
        rows += [tau[name] / self.drive.limit[name] for name in self.limited]
        part = None
        if self.controls:
            first = len(self.root)
            balanced = {name: first + i for i, name in enumerate(self.balanced)}
            first += len(self.balanced)
            tendons = {name: first + i for i, name in enumerate(self.drive.compliant)}
            part = muscle_part(self.drive, y, self._columns(), balanced, tendons, len(rows))
        torque = ca.vertcat(*(tau[name] for name in self.driven))
        torque_scale = ca.DM([self.drive.scale.get(n, _torque_scale(n)) for n in self.driven])
        reserve_scale = ca.DM([self.drive.scale.get(n, 1.0) for n in self.balanced])
        errors = ca.vertcat(
            ca.sqrt(w["motion"] * tightness) * (q - reference),
            ca.sqrt(w["rate"] * rate_tightness) * (qd - rate_reference),
            ca.sqrt(w["force"] * force_tightness) * (ground - force_reference),
            ca.sqrt(w["moment"] * moment_tightness) * (ca.vertcat(*moments) - moment_reference),
            ca.sqrt(w["torque"] * firmness[0]) * (torque - usual_torque) / torque_scale,
            ca.sqrt(w["acceleration"]) / 200.0 * (qdd - usual_acceleration),
            ca.sqrt(w["activation"] * firmness[1]) * self._effort() * (activation - usual_activation),
            ca.sqrt(w["reserve"]) * (reserve - usual_reserve) / reserve_scale,
        )
        return PointProblem(y, data, errors, ca.vertcat(*rows), part)

    def _columns(self) -> Columns:
        n, m = len(self.splines), len(self.controls)
        place = {name: i for i, name in enumerate(self.splines)}
        return Columns(
            value=place,
            rate={name: n + i for name, i in place.items()},
            duration=3 * n + m + len(self.balanced),
            activation={name: 3 * n + i for i, name in enumerate(self.controls)},
        )

    def _effort(self) -> Any:
        cost = np.array([self.drive.cost.get(name, 1.0) for name in self.controls])
        return ca.DM(np.sqrt(cost / max(cost.sum(), 1.0)))

    def _moment(self, name: str, motion: Motion, wrenches: tuple[Any, Any], tau: dict[str, Any]) -> Any:
        """A net moment per body mass, N m/kg."""
        mass = self._given.description.mass
        if name in tau:
            return tau[name] / mass
        return net_load(self.tree, motion, wrenches)[1][MOMENTS.index(name)] / mass


def _force_of(spheres: Sequence[ContactSphere], forces: Sequence[Force], side: str) -> Any:
    total: Any = ZERO
    for sphere, force in zip(spheres, forces, strict=True):
        if sphere.name.endswith(f"_{side}"):
            total = plus(total, force.force)
    return total


def _torque_scale(coordinate: str) -> float:
    """About half of what the joint's muscles can do, N m: what makes efforts of different joints comparable."""
    for start, scale in _TORQUES.items():
        if coordinate.startswith(start):
            return scale
    return 100.0


_TORQUES = {
    "hip_rotation": 50.0,
    "subtalar": 50.0,
    "mtp": 30.0,
    "arm": 30.0,
    "elbow": 20.0,
    "ankle": 150.0,
    "knee": 150.0,
    "lumbar_extension": 75.0,  # the trunk fascicles' own, standing: flexion 106, extension 194 N m
    "lumbar_bending": 97.0,  # 195 N m
    "lumbar_rotation": 40.0,  # 81 N m
}
