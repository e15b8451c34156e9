"""Settings of the solver, each written once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from footstrike.control.solution import Ends

Ipopt = dict[str, Any]


@dataclass(frozen=True)
class Phase:
    """A part of a solve: with the exact Hessian or the Gauss-Newton one, and its settings beside those of every solve."""

    exact: bool
    settings: Ipopt


PROBLEM: Ipopt = {
    "ipopt.tol": 1e-3,
    "ipopt.compl_inf_tol": 1e-3,
    "ipopt.constr_viol_tol": 1e-6,
    "ipopt.acceptable_tol": 1e-3,
    "ipopt.max_iter": 200,
    "ipopt.linear_solver": "mumps",
    "ipopt.mumps_pivot_order": 5,  # METIS: half the time of the default ordering
    "ipopt.print_level": 0,
    "ipopt.sb": "yes",
    "ipopt.obj_scaling_factor": 1e3,
    "ipopt.bound_push": 1e-4,
    "ipopt.bound_frac": 1e-4,
    "ipopt.mu_strategy": "adaptive",
    "ipopt.mu_oracle": "probing",  # Mehrotra's: half the iterations of a barrier that falls in steps
}
"""Of every solve."""

OF_ENDS: dict[Ends, Ipopt] = {
    "mirrored": {},
    "periodic": {"ipopt.mu_max": 0.1},
    "free": {"ipopt.mu_max": 0.1},
}
"""Longer than half a symmetric cycle, Mehrotra's predictor begins with a barrier that leads astray."""

_APPROACH: Ipopt = {
    "ipopt.tol": 100.0,
    "ipopt.constr_viol_tol": 0.03,
    "ipopt.dual_inf_tol": 1e3,
    "ipopt.mu_min": 1e-4,
}
ROUGH = Phase(exact=False, settings={**_APPROACH, "ipopt.max_iter": 60})
"""From afar to the neighbourhood of a good minimum, where that is enough."""

APPROACH = Phase(exact=False, settings={**_APPROACH, "ipopt.max_iter": 16})
"""The same, cut off where the curvature of the constraints, which it neglects, tells."""

DEPARTURE = Phase(
    exact=False,
    settings={
        **_APPROACH,
        "ipopt.tol": 3.0,
        "ipopt.constr_viol_tol": 5e-3,
        "ipopt.max_iter": 14,
        "ipopt.bound_push": 5e-2,
        "ipopt.bound_frac": 5e-2,
        "ipopt.bound_mult_init_method": "mu-based",
        "ipopt.mu_init": 1.0,
        "ipopt.corrector_type": "affine",  # Mehrotra's: longer steps; from afar it leads astray
    },
)
"""From a solved gait: away from the bounds that its muscles lie at, which what is asked will move."""

CROSSING = Phase(
    exact=False,
    settings={**DEPARTURE.settings, "ipopt.constr_viol_tol": 2e-2, "ipopt.max_iter": 32},
)
"""From the solved gait of another runner: further, so the exact Hessian comes later."""

FINISH = Phase(
    exact=True,
    settings={
        "ipopt.mu_min": 1e-5,
        "ipopt.warm_start_init_point": "yes",
        "ipopt.warm_start_bound_push": 1e-6,
        "ipopt.warm_start_bound_frac": 1e-6,
        "ipopt.warm_start_slack_bound_push": 1e-6,
        "ipopt.warm_start_slack_bound_frac": 1e-6,
        "ipopt.warm_start_mult_bound_push": 1e-6,
    },
)

FROM_AFAR, FROM_HABIT, FROM_OTHER = (APPROACH, FINISH), (DEPARTURE, FINISH), (CROSSING, FINISH)
"""The phases of a solve, by where it starts: a smooth gait, the habit that is modified, the gait of another runner or problem."""
