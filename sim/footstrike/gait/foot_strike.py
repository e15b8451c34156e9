"""Which foot-strike angles belong to which strike.

Bounds are those of the angle between shoe markers. The skeleton's foot reads up to two degrees otherwise (docs/targets.md); between and beyond the two groups for which both are known, a line leads from one to
the other.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache

import numpy as np

from footstrike.gait.targets import Target
from footstrike.resources import resource

_IN_A_LINE = ("pelvis_tilt", "hip_flexion_r", "knee_angle_r", "ankle_angle_r")


@dataclass(frozen=True)
class _Row:
    bound: str
    above: str
    angle: float
    skeleton: float | None
    markers: float | None


@dataclass(frozen=True)
class Bound:
    """The largest (``at most``) or smallest (``at least``) angle of a strike between shoe markers, deg."""

    kind: str
    angle: float

    def holds(self, markers: float) -> bool:
        """Whether a foot that lands with this angle between shoe markers (deg) lands as the strike does."""
        return markers <= self.angle if self.kind == "at most" else markers >= self.angle

    def __str__(self) -> str:
        return f"{self.kind} {self.angle:.1f}"


def between_markers(skeleton: float) -> float:
    """The angle between shoe markers (deg) of a foot whose skeleton lands with ``skeleton`` deg."""
    (low, low_markers), (high, high_markers) = _both_known()
    return low_markers + (high_markers - low_markers) / (high - low) * (skeleton - low)


def on_skeleton(markers: float) -> float:
    """The angle (deg) of the skeleton of a foot that lands with ``markers`` deg between shoe markers."""
    (low, low_markers), (high, high_markers) = _both_known()
    return low + (high - low) / (high_markers - low_markers) * (markers - low_markers)


def _both_known() -> list[tuple[float, float]]:
    known = [
        (r.skeleton, r.markers) for r in _rows().values() if r.skeleton is not None and r.markers is not None
    ]
    return sorted(known)


def bound(aim: Target) -> Bound:
    """What the foot must land with to land as in ``aim``."""
    row = _rows()[aim.strike]
    habit = between_markers(skeleton_angle(aim)) if row.above == "habit" else 0.0
    return Bound(row.bound, habit + row.angle)


def skeleton_angle(aim: Target) -> float:
    """Pitch of the right foot at contact in a target, toe up, deg."""
    return float(np.degrees(sum(aim.coordinates[name][0] for name in _IN_A_LINE)))


@cache
def _rows() -> dict[str, _Row]:
    with resource("experiments", "targets", "foot_strike.csv").open(newline="", encoding="utf-8") as file:
        return {
            row["strike"]: _Row(
                row["bound"],
                row["above"],
                float(row["angle_deg"]),
                *(float(row[name]) if row[name] else None for name in ("skeleton_deg", "markers_deg")),
            )
            for row in csv.DictReader(file)
        }
