"""OpenSim along a motion of Footstrike's: ground forces, what its equations of motion lack, forces of constraints.

Runs in the Moco process.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from moco_model import driven_model
from problem import Array, Problem

from footstrike.opensim.opened_model import each
from footstrike.opensim.osim import osim

Columns = dict[str, Array]


def replay(problem: Problem, file: Path) -> None:
    """Add what OpenSim says to the arrays of a motion: "force/SIDE", "residual/COORDINATE", "multiplier/NUMBER".

    The residual (N, N m) is the generalised force on a free coordinate that drives, springs, muscles and ground do
    not supply for the motion's accelerations. OpenSim computes all of them from the motion's values, rates,
    activations and controls.
    """
    model = driven_model(problem)
    arrays = dict(np.load(file))
    motion = whole_motion(problem, model, arrays)
    state = model.initSystem()
    drives = {d.coordinate: _overridden(model, state, d.coordinate) for d in problem.drives}
    solver = osim.InverseDynamicsSolver(model)
    places, slopes = _places(model, state), _followers(model)
    sides = {
        s: [x.name for x in problem.description.spheres if x.name.endswith(f"_{s[0]}")] for s in problem.force
    }
    found: dict[str, list[Any]] = {f"force/{s}": [] for s in sides}
    found |= {f"residual/{n}": [] for n in problem.description.coordinate_names}
    multipliers = []
    for k in range(len(arrays["time"])):
        _pose(model, state, motion, k)
        for muscle in problem.description.muscles:
            model.getMuscles().get(muscle.name).setActivation(
                state, float(arrays[f"activation/{muscle.name}"][k])
            )
        for drive in problem.drives:
            moment = float(arrays[f"control/{drive.coordinate}"][k]) * drive.scale
            drives[drive.coordinate].setOverrideActuation(state, moment)
        model.realizeAcceleration(state)
        for side, names in sides.items():
            found[f"force/{side}"].append(_ground_force(model, state, names))
        multipliers.append([state.getMultipliers().get(i) for i in range(state.getMultipliers().size())])
        wanted = osim.Vector(state.getNU(), 0.0)
        for c in each(model.getCoordinateSet()):
            wanted.set(places[c.getName()], float(motion[f"{c.getAbsolutePathString()}/acceleration"][k]))
        lacking = solver.solve(state, wanted)
        for name in problem.description.coordinate_names:
            followers = slopes.get(name, [])
            q = float(arrays[f"value/{name}"][k])
            total = lacking.get(places[name])
            total += sum(lacking.get(places[f]) * _slope(function, q, 1) for f, function in followers)
            found[f"residual/{name}"].append(total)
    columns = excitations(problem, arrays)
    columns |= {f"multiplier/{i}": np.array(m) for i, m in enumerate(zip(*multipliers, strict=True))}
    np.savez(file, **{**arrays, **{n: np.array(v) for n, v in found.items()}, **columns})


def excitations(problem: Problem, arrays: Columns) -> Columns:
    """What OpenSim's activation dynamics (De Groote et al. 2016) need for the activations, within their bounds."""
    rise, fall, sharpness = 0.015, 0.060, 0.1  # s, s, 1: DeGrooteFregly2016Muscle's
    out = {}
    for name in (m.name for m in problem.description.muscles):
        a = arrays[f"activation/{name}"]
        rate = np.diff(a) / np.diff(arrays["time"])
        rate = np.append(rate[0], rate)
        low, high = np.full(len(a), problem.activation_floor), np.ones(len(a))
        stretch = 0.5 + 1.5 * a
        for _ in range(50):
            e = (low + high) / 2
            f = 0.5 * np.tanh(sharpness * (e - a))
            more = ((f + 0.5) / (rise * stretch) + (0.5 - f) * stretch / fall) * (e - a) < rate
            low, high = np.where(more, e, low), np.where(more, high, e)
        out[f"excitation/{name}"] = e
    return out


def whole_motion(problem: Problem, model: Any, arrays: Columns) -> Columns:
    """Value, speed and acceleration of every coordinate by its path, of those that couplers drive, too."""
    paths = {c.getName(): c.getAbsolutePathString() for c in each(model.getCoordinateSet())}
    motion = {}
    for name in problem.description.coordinate_names:
        motion[f"{paths[name]}/value"] = arrays[f"value/{name}"]
        motion[f"{paths[name]}/speed"] = arrays[f"rate/{name}"]
        motion[f"{paths[name]}/acceleration"] = arrays[f"acceleration/{name}"]
    for leader, followers in _followers(model).items():
        q, qd, qdd = (motion[f"{paths[leader]}/{kind}"] for kind in ("value", "speed", "acceleration"))
        for follower, function in followers:
            slope, curvature = (np.array([_slope(function, x, order) for x in q]) for order in (1, 2))
            path = paths[follower]
            motion[f"{path}/value"] = np.array([function.calcValue(osim.Vector(1, float(x))) for x in q])
            motion[f"{path}/speed"] = slope * qd
            motion[f"{path}/acceleration"] = slope * qdd + curvature * qd**2
    return motion


def _followers(model: Any) -> dict[str, list[tuple[str, Any]]]:
    """By coordinate, those that couplers make follow it, with their functions."""
    out: dict[str, list[tuple[str, Any]]] = {}
    for constraint in each(model.getConstraintSet()):
        coupler = osim.CoordinateCouplerConstraint.safeDownCast(constraint)
        leader = coupler.getIndependentCoordinateNames().get(0)
        out.setdefault(leader, []).append((coupler.getDependentCoordinateName(), coupler.getFunction()))
    return out


def _slope(function: Any, at: float, order: int) -> float:
    which = osim.StdVectorInt()
    for _ in range(order):
        which.append(0)
    return float(function.calcDerivative(which, osim.Vector(1, float(at))))


def _overridden(model: Any, state: Any, coordinate: str) -> Any:
    actuator = osim.CoordinateActuator.safeDownCast(model.updForceSet().get(f"drive_{coordinate}"))
    actuator.overrideActuation(state, True)
    return actuator


def _places(model: Any, state: Any) -> dict[str, int]:
    """Where a coordinate's speed is in the system's own order."""
    out = {}
    for c in each(model.updCoordinateSet()):
        before = np.array([state.getU().get(i) for i in range(state.getNU())])
        c.setSpeedValue(state, c.getSpeedValue(state) + 1.0)
        after = np.array([state.getU().get(i) for i in range(state.getNU())])
        out[c.getName()] = int(np.argmax(np.abs(after - before)))
    return out


def _pose(model: Any, state: Any, motion: Columns, k: int) -> None:
    for c in each(model.updCoordinateSet()):
        path = c.getAbsolutePathString()
        c.setValue(state, float(motion[f"{path}/value"][k]), False)
        c.setSpeedValue(state, float(motion[f"{path}/speed"][k]))


def _ground_force(model: Any, state: Any, spheres: list[str]) -> Array:
    total = np.zeros(3)
    for name in spheres:
        record = model.getForceSet().get(f"contact_{name}").getRecordValues(state)
        total += [record.get(i) for i in range(3)]
    return total
