"""One run, one .h5 file: written whole or not at all, read with every doubt reported by name.

Layout: the root's attributes hold ``format``, ``schema``, ``content_hash``, ``specification`` and ``solver``
(JSON), ``versions`` (JSON), ``status``, ``message``, ``mass``; data sets carry ``units`` and ``long_name``.
"""

from __future__ import annotations

import io
import json
import platform
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from footstrike import __version__
from footstrike.errors import FootstrikeError, InputError
from footstrike.files import to_json, write_atomically
from footstrike.runs.run import GROUPS, Array, Run
from footstrike.stages import library_versions

FORMAT = "footstrike run"
SCHEMA = 1

_TRANSLATIONS = ("pelvis_tx", "pelvis_ty", "pelvis_tz")
_LABELS = {
    "time": ("s", "time from right initial contact"),
    "ground_force": ("N", "ground reaction force on the foot, [forward, up, right]"),
    "ground_point": ("m", "centre of pressure, [forward, up, right]; NaN in flight"),
    "points": ("m", "position in the ground frame, [forward, up, right]"),
    "point_accelerations": ("m/s2", "acceleration in the ground frame, gravity not included"),
    "segments": ("rad", "segment angle in the sagittal plane"),
    "activations": ("1", "muscle activation, by muscle_names"),
    "muscle_forces": ("N", "tendon force, by muscle_names"),
    "fibre_length": ("1", "fibre length in optimal lengths, by muscle_names"),
    "fibre_velocity": ("1", "fibre velocity in maximal velocities, lengthening +, by muscle_names"),
    "metabolic_rate": ("W", "metabolic rate, basal rate not included, by muscle_names"),
    "joint_contact": ("N", "force on the segment below, [anterior, superior, lateral] of femur or tibia"),
}
_COORDINATE_LABELS = {
    "coordinates": ("rad", "m", "value of the coordinate"),
    "speeds": ("rad/s", "m/s", "speed of the coordinate"),
    "accelerations": ("rad/s2", "m/s2", "acceleration of the coordinate"),
    "torques": ("N m", "N", "generalised force of the coordinate"),
}


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
        for group in (*GROUPS, "lumbar"):
            file.create_group(group)
        for name, array in run.arrays():
            _dataset(file, name, array, _label(name))
    return buffer.getvalue()


def _dataset(file: h5py.File, name: str, value: Any, label: tuple[str, str]) -> None:
    large = isinstance(value, np.ndarray) and value.dtype == float and value.size > 64
    options = {"compression": "gzip", "shuffle": True} if large else {}
    dataset = file.create_dataset(name, data=value, **options)
    dataset.attrs["units"], dataset.attrs["long_name"] = label


def _label(name: str) -> tuple[str, str]:
    group, _, rest = name.partition("/")
    if group == "lumbar":
        return _lumbar_label(rest)
    if group == "lumbar_net":
        return _net_label(rest)
    if group in _COORDINATE_LABELS:
        angular, linear, text = _COORDINATE_LABELS[group]
        return (linear if rest in _TRANSLATIONS else angular), f"{text} {rest}"
    units, text = _LABELS[group]
    return units, f"{rest}: {text}" if rest else text


def _lumbar_label(name: str) -> tuple[str, str]:
    level, _, quantity = name.partition("/")
    if quantity.endswith("moment"):
        return "N m", f"{quantity} at {level}, [anterior-posterior axis, chord axis, right]"
    if quantity.endswith("share"):
        return "1", f"{quantity} of the joint force at {level}"
    return "N", f"{quantity} of the joint force at {level}; force is [anterior, superior, right]"


def _net_label(name: str) -> tuple[str, str]:
    level, _, quantity = name.partition("/")
    if quantity == "moment":
        return (
            "N m",
            f"net moment on all above {level}, [extension, bending to the right, rotation to the left]",
        )
    return "N", f"net force on all above {level}, ground frame, [forward, up, right]"


def _check_format(file: h5py.File) -> None:
    if file.attrs.get("format") != FORMAT:
        raise InputError("it was not written by Footstrike")
    schema = int(file.attrs["schema"])
    if schema != SCHEMA:
        raise InputError(f"its schema is version {schema}, this Footstrike reads version {SCHEMA}")


def _read(file: h5py.File) -> Run:
    return Run(
        spec=json.loads(file.attrs["specification"]),
        status=str(file.attrs["status"]),
        message=str(file.attrs["message"]),
        solver=json.loads(file.attrs["solver"]),
        mass=float(file.attrs["mass"]),
        model_osim=file["model_osim"].asstr()[()],
        time=_values(file["time"]),
        muscle_names=[str(name) for name in file["muscle_names"].asstr()[()]],
        activations=_values(file["activations"]),
        muscle_forces=_values(file["muscle_forces"]),
        lumbar=_groups(file, "lumbar"),
        lumbar_net=_groups(file, "lumbar_net"),
        joint_contact=_group(file["joint_contact"]) if "joint_contact" in file else {},
        fibre_length=_of_muscles(file, "fibre_length"),
        fibre_velocity=_of_muscles(file, "fibre_velocity"),
        metabolic_rate=_of_muscles(file, "metabolic_rate"),
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


def _values(dataset: h5py.Dataset) -> Array:
    return np.asarray(dataset[()], dtype=float)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
