"""Two masses in a row, and tracking problems of theirs whose solution is known: nothing pushes the first one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from footstrike.control.problem import Prescribed, TrackProblem
from footstrike.control.reference import Reference
from footstrike.control.solution import Gait, Solution
from footstrike.control.terms import HABITUAL
from footstrike.model.description import Axis, Body, Coordinate, Description, Joint, Polynomial, Pose
from footstrike.workers.client import casadi_worker

FIRST, SECOND = 3.0, 1.0  # kg
REDUCED = FIRST * SECOND / (FIRST + SECOND)
NOTHING = HABITUAL.weighted(motion=0.0, force=0.0, torque=0.0, acceleration=0.0, jerk=0.0)
AT_REST = tuple(Prescribed(n, 0.0, 0.0, rate=rate) for n in ("pelvis_tx", "slide") for rate in (False, True))


def masses() -> Description:
    """A trolley that rolls along x, and a mass that an actuator moves along it."""
    here, line = Pose(np.eye(3), np.zeros(3)), Polynomial((0.0, 1.0))

    def joint(name: str, parent: str, child: str) -> Joint:
        return Joint(name, parent, child, here, here, (Axis("translation", np.eye(3)[0], name, line),))

    return Description(
        name="masses",
        gravity=np.array([0.0, -9.8, 0.0]),
        bodies=tuple(Body(n, m, np.zeros(3), np.eye(3)) for n, m in (("trolley", FIRST), ("mass", SECOND))),
        joints=(joint("pelvis_tx", "ground", "trolley"), joint("slide", "trolley", "mass")),
        coordinates=tuple(
            Coordinate(n, n, "translation", 0.0, -5.0, 5.0, False) for n in ("pelvis_tx", "slide")
        ),
    )


def problem(ends: str = "free", **curves: Any) -> TrackProblem:
    """One second; ``curves`` are value and rate of the slide, and of the trolley, over time."""
    time = np.linspace(0.0, 1.0, 1001)
    values = {"pelvis_tx": curves.get("trolley", 0.0), "slide": curves.get("slide", 0.0)}
    one = {n: np.ones_like(time) for n in values}
    reference = Reference(
        duration=1.0,
        speed=None,
        phase=time,
        coordinates={n: v + 0.0 * time for n, v in values.items()},
        coordinate_weights=one,
        force=np.zeros((len(time), 6)),
        force_weights=np.zeros((len(time), 6)),
        rates={"slide": curves.get("rate", 0.0) + 0.0 * time},
        rate_weights={"slide": one["slide"]},
    )
    breaks = np.linspace(0.0, 1.0, 21)
    return TrackProblem(masses(), (reference,), breaks, ends=ends, objective=NOTHING)  # type: ignore[arg-type]


def lift() -> TrackProblem:
    """The mass is lifted from rest by a metre to rest, in a second: its slide is upright here."""
    upright = problem()
    description = upright.description
    slide = description.joints[1]
    (axis,) = slide.axes
    up = replace(slide, axes=(replace(axis, direction=np.eye(3)[1]),))
    description = replace(description, joints=(description.joints[0], up))
    ends = (Prescribed("slide", 1.0, 1.0), Prescribed("slide", 1.0, 0.0, rate=True))
    return replace(upright, description=description, prescribed=(*AT_REST, *ends))


def answer(asked: TrackProblem) -> Solution:
    with casadi_worker() as worker:
        found: Solution = worker.call("track", asked)
    assert found.nlp.success
    return found


def solved(asked: TrackProblem) -> Gait:
    return answer(asked).gaits[0]


def at_points(gait: Gait, derivative: int = 0) -> dict[str, Any]:
    values = gait.basis.matrix(gait.basis.points, derivative) @ gait.coefficients
    return dict(zip(gait.names, values.T / gait.duration**derivative, strict=True))


def there_and_back(**weights: float) -> TrackProblem:
    """The mass is to go 0.6 m along the trolley and back in a second, from rest; ``weights`` are those of the objective."""
    time = np.linspace(0.0, 1.0, 1001)
    asked = problem(slide=0.3 * (1 - np.cos(2 * np.pi * time)))
    return replace(asked, objective=NOTHING.weighted(**weights), prescribed=AT_REST)
