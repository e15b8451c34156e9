"""What tests ask of OpenSim itself. Runs in a process of its own (see native.py)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from footstrike.opensim.osim import osim


def contact_wrenches(
    osim_text: str, names: list[str], states: list[tuple[list[float], list[float]]]
) -> list[dict[str, list[float]]]:
    """For each (q, qd): sphere -> force (N) and torque about its body's origin (N m), in ground."""
    Path("model.osim").write_text(osim_text)
    model = osim.Model("model.osim")
    state = model.initSystem()
    forces = {}
    for force in list(model.getComponentsList()):
        contact = osim.SmoothSphereHalfSpaceForce.safeDownCast(force)
        if contact is not None:
            forces[contact.getSocket("sphere").getConnecteeAsObject().getName()] = contact
    coordinates = model.getCoordinateSet()
    answer = []
    for q, qd in states:
        for name, x, v in zip(names, q, qd, strict=True):
            coordinates.get(name).setValue(state, x, False)
            coordinates.get(name).setSpeedValue(state, v)
        model.assemble(state)
        for name, v in zip(names, qd, strict=True):
            coordinates.get(name).setSpeedValue(state, v)
        model.realizeDynamics(state)
        records = {name: force.getRecordValues(state) for name, force in forces.items()}
        answer.append({name: [r.get(i) for i in range(6)] for name, r in records.items()})
    return answer


def versions() -> str:
    """Version of OpenSim."""
    return str(osim.GetVersion())


def vector(values: Any) -> Any:
    """(n,) array from an OpenSim vector."""
    return np.array([values.get(i) for i in range(values.size())])


def read_table(path: str) -> tuple[list[str], Any, Any]:
    """Labels, time (T,) and values (T, n) of a .mot or .sto file."""
    table = osim.TimeSeriesTable(path)
    return list(table.getColumnLabels()), np.array(table.getIndependentColumn()), table.getMatrix().to_numpy()


def read_motion(osim_path: str, motion_path: str) -> tuple[Any, dict[str, Any]]:
    """Time and coordinates (rad, m) as OpenSim's tools read them."""
    model = osim.Model(osim_path)
    model.initSystem()
    storage = osim.Storage(motion_path)
    if storage.isInDegrees():
        model.getSimbodyEngine().convertDegreesToRadians(storage)
    out = {}
    for i in range(1, storage.getColumnLabels().size()):
        column = osim.ArrayDouble()
        storage.getDataColumn(storage.getColumnLabels().get(i), column, storage.getFirstTime())
        out[storage.getColumnLabels().get(i)] = np.array([column.get(k) for k in range(column.size())])
    time = osim.ArrayDouble()
    storage.getTimeColumn(time)
    return np.array([time.get(k) for k in range(time.size())]), out


def obeyed_couplers(osim_path: str, coordinates: dict[str, Any], dependents: list[str], frame: int) -> Any:
    """Values of the dependent coordinates after OpenSim assembled the model at a frame of a motion."""
    model = osim.Model(osim_path)
    state = model.initSystem()
    for name, values in coordinates.items():
        if name not in dependents:
            model.getCoordinateSet().get(name).setValue(state, float(values[frame]), False)
    model.assemble(state)
    return np.array([model.getCoordinateSet().get(name).getValue(state) for name in dependents])


def edited_models(root: str, tables: list[str]) -> dict[Any, str | None]:
    """Texts of the runner built from tables of which one has another number, by table, and as they are.

    None where no number that can be changed changes the model.
    """
    from footstrike.model import anthropometry
    from footstrike.model.subject import Subject

    anthropometry.resource = Path(root).joinpath  # type: ignore[attr-defined]
    found: dict[Any, str | None] = {}
    plain: dict[Subject, str] = {}
    for name in tables:
        spec = Subject(
            legs="hamner" if "leg_" in name else "none",
            trunk="full" if "trunk_f" in name or "trunk_p" in name else "reduced",
            height=1.7 if "anthropometry" in name else None,
            sex="female" if "anthropometry" in name else None,
        )
        if spec not in plain:
            plain[spec] = _built(Path(root), spec)
        found["as it is", name] = plain[spec]
        found[name] = _edited(Path(root), name, spec, plain[spec])
    return found


def _built(root: Path, spec: Any) -> str:
    from footstrike.model import anthropometry
    from footstrike.model.scaling import scaled
    from footstrike.model.tables import load_tables
    from footstrike.opensim.build import runner_model

    anthropometry._table.cache_clear()
    return str(runner_model(spec, scaled(load_tables(root / "models"), spec)).dump())


def _edited(root: Path, name: str, spec: Any, built: str) -> str | None:
    from footstrike.model import anthropometry
    from footstrike.model.scaling import scaled
    from footstrike.model.tables import load_tables

    def read() -> Any:
        anthropometry._table.cache_clear()
        return scaled(load_tables(root / "models"), spec)

    path = root / name
    text = path.read_text(encoding="utf-8")
    before = read()
    for edited in _edits(text):
        path.write_text(edited, encoding="utf-8")
        try:
            if read() != before and (now := _built(root, spec)) != built:
                return now
        except Exception:
            continue
        finally:
            path.write_text(text, encoding="utf-8")
    return None


def _edits(text: str) -> Iterator[str]:
    """The text with one number a little larger; then with two neighbours exchanged, where a sum is checked."""
    for number in re.finditer(r"(?<=[,= \[])-?\d+\.?\d*(e-?\d+)?(?=[,\s\]])", text):
        yield f"{text[: number.start()]}{1.00001 * float(number[0]) + 1e-6:.9g}{text[number.end() :]}"
    for pair in re.finditer(r"(?<=,)(\d+\.\d+),(\d+\.\d+)(?=,)", text):
        yield f"{text[: pair.start()]}{pair[2]},{pair[1]}{text[pair.end() :]}"


def actuator_names(osim_path: str) -> list[str]:
    """Names of all actuators of a model, as its analyses count them."""
    model = osim.Model(osim_path)
    model.initSystem()
    actuators = model.getActuators()
    return [actuators.get(i).getName() for i in range(actuators.getSize())]


def analyse_from_elsewhere(setup_path: str) -> str:
    """Run OpenSim's AnalyzeTool on a set-up from a folder that is not its own; what OpenSim logged."""
    assert Path.cwd() != Path(setup_path).parent
    osim.Logger.setLevelString("Info")
    osim.Logger.removeFileSink()
    osim.Logger.addFileSink("tool.log")
    assert osim.AnalyzeTool(setup_path).run()
    osim.Logger.removeFileSink()
    return Path("tool.log").read_text()


def default_constants() -> dict[str, Any]:
    """OpenSim's own constants of contact and muscles, where nothing else is asked for."""
    contact, muscle = osim.SmoothSphereHalfSpaceForce(), osim.DeGrooteFregly2016Muscle()
    names = ("constant_contact_force", "hertz_smoothing", "hunt_crossley_smoothing")
    return {
        "contact": {name: getattr(contact, f"get_{name}")() for name in names},
        "activation": (
            muscle.get_activation_time_constant(),
            muscle.get_deactivation_time_constant(),
            osim.Millard2012EquilibriumMuscle().getMinimumActivation(),
        ),
        "strains": (
            muscle.get_passive_fiber_strain_at_one_norm_force(),
            muscle.get_tendon_strain_at_one_norm_force(),
        ),
    }
