"""The runner at the size of a person who stood still with markers on.

Distances between joint centres and bony landmarks are measured here and applied to the tables, not by
OpenSim's ScaleTool: ``Model.scale`` refuses factors that differ between the axes of a body where couplers
drive joints, and a model scaled there would not be the one that the tables say.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from footstrike.brief import brief
from footstrike.errors import InputError
from footstrike.formats.markers import Markers, read_markers
from footstrike.model.anthropometry import SEGMENTS
from footstrike.model.description import Array
from footstrike.model.limits import GENERIC_HEIGHT_M
from footstrike.model.placement import posture
from footstrike.model.rows import Vec3
from footstrike.model.scaling import length_factors, scaled, standing_height
from footstrike.model.subject import Subject
from footstrike.model.tables import carried_tables
from footstrike.resources import carried_toml, resource

ALLOWED_FACTORS = (0.6, 1.5)  # against the generic runner; outside, a marker carries another's name
NEEDED = ("asis", "psis", "knee_lateral", "ankle_lateral")

Places = dict[str, Array]
"""Where markers are, m: {``asis_r``: (3,), ...}."""


@dataclass(frozen=True)
class StaticScale:
    """What a static trial says about a runner.

    Attributes
    ----------
    subject
        Who runs: mass, height if given, and the measured factors.
    factors
        Lengths over those of the generic runner by segment, (x, y, z).
    measured
        Distances that were compared: {name: (of the person, of the generic runner)}, m.
    assumed
        Segments without markers, which take the factor of stature, or the trunk what is left of it.
    missing
        Markers that were not found, by the table's name.
    """

    __repr__ = brief

    subject: Subject
    factors: dict[str, Vec3]
    measured: dict[str, tuple[float, float]]
    assumed: tuple[str, ...]
    missing: tuple[str, ...]


def scale_to_static(
    path: Path, mass: float, height: float | None = None, sex: str | None = None
) -> StaticScale:
    """Scale the runner to a static trial.

    Parameters
    ----------
    path
        .c3d or .trc file of a person standing upright, marker names as in models/static_markers.csv.
    mass, height
        kg, m. Where the trunk carries no markers it takes what the legs leave of the height; without a height,
        stature is that of the legs' factor.
    sex
        ``female``, ``male`` or None: mass shares, and proportions of what carries no markers.

    Raises
    ------
    InputError
        A marker that is needed is missing, or a distance is no person's; names and values are given.
    """
    found = read_markers(path)
    person, missing = _places(found)
    for marker in NEEDED:
        if f"{marker}_r" in missing or f"{marker}_l" in missing:
            names = " or ".join(_table()[marker].names)
            raise InputError(
                f"static trial {path}: marker {marker} is missing (allowed: {names}; left ones with L for R)"
            )
    measured = _measured(person, _generic_places())
    ratios = {name: _checked(path, name, *pair) for name, pair in measured.items()}
    legs = (ratios["thigh"] + ratios["shank"]) / 2
    tall = height if height is not None else GENERIC_HEIGHT_M * legs
    by_size = length_factors(carried_tables(), Subject(height=tall, mass=mass, sex=sex))
    factors = {s: _vector(s, ratios, by_size[s]) for s in SEGMENTS}
    if height is not None and "trunk" not in ratios:
        factors["trunk"] = _rest_of_stature(path, height, factors)
    subject = Subject(height=tall, mass=mass, sex=sex, segment_factors=tuple(factors.items()))
    assumed = tuple(s for s in SEGMENTS if s != "pelvis" and _measure_of(s) not in ratios)
    return StaticScale(subject, factors, measured, assumed, tuple(sorted(missing)))


@dataclass(frozen=True)
class _Marker:
    body: str
    at: Array
    names: tuple[str, ...]


def _table() -> dict[str, _Marker]:
    with resource("models", "static_markers.csv").open(newline="", encoding="utf-8") as stream:
        return {
            row["marker"]: _Marker(
                row["body"], np.array([float(row[k]) for k in "xyz"]), tuple(row["names"].split())
            )
            for row in csv.DictReader(stream)
        }


def _places(found: Markers) -> tuple[Places, set[str]]:
    """Median places of the markers of the table that the trial has, and the names of the others."""
    places: Places = {}
    missing: set[str] = set()
    for marker, row in _table().items():
        for side in "rl":
            names = row.names if side == "r" else tuple(_left(n) for n in row.names)
            present = [found.mean(n) for n in names if n in found.positions]
            seen = [p for p in present if np.isfinite(p).all()]
            if seen:
                places[f"{marker}_{side}"] = seen[0]
            else:
                missing.add(f"{marker}_{side}")
    return places, missing


def _left(name: str) -> str:
    return "L" + name[1:] if name.startswith("R") else name


def _generic_places() -> Places:
    at = posture(carried_tables(), {})
    places: Places = {}
    for marker, row in _table().items():
        for side, flip in (("r", 1.0), ("l", -1.0)):
            pose = at.bodies.get(row.body) or at.bodies[f"{row.body}_{side}"]
            places[f"{marker}_{side}"] = pose.p + pose.R @ (row.at * [1.0, 1.0, flip])
    for side in "rl":
        places[f"hip_{side}"] = at.centres[f"hip_{side}"]
    return places


def hip_centres(places: Places) -> dict[str, Array]:
    """Hip centres from the pelvis markers, m (Harrington et al. 2007, J Biomech 40:595; models/hip_centre.toml).

    From the middle of the ASIS: backwards 0.24 depth + 9.9 mm, down 0.30 width + 10.9 mm, sideways 0.33 width
    + 7.3 mm, with the distance of the ASIS as width and that of their middle from the PSIS' middle as depth.
    """
    law = carried_toml("models", "hip_centre.toml")
    backwards, down, sideways = (law[way] for way in ("backwards", "down", "sideways"))
    right, left = places["asis_r"], places["asis_l"]
    front, back = (right + left) / 2, (places["psis_r"] + places["psis_l"]) / 2
    width, depth = float(np.linalg.norm(right - left)), float(np.linalg.norm(front - back))
    z = (right - left) / width
    x = front - back
    x = x - (x @ z) * z
    x = x / np.linalg.norm(x)
    y = np.cross(z, x)
    middle = (
        front
        - (backwards["of_depth"] * depth + backwards["constant"]) * x
        - (down["of_width"] * width + down["constant"]) * y
    )
    aside = (sideways["of_width"] * width + sideways["constant"]) * z
    return {"r": middle + aside, "l": middle - aside}


def _measured(person: Places, generic: Places) -> dict[str, tuple[float, float]]:
    """Distances of the person and of the generic runner, means of both sides where there are two."""
    hips = hip_centres(person)
    person = person | {f"hip_{side}": at for side, at in hips.items()}
    measures: dict[str, Callable[[Places], float]] = {
        "pelvis width": lambda p: _distance(p["asis_r"], p["asis_l"]),
        "pelvis depth": lambda p: _distance(_middle(p, "asis"), _middle(p, "psis")),
        "trunk": lambda p: _distance(_middle(p, "psis"), _middle(p, "c7")),
        "thigh": lambda p: _both(p, "hip", "knee"),
        "shank": lambda p: _both(p, "knee", "ankle"),
        "foot": lambda p: _both(p, "heel", "toe"),
        "forearm": lambda p: _both(p, "elbow", "wrist"),
    }
    out = {}
    for name, measure in measures.items():
        try:
            out[name] = measure(person), measure({k: v for k, v in generic.items() if k in person})
        except KeyError:
            continue
    return out


def _both(places: Places, start: str, end: str) -> float:
    return sum(_distance(_centre(places, start, s), _centre(places, end, s)) for s in "rl") / 2


def _centre(places: Places, name: str, side: str) -> Array:
    """A marker, or the middle of the lateral and the medial one; the lateral alone if there is no other."""
    if f"{name}_{side}" in places:
        return places[f"{name}_{side}"]
    lateral = places[f"{name}_lateral_{side}"]
    return (lateral + places.get(f"{name}_medial_{side}", lateral)) / 2


def _middle(places: Places, name: str) -> Array:
    return (places[f"{name}_r"] + places[f"{name}_l"]) / 2


def _distance(a: Array, b: Array) -> float:
    return float(np.linalg.norm(a - b))


def _checked(path: Path, name: str, own: float, generic: float) -> float:
    low, high = (limit * generic for limit in ALLOWED_FACTORS)
    if not low <= own <= high:
        raise InputError(
            f"static trial {path}: {name} measures {own:.3f} m (allowed: {low:.3f} to {high:.3f} m): "
            "check the names and units of the markers"
        )
    return own / generic


def _measure_of(segment: str) -> str:
    return "forearm" if segment in ("upper_arm", "hand") else segment


def _vector(segment: str, ratios: dict[str, float], by_size: Vec3) -> Vec3:
    if segment == "pelvis":
        deep = ratios["pelvis depth"]
        return deep, deep, ratios["pelvis width"]
    name = _measure_of(segment)
    return (ratios[name],) * 3 if name in ratios else by_size


def _rest_of_stature(path: Path, height: float, factors: dict[str, Vec3]) -> Vec3:
    """The trunk's factor with which the runner reaches the height: stature is linear in it."""
    tables = carried_tables()
    unit = standing_height(tables, posture(tables, {})) / GENERIC_HEIGHT_M

    def stature(trunk: float) -> float:
        subject = Subject(segment_factors=(*factors.items(), ("trunk", (trunk,) * 3)))
        new = scaled(tables, subject)
        return standing_height(new, posture(new, {})) / unit

    low, high = ALLOWED_FACTORS
    shortest, longest = stature(low), stature(high)
    if not shortest <= height <= longest:
        raise InputError(
            f"static trial {path}: height {height:g} m does not go with the measured legs "
            f"(allowed: {shortest:.2f} to {longest:.2f} m)"
        )
    return (low + (high - low) * (height - shortest) / (longest - shortest),) * 3
