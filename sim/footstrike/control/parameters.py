"""The physical numbers of a runner as a vector with names, apart from the structure of the equations.

A point's expressions are made of symbols in place of these numbers, so that one set of derivatives serves every runner
of the same structure: the same bodies, joints and axes, muscles that act on the same coordinates by the same
monomials, and zeros in the same places. A number that is exactly zero stays one, and so does a one in a
rotation or in a joint's function: they keep the expressions small.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from footstrike.cache.entries import content
from footstrike.control.point_loads import (
    BoneForce,
    BrakingForce,
    Damage,
    EffortLoad,
    LevelForce,
    MetabolicRate,
    MuscleHeat,
    Resultant,
    TendonForce,
)
from footstrike.control.problem import Drive, Spring, TrackProblem
from footstrike.lumbar.net_load import POINT
from footstrike.model.description import (
    Axis,
    Body,
    Composite,
    ContactSphere,
    Coordinate,
    Cubic,
    Description,
    Joint,
    Muscle,
    PathPolynomial,
    Piecewise,
    Polynomial,
    Pose,
    PullPolynomial,
    Sine,
)
from footstrike.workers.casadi_ import ca

Leaf = Callable[[str, float], Any]

LOADS = (LevelForce, BoneForce, TendonForce, MetabolicRate, EffortLoad, BrakingForce, Resultant, Damage)

PARAMETERS: Mapping[type, tuple[str, ...]] = {
    Description: ("gravity", "bodies", "joints", "coordinates", "spheres", "markers"),
    Body: ("mass", "com", "inertia"),
    Joint: ("parent_pose", "child_pose", "axes"),
    Pose: ("R", "p"),
    Axis: ("function",),
    Polynomial: ("coefficients",),
    Sine: ("amplitude", "omega", "phase", "offset"),
    Composite: ("outer", "inner"),
    ContactSphere: ("location", "radius", "stiffness", "dissipation", "friction", "transition_velocity"),
    Drive: ("muscles", "paths", "cost", "scale", "limit", "springs"),
    Muscle: (
        "max_isometric_force",
        "optimal_fibre_length",
        "tendon_slack_length",
        "pennation",
        "max_velocity",
        "width_scale",
        "passive_strain",
        "tendon_strain",
    ),
    PathPolynomial: ("coefficients",),
    Spring: ("stiffness", "damping"),
    MuscleHeat: ("mass", "slow"),
    PullPolynomial: ("coefficients",),
    **dict.fromkeys(LOADS, ("scale", "pull", "heat")),
    MetabolicRate: ("scale", "pull", "heat", "rest"),
}
"""Fields whose numbers are parameters, themselves or what they hold."""

STRUCTURE: Mapping[type, tuple[str, ...]] = {
    Coordinate: ("name", "joint"),
    Body: ("name",),
    Joint: ("name", "parent", "child"),
    Axis: ("kind", "direction", "coordinate"),
    Cubic: ("x", "y", "dy"),
    Piecewise: ("breaks", "origins", "coefficients"),
    ContactSphere: ("name", "body"),
    Drive: ("balanced", "compliant", "passive", "tissue"),
    Muscle: ("name",),
    PathPolynomial: ("coordinates", "centre", "scale", "exponents"),
    PullPolynomial: ("coordinates", "centre", "scale", "exponents"),
    LevelForce: ("name", "level", "component"),
    BoneForce: ("name", "of", "bone"),
    TendonForce: ("name",),
    MetabolicRate: ("name",),
    EffortLoad: ("name",),
    BrakingForce: ("name", "side"),
    Resultant: ("name", "parts"),
    Damage: ("name", "of", "exponent"),
}
"""Fields that are part of the structure as they are; a point sees no others."""

WITH_ONES = (Pose, Polynomial)
"""Whose ones are part of the structure, too."""

SYMBOLIC = ("description", "contact", "drive", "loads")
"""What of a problem is part of the expressions at a point, beside the terms of the objective and the names of moments."""

_SINGULAR = {
    "bodies": "body",
    "joints": "joint",
    "spheres": "sphere",
    "markers": "marker",
    "muscles": "muscle",
    "paths": "path",
    "springs": "spring",
}
NOISE = 1e-13


def parameters(problem: TrackProblem) -> dict[str, float]:
    """Values by name, such as ``body.pelvis.mass`` or ``muscle.soleus_r.max_isometric_force``, in the point's order."""
    found: dict[str, float] = {}

    def keep(name: str, value: float) -> float:
        found[name] = value
        return value

    _walked(problem, keep)
    return found


def symbolic(problem: TrackProblem) -> tuple[TrackProblem, Any]:
    """The problem with symbols in place of its parameters, and the (p,) vector of these.

    Of description and drive it has only :data:`PARAMETERS` and :data:`STRUCTURE`; arrays are nested lists.
    """
    symbols: dict[str, Any] = {}

    def symbol(name: str, value: float) -> Any:
        return symbols.setdefault(name, ca.SX.sym(name))

    walked = _walked(problem, symbol)
    return walked, ca.vertcat(ca.SX(0, 1), *symbols.values())


def structure(problem: TrackProblem) -> bytes:
    """What the expressions at a point depend on beside the values of the parameters; the same for equal structures."""
    walked = _walked(problem, lambda name, value: name)
    moments = sorted({name for reference in problem.references for name in reference.moments})
    counts = len(problem.aims), len(problem.choices)
    return content(
        ([getattr(walked, field) for field in SYMBOLIC], problem.objective.structure(), moments, counts)
    )


def _walked(problem: TrackProblem, leaf: Leaf) -> TrackProblem:
    d = problem.description
    seen = {name: place for name, place in d.markers.items() if name == POINT}
    return replace(
        problem,
        description=_dataclass(replace(d, markers=seen), "", leaf),
        drive=_dataclass(problem.drive, "", leaf),
        loads=_value(problem.loads, "load", partial(_number, leaf, (0.0,))),
    )


def _dataclass(value: Any, name: str, leaf: Leaf) -> Any:
    kind = type(value)
    new: dict[str, Any] = dict.fromkeys(f.name for f in fields(value))
    new |= {field: getattr(value, field) for field in STRUCTURE.get(kind, ())}
    constants = (0.0, 1.0) if kind in WITH_ONES else (0.0,)
    for field in PARAMETERS.get(kind, ()):
        inside = _joined(name, _SINGULAR.get(field, field))
        new[field] = _value(getattr(value, field), inside, partial(_number, leaf, constants))
    return kind(**new)


def _number(leaf: Leaf, constants: Sequence[float], name: str, value: float) -> Any:
    """The number itself where it is part of the structure."""
    snapped = round(value) if np.isfinite(value) else value
    if not np.isfinite(value) or (abs(snapped) in constants and abs(value - snapped) < NOISE):
        return float(snapped) + 0.0  # no minus zero
    return leaf(name, float(value))


def _value(value: Any, name: str, number: Leaf) -> Any:
    if is_dataclass(value):
        return _dataclass(value, name, number)
    if isinstance(value, Mapping):
        return {key: _value(item, _joined(name, str(key)), number) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return _array(value, name, number)
    if isinstance(value, tuple):
        return tuple(_value(item, _joined(name, _key(item, k)), number) for k, item in enumerate(value))
    return number(name, value) if isinstance(value, int | float) else value


def _array(values: Any, name: str, number: Leaf) -> list[Any]:
    """Nested lists; vectors and matrices of space by the names of their axes, symmetric ones once."""
    out = np.empty(values.shape, dtype=object)
    for index in np.ndindex(values.shape):
        which = str(index[0])
        if not name.endswith("coefficients"):
            letters = ["xyz"[i] for i in index]
            which = "".join(sorted(letters) if name.endswith("inertia") else letters)
        out[index] = number(f"{name}.{which}", float(values[index]))
    return list(out.tolist())


def _key(item: Any, place: int) -> str:
    return "" if isinstance(item, np.ndarray) else getattr(item, "name", str(place))


def _joined(*names: str) -> str:
    return ".".join(n for n in names if n)
