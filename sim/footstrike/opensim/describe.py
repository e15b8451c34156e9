"""A model file as plain data. Runs in the OpenSim worker."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from footstrike.errors import ModelError
from footstrike.model.description import Description
from footstrike.opensim import other_forces as other
from footstrike.opensim.model_text import readable
from footstrike.opensim.muscle_parameters import muscles
from footstrike.opensim.opened_model import each, station
from footstrike.opensim.path_polynomials import polynomials
from footstrike.opensim.skeleton import opened
from footstrike.opensim.unused_parts import unused
from footstrike.progress import Progress, silent


def describe(osim_text: str, progress: Progress = silent, *, fit_paths: bool = True) -> Description:
    """The model as plain data; couplers, locked and prescribed coordinates are eliminated.

    Forces that the dynamics do not apply, and whatever else is left out, are named in ``warnings``. Paths
    that are not straight become polynomials over the range of motion
    (:mod:`footstrike.dynamics.motion_range`), unless ``fit_paths`` is off: such muscles then need their paths
    frame by frame (task ``muscle_paths``), which saves seconds for a motion that is looked at once.

    Raises
    ------
    ModelError
        A component cannot be expressed; it is named with its type.
    """
    source = readable(osim_text)
    at = opened(osim_text)
    model = at.model
    if not at.skeleton.description.bodies:
        raise ModelError("the model has no bodies")
    found = muscles(model)
    forces, unapplied = other.forces(model)
    spheres, contact_notes = other.contact(model)
    notes = [*at.skeleton.warnings, *found.warnings]
    described = found.described
    if fit_paths:
        fitted = polynomials(osim_text, at, described, found.objects, progress)
        described = fitted.muscles
        notes += fitted.warnings
    notes += [*unapplied, *contact_notes]
    notes += [*source.warnings, *unused(model, source.text)]
    if not found.described:
        notes.append("the model has no muscles")
    return replace(
        at.skeleton.description,
        muscles=described,
        spheres=spheres,
        markers={
            m.getName(): station(m.getParentFrame(), m.get_location()) for m in each(model.getMarkerSet())
        },
        forces=(*forces, *source.forces),
        surfaces=(*other.surfaces(model), *source.surfaces),
        inventory=dict(Counter(c.getConcreteClassName() for c in list(model.getComponentsList()))),
        warnings=tuple(notes),
    )
