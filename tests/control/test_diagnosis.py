"""What a failed solve says: the constraint that is missed most, where, and what to try."""

from __future__ import annotations

from dataclasses import replace

from trolley import NOTHING, problem

from footstrike.control.problem import Drive, Prescribed
from footstrike.control.solution import Solution, Status
from footstrike.workers.client import casadi_worker


def failed(**changes: object) -> Solution:
    """A mass that has to be 0.5 m further after a second than its actuator can push it."""
    ends = (
        Prescribed("slide", 0.0, 0.0),
        Prescribed("slide", 0.0, 0.0, rate=True),
        Prescribed("slide", 1.0, 0.5),
    )
    asked = replace(
        problem(),
        objective=NOTHING.weighted(motion=1.0),
        prescribed=ends,
        drive=Drive(limit={"slide": 0.1}),
        ipopt={"ipopt.max_iter": 40},
        **changes,
    )
    with casadi_worker() as worker:
        found: Solution = worker.call("track", asked)
    return found


def test_the_actuator_that_cannot_is_named_with_its_place() -> None:
    found = failed()
    assert found.status in (Status.INFEASIBLE, Status.NOT_CONVERGED)
    assert "worst met: actuator of slide at " in found.nlp.diagnosis
    assert "% of the cycle" in found.nlp.diagnosis
    assert found.status.remedy in found.nlp.message


def test_a_duration_at_its_bound_is_told() -> None:
    assert "the duration of the step is at its bound" in failed(duration_bound=0.1).nlp.diagnosis
