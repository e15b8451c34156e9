"""A run as files of the OpenSim application, with set-ups of its tools that give the run's own numbers.

Angles are written in radians with ``inDegrees=no``: OpenSim takes coordinates whose joint function is not the
identity, as those of the lumbar levels, for radians even in a file that says degrees.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from footstrike.errors import InputError
from footstrike.export import series, setups
from footstrike.export.readme import Shipped, readme
from footstrike.export.series import FOOT
from footstrike.files import check_new_folder, write_folder
from footstrike.formats.storage import columns_text
from footstrike.model.description import Description, Pose
from footstrike.runs import assemble
from footstrike.runs.run import Run
from footstrike.workers.client import opensim_worker


def export_opensim(run: Run, directory: Path) -> list[Path]:
    """Write a run as a folder that OpenSim reproduces it from; the folder appears whole or not at all.

    Model, motion, ground forces, forces of all actuators, joint moments, lumbar loads, and set-ups of inverse
    dynamics, joint reaction at the lumbar levels and static optimisation. Series go on beyond both ends of the stride.
    Files and set-ups of muscles and lumbar loads are left out where the run has none. Ground force that is not that of
    the model's contact acts on the calcanei alone.

    Parameters
    ----------
    directory
        Must not exist, or be empty.

    Returns
    -------
    The files written; README.txt says what each is, how to run the tools, and what they give.

    Raises
    ------
    InputError
        If the run is not solved or not periodic, or ``directory`` is not empty or cannot be written.
    """
    if not run.solved:
        raise InputError(f"the run is not solved ({run.status}): nothing is exported from it")
    run.check()
    check_new_folder(directory)
    description: Description = opensim_worker().call("describe", run.model_osim)
    _check_feet(description)
    longer = series.continued(run)
    axes = series.level_axes(description) if run.muscle_driven and run.lumbar else {}
    shipped = _ship(run, description, {f"{n}_axes": (b, at) for n, (_, b, at) in axes.items()})
    texts = {"runner.osim": shipped.osim, **_series(longer, description, shipped), **_setups(run, axes)}
    texts["README.txt"] = readme(run, description, list(texts), shipped)
    return write_folder(directory, texts)


def _check_feet(description: Description) -> None:
    bodies = {b.name for b in description.bodies}
    for letter in assemble.SIDES.values():
        if f"{FOOT}_{letter}" not in bodies:
            raise InputError(f"the model has no body {FOOT}_{letter}, on which the ground's force would act")


def _ship(run: Run, description: Description, frames: Mapping[str, tuple[str, Pose]]) -> Shipped:
    """The model with what the run's loads need."""
    motors = {_motor(n): (n, f) for n, f in series.optimal_forces(run, description).items()}
    return Shipped(*opensim_worker().call("exported_model", run.model_osim, motors, frames))


def _motor(coordinate: str) -> str:
    return f"actuator_{coordinate}"


def _series(run: Run, description: Description, shipped: Shipped) -> dict[str, str]:
    """Texts of the files of series, by name."""
    loads = series.ground(run, description)
    forces = {_motor(n): f for n, f in series.actuation(run, description).items()}
    texts = {
        "motion.mot": columns_text("motion", run.time, series.motion(run, description)),
        "ground_forces.mot": columns_text(
            "ground_forces", run.time, {k: v for c in loads.values() for k, v in c.items()}
        ),
        "external_loads.xml": setups.external_loads(list(loads)),
        "joint_moments.sto": columns_text(
            "joint_moments", run.time, {shipped.columns[n]: v for n, v in run.torques.items()}
        ),
    }
    if run.muscle_driven:
        forces |= series.by_muscle(run, run.muscle_forces)
        activations = series.by_muscle(run, run.activations)
        named = {f"/forceset/{n}/activation": a for n, a in activations.items()}
        texts["activations.sto"] = columns_text("activations", run.time, named)
    idle = np.zeros(run.time.size)
    texts["forces.sto"] = columns_text(
        "forces", run.time, {n: forces.get(n, idle) for n in shipped.actuators}
    )
    if run.lumbar:
        texts["lumbar_loads.sto"] = columns_text("lumbar_loads", run.time, series.lumbar(run))
    return texts


def _setups(run: Run, axes: Mapping[str, tuple[str, str, Pose]]) -> dict[str, str]:
    """Texts of the set-ups, by name; ``axes`` are those of the lumbar levels."""
    span = float(run.time[0]), float(run.time[-1])
    texts = {"inverse_dynamics.xml": setups.inverse_dynamics(span)}
    if axes:
        frames = {joint: f"{level}_axes" for level, (joint, _, _) in axes.items()}
        texts["joint_reaction.xml"] = setups.joint_reaction(span, frames)
        texts["static_optimisation.xml"] = setups.static_optimisation(span)
        texts["joint_reaction_of_static_optimisation.xml"] = setups.joint_reaction(
            span, frames, after_static_optimisation=True
        )
    return texts
