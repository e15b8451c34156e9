"""A model file opened in OpenSim, and small things read from it. Runs in the OpenSim worker."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from footstrike.errors import ModelError
from footstrike.model.description import Pose
from footstrike.opensim.lenient_xml import parse
from footstrike.opensim.log import listening
from footstrike.opensim.model_text import readable, reason
from footstrike.opensim.osim import osim
from footstrike.opensim.unique_names import distinguish, refuse_same_paths, same_surfaces
from footstrike.opensim.written_numbers import refuse_broken_numbers

Array = NDArray[np.float64]


@dataclass(frozen=True)
class ConnectedModel:
    """A model with connections made, not initialised yet, and what had to be said about the file."""

    model: Any
    notes: tuple[str, ...]


def read_file(osim_text: str) -> ConnectedModel:
    """An OpenSim model from its XML; every coordinate, body, joint, muscle and marker has a name of its own.

    Contact meshes, controllers and probes are left out: they need files that lie elsewhere, or only report.

    Raises
    ------
    ModelError
        OpenSim cannot read it, or would read something else than what is written.
    """
    text = readable(osim_text).text
    document = parse(text)
    notes = refuse_broken_numbers(document)
    with listening() as log:
        try:
            model = _connected(text)
        finally:
            notes += refuse_same_paths(log)  # the reason, where OpenSim fails for it
        refuse_loose_bodies(log.loose_bodies)
        refuse_loops(model)
        notes += [*distinguish(model, document), *same_surfaces(model)]
        notes += [f"OpenSim says: {line}" for line in log.other]
    model.updControllerSet().clearAndDestroy()
    model.updProbeSet().clearAndDestroy()
    return ConnectedModel(model, tuple(notes))


def _connected(text: str) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.osim"
        path.write_text(text, encoding="utf-8")
        try:
            model = osim.Model(str(path))
            model.finalizeConnections()
        except RuntimeError as error:
            raise ModelError(f"OpenSim cannot read the model: {reason(error, text)}") from None
    return model


def read(osim_text: str) -> Any:
    """The model of :func:`read_file`, so that components can be added before it is initialised."""
    return read_file(osim_text).model


def load(osim_text: str) -> Any:
    """An initialised OpenSim model from its XML."""
    model = read(osim_text)
    initialise(model)
    return model


def initialise(model: Any) -> Any:
    """The initial state of a model; its own complaint as a :class:`ModelError`."""
    with listening() as log:
        try:
            return model.initSystem()
        except RuntimeError as error:
            said = "".join(f" OpenSim also says: {line}" for line in log.other[:3])
            raise ModelError(f"OpenSim cannot initialise the model: {reason(error, '')}{said}") from None


def refuse_loose_bodies(names: Sequence[str]) -> None:
    """Raise a ModelError that names bodies on no joint."""
    if names:
        raise ModelError(
            f"no joint carries {', '.join(map(repr, names))}: add one (OpenSim would hang it on the ground by a FreeJoint)"
        )


def refuse_loops(model: Any) -> None:
    """Raise a ModelError that names the joints where two carry one body, or one the ground."""
    joints = list(model.getJointList())
    child = {j.getAbsolutePathString(): _base(j.getChildFrame()) for j in joints}
    carried = Counter(child.values())
    closed = [body for body, n in carried.items() if n > 1 or body == "/ground"]
    if closed:
        names = [j.getName() for j in joints if _base(j.getChildFrame()) == closed[0]]
        raise ModelError(
            f"joints {', '.join(map(repr, names))} carry {closed[0].split('/')[-1]!r} and close a loop, which cannot "
            "be expressed: keep one joint per body, parents towards the ground"
        )


def _base(frame: Any) -> str:
    return str(frame.findBaseFrame().getAbsolutePathString())


def each(collection: Any) -> list[Any]:
    """The members of an OpenSim set."""
    return [collection.get(i) for i in range(collection.getSize())]


def vec(v: Any) -> Array:
    """A Vec3 as an array."""
    return np.array([v.get(0), v.get(1), v.get(2)])


def matrix(R: Any) -> Array:
    """A Rotation as an array (3, 3)."""
    m = R.asMat33()
    return np.array([[m.get(i, j) for j in range(3)] for i in range(3)])


def pose(frame: Any) -> Pose:
    """Where a frame lies on its body."""
    X = frame.findTransformInBaseFrame()
    return Pose(matrix(X.R()), vec(X.p()))


def station(frame: Any, location: Any) -> tuple[str, Array]:
    """Body and location in the body's frame of a point that is given in any frame on that body."""
    at = pose(frame)
    return frame.findBaseFrame().getName(), at.p + at.R @ vec(location)


def mobilities(model: Any, state: Any) -> dict[str, int]:
    """Which entry of the speed vector belongs to which coordinate."""
    found = {}
    for coordinate in each(model.getCoordinateSet()):
        state.setU(osim.Vector(state.getNU(), 0.0))
        coordinate.setSpeedValue(state, 1.0)
        u = state.getU()
        found[coordinate.getName()] = next(k for k in range(u.size()) if u.get(k) == 1.0)
    state.setU(osim.Vector(state.getNU(), 0.0))
    return found
