"""A model file as plain data, and OpenSim's own answers to compare with. Runs in the OpenSim worker."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from footstrike.engines.opensim_model import each, load, pose, station, vec
from footstrike.engines.osim import osim
from footstrike.errors import ModelError
from footstrike.model.description import (
    Axis,
    Body,
    Composite,
    ContactSphere,
    Coordinate,
    Coupler,
    Cubic,
    Description,
    Function,
    Joint,
    Muscle,
    Polynomial,
    Pose,
)

Array = NDArray[np.float64]
_X, _Y, _Z = np.eye(3)
_LINE = Polynomial((0.0, 1.0))


def describe(osim_text: str) -> Description:
    """The model as plain data; couplers and locked coordinates are eliminated.

    Raises
    ------
    ModelError
        A component cannot be expressed; it is named with its type.
    """
    model = load(osim_text)
    state = model.initSystem()
    couplers = tuple(coupler_list(model, state))
    dependents = {c.dependent: c for c in couplers}
    fixed = {c.getName(): c.getValue(state) for c in each(model.getCoordinateSet()) if c.getLocked(state)}
    joints = tuple(_joint(j, fixed, dependents) for j in model.getJointList())
    free = [c for c in each(model.getCoordinateSet()) if c.getName() not in fixed | dependents]
    return Description(
        name=model.getName(),
        gravity=vec(model.getGravity()),
        bodies=tuple(_body(b) for b in model.getBodyList()),
        joints=_outward(joints),
        coordinates=tuple(_coordinate(c) for c in free),
        couplers=couplers,
        muscles=tuple(_muscle(m) for m in model.getMuscleList()),
        spheres=tuple(_spheres(model)),
        markers={
            m.getName(): station(m.getParentFrame(), m.get_location()) for m in each(model.getMarkerSet())
        },
    )


def _body(body: Any) -> Body:
    inertia = body.getInertia()
    (xx, yy, zz), (xy, xz, yz) = vec(inertia.getMoments()), vec(inertia.getProducts())
    return Body(
        body.getName(),
        body.getMass(),
        vec(body.getMassCenter()),
        np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]]),
    )


def _coordinate(c: Any) -> Coordinate:
    kind = {0: "rotation", 1: "rotation", 2: "translation", 3: "coupled"}[c.getMotionType()]
    return Coordinate(
        c.getName(),
        c.getJoint().getName(),
        kind,  # type: ignore[arg-type]
        c.getDefaultValue(),
        c.getRangeMin(),
        c.getRangeMax(),
    )


def coupler_list(model: Any, state: Any) -> list[Coupler]:
    """The enforced couplers of a model."""
    return list(_couplers(model, state))


def _couplers(model: Any, state: Any) -> Any:
    constraints = model.getConstraintSet()
    for i in range(constraints.getSize()):
        constraint = constraints.get(i)
        if not constraint.isEnforced(state):
            continue
        coupler = osim.CoordinateCouplerConstraint.safeDownCast(constraint)
        if coupler is None:
            raise ModelError(
                f"constraint {constraint.getName()!r} is a {constraint.getConcreteClassName()}, which cannot be "
                "expressed: replace it by a CoordinateCouplerConstraint or remove it"
            )
        names = coupler.getIndependentCoordinateNames()
        if names.getSize() != 1:
            raise ModelError(
                f"coupler {coupler.getName()!r} has {names.getSize()} independent coordinates; one is expected"
            )
        yield Coupler(
            coupler.getName(),
            coupler.getDependentCoordinateName(),
            names.get(0),
            _function(coupler.getFunction(), coupler.getName()),
        )


def _joint(joint: Any, fixed: dict[str, float], dependents: dict[str, Coupler]) -> Joint:
    kind = joint.getConcreteClassName()
    names = [joint.get_coordinates(i).getName() for i in range(joint.numCoordinates())]
    if kind == "CustomJoint":
        raw = _custom(joint)
    elif kind in _SIMPLE:
        raw = [(k, d, n, _LINE) for (k, d), n in zip(_SIMPLE[kind], names, strict=True)]
    else:
        raise ModelError(
            f"joint {joint.getName()!r} is a {kind}, which cannot be expressed: use a CustomJoint with the same motion"
        )
    axes = [_axis(*r, fixed, dependents) for r in raw]
    axes.sort(key=lambda a: a.kind == "rotation")
    parent, child = joint.getParentFrame(), joint.getChildFrame()
    return Joint(
        joint.getName(),
        parent.findBaseFrame().getName(),
        child.findBaseFrame().getName(),
        pose(parent),
        pose(child),
        tuple(axes),
    )


_SIMPLE: dict[str, list[tuple[str, Array]]] = {
    "WeldJoint": [],
    "PinJoint": [("rotation", _Z)],
    "SliderJoint": [("translation", _X)],
    "UniversalJoint": [("rotation", _X), ("rotation", _Y)],
    "GimbalJoint": [("rotation", _X), ("rotation", _Y), ("rotation", _Z)],
    "PlanarJoint": [("rotation", _Z), ("translation", _X), ("translation", _Y)],
}


def _custom(joint: Any) -> list[tuple[str, Array, str | None, Function]]:
    transform = osim.CustomJoint.safeDownCast(joint).getSpatialTransform()
    raw: list[tuple[str, Array, str | None, Function]] = []
    for i in range(6):
        axis = transform.getTransformAxis(i)
        names = axis.getCoordinateNamesInArray()
        if names.size() > 1:
            raise ModelError(
                f"joint {joint.getName()!r}: its axis {i} depends on {names.size()} coordinates; one is expected"
            )
        direction = vec(axis.getAxis())
        raw.append(
            (
                "rotation" if i < 3 else "translation",
                direction / np.linalg.norm(direction),
                names.get(0) if names.size() else None,
                _function(axis.getFunction(), joint.getName()),
            )
        )
    return raw


def _axis(
    kind: str,
    direction: Array,
    name: str | None,
    function: Function,
    fixed: dict[str, float],
    dependents: dict[str, Coupler],
) -> Axis:
    from footstrike.dynamics.functions import evaluate

    while name in dependents:
        coupler = dependents[name]
        name, function = coupler.independent, _compose(function, coupler.function)
    if name in fixed:
        name, function = None, Polynomial((float(evaluate(function, fixed[name])[0]),))
    return Axis(kind, direction, name, function)  # type: ignore[arg-type]


def _compose(outer: Function, inner: Function) -> Function:
    if isinstance(outer, Polynomial) and isinstance(inner, Polynomial) and len(outer.coefficients) <= 2:
        b, a = (*outer.coefficients, 0.0, 0.0)[:2]
        scaled = [a * c for c in inner.coefficients]
        return Polynomial((scaled[0] + b, *scaled[1:]))
    return Composite(outer, inner)


def _function(function: Any, owner: str) -> Function:
    kind = function.getConcreteClassName()
    cast = getattr(osim, kind, None)
    f = cast.safeDownCast(function) if cast else None
    if kind == "Constant":
        return Polynomial((f.getValue(),))
    if kind == "LinearFunction":
        return Polynomial((f.getIntercept(), f.getSlope()))
    if kind == "PolynomialFunction":
        c = f.getCoefficients()
        return Polynomial(tuple(c.get(i) for i in range(c.size() - 1, -1, -1)))
    if kind == "MultiplierFunction":
        return _compose(Polynomial((0.0, f.getScale())), _function(f.getFunction(), owner))
    if kind in ("SimmSpline", "NaturalCubicSpline", "GCVSpline", "PiecewiseLinearFunction"):
        return _spline(function, f, kind)
    raise ModelError(
        f"{owner!r} uses a function of type {kind}, which cannot be expressed: refit it as a spline"
    )


def _spline(function: Any, f: Any, kind: str) -> Function:
    """Knots, values and slopes: exact for cubic splines; for lines the two slopes of a knot are kept apart."""
    x = np.array([f.getX(i) for i in range(f.getSize())])
    if kind == "PiecewiseLinearFunction":
        y = np.array([f.getY(i) for i in range(f.getSize())])
        slopes = np.diff(y) / np.diff(x)
        if np.ptp(slopes) < 1e-9 * max(1.0, float(np.abs(slopes).max())):
            return Polynomial((float(y[0] - slopes[0] * x[0]), float(slopes[0])))
    order = osim.StdVectorInt()
    order.push_back(0)
    at = [osim.Vector(1, float(v)) for v in x]
    return Cubic(
        x,
        np.array([function.calcValue(v) for v in at]),
        np.array([function.calcDerivative(order, v) for v in at]),
    )


def _muscle(muscle: Any) -> Muscle:
    path = muscle.getGeometryPath()
    if path.getWrapSet().getSize():
        raise ModelError(
            f"muscle {muscle.getName()!r} wraps over a surface, which straight paths cannot express"
        )
    points = path.getPathPointSet()
    fixed: list[tuple[str, Array]] = []
    for i in range(points.getSize()):
        point = osim.PathPoint.safeDownCast(points.get(i))
        if point is None or points.get(i).getConcreteClassName() != "PathPoint":
            raise ModelError(
                f"muscle {muscle.getName()!r} has a {points.get(i).getConcreteClassName()} in its path"
            )
        fixed.append(station(point.getParentFrame(), point.get_location()))
    return Muscle(
        muscle.getName(),
        muscle.getMaxIsometricForce(),
        muscle.getOptimalFiberLength(),
        muscle.getTendonSlackLength(),
        muscle.getPennationAngleAtOptimalFiberLength(),
        muscle.getMaxContractionVelocity(),
        tuple(fixed),
    )


def _spheres(model: Any) -> Any:
    for force in each(model.getForceSet()):
        contact = osim.SmoothSphereHalfSpaceForce.safeDownCast(force)
        if contact is None:
            continue
        sphere = osim.ContactSphere.safeDownCast(contact.getSocket("sphere").getConnecteeAsObject())
        yield ContactSphere(
            sphere.getName(),
            *station(sphere.getFrame(), sphere.get_location()),
            sphere.getRadius(),
            contact.get_stiffness(),
            contact.get_dissipation(),
            contact.get_dynamic_friction(),
            contact.get_transition_velocity(),
        )


def _outward(joints: tuple[Joint, ...]) -> tuple[Joint, ...]:
    """The joints ordered so that a parent comes before its children."""
    placed, ordered, rest = {"ground"}, [], list(joints)
    while rest:
        ready = [j for j in rest if j.parent in placed]
        if not ready:
            raise ModelError(f"joints {', '.join(j.name for j in rest)} form a loop or hang on no body")
        ordered += ready
        placed |= {j.child for j in ready}
        rest = [j for j in rest if j.child not in placed]
    return tuple(ordered)
