"""A run as files of the OpenSim application: model, motion, ground forces, activations, forces, loads.

Angles are written in radians with ``inDegrees=no``: OpenSim takes coordinates whose joint function is not the
identity, as those of the lumbar levels, for radians even in a file that says degrees.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, indent, tostring

import numpy as np
from numpy.typing import NDArray

from footstrike.control.sample import Kinematics
from footstrike.dynamics.functions import evaluate
from footstrike.engines.client import opensim_worker
from footstrike.errors import InputError
from footstrike.files import check_folder, write_atomically
from footstrike.model.description import Description
from footstrike.solution import assemble
from footstrike.solution.run import Run

Array = NDArray[np.float64]
Columns = dict[str, Array]

FOOT = "calcn"
AGREEMENT_BW = 1e-3  # of the model's spheres with the run's ground force, if their torque is to be written
_AXES = "xyz"
_DIRECTIONS = ("anterior", "superior", "right")

_CONTENTS = {
    "runner.osim": "the model",
    "motion.mot": "coordinates over one stride, dependent ones included, rad and m",
    "ground_forces.mot": "ground's force on each foot (N), its point (m, 0 in flight), free torque (N m)",
    "external_loads.xml": "applies ground_forces.mot to the feet",
    "inverse_dynamics.xml": "setup of OpenSim's inverse dynamics, to be run in this folder; muscles and the "
    "model's own contact are left out, or the ground would count twice",
    "activations.sto": "muscle activations, 0 to 1",
    "muscle_forces.sto": "muscle forces, N",
    "lumbar_loads.sto": "joint loads of the lumbar levels, N and N m; force on the upper vertebra as "
    "anterior, superior (along the chord of joint centres) and right",
}


def export_opensim(run: Run, directory: Path) -> list[Path]:
    """Write a run as files that open in the OpenSim application; each appears whole or not at all.

    The files of muscles and lumbar loads are left out where the run has none. All of a foot's ground force
    acts on its calcaneus, so the moment of the toe joint is not that of the run; all other moments are.

    Returns
    -------
    The files written; README.txt says what each is.

    Raises
    ------
    InputError
        If the run is not solved, or ``directory`` cannot be written.
    """
    if not run.solved:
        raise InputError(f"the run is not solved ({run.status}): nothing is exported from it")
    run.check()
    check_folder(directory)
    description: Description = opensim_worker().call("describe", run.model_osim)
    _check_feet(description)
    texts = {
        "runner.osim": run.model_osim,
        "motion.mot": table("motion", run.time, motion(run, description)),
        "ground_forces.mot": table("ground_forces", run.time, ground(run, description)),
        "external_loads.xml": _external_loads(),
        "inverse_dynamics.xml": _inverse_dynamics(run, description),
    }
    if run.muscle_driven:
        activations = {f"/forceset/{n}/activation": a for n, a in _by_muscle(run, run.activations).items()}
        texts["activations.sto"] = table("activations", run.time, activations)
        texts["muscle_forces.sto"] = table("muscle_forces", run.time, _by_muscle(run, run.muscle_forces))
    if run.lumbar:
        texts["lumbar_loads.sto"] = table("lumbar_loads", run.time, lumbar(run))
    texts["README.txt"] = _readme(run, list(texts))
    for name, text in texts.items():
        write_atomically(directory / name, text.encode())
    return [directory / name for name in texts]


def _check_feet(description: Description) -> None:
    bodies = {b.name for b in description.bodies}
    for letter in assemble.SIDES.values():
        if f"{FOOT}_{letter}" not in bodies:
            raise InputError(f"the model has no body {FOOT}_{letter}, on which the ground's force would act")


def table(name: str, time: Array, columns: Mapping[str, Array]) -> str:
    """Text of a .mot or .sto file; ``columns`` are (T,) each, rad, m, N or N m."""
    rows = np.column_stack([time, *columns.values()])
    head = [
        name,
        "version=1",
        f"nRows={rows.shape[0]}",
        f"nColumns={rows.shape[1]}",
        "inDegrees=no",
        "endheader",
        "\t".join(["time", *columns]),
    ]
    return "\n".join([*head, *("\t".join(f"{x:.15g}" for x in row) for row in rows), ""])


def motion(run: Run, description: Description) -> Columns:
    """Every coordinate of the model that moves: the run's and those that couplers tie to them."""
    out = dict(run.coordinates)
    waiting = list(description.couplers)
    while waiting:
        ready = [c for c in waiting if c.independent in out]
        if not ready:
            raise InputError(f"the run has no coordinate {waiting[0].independent!r}, which its model needs")
        for c in ready:
            value = evaluate(c.function, out[c.independent])[0]
            out[c.dependent] = np.array(np.broadcast_to(value, run.time.shape), dtype=float)
        waiting = [c for c in waiting if c not in ready]
    return out


def ground(run: Run, description: Description) -> Columns:
    """Force, point and free torque of each foot as columns that ``external_loads.xml`` names."""
    moments = _moments_about_origin(run, description)
    out: Columns = {}
    for side, letter in assemble.SIDES.items():
        force, point = run.ground_force[side], run.ground_point[side]
        loaded = np.isfinite(point).all(axis=1, keepdims=True)
        point = np.where(loaded, point, 0.0)
        torque = np.zeros_like(force)
        if moments is not None:
            torque = moments[side] - np.cross(point, force)
        for start, values in (
            (f"ground_force_{letter}_v", force),
            (f"ground_force_{letter}_p", point),
            (f"ground_torque_{letter}_", torque),
        ):
            out |= {f"{start}{axis}": values[:, i] for i, axis in enumerate(_AXES)}
    return out


def _moments_about_origin(run: Run, description: Description) -> dict[str, Array] | None:
    """(T, 3) N m by side from the model's contact spheres; None if the run's forces are not theirs."""
    state = Kinematics(run.coordinates, run.speeds, run.accelerations)
    wrenches = assemble.body_wrenches(assemble.mechanics(description, description.spheres, state))
    out = {}
    for side, letter in assemble.SIDES.items():
        of_foot = [w for body, w in wrenches.items() if body.endswith(f"_{letter}")]
        wrench = np.sum([np.zeros((run.time.size, 6)), *of_foot], axis=0)
        if np.abs(wrench[:, 3:] - run.ground_force[side]).max() > AGREEMENT_BW * assemble.weight(description):
            return None
        out[side] = wrench[:, :3]
    return out


def lumbar(run: Run) -> Columns:
    """Loads of every level; vectors get one column per direction."""
    out: Columns = {}
    for level, loads in run.lumbar.items():
        for name, values in loads.items():
            if values.ndim == 1:
                out[f"{level}_{name}"] = values
            else:
                out |= {f"{level}_{name}_{d}": values[:, i] for i, d in enumerate(_DIRECTIONS)}
    return out


def _by_muscle(run: Run, values: Array) -> Columns:
    return dict(zip(run.muscle_names, values.T, strict=True))


def _external_loads() -> str:
    document, loads = _document("ExternalLoads", "externalloads")
    forces = SubElement(loads, "objects")
    for side, letter in assemble.SIDES.items():
        force = SubElement(forces, "ExternalForce", name=f"ground_{side}")
        _fill(
            force,
            applied_to_body=f"{FOOT}_{letter}",
            force_expressed_in_body="ground",
            point_expressed_in_body="ground",
            force_identifier=f"ground_force_{letter}_v",
            point_identifier=f"ground_force_{letter}_p",
            torque_identifier=f"ground_torque_{letter}_",
        )
    _fill(loads, datafile="ground_forces.mot")
    return _text(document)


def _inverse_dynamics(run: Run, description: Description) -> str:
    document, tool = _document("InverseDynamicsTool", "inverse_dynamics")
    _fill(
        tool,
        results_directory=".",
        model_file="runner.osim",
        time_range=f"{run.time[0]:.15g} {run.time[-1]:.15g}",
        forces_to_exclude=" ".join(["Muscles", *(f"contact_{s.name}" for s in description.spheres)]),
        external_loads_file="external_loads.xml",
        coordinates_file="motion.mot",
        lowpass_cutoff_frequency_for_coordinates="-1",
        output_gen_force_file="inverse_dynamics.sto",
    )
    return _text(document)


def _document(kind: str, name: str) -> tuple[Element, Element]:
    document = Element("OpenSimDocument", Version="40000")
    return document, SubElement(document, kind, name=name)


def _fill(element: Element, **values: str) -> None:
    for name, value in values.items():
        SubElement(element, name).text = value


def _text(document: Element) -> str:
    indent(document)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(document, encoding="unicode")}\n'


def _readme(run: Run, names: list[str]) -> str:
    lines = [
        f"One stride of {run.strike} running at {run.speed:g} m/s, from right initial contact (time 0).",
        "Ground axes: x forward, y up, z to the right. Units: s, m, rad, N, N m; no file is in degrees.",
        "",
        *(f"{name}: {_CONTENTS[name]}" for name in names),
        "",
        "The ground acts on the calcaneus alone: the moment of the toe joint is not that of the run.",
    ]
    return "\n".join([*lines, ""])
