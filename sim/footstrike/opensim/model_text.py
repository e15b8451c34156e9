"""What has to be done to the text of a model file before OpenSim can read it. Runs in the OpenSim worker."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from footstrike.errors import ModelError
from footstrike.model.description import Array, ContactSurface, ForceElement, Pose

_MESH = re.compile(r"<ContactMesh(\s[^>]*)?>.*?</ContactMesh>", re.DOTALL)
_MESH_FORCE = re.compile(r"<(ElasticFoundationForce|HuntCrossleyForce)(\s[^>]*)?>.*?</\1>", re.DOTALL)


@dataclass(frozen=True)
class Readable:
    """The text without contact meshes, whose files lie elsewhere and whose absence stops OpenSim.

    Attributes
    ----------
    surfaces, forces
        The meshes, and the forces that need them.
    controllers
        Names and types of the controllers, which are not used.
    """

    text: str
    surfaces: tuple[ContactSurface, ...]
    forces: tuple[ForceElement, ...]
    controllers: tuple[str, ...]

    @property
    def warnings(self) -> list[str]:
        """What is not carried over."""
        meshes = ", ".join(f"{s.name} ({s.file})" for s in self.surfaces)
        forces = ", ".join(f"{f.name} ({f.kind})" for f in self.forces)
        notes = {
            "contact meshes are not read": meshes,
            "forces that need contact meshes are not applied by the dynamics": forces,
            "controllers are not used": ", ".join(self.controllers),
        }
        return [f"{what}: {named}" for what, named in notes.items() if named]


def readable(text: str) -> Readable:
    """Check that a text is an OpenSim model at all, and take its contact meshes out.

    Raises
    ------
    ModelError
        It is something else.
    """
    if "<OpenSimDocument" not in text or not re.search(r"<Model[\s>/]", text):
        start = " ".join(text.split())[:40]
        raise ModelError(
            f"OpenSim cannot read the model: there is no OpenSimDocument with a Model in it, it begins {start!r}"
        )
    meshes = [_surface(m.group(0)) for m in _MESH.finditer(text)]
    names = {m.name for m in meshes}
    forces: list[ForceElement] = []

    def keep(found: re.Match[str]) -> str:
        touched = {
            n for g in re.findall(r"<geometry>(.*?)</geometry>", found.group(0), re.DOTALL) for n in g.split()
        }
        if not touched & names:
            return found.group(0)
        forces.append(
            ForceElement(_name(found.group(0)), found.group(1), {"geometry": " ".join(sorted(touched))})
        )
        return ""

    if names:
        text = _MESH_FORCE.sub(keep, _MESH.sub("", text))
    return Readable(text, tuple(meshes), tuple(forces), tuple(_controllers(text)))


def reason(error: Exception, text: str) -> str:
    """OpenSim's complaint about a model in one line, with what to do about it."""
    said = str(error)
    broken = re.search(r"with error '([^']+)'", said)
    if broken:
        return f"it is not well-formed XML: {broken.group(1)}"
    unknown = re.search(r"object type '\{?([^'{}]+)\}?' is not a registered", said)
    if unknown:
        kind = unknown.group(1)
        named = re.search(rf'<{re.escape(kind)}\s+name="([^"]*)"', text)
        component = f"component {named.group(1)!r}" if named else "a component"
        return (
            f"{component} is of type {kind!r}, which OpenSim does not know (a plugin's?): "
            "remove it or replace it by a type of OpenSim 4"
        )
    lines = [re.sub(r"^std::exception in '[^']*':\s*", "", line).strip() for line in said.splitlines()]
    told = [
        line
        for line in lines
        if line and not line.startswith(("SimTK Exception", "(Required condition", "Thrown at"))
    ]
    where = [line for line in told[2:] if line.startswith("In Component")]
    return " ".join(told[:2] + where[:1]) or "OpenSim gives no reason"


def _controllers(text: str) -> list[str]:
    found = re.search(r"<ControllerSet[\s>].*?</ControllerSet>", text, re.DOTALL)
    named = re.findall(r'<(\w*Controller)\s+name="([^"]*)"', found.group(0)) if found else []
    return [f"{name} ({kind})" for kind, name in named]


def _surface(xml: str) -> ContactSurface:
    frame = _text(xml, "socket_frame") or _text(xml, "body_name") or "ground"
    x, y, z = _numbers(_text(xml, "orientation"))
    pose = Pose(body_fixed_xyz(x, y, z), _numbers(_text(xml, "location")))
    return ContactSurface(
        _name(xml), "ContactMesh", frame.split("/")[-1], pose, None, _text(xml, "filename") or None
    )


def _name(xml: str) -> str:
    found = re.match(r'<\S+[^>]*?\sname="([^"]*)"', xml)
    return found.group(1) if found else ""


def _text(xml: str, tag: str) -> str:
    found = re.search(rf"<{tag}>(.*?)</{tag}>", xml, re.DOTALL)
    return found.group(1).strip() if found else ""


def _numbers(text: str) -> Array:
    values = [float(v) for v in text.split()]
    return np.array(values) if len(values) == 3 else np.zeros(3)


def body_fixed_xyz(x: float, y: float, z: float) -> Array:
    """Rotation by body-fixed angles about x, then y, then z (3, 3)."""
    return np.asarray(Rotation.from_euler("XYZ", [x, y, z]).as_matrix())
