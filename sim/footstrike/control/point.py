"""Dynamics, ground contact, muscles and cost of a tracked gait at one collocation point, on symbols."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from footstrike.control.blocks import Blocks
from footstrike.control.muscle_part import MOMENT, Columns, LoadRow, muscle_part
from footstrike.control.nlp import Differentiated, EventFunctions, PointProblem
from footstrike.control.parameters import symbolic
from footstrike.control.passive_moments import passive_torque
from footstrike.control.problem import Event, TrackProblem, change_names, changed
from footstrike.control.terms import Objective
from footstrike.dynamics.contact import contact_forces
from footstrike.dynamics.foot import foot_pitch
from footstrike.dynamics.rigid_body import Force, Motion, Tree
from footstrike.dynamics.scalars import ZERO, Vector, constant, dot, is_symbol, plus, sqrt
from footstrike.lumbar.net_load import MOMENTS, net_load
from footstrike.model.actuators import torque_scale
from footstrike.model.description import ContactSphere
from footstrike.workers.casadi_ import ca

Array = NDArray[np.float64]

ACCELERATION = 200.0  # rad/s2 or m/s2: what counts as one


class Quantities:
    """What a collocation point has, as symbols; a term of the objective and an event read it by name.

    Attributes
    ----------
    coordinates, speeds, accelerations
        (n,) rad or m, and their time derivatives.
    activations, reserves, duration
        (M,); (C,) N m; s.
    aims, choices
        What is paid for, and what is chosen: the same numbers at all points.
    """

    def __init__(self, point: Point, y: Any) -> None:
        self._point = point
        seen = point.seen.split(y)
        n = len(point.names)
        self.duration: Any = seen["duration"]
        self.coordinates: Any = seen["value"][:n]
        self.speeds = seen["rate"][:n] / self.duration
        self.accelerations = seen["curvature"][:n] / self.duration**2
        self.activations: Any = seen["activation"]
        self.reserves: Any = seen["reserve"]
        self._loads = dict(zip(point.load_names, ca.vertsplit(seen["load"]), strict=True))
        first = point.seen["shared"].start
        shared = {
            k: y[first + point.shared[k].start : first + point.shared[k].stop] for k in point.shared.sizes
        }
        self.aims, self.choices = shared["aims"], shared["choices"]
        changes = dict(zip(point.change_names, ca.vertsplit(shared["changes"]), strict=True))
        self._spheres = [changed(s, point.contact, changes) for s in point.tree.description.spheres]
        levels = (self.coordinates, self.speeds, self.accelerations)
        self._states = [dict(zip(point.names, ca.vertsplit(v), strict=True)) for v in levels]

    @cached_property
    def motion(self) -> Motion:
        """Of every body."""
        return self._point.tree.motion(*self._states)

    @cached_property
    def _contact(self) -> list[Force]:
        return contact_forces(self._point.tree, self.motion, self._spheres)

    @cached_property
    def _wrenches(self) -> tuple[Any, Any]:
        return self._point.tree.wrenches(self.motion, self._contact)

    @cached_property
    def _generalised(self) -> dict[str, Any]:
        return dict(self._point.tree.generalised(self.motion, self._wrenches))

    @cached_property
    def supplied(self) -> dict[str, Any]:
        """What muscles or actuators supply at each coordinate, N m or N: passive tissue taken off."""
        q, qd, _ = self._states
        return {
            name: moment - passive_torque(self._point.drive, name, q[name], qd[name])
            for name, moment in self._generalised.items()
        }

    @cached_property
    def ground_force(self) -> Any:
        """(6,) fore-aft (forward +), up, sideways (right +) of the right foot, then of the left, body weights."""
        sides = [_force_of(self._spheres, self._contact, side)[i] for side in "rl" for i in range(3)]
        return ca.vertcat(*sides) / self._point.weight

    def vertical_force(self, side: str) -> Any:
        """Of one foot, body weights."""
        return self.ground_force[{"r": 1, "l": 4}[side]]

    def foot_pitch(self, side: str) -> Any:
        """Of one foot, toe up +, rad."""
        return foot_pitch(self._point.tree, self.motion, side)

    @cached_property
    def net_moments(self) -> Any:
        """The moments that are compared with a reference, N m/kg."""
        mass, known = self._point.tree.description.mass, self._generalised
        if any(name not in known for name in self._point.moments):
            lumbar = net_load(self._point.tree, self.motion, self._wrenches)[1]
            known = {**known, **dict(zip(MOMENTS, lumbar, strict=True))}
        return ca.vertcat(*(known[name] / mass for name in self._point.moments))

    @cached_property
    def torques(self) -> Any:
        """Of the coordinates that an actuator drives, N m."""
        return ca.vertcat(*(self.supplied[name] for name in self._point.driven))

    @property
    def chosen_motion(self) -> Any:
        """(n + choices,) coordinates, then what is chosen."""
        return ca.vertcat(self.coordinates, self.choices)

    @property
    def effort(self) -> Any:
        """Squared activations, weighted as in the objective."""
        return ca.sumsqr(self.activations / self._point.scales["activations"])

    @property
    def tree(self) -> Tree:
        """The model."""
        return self._point.tree

    def reaction(self, joint: str) -> tuple[Vector, Vector]:
        """Force and moment of a joint on its child without muscles, N and N m in ground."""
        return self.tree.reaction(self.motion, self._wrenches, joint)

    def load(self, name: str) -> Any:
        """The variable of a load."""
        return self._loads[name]


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
    terms
        Of the objective, in the order of their weights in the data.
    loads
        Those of the point, each a variable and a row.
    """

    def __init__(self, problem: TrackProblem) -> None:
        self.drive, self.contact, self.terms = problem.drive, problem.contact, problem.objective.terms
        self.loads = problem.loads
        self.tree = Tree(problem.description, keep=[load.joint for load in self.loads if load.joint])
        self.names = problem.description.coordinate_names
        self.splines = [*self.names, *self.drive.compliant]
        self.controls, self.balanced = self.drive.names, list(self.drive.balanced)
        on_ground = {j.name for j in problem.description.joints if j.parent == "ground"}
        self.root = [c.name for c in problem.description.coordinates if c.joint in on_ground]
        self.driven = [n for n in self.names if n not in {*self.root, *self.balanced}]
        self.limited = [n for n in self.driven if _is_limit(self.drive.limit.get(n, np.inf))]
        self.change_names = change_names(problem.contact)
        self.choice_names = [choice.name for choice in problem.choices]
        self._aims, self._choices = len(problem.aims), len(problem.choices)
        self.moments = sorted({name for r in problem.references for name in r.moments})
        g = constant(problem.description.gravity)
        self.weight = problem.description.mass * sqrt(dot(g, g))

    @property
    def counts(self) -> dict[str, int]:
        """How many numbers each quantity has, and what sums of squares are divided by."""
        n = len(self.names)
        return {
            "coordinates": n,
            "speeds": n,
            "accelerations": n,
            "ground_force": 6,
            "net_moments": len(self.moments),
            "torques": len(self.driven),
            "activations": len(self.controls),
            "reserves": len(self.balanced),
            "aims": self._aims,
            "chosen_motion": n + self._choices,
            "choices": self._choices,
            "coordinate": n,
            "component of the ground force": 6,
            "moment of L5/S1": len(MOMENTS),
            "joint": n - len(self.root),
            "balanced coordinate": max(len(self.balanced), 1),
            "one": 1,
        }

    @property
    def load_names(self) -> list[str]:
        """Of the loads, in their order."""
        return [load.name for load in self.loads]

    @property
    def shared(self) -> Blocks:
        """What all points share."""
        sizes = {"changes": len(self.change_names), "aims": self._aims, "choices": self._choices}
        return Blocks(sizes)

    @property
    def warm(self) -> bool:
        """Whether a load has metabolic rates, which depend on how fast activations change."""
        return any(load.heat for load in self.loads)

    @property
    def seen(self) -> Blocks:
        """What a point sees: splines with their derivatives by phase, controls, loads, duration, what all share."""
        m = len(self.splines)
        return Blocks(
            {
                "value": m,
                "rate": m,
                "curvature": m,
                "activation": len(self.controls),
                "activation_rate": len(self.controls) if self.warm else 0,
                "reserve": len(self.balanced),
                "load": len(self.loads),
                "duration": 1,
                "shared": self.shared.total,
            }
        )

    @property
    def data(self) -> Blocks:
        """What a point is given: the data of every term, ``(term, name)``, then the weights of all."""
        counts = self.counts
        own = {(t.name, name): size for t in self.terms for name, size in t.data(counts).items()}
        return Blocks({**own, ("objective", "weights"): len(self.terms)})

    def weights(self, objective: Objective) -> Array:
        """(terms,) weight of each term per number."""
        return np.array([t.weight / self.counts[t.per] for t in objective.terms])

    @property
    def scales(self) -> dict[str, Any]:
        """What counts as one of a quantity, where that is not one."""
        return {
            "torques": ca.vertcat(*(self.drive.scale.get(n, torque_scale(n)) for n in self.driven)),
            "accelerations": ACCELERATION,
            "activations": 1 / self._effort(),
            "reserves": ca.vertcat(*(self.drive.scale.get(n, 1.0) for n in self.balanced)),
        }

    @property
    def constraint_names(self) -> list[str]:
        """What must vanish at the point, or stay within -1..1 (actuators), row by row."""
        return [
            *(f"pelvis residual {name}" for name in self.root),
            *(f"moment of {name}" for name in self.balanced),
            *(f"tendon of {name}" for name in self.drive.compliant),
            *(f"load {name}" for name in self.load_names),
            *(f"actuator of {name}" for name in self.limited),
        ]

    @property
    def bounds(self) -> Any:
        """(ng,) how far each constraint may be from zero."""
        return np.repeat([0.0, 1.0], [len(self.constraint_names) - len(self.limited), len(self.limited)])

    def symbols(self) -> Any:
        """(ny,) what the point sees."""
        return ca.vertcat(*(ca.SX.sym(str(name), size) for name, size in self.seen.sizes.items()))

    def event(self, event: Event) -> EventFunctions:
        """What an event constrains, as functions of what is seen at its phase."""
        y = self.symbols()
        return EventFunctions.of(y, getattr(Quantities(self, y), event.quantity)(event.side))

    def problem(self) -> PointProblem:
        """Cost and constraint of a point."""
        y = self.symbols()
        at = Quantities(self, y)
        data = ca.vertcat(*(ca.SX.sym("_".join(name), size) for name, size in self.data.sizes.items()))
        errors = self._errors(at, self.data.split(data))
        return PointProblem(y, data, errors, ca.vertcat(*self._rows(at)), self._muscles(y))

    def _errors(self, at: Quantities, data: Mapping[Any, Any]) -> Any:
        weights = dict(zip(self.terms, ca.vertsplit(data["objective", "weights"]), strict=True))
        scales = self.scales
        residuals = []
        for term, weight in weights.items():
            own = {name: data[term.name, name] for name in term.data(self.counts)}
            value = getattr(at, term.quantity)
            residuals.append(ca.sqrt(weight) * term.residual(value, own, scales.get(term.quantity, 1.0)))
        return ca.vertcat(*residuals)

    def _rows(self, at: Quantities) -> list[Any]:
        reserves = dict(zip(self.balanced, ca.vertsplit(at.reserves), strict=True))
        return [
            *(at.supplied[name] / self.weight for name in self.root),
            *((at.supplied[name] - reserves[name]) / MOMENT for name in self.balanced),
            *(0.0 for _ in self.drive.compliant),
            *(load.net(at) - at.load(load.name) for load in self.loads),
            *(at.supplied[name] / self.drive.limit[name] for name in self.limited),
        ]

    def _muscles(self, y: Any) -> Differentiated | None:
        if not self.controls:
            return None
        first = len(self.root)
        balanced = {name: first + i for i, name in enumerate(self.balanced)}
        first += len(self.balanced)
        tendons = {name: first + i for i, name in enumerate(self.drive.compliant)}
        first += len(self.drive.compliant)
        loads = [LoadRow(first + i, load) for i, load in enumerate(self.loads)]
        count = len(self.constraint_names)
        return muscle_part(self.drive, y, self._columns(), balanced, tendons, count, loads)

    def _columns(self) -> Columns:
        seen = self.seen
        return Columns(
            value={name: seen["value"].start + i for i, name in enumerate(self.splines)},
            rate={name: seen["rate"].start + i for i, name in enumerate(self.splines)},
            duration=seen["duration"].start,
            activation={name: seen["activation"].start + i for i, name in enumerate(self.controls)},
            activation_rate={name: seen["activation_rate"].start + i for i, name in enumerate(self.controls)},
        )

    def _effort(self) -> Any:
        cost = ca.vertcat(*(self.drive.cost.get(name, 1.0) for name in self.controls))
        return ca.sqrt(cost / ca.fmax(ca.sum1(cost), 1.0))


def point_problem(problem: TrackProblem) -> PointProblem:
    """Cost and constraint of a point for every model of the same structure: with symbols for its parameters."""
    given, symbols = symbolic(problem)
    return replace(Point(given).problem(), parameters=symbols)


def _is_limit(value: Any) -> bool:
    return is_symbol(value) or bool(np.isfinite(value))


def _force_of(spheres: Sequence[ContactSphere], forces: Sequence[Force], side: str) -> Any:
    total: Any = ZERO
    for sphere, force in zip(spheres, forces, strict=True):
        if sphere.name.endswith(f"_{side}"):
            total = plus(total, force.force)
    return total
