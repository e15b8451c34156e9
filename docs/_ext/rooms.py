"""The rooms of the package in the order of the data, from pyproject.toml and their docstrings: a picture, and a page each.

``python docs/_ext/rooms.py`` writes docs/img/rooms.svg. As an extension of Sphinx it writes the pages of docs/reference/.
"""

from __future__ import annotations

import ast
import tomllib
from html import escape
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "docs" / "reference"
PICTURE = ROOT / "docs" / "img" / "rooms.svg"
NOUNS = {
    "report": "Page",
    "claims": "Claim, Verdict",
    "study": "Sweep, Surface",
    "simulation": "Request → Run",
    "outcomes": "Metric",
    "runs": "Run",
    "control": "Objective, Modifier → Solution",
    "lumbar": "Level",
    "muscles": "Path, Muscle",
    "dynamics": "Tree",
    "gait": "Target",
    "model": "Subject → Description",
    "workers": "Worker",
}
WIDTH, ROW, LEFT, NAME, NOUN = 1100, 30, 70, 120, 830
PLUMBING = {
    "errors",
    "brief",
    "files",
    "resources",
    "progress",
    "citations",
    "stages",
    "cache",
    "workers",
    "formats",
}


def layers() -> list[list[str]]:
    """Rooms by layer, the uppermost first, as the lint of imports holds them."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (contract,) = tomllib.loads(text)["tool"]["importlinter"]["contracts"]
    return [layer.split(" | ") for layer in contract["layers"]]


def modules(room: str) -> list[str]:
    """Full names of a room and of the modules in it."""
    files = sorted((ROOT / "sim" / "footstrike" / room).glob("[!_]*.py"))
    return [f"footstrike.{room}", *(f"footstrike.{room}.{file.stem}" for file in files)]


def holds(room: str) -> str:
    """First sentence of a room's docstring."""
    package = ROOT / "sim" / "footstrike" / room
    file = package / "__init__.py" if package.is_dir() else package.with_suffix(".py")
    docstring = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return docstring.split("\n\n")[0].replace("\n", " ").split(". ")[0].rstrip(".")


def picture() -> str:
    """The drawing, as SVG."""
    rows = [(room, number) for number, layer in enumerate(layers()) for room in layer]
    height = ROW * len(rows) + 70
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" '
        'font-size="14">',
        '<defs><marker id="tip" viewBox="0 0 10 10" refX="5" refY="5" markerWidth="6" markerHeight="6" '
        'orient="auto-start-reverse"><path d="M0 0 10 5 0 10z" fill="#555"/></marker></defs>',
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        _text(LEFT + 10, 24, "room", "#555"),
        _text(LEFT + NAME + 20, 24, "holds", "#555"),
        _text(NOUN + 10, 24, "noun", "#555"),
    ]
    for index, (room, number) in enumerate(rows):
        y = 36 + ROW * index
        fill = "#f1f1ee" if room in PLUMBING else ("#e3edf7", "#d3e2f1")[number % 2]
        parts.append(
            f'<rect x="{LEFT}" y="{y}" width="{WIDTH - LEFT - 70}" height="{ROW - 4}" rx="4" fill="{fill}"/>'
        )
        parts.append(_text(LEFT + 10, y + 18, room, "#123", bold=True))
        parts.append(_text(LEFT + NAME + 20, y + 18, _short(holds(room)), "#222"))
        parts.append(_text(NOUN + 10, y + 18, NOUNS.get(room, ""), "#7a3b00"))
    bottom = 36 + ROW * len(rows) - 4
    parts.append(_arrow(35, bottom, 40, "data", turn=-90))
    parts.append(_arrow(WIDTH - 35, 40, bottom, "imports", turn=90))
    return "\n".join([*parts, "</svg>", ""])


def write_pages(app: Any = None) -> None:
    """A page for each room, with the docstrings of its modules; links lead to the public names, so none is indexed."""
    PAGES.mkdir(exist_ok=True)
    rooms = [room for layer in layers() for room in layer]
    for old in PAGES.glob("*.md"):
        if old.stem not in {*rooms, "index"}:
            old.unlink()
    for room in rooms:
        parts = [f"# {room}"]
        for module in modules(room):
            heading = [] if module == f"footstrike.{room}" else [f"## {module.rpartition('.')[2]}"]
            directive = f"```{{eval-rst}}\n.. automodule:: {module}\n   :members:\n   :no-index:\n```"
            parts += [*heading, directive]
        _write(PAGES / f"{room}.md", "\n\n".join(parts) + "\n")
    lines = [f"| [{room}]({room}.md) | {holds(room)} |" for room in rooms]
    table = "\n".join(["| room | holds |", "|---|---|", *lines])
    toc = "\n".join(["```{toctree}", ":hidden:", "", *rooms, "```"])
    _write(
        PAGES / "index.md",
        f"# Rooms\n\nFor contributors; the order is that of the data, top down.\n\n{table}\n\n{toc}\n",
    )


def _write(path: Path, text: str) -> None:
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def setup(app: Any) -> dict[str, Any]:
    """Write the pages before Sphinx looks for them."""
    app.connect("builder-inited", write_pages)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def _short(sentence: str, most: int = 88) -> str:
    return sentence if len(sentence) <= most else sentence[:most].rsplit(" ", 1)[0].rstrip(",;:") + " …"


def _text(x: int, y: int, words: str, fill: str, *, bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x}" y="{y}" fill="{fill}"{weight}>{escape(words)}</text>'


def _arrow(x: int, start: int, end: int, words: str, turn: int) -> str:
    middle = (start + end) // 2
    return (
        f'<line x1="{x}" y1="{start}" x2="{x}" y2="{end}" stroke="#555" stroke-width="2" marker-end="url(#tip)"/>'
        f'<rect x="{x - 14}" y="{middle - 36}" width="28" height="72" fill="#fff"/>'
        f'<text x="{x}" y="{middle}" transform="rotate({turn} {x} {middle})" text-anchor="middle" '
        f'dominant-baseline="middle" fill="#555">{words}</text>'
    )


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
