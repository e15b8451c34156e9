"""How every number of a run changes with what went into it: exact to first order, from the optimality conditions of its solution.

The implicit function theorem (:mod:`footstrike.control.prediction`) moves the solved gait to where it would be with an
input changed a little; its metrics are then computed like those of any run. A modified gait follows its habit, which moves
first.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from footstrike.cache.entries import content
from footstrike.cache.results import Format, cached
from footstrike.control.memory import recalled
from footstrike.control.modifiers import modifier
from footstrike.control.problem import TrackProblem
from footstrike.control.solution import Solution
from footstrike.errors import InputError, SolveError
from footstrike.files import to_json
from footstrike.outcomes.metrics import metrics_table
from footstrike.progress import Progress, silent
from footstrike.runs.run import Run
from footstrike.simulation.attempts import answered, departing, habitual, nearest
from footstrike.simulation.inputs import named_inputs
from footstrike.simulation.optimisation import ALL
from footstrike.simulation.pipeline import ask_worker, simulate, unchecked
from footstrike.simulation.problems import Posed, posed
from footstrike.simulation.reporter import ProgressReporter
from footstrike.simulation.request import Request
from footstrike.workers.client import Worker, warm_casadi_worker

if TYPE_CHECKING:
    from pandas import DataFrame


KEPT_HABITS = 2  # with all their neighbours, some 60 MB each
OF_INPUTS = ("unit", "at", "usual")
"""What is known of every input."""


def sensitivities(request: Request, inputs: Sequence[str] = (), progress: Progress = silent) -> DataFrame:
    """Derivatives of all metrics of a run with respect to its inputs.

    Parameters
    ----------
    request
        What is simulated. Of an optimised gait, what was chosen is held: the derivative of the least load itself is the same
        (the envelope theorem), that of other metrics is not.
    inputs
        Names (:func:`footstrike.simulation.inputs.inputs_of`); all if none is given.

    Returns
    -------
    pandas.DataFrame
        A row for every metric (names and units of :func:`footstrike.outcomes.metrics.metrics_table`), a column for every input:
        the metric's unit per unit of the input. ``attrs["value"]`` has the metrics of the run, ``attrs["unit"]``,
        ``attrs["at"]`` and ``attrs["usual"]`` unit, value and a usual change of each input.

    Raises
    ------
    InputError
        Everything of the gait was free, or an input has no such name.
    SolveError
        The gait was not solved.
    """
    from pandas import DataFrame

    if request.optimise:
        request = _held(request, progress)
    reporter = ProgressReporter(progress)
    chosen = named_inputs(request, tuple(inputs))
    asked = [one.changed(one.value + one.step) for one in chosen]
    there = [posed(r, reporter) for r in asked]
    here = posed(request, reporter)
    with warm_casadi_worker() as worker:
        solved, moved = _moved(worker, request, here, asked, there, reporter)
    runs = {"": unchecked(request, here, solved)}
    for k, one in enumerate(chosen):
        reporter.stage("sensitivities", k, len(chosen))
        runs[one.name] = unchecked(asked[k], there[k], moved[k])
    table = metrics_table(runs).drop(columns=["status", "strike"])
    base = table.loc[""]
    slopes = {one.name: (table.loc[one.name] - base) / one.step for one in chosen}
    found = DataFrame(slopes, index=table.columns)
    found.attrs = {
        "value": base.to_dict(),
        "unit": {one.name: one.unit for one in chosen},
        "at": {one.name: one.value for one in chosen},
        "usual": {one.name: one.usual for one in chosen},
    }
    return found


def _held(request: Request, progress: Progress) -> Request:
    """The modified gait with all that an optimised one has chosen."""
    if request.optimise is None or ALL in request.optimise.free:
        raise InputError(
            "sensitivities of a gait of which everything was free are not known (allowed: habitual gaits, modified ones, "
            "and those optimised by modifiers)"
        )
    run = simulate(request, progress)
    if not run.solved:
        raise SolveError(f"the optimised gait was not solved ({run.message}), so it has no sensitivities")
    chosen = run.solver["optimum"]["chosen"]
    own = (modifier(name, value) for name, value in chosen.items())
    return request.model_copy(update={"modifiers": (*request.modifiers, *own), "optimise": None})


def with_sensitivities(
    run: Run, request: Request, progress: Progress = silent, inputs: Sequence[str] = ()
) -> Run:
    """The run of a request with its sensitivities to inputs, all if none is named; those computed before are read back."""
    reporter = ProgressReporter(progress)
    at = posed(request, reporter)

    def make() -> dict[str, Any]:
        return kept(sensitivities(request, inputs, progress))

    found = cached("sensitivities", (*at.key(request), tuple(inputs)), make, _FORMAT, reporter.stage).value
    return replace(run, sensitivities=found)


def kept(table: DataFrame) -> dict[str, Any]:
    """A table of :func:`sensitivities` as a run keeps it; what is not defined is left out."""
    slopes = {metric: row.dropna().to_dict() for metric, row in table.iterrows()}
    value = {name: v for name, v in table.attrs["value"].items() if v == v}
    return {
        **{name: table.attrs[name] for name in OF_INPUTS},
        "value": value,
        "slope": {name: row for name, row in slopes.items() if row},
    }


def table_of(run: Run) -> DataFrame:
    """The sensitivities that a run keeps, as :func:`sensitivities` returns them.

    Raises
    ------
    InputError
        It keeps none.
    """
    from pandas import DataFrame

    if not run.sensitivities:
        raise InputError("the run keeps no sensitivities (footstrike simulate ... --sensitivity)")
    table = DataFrame(run.sensitivities["slope"]).T.reindex(columns=list(run.sensitivities["unit"]))
    table.attrs = {name: run.sensitivities[name] for name in ("value", *OF_INPUTS)}
    return table


_FORMAT = Format[dict[str, Any]](lambda found: to_json(found).encode(), json.loads)


def _moved(
    worker: Worker,
    request: Request,
    here: Posed,
    asked: Sequence[Request],
    there: Sequence[Posed],
    reporter: ProgressReporter,
) -> tuple[Solution, list[Solution]]:
    """The solution of a request, and to first order those of others near it."""

    def ask(problem: TrackProblem) -> Solution:
        return ask_worker(worker, problem, "sensitivities", reporter)

    def solution(of: Request) -> Solution:
        problem = habitual(here.problem) if of is not request else here.problem
        found = answered(of, here.model, problem, ask, reporter, here.aims).solved
        if not found.nlp.success:
            raise SolveError(f"the gait was not solved ({found.nlp.words}), so it has no sensitivities")
        return found

    reporter.stage("derivatives of the habitual gait")
    if not request.modified:
        solved = solution(request)
        return solved, worker.call("predicted", here.problem, solved, [p.problem for p in there])
    habit, solved = solution(request.habit), solution(request)
    habits = _moved_habits(worker, habit, [request, *asked], [here, *there])
    problem = nearest(request, departing(request, here.model, here.problem, here.aims, habit))
    others = [
        nearest(r, departing(r, p.model, p.problem, p.aims, h))
        for r, p, h in zip(asked, there, habits, strict=True)
    ]
    reporter.stage("derivatives of the modified gait")
    return solved, worker.call("predicted", problem, solved, others)


def _moved_habits(
    worker: Worker, habit: Solution, asked: Sequence[Request], at: Sequence[Posed]
) -> list[Solution]:
    """The habits of requests after the first, whose habit is given, to first order; kept for the next gait of the runner."""
    own, *others = (_identity(r.habit) for r in asked)
    changed = {other: p for other, p in zip(others, at[1:], strict=True) if other != own}

    def make() -> dict[bytes, Solution]:
        problems = [habitual(p.problem) for p in changed.values()]
        return dict(
            zip(changed, worker.call("predicted", habitual(at[0].problem), habit, problems), strict=True)
        )

    known = recalled("moved habits", (own, *changed), make, KEPT_HABITS)
    return [known.get(other, habit) for other in others]


def _identity(request: Request) -> bytes:
    """All that a request asks."""
    return content((request.specification(), request.subject, request.objective))
