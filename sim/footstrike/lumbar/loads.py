"""Loads of the lumbar joints along a motion, with the forces of the trunk muscles.

The force that a level passes to the vertebra above must, together with the muscles that pull on the part of
the body above, with gravity and with forces from outside, accelerate that part as the motion says:

    joint force = (Newton-Euler force of the part above) - sum_m tension_m (pull of muscle m on that part).

Signs. ``force`` is the one on the upper vertebra. ``compression`` is its superior component: positive where
the vertebrae are pressed together. ``anterior_shear`` is positive where the load pushes the upper vertebra
forward over the lower one, so that disc and facets hold it back: it is minus the anterior component.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from footstrike.dynamics.rigid_body import Force, Motion, Tree, stack
from footstrike.dynamics.scalars import Vector
from footstrike.errors import InputError, unknown_name
from footstrike.lumbar.muscle import strength
from footstrike.lumbar.paths import PathGeometry, path_geometry
from footstrike.lumbar.pressure import pressure_forces
from footstrike.lumbar.spine import LevelFrame, level_frames
from footstrike.lumbar.static_optimisation import RESERVE_PENALTY, balance
from footstrike.lumbar.weights import by_name, cost_weights, scaled
from footstrike.model.description import Description
from footstrike.model.rows import LEVELS

Array = NDArray[np.float64]
__all__ = ["LEVELS", "LUMBAR", "LumbarResult", "lumbar_loads"]

Wrenches = tuple[list[Vector], list[Vector]]

LUMBAR = ("lumbar_extension", "lumbar_bending", "lumbar_rotation")
SMALL_LOAD = 0.05  # body weights: shares are parts of at least this much compression


@dataclass(frozen=True)
class LumbarResult:
    """Trunk muscles and lumbar loads over T frames.

    Attributes
    ----------
    muscle_names
        M muscles that cross a balanced coordinate or a level.
    activations, muscle_forces
        (T, M) 0..1, and tension of the tendon, N.
    lumbar
        By level: ``force`` (T, 3) N on the upper vertebra as [anterior, superior along the chord of joint
        centres, right]; ``resultant``, ``compression``, ``anterior_shear``, ``compression_disc``,
        ``anterior_shear_disc`` (T,) N; ``coupler_moment`` (T, 3) N m, what the joint itself carries, in the
        axes of ``force``; ``muscle_share``, ``inertia_share`` (T,) of the compression along the chord.
    loads, reserves
        By balanced coordinate, (T,) N m: what the muscles had to supply, and what of it they left over.
    reserve_max_nm
        The largest reserve.
    """

    muscle_names: list[str]
    activations: Array
    muscle_forces: Array
    lumbar: dict[str, dict[str, Array]]
    loads: dict[str, Array]
    reserves: dict[str, Array]
    reserve_max_nm: float


def lumbar_loads(
    description: Description,
    q: Mapping[str, Array],
    qd: Mapping[str, Array],
    qdd: Mapping[str, Array],
    ground_forces: Sequence[Force] = (),
    *,
    balanced: Sequence[str] = LUMBAR,
    weights: Mapping[str, float] | None = None,
    floor: float | Mapping[str, float] = 0.0,
    exponent: float = 2.0,
    strength_factor: float | Mapping[str, float] = 1.0,
    passive: bool = False,
    pressure_pa: float | Array = 0.0,
    reserve_penalty: float = RESERVE_PENALTY,
) -> LumbarResult:
    """Distribute the trunk's moments over its muscles and compute the force in every lumbar joint.

    Parameters
    ----------
    description
        The model; its lumbar joints carry the names of their levels.
    q, qd, qdd
        By coordinate, (T,): rad, rad/s, rad/s2 or m, m/s, m/s2.
    ground_forces
        Forces from outside (N, ground frame) on points of bodies.
    balanced
        Coordinates whose moments the muscles supply.
    weights
        Of each muscle's activation in the cost, by name, 1 where not named. None: those of
        :func:`footstrike.lumbar.weights.cost_weights`.
    floor
        Least activation: of every muscle, or by name (see :func:`footstrike.lumbar.weights.abdominal_wall`).
    exponent
        Power of activation in the cost.
    strength_factor
        Multiplies maximal isometric forces: of every muscle, or by name.
    passive
        Whether stretched fibres pull at rest too.
    pressure_pa
        Intra-abdominal pressure: a number or (T,), see :mod:`footstrike.lumbar.pressure`.
    reserve_penalty
        Cost of a squared N m that no muscle supplies, in mean weights.

    Raises
    ------
    InputError
        A name is unknown or a value impossible.
    """
    frames = _frames(description, q, qd, qdd)
    tree = Tree(description, keep=LEVELS)
    motion = tree.motion(q, qd, qdd)
    outside = [*ground_forces, *pressure_forces(tree, motion, frames, pressure_pa)]
    muscles = scaled(description.muscles, strength_factor)
    geometry = path_geometry(tree, motion, frames, muscles)
    arms = geometry.moment_arms(balanced)
    able = strength(muscles, geometry.length, geometry.velocity)
    tension_at_rest = able.passive if passive else np.zeros_like(able.passive)
    wrenches = tree.wrenches(motion, outside)
    load = _loads(tree, motion, wrenches, balanced, frames)
    names = [m.name for m in muscles]
    solved = balance(
        (able.active[..., None] * arms).transpose(0, 2, 1),
        load - np.einsum("tmc,tm->tc", arms, tension_at_rest),
        weights=by_name(names, cost_weights(description) if weights is None else weights, 1.0),
        lower=by_name(names, floor, 0.0),
        exponent=exponent,
        reserve_penalty=reserve_penalty,
    )
    tension = solved.activations * able.active + tension_at_rest
    still = tree.motion(q)
    at_rest = tree.wrenches(still, outside)
    levels = {
        level.name: _level(tree, geometry, tension, level, (motion, wrenches), (still, at_rest))
        for level in level_frames(tree, motion, frames)
    }
    return LumbarResult(
        muscle_names=names,
        activations=solved.activations,
        muscle_forces=tension,
        lumbar=levels,
        loads={name: load[:, k] for k, name in enumerate(balanced)},
        reserves={name: solved.reserves[:, k] for k, name in enumerate(balanced)},
        reserve_max_nm=float(np.abs(solved.reserves).max()),
    )


def _frames(description: Description, *series: Mapping[str, Array]) -> int:
    names = description.coordinate_names
    for values in series:
        for name in names:
            if name not in values:
                raise InputError(f"the motion lacks coordinate {name!r} of model {description.name!r}")
    lengths = {np.size(values[name]) for values in series for name in names}
    if len(lengths) != 1:
        raise InputError(f"the coordinates have different numbers of frames: {sorted(lengths)}")
    return lengths.pop()


def _loads(tree: Tree, motion: Motion, wrenches: Wrenches, balanced: Sequence[str], frames: int) -> Array:
    needed = tree.generalised(motion, wrenches)
    for name in balanced:
        if name not in needed:
            raise unknown_name("coordinate", name, needed)
    return stack([needed[name] for name in balanced], frames)


def _level(
    tree: Tree,
    geometry: PathGeometry,
    tension: Array,
    level: LevelFrame,
    moving: tuple[Motion, Wrenches],
    still: tuple[Motion, Wrenches],
) -> dict[str, Array]:
    """Everything that is told of one level; see `LumbarResult`."""
    frames = len(tension)
    pull = np.einsum("tm,tmi->ti", tension, geometry.wrench_on(level.carried, level.centre))
    net = _reaction(tree, moving, level.name, frames)
    at_rest = _reaction(tree, still, level.name, frames)
    reaction = net - pull
    force, moment = (_in(level.chord, part) for part in np.split(reaction, 2, axis=1))
    disc = _in(level.disc, reaction[:, :3])
    superior = level.chord[:, 1]
    of_muscles = -np.einsum("ti,ti->t", pull[:, :3], superior)
    of_inertia = np.einsum("ti,ti->t", (net - at_rest)[:, :3], superior)
    weight = tree.description.mass * float(np.linalg.norm(tree.description.gravity))
    whole = np.maximum(np.abs(force[:, 1]), SMALL_LOAD * weight)
    return {
        "force": force,
        "resultant": np.linalg.norm(force, axis=1),
        "compression": force[:, 1],
        "anterior_shear": -force[:, 0],
        "compression_disc": disc[:, 1],
        "anterior_shear_disc": -disc[:, 0],
        "coupler_moment": moment,
        "muscle_share": of_muscles / whole,
        "inertia_share": of_inertia / whole,
    }


def _reaction(tree: Tree, at: tuple[Motion, Wrenches], joint: str, frames: int) -> Array:
    """(T, 6) force and moment about the joint's centre that the joint passes upwards, ground frame."""
    force, moment = tree.reaction(*at, joint)
    return np.concatenate([stack(force, frames), stack(moment, frames)], axis=1)


def _in(axes: Array, vector: Array) -> Array:
    return np.asarray(np.einsum("tij,tj->ti", axes, vector))
