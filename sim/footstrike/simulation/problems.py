"""From a request to the optimal control problem that answers it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from footstrike.brief import brief
from footstrike.cache.results import cached
from footstrike.control.drive import drive_of, of_subject
from footstrike.control.memory import recalled
from footstrike.control.problem import Drive, TrackProblem, default_breaks
from footstrike.control.reference import step_reference, stride_reference
from footstrike.gait.targets import Target, target
from footstrike.model.description import Description, PathPolynomial
from footstrike.model.measured import MusclePath
from footstrike.model.scaling import leg_scale, uniform_factor
from footstrike.model.subject import Subject
from footstrike.muscles.path_cache import POLYNOMIALS
from footstrike.muscles.running_paths import running_paths
from footstrike.progress import silent, stage
from footstrike.simulation.reporter import ProgressReporter
from footstrike.simulation.request import Request
from footstrike.workers.client import opensim_worker

Array = NDArray[np.float64]

RUNNERS = 32  # kept: sensitivities ask for one of every factor
FREE_STEP = 0.15  # how far a free step length may leave the habitual one


@dataclass(frozen=True)
class Model:
    """A runner: its OpenSim text and the same as plain data; who it is, where it was built from that."""

    __repr__ = brief

    osim: str
    description: Description
    subject: Subject | None = None


class Posed(NamedTuple):
    """A request as a model, targets that the feet land like, and the optimal control problem of the habitual gait."""

    model: Model
    aims: dict[str, Target]
    problem: TrackProblem

    def key(self, request: Request) -> tuple[Any, ...]:
        """What a result of the request is cached by."""
        return self.model.osim, self.problem, self.aims, request.specification()


def posed(request: Request, reporter: ProgressReporter) -> Posed:
    """What a request asks, before anything is solved."""
    subject = request.subject
    model = runner(subject, reporter)
    scale = leg_scale(subject) if subject.is_scaled else None
    tracked, aims = (_targets(r, scale) for r in (request.habit, request))
    problem = track_problem(model, request, tracked["right"], tracked.get("left"), reporter)
    return Posed(model, aims, replace(problem, drive=of_subject(problem.drive, subject)))


def _targets(request: Request, scale: float | None) -> dict[str, Target]:
    """What each foot's strike looks like: ``right``, and ``left`` where that is another one."""
    strikes = {"right": request.strike, "left": request.left_strike}
    return {
        side: target(strike, request.speed, scale, request.variation)
        for side, strike in strikes.items()
        if strike
    }


def runner(spec: Subject, reporter: ProgressReporter | None = None) -> Model:
    """Build the runner through OpenSim, unless this process has just built the same."""
    if reporter:
        reporter.stage("building the runner")
    return _built(spec)


@lru_cache(maxsize=RUNNERS)
def _built(spec: Subject) -> Model:
    worker = opensim_worker()
    text = worker.call("build_runner", spec)
    return Model(text, worker.call("describe", text), spec)


def track_problem(
    model: Model,
    request: Request,
    aim: Target,
    left: Target | None = None,
    reporter: ProgressReporter | None = None,
) -> TrackProblem:
    """The optimal control problem of a request: half a stride, or a whole one if the left foot lands otherwise.

    What it modifies comes later (:mod:`footstrike.simulation.attempts`), when the habitual gait is known.
    """
    drive = Drive()
    if request.muscle_driven:
        drive = drive_of(model.description, muscle_paths(model, reporter))
    if left is None:
        reference, steps = step_reference(aim), 1
    else:
        reference, steps = stride_reference(aim, left, (aim.stride_time + left.stride_time) / 2), 2
    return TrackProblem(
        model.description,
        (reference,),
        default_breaks(request.options.points, steps=steps),
        ends="mirrored" if left is None else "periodic",
        drive=drive,
        objective=request.objective,
        duration_bound=FREE_STEP if request.step_is_free else 0.0,
    )


def muscle_paths(model: Model, reporter: ProgressReporter | None = None) -> dict[str, PathPolynomial]:
    """Polynomials of the muscles' paths over the range of running, fitted once per model.

    No factor on the runner's numbers moves a path. A runner of another height and the same proportions has the generic one's paths times a
    number. One of other proportions takes over the terms of the generic one with the same muscles, so that both have the
    same equations.
    """
    if model.subject is None:
        return _fitted(model, None, reporter)
    return recalled("paths", _of_size(model.subject), lambda: _of_subject(model, reporter))


def _of_subject(model: Model, reporter: ProgressReporter | None) -> dict[str, PathPolynomial]:
    assert model.subject is not None
    sized = _of_size(model.subject)
    generic = replace(sized, height=None, mass=None, sex=None, segment_factors=())
    times = uniform_factor(sized)
    if sized != generic and times:
        return {name: path.times(times) for name, path in muscle_paths(runner(generic), reporter).items()}
    measured = model if sized == model.subject else runner(sized, reporter)
    return _fitted(measured, generic if sized != generic else None, reporter)


def _of_size(subject: Subject) -> Subject:
    """The subject without what says nothing of paths."""
    return replace(subject, factors=(), tone=None, disc_springs=0.0)


def _fitted(
    model: Model, generic: Subject | None, reporter: ProgressReporter | None
) -> dict[str, PathPolynomial]:
    """Polynomials fitted to the paths of a model, with the terms of a generic one where there is one."""

    def count(completed: int, total: int) -> None:
        if reporter:
            reporter.stage("fitting muscle paths (once for this model)", completed, total)

    def measure(names: list[str], q: Array, muscles: list[str]) -> Sequence[MusclePath]:
        paths: Sequence[MusclePath] = opensim_worker().call("muscle_paths", model.osim, names, q, muscles)
        return paths

    def fit() -> dict[str, PathPolynomial]:
        like = muscle_paths(runner(generic), reporter) if generic else None
        count(0, len(model.description.muscles))
        return running_paths(model.description, measure, like=like, tell=count)

    tell = reporter.stage if reporter else stage(silent)
    return cached("running_paths", (model.osim, model.description, generic), fit, POLYNOMIALS, tell).value
