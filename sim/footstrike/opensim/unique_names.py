"""Names that several components of a model share, made unique so that they can be keys. OpenSim worker.

OpenSim tells components apart by their paths; everything here, and every table of a motion, by their names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from footstrike.errors import ModelError
from footstrike.opensim.lenient_xml import Element
from footstrike.opensim.log import Log
from footstrike.opensim.osim import osim

_REFERRED_TO = ("BodySet", "JointSet", "ContactGeometrySet", "WrapObjectSet", "Model")


def refuse_same_paths(log: Log) -> list[str]:
    """Raise a ModelError that names two components with one path that others may refer to.

    Returns
    -------
    list of str
        One warning about those that nothing refers to: OpenSim gave them other names.
    """
    for kind, owner, name in log.renamed:
        if kind in _REFERRED_TO or kind.endswith("Joint"):
            raise ModelError(
                f"{kind} {owner!r} has two components of the name {name!r}, and it cannot be told which of them "
                "is meant where the name is used: rename one"
            )
    named = [f"{name} in {owner}" for _, owner, name in log.renamed]
    return [f"names given twice, OpenSim numbers the later ones: {', '.join(named)}"] if named else []


def distinguish(model: Any, document: Element) -> list[str]:
    """Rename components of one kind that share a name, in ``model`` (connected), after what holds them.

    Raises
    ------
    ModelError
        Something else names one of the coordinates by the bare name.

    Returns
    -------
    list of str
        One warning for each kind, with paths and new names.
    """
    coordinates = [
        j.upd_coordinates(i) for j in list(model.getJointList()) for i in range(j.numCoordinates())
    ]
    shared = _shared(coordinates)
    _refuse_bare(shared, document)
    kinds = {
        "coordinates": coordinates,
        "bodies": [model.getGround(), *list(model.getBodyList())],
        "joints": list(model.getJointList()),
        "muscles": list(model.getMuscleList()),
        "markers": [
            m for c in list(model.getComponentsList()) if (m := osim.Marker.safeDownCast(c)) is not None
        ],
    }
    notes = []
    for kind, members in kinds.items():
        renamed = [f"{old} is {new}" for old, new in _rename(members)]
        if renamed:
            notes.append(f"{kind} that share a name are told apart by what holds them: {', '.join(renamed)}")
    if notes:
        model.finalizeConnections()
    return notes


def same_surfaces(model: Any) -> list[str]:
    """One warning about wrapping surfaces of one name on several bodies: which one OpenSim takes."""
    bodies: dict[str, list[str]] = {}
    for body in (model.getGround(), *list(model.getBodyList())):
        surfaces = body.getWrapObjectSet()
        for i in range(surfaces.getSize()):
            bodies.setdefault(surfaces.get(i).getName(), []).append(body.getName())
    ambiguous = [name for name, on in bodies.items() if len(on) > 1]
    taken: dict[tuple[str, str], list[str]] = {}
    for muscle in list(model.getMuscleList()) if ambiguous else ():
        path = osim.GeometryPath.safeDownCast(muscle.getPath())
        for k in range(path.getWrapSet().getSize() if path is not None else 0):
            surface = path.getWrapSet().get(k).getWrapObject()
            if surface is not None and surface.getName() in ambiguous:
                taken.setdefault((surface.getName(), surface.getFrame().getName()), []).append(
                    muscle.getName()
                )
    named = [
        f"{name} on {' and '.join(bodies[name])} (that of {body} is taken for {', '.join(muscles)})"
        for (name, body), muscles in taken.items()
    ]
    return [f"wrapping surfaces of one name on several bodies: {'; '.join(named)}"] if named else []


def _shared(members: Iterable[Any]) -> dict[str, list[str]]:
    """Names that several members have, with the paths of these."""
    paths: dict[str, list[str]] = {}
    for m in members:
        paths.setdefault(m.getName(), []).append(m.getAbsolutePathString())
    return {name: listed for name, listed in paths.items() if len(listed) > 1}


def _rename(members: list[Any]) -> list[tuple[str, str]]:
    shared = _shared(members)
    taken = Counter(m.getName() for m in members)
    renamed = []
    for m in members:
        old, path = m.getName(), m.getAbsolutePathString()
        if old not in shared or path == "/ground":
            continue
        holder = path.split("/")[-2] or "model"
        new = f"{holder}_{old}"
        while new in taken:
            new += "_"
        taken[new] += 1
        _name_in_axes(m, old, new)
        m.setName(new)
        renamed.append((path, new))
    return renamed


def _name_in_axes(component: Any, old: str, new: str) -> None:
    """Let the axes of a CustomJoint follow its coordinate."""
    coordinate = osim.Coordinate.safeDownCast(component)
    joint = None if coordinate is None else osim.CustomJoint.safeDownCast(coordinate.getJoint())
    if joint is None:
        return
    for i in range(6):
        axis = joint.updSpatialTransform().updTransformAxis(i)
        names = axis.getCoordinateNamesInArray()
        listed = [names.get(k) for k in range(names.size())]
        if old in listed:
            array = osim.ArrayStr()
            for name in listed:
                array.append(new if name == old else name)
            axis.setCoordinateNames(array)


def _refuse_bare(shared: dict[str, list[str]], document: Element) -> None:
    for e in document.walk() if shared else ():
        if "coordinate" not in e.kind.lower() or any(a.kind.endswith("Joint") for a in e.lineage):
            continue
        for name in e.text.split() if not e.children else ():
            if name in shared:
                raise ModelError(
                    f"{e.owner} names the coordinate {name!r}, which is {' and '.join(shared[name])}: rename one"
                )
