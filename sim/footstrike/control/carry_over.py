"""A solved gait of one runner as the start of another one's: other joint angles, another body, the same contact of the feet."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from footstrike.control.problem import TrackProblem
from footstrike.control.solution import Gait, Solution
from footstrike.dynamics.foot import sole_height
from footstrike.dynamics.rigid_body import Tree

Array = NDArray[np.float64]

DENSITY = 40  # places per mesh interval at which curves are fitted
HEIGHT = "pelvis_ty"


def carried_over(solved: Solution, of: TrackProblem, onto: TrackProblem) -> Solution:
    """The solution of a problem, moved along with what the references of another one ask otherwise.

    The pelvis is raised so that the lowest point of the feet, on average over stance, is as high above the ground as before:
    a body of another size would stand in it or hover above.
    """
    gaits = tuple(_moved(gait, of, onto, place) for place, gait in enumerate(solved.gaits))
    return replace(solved, gaits=gaits)


def _moved(gait: Gait, of: TrackProblem, onto: TrackProblem, place: int) -> Gait:
    before, after = of.references[place], onto.references[place]
    phase = np.linspace(0.0, 1.0, DENSITY * len(gait.basis.breaks))
    old = gait.basis.matrix(phase) @ gait.coefficients
    asked, was = (r.tracked("coordinates", gait.names, phase)[0] for r in (after, before))
    new = old + asked - was
    stance = np.interp(phase, before.phase, before.force[:, (1, 4)].max(axis=1)) > 0
    sunk = _sole(onto, gait.names, new) - _sole(of, gait.names, old)
    new[:, gait.names.index(HEIGHT)] -= sunk[stance].mean()
    coefficients = np.asarray(np.linalg.lstsq(gait.basis.matrix(phase), new, rcond=None)[0], dtype=np.float64)
    return replace(gait, coefficients=coefficients, duration=gait.duration * after.duration / before.duration)


def _sole(problem: TrackProblem, names: list[str], motion: Array) -> Array:
    tree = Tree(problem.description)
    return sole_height(tree, tree.motion({name: motion[:, i] for i, name in enumerate(names)}))
