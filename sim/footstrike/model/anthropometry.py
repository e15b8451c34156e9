"""Published body proportions by sex, and which body sizes can be asked for."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from functools import cache

from footstrike.errors import InputError, unknown_name
from footstrike.model.limits import (
    BMI_LIMITS,
    FACTOR_LIMITS,
    GENERIC_HEIGHT_M,
    HEIGHT_LIMITS_M,
    MASS_LIMITS_KG,
)
from footstrike.model.sides import without_side
from footstrike.resources import resource

SEXES = ("female", "male")

SEGMENTS: dict[str, tuple[str, ...]] = {
    "pelvis": ("pelvis",),
    "trunk": ("lumbar5", "lumbar4", "lumbar3", "lumbar2", "lumbar1", "torso", "Abdomen"),
    "thigh": ("femur",),
    "shank": ("tibia",),
    "foot": ("talus", "calcn", "toes"),
    "upper_arm": ("humerus",),
    "forearm": ("ulna", "radius"),
    "hand": ("hand",),
}
"""Bodies of the runner, without side, by the segment of anthropometry that they belong to."""

_SEGMENT_OF = {body: segment for segment, bodies in SEGMENTS.items() for body in bodies}


def segment_of(body: str) -> str:
    """The segment that a body belongs to."""
    return _SEGMENT_OF[without_side(body)]


def check_size(height: float | None, mass: float | None, sex: str | None, generic_mass: float) -> None:
    """Refuse a body that no runner has.

    Parameters
    ----------
    height, mass
        m, kg; those of the generic runner (1.80 m, ``generic_mass``) where None.
    sex
        ``female``, ``male`` or None.

    Raises
    ------
    InputError
        Names the field, its value and what is allowed.
    """
    if sex is not None and sex not in SEXES:
        raise unknown_name("sex", str(sex), SEXES)
    _within("height", height, HEIGHT_LIMITS_M, "m")
    _within("mass", mass, MASS_LIMITS_KG, "kg")
    tall, heavy = height or GENERIC_HEIGHT_M, mass or generic_mass
    low, high = (limit * tall**2 for limit in BMI_LIMITS)
    low, high = max(low, MASS_LIMITS_KG[0]), min(high, MASS_LIMITS_KG[1])
    if not low <= heavy <= high:
        raise InputError(
            f"mass {heavy:g} kg does not go with height {tall:g} m (allowed: {low:.1f} to {high:.1f} kg "
            f"at that height, a body mass index of {BMI_LIMITS[0]:g} to {BMI_LIMITS[1]:g} kg/m2)"
        )


def check_factors(segment: str, factors: Sequence[float]) -> None:
    """Refuse lengths over the generic runner's (x, y, z) that no person has; the error names the segment."""
    low, high = FACTOR_LIMITS
    if len(factors) != 3 or not all(low <= f <= high for f in factors):
        shown = ", ".join(f"{f:g}" for f in factors)
        raise InputError(
            f"segment_factors of {segment}: ({shown}) cannot be used (allowed: three from {low:g} to {high:g})"
        )


def _within(field: str, value: float | None, limits: tuple[float, float], unit: str) -> None:
    low, high = limits
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise InputError(
            f"{field} {value!r} cannot be used (allowed: a number from {low:g} to {high:g} {unit})"
        )
    if not low <= value <= high:
        raise InputError(
            f"{field} {value:g} {unit} cannot be used (allowed: a number from {low:g} to {high:g} {unit})"
        )


@cache
def _table() -> dict[tuple[str, str], dict[str, float]]:
    with resource("models", "anthropometry.csv").open(newline="", encoding="utf-8") as stream:
        return {
            (row["quantity"], row["segment"]): {sex: float(row[sex]) for sex in SEXES}
            for row in csv.DictReader(stream)
        }


def length_ratio(segment: str, sex: str | None, quantity: str = "length") -> float:
    """Length (or width) per stature relative to a man's: the generic runner has a man's proportions."""
    values, stature = _table()[quantity, segment], _table()["stature", "body"]
    chosen = sex or "male"
    return values[chosen] / stature[chosen] / (values["male"] / stature["male"])


def mass_ratio(segment: str, sex: str | None) -> float:
    """Share of body mass relative to a man's."""
    shares = _table()["mass_share", segment]
    return shares[sex or "male"] / shares["male"]


def muscle_volume(height: float, mass: float) -> float:
    """Volume of the leg muscles of one side, cm3 (Handsfield et al. 2014, both sexes alike)."""
    slope, constant = (_table()["muscle_volume", n]["male"] for n in ("per_mass_height", "constant"))
    return slope * mass * height + constant
