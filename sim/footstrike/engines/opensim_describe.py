"""A model file as plain data, and OpenSim's own answers to compare with. Runs in the OpenSim worker."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

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


def load(osim_text: str) -> Any:
    """An initialised OpenSim model from its XML."""
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.osim"
        path.write_text(osim_text)
        try:
            model = osim.Model(str(path))
            model.initSystem()
        except RuntimeError as error:
            first = str(error).strip().splitlines()[0] if str(error).strip() else "unknown reason"
            raise ModelError(f"OpenSim cannot load the model: {first}") from None
    return model


def describe(osim_text: str) -> Description:
    """The model as plain data; couplers and locked coordinates are eliminated.

    Raises
    ------
    ModelError
        A component cannot be expressed; it is named with its type.
    """
    model = load(osim_text)
    state = model.initSystem()
    couplers = tuple(_couplers(model, state))
    dependents = {c.dependent: c for c in couplers}
    fixed = {
        c.getName(): c.getValue(state) for c in _each(model.getCoordinateSet()) if c.getLocked(state)
    }
    joints = tuple(_joint(j, fixed, dependents) for j in model.getJointList())
    free = [c for c in _each(model.getCoordinateSet()) if c.getName() not in fixed | dependents]
    return Description(
        name=model.getName(),
        gravity=_vec(model.getGravity()),
        bodies=tuple(_body(b) for b in model.getBodyList()),
        joints=_outward(joints),
        coordinates=tuple(_coordinate(c) for c in free),
        couplers=couplers,
        muscles=tuple(_muscle(m) for m in model.getMuscleList()),
        spheres=tuple(_spheres(model)),
        markers={m.getName(): (m.getParentFrame().findBaseFrame().getName(), _marker(m)) for m in _each(model.getMarkerSet())},
    )


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
    for force in _each(model.getForceSet()):
        force.set_appliesForce(False)
    state = model.initSystem()
    coordinates = {c.getName(): c for c in _each(model.getCoordinateSet())}
    for c in coordinates.values():
        if c.getLocked(state) and c.getName() in names:
            c.setLocked(state, False)
    couplers = list(_couplers(model, state))
    mobility = _mobilities(model, state, coordinates)
    solver = osim.InverseDynamicsSolver(model)
    result = np.zeros((len(q), len(names)))
    bodies = {b.getName(): b for b in model.getBodyList()}
    count = 1 + max(b.getMobilizedBodyIndex() for b in bodies.values())
    for frame in range(len(q)):
        value = dict(zip(names, zip(q[frame], qd[frame], qdd[frame], strict=True), strict=True))
        slopes = {}
        for c in couplers:
            value[c.dependent], slopes[c.dependent] = _follow(c.function, *value[c.independent])
        udot = osim.Vector(state.getNU(), 0.0)
        for name, (x, v, a) in value.items():
            coordinates[name].setValue(state, x, False)
            coordinates[name].setSpeedValue(state, v)
            udot.set(mobility[name], a)
        applied = osim.VectorOfSpatialVec(count, osim.SpatialVec(osim.Vec3(0), osim.Vec3(0)))
        model.realizeDynamics(state)
        for body in bodies.values():  # this form of the solver leaves gravity to the caller
            weight = body.getMass() * _vec(model.getGravity())
            at = _vec(body.findStationLocationInGround(state, body.getMassCenter()))
            _apply(applied, body, state, np.concatenate([np.cross(at, weight), weight]))
        for name, wrench in (forces or {}).items():
            _apply(applied, bodies[name], state, wrench[frame])
        tau = solver.solve(state, udot, osim.Vector(state.getNU(), 0.0), applied)
        of = {name: tau.get(k) for name, k in mobility.items()}
        for c in couplers:
            of[c.independent] += slopes[c.dependent] * of[c.dependent]
        result[frame] = [of[n] for n in names]
    return result


def _apply(applied: Any, body: Any, state: Any, wrench: Array) -> None:
    """Add a ground-frame wrench about the ground origin to the body, whose own origin is the reference point."""
    origin = _vec(body.getPositionInGround(state))
    torque = wrench[:3] - np.cross(origin, wrench[3:])
    index = body.getMobilizedBodyIndex()
    old = applied.get(index)
    total = osim.SpatialVec(
        osim.Vec3(*(_vec(old.get(0)) + torque)), osim.Vec3(*(_vec(old.get(1)) + wrench[3:]))
    )
    applied.set(index, total)


def _follow(function: Function, x: float, v: float, a: float) -> tuple[tuple[float, float, float], float]:
    from footstrike.dynamics.functions import evaluate

    f, first, second = (float(y) for y in evaluate(function, x))
    return (f, first * v, first * a + second * v * v), first


def _mobilities(model: Any, state: Any, coordinates: dict[str, Any]) -> dict[str, int]:
    """Which entry of the speed vector belongs to which coordinate."""
    found = {}
    for name, coordinate in coordinates.items():
        state.setU(osim.Vector(state.getNU(), 0.0))
        coordinate.setSpeedValue(state, 1.0)
        u = state.getU()
        found[name] = next(k for k in range(u.size()) if u.get(k) == 1.0)
    state.setU(osim.Vector(state.getNU(), 0.0))
    return found


def _each(collection: Any) -> list[Any]:
    return [collection.get(i) for i in range(collection.getSize())]


def _vec(v: Any) -> Array:
    return np.array([v.get(i) for i in range(3)])


def _matrix(R: Any) -> Array:
    m = R.asMat33()
    return np.array([[m.get(i, j) for j in range(3)] for i in range(3)])


def _pose(frame: Any) -> Pose:
    X = frame.findTransformInBaseFrame()
    return Pose(_matrix(X.R()), _vec(X.p()))


def _marker(marker: Any) -> Array:
    pose = _pose(marker.getParentFrame())
    return pose.p + pose.R @ _vec(marker.get_location())


def _body(body: Any) -> Body:
    inertia = body.getInertia()
    (xx, yy, zz), (xy, xz, yz) = _vec(inertia.getMoments()), _vec(inertia.getProducts())
    return Body(
        body.getName(),
        body.getMass(),
        _vec(body.getMassCenter()),
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
        _pose(parent),
        _pose(child),
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
        direction = _vec(axis.getAxis())
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
    raise ModelError(f"{owner!r} uses a function of type {kind}, which cannot be expressed: refit it as a spline")


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
        x, np.array([function.calcValue(v) for v in at]), np.array([function.calcDerivative(order, v) for v in at])
    )


def _muscle(muscle: Any) -> Muscle:
    path = muscle.getGeometryPath()
    if path.getWrapSet().getSize():
        raise ModelError(f"muscle {muscle.getName()!r} wraps over a surface, which straight paths cannot express")
    points = path.getPathPointSet()
    fixed: list[tuple[str, Array]] = []
    for i in range(points.getSize()):
        point = osim.PathPoint.safeDownCast(points.get(i))
        if point is None or points.get(i).getConcreteClassName() != "PathPoint":
            raise ModelError(f"muscle {muscle.getName()!r} has a {points.get(i).getConcreteClassName()} in its path")
        frame = point.getParentFrame()
        pose = _pose(frame)
        fixed.append((frame.findBaseFrame().getName(), pose.p + pose.R @ _vec(point.get_location())))
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
    for force in _each(model.getForceSet()):
        contact = osim.SmoothSphereHalfSpaceForce.safeDownCast(force)
        if contact is None:
            continue
        sphere = osim.ContactSphere.safeDownCast(contact.getSocket("sphere").getConnecteeAsObject())
        frame = sphere.getFrame()
        pose = _pose(frame)
        yield ContactSphere(
            sphere.getName(),
            frame.findBaseFrame().getName(),
            pose.p + pose.R @ _vec(sphere.get_location()),
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
