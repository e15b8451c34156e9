"""What a model has beside bodies, joints and muscles: contact and other forces. OpenSim worker."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from footstrike.model.contact_smoothing import contact_smoothing
from footstrike.model.description import ContactSphere, ContactSurface, ForceElement
from footstrike.opensim.model_text import body_fixed_xyz
from footstrike.opensim.opened_model import Array, each, pose, station, vec
from footstrike.opensim.osim import osim

_DOWN = np.array([0.0, -1.0, 0.0])
_CONTACT = "SmoothSphereHalfSpaceForce"
_ACTUATORS = ("CoordinateActuator", "ActivationCoordinateActuator", "TorqueActuator", "PointActuator",
              "BodyActuator", "PathActuator", "PointToPointActuator", "McKibbenActuator",
              "ClutchedPathSpring")  # fmt: skip


def forces(model: Any) -> tuple[tuple[ForceElement, ...], tuple[str, ...]]:
    """Every force that is neither muscle nor foot contact, and one warning for each kind of them."""
    found: list[ForceElement] = []
    off: list[ForceElement] = []
    for f in _others(model):
        (found if f.get_appliesForce() else off).append(
            ForceElement(f.getName(), f.getConcreteClassName(), _properties(f))
        )
    kinds: dict[str, list[str]] = {}
    for element in found:
        kinds.setdefault(element.kind, []).append(element.name)
    notes = [_not_applied(kind, names) for kind, names in kinds.items()]
    if off:
        notes.append(
            f"forces switched off in the file (appliesForce false): {', '.join(e.name for e in off)}"
        )
    return tuple(found), tuple(notes)


def _others(model: Any) -> list[Any]:
    components = [osim.Force.safeDownCast(c) for c in list(model.getComponentsList())]
    forces = [f for f in components if f is not None]
    return [f for f in forces if osim.Muscle.safeDownCast(f) is None and f.getConcreteClassName() != _CONTACT]


def _not_applied(kind: str, names: list[str]) -> str:
    reason = "actuators exert nothing by themselves" if kind in _ACTUATORS else "not applied by the dynamics"
    return f"{len(names)} {kind} ({reason}): {', '.join(names)}"


def _properties(component: Any) -> dict[str, str]:
    """The simple properties of a component, as written in a file."""
    out = {}
    for i in range(component.getNumProperties()):
        p = component.getPropertyByIndex(i)
        if not p.isObjectProperty() and p.getName() != "appliesForce":
            out[p.getName()] = p.toString()
    for socket in component.getSocketNames():
        out[f"socket_{socket}"] = component.getSocket(socket).getConnecteePath()
    return out


def contact(model: Any) -> tuple[tuple[ContactSphere, ...], tuple[str, ...]]:
    """Contact spheres on the ground plane, and warnings about contact that cannot be carried over."""
    spheres: list[ContactSphere] = []
    notes: list[str] = []
    differing: dict[str, list[str]] = {}
    for component in list(model.getComponentsList()):
        force = osim.SmoothSphereHalfSpaceForce.safeDownCast(component)
        if force is None:
            continue
        if not force.get_appliesForce():
            notes.append(f"contact {force.getName()} is switched off in the file (appliesForce false)")
        elif not _on_ground(force):
            notes.append(
                f"contact {force.getName()} is not with the ground's plane y = 0: not applied by the dynamics"
            )
        else:
            spheres.append(_sphere(force))
            if left := _differences(force):
                differing.setdefault(left, []).append(force.getName())
    notes += [f"contact law without {left}: {', '.join(names)}" for left, names in differing.items()]
    return tuple(spheres), tuple(notes)


def _on_ground(force: Any) -> bool:
    plane = osim.ContactHalfSpace.safeDownCast(force.getSocket("half_space").getConnecteeAsObject())
    frame = plane.getFrame()
    at = pose(frame)
    R = at.R @ _rotation(plane)
    location = at.p + at.R @ vec(plane.get_location())
    level = abs(location[1]) < 1e-6 and np.allclose(R[:, 0], _DOWN, atol=1e-6)
    return bool(level and frame.findBaseFrame().getName() == "ground")


def _rotation(geometry: Any) -> Array:
    """Rotation of contact geometry in its frame."""
    return body_fixed_xyz(*vec(geometry.get_orientation()))


def _sphere(force: Any) -> ContactSphere:
    sphere = osim.ContactSphere.safeDownCast(force.getSocket("sphere").getConnecteeAsObject())
    return ContactSphere(
        sphere.getName(),
        *station(sphere.getFrame(), sphere.get_location()),
        sphere.getRadius(),
        force.get_stiffness(),
        force.get_dissipation(),
        force.get_dynamic_friction(),
        force.get_transition_velocity(),
    )


def _differences(force: Any) -> str:
    """Parameters of the contact law that the dynamics do not have."""
    left = []
    if force.get_static_friction() != force.get_dynamic_friction():
        left.append(f"static friction {force.get_static_friction():g}")
    if force.get_viscous_friction() != 0.0:
        left.append(f"viscous friction {force.get_viscous_friction():g}")
    left += [f"{n} {getattr(force, f'get_{n}')():g}" for n, v in asdict(contact_smoothing()).items()
             if getattr(force, f"get_{n}")() != v]  # fmt: skip
    return ", ".join(left)


def surfaces(model: Any) -> tuple[ContactSurface, ...]:
    """The contact geometry of a model."""
    out = []
    for g in each(model.getContactGeometrySet()):
        frame = g.getFrame()
        at = pose(frame)
        R, p = at.R @ _rotation(g), at.p + at.R @ vec(g.get_location())
        sphere = osim.ContactSphere.safeDownCast(g)
        out.append(
            ContactSurface(
                g.getName(),
                g.getConcreteClassName(),
                frame.findBaseFrame().getName(),
                type(at)(R, p),
                sphere.getRadius() if sphere is not None else None,
            )
        )
    return tuple(out)
