"""The model that is shipped with an exported run, and the tools that run on it. Runs in the OpenSim worker."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from footstrike.errors import ModelError
from footstrike.model.description import Pose
from footstrike.opensim.opened_model import each, initialise, read
from footstrike.opensim.osim import osim

_LIMIT = 1e4  # of controls: OpenSim's optimiser wants bounds


def exported_model(
    osim_text: str, motors: Mapping[str, tuple[str, float]], frames: Mapping[str, tuple[str, Pose]]
) -> tuple[str, list[str], dict[str, str]]:
    """A model that recorded forces drive: no contact, an actuator on every free coordinate, named frames.

    Contact spheres stay, switched off: the ground acts through external loads. Controllers are left out.

    Parameters
    ----------
    motors
        By name of a new actuator, its coordinate and optimal force (N m or N).
    frames
        By name of a new frame, its body and where it lies there; they become components of the model.

    Returns
    -------
    The text of the .osim file; the names of all its actuators, muscles included, in OpenSim's order; by coordinate,
    the column of OpenSim's inverse dynamics, which is ``NAME_moment`` where OpenSim sees a plain rotation.
    """
    model = read(osim_text)
    for force in each(model.getForceSet()):
        if osim.SmoothSphereHalfSpaceForce.safeDownCast(force) is not None:
            force.set_appliesForce(False)
    for name, (coordinate, optimal_force) in motors.items():
        motor = osim.CoordinateActuator(coordinate)
        motor.setName(name)
        motor.setOptimalForce(optimal_force)
        motor.setMinControl(-_LIMIT)
        motor.setMaxControl(_LIMIT)
        model.addForce(motor)
    for name, (body, pose) in frames.items():
        frame = osim.PhysicalOffsetFrame(name, model.getBodySet().get(body), _transform(pose))
        frame.thisown = False  # the model deletes it
        model.addComponent(frame)
    model.finalizeConnections()
    initialise(model)
    actuators = [a.getName() for a in each(model.getActuators())]
    columns = {c.getName(): _column(c) for c in each(model.getCoordinateSet())}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "runner.osim"
        model.printToXML(str(path))
        return path.read_text(encoding="utf-8"), actuators, columns


def _column(coordinate: Any) -> str:
    rotation = coordinate.getMotionType() == osim.Coordinate.Rotational
    return f"{coordinate.getName()}_{'moment' if rotation else 'force'}"


def run_tool(setup: Path) -> None:
    """Run inverse dynamics or an analysis from its set-up, standing where the set-up lies.

    Raises
    ------
    ModelError
        OpenSim's tool fails.
    """
    with contextlib.chdir(setup.parent):
        inverse = "<InverseDynamicsTool" in setup.read_text(encoding="utf-8")
        kind = osim.InverseDynamicsTool if inverse else osim.AnalyzeTool
        try:
            done = kind(setup.name).run()
        except RuntimeError as error:
            raise ModelError(f"OpenSim cannot run {setup.name}: {error}") from None
    if not done:
        raise ModelError(f"OpenSim's tool failed on {setup.name}")


def _transform(pose: Pose) -> Any:
    rotation = osim.Rotation(osim.Mat33(*map(float, pose.R.ravel())))
    return osim.Transform(rotation, osim.Vec3(*map(float, pose.p)))
