"""Goals, bounds and ends of a problem as a MocoStudy. Runs in the Moco process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from moco_model import driven_model
from problem import Array, Problem

from footstrike.model.sides import mirror
from footstrike.opensim.opened_model import each
from footstrike.opensim.osim import osim

SPEEDS = (-50.0, 50.0)  # rad/s or m/s, Moco's default


def tracking_study(problem: Problem, folder: Path) -> Any:
    """Goals, bounds and ends of the problem as a MocoStudy."""
    model = driven_model(problem)
    study = osim.MocoStudy()
    p = study.updProblem()
    p.setModel(model)
    p.setTimeBounds(problem.start, problem.end)
    coordinates = {c.getName(): c for c in each(model.getCoordinateSet())}
    at_start = radau_start(problem)
    for name in problem.description.coordinate_names:
        path = coordinates[name].getAbsolutePathString()
        within = problem.initial_within
        bounds = osim.MocoBounds(*problem.ranges[name]), osim.MocoBounds(*SPEEDS)
        for k, kind in enumerate(("value", "speed")):
            initial = osim.MocoInitialBounds()
            final = osim.MocoFinalBounds()
            if within is not None:
                q = at_start[name][k]
                initial = osim.MocoInitialBounds(q - within[k], q + within[k])
            if problem.advance is not None and name == "pelvis_tx" and kind == "value":
                initial = osim.MocoInitialBounds(0.0)
                final = osim.MocoFinalBounds(problem.advance)
            p.setStateInfo(f"{path}/{kind}", bounds[k], initial, final)
    _track_motion(p, problem, coordinates)
    _track_force(p, problem, folder)
    _effort(p, problem, model)
    _ends(p, problem, model, coordinates)
    return study


def radau_start(problem: Problem) -> dict[str, tuple[float, float]]:
    """Reference value and speed of each coordinate at the start."""
    return {
        n: tuple(
            float(np.interp(problem.start, problem.time, table[n]))
            for table in (problem.values, problem.rates)
        )
        for n in problem.description.coordinate_names
    }


def _track_motion(p: Any, problem: Problem, coordinates: dict[str, Any]) -> None:
    goal = osim.MocoStateTrackingGoal("motion", 1.0)
    columns, weights = {}, {}
    for kind, table, weight in (
        ("value", problem.values, problem.value_weights),
        ("speed", problem.rates, problem.rate_weights),
    ):
        for name, w in weight.items():
            if w:
                path = f"{coordinates[name].getAbsolutePathString()}/{kind}"
                columns[path], weights[path] = table[name], w
    table = osim.TimeSeriesTable()
    table.setColumnLabels(list(columns))
    table.addTableMetaDataString("inDegrees", "no")
    for k, t in enumerate(problem.time):
        table.appendRow(float(t), osim.RowVector([float(c[k]) for c in columns.values()]))
    goal.setReference(osim.TableProcessor(table))
    for path, w in weights.items():
        goal.setWeightForState(path, w)
    p.addGoal(goal)


def _track_force(p: Any, problem: Problem, folder: Path) -> None:
    if not problem.force_weight:
        return
    file = (folder / "forces.sto").absolute()
    columns = {f"{s}_v{a}": f[:, k] for s, f in problem.force.items() for k, a in enumerate("xyz")}
    write_sto(file, problem.force_time, columns)
    loads = osim.ExternalLoads()
    loads.setDataFileName(str(file))
    # Moco divides the integral of |F - F_ref|^2 by the weight once
    goal = osim.MocoContactTrackingGoal("force", problem.force_weight / problem.weight)
    for side in problem.force:
        force = osim.ExternalForce()
        force.setName(side)
        force.set_applied_to_body(f"calcn_{side[0]}")
        force.set_force_expressed_in_body("ground")
        force.set_force_identifier(f"{side}_v")
        loads.cloneAndAppend(force)
    goal.setExternalLoads(loads)
    for side in problem.force:
        spheres = osim.StdVectorString()
        for sphere in problem.description.spheres:
            if sphere.name.endswith(f"_{side[0]}"):
                spheres.append(f"/forceset/contact_{sphere.name}")
        group = osim.MocoContactTrackingGoalGroup(spheres, side)
        group.append_alternative_frame_paths(f"/bodyset/toes_{side[0]}")
        goal.addContactGroup(group)
    p.addGoal(goal)


def _effort(p: Any, problem: Problem, model: Any) -> None:
    goal = osim.MocoControlGoal("effort", problem.effort_weight)
    for muscle in each(model.getMuscles()):
        goal.setWeightForControl(muscle.getAbsolutePathString(), 0.0)
    p.addGoal(goal)
    if problem.activation_weight:
        activation = osim.MocoSumSquaredStateGoal("activation", problem.activation_weight)
        activation.setPattern(".*/activation")
        p.addGoal(activation)


def _ends(p: Any, problem: Problem, model: Any, coordinates: dict[str, Any]) -> None:
    if problem.ends == "free":
        return
    goal = osim.MocoPeriodicityGoal("ends")
    mirrored = problem.ends == "mirrored"
    for name in problem.description.coordinate_names:
        other, sign = mirror(name) if mirrored else (name, 1.0)
        first, last = (coordinates[n].getAbsolutePathString() for n in (name, other))
        for kind in ("value", "speed"):
            if name == "pelvis_tx" and kind == "value":
                continue
            pair = osim.MocoPeriodicityGoalPair(f"{first}/{kind}", f"{last}/{kind}")
            pair.set_negate(sign < 0)
            goal.addStatePair(pair)
    for muscle in each(model.getMuscles()):
        name = muscle.getName()
        other = other_side(name) if mirrored else name
        goal.addStatePair(
            osim.MocoPeriodicityGoalPair(f"/forceset/{name}/activation", f"/forceset/{other}/activation")
        )
    p.addGoal(goal)


def other_side(muscle: str) -> str:
    """The muscle of the other side, by a name that ends with _r or _l."""
    return f"{muscle[:-2]}_{'l' if muscle.endswith('_r') else 'r'}"


def write_sto(file: Path, time: Array, columns: dict[str, Array]) -> None:
    """A .sto file."""
    head = f"forces\nversion=1\nnRows={len(time)}\nnColumns={len(columns) + 1}\ninDegrees=no\nendheader\n"
    rows = np.column_stack([time, *columns.values()])
    lines = ["\t".join(["time", *columns])] + ["\t".join(f"{x:.12g}" for x in row) for row in rows]
    file.write_text(head + "\n".join(lines) + "\n", encoding="utf-8")
