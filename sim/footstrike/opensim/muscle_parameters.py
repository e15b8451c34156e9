"""Muscles of a model as plain data: parameters, and what kind of path they have. OpenSim worker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from footstrike.errors import ModelError
from footstrike.model.description import Muscle
from footstrike.model.muscle_curves import muscle_curves
from footstrike.opensim.fibre_curves import CurveFit, closest_curves, fastest
from footstrike.opensim.opened_model import Array, each, station
from footstrike.opensim.osim import osim

RIGID_TENDON = 0.0


@dataclass(frozen=True)
class MuscleList:
    """Muscles in the model's order, OpenSim's objects of the same, and warnings about what was left out."""

    described: tuple[Muscle, ...]
    objects: tuple[Any, ...]
    warnings: tuple[str, ...]


def muscles(model: Any) -> MuscleList:
    """The muscles that apply force; curved paths are still empty (see :mod:`opensim_paths`)."""
    objects = [m for m in list(model.getMuscleList()) if m.get_appliesForce()]
    cached: dict[str, CurveFit] = {}
    mapped = [closest_curves(m, cached) for m in objects]
    notes = []
    still = [m.getName() for m in list(model.getMuscleList()) if not m.get_appliesForce()]
    if still:
        notes.append(
            f"muscles switched off in the file (appliesForce false) are left out: {', '.join(still)}"
        )
    blind = sorted(
        {m.getConcreteClassName() for m, c in zip(objects, mapped, strict=True) if c.error is None}
    )
    if blind:
        notes.append(
            f"force curves of {', '.join(blind)} could not be evaluated: "
            "unchanged De Groote-Fregly curves are used"
        )
    groups = _groups(model)
    described = tuple(
        _muscle(m, c, _narrowest(groups, m.getName())) for m, c in zip(objects, mapped, strict=True)
    )
    return MuscleList(described, tuple(objects), tuple(notes))


def _groups(model: Any) -> list[Any]:
    forces = model.getForceSet()
    return [forces.getGroup(i) for i in range(forces.getNumGroups())]


def _narrowest(groups: list[Any], name: str) -> str:
    """The group with the fewest members that has a muscle: files also group by side or by what is moved."""
    own = [g for g in groups if g.contains(name)]
    return str(min(own, key=lambda g: g.getMembers().getSize()).getName()) if own else ""


def _muscle(m: Any, curves: CurveFit, group: str) -> Muscle:
    return Muscle(
        name=m.getName(),
        max_isometric_force=m.getMaxIsometricForce(),
        optimal_fibre_length=m.getOptimalFiberLength(),
        tendon_slack_length=m.getTendonSlackLength(),
        pennation=m.getPennationAngleAtOptimalFiberLength(),
        max_velocity=fastest(m),
        path=straight_path(m) or (),
        kind=m.getConcreteClassName(),
        width_scale=curves.width_scale,
        passive_strain=curves.passive_strain,
        tendon_strain=_tendon_strain(m),
        fibre_damping=_number(m, "fiber_damping", 0.0),
        mapping_error=float("nan") if curves.error is None else curves.error,
        mapping_rms=curves.rms,
        group=group,
    )


def _tendon_strain(m: Any) -> float:
    kind = m.getConcreteClassName()
    if kind == "RigidTendonMuscle" or m.get_ignore_tendon_compliance():
        return RIGID_TENDON
    if m.hasProperty("TendonForceLengthCurve"):
        curve = m.getPropertyByName("TendonForceLengthCurve").getValueAsObject()
        return float(osim.TendonForceLengthCurve.safeDownCast(curve).getStrainAtOneNormForce())
    for name in ("FmaxTendonStrain", "tendon_strain_at_one_norm_force"):
        if m.hasProperty(name):
            return _number(m, name, muscle_curves().tendon_strain)
    return muscle_curves().tendon_strain


def _number(m: Any, name: str, otherwise: float) -> float:
    if not m.hasProperty(name):
        return otherwise
    return float(osim.PropertyHelper.getValueDouble(m.getPropertyByName(name)))


def geometry(m: Any) -> Any:
    """The GeometryPath of a muscle, or None where its path is given by functions.

    Raises
    ------
    ModelError
        The path is of another type.
    """
    path = m.getPath()
    kind = path.getConcreteClassName()
    if kind == "GeometryPath":
        return osim.GeometryPath.safeDownCast(path)
    if kind == "FunctionBasedPath":
        return None
    raise ModelError(
        f"muscle {m.getName()!r} has a path of type {kind}, which cannot be expressed: replace it by a "
        "FunctionBasedPath (OpenSim's PolynomialPathFitter makes one)"
    )


def straight_path(m: Any) -> tuple[tuple[str, Array], ...] | None:
    """The points of a path of straight lines between points fixed on bodies; None for any other path."""
    path = geometry(m)
    if path is None or path.getWrapSet().getSize():
        return None
    points = each(path.getPathPointSet())
    if any(p.getConcreteClassName() != "PathPoint" for p in points):
        return None
    fixed = [osim.PathPoint.safeDownCast(p) for p in points]
    return tuple(station(p.getParentFrame(), p.get_location()) for p in fixed)


def function_path(m: Any) -> tuple[Any, list[str]]:
    """The FunctionBasedPath of a muscle and the names of its coordinates."""
    path = osim.FunctionBasedPath.safeDownCast(m.getPath())
    names = path.getPropertyByName("coordinate_paths")
    listed = [osim.PropertyHelper.getValueString(names, i) for i in range(names.size())]
    return path, [p.split("/")[-1] for p in listed]
