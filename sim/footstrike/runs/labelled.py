"""A run as an xarray.Dataset: every time series with its axes named, its unit and what it is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from footstrike.files import plain
from footstrike.runs import labels
from footstrike.runs.run import OF_MUSCLES, Array, Run

if TYPE_CHECKING:
    from xarray import Dataset

Variable = tuple[str, tuple[str, ...], Array, tuple[str, str]]
"""Name, dimensions, values, and unit with long name."""

TRANSLATING = {
    "coordinates": "translations",
    "speeds": "translation_speeds",
    "accelerations": "translation_accelerations",
    "torques": "translation_forces",
}
"""What of a run is by coordinate, and the name that its part in metres has."""

AXES = {
    "axis": labels.GROUND,
    "bone_axis": labels.BONE,
    "level_axis": labels.LEVEL,
    "rhythm_axis": labels.RHYTHM,
    "net_axis": labels.NET,
}
"""Dimensions of vectors."""

_NAMED = {  # group of the run: dimension of its names, dimension of its vectors
    "ground_force": ("side", "axis"),
    "ground_point": ("side", "axis"),
    "points": ("point", "axis"),
    "point_accelerations": ("accelerated_point", "axis"),
    "segments": ("segment", ""),
    "joint_contact": ("joint", "bone_axis"),
}
_LEVEL_AXES = {"force": "level_axis", "coupler_moment": "rhythm_axis", "disc_moment": "rhythm_axis"}
_NET_AXES = {"force": "axis", "moment": "net_axis"}


def to_xarray(run: Run) -> Dataset:
    """The run's time series with labelled axes; see :meth:`footstrike.runs.run.Run.to_xarray`."""
    from xarray import Dataset

    names = _names(run)
    data = {
        name: (dims, values, {"units": unit, "long_name": text})
        for name, dims, values, (unit, text) in _variables(run, names)
    }
    used = {dim for dims, _, _ in data.values() for dim in dims}
    coords: dict[str, Any] = {k: list(v) for k, v in {**AXES, **names}.items() if k in used}
    coords["time"] = ("time", run.time, dict(zip(("units", "long_name"), labels.label("time"), strict=True)))
    phase = 100.0 * (run.time - run.time[0]) / run.period
    coords["phase"] = ("time", phase, {"units": "%", "long_name": "stride from right initial contact"})
    if run.muscle_groups and "muscle" in used:
        coords["group"] = ("muscle", run.muscle_groups, {"long_name": "group of the muscle"})
    return Dataset(data, coords, _attributes(run))


def _names(run: Run) -> dict[str, list[str]]:
    """Names along each dimension that is not an axis of vectors."""
    of_coordinates = _union(*(getattr(run, group) for group in TRANSLATING))
    return {
        "coordinate": [n for n in of_coordinates if n not in labels.TRANSLATIONS],
        "translation": [n for n in of_coordinates if n in labels.TRANSLATIONS],
        **{dim: _union(getattr(run, group)) for group, (dim, _) in _NAMED.items()},
        "side": _union(run.ground_force, run.ground_point),
        "muscle": list(run.muscle_names),
        "level": list(run.lumbar),
        "net_level": list(run.lumbar_net),
    }


def _variables(run: Run, names: Mapping[str, Sequence[str]]) -> Iterator[Variable]:
    for group, translating in TRANSLATING.items():
        for name, dim in ((group, "coordinate"), (translating, "translation")):
            if names[dim]:
                values = _stacked(run, getattr(run, group), names[dim])
                yield name, ("time", dim), values, labels.coordinate_label(group, dim == "translation")
    for group, (dim, axis) in _NAMED.items():
        if names[dim]:
            values = _stacked(run, getattr(run, group), names[dim])
            yield group, ("time", dim, axis) if axis else ("time", dim), values, labels.label(group)
    for group in ("activations", "muscle_forces", *OF_MUSCLES):
        if getattr(run, group).size:
            yield group, ("time", "muscle"), getattr(run, group), labels.label(group)
    yield from _of_levels(run, "lumbar", "level", _LEVEL_AXES)
    yield from _of_levels(run, "lumbar_net", "net_level", _NET_AXES)


def _of_levels(run: Run, group: str, dim: str, axes: Mapping[str, str]) -> Iterator[Variable]:
    of_level: Mapping[str, Mapping[str, Array]] = getattr(run, group)
    for quantity in _union(*of_level.values()):
        found = {level: values[quantity] for level, values in of_level.items() if quantity in values}
        dims = ("time", dim, axes[quantity]) if quantity in axes else ("time", dim)
        label = labels.level_label(group, quantity)
        yield f"{group}_{quantity}", dims, _stacked(run, found, list(of_level)), label


def _stacked(run: Run, values: Mapping[str, Array], names: Sequence[str]) -> Array:
    """(T, names, ...) with NaN for what is not known by one of the names."""
    shape = next((v.shape for v in values.values()), run.time.shape)
    return np.stack([values.get(name, np.full(shape, np.nan)) for name in names], axis=1)


def _union(*groups: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys(name for group in groups for name in group))


def _attributes(run: Run) -> dict[str, str | int | float]:
    """Status and the whole specification; what is neither text nor number as JSON, so that a file can hold it."""
    known = {
        **run.spec,
        "status": run.status,
        "message": run.message,
        "mass_kg": run.mass,
        "solver": run.solver,
    }
    is_plain = (str, int, float)
    return {
        name: value
        if isinstance(value, is_plain) and not isinstance(value, bool)
        else json.dumps(plain(value))
        for name, value in known.items()
        if value is not None
    }
