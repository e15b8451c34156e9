"""Small models, each with one kind of component, built through OpenSim. Runs in a process of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from footstrike.opensim.osim import osim

KNOTS = (-1.5, -0.7, -0.2, 0.4, 0.9, 1.6)


def build_all() -> dict[str, str]:
    """XML of every toy model by name."""
    return {name: _text(make()) for name, make in MODELS.items()}


def build(name: str) -> str:
    """XML of one toy model."""
    return _text(MODELS[name]())


def _text(model: Any) -> str:
    model.finalizeConnections()
    model.printToXML("toy.osim")
    return Path("toy.osim").read_text(encoding="utf-8")


def _vec(*values: float) -> Any:
    return osim.Vec3(*map(float, values))


class Toy:
    """A chain of bodies; every joint hangs on the body before."""

    def __init__(self, name: str) -> None:
        self.model = osim.Model()
        self.model.setName(name)
        self.model.setGravity(_vec(0, -9.80665, 0))
        self.rng = np.random.default_rng(len(name))
        self.last: Any = self.model.getGround()
        self.bodies: dict[str, Any] = {}
        self.keep: list[Any] = []

    def add(self, kind: str, name: str, *args: Any) -> Any:
        """A new body on a joint of some kind, both joint frames displaced and turned."""
        r = self.rng.uniform(-0.3, 0.3, (6, 3))
        body = osim.Body(
            f"{name}_body", 1.0 + abs(r[0, 0]), _vec(*r[1]), osim.Inertia(0.2, 0.25, 0.3, 0.01, 0.02, 0)
        )
        self.model.addBody(body)
        frames = (self.last, _vec(*r[2]), _vec(*r[3]), body, _vec(*r[4]), _vec(*r[5]))
        joint = getattr(osim, kind)(name, *frames, *args)
        self.model.addJoint(joint)
        for i in range(joint.numCoordinates()):
            coordinate = joint.upd_coordinates(i)
            coordinate.setName(f"{name}_{i}")
            coordinate.setRangeMin(-1.2)
            coordinate.setRangeMax(1.2)
            coordinate.setDefaultValue(0.1)
        self.last = self.bodies[name] = body
        return joint

    def custom(self, name: str, slots: dict[int, tuple[list[str], Any]]) -> Any:
        """A CustomJoint: slot 0..5 -> coordinates and function."""
        transform = osim.SpatialTransform()
        for k in range(6):
            axis = transform.updTransformAxis(k)
            axis.setAxis(_vec(*np.eye(3)[k % 3]))
            names, function = slots.get(k, ([], osim.Constant(0.05 if k > 2 else 0.0)))
            if names:
                array = osim.ArrayStr()
                for n in names:
                    array.append(n)
                axis.setCoordinateNames(array)
            axis.set_function(function)
        return self.add_custom(name, transform)

    def add_custom(self, name: str, transform: Any) -> Any:
        r = self.rng.uniform(-0.3, 0.3, (4, 3))
        body = osim.Body(f"{name}_body", 1.5, _vec(*r[0]), osim.Inertia(0.2, 0.25, 0.3))
        self.model.addBody(body)
        frames = (self.last, _vec(*r[1]), _vec(*r[2]), body, _vec(*r[3]), _vec(0, 0, 0))
        joint = osim.CustomJoint(name, *frames, transform)
        self.model.addJoint(joint)
        for i in range(joint.numCoordinates()):
            joint.upd_coordinates(i).setRangeMin(-1.2)
            joint.upd_coordinates(i).setRangeMax(1.2)
        self.last = self.bodies[name] = body
        return joint


def joints() -> Any:
    toy = Toy("joints")
    for kind in ("Free", "Pin", "Slider", "Universal", "Gimbal", "Ball", "Planar", "Weld"):
        toy.add(f"{kind}Joint", kind.lower())
    return toy.model


def functions() -> Any:
    toy = Toy("functions")
    for name, make in FUNCTIONS.items():
        toy.custom(name, {0: ([name], osim.LinearFunction(1.0, 0.1)), 3: ([name], make())})
        toy.custom(f"turn_{name}", {1: ([f"turn_{name}"], make())})
    return toy.model


def _spline(kind: str, degree: int = 0) -> Callable[[], Any]:
    def make() -> Any:
        spline = getattr(osim, kind)()
        if degree:
            spline.setDegree(degree)
        for x in KNOTS:
            spline.addPoint(x, float(0.3 * np.sin(2 * x) + 0.1 * x))
        return spline

    return make


def _given_away(thing: Any) -> Any:
    """A component that OpenSim deletes, not Python."""
    thing.thisown = False
    return thing


def _polynomial() -> Any:
    return osim.PolynomialFunction(osim.Vector.createFromMat(np.array([0.1, -0.2, 0.3, 0.05])))


def _multivariate(coefficients: list[float], dimension: int, order: int) -> Any:
    c = osim.Vector.createFromMat(np.array(coefficients))
    return osim.MultivariatePolynomialFunction(c, dimension, order)


FUNCTIONS: dict[str, Callable[[], Any]] = {
    "linear": lambda: osim.LinearFunction(-0.7, 0.2),
    "polynomial": _polynomial,
    "simm": _spline("SimmSpline"),
    "gcv3": _spline("GCVSpline", 3),
    "gcv5": _spline("GCVSpline", 5),
    "lines": _spline("PiecewiseLinearFunction"),
    "step": lambda: osim.StepFunction(-0.8, 0.9, -0.1, 0.3),
    "sine": lambda: osim.Sine(0.3, 1.5, 0.2),
    "scaled": lambda: osim.MultiplierFunction(_given_away(_spline("SimmSpline")()), -1.3),
    "multivariate": lambda: _multivariate([0.1, 0.4, -0.2, 0.1], 1, 3),
}


def two_coordinates() -> Any:
    """Joint axes that depend on the sum of functions of two coordinates."""
    toy = Toy("two_coordinates")
    ab = ["a", "b"]
    weights = osim.ArrayDouble()
    for value in (0.6, -0.4, 0.1):
        weights.append(value)
    line = osim.LinearFunction()
    line.setCoefficients(weights)
    slots = {
        0: (["a"], osim.LinearFunction(1.0, 0.0)),
        1: (["b"], osim.LinearFunction(1.0, 0.0)),
        3: (ab, line),
        4: (ab, _multivariate([0.1, 0.2, 0.3, -0.2, 0.0, 0.1], 2, 2)),
    }
    toy.custom("sum", slots)
    toy.add("PinJoint", "pin")
    return toy.model


def mixing() -> Any:
    toy = Toy("mixing")
    slots = {
        0: (["a"], osim.LinearFunction(1.0, 0.0)),
        1: (["b"], osim.LinearFunction(1.0, 0.0)),
        3: (["a", "b"], _multivariate([0.1, 0.2, 0.3, -0.2, 0.5, 0.1], 2, 2)),
    }
    toy.custom("knee", slots)
    return toy.model


def expression() -> Any:
    toy = Toy("expression")
    names = osim.StdVectorString()
    names.append("x")
    odd = osim.ExpressionBasedFunction("x*x", names)
    toy.custom("knee", {0: (["a"], osim.LinearFunction(1.0, 0.0)), 3: (["a"], odd)})
    return toy.model


def _couple(
    model: Any, name: str, dependent: str, independents: list[str], function: Any, scale: float = 1.0
) -> Any:
    coupler = osim.CoordinateCouplerConstraint()
    coupler.setName(name)
    array = osim.ArrayStr()
    for n in independents:
        array.append(n)
    coupler.setIndependentCoordinateNames(array)
    coupler.setDependentCoordinateName(dependent)
    coupler.setFunction(function)
    osim.PropertyHelper.setValueDouble(scale, coupler.updPropertyByName("scale_factor"))
    model.addConstraint(coupler)
    return coupler


def _pins(toy: Toy, count: int) -> None:
    for k in range(count):
        toy.add("PinJoint", f"pin{k}")


def couplers() -> Any:
    """Chained, scaled, curved and two-fold couplers, one of them off, written in no particular order."""
    toy = Toy("couplers")
    _pins(toy, 8)
    m = toy.model
    _couple(m, "chained", "pin3_0", ["pin2_0"], _spline("SimmSpline")())
    _couple(m, "first", "pin2_0", ["pin0_0"], osim.LinearFunction(0.5, 0.1), 1.0)
    weights = osim.ArrayDouble()
    for value in (0.3, 0.6, -0.05):
        weights.append(value)
    both = osim.LinearFunction()
    both.setCoefficients(weights)
    _couple(m, "both", "pin4_0", ["pin0_0", "pin1_0"], both)
    _couple(m, "locked_source", "pin6_0", ["pin5_0"], osim.LinearFunction(2.0, 0.0))
    m.getCoordinateSet().get("pin5_0").set_locked(True)
    off = _couple(m, "off", "pin7_0", ["pin0_0"], osim.LinearFunction(1.0, 0.0))
    off.set_isEnforced(False)
    return m


def circle() -> Any:
    toy = Toy("circle")
    _pins(toy, 2)
    _couple(toy.model, "one", "pin0_0", ["pin1_0"], osim.LinearFunction(1.0, 0.0))
    _couple(toy.model, "two", "pin1_0", ["pin0_0"], osim.LinearFunction(1.0, 0.0))
    return toy.model


def prescribed() -> Any:
    toy = Toy("prescribed")
    _pins(toy, 3)
    for name, function in (("pin1_0", osim.Sine(0.2, 1.0, 0.5)), ("pin2_0", osim.Constant(0.3))):
        coordinate = toy.model.getCoordinateSet().get(name)
        coordinate.setPrescribedFunction(function)
        coordinate.setDefaultIsPrescribed(True)
    clamped = toy.model.getCoordinateSet().get("pin0_0")
    clamped.set_clamped(True)
    clamped.setDefaultValue(clamped.getRangeMax())
    return toy.model


def ellipsoid_joint() -> Any:
    toy = Toy("ellipsoid_joint")
    body = osim.Body("b", 1.0, _vec(0, 0, 0), osim.Inertia(1))
    toy.model.addBody(body)
    z = _vec(0, 0, 0)
    toy.model.addJoint(osim.EllipsoidJoint("scapula", toy.last, z, z, body, z, z, _vec(0.1, 0.2, 0.3)))
    return toy.model


def point_constraint() -> Any:
    toy = Toy("point_constraint")
    _pins(toy, 2)
    toy.model.addConstraint(_named(osim.PointConstraint(
        toy.model.getGround(), _vec(0, 0, 0), toy.bodies["pin1"], _vec(0, 0, 0)), "closing"))  # fmt: skip
    return toy.model


def weld_constraint() -> Any:
    toy = Toy("weld_constraint")
    _pins(toy, 2)
    z = _vec(0, 0, 0)
    weld = osim.WeldConstraint("closing", toy.model.getGround(), z, z, toy.bodies["pin1"], z, z)
    toy.model.addConstraint(weld)
    return toy.model


def two_joints() -> Any:
    toy = Toy("two_joints")
    _pins(toy, 2)
    z = _vec(0, 0, 0)
    toy.model.addJoint(osim.PinJoint("second", toy.model.getGround(), z, z, toy.bodies["pin1"], z, z))
    return toy.model


def _named(component: Any, name: str) -> Any:
    component.setName(name)
    return component


def _arm(name: str) -> Toy:
    """Two hinges about z, one above the other, and one about y."""
    toy = Toy(name)
    z, up = _vec(0, 0, 0), _vec(0, 0.4, 0)
    parent = toy.model.getGround()
    for k in range(2):
        body = osim.Body(f"b{k}", 1.0, _vec(0, 0.2, 0), osim.Inertia(0.02))
        toy.model.addBody(body)
        hinge = osim.PinJoint(f"h{k}", parent, up if k else z, z, body, z, z)
        toy.model.addJoint(hinge)
        hinge.upd_coordinates(0).setName(f"q{k}")
        hinge.upd_coordinates(0).setRangeMin(-0.6)
        hinge.upd_coordinates(0).setRangeMax(0.9)
        toy.bodies[f"b{k}"] = parent = body
    return toy


def _muscle(toy: Toy, muscle: Any, name: str, insertion: float = 0.1) -> Any:
    muscle.setName(name)
    muscle.set_max_isometric_force(500.0)
    muscle.set_optimal_fiber_length(0.2)
    muscle.set_tendon_slack_length(0.3)
    muscle.set_pennation_angle_at_optimal(0.1)
    muscle.addNewPathPoint("origin", toy.model.getGround(), _vec(-0.08, -0.1, 0.01))
    muscle.addNewPathPoint("insertion", toy.bodies["b1"], _vec(-0.05, insertion, 0.02))
    toy.model.addForce(muscle)
    return muscle


def muscles() -> Any:
    toy = _arm("muscles")
    for kind in MUSCLES:
        _muscle(toy, getattr(osim, kind)(), kind)
    still = _muscle(toy, osim.Thelen2003Muscle(), "still")
    still.set_appliesForce(False)
    rigid = _muscle(toy, osim.DeGrooteFregly2016Muscle(), "rigid")
    rigid.set_ignore_tendon_compliance(True)
    rigid.set_ignore_passive_fiber_force(True)
    rigid.set_active_force_width_scale(1.3)
    return toy.model


MUSCLES = (
    "Thelen2003Muscle",
    "Millard2012EquilibriumMuscle",
    "Millard2012AccelerationMuscle",
    "DeGrooteFregly2016Muscle",
    "RigidTendonMuscle",
)


def _wrap(toy: Toy, kind: str) -> Any:
    surface = getattr(osim, kind)()
    surface.setName(kind)
    if kind == "WrapEllipsoid":
        surface.set_dimensions(_vec(0.05, 0.06, 0.07))
    elif kind == "WrapCylinder":
        surface.set_radius(0.05)
        surface.set_length(0.5)
    else:
        surface.set_radius(0.05)
    surface.set_quadrant("-x")
    toy.bodies["b0"].addWrapObject(surface)
    return surface


def paths() -> Any:
    """Curved paths of every kind; couplers and locks between them and the free coordinates."""
    toy = _arm("paths")
    for kind in ("WrapSphere", "WrapCylinder", "WrapEllipsoid"):
        muscle = _muscle(toy, osim.DeGrooteFregly2016Muscle(), kind)
        surface = _wrap(toy, kind)
        surface.set_translation(_vec(-0.02, 0.3, 0.01))
        muscle.updGeometryPath().addPathWrap(surface)
    conditional = _muscle(toy, osim.DeGrooteFregly2016Muscle(), "conditional")
    via = osim.ConditionalPathPoint()
    via.setName("via")
    via.setParentFrame(toy.bodies["b0"])
    via.setLocation(_vec(-0.066, 0.16, 0.015))
    via.updSocket("coordinate").setConnecteePath("/jointset/h0/q0")
    via.setRangeMin(-2.0)
    via.setRangeMax(0.1)
    _insert(conditional, via)
    moving = _muscle(toy, osim.DeGrooteFregly2016Muscle(), "moving")
    point = osim.MovingPathPoint()
    point.setName("via")
    point.setParentFrame(toy.bodies["b1"])
    for axis, base in (("x", -0.06), ("y", 0.03), ("z", 0.0)):
        spline = osim.SimmSpline()
        for k, q in enumerate(KNOTS):
            spline.addPoint(q, base + 0.004 * k * k / 5)
        getattr(point, f"set_{axis}_location")(spline)
        point.updSocket(f"{axis}_coordinate").setConnecteePath("/jointset/h1/q1")
    _insert(moving, point)
    _muscle(toy, osim.DeGrooteFregly2016Muscle(), "straight")
    return toy.model


def _insert(muscle: Any, point: Any) -> None:
    points = muscle.updGeometryPath().updPathPointSet()
    last = points.get(1)
    body, at = last.getParentFrame(), osim.PathPoint.safeDownCast(last).get_location()
    location = _vec(at.get(0), at.get(1), at.get(2))  # a copy: the point goes
    points.remove(1)
    points.adoptAndAppend(_given_away(point))
    muscle.addNewPathPoint("end", body, location)


def function_path() -> Any:
    toy = _arm("function_path")
    toy.model.finalizeConnections()
    muscle = osim.DeGrooteFregly2016Muscle()
    muscle.setName("by_function")
    path = osim.FunctionBasedPath()
    coordinates = osim.StdVectorString()
    for name in ("/jointset/h0/q0", "/jointset/h1/q1"):
        coordinates.append(name)
    path.setCoordinatePaths(coordinates)
    path.setLengthFunction(_multivariate([0.5, 0.05, 0.01, -0.03, 0.02, 0.005], 2, 2))
    muscle.set_path(path)
    toy.model.addForce(muscle)
    return toy.model


def forces() -> Any:
    """Every kind of force that is recorded and not applied, contact with and without the ground."""
    toy = _arm("forces")
    m, b = toy.model, toy.bodies["b1"]
    ligament = osim.Ligament()
    ligament.setName("acl")
    ligament.set_resting_length(0.2)
    ligament.set_pcsa_force(100.0)
    ligament.updGeometryPath().appendNewPathPoint("p", m.getGround(), _vec(0, 0, 0))
    ligament.updGeometryPath().appendNewPathPoint("q", b, _vec(0, 0, 0))
    z = _vec(0, 0, 0)
    stiff = _vec(1, 1, 1)
    extra = [
        ligament,
        osim.CoordinateActuator("q0"),
        osim.CoordinateLimitForce("q0", 0.9, 1.0, -0.6, 1.0, 0.1, 0.1),
        osim.BushingForce("bushing", toy.bodies["b0"], b, stiff, stiff, stiff, stiff),
        osim.ExpressionBasedBushingForce("bushing2", toy.bodies["b0"], z, z, b, z, z),
        osim.PointToPointSpring(m.getGround(), z, b, z, 10.0, 0.2),
        osim.SpringGeneralizedForce("q1"),
        osim.ExpressionBasedCoordinateForce("q1", "-10*q"),
    ]
    for k, force in enumerate(extra):
        if force.getName() in ("", "acl"):
            force.setName(force.getName() or f"force{k}")
        m.addForce(force)
    _contact(toy)
    return m


def _contact(toy: Toy) -> None:
    m, down = toy.model, _vec(0, 0, -np.pi / 2)
    floor = osim.ContactHalfSpace(_vec(0, 0, 0), down, m.getGround(), "floor")
    wall = osim.ContactHalfSpace(_vec(1, 0, 0), _vec(0, 0, 0), m.getGround(), "wall")
    ball = osim.ContactSphere(0.03, _vec(0.01, 0, 0), toy.bodies["b1"], "ball")
    for geometry in (floor, wall, ball):
        m.addContactGeometry(geometry)
    for name, plane in (("on_floor", floor), ("on_wall", wall)):
        force = osim.SmoothSphereHalfSpaceForce(name, ball, plane)
        force.set_stiffness(3e6)
        force.set_dissipation(2.0)
        force.set_static_friction(0.9)
        force.set_dynamic_friction(0.8)
        m.addForce(force)
    hertz = osim.HuntCrossleyForce()
    hertz.setName("hertz")
    hertz.addGeometry("ball")
    hertz.addGeometry("floor")
    hertz.setStiffness(1e6)
    m.addForce(hertz)


def knee() -> Any:
    """One coordinate that turns about three axes, as in published knees."""
    toy = Toy("knee")
    slots = {k: (["flexion"], _spline("SimmSpline")()) for k in (1, 2, 3, 4)}
    slots[0] = (["flexion"], osim.LinearFunction(1.0, 0.0))
    toy.add("FreeJoint", "root")
    toy.custom("knee", slots)
    return toy.model


def stray() -> Any:
    """A coupler that is a component of the model, outside its set of constraints."""
    toy = Toy("stray")
    _pins(toy, 2)
    coupler = _couple(toy.model, "lost", "pin1_0", ["pin0_0"], osim.LinearFunction(1.0, 0.0)).clone()
    toy.model.updConstraintSet().clearAndDestroy()
    toy.model.addComponent(_given_away(coupler))
    return toy.model


def reporting() -> Any:
    """A model that reports and measures as well."""
    toy = Toy("reporting")
    _pins(toy, 1)
    reporter = osim.TableReporter()
    reporter.setName("table")
    toy.model.addComponent(_given_away(reporter))
    probe = osim.ActuatorPowerProbe()
    probe.setName("power")
    toy.model.addProbe(_given_away(probe))
    return toy.model


def flip() -> Any:
    """A path that goes round a hinge on the one side or on the other, whichever is shorter."""
    toy = _arm("flip")
    surface = osim.WrapCylinder()
    surface.setName("round")
    surface.set_radius(0.05)
    surface.set_length(0.5)
    surface.set_quadrant("all")
    toy.model.updGround().addWrapObject(surface)
    muscle = osim.DeGrooteFregly2016Muscle()
    muscle.setName("either_way")
    muscle.addNewPathPoint("origin", toy.model.getGround(), _vec(0, -0.2, 0.01))
    muscle.addNewPathPoint("insertion", toy.bodies["b0"], _vec(0, 0.2, 0.02))
    toy.model.addForce(muscle)
    muscle.updGeometryPath().addPathWrap(surface)
    toy.model.getCoordinateSet().get("q0").setDefaultValue(0.3)
    return toy.model


def no_coordinates() -> Any:
    toy = Toy("no_coordinates")
    toy.add("WeldJoint", "weld")
    return toy.model


MODELS: dict[str, Callable[[], Any]] = {
    f.__name__: f
    for f in (
        joints, functions, two_coordinates, mixing, expression, couplers, circle, prescribed,
        ellipsoid_joint, point_constraint, weld_constraint, two_joints, muscles, paths, function_path,
        forces, knee, no_coordinates, stray, reporting, flip,
    )
}  # fmt: skip
