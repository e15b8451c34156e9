"""The equations of motion as CasADi functions. Runs in a CasADi worker."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from footstrike.dynamics.contact import contact_forces
from footstrike.dynamics.rigid_body import Tree
from footstrike.model.description import Description
from footstrike.workers.casadi_ import ca

Array = NDArray[np.float64]


def dynamics_function(description: Description, contact: bool = False) -> Any:
    """Function of coordinates, speeds and accelerations (n,) that gives the generalised forces (n,).

    With ``contact``, the ground pushes on the model's spheres; without, nothing but gravity acts.
    """
    names = description.coordinate_names
    states = [ca.SX.sym(s, len(names)) for s in ("q", "qd", "qdd")]
    tree = Tree(description)
    motion = tree.motion(*(dict(zip(names, ca.vertsplit(s), strict=True)) for s in states))
    forces = contact_forces(tree, motion, description.spheres) if contact else []
    tau = tree.inverse_dynamics(motion, forces)
    return ca.Function("dynamics", states, [ca.vertcat(*[tau[n] for n in names])], {"cse": True})


def inverse_dynamics(
    description: Description, q: Array, qd: Array, qdd: Array, contact: bool = False
) -> Array:
    """Generalised forces (frames, n), N m and N, from (frames, n) in the order of the free coordinates."""
    function = dynamics_function(description, contact).map(len(q))
    return np.array(function(q.T, qd.T, qdd.T)).T


def ping() -> str:
    """Version of the engine: an answer that costs nothing."""
    return str(ca.CasadiMeta.version())
