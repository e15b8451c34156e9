"""Bodies, joints and coordinates of an opened model as plain data. Runs in the OpenSim worker."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from footstrike.dynamics.inertia import impossible_inertias
from footstrike.model.description import Body, Description
from footstrike.opensim.joints import (
    coordinate,
    eliminate,
    joint,
    outward,
    refuse_strays,
    turns_together,
)
from footstrike.opensim.opened_model import each, initialise, read_file, vec
from footstrike.opensim.osim import osim

_KEPT_OPEN = 4


@dataclass(frozen=True)
class Skeleton:
    """A description without muscles and forces, and warnings about what was left out."""

    description: Description
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Opened:
    """A model, its initial state (nobody changes it), its skeleton, and a state to be changed at will."""

    model: Any
    initial: Any
    skeleton: Skeleton
    state: Any

    def fresh(self) -> Any:
        """Another copy of the initial state."""
        return osim.State(self.initial)


def skeleton(model: Any, state: Any) -> Skeleton:
    """The rigid bodies of a model; couplers, locked and prescribed coordinates are eliminated."""
    refuse_strays(model)
    gone = eliminate(model, state)
    joints = outward(joint(j, gone) for j in list(model.getJointList()))
    unfree = gone.fixed.keys() | gone.dependents.keys()
    described = Description(
        name=model.getName(),
        gravity=vec(model.getGravity()),
        bodies=tuple(_body(b) for b in list(model.getBodyList())),
        joints=joints,
        coordinates=tuple(coordinate(c) for c in each(model.getCoordinateSet()) if c.getName() not in unfree),
        couplers=gone.couplers,
        fixed=gone.fixed,
        unlike_opensim=tuple(j.getName() for j in list(model.getJointList()) if turns_together(j)),
    )
    return Skeleton(described, (*gone.warnings, *impossible_inertias(described.bodies)))


_open: OrderedDict[str, Opened] = OrderedDict()


def opened(osim_text: str) -> Opened:
    """A model that stays open for the next call: whoever uses it may change copies of its state only."""
    if osim_text not in _open:
        file = read_file(osim_text)
        state = initialise(file.model)
        found = skeleton(file.model, osim.State(state))
        found = replace(found, warnings=(*file.notes, *found.warnings))
        _open[osim_text] = Opened(file.model, state, found, state)
        if len(_open) > _KEPT_OPEN:
            _open.popitem(last=False)
    _open.move_to_end(osim_text)
    return replace(_open[osim_text], state=_open[osim_text].fresh())


def _body(body: Any) -> Body:
    inertia = body.getInertia()
    (xx, yy, zz), (xy, xz, yz) = vec(inertia.getMoments()), vec(inertia.getProducts())
    return Body(
        body.getName(),
        body.getMass(),
        vec(body.getMassCenter()),
        np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]]),
    )
