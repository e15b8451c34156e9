"""From the muscle forces of a run to what they do to fibres, joints and metabolism."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from footstrike.dynamics.rigid_body import Force, Tree
from footstrike.model.description import Array, Description, Muscle
from footstrike.model.measured import MusclePath
from footstrike.muscles.energetics import energetics
from footstrike.muscles.load_sharing import frames_of
from footstrike.muscles.paths import path_geometry
from footstrike.muscles.strength import strength
from footstrike.outcomes.excitation import excitation
from footstrike.outcomes.joint_contact import joint_contact, muscles_named
from footstrike.outcomes.metabolics import metabolic_rate
from footstrike.runs.run import Run
from footstrike.workers.client import opensim_worker


def with_muscle_outputs(
    run: Run,
    description: Description,
    forces: Sequence[Force],
    sampled: Sequence[MusclePath] | None = None,
) -> Run:
    """The run with fibre states, contact forces of the legs and metabolic rate of its muscles.

    Fibre states that the run has are kept, and its activations then follow from excitations; otherwise they are
    those of rigid tendons. Muscle lines of action are measured on the model in every frame.

    Parameters
    ----------
    description
        Of the run's model.
    forces
        From outside (N, ground frame) on points of bodies, in the run's frames.
    sampled
        Paths of the muscles that are not straight in these frames, where they were measured before.

    Returns
    -------
    The run itself if it lacks muscle forces or has no leg muscles.
    """
    if not run.muscle_driven or not has_leg_muscles(run):
        return run
    muscles = muscles_named(description, run.muscle_names)
    if sampled is None:
        sampled = line_of_action(run, description, muscles)
    motion = (run.coordinates, run.speeds, run.accelerations)
    length, velocity, excited = run.fibre_length, run.fibre_velocity, None
    if length.size:
        excited = excitation(run.time, run.activations)
    else:
        length, velocity = rigid_tendon_fibres(description, run.coordinates, run.speeds, muscles, sampled)
    rate = metabolic_rate(muscles, run.activations, run.muscle_forces, length, velocity, excited)
    contact = joint_contact(description, *motion, forces, run.muscle_names, run.muscle_forces, sampled)
    spec: dict[str, Any] = {**run.spec, "muscle_mass_kg": float(energetics(muscles).mass.sum())}
    return replace(
        run,
        spec=spec,
        fibre_length=length,
        fibre_velocity=velocity,
        metabolic_rate=rate,
        joint_contact=contact,
    )


def has_leg_muscles(run: Run) -> bool:
    """Whether muscles drive the legs of a run: the soleus tells."""
    return bool(run.muscles_of(("soleus",)))


def line_of_action(run: Run, description: Description, muscles: Sequence[Muscle]) -> list[MusclePath]:
    """Paths of those muscles that are not straight, measured on the model in the frames of the run."""
    names = description.coordinate_names
    q = np.column_stack([run.coordinates[name] for name in names])
    bent = [m.name for m in muscles if not m.path]
    paths: list[MusclePath] = opensim_worker().call("muscle_paths", run.model_osim, names, q, bent)
    return paths


def rigid_tendon_fibres(
    description: Description,
    q: Mapping[str, Array],
    qd: Mapping[str, Array],
    muscles: Sequence[Muscle],
    sampled: Sequence[MusclePath],
) -> tuple[Array, Array]:
    """Fibre lengths (in optimal lengths) and velocities (in maximal velocities), (T, M), of rigid tendons."""
    frames = frames_of(description, q, qd)
    tree = Tree(description)
    geometry = path_geometry(tree, tree.motion(q, qd), frames, muscles, sampled, qd)
    state = strength(muscles, geometry.length, geometry.velocity)
    return state.fibre_length, state.fibre_velocity
