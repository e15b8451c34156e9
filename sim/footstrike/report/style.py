"""One look for all figures: colours that a page can change, text that stays text.

Figures are drawn in three stand-in colours. In the page's SVG they become CSS variables, so that one drawing
suits light and dark surroundings. Rearfoot is blue and forefoot vermilion (Okabe & Ito's colour-blind safe
set).
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
from markupsafe import Markup, escape
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Patch

INK, FAINT = "#010203", "#040506"
ON_PAPER = "#eceef0"
COLOUR = {"rearfoot": "#0072b2", "forefoot": "#d55e00"}
LINE = {"rearfoot": "-", "forefoot": "--"}
_VARIABLES = {
    INK: "currentColor",
    FAINT: "var(--faint)",
    COLOUR["rearfoot"]: "var(--rearfoot)",
    COLOUR["forefoot"]: "var(--forefoot)",
}
_RC: Any = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 9.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.titlesize": 10.5,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.linewidth": 0.7,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "lines.linewidth": 1.9,
}
PANEL = (4.3, 3.0)  # inches: readable at the width of a phone


@dataclass(frozen=True)
class Picture:
    """One drawing of a page with what its caption says; ``figure`` is what files for papers are made of."""

    svg: Markup
    caption: str
    name: str
    figure: Figure


@contextmanager
def panel(title: str, size: tuple[float, float] = PANEL) -> Iterator[tuple[Figure, Axes]]:
    """Give a figure with one pair of axes in the house look, apart from any global state of pyplot."""
    with mpl.rc_context(_RC):
        figure = Figure(figsize=size, layout="constrained")
        axes = figure.add_subplot()
        axes.set_title(title)
        yield figure, axes


def drawn(figure: Figure, alt: str, name: str, caption: str) -> Picture:
    """A figure as a picture of a page; ``name`` differs from those of the page's other pictures."""
    return Picture(svg(figure, alt, name), caption, name, figure)


def paper(figure: Figure, kind: str) -> bytes:
    """A figure as a file for a paper, ``svg`` or ``pdf``: black on white, text as text."""
    for patch in figure.findobj(Patch):
        if to_hex(patch.get_facecolor()) == FAINT:
            patch.set_facecolor(ON_PAPER)
    buffer = io.BytesIO()
    plain = {"Date": None} if kind == "svg" else {"CreationDate": None}
    with mpl.rc_context({**_RC, "pdf.fonttype": 42, "svg.hashsalt": "paper"}):
        figure.savefig(buffer, format=kind, metadata=plain)
    return buffer.getvalue()


def svg(figure: Figure, alt: str, salt: str) -> Markup:
    """Inline SVG of a figure, with its text for screen readers; ``salt`` keeps ids of several figures
    apart.
    """
    buffer = io.StringIO()
    with mpl.rc_context({**_RC, "svg.hashsalt": salt}):
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    for colour, variable in _VARIABLES.items():
        text = text.replace(colour, variable)
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r"font: ([^;\"']*?)'[^;\"]*", r"font: \1system-ui, sans-serif", text)
    text = re.sub(r'\bid="', f'id="{salt}-', text)
    text = re.sub(r'(url\(|href=")#', rf"\1#{salt}-", text)
    box = re.search(r'viewBox="[^"]*"', text)
    head = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    label = f'{head} role="img" aria-label="{escape(alt)}" {box.group() if box else ""}>'
    return Markup(label + text[text.index(">") + 1 :])


def legend(axes: Axes, *, band: bool) -> None:
    """Name the strikes, and the bands behind them if there are any."""
    if axes.get_legend_handles_labels()[1]:
        axes.legend(loc="best", title="band: measured mean ± SD" if band else None, title_fontsize=8)


def colour_of_group(name: str) -> str:
    """Colour of a strike, or of a strike and what else is held (``rearfoot, female``)."""
    return COLOUR.get(name.split(", ")[0], "#009e73")


def plain_look() -> Any:
    """The house look in black, for a picture that is no part of a page."""
    return {name: "black" if value == INK else value for name, value in _RC.items()}
