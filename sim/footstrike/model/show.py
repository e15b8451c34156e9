"""A picture of a runner from the side and the front: skeleton, lumbar levels, fascicles, foot contact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle

from footstrike.dynamics.rigid_body import Tree
from footstrike.errors import InputError, unknown_name
from footstrike.model.description import Array, Description
from footstrike.model.rows import (
    LEVELS,
)

BONE = "#3b4754"
FAINT = "#aeb6bf"
LEVEL = "#c1121f"
SOLE = "#2a9d8f"
GROUPS: dict[str, tuple[str, str, str]] = {  # beginning of a fascicle's name: its group, legend, colour
    "RA": ("RA", "rectus abdominis", "#8d5524"),
    "rect": ("RA", "rectus abdominis", "#8d5524"),
    "EO": ("EO", "external oblique", "#e09f3e"),
    "IO": ("IO", "internal oblique", "#e5c07b"),
    "PS": ("PS", "psoas", "#7b2cbf"),
    "Ps": ("PS", "psoas", "#7b2cbf"),
    "QL": ("QL", "quadratus lumborum", "#4361ee"),
    "MF": ("MF", "multifidus", "#d00000"),
    "IL": ("IL", "iliocostalis", "#f3722c"),
    "LTp": ("LT", "longissimus", "#ef476f"),
    "LD": ("LD", "latissimus dorsi", "#52b788"),
}
OTHER = ("other", "other muscles", "#6c757d")
OUTLINES = (
    ("asis_r", "asis_l", "sacrum", "asis_r"),
    ("hip_r", "asis_r"),
    ("hip_l", "asis_l"),
    ("hip_r", "sacrum", "hip_l"),
    ("neck", "shoulder_r"),
    ("neck", "shoulder_l"),
    ("ankle_r", "heel_r", "toe_r", "ankle_r"),
    ("ankle_l", "heel_l", "toe_l", "ankle_l"),
    ("wrist_r", "hand_r"),
    ("wrist_l", "hand_l"),
)
HIDDEN_LINKS = ("abdomen", "subtalar", "mtp", "acromial")  # drawn through landmarks instead
HIDDEN_JOINTS = (*LEVELS, "abdomen", "ground_pelvis", "subtalar", "radioulnar")
ARMS = ("acromial", "elbow", "radioulnar", "radius_hand")
TRUNK_WIDTH, TRUNK_HEIGHT = 0.42, 0.62  # m shown by the third panel
VIEWS = {"side": (0, 1), "front": (2, 1)}
HEAD_RADIUS = 0.105  # m, of the circle that stands for the head


@dataclass(frozen=True)
class Placed:
    """Ground positions (m) of what the picture shows."""

    links: list[tuple[str, Array, Array]]  # joint, from the centre below it to its own
    joints: dict[str, Array]
    markers: dict[str, Array]
    spheres: list[tuple[Array, float, bool]]
    fascicles: list[tuple[str, Array]]


def place(description: Description, q: Mapping[str, float] | None = None) -> Placed:
    """Where everything is with coordinates ``q`` (rad, m; the model's defaults where not given)."""
    pose = {c.name: c.default for c in description.coordinates}
    for name, value in (q or {}).items():
        if name not in pose:
            raise unknown_name("coordinate", name, pose)
        pose[name] = float(value)
    tree = Tree(description)
    motion = tree.motion(pose)

    def at(body: str, point: Array) -> Array:
        return np.array(tree.position(motion, body, [float(v) for v in point]), dtype=float)

    centres = {j.name: at(j.child, j.child_pose.p) for j in description.joints}
    own = {j.child: centres[j.name] for j in description.joints if j.parent != "ground"}
    links = [
        (j.name, own[j.parent], centres[j.name])
        for j in description.joints
        if j.parent in own and not j.name.startswith(HIDDEN_LINKS)
    ]
    return Placed(
        links=links,
        joints=centres,
        markers={name: at(body, p) for name, (body, p) in description.markers.items()},
        spheres=[(at(s.body, s.location), s.radius, s.name.endswith("_l")) for s in description.spheres],
        fascicles=[(m.name, np.array([at(b, p) for b, p in m.path])) for m in description.muscles],
    )


def show(description: Description, path: Path | str, q: Mapping[str, float] | None = None) -> Path:
    """Draw the runner with coordinates ``q`` to a picture; the ending of ``path`` chooses .png, .svg or .pdf.

    Returns
    -------
    Path
        The file written.
    """
    file = Path(path)
    if file.suffix.lower() not in (".png", ".svg", ".pdf"):
        raise InputError(f"picture {file.name!r}: the ending must be .png, .svg or .pdf")
    placed = place(description, q)
    low, high = _extent(placed)
    widths = [high[k] - low[k] for k in (0, 2)]
    trunk_width = TRUNK_WIDTH * (high[1] - low[1]) / TRUNK_HEIGHT  # the same height as the whole runner
    scale = 8.0 / (high[1] - low[1])  # inches per metre
    with mpl.rc_context({"font.size": 9, "svg.fonttype": "none"}):
        figure = Figure(
            figsize=(scale * (sum(widths) + trunk_width) + 2.2, 8.9), facecolor="white", layout="constrained"
        )
        FigureCanvasAgg(figure)
        axes = figure.subplots(1, 3, width_ratios=(*widths, trunk_width))
        for ax, (title, plane) in zip(axes, VIEWS.items(), strict=False):
            _whole(ax, placed, list(plane))
            ax.set_xlim(low[plane[0]], high[plane[0]])
            ax.set_ylim(low[1], high[1])
            ax.set_title(title, loc="left", color=BONE)
        _trunk(axes[2], placed)
        size = f"{len(description.coordinates)} coordinates, {len(description.muscles)} muscles"
        figure.suptitle(
            f"{description.name}: {description.mass:.1f} kg, {size}", x=0.01, ha="left", color=BONE
        )
        figure.savefig(file, dpi=160)
    return file


def _extent(placed: Placed) -> tuple[Array, Array]:
    """Corners of the box that holds the runner and some margin."""
    points = [*placed.joints.values(), *placed.markers.values()]
    points += [c + d for c, r, _ in placed.spheres for d in (-r, r)]
    if "head" in placed.markers:
        points += [placed.markers["head"] + d for d in (-HEAD_RADIUS, HEAD_RADIUS)]
    box = np.array([p for name, p in placed.joints.items() if name == "ground_pelvis"] + points)
    low, high = box.min(axis=0) - 0.06, box.max(axis=0) + 0.06
    if placed.spheres:
        low[1] = min(low[1], -0.05)
    return low, high


def _whole(ax: Any, placed: Placed, cut: list[int]) -> None:
    _muscles(ax, placed, cut, width=0.5, alpha=0.45)
    _bones(ax, placed, cut)
    if "head" in placed.markers:
        ax.add_patch(
            Circle(tuple(placed.markers["head"][cut]), HEAD_RADIUS, fc="white", ec=BONE, lw=1.6, zorder=3)
        )
    for centre, radius, left in placed.spheres:
        ax.add_patch(
            Circle(tuple(centre[cut]), radius, fc=SOLE, ec=SOLE, alpha=0.25 if left else 0.5, zorder=4)
        )
    if placed.spheres:
        ax.axhline(0.0, color=FAINT, lw=1.0, zorder=0)
    ax.set_aspect("equal")
    _clean(ax)


def _bones(ax: Any, placed: Placed, cut: list[int], without: tuple[str, ...] = ()) -> None:
    for name, a, b in placed.links:
        if not (without and name.startswith(without)):
            ax.plot(*np.array([a, b])[:, cut].T, lw=2.2, solid_capstyle="round", **_side(name))
    for chain in OUTLINES:
        known = [placed.markers[name] for name in chain if name in placed.markers]
        if len(known) > 1 and not (without and chain[0].startswith("wrist")):
            ax.plot(*np.array(known)[:, cut].T, lw=1.5, solid_joinstyle="round", **_side(chain[-1]))
    hidden = (*HIDDEN_JOINTS, *without)
    for name, p in placed.joints.items():
        if not name.startswith(hidden):
            ax.plot(*p[cut], "o", ms=4.5, mfc="white", mec=_side(name)["color"], mew=1.1, zorder=5)
    _levels(ax, placed, cut, size=3.2)


def _side(name: str) -> dict[str, Any]:
    """Colour and depth of what lies on a side: the left one is the farther one of the side view."""
    return {"color": FAINT, "zorder": 2} if name.endswith("_l") else {"color": BONE, "zorder": 3}


def _levels(ax: Any, placed: Placed, cut: list[int], size: float) -> None:
    spine = np.array([placed.joints[name] for name in LEVELS if name in placed.joints])
    if len(spine):
        top = [placed.markers["neck"]] if "neck" in placed.markers else []
        ax.plot(*np.array([*spine, *top])[:, cut].T, color=BONE, lw=2.2, zorder=4)
        ax.plot(*spine[:, cut].T, "o", ms=size, color=LEVEL, zorder=6)


def _muscles(
    ax: Any, placed: Placed, cut: list[int], width: float, alpha: float
) -> set[tuple[str, str, str]]:
    seen = set()
    by_group: dict[tuple[str, str, str], list[Array]] = {}
    for name, points in placed.fascicles:
        group = next((g for start, g in GROUPS.items() if name.startswith(start)), OTHER)
        by_group.setdefault(group, []).append(points[:, cut])
        seen.add(group)
    for group, lines in by_group.items():
        ax.add_collection(LineCollection(lines, colors=group[2], linewidths=width, alpha=alpha, zorder=1))
    return seen


def _trunk(ax: Any, placed: Placed) -> None:
    """The lumbar spine from the side, with the names of levels and muscles."""
    cut = [0, 1]
    seen = _muscles(ax, placed, cut, width=1.0, alpha=0.65)
    _bones(ax, placed, cut, without=ARMS)
    _levels(ax, placed, cut, size=6.5)
    spine = {name: placed.joints[name] for name in LEVELS if name in placed.joints}
    if spine:
        middle = np.mean(list(spine.values()), axis=0)
        left, bottom = middle[0] - 0.4 * TRUNK_WIDTH, middle[1] - 0.36 * TRUNK_HEIGHT
        ax.set_xlim(left, left + TRUNK_WIDTH)
        ax.set_ylim(bottom, bottom + TRUNK_HEIGHT)
        for name, p in spine.items():
            label = name.replace("L1", "/L1") if name.startswith("T") else f"{name[:2]}/{name[2:]}"
            ax.annotate(
                label,
                p[cut],
                xytext=(left + 0.86 * TRUNK_WIDTH, p[1]),
                color=LEVEL,
                fontsize=8.5,
                va="center",
                zorder=7,
                arrowprops={"arrowstyle": "-", "color": LEVEL, "lw": 0.5, "alpha": 0.6},
            )
    ax.set_aspect("equal")
    ax.set_title("trunk, side", loc="left", color=BONE)
    handles = [Line2D([], [], color=c, lw=2, label=label) for _, label, c in sorted(seen, key=lambda g: g[1])]
    if handles:
        ax.legend(handles=handles, loc="upper right", fontsize=8, framealpha=0.9, edgecolor="none")
    _clean(ax)


def _clean(ax: Any) -> None:
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    ax.tick_params(colors=BONE, labelsize=7.5, length=2)
    ax.set_xlabel("m", fontsize=8, color=BONE, loc="right")
    ax.grid(color="#eef1f4", lw=0.7)
    ax.set_axisbelow(True)
