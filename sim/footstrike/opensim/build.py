"""The runner as an OpenSim model, built from the tables of models/. Runs in the OpenSim worker."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from scipy.constants import g

from footstrike.model.factors import multiplied
from footstrike.model.placement import SPINE_DIRECTIONS
from footstrike.model.rows import (
    LUMBAR_AXES,
    SLOTS,
    AxisRow,
    CoordinateRow,
    FascicleRow,
    JointRow,
    MuscleRow,
    RunnerTables,
)
from footstrike.model.scaling import scaled
from footstrike.model.subject import Subject
from footstrike.model.tables import carried_tables, load_tables, rhythm_named
from footstrike.opensim.leg_muscles import add_leg_muscle, muscle_of
from footstrike.opensim.osim import osim

DEPENDENT_RANGE = 1.6  # rad, of coordinates that a coupler drives
GROUND_PLANE = "ground_plane"


def build_runner(spec: Subject) -> str:
    """Build the runner and return it as the text of an .osim file.

    Free coordinates are those of Hamner 2010 without forearm rotation and wrist. The lumbar joints carry the
    names of their levels; the coordinates of L5S1 are the trunk's total, each level turns by its share.
    """
    tables = carried_tables() if spec.fitted_contact else load_tables(fitted_contact=False)
    model = runner_model(spec, scaled(multiplied(tables, spec.factors), spec))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "runner.osim"
        model.printToXML(str(path))
        return path.read_text(encoding="utf-8")


def runner_model(spec: Subject, tables: RunnerTables) -> Any:
    """The same as an ``opensim.Model`` with connections made."""
    model = osim.Model()
    model.setName(spec.name)
    model.setGravity(osim.Vec3(0, -g, 0))
    _add_bodies(model, tables)
    ranges = {c.name: c for c in tables.coordinates}
    motions = _motions_by_joint(tables, spec.rhythm)
    for joint in tables.joints:
        _add_joint(model, joint, motions.get(joint.name, []), ranges)
    for dependent, independent, slope in _couplings(tables, spec.rhythm):
        _add_coupler(model, dependent, independent, slope)
    for fascicle in tables.fascicles[spec.trunk]:
        _add_muscle(model, fascicle)
    for muscle in tables.leg_muscles.get(spec.legs, ()):
        add_leg_muscle(model, muscle)
    _add_groups(model, (*tables.fascicles[spec.trunk], *tables.leg_muscles.get(spec.legs, ())))
    for landmark in tables.landmarks:
        model.addMarker(
            osim.Marker(landmark.name, _physical(model, landmark.body), osim.Vec3(*landmark.location))
        )
    if spec.contact:
        _add_contact(model, tables)
    if spec.actuators:
        _add_actuators(model, tables)
    model.finalizeConnections()
    return model


def _physical(model: Any, name: str) -> Any:
    return model.getGround() if name == "ground" else model.getBodySet().get(name)


def _add_bodies(model: Any, tables: RunnerTables) -> None:
    for b in tables.bodies:
        model.addBody(osim.Body(b.name, b.mass, osim.Vec3(*b.com), osim.Inertia(*b.moments)))


def _motions_by_joint(tables: RunnerTables, rhythm: str) -> dict[str, list[AxisRow]]:
    """Motions of every joint; those of the lumbar levels follow from the rhythm."""
    out: dict[str, list[AxisRow]] = {}
    for axis in tables.axes:
        out.setdefault(axis.joint, []).append(axis)
    fractions = rhythm_named(tables, rhythm).fractions
    spine = [j.name for j in tables.joints if j.kind == "spine"]
    for level in spine:
        for slot, name in zip(SLOTS, LUMBAR_AXES, strict=False):
            share = fractions[name][level]
            if share > 0.0:
                first = level == spine[0]
                coordinate = f"lumbar_{name}" if first else f"{level}_{name}"
                function = (0.0, share) if first else (0.0, 1.0)
                row = AxisRow(level, slot, SPINE_DIRECTIONS[name], coordinate, function, "rhythm.csv")
                out.setdefault(level, []).append(row)
    return out


def _couplings(tables: RunnerTables, rhythm: str) -> list[tuple[str, str, float]]:
    out = [(c.dependent, c.independent, c.slope) for c in tables.couplers]
    fractions = rhythm_named(tables, rhythm).fractions
    spine = [j.name for j in tables.joints if j.kind == "spine"]
    for level in spine[1:]:
        for name in LUMBAR_AXES:
            if fractions[name][level] > 0.0:
                out.append((f"{level}_{name}", f"lumbar_{name}", fractions[name][level]))
    return out


def _add_joint(model: Any, row: JointRow, motions: list[AxisRow], ranges: dict[str, CoordinateRow]) -> None:
    parent, child = _physical(model, row.parent), _physical(model, row.child)
    frames = (
        parent,
        osim.Vec3(*row.parent_at),
        osim.Vec3(*row.parent_turned),
        child,
        osim.Vec3(*row.child_at),
        osim.Vec3(0),
    )
    if not motions:
        model.addJoint(osim.WeldJoint(row.name, *frames))
        return
    joint = osim.CustomJoint(row.name, *frames, _spatial_transform(motions))
    model.addJoint(joint)
    for k in range(joint.numCoordinates()):
        _set_range(joint.upd_coordinates(k), ranges)


def _spatial_transform(motions: list[AxisRow]) -> Any:
    transform = osim.SpatialTransform()
    by_slot = {m.slot: m for m in motions}
    directions = _directions(by_slot)
    for k, slot in enumerate(SLOTS):
        axis = transform.updTransformAxis(k)
        axis.setAxis(osim.Vec3(*map(float, directions[slot])))
        if slot in by_slot:
            motion = by_slot[slot]
            axis.setCoordinateNames(osim.ArrayStr(motion.coordinate, 1))
            axis.set_function(_function(motion.function))
        else:
            axis.set_function(osim.Constant(0.0))
    return transform


def _directions(by_slot: dict[str, AxisRow]) -> dict[str, Any]:
    """Axes of all six slots: those given, and for unused rotations any that complete a basis."""
    out: dict[str, Any] = {f"translation{k + 1}": np.eye(3)[k] for k in range(3)}
    out |= {slot: np.array(m.direction, dtype=float) for slot, m in by_slot.items()}
    basis = [out[s] for s in SLOTS[:3] if s in out]
    for slot in SLOTS[:3]:
        if slot not in out:
            spans = (
                [np.linalg.svd(np.array([*basis, e]))[1][-1] for e in np.eye(3)] if basis else [1.0, 0.0, 0.0]
            )
            out[slot] = np.eye(3)[int(np.argmax(spans))]
            basis.append(out[slot])
    return out


def _function(coefficients: tuple[float, ...]) -> Any:
    if len(coefficients) == 2:
        return osim.LinearFunction(coefficients[1], coefficients[0])
    highest_first = osim.Vector(len(coefficients), 0.0)
    for k, value in enumerate(reversed(coefficients)):
        highest_first.set(k, value)
    return osim.PolynomialFunction(highest_first)


def _set_range(coordinate: Any, ranges: dict[str, CoordinateRow]) -> None:
    row = ranges.get(coordinate.getName())
    if row is None:
        coordinate.setRangeMin(-DEPENDENT_RANGE)
        coordinate.setRangeMax(DEPENDENT_RANGE)
        return
    coordinate.setRangeMin(row.minimum)
    coordinate.setRangeMax(row.maximum)
    coordinate.setDefaultValue(row.default)


def _add_coupler(model: Any, dependent: str, independent: str, slope: float) -> None:
    coupler = osim.CoordinateCouplerConstraint()
    coupler.setName(f"{dependent}_coupler")
    coupler.setIndependentCoordinateNames(osim.ArrayStr(independent, 1))
    coupler.setDependentCoordinateName(dependent)
    coupler.setFunction(osim.LinearFunction(slope, 0.0))
    model.addConstraint(coupler)


def _add_muscle(model: Any, row: FascicleRow) -> None:
    muscle = muscle_of(row)
    for k, (body, at) in enumerate(row.path):
        muscle.addNewPathPoint(f"{row.name}-P{k + 1}", _physical(model, body), osim.Vec3(*at))
    model.addForce(muscle)


def _add_groups(model: Any, muscles: Iterable[FascicleRow | MuscleRow]) -> None:
    forces = model.updForceSet()
    known = set()
    for row in muscles:
        if row.group not in known:
            forces.addGroup(row.group)
            known.add(row.group)
        forces.addObjectToGroup(row.group, row.name)


def _add_contact(model: Any, tables: RunnerTables) -> None:
    plane = osim.ContactHalfSpace(osim.Vec3(0), osim.Vec3(0, 0, -np.pi / 2), model.getGround(), GROUND_PLANE)
    model.addContactGeometry(plane)
    for row in tables.spheres:
        sphere = osim.ContactSphere(
            row.radius, osim.Vec3(*row.location), _physical(model, row.body), row.name
        )
        model.addContactGeometry(sphere)
        force = osim.SmoothSphereHalfSpaceForce(f"contact_{row.name}", sphere, plane)
        setters: dict[Callable[[float], None], float] = {
            force.set_stiffness: row.stiffness,
            force.set_dissipation: row.dissipation,
            force.set_static_friction: row.static_friction,
            force.set_dynamic_friction: row.dynamic_friction,
            force.set_viscous_friction: row.viscous_friction,
            force.set_transition_velocity: row.transition_velocity,
        }
        for setter, value in setters.items():
            setter(value)
        model.addForce(force)


def _add_actuators(model: Any, tables: RunnerTables) -> None:
    dependent = {c.dependent for c in tables.couplers}
    for row in tables.coordinates:
        if row.name.startswith("pelvis_") or row.name in dependent:
            continue
        actuator = osim.CoordinateActuator(row.name)
        actuator.setName(f"torque_{row.name}")
        actuator.setOptimalForce(1.0)
        model.addForce(actuator)
