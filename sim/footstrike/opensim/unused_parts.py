"""Parts of a model file that nothing here reads, so that none is dropped in silence. OpenSim worker."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from footstrike.opensim.osim import osim

_TAG = re.compile(r"<(/?)([A-Za-z_][\w.:-]*)([^<>]*?)(/?)>")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_NAME = re.compile(r'\bname="([^"]*)"')
_LISTS = ("objects", "components")
_PICTURES = ("DisplayGeometry", "VisibleObject")  # of older files
_READ = ("Frame", "Joint", "Coordinate", "Force", "Constraint", "Controller", "Marker", "ContactGeometry",
         "WrapObject", "AbstractPathPoint", "Station", "Geometry")  # fmt: skip


def unused(model: Any, text: str) -> list[str]:
    """One warning for each kind of component that is left out: unknown to OpenSim, reporting, or of no use here."""
    listed = list(listed_components(text))
    notes = {
        "OpenSim does not know these types (a plugin's?), they are left out": [
            f"{name} ({kind})" for kind, name in listed if not _known(kind)
        ],
        "probes and reporters are not used": [f"{name} ({kind})" for kind, name in listed if _reports(kind)],
        "components that nothing here uses": [
            f"{c.getName()} ({c.getConcreteClassName()})" for c in _others(model)
        ],
    }
    return [f"{what}: {', '.join(dict.fromkeys(named))}" for what, named in notes.items() if named]


def listed_components(text: str) -> Iterator[tuple[str, str]]:
    """Type and name of every member of a list of components in a model file, well-formed or not."""
    above: list[str] = []
    for found in _TAG.finditer(_COMMENT.sub("", text)):
        closing, kind, attributes, empty = found.groups()
        if closing:
            while above and above.pop() != kind:
                pass
            continue
        if above and above[-1] in _LISTS:
            named = _NAME.search(attributes)
            yield kind, named.group(1) if named else "unnamed"
        if not empty:
            above.append(kind)


def _known(kind: str) -> bool:
    return kind in _PICTURES or osim.OpenSimObject.getDefaultInstanceOfType(kind) is not None


def _reports(kind: str) -> bool:
    return kind.endswith("Probe") or "Reporter" in kind


def _others(model: Any) -> list[Any]:
    """Components of the model itself, outside its sets of bodies, joints and so on, of no type that is read."""
    own = [c for c in list(model.getComponentsList()) if _free_standing(c.getAbsolutePathString())]
    return [
        c for c in own if not any(_is(c, base) for base in _READ) and not _reports(c.getConcreteClassName())
    ]


def _free_standing(path: str) -> bool:
    folder, _, name = path.strip("/").rpartition("/")
    return folder == "componentset" or not (folder or name == "ground" or name.endswith("set"))


def _is(component: Any, base: str) -> bool:
    return getattr(osim, base).safeDownCast(component) is not None
