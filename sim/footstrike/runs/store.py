"""One run, one .h5 file: written whole or not at all, read with every doubt reported by name.

Layout: the root's attributes hold ``format``, ``schema``, ``content_hash``, ``specification`` and ``solver``
(JSON), ``versions`` (JSON), ``status``, ``message``, ``mass``; data sets carry ``units`` and ``long_name``.
"""

from __future__ import annotations

import io
import json
import platform
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from footstrike import __version__
from footstrike.errors import FootstrikeError, InputError
from footstrike.files import to_json, write_atomically
from footstrike.model.tables import groups_named
from footstrike.runs.labels import label
from footstrike.runs.run import GROUPS, Array, Run
from footstrike.stages import library_versions

FORMAT = "footstrike run"
SCHEMA = 2
READABLE = (1, 2)
"""Schema 1 lacks the groups of muscles: those of the package's own muscles are filled in."""


def save(run: Run, path: Path) -> Path:
    """Write ``run`` to ``path`` (one .h5 file), atomically.

    Raises
    ------
    InputError
        If the run is inconsistent or the path cannot be written.
    FootstrikeError
        If writing fails midway (full disk); no partial file remains.
    """
    write_atomically(path, image(run))
    return path


def load(path: Path) -> Run:
    """Read a run and check it against its own content hash.

    Raises
    ------
    InputError
        If the file is missing, truncated, damaged, of another program or of another version; the path and the
        reason are named.
    """
    if path.is_dir():
        raise InputError(f"{path} is a folder, not a run file (.h5)")
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"run file {path} does not exist") from None
    except OSError as error:
        raise InputError(f"run file {path} cannot be read: {error.strerror or error}") from error
    try:
        return read(data)
    except InputError as error:
        raise InputError(f"run file {path} {error}") from error


def read(data: bytes) -> Run:
    """The run whose file has these bytes, checked like :func:`load`."""
    if not data.startswith(b"\x89HDF\r\n\x1a\n"):
        raise InputError("is not an HDF5 file" if data else "is empty")
    try:
        with h5py.File(io.BytesIO(data), "r") as file:
            _check_format(file)
            run = _read(file)
            expected = str(file.attrs["content_hash"])
        run.check()
        if run.content_hash() != expected:
            raise InputError("its content does not match its content hash")
        if not run.muscle_groups:
            run = replace(run, muscle_groups=groups_named(run.muscle_names))
    except FootstrikeError as error:
        raise InputError(f"cannot be used: {error}") from error
    except (
        Exception
    ) as error:  # a damaged file makes HDF5 fail in many ways, all meaning the same to the user
        raise InputError(f"is truncated or damaged: {_first_line(error)}") from error
    return run


def versions() -> dict[str, str]:
    """Versions of Python, of the package and of the libraries that numbers depend on."""
    own = {"python": platform.python_version(), "schema": str(SCHEMA), "footstrike": __version__}
    return {**own, **library_versions(), "h5py": h5py.__version__}


def image(run: Run) -> bytes:
    """Bytes of a run's file.

    Raises
    ------
    InputError
        If the run is inconsistent.
    """
    run.check()
    buffer = io.BytesIO()
    with h5py.File(buffer, "w", libver=("v110", "v110")) as file:
        file.attrs["format"] = FORMAT
        file.attrs["schema"] = SCHEMA
        file.attrs["content_hash"] = run.content_hash()
        file.attrs["specification"] = to_json(run.spec)
        file.attrs["solver"] = to_json(run.solver)
        file.attrs["versions"] = to_json(run.spec.get("versions") or versions())
        file.attrs["status"] = run.status
        file.attrs["message"] = run.message
        file.attrs["mass"] = run.mass
        file.attrs["mass_units"] = "kg"
        _dataset(file, "model_osim", run.model_osim, ("", "OpenSim model, XML text"))
        names = np.array(run.muscle_names, dtype=h5py.string_dtype())
        _dataset(file, "muscle_names", names, ("", "names of the muscles, in the order of the columns"))
        groups = np.array(run.muscle_groups, dtype=h5py.string_dtype())
        _dataset(file, "muscle_groups", groups, ("", "group of each muscle"))
        if run.sensitivities:
            said = ("", "derivatives of metrics by inputs, JSON")
            _dataset(file, "sensitivities", to_json(run.sensitivities), said)
        for group in (*GROUPS, "lumbar"):
            file.create_group(group)
        for name, array in run.arrays():
            _dataset(file, name, array, label(name))
    return buffer.getvalue()


def _dataset(file: h5py.File, name: str, value: Any, meaning: tuple[str, str]) -> None:
    large = isinstance(value, np.ndarray) and value.dtype == float and value.size > 64
    options = {"compression": "gzip", "shuffle": True} if large else {}
    dataset = file.create_dataset(name, data=value, **options)
    dataset.attrs["units"], dataset.attrs["long_name"] = meaning


def _check_format(file: h5py.File) -> None:
    if file.attrs.get("format") != FORMAT:
        raise InputError("it was not written by Footstrike")
    schema = int(file.attrs["schema"])
    if schema not in READABLE:
        known = " and ".join(map(str, READABLE))
        raise InputError(f"its schema is version {schema}, this Footstrike reads versions {known}")


def _read(file: h5py.File) -> Run:
    return Run(
        spec=json.loads(file.attrs["specification"]),
        status=str(file.attrs["status"]),
        message=str(file.attrs["message"]),
        solver=json.loads(file.attrs["solver"]),
        mass=float(file.attrs["mass"]),
        model_osim=file["model_osim"].asstr()[()],
        time=_values(file["time"]),
        muscle_names=_texts(file["muscle_names"]),
        muscle_groups=_texts(file["muscle_groups"]) if "muscle_groups" in file else [],
        activations=_values(file["activations"]),
        muscle_forces=_values(file["muscle_forces"]),
        lumbar=_groups(file, "lumbar"),
        lumbar_net=_groups(file, "lumbar_net"),
        joint_contact=_group(file["joint_contact"]) if "joint_contact" in file else {},
        fibre_length=_of_muscles(file, "fibre_length"),
        fibre_velocity=_of_muscles(file, "fibre_velocity"),
        metabolic_rate=_of_muscles(file, "metabolic_rate"),
        sensitivities=json.loads(file["sensitivities"].asstr()[()]) if "sensitivities" in file else {},
        **{group: _group(file[group]) for group in GROUPS},
    )


def _group(group: h5py.Group) -> dict[str, Array]:
    return {name: _values(dataset) for name, dataset in group.items()}


def _groups(file: h5py.File, name: str) -> dict[str, dict[str, Array]]:
    """Groups of a group that a run may lack."""
    return {level: _group(group) for level, group in file[name].items()} if name in file else {}


def _of_muscles(file: h5py.File, name: str) -> Array:
    """An array that a run may lack, (T, M) or empty."""
    return _values(file[name]) if name in file else np.zeros((0, 0))


def _texts(dataset: h5py.Dataset) -> list[str]:
    return [str(text) for text in dataset.asstr()[()]]


def _values(dataset: h5py.Dataset) -> Array:
    return np.asarray(dataset[()], dtype=float)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
