"""Left and right: which coordinate stands for which one half a stride later."""

from __future__ import annotations

REVERSING = ("pelvis_list", "pelvis_rotation", "pelvis_tz", "lumbar_bending", "lumbar_rotation")


def without_side(name: str) -> str:
    """The name of a coordinate, muscle or body without what tells its side."""
    return name.removesuffix("_r").removesuffix("_l")


def mirror(name: str) -> tuple[str, float]:
    """The coordinate on the other side, and the sign with which a midline one returns after half a stride."""
    if name.endswith("_r"):
        return name[:-2] + "_l", 1.0
    if name.endswith("_l"):
        return name[:-2] + "_r", 1.0
    return name, -1.0 if name in REVERSING else 1.0
