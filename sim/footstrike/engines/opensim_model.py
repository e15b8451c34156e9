"""A model file opened in OpenSim, and small things read from it. Runs in the OpenSim worker."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from footstrike.engines.opensim_file import readable, reason
from footstrike.engines.osim import osim
from footstrike.errors import ModelError
from footstrike.model.description import Pose

Array = NDArray[np.float64]


def read(osim_text: str) -> Any:
    """An OpenSim model from its XML, not initialised yet, so that components can be added.

    Contact meshes, controllers and probes are left out: they need files that lie elsewhere, or only report.
    """
    text = readable(osim_text).text
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.osim"
        path.write_text(text, encoding="utf-8")
        try:
            model = osim.Model(str(path))
        except RuntimeError as error:
            raise ModelError(f"OpenSim cannot read the model: {reason(error, text)}") from None
    model.updControllerSet().clearAndDestroy()
    model.updProbeSet().clearAndDestroy()
    return model


def load(osim_text: str) -> Any:
    """An initialised OpenSim model from its XML."""
    model = read(osim_text)
    initialise(model)
    return model


def initialise(model: Any) -> Any:
    """The initial state of a model; its own complaint as a :class:`ModelError`."""
    try:
        return model.initSystem()
    except RuntimeError as error:
        raise ModelError(f"OpenSim cannot initialise the model: {reason(error, '')}") from None


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
