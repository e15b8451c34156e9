"""Joints, coordinates and constraints of a model as plain data. Runs in the OpenSim worker."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from footstrike.dynamics.joint_functions import compose, evaluate, is_constant
from footstrike.errors import ModelError
from footstrike.model.description import Axis, Coordinate, Coupler, Joint, Polynomial
from footstrike.opensim.function_objects import Terms, terms
from footstrike.opensim.opened_model import Array, each, pose, vec
from footstrike.opensim.osim import osim

_X, _Y, _Z = np.eye(3)
_LINE = Polynomial((0.0, 1.0))
_SPATIAL = tuple(("rotation", a) for a in (_X, _Y, _Z))

SIMPLE_JOINTS: dict[str, tuple[tuple[str, Array], ...]] = {
    "WeldJoint": (),
    "PinJoint": (("rotation", _Z),),
    "SliderJoint": (("translation", _X),),
    "UniversalJoint": (("rotation", _X), ("rotation", _Y)),
    "GimbalJoint": _SPATIAL,
    "BallJoint": _SPATIAL,
    "PlanarJoint": (("rotation", _Z), ("translation", _X), ("translation", _Y)),
    "FreeJoint": (*_SPATIAL, ("translation", _X), ("translation", _Y), ("translation", _Z)),
}


@dataclass(frozen=True)
class Elimination:
    """Which coordinates are not free, and what they follow.

    ``couplers`` is ordered so that what a dependent coordinate follows comes before it; entries of the same
    dependent coordinate add up.
    """

    fixed: dict[str, float]
    couplers: tuple[Coupler, ...]
    warnings: tuple[str, ...]

    @property
    def dependents(self) -> dict[str, list[Coupler]]:
        """The couplers of every dependent coordinate."""
        out: dict[str, list[Coupler]] = {}
        for c in self.couplers:
            out.setdefault(c.dependent, []).append(c)
        return out


def eliminate(model: Any, state: Any) -> Elimination:
    """Read locks, prescribed motions and couplers; prescribed coordinates are held in ``state`` as well.

    Raises
    ------
    ModelError
        A constraint closes a loop, or couplers contradict each other.
    """
    notes: list[str] = []
    couplers = _ordered(_couplers(model, state, notes))
    dependents = {c.dependent for c in couplers}
    fixed = {}
    for c in each(model.getCoordinateSet()):
        name = c.getName()
        if c.isPrescribed(state):
            _hold(c, state, notes)
        if c.getLocked(state) and name in dependents:
            notes.append(f"coordinate {name} is locked and driven by a coupler: the coupler moves it")
        elif c.getLocked(state):
            fixed[name] = float(c.getValue(state))
    return Elimination(fixed, couplers, tuple(notes))


def _hold(coordinate: Any, state: Any, notes: list[str]) -> None:
    """Lock a prescribed coordinate at its value at time 0."""
    motion = coordinate.getPrescribedFunction()
    values = [motion.calcValue(osim.Vector(1, t)) for t in (0.0, 0.1, 1.0)]
    if np.ptp(values) > 0:
        notes.append(
            f"coordinate {coordinate.getName()} is prescribed as a function of time: held at its first value"
        )
    coordinate.setIsPrescribed(state, False)
    coordinate.setValue(state, float(values[0]), False)
    coordinate.setLocked(state, True)


def _couplers(model: Any, state: Any, notes: list[str]) -> list[Coupler]:
    found: list[Coupler] = []
    for constraint in each(model.getConstraintSet()):
        name, kind = constraint.getName(), constraint.getConcreteClassName()
        coupler = osim.CoordinateCouplerConstraint.safeDownCast(constraint)
        if not constraint.isEnforced(state):
            free = f": {coupler.getDependentCoordinateName()} is free" if coupler is not None else ""
            notes.append(f"constraint {name} ({kind}) is not enforced{free}")
            continue
        if coupler is None:
            raise ModelError(
                f"constraint {name!r} is a {kind}, which closes a loop and cannot be expressed: "
                "replace it by a CoordinateCouplerConstraint, or switch it off (isEnforced false)"
            )
        found += _coupler(coupler)
    return found


def _coupler(coupler: Any) -> list[Coupler]:
    independent = coupler.getIndependentCoordinateNames()
    names = [independent.get(i) for i in range(independent.getSize())]
    if not names:
        raise ModelError(f"coupler {coupler.getName()!r} names no independent coordinate")
    factor = osim.PropertyHelper.getValueDouble(coupler.getPropertyByName("scale_factor"))
    scale = Polynomial((0.0, float(factor)))
    return [
        Coupler(coupler.getName(), coupler.getDependentCoordinateName(), name, compose(scale, f))
        for name, f in terms(coupler.getFunction(), names, f"coupler {coupler.getName()!r}")
    ]


def _ordered(couplers: list[Coupler]) -> tuple[Coupler, ...]:
    """Couplers in the order in which dependent coordinates can be computed."""
    owner: dict[str, str] = {}
    for c in couplers:
        if owner.setdefault(c.dependent, c.name) != c.name:
            raise ModelError(f"couplers {owner[c.dependent]!r} and {c.name!r} both drive {c.dependent!r}")
    waiting, done, ordered = list(couplers), set[str](), list[Coupler]()
    while waiting:
        undone = {c.dependent for c in waiting}
        blocked = {c.dependent for c in waiting if c.independent in undone}
        ready = [c for c in waiting if c.dependent not in blocked]
        if not ready:
            raise ModelError(f"couplers of {', '.join(sorted(undone))} depend on each other in a circle")
        ordered += ready
        done |= {c.dependent for c in ready}
        waiting = [c for c in waiting if c.dependent not in done]
    return tuple(ordered)


def coordinate(c: Any) -> Coordinate:
    """A coordinate with its range."""
    kind = {0: "rotation", 1: "rotation", 2: "translation", 3: "coupled"}[c.getMotionType()]
    return Coordinate(
        c.getName(),
        c.getJoint().getName(),
        kind,  # type: ignore[arg-type]
        c.getDefaultValue(),
        c.getRangeMin(),
        c.getRangeMax(),
        clamped=bool(c.get_clamped()),
    )


def joint(j: Any, elimination: Elimination) -> Joint:
    """A joint whose motions depend on free coordinates only.

    Raises
    ------
    ModelError
        The type of joint, or one of its functions, cannot be expressed.
    """
    kind = j.getConcreteClassName()
    owner = f"joint {j.getName()!r}"
    if kind == "CustomJoint":
        raw = _custom(j, owner)
    elif kind in SIMPLE_JOINTS:
        names = [j.get_coordinates(i).getName() for i in range(j.numCoordinates())]
        raw = [(k, d, [(n, _LINE)]) for (k, d), n in zip(SIMPLE_JOINTS[kind], names, strict=True)]
    else:
        raise ModelError(
            f"{owner} is a {kind}, which cannot be expressed: replace it by a CustomJoint that moves alike"
        )
    axes = [a for r in raw for a in _axes(*r, elimination, owner)]
    axes.sort(key=lambda a: a.kind == "rotation")
    parent, child = j.getParentFrame(), j.getChildFrame()
    return Joint(
        j.getName(),
        parent.findBaseFrame().getName(),
        child.findBaseFrame().getName(),
        pose(parent),
        pose(child),
        tuple(axes),
    )


def turns_together(j: Any) -> bool:
    """Whether OpenSim's accelerations of a joint lack a term that is quadratic in the speeds.

    Simbody takes the angular velocity before the second and third rotation of a CustomJoint for that of its
    first, and first two, speeds: right only if each rotation has a coordinate of its own, in order. And
    OpenSim's multivariate polynomials have no second derivative.
    """
    if j.getConcreteClassName() != "CustomJoint":
        return False
    transform = osim.CustomJoint.safeDownCast(j).getSpatialTransform()
    order = [j.get_coordinates(i).getName() for i in range(j.numCoordinates())]
    for i in range(6):
        axis = transform.getTransformAxis(i)
        names = axis.getCoordinateNamesInArray()
        if axis.getFunction().getConcreteClassName() == "MultivariatePolynomialFunction":
            return True
        if i > 2:
            continue
        moved = {names.get(k) for k in range(names.size())}
        if moved and axis.getFunction().getConcreteClassName() != "Constant" and moved != {*order[i : i + 1]}:
            return True
    return False


def _custom(j: Any, owner: str) -> list[tuple[str, Array, Terms]]:
    transform = osim.CustomJoint.safeDownCast(j).getSpatialTransform()
    raw = []
    for i in range(6):
        axis = transform.getTransformAxis(i)
        array = axis.getCoordinateNamesInArray()
        names = [array.get(k) for k in range(array.size())]
        direction = vec(axis.getAxis())
        raw.append(
            (
                "rotation" if i < 3 else "translation",
                direction / np.linalg.norm(direction),
                terms(axis.getFunction(), names or [""], owner),
            )
        )
    return raw


def _axes(kind: str, direction: Array, motion: Terms, elimination: Elimination, owner: str) -> Iterable[Axis]:
    """One elementary motion for every coordinate that the axis depends on."""
    constant, moving = 0.0, []
    for name, f in _followed(motion, elimination, owner):
        if not name or name in elimination.fixed or is_constant(f):
            constant += float(evaluate(f, elimination.fixed.get(name, 0.0))[0])
        else:
            moving.append((name, f))
    if not moving or constant != 0.0:
        yield Axis(kind, direction, None, Polynomial((constant,)))  # type: ignore[arg-type]
    for name, f in moving:
        yield Axis(kind, direction, name, f)  # type: ignore[arg-type]


def _followed(motion: Terms, elimination: Elimination, owner: str) -> Terms:
    """The motion in terms of coordinates that no coupler drives."""
    dependents = elimination.dependents
    out: Terms = []
    for name, f in motion:
        sources = dependents.get(name, [])
        if not sources:
            out.append((name, f))
        elif len(sources) == 1:
            out += _followed([(sources[0].independent, compose(f, sources[0].function))], elimination, owner)
        elif isinstance(f, Polynomial) and len(f.coefficients) <= 2:
            b, a = (*f.coefficients, 0.0, 0.0)[:2]
            parts = [(c.independent, compose(Polynomial((0.0, a)), c.function)) for c in sources]
            out += [("", Polynomial((b,))), *_followed(parts, elimination, owner)]
        else:
            raise ModelError(
                f"{owner} moves by a curve of {name!r}, which a coupler drives by "
                f"{' and '.join(c.independent for c in sources)}: only a straight line can be expressed there"
            )
    return out


def refuse_strays(model: Any) -> None:
    """Raise a ModelError that names a constraint outside the model's set of them: nobody would look there."""
    listed = {c.getAbsolutePathString() for c in each(model.getConstraintSet())}
    for component in list(model.getComponentsList()):
        constraint = osim.Constraint.safeDownCast(component)
        if constraint is not None and constraint.getAbsolutePathString() not in listed:
            raise ModelError(
                f"constraint {constraint.getName()!r} is not in the model's ConstraintSet: move it there"
            )


def outward(joints: Iterable[Joint]) -> tuple[Joint, ...]:
    """The joints ordered so that a parent comes before its children.

    Raises
    ------
    ModelError
        A chain does not start at the ground.
    """
    rest = list(joints)
    placed, ordered = {"ground"}, list[Joint]()
    while rest:
        ready = [j for j in rest if j.parent in placed]
        if not ready:
            named = ", ".join(repr(j.name) for j in rest)
            raise ModelError(f"joints {named} form a loop or hang on no body")
        ordered += ready
        placed |= {j.child for j in ready}
        rest = [j for j in rest if j.child not in placed]
    return tuple(ordered)
