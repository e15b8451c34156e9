"""Dynamics, ground contact and cost of a tracked gait at one collocation point, on symbols."""

from __future__ import annotations

from typing import Any

import numpy as np

from footstrike.control.nlp import PointProblem
from footstrike.control.problem import TrackProblem, change_names, changed
from footstrike.dynamics.contact import contact_forces
from footstrike.dynamics.rigid_body import Tree
from footstrike.dynamics.scalars import ZERO, plus
from footstrike.engines.casadi_ import ca


class Point:
    """Symbols and expressions of the dynamics and the cost at one collocation point."""

    def __init__(self, problem: TrackProblem) -> None:
        self.weights = problem.weights
        self.tree = Tree(problem.description)
        self.names = problem.description.coordinate_names
        n = len(self.names)
        self.q, self.q1, self.q2 = (ca.SX.sym(s, n) for s in ("q", "q1", "q2"))
        self.duration = ca.SX.sym("duration")
        self.shared_names = change_names(problem.contact)
        self.shared = ca.SX.sym("shared", len(self.shared_names))
        self.reference, self.tightness = ca.SX.sym("reference", n), ca.SX.sym("tightness", n)
        self.force_reference, self.force_tightness = ca.SX.sym("force_ref", 6), ca.SX.sym("force_tight", 6)
        changes = {name: self.shared[i] for i, name in enumerate(self.shared_names)}
        self.spheres = [changed(s, problem.contact, changes) for s in problem.description.spheres]
        self.weight = problem.description.mass * float(np.linalg.norm(problem.description.gravity))

    def problem(self) -> PointProblem:
        """What a point sees (q, q', q'', duration, shared contact changes), its errors and pelvis residuals."""
        y = ca.vertcat(self.q, self.q1, self.q2, self.duration, self.shared)
        data = ca.vertcat(self.reference, self.tightness, self.force_reference, self.force_tightness)
        qd, qdd = self.q1 / self.duration, self.q2 / self.duration**2
        motion = self.tree.motion(
            *(dict(zip(self.names, ca.vertsplit(v), strict=True)) for v in (self.q, qd, qdd))
        )
        forces = contact_forces(self.tree, motion, self.spheres)
        tau = self.tree.inverse_dynamics(motion, forces)
        root = [name for name in self.names if name.startswith("pelvis_")]
        residual = ca.vertcat(*[tau[name] for name in root]) / self.weight
        torque = ca.vertcat(*[tau[n] / _torque_scale(n) for n in self.names if n not in root])
        sides = [self._force_of(forces, side) for side in "rl"]
        ground = ca.vertcat(*[s[i] for s in sides for i in range(3)]) / self.weight
        w, n = self.weights, len(self.names)
        errors = ca.vertcat(
            ca.sqrt(w.motion / n * self.tightness) * (self.q - self.reference),
            ca.sqrt(w.force / 6 * self.force_tightness) * (ground - self.force_reference),
            np.sqrt(w.torque / torque.numel()) * torque,
            np.sqrt(w.acceleration / n) / 200.0 * qdd,
        )
        return PointProblem(y, data, errors, residual)

    def _force_of(self, forces: list[Any], side: str) -> Any:
        total: Any = ZERO
        for sphere, force in zip(self.spheres, forces, strict=True):
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
