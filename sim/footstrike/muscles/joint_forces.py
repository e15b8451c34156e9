"""Forces in every joint of a model along a motion, with the forces of all its muscles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from footstrike.brief import brief
from footstrike.dynamics.rigid_body import Force, Tree, stack
from footstrike.model.description import Description
from footstrike.model.measured import NOTHING_MEASURED, MeasuredMuscles
from footstrike.muscles.load_sharing import Moving, Sharing, frames_of, muscle_forces, reaction

Array = NDArray[np.float64]


@dataclass(frozen=True)
class JointLoads:
    """Muscles and joints over T frames.

    Attributes
    ----------
    muscle_names, activations, muscle_forces
        M muscles, (T, M) 0..1, (T, M) N.
    torques
        By free coordinate, (T,): generalised force that the motion needs beside gravity and the forces from
        outside, N m or N; for the coordinates between model and ground, what the measured forces leave over.
    reserves
        By balanced coordinate, (T,) N m: what no muscle supplies.
    reactions
        By joint, (T, 6) force (N) and moment (N m) on its child at the joint's frame there, ground frame.
    """

    __repr__ = brief

    muscle_names: list[str]
    activations: Array
    muscle_forces: Array
    torques: dict[str, Array]
    reserves: dict[str, Array]
    reactions: dict[str, Array]

    @property
    def reserve_max_nm(self) -> float:
        """The largest reserve, N m."""
        return max((float(np.abs(r).max()) for r in self.reserves.values()), default=0.0)


def joint_loads(
    description: Description,
    q: Mapping[str, Array],
    qd: Mapping[str, Array],
    qdd: Mapping[str, Array],
    forces: Sequence[Force] = (),
    *,
    balanced: Sequence[str] | None = None,
    sharing: Sharing | None = None,
    measured: MeasuredMuscles = NOTHING_MEASURED,
) -> JointLoads:
    """Distribute the moments of all joints over all muscles, and compute the force in every joint.

    Parameters
    ----------
    q, qd, qdd
        By coordinate, (T,): rad, rad/s, rad/s2 or m, m/s, m/s2.
    forces
        From outside (N, ground frame) on points of bodies.
    balanced
        Coordinates that muscles balance. None: all that muscles can drive both ways, but those between
        the model and the ground; the others have motors.
    sharing
        Cost and bounds of the activations.
    measured
        Paths and strength in these frames that OpenSim measured.

    Raises
    ------
    InputError
        A name is unknown or a value impossible.
    ModelError
        A muscle has no path.
    """
    frames = frames_of(description, q, qd, qdd)
    tree = Tree(description, keep=[j.name for j in description.joints])
    motion = tree.motion(q, qd, qdd)
    wrenches = tree.wrenches(motion, forces)
    how = sharing or Sharing()
    muscles = muscle_forces(Moving(tree, motion, frames, wrenches, qd), balanced, how, measured)
    pull = muscles.geometry.pull(muscles.tension)
    torques = tree.generalised(motion, wrenches)
    return JointLoads(
        muscles.names,
        muscles.activations,
        muscles.tension,
        {name: stack([torques[name]], frames)[:, 0] for name in description.coordinate_names},
        muscles.reserves,
        {j.name: reaction(tree, motion, wrenches, j.name, frames, pull) for j in description.joints},
    )
