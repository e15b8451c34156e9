"""Numbers of a model file that OpenSim would read in part, or not at all, without an error. OpenSim worker.

OpenSim takes what a number begins with and forgets the rest ("10,5" is 10), and keeps its default where a
list is too short. Its own table of properties says which elements hold numbers, and how many.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from footstrike.errors import ModelError
from footstrike.opensim.lenient_xml import Element
from footstrike.opensim.osim import osim

_NUMBER = re.compile(r"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|inf(?:inity)?|nan),?", re.IGNORECASE)
_WHOLE = re.compile(r"[+-]?\d+(?:\.0*)?,?")
_TRUTH = re.compile(r"true|false|[01]", re.IGNORECASE)
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+(?:[eE][+-]?\d+)?")
_BEGINNING = re.compile(r"[+-]?\.?\d")
_ENDLESS = 2**31 - 1
_PICTURES = ("VisibleObject", "DisplayGeometry", "Appearance", "attached_geometry", "GeometrySet",
             "ModelVisualPreferences", "ModelDisplayHints")  # fmt: skip
_SIZES = {"double": 1, "int": 1, "bool": 1, "Vec2": 2, "Vec3": 3, "Vec4": 4, "Vec6": 6, "Transform": 6}


@dataclass(frozen=True)
class Kind:
    """How many numbers of which kind an element holds."""

    type: str
    least: int = 1
    most: int = 1

    @property
    def is_numeric(self) -> bool:
        """Whether numbers, or true and false, are held."""
        return self.type in _SIZES or self.type == "Vector"

    @property
    def least_numbers(self) -> int:
        """The smallest count of values."""
        return 0 if self.type == "Vector" else self.least * _SIZES[self.type]

    @property
    def most_numbers(self) -> int:
        """The largest count of values."""
        endless = self.type == "Vector" or self.most >= _ENDLESS
        return _ENDLESS if endless else self.most * _SIZES[self.type]


_OLD_INERTIA = {f"inertia_{ij}" for ij in ("xx", "yy", "zz", "xy", "xz", "yz")}
_OLD = dict.fromkeys(_OLD_INERTIA, Kind("double")) | {
    name: Kind("Vec3")
    for name in (
        "location_in_parent", "orientation_in_parent", "location", "orientation",
        "location_body_1", "location_body_2", "orientation_body_1", "orientation_body_2",
    )
}  # fmt: skip
"""Of files before version 4, which OpenSim converts."""


def refuse_broken_numbers(document: Element) -> list[str]:
    """Raise a ModelError that names component, property and text of a number that OpenSim would cut.

    Returns
    -------
    list of str
        Warnings that name numbers that are left empty, and mass centres and inertias of bodies that are not there
        at all: they take OpenSim's defaults.
    """
    empty = []
    for e in document.walk():
        if e.children or e.above is None:
            continue
        fault = _fault(e)
        if fault is not None:
            raise ModelError(f"{e.owner}: {e.kind} {_short(e.text)!r} {fault}")
        kind = _own(e)
        if kind is not None and kind.least_numbers > 0 and not e.text.strip() and not _is_picture(e):
            empty.append(f"{e.kind} of {e.owner}")
    _refuse_repeated(document)
    notes = {
        "numbers left empty take OpenSim's defaults": empty,
        "mass centres and inertias that are not in the file are zero": list(_not_there(document)),
    }
    return [f"{what}: {', '.join(named)}" for what, named in notes.items() if named]


def _not_there(document: Element) -> Iterator[str]:
    """What the bodies with mass do not have, by name."""
    for e in document.walk():
        there = {child.kind: child.text for child in e.children}
        if e.kind != "Body" or not any(c in "123456789" for c in there.get("mass", "")):
            continue
        wanted = _OLD_INERTIA if _OLD_INERTIA & there.keys() else {"inertia"}
        yield from (f"{what} of {e.name}" for what in ("mass_center", *sorted(wanted)) if what not in there)


def _fault(e: Element) -> str | None:
    words = e.text.split()
    if not words:
        return None
    kind = _own(e)
    known = _by_tag().get(e.kind, frozenset())
    if kind is None and any(not k.is_numeric for k in known):
        return None
    comma = next((w for w in words if _DECIMAL_COMMA.fullmatch(w.rstrip(","))), None)
    if comma is not None and (kind is not None or all(_looks_numeric(w) for w in words)):
        return f"has a decimal comma ({comma!r}): write a point"
    if _is_picture(e) or (kind is None and not known):
        return None
    kinds = {kind.type} if kind else {k.type for k in known}
    odd = next((w for w in words if not any(_reads(t, w) for t in kinds)), None)
    if kind is None and odd is not None and not _BEGINNING.match(odd):
        return None
    if odd is not None:
        return f"is not {_noun(kinds)}: {_short(odd)!r} cannot be read"
    return None if kind is None else _miscount(kind, len(words))


def _looks_numeric(word: str) -> bool:
    return re.fullmatch(r"[+-]?[\d.,]+(?:[eE][+-]?\d+)?", word) is not None


def _reads(type_: str, word: str) -> bool:
    pattern = {"int": _WHOLE, "bool": _TRUTH}.get(type_, _NUMBER)
    return pattern.fullmatch(word.strip("()~[]") if type_ == "Vector" else word) is not None


def _noun(types: set[str]) -> str:
    if types == {"bool"}:
        return "true or false"
    return "a whole number" if types == {"int"} else "a number"


def _miscount(kind: Kind, count: int) -> str | None:
    least, most = kind.least_numbers, kind.most_numbers
    if least <= count <= most:
        return None
    wanted = f"{least}" if least == most else f"{least} to {most}" if most < _ENDLESS else f"at least {least}"
    return f"holds {count} values instead of {wanted}"


def _refuse_repeated(document: Element) -> None:
    for e in document.walk():
        seen: dict[str, Element] = {}
        for child in e.children:
            if child.children or _own(child) is None:
                continue
            other = seen.setdefault(child.kind, child)
            if other.text.split() != child.text.split():
                raise ModelError(
                    f"{child.owner}: {child.kind} is given twice, {_short(other.text)!r} and {_short(child.text)!r}"
                )


def _is_picture(e: Element) -> bool:
    return any(above.kind in _PICTURES for above in e.lineage)


def _own(e: Element) -> Kind | None:
    """What an element holds, by the type of the component that it is a property of."""
    if e.above is None:
        return None
    properties = _properties(e.above.kind)
    kind = properties.get(e.kind) if properties is not None else None
    kind = kind or _OLD.get(e.kind)
    return kind if kind is not None and kind.is_numeric else None


@cache
def _properties(kind: str) -> dict[str, Kind] | None:
    """The properties of one of OpenSim's types; None if it does not know the type."""
    example = osim.OpenSimObject.getDefaultInstanceOfType(kind)
    if example is None:
        return None
    found = {}
    for i in range(example.getNumProperties()):
        p = example.getPropertyByIndex(i)
        found[p.getName()] = Kind(p.getTypeName(), p.getMinListSize(), p.getMaxListSize())
    return found


@cache
def _by_tag() -> dict[str, frozenset[Kind]]:
    """What elements of a name may hold in any of OpenSim's types, for elements of types that it converts."""
    names = osim.ArrayStr()
    osim.OpenSimObject.getRegisteredTypenames(names)
    out: dict[str, set[Kind]] = {}
    for i in range(names.size()):
        for name, kind in (_properties(names.get(i)) or {}).items():
            out.setdefault(name, set()).add(kind)
    return {name: frozenset(kinds) for name, kinds in out.items()}


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 60 else f"{flat[:57]}..."
