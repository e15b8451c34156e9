"""Muscle forces along a motion: load sharing by static optimisation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from footstrike.brief import brief
from footstrike.dynamics.rigid_body import Motion, Tree, stack
from footstrike.dynamics.scalars import Vector
from footstrike.errors import InputError, unknown_name
from footstrike.model.description import Description, Muscle
from footstrike.model.measured import MeasuredMuscles, MusclePath
from footstrike.muscles.paths import PathGeometry, path_geometry
from footstrike.muscles.properties import by_name, cost_weights, scaled
from footstrike.muscles.static_optimisation import RESERVE_PENALTY, balance
from footstrike.muscles.strength import strength

Array = NDArray[np.float64]
Wrenches = tuple[list[Vector], list[Vector]]

SMALLEST_DRIVE_NM = 1.0


@dataclass(frozen=True)
class Sharing:
    """How muscles are asked to share a load.

    Attributes
    ----------
    weights
        Of each muscle's activation in the cost, by name, 1 where not named. None: those of
        :func:`footstrike.muscles.properties.cost_weights`.
    floor
        Least activation: of every muscle, or by name (see :func:`footstrike.muscles.properties.abdominal_wall`).
    exponent
        Power of activation in the cost.
    strength_factor
        Multiplies maximal isometric forces: of every muscle, or by name.
    passive
        Whether stretched fibres pull at rest too.
    reserve_penalty
        Cost of a squared N m that no muscle supplies, in mean weights.
    """

    __repr__ = brief

    weights: Mapping[str, float] | None = None
    floor: float | Mapping[str, float] = 0.0
    exponent: float = 2.0
    strength_factor: float | Mapping[str, float] = 1.0
    passive: bool = False
    reserve_penalty: float = RESERVE_PENALTY


@dataclass(frozen=True)
class Moving:
    """A model in motion over T frames.

    Attributes
    ----------
    tree, motion, frames
        The model, how it moves, and T.
    wrenches
        Of the joints, without muscles.
    speeds
        Of the coordinates, (T,) each.
    """

    __repr__ = brief

    tree: Tree
    motion: Motion
    frames: int
    wrenches: Wrenches
    speeds: Mapping[str, Array]


@dataclass(frozen=True)
class MuscleForces:
    """Muscles over T frames.

    Attributes
    ----------
    names
        M muscles.
    geometry
        Their paths.
    activations, tension
        (T, M) 0..1 and N.
    loads, reserves
        By balanced coordinate, (T,) N m: what muscles had to supply, and what of it they left over.
    """

    __repr__ = brief

    names: list[str]
    geometry: PathGeometry
    activations: Array
    tension: Array
    loads: dict[str, Array]
    reserves: dict[str, Array]

    @property
    def reserve_max_nm(self) -> float:
        """The largest reserve, N m."""
        return max((float(np.abs(r).max()) for r in self.reserves.values()), default=0.0)


def muscle_forces(
    moving: Moving,
    balanced: Sequence[str] | None,
    sharing: Sharing,
    measured: MeasuredMuscles,
    relief: Mapping[str, Array] | None = None,
) -> MuscleForces:
    """Distribute the load of the balanced coordinates over the muscles of the model.

    Muscles that are known by a polynomial of other coordinates only are left out: they do not act here.

    Parameters
    ----------
    balanced
        Coordinates whose moments the muscles supply. None: all that muscles can drive both ways, but those
        between the model and the ground.
    sharing
        Cost and bounds of the activations.
    measured
        Paths and strength that do not follow from the description.
    relief
        By coordinate, (T,) N m that something else than muscles supplies.
    """
    description = moving.tree.description
    muscles = scaled(_concerned(description, balanced, measured.paths), sharing.strength_factor)
    names = [m.name for m in muscles]
    geometry = _geometry(moving, muscles, measured)
    able = strength(muscles, geometry.length, geometry.velocity)
    active = able.active if measured.active is None else measured.active
    chosen = _inner(description) if balanced is None else list(balanced)
    arms = geometry.moment_arms(chosen)
    if balanced is None:
        driven = _driven_both_ways(active, arms)
        chosen, arms = [name for name, yes in zip(chosen, driven, strict=True) if yes], arms[..., driven]
    at_rest = able.passive if sharing.passive else np.zeros_like(able.passive)
    load = _loads(moving, chosen, relief)
    weights = cost_weights(description) if sharing.weights is None else sharing.weights
    solved = balance(
        (active[..., None] * arms).transpose(0, 2, 1),
        load - np.einsum("tmc,tm->tc", arms, at_rest),
        weights=by_name(names, weights, 1.0),
        lower=by_name(names, sharing.floor, 0.0),
        exponent=sharing.exponent,
        reserve_penalty=sharing.reserve_penalty,
    )
    return MuscleForces(
        names,
        geometry,
        solved.activations,
        solved.activations * active + at_rest,
        {name: load[:, k] for k, name in enumerate(chosen)},
        {name: solved.reserves[:, k] for k, name in enumerate(chosen)},
    )


@dataclass(frozen=True)
class Given:
    """Muscle forces that need no load sharing: M names, activations and tension (T, M) 0..1 and N."""

    __repr__ = brief

    names: Sequence[str]
    activations: Array
    tension: Array


def given_forces(
    moving: Moving,
    balanced: Sequence[str],
    given: Given,
    measured: MeasuredMuscles,
    relief: Mapping[str, Array] | None = None,
) -> MuscleForces:
    """Given muscle forces, and what they leave of the balanced coordinates' loads."""
    by_name = {m.name: m for m in moving.tree.description.muscles}
    geometry = _geometry(moving, [by_name[name] for name in given.names], measured)
    supplied = np.einsum("tmc,tm->tc", geometry.moment_arms(balanced), given.tension)
    load = _loads(moving, balanced, relief)
    return MuscleForces(
        list(given.names),
        geometry,
        given.activations,
        given.tension,
        {name: load[:, k] for k, name in enumerate(balanced)},
        {name: load[:, k] - supplied[:, k] for k, name in enumerate(balanced)},
    )


def _geometry(moving: Moving, muscles: Sequence[Muscle], measured: MeasuredMuscles) -> PathGeometry:
    return path_geometry(moving.tree, moving.motion, moving.frames, muscles, measured.paths, moving.speeds)


def _concerned(
    description: Description, balanced: Sequence[str] | None, sampled: Sequence[MusclePath]
) -> list[Muscle]:
    """All muscles but those whose path is a polynomial in coordinates of which none is balanced."""
    known = {path.name for path in sampled}
    return [
        m
        for m in description.muscles
        if m.path
        or m.name in known
        or m.polynomial is None
        or balanced is None
        or set(m.polynomial.coordinates) & set(balanced)
    ]


def _inner(description: Description) -> list[str]:
    """All coordinates but those between the model and the ground."""
    on_ground = {j.name for j in description.joints if j.parent == "ground"}
    return [c.name for c in description.coordinates if c.joint not in on_ground]


def _driven_both_ways(active: Array, arms: Array) -> NDArray[np.bool_]:
    """(C,) which coordinates muscles can drive up and down: a one-sided joint would misuse its muscles."""
    gain = active[..., None] * arms
    up, down = (np.maximum(sign * gain, 0.0).sum(axis=1).max(axis=0) for sign in (1.0, -1.0))
    return np.asarray(np.minimum(up, down) > SMALLEST_DRIVE_NM)


def frames_of(description: Description, *series: Mapping[str, Array]) -> int:
    """The number of frames that all coordinates have.

    Raises
    ------
    InputError
        A coordinate is missing, or they have different numbers.
    """
    names = description.coordinate_names
    for values in series:
        for name in names:
            if name not in values:
                raise InputError(f"the motion lacks coordinate {name!r} of model {description.name!r}")
    lengths = {np.size(values[name]) for values in series for name in names}
    if len(lengths) != 1:
        raise InputError(f"the coordinates have different numbers of frames: {sorted(lengths)}")
    return lengths.pop()


def reaction(
    tree: Tree, motion: Motion, wrenches: Wrenches, joint: str, frames: int, pull: Array | None = None
) -> Array:
    """Force and moment that a joint passes to its child, about the joint's frame there.

    Parameters
    ----------
    wrenches
        Of the joints, without muscles.
    pull
        Of the muscles on every node and what it carries (`PathGeometry.pull`).

    Returns
    -------
    (T, 6) N and N m, ground frame.
    """
    force, moment = (stack(v, frames) for v in tree.reaction(motion, wrenches, joint))
    if pull is not None:
        child = next(j for j in tree.description.joints if j.name == joint)
        at = stack(tree.position(motion, child.child, child.child_pose.p.tolist()), frames)
        of_muscles = pull[:, tree.placement[child.child].node]
        force = force - of_muscles[:, :3]
        moment = moment - of_muscles[:, 3:] + np.cross(at, of_muscles[:, :3])
    return np.concatenate([force, moment], axis=1)


def _loads(moving: Moving, balanced: Sequence[str], relief: Mapping[str, Array] | None) -> Array:
    """(T, C) N m that muscles have to supply, less what something else supplies."""
    needed = moving.tree.generalised(moving.motion, moving.wrenches)
    for name in balanced:
        if name not in needed:
            raise unknown_name("coordinate", name, needed)
    other = relief or {}
    return stack([needed[name] - other.get(name, 0.0) for name in balanced], moving.frames)
