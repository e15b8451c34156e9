"""OpenSim's own scaling of a model, body by body. Runs in the OpenSim worker."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from footstrike.errors import ModelError, unknown_name
from footstrike.opensim.model_text import reason
from footstrike.opensim.opened_model import each, initialise, read
from footstrike.opensim.osim import osim


def scale_model(osim_text: str, factors: Mapping[str, Sequence[float]], mass: float) -> str:
    """The model with bodies scaled by ``Model.scale``, mass distribution kept.

    Parameters
    ----------
    factors
        By body, along x, y and z; bodies that are not named keep their size.
    mass
        Of the scaled model, kg.

    Raises
    ------
    InputError
        A body is unknown.
    ModelError
        OpenSim refuses: unequal factors where couplers drive joints.
    """
    model = read(osim_text)
    state = initialise(model)
    bodies = [body.getName() for body in each(model.getBodySet())]
    scales = osim.ScaleSet()
    for body, factor in factors.items():
        if body not in bodies:
            raise unknown_name("body", body, bodies)
        scale = osim.Scale()
        scale.setSegmentName(body)
        scale.setScaleFactors(osim.Vec3(*(float(x) for x in factor)))
        scale.setApply(True)
        scales.cloneAndAppend(scale)
    try:
        model.scale(state, scales, True, float(mass))
    except RuntimeError as error:
        raise ModelError(f"OpenSim cannot scale the model: {reason(error, '')}") from None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scaled.osim"
        model.printToXML(str(path))
        return path.read_text(encoding="utf-8")
