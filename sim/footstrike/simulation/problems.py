"""From a request to the optimal control problem that answers it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from footstrike import cache
from footstrike.brief import brief
from footstrike.control.drive import drive_of
from footstrike.control.problem import Drive, Prescribed, TrackProblem, default_breaks
from footstrike.control.reference import step_reference, stride_reference, with_bump
from footstrike.control.sample import BEFORE_CONTACT
from footstrike.gait.targets import Target
from footstrike.model.description import Description, PathPolynomial
from footstrike.model.measured import MusclePath
from footstrike.model.subject import Subject
from footstrike.muscles import path_cache
from footstrike.muscles.running_paths import running_paths
from footstrike.simulation.reporter import ProgressReporter
from footstrike.simulation.request import Request
from footstrike.workers.client import opensim_worker

Array = NDArray[np.float64]

THIGH_SHARE = 0.38  # of a change of knee flexion at contact
FREE_STEP = 0.15  # how far a free step length may leave the habitual one


@dataclass(frozen=True)
class Model:
    """A runner: its OpenSim text and the same as plain data."""

    __repr__ = brief

    osim: str
    description: Description


def runner(spec: Subject, reporter: ProgressReporter | None = None) -> Model:
    """Build the runner through OpenSim, once per content."""
    if reporter:
        reporter.stage("building the runner")
    worker = opensim_worker()
    text = worker.call("build_runner", spec)
    return Model(text, worker.call("describe", text))


def track_problem(
    model: Model,
    request: Request,
    aim: Target,
    left: Target | None = None,
    reporter: ProgressReporter | None = None,
) -> TrackProblem:
    """The optimal control problem of a request: half a stride, or a whole one if the left foot lands otherwise.

    Its knee flexion comes later (:func:`with_knee_flexion`).
    """
    drive = Drive()
    if request.legs == "muscles":
        drive = drive_of(model.description, muscle_paths(model, reporter))
    step_time = None if request.step_length is None else request.step_length / request.speed
    if left is None:
        reference, steps = step_reference(aim, step_time), 1
    else:
        stride_time = (aim.stride_time + left.stride_time) / 2 if step_time is None else 2 * step_time
        reference, steps = stride_reference(aim, left, stride_time), 2
    return TrackProblem(
        model.description,
        (reference,),
        default_breaks(request.points, steps=steps),
        ends="mirrored" if left is None else "periodic",
        drive=drive,
        duration_bound=FREE_STEP if request.free_step else 0.0,
    )


def departs(request: Request) -> bool:
    """Whether a request asks for another step length or posture than the habitual one."""
    return request.step_length is not None or request.knee_flexion is not None


def habitual(request: Request) -> Request:
    """The same runner as he runs without being asked for a step length or a posture."""
    return request.model_copy(update={"step_length": None, "knee_flexion": None, "starts": 1})


def with_knee_flexion(problem: TrackProblem, flexion: float) -> TrackProblem:
    """The problem with the right knee's flexion (rad) prescribed where the foot lands in the reference.

    The reference moves along, as runners vary from step to step (experiments/targets/covariation.py): part of the change
    is the thigh's, the rest the shank's; the ankle leaves the foot as it lands, since the strike is asked for.
    """
    phase, reference = BEFORE_CONTACT[problem.ends], problem.references[0]
    now = float(np.interp(phase, reference.phase, reference.coordinates["knee_angle_r"]))
    more = flexion + now  # knee flexion is negative
    for name, change in (
        ("knee_angle_r", -more),
        ("hip_flexion_r", THIGH_SHARE * more),
        ("ankle_angle_r", (1 - THIGH_SHARE) * more),
    ):
        reference = with_bump(reference, name, phase, change, problem.ends == "mirrored")
    return replace(
        problem, references=(reference,), prescribed=(Prescribed("knee_angle_r", phase, -flexion),)
    )


def muscle_paths(model: Model, reporter: ProgressReporter | None = None) -> dict[str, PathPolynomial]:
    """Polynomials of the muscles' paths over the range of running, fitted once per model."""
    place = cache.place("running_paths", model.osim, model.description)
    known = path_cache.recall(place)
    if known is not None:
        return known
    if reporter:
        reporter.stage("fitting muscle paths (once for this model)")

    def measure(names: list[str], q: Array, muscles: list[str]) -> Sequence[MusclePath]:
        paths: Sequence[MusclePath] = opensim_worker().call("muscle_paths", model.osim, names, q, muscles)
        return paths

    fitted = running_paths(model.description, measure)
    path_cache.keep(place, fitted)
    return path_cache.recall(place) or fitted  # read back: the same bytes in every session
