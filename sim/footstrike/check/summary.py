"""What was understood of a model, in names and numbers to print."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np

from footstrike.check.path_errors import MusclePathError
from footstrike.model.description import Description, Muscle

WRAPS = ("WrapCylinder", "WrapEllipsoid", "WrapSphere", "WrapTorus")
POINTS = ("ConditionalPathPoint", "MovingPathPoint")


def understood(d: Description) -> dict[str, Any]:
    """Counts, types and names of what a description holds."""
    wraps = {k: n for k, n in d.inventory.items() if k in WRAPS}
    points = {k: n for k, n in d.inventory.items() if k in POINTS}
    return {
        "total mass, kg": d.mass,
        "gravity, m/s2": " ".join(f"{g + 0.0:g}" for g in d.gravity),
        "bodies": len(d.bodies),
        "joints": listed({k: n for k, n in d.inventory.items() if k.endswith("Joint")}),
        "free coordinates": len(d.coordinates),
        "names of these": ", ".join(d.coordinate_names) or "none",
        "clamped in the file, not here": _clamped(d),
        "locked or prescribed": _names(d.fixed),
        "eliminated by couplers": _names(_following(d)),
        "muscles": listed(Counter(m.kind for m in d.muscles)),
        "wrapping surfaces": listed(wraps),
        "path points that come, go or move": listed(points),
        "contact spheres on the ground": len(d.spheres),
        "contact geometry": listed(Counter(s.kind for s in d.surfaces)),
        "forces described, not applied": listed(Counter(f.kind for f in d.forces)),
        "markers": len(d.markers),
    }


def listed(counts: dict[str, int]) -> str:
    """Types with their numbers, largest number first."""
    return ", ".join(f"{n} {k}" for k, n in sorted(counts.items(), key=lambda item: -item[1])) or "none"


def _names(names: Iterable[str]) -> str:
    named = list(names)
    return f"{len(named)}: {', '.join(named)}" if named else "none"


def _clamped(d: Description) -> str:
    clamped = [c.name for c in d.coordinates if c.clamped]
    return f"all {len(clamped)}" if 0 < len(clamped) == len(d.coordinates) else _names(clamped)


def _following(d: Description) -> list[str]:
    sources: dict[str, list[str]] = {}
    for c in d.couplers:
        sources.setdefault(c.dependent, []).append(c.independent)
    return [f"{name} by {' and '.join(by)}" for name, by in sources.items()]


def muscle_types(d: Description) -> list[dict[str, Any]]:
    """One row for each type of muscle in the file: how far De Groote-Fregly's curves are from its own.

    ``force_error_max`` and ``force_error_rms`` are differences of the fibre's force at full activation over
    lengths 0.5 to 1.5 (optimal lengths) and velocities -1 to 1 (maximal velocities), in maximal isometric
    forces, those of the worst muscle; None where OpenSim cannot evaluate the type.
    """
    rows = []
    for kind in dict.fromkeys(m.kind for m in d.muscles):
        mine = [m for m in d.muscles if m.kind == kind]
        worst = max(mine, key=lambda m: np.nan_to_num(m.mapping_error, nan=-1.0))
        known = bool(np.isfinite(worst.mapping_error))
        rows.append(
            {
                "type": kind,
                "number": len(mine),
                "straight_paths": sum(1 for m in mine if m.polynomial is None),
                "force_error_max": worst.mapping_error if known else None,
                "force_error_rms": worst.mapping_rms if known else None,
                "worst": worst.name if known else None,
            }
        )
    return rows


def muscle_rows(d: Description, errors: dict[str, MusclePathError]) -> list[dict[str, Any]]:
    """One row for each muscle: its path and the errors over the range of motion, the worst first."""
    rows = [_row(m, errors[m.name]) for m in d.muscles if m.name in errors]
    return sorted(rows, key=lambda r: -max(r["length_rms_mm"], r["moment_arm_rms_mm"] / 1.5))


def _row(m: Muscle, error: MusclePathError) -> dict[str, Any]:
    p = m.polynomial
    return {
        "muscle": m.name,
        "type": m.kind,
        "path": "straight" if p is None else "polynomial",
        "coordinates": [] if p is None else list(p.coordinates),
        "terms": 0 if p is None else len(p.coefficients),
        "length_rms_mm": error.length * 1e3,
        "moment_arm_rms_mm": error.arm * 1e3,
        "left_out_share": 0.0 if p is None else p.jump_share,
        "force_error_max": m.mapping_error if np.isfinite(m.mapping_error) else None,
    }
