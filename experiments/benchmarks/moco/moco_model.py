"""A problem's model in OpenSim: with its drives, springs and polynomial muscle paths. Runs in the Moco process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from moco_paths import multivariate
from problem import Problem

from footstrike.opensim.opened_model import each
from footstrike.opensim.osim import osim


def driven_model(problem: Problem) -> Any:
    """The problem's model with its drives, springs and polynomial muscle paths."""
    file = Path("model.osim").absolute()
    file.write_text(problem.model, encoding="utf-8")
    model = osim.Model(str(file))
    for name in {m.getName() for m in each(model.getMuscles())} - {
        m.name for m in problem.description.muscles
    }:
        model.updForceSet().remove(model.getForceSet().getIndex(name))
    model.finalizeConnections()
    model.initSystem()
    paths = {c.getName(): c.getAbsolutePathString() for c in each(model.getCoordinateSet())}
    for muscle in problem.description.muscles:
        own = osim.DeGrooteFregly2016Muscle.safeDownCast(model.updMuscles().get(muscle.name))
        own.setMinControl(problem.activation_floor)
        own.set_ignore_passive_fiber_force(muscle.name not in problem.passive)
        own.set_ignore_tendon_compliance(True)
        own.set_ignore_activation_dynamics(False)
        if muscle.polynomial is not None:
            own.set_path(_path(muscle.polynomial, paths))
    for drive in problem.drives:
        actuator = osim.CoordinateActuator(drive.coordinate)
        actuator.setName(f"drive_{drive.coordinate}")
        actuator.setOptimalForce(drive.scale)
        actuator.setMinControl(-drive.limit)
        actuator.setMaxControl(drive.limit)
        model.addForce(actuator)
    for spring in problem.springs:
        force = osim.SpringGeneralizedForce(spring.coordinate)
        force.setName(f"spring_{spring.coordinate}")
        force.setStiffness(spring.stiffness)
        force.setRestLength(0.0)
        force.setViscosity(spring.damping)
        model.addForce(force)
    for coordinate, constants in problem.tissue.items():
        k1, k2, k3, k4, q1, q2 = constants
        law = f"{k1}*exp({k2}*(q-({q2})))+({k3})*exp({k4}*(q-({q1})))"
        tissue = osim.ExpressionBasedCoordinateForce(coordinate, law)
        tissue.setName(f"tissue_{coordinate}")
        model.addForce(tissue)
    model.finalizeConnections()
    _check_paths(model, problem)
    return model


def _path(polynomial: Any, paths: dict[str, str]) -> Any:
    order, coefficients = multivariate(polynomial)
    function = osim.MultivariatePolynomialFunction()
    function.setDimension(len(polynomial.coordinates))
    function.setOrder(order)
    function.setCoefficients(osim.Vector(coefficients.tolist()))
    path = osim.FunctionBasedPath()
    names = osim.StdVectorString()
    for name in polynomial.coordinates:
        names.append(paths[name])
    path.setCoordinatePaths(names)
    path.setLengthFunction(function)
    return path


def _check_paths(model: Any, problem: Problem) -> None:
    """OpenSim has the same lengths as the polynomials, or the comparison would be void."""
    state = model.initSystem()
    coordinates = model.getCoordinateSet()
    value = {
        c.name: 0.7 * c.default + 0.3 * min(c.maximum, c.default + 0.5)
        for c in problem.description.coordinates
    }
    for name, q in value.items():
        coordinates.get(name).setValue(state, q, False)
    model.realizePosition(state)
    for muscle in problem.description.muscles:
        p = muscle.polynomial
        if p is not None:
            x = (np.array([value[n] for n in p.coordinates]) - p.centre) / p.scale
            expected = float(p.coefficients @ np.prod(x**p.exponents, axis=1))
            found = model.getMuscles().get(muscle.name).getLength(state)
            if abs(found - expected) > 1e-6:
                raise SystemExit(f"{muscle.name}: path length {found} in OpenSim, {expected} expected")
