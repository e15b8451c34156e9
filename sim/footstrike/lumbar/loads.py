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

from footstrike.brief import brief
from footstrike.dynamics.rigid_body import Force, Motion, Tree
from footstrike.lumbar.disc_moments import disc_moments
from footstrike.lumbar.disc_stiffness import Stiffness, Value
from footstrike.lumbar.levels import LevelFrame, level_frames, lumbar_joints
from footstrike.lumbar.pressure import pressure_forces
from footstrike.model.description import Description
from footstrike.model.measured import NOTHING_MEASURED, MeasuredMuscles
from footstrike.model.rows import LEVELS
from footstrike.muscles.load_sharing import (
    Given,
    Moving,
    Sharing,
    Wrenches,
    frames_of,
    given_forces,
    muscle_forces,
    reaction,
)

Array = NDArray[np.float64]
__all__ = ["LEVELS", "LUMBAR", "LumbarOptions", "LumbarResult", "lumbar_loads"]

LUMBAR = ("lumbar_extension", "lumbar_bending", "lumbar_rotation")
SMALL_LOAD = 0.05  # body weights: shares are parts of at least this much compression


@dataclass(frozen=True)
class LumbarOptions(Sharing):
    """What may be chosen of an analysis of the spine, beside how the muscles share the load.

    Attributes
    ----------
    balanced
        Coordinates whose moments the muscles supply. None: all that muscles can drive both ways,
        but those between the model and the ground.
    pressure_pa
        Intra-abdominal pressure: a number or (T,), see :mod:`footstrike.lumbar.pressure`.
    discs
        Springs at the levels, which take part of the moment off the muscles: ``"stiffness"``, ``"low"`` or
        ``"high"`` of the published range, or N m/rad by level and direction (see
        :mod:`footstrike.lumbar.disc_stiffness`). None: no springs.
    """

    __repr__ = brief

    balanced: Sequence[str] | None = LUMBAR
    pressure_pa: float | Array = 0.0
    discs: Value | Stiffness | None = None


@dataclass(frozen=True)
class LumbarResult:
    """Trunk muscles and lumbar loads over T frames.

    Attributes
    ----------
    muscle_names
        M muscles: all but those whose path is a polynomial in coordinates of which none is balanced.
    activations, muscle_forces
        (T, M) 0..1, and tension of the tendon, N.
    lumbar
        By level: ``force`` (T, 3) N on the upper vertebra as [anterior, superior along the chord of joint
        centres, right]; ``resultant``, ``compression``, ``anterior_shear``, ``compression_disc``,
        ``anterior_shear_disc`` (T,) N; ``coupler_moment`` (T, 3) N m, what the joint itself carries, in the
        axes of ``force``; ``muscle_share``, ``inertia_share`` (T,) of the compression along the chord. With
        springs at the discs also their ``disc_moment`` (T, 3) N m, which is not part of ``coupler_moment``.
    loads, reserves
        By balanced coordinate, (T,) N m: what the muscles had to supply, and what of it they left over.
    reserve_max_nm
        The largest reserve.
    """

    __repr__ = brief

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
    options: LumbarOptions = LumbarOptions(),
    *,
    measured: MeasuredMuscles = NOTHING_MEASURED,
    given: Given | None = None,
) -> LumbarResult:
    """Distribute the trunk's moments over its muscles and compute the force in every lumbar joint.

    Parameters
    ----------
    description
        The model; the names of its lumbar joints begin with their levels'.
    q, qd, qdd
        By coordinate, (T,): rad, rad/s, rad/s2 or m, m/s, m/s2.
    ground_forces
        Forces from outside (N, ground frame) on points of bodies.
    options
        Load sharing, pressure, springs at the discs.
    measured
        Paths and strength in these frames that OpenSim measured.
    given
        Muscle forces from elsewhere: nothing is distributed then, and the options of load sharing do not apply.

    Raises
    ------
    InputError
        A name is unknown or a value impossible.
    """
    frames = frames_of(description, q, qd, qdd)
    tree = Tree(description, keep=[j.name for j in lumbar_joints(description).values()])
    motion = tree.motion(q, qd, qdd)
    outside = [*ground_forces, *pressure_forces(tree, motion, frames, options.pressure_pa)]
    wrenches = tree.wrenches(motion, outside)
    springs = None if options.discs is None else disc_moments(tree, motion, q, frames, options.discs)
    relief = springs.on_coordinates if springs else None
    moving = Moving(tree, motion, frames, wrenches, qd)
    if given is None:
        muscles = muscle_forces(moving, options.balanced, options, measured, relief)
    else:
        chosen = LUMBAR if options.balanced is None else options.balanced
        muscles = given_forces(moving, chosen, given, measured, relief)
    still = tree.motion(q)
    at_rest = tree.wrenches(still, outside)
    pull = muscles.geometry.pull(muscles.tension)
    axes = level_frames(tree, motion, frames)
    levels = {
        level.name: _level(tree, level, frames, (motion, wrenches), (still, at_rest), pull) for level in axes
    }
    if springs:
        _take_out(springs.on_levels, levels, axes)
    return LumbarResult(
        muscle_names=muscles.names,
        activations=muscles.activations,
        muscle_forces=muscles.tension,
        lumbar=levels,
        loads=muscles.loads,
        reserves=muscles.reserves,
        reserve_max_nm=muscles.reserve_max_nm,
    )


def _level(
    tree: Tree,
    level: LevelFrame,
    frames: int,
    moving: tuple[Motion, Wrenches],
    still: tuple[Motion, Wrenches],
    pull: Array,
) -> dict[str, Array]:
    """Everything that is told of one level; see `LumbarResult`."""
    net = reaction(tree, *moving, level.joint, frames)
    at_rest = reaction(tree, *still, level.joint, frames)
    with_muscles = reaction(tree, *moving, level.joint, frames, pull)
    force, moment = (_in(level.chord, part) for part in np.split(with_muscles, 2, axis=1))
    disc = _in(level.disc, with_muscles[:, :3])
    of_muscles, of_inertia = (
        np.einsum("ti,ti->t", part[:, :3], level.chord[:, 1]) for part in (with_muscles - net, net - at_rest)
    )
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


def _take_out(
    moments: Mapping[str, Array], levels: dict[str, dict[str, Array]], frames: Sequence[LevelFrame]
) -> None:
    """Split what each joint carries into the springs' part and the couplers'."""
    for level in frames:
        of_disc = _in(level.chord, moments[level.name])
        levels[level.name]["disc_moment"] = of_disc
        levels[level.name]["coupler_moment"] = levels[level.name]["coupler_moment"] - of_disc


def _in(axes: Array, vector: Array) -> Array:
    return np.asarray(np.einsum("tij,tj->ti", axes, vector))
