"""A picture of a model from the side and the front: segments, joints, muscles as they run, contact, markers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, Ellipse, Polygon
from scipy.spatial import ConvexHull, QhullError

from footstrike.check.scene import OTHER, REGIONS, Line, Scene, Segment, posture, scene
from footstrike.errors import InputError
from footstrike.model.description import Array, Description
from footstrike.model.measured import MuscleLine

INK, BONE, FAR_BONE, FAINT = "#3b4754", "#efe6d2", "#f4f2ec", "#aeb6bf"
LEVEL, SOLE, MARKER = "#c1121f", "#2a9d8f", "#f72585"
COLOURS = dict(
    zip(
        (*REGIONS, OTHER),
        ("#7b2cbf", "#4361ee", "#4895ef", "#52b788", "#e09f3e", "#d00000", "#8d5524", "#b5179e", "#6c757d"),
        strict=True,
    )
)
FASCICLES = {  # colour by group
    "rectus_abdominis": "#8d5524",
    "external_oblique": "#e09f3e",
    "internal_oblique": "#e5c07b",
    "psoas": "#7b2cbf",
    "quadratus_lumborum": "#4361ee",
    "multifidus": "#d00000",
    "iliocostalis_pars_lumborum": "#f3722c",
    "iliocostalis_pars_thoracis": "#f8a47c",
    "longissimus_pars_lumborum": "#ef476f",
    "longissimus_pars_thoracis": "#f591a8",
    "latissimus_dorsi": "#52b788",
}
VIEWS = {"side": ((0, 1), 1), "front": ((2, 1), -1)}  # axes across and up, and which way the first one counts
HEIGHT, MARGIN = 8.0, 0.05  # inches; of the larger side
FAR_MARKER = 0.5  # of the size of the rest, beyond which a marker is left out
HEAD_WIDTHS = {0: 0.85, 2: 0.68}  # of half the height: along x, along z
TRUNK_WIDTH, TRUNK_HEIGHT = 0.42, 0.62  # m shown by the panel of the lumbar levels
THIN, THICK, SLENDER = 0.006, 0.026, 0.07  # m, width of a stick, and share of its length


def show(
    d: Description,
    lines: Mapping[str, MuscleLine],
    path: Path | str,
    q: Mapping[str, float] | None = None,
) -> Path:
    """Draw a model with coordinates ``q`` (rad, m) to a picture; the ending of ``path`` chooses .png, .svg or .pdf.

    Parameters
    ----------
    lines : the muscles in the same posture (task ``muscle_lines``)

    Returns
    -------
    Path
        The file written.
    """
    file = Path(path)
    if file.suffix.lower() not in (".png", ".svg", ".pdf"):
        raise InputError(f"picture {file.name!r}: the ending must be .png, .svg or .pdf")
    placed = scene(d, posture(d, q), lines)
    low, high = _extent(placed)
    size = high - low
    widths = [size[0], size[2]]
    zoomed = len(placed.levels) > 2
    if zoomed:
        widths.append(TRUNK_WIDTH * size[1] / TRUNK_HEIGHT)  # as high as the others
    scale = min(HEIGHT / size[1], 16.0 / sum(widths))  # inches per metre
    with mpl.rc_context({"font.size": 9, "svg.fonttype": "none"}):
        figure = Figure(
            figsize=(scale * sum(widths) + 2.4, max(scale * size[1], 2.5) + 1.2),
            facecolor="white",
            layout="constrained",
        )
        FigureCanvasAgg(figure)
        axes = figure.subplots(1, len(widths), width_ratios=widths, squeeze=False)[0]
        for ax, (title, (cut, sign)) in zip(axes, VIEWS.items(), strict=False):
            _whole(ax, placed, list(cut), 72 * scale)
            ax.set_xlim(*(low[cut[0]], high[cut[0]])[::sign])
            ax.set_ylim(low[1], high[1])
            ax.set_title(title, loc="left", color=INK)
        if zoomed:
            _levels_panel(axes[2], placed, 72 * scale)
        _legend(figure, placed)
        count = f"{len(d.coordinates)} coordinates, {len(d.muscles)} muscles"
        figure.suptitle(
            f"{d.name or 'model'}: {d.mass:.1f} kg, {count}", x=0.01, ha="left", color=INK, parse_math=False
        )
        figure.savefig(file, dpi=150)
    return file


def _extent(placed: Scene) -> tuple[Array, Array]:
    """Corners of the box that holds the model and some margin."""
    points = [p for s in placed.segments for p in s.outline]
    points += [p for line in placed.lines for p in line.points]
    points += [c + d * r for c, r, _ in placed.spheres for d in (-1.0, 1.0)]
    if placed.head is not None:
        points += [placed.head[0] + d * placed.head[1] for d in (-1.0, 1.0)]
    box = np.array(points)
    reach = FAR_MARKER * float(np.ptp(box, axis=0).max())
    near = [p for p in placed.markers.values() if np.all((p > box.min(0) - reach) & (p < box.max(0) + reach))]
    box = np.array([*points, *near])
    margin = MARGIN * max(float(np.ptp(box, axis=0).max()), 0.1)
    return box.min(axis=0) - margin, box.max(axis=0) + margin


def _whole(ax: Any, placed: Scene, cut: list[int], points_per_m: float) -> None:
    for segment in placed.segments:
        _segment(ax, segment, cut, points_per_m, far=segment.left and cut[0] == 0)
    _muscles(ax, placed.lines, cut)
    if placed.head is not None:
        centre, half = placed.head
        width = HEAD_WIDTHS[cut[0]] * half
        ax.add_patch(Ellipse(tuple(centre[cut]), 2 * width, 2 * half, fc=BONE, ec=INK, lw=1.0, zorder=3))
    _joints(ax, placed, cut)
    for centre, radius, left in placed.spheres:
        ax.add_patch(
            Circle(tuple(centre[cut]), radius, fc=SOLE, ec=SOLE, alpha=0.25 if left else 0.5, zorder=7)
        )
    if placed.markers:
        at = np.array(list(placed.markers.values()))[:, cut]
        ax.plot(*at.T, "+", ms=3.5, mew=0.7, color=MARKER, alpha=0.7, zorder=8)
    if placed.spheres:
        ax.axhline(0.0, color=FAINT, lw=1.0, zorder=0)
    _clean(ax)


def _segment(ax: Any, segment: Segment, cut: list[int], points_per_m: float, far: bool = False) -> None:
    """A body as its outline, and as a bone from joint to joint."""
    depth, fill, edge = (1.0, FAR_BONE, FAINT) if far else (2.0, BONE, INK)
    flat = segment.outline[:, cut]
    corners = _hull(flat)
    if len(corners):
        ax.add_patch(Polygon(corners, closed=True, fc=fill, ec=edge, lw=0.6, alpha=0.75, zorder=depth))
    for stick in segment.sticks:
        length = float(np.linalg.norm(stick[1] - stick[0]))
        width = points_per_m * float(np.clip(SLENDER * length, THIN, THICK))
        for w, colour, k in ((width + 1.4, edge, 0.1), (width, fill, 0.2)):
            ax.plot(*stick[:, cut].T, lw=w, color=colour, solid_capstyle="round", zorder=depth + k)


def _hull(points: Array) -> Array:
    """Corners of the convex hull of points (k, 2); none where they lie on a line."""
    if len(points) < 3:
        return np.zeros((0, 2))
    try:
        return np.asarray(points[ConvexHull(points).vertices])
    except QhullError:
        return np.zeros((0, 2))


def _muscles(ax: Any, lines: tuple[Line, ...], cut: list[int]) -> None:
    for left in (True, False):
        for moves, colour in COLOURS.items():
            mine = [line.points[:, cut] for line in lines if line.moves == moves and line.left == left]
            strength = 0.3 if left and cut[0] == 0 else 0.6
            ax.add_collection(
                LineCollection(mine, colors=colour, linewidths=0.9, alpha=strength, zorder=4 + (not left))
            )


def _joints(ax: Any, placed: Scene, cut: list[int]) -> None:
    at = np.array(list(placed.joints.values())).reshape(-1, 3)[:, cut]
    ax.plot(*at.T, "o", ms=3.2, mfc="white", mec=INK, mew=0.9, zorder=6)
    if placed.levels:
        levels = np.array(list(placed.levels.values()))[:, cut]
        ax.plot(*levels.T, "o", ms=3.2, color=LEVEL, zorder=6)


def _levels_panel(ax: Any, placed: Scene, points_per_m: float) -> None:
    """The lumbar spine from the side, with the names of levels and fascicles."""
    cut = [0, 1]
    for segment in placed.segments:
        if not segment.left:
            _segment(ax, segment, cut, points_per_m)
    seen: dict[str, str] = {}
    for line in placed.lines:
        if line.group in FASCICLES and not line.left:
            colour = seen[line.group.replace("_", " ")] = FASCICLES[line.group]
            ax.plot(*line.points[:, cut].T, color=colour, lw=1.0, alpha=0.65, zorder=4)
    middle = np.mean(list(placed.levels.values()), axis=0)
    left, bottom = middle[0] - 0.4 * TRUNK_WIDTH, middle[1] - 0.36 * TRUNK_HEIGHT
    for name, p in placed.levels.items():
        ax.plot(*p[cut], "o", ms=6.0, color=LEVEL, zorder=6)
        ax.annotate(
            name,
            p[cut],
            xytext=(left + 0.86 * TRUNK_WIDTH, p[1]),
            color=LEVEL,
            fontsize=8.5,
            va="center",
            zorder=7,
            arrowprops={"arrowstyle": "-", "color": LEVEL, "lw": 0.5, "alpha": 0.6},
        )
    ax.set_xlim(left, left + TRUNK_WIDTH)
    ax.set_ylim(bottom, bottom + TRUNK_HEIGHT)
    ax.set_title("lumbar spine, side", loc="left", color=INK)
    handles = [Line2D([], [], color=colour, lw=2, label=name) for name, colour in sorted(seen.items())]
    if handles:
        ax.legend(handles=handles, loc="upper right", fontsize=8, framealpha=0.9, edgecolor="none")
    _clean(ax)


def _legend(figure: Any, placed: Scene) -> None:
    present = {line.moves for line in placed.lines}
    handles = [Line2D([], [], color=c, lw=2, label=name) for name, c in COLOURS.items() if name in present]
    signs = {"contact sphere": ("o", SOLE, placed.spheres), "marker": ("+", MARKER, placed.markers)}
    handles += [
        Line2D([], [], color=c, marker=m, ls="", label=name) for name, (m, c, has) in signs.items() if has
    ]
    if handles:
        figure.legend(
            handles=handles,
            title="muscles that move",
            loc="outside right upper",
            fontsize=8,
            title_fontsize=8,
            frameon=False,
        )


def _clean(ax: Any) -> None:
    ax.set_aspect("equal")
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    ax.tick_params(colors=INK, labelsize=7.5, length=2)
    ax.set_xlabel("m", fontsize=8, color=INK, loc="right")
    ax.grid(color="#eef1f4", lw=0.7)
    ax.set_axisbelow(True)
