"""OpenSim's own forward dynamics of a model under given joint torques and its own foot contact. OpenSim worker.

Torques are those of the free coordinates: muscles are taken out, since their sum is in the torques, and so is
every other force but the contact spheres. Couplers stay the constraints that they are in OpenSim. An actuator acts
on OpenSim's speeds, so models whose speeds are not the rates of their coordinates are refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from footstrike.errors import ModelError
from footstrike.opensim.inverse_dynamics import Poser
from footstrike.opensim.opened_model import Array, initialise, read
from footstrike.opensim.osim import osim

_MOTOR = "footstrike_motor_"
_BRACED = 1e6  # N m or N: no control is cut off


def forward_accelerations(
    osim_text: str, names: Sequence[str], q: Array, qd: Array, tau: Array, *, contact: bool = True
) -> Array:
    """Accelerations (T, n) of the free coordinates, rad/s2 and m/s2.

    Parameters
    ----------
    names : free coordinates, the columns of ``q``, ``qd`` and ``tau`` (T, n): rad, m; N m, N
    contact : whether the model's contact spheres act
    """
    model, motors = _driven(osim_text, names, contact)
    poser = Poser(model, initialise(model), names)
    slots = [poser.slot[n] for n in names]
    for motor in motors:
        motor.overrideActuation(poser.state, True)
    out = np.zeros_like(q)
    for k in range(len(q)):
        poser.set(q[k], qd[k], np.zeros(len(names)))
        _check_speeds(poser)
        for motor, torque in zip(motors, tau[k], strict=True):
            motor.setOverrideActuation(poser.state, float(torque))
        model.realizeAcceleration(poser.state)
        out[k] = poser.state.getQDotDot().to_numpy()[slots]
    return out


def forward_integration(
    osim_text: str,
    names: Sequence[str],
    time: Array,
    tau: Array,
    start: tuple[float, Array, Array],
    until: Array,
    *,
    contact: bool = True,
    accuracy: float = 1e-7,
) -> Array:
    """Integrate the model from a state, the torques as straight lines between their samples.

    Parameters
    ----------
    names : free coordinates, the columns of ``tau`` (T, n), N m and N at ``time`` (T,) s
    start : time (s), coordinates (n,) and speeds (n,)
    until : (K,) rising times, s
    accuracy : of the integrator (Runge, Kutta and Merson)

    Returns
    -------
    (K, n) coordinates, rad and m; NaN from where the integrator gave up.
    """
    model, motors = _driven(osim_text, names, contact)
    model.addController(_controller(motors, time, tau))
    state = initialise(model)
    poser = Poser(model, state, names)
    begin, q, qd = start
    poser.set(q, qd, np.zeros(len(names)))
    _check_speeds(poser)
    state.setTime(float(begin))
    slots = [poser.slot[n] for n in names]
    manager = osim.Manager(model)
    manager.setIntegratorAccuracy(accuracy)
    manager.setWriteToStorage(False)
    manager.initialize(state)
    out = np.full((len(until), len(names)), np.nan)
    for k, moment in enumerate(until):
        try:
            reached = manager.integrate(float(moment))
        except RuntimeError:
            break
        out[k] = reached.getQ().to_numpy()[slots]
    return out


def _driven(osim_text: str, names: Sequence[str], contact: bool) -> tuple[Any, list[Any]]:
    """The model with its contact spheres and one actuator per free coordinate as the only forces."""
    model = read(osim_text)
    forces = model.updForceSet()
    for k in reversed(range(forces.getSize())):
        sphere = osim.SmoothSphereHalfSpaceForce.safeDownCast(forces.get(k)) is not None
        if not (contact and sphere):
            forces.remove(k)
    motors = []
    for name in names:
        motor = osim.CoordinateActuator(name)
        motor.setName(_MOTOR + name)
        motor.setOptimalForce(1.0)
        motor.setMinControl(-_BRACED)
        motor.setMaxControl(_BRACED)
        model.addForce(motor)
        motors.append(motor)
    return model, motors


def _check_speeds(poser: Poser) -> None:
    rates = np.ones(poser.state.getNQ())
    if poser.state.getNU() != len(rates) or not np.allclose(poser.speeds(rates), rates):
        raise ModelError("the model has a ball or free joint, whose speeds are not rates of its coordinates")


def _controller(motors: Sequence[Any], time: Array, tau: Array) -> Any:
    controller = osim.PrescribedController()
    controller.setName("footstrike_torques")
    for motor, series in zip(motors, tau.T, strict=True):
        controller.addActuator(motor)
        function = osim.PiecewiseLinearFunction()
        for t, value in zip(time, series, strict=True):
            function.addPoint(float(t), float(value))
        function.thisown = False  # the controller deletes it
        controller.prescribeControlForActuator(motor.getName(), function)
    return controller
