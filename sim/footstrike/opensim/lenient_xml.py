"""The elements of a model file, read as leniently as OpenSim reads them.

OpenSim takes a bare ``&`` and attributes without quotes. lxml, told to recover, reads seven published models alike and in
two thirds of the time (0.03 to 0.10 s instead of 0.06 to 0.16 s), but loses the one and the text of an element with the
other, so that a broken number there would pass.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"<!--.*?-->|<!\[CDATA\[(?P<data>.*?)\]\]>|<[?!].*?>"
    r"|<(?P<closing>/?)(?P<kind>[A-Za-z_][\w.:-]*)(?P<attributes>(?:[^<>\"']|\"[^\"]*\"|'[^']*')*?)(?P<empty>/?)>",
    re.DOTALL,
)
_NAME = re.compile(r"""\bname\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'/]+))""")


@dataclass(eq=False)
class Element:
    """One element: its tag, its ``name`` attribute, what it lies in, what lies in it, and its own text."""

    kind: str
    name: str
    above: Element | None = None
    children: list[Element] = field(default_factory=list)
    text: str = ""

    def walk(self) -> Iterator[Element]:
        """The element and all below it, in the file's order."""
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def lineage(self) -> Iterator[Element]:
        """The element, the one it lies in, and so on outwards."""
        at: Element | None = self
        while at is not None:
            yield at
            at = at.above

    @property
    def owner(self) -> str:
        """Type and name of the component that it lies in, for messages."""
        named = [e for e in self.lineage if e is not self and e.name]
        parts = named[:1] if not named or not _inner(named[0]) else named[:2]
        return " of ".join(f"{e.kind} {e.name!r}" for e in parts) or "the document"


def _inner(e: Element) -> bool:
    """Whether a name says little without that of what holds it, as a path's or a joint axis's."""
    return e.kind.endswith(("Path", "PathPoint", "Axis", "Function", "Spline", "Constant", "Curve", "Frame"))


def parse(text: str) -> Element:
    """The document as a tree; an element that is never closed ends with the one it lies in."""
    top = at = Element("", "")
    end = 0
    for token in _TOKEN.finditer(text):
        at.text += html.unescape(text[end : token.start()]) if at is not top else ""
        end = token.end()
        if token["data"] is not None:
            at.text += token["data"]
        elif token["closing"]:
            at = next((e.above for e in at.lineage if e.kind == token["kind"] and e.above), at)
        elif token["kind"]:
            found = _NAME.search(token["attributes"])
            name = html.unescape(found[1] or found[2] or found[3] or "") if found else ""
            child = Element(token["kind"], name, at)
            at.children.append(child)
            at = at if token["empty"] else child
    return top
