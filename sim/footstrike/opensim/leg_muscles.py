"""Leg muscles with points that come and go or move, as OpenSim muscles. Runs in the OpenSim worker."""

from __future__ import annotations

from typing import Any

from footstrike.model.leg_tables import leg_tissue, tendon_strain, tendon_stretches
from footstrike.model.rows import FascicleRow, MuscleRow, PathPointRow
from footstrike.opensim.osim import osim


def muscle_of(row: FascicleRow | MuscleRow) -> Any:
    """A muscle of rigid tendon with the parameters of a row, still without a path."""
    muscle = osim.DeGrooteFregly2016Muscle()
    muscle.setName(row.name)
    muscle.set_max_isometric_force(row.max_isometric_force)
    muscle.set_optimal_fiber_length(row.optimal_fibre_length)
    muscle.set_tendon_slack_length(row.tendon_slack_length)
    muscle.set_pennation_angle_at_optimal(row.pennation)
    muscle.set_max_contraction_velocity(leg_tissue().max_contraction_velocity)
    muscle.set_ignore_tendon_compliance(True)
    return muscle


def add_leg_muscle(model: Any, row: MuscleRow) -> None:
    """Add a muscle to a model that has its bodies and coordinates; its tendon is rigid unless its stretch matters."""
    muscle = muscle_of(row)
    muscle.set_ignore_tendon_compliance(not tendon_stretches(row))
    muscle.set_tendon_strain_at_one_norm_force(tendon_strain(row))
    muscle.set_passive_fiber_strain_at_one_norm_force(leg_tissue().passive_strain)
    points = osim.GeometryPath.safeDownCast(muscle.updPath()).updPathPointSet()
    for k, point in enumerate(row.path):
        made = _point(model, point)
        made.setName(f"{row.name}-P{k + 1}")
        points.cloneAndAppend(made)
    model.addForce(muscle)


def _point(model: Any, row: PathPointRow) -> Any:
    """A point that knows its frame and coordinate by their paths: a copy of it forgets the objects."""
    sockets: tuple[str, ...] = ()
    if row.moves:
        point = _moving(row)
        sockets = ("x_coordinate", "y_coordinate", "z_coordinate")
    elif row.within is not None:
        point, sockets = osim.ConditionalPathPoint(), ("coordinate",)
        for k, limit in enumerate(row.within):
            point.set_range(k, limit)
    else:
        point = osim.PathPoint()
    if not row.moves:
        point.setLocation(osim.Vec3(*row.at))
    point.updSocket("parent_frame").setConnecteePath(f"/bodyset/{row.body}")
    for socket in sockets:
        point.updSocket(socket).setConnecteePath(_coordinate_path(model, row.coordinate))
    return point


def _moving(row: PathPointRow) -> Any:
    point = osim.MovingPathPoint()
    setters = (point.set_x_location, point.set_y_location, point.set_z_location)
    for values, setter in zip(row.moves, setters, strict=True):
        spline = osim.SimmSpline()
        for knot, value in zip(row.knots, values, strict=True):
            spline.addPoint(knot, value)
        setter(spline)
    return point


def _coordinate_path(model: Any, name: str) -> str:
    for joint in list(model.getJointList()):
        for k in range(joint.numCoordinates()):
            if joint.get_coordinates(k).getName() == name:
                return f"/jointset/{joint.getName()}/{name}"
    raise KeyError(name)
