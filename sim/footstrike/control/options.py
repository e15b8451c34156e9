"""Settings of the solver, each written once."""

from __future__ import annotations

from typing import Any

from footstrike.control.solution import Ends

Ipopt = dict[str, Any]

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

APPROACH: Ipopt = {
    "ipopt.tol": 100.0,
    "ipopt.constr_viol_tol": 0.03,
    "ipopt.dual_inf_tol": 1e3,
    "ipopt.max_iter": 60,
    "ipopt.mu_min": 1e-4,
}
"""With the Gauss-Newton Hessian, from afar to the neighbourhood of a good minimum."""

DEPARTURE: Ipopt = {
    "ipopt.bound_push": 1e-2,
    "ipopt.bound_frac": 1e-2,
    "ipopt.bound_mult_init_method": "mu-based",
    "ipopt.mu_init": 0.1,
}
"""The approach from a solved gait: away from the bounds that its muscles lie at, which what is asked will move."""

HAND_OVER = 16  # iterations after which the curvature of the constraints, which the approach neglects, tells

FINISH: Ipopt = {
    "ipopt.mu_min": 1e-5,
    "ipopt.warm_start_init_point": "yes",
    "ipopt.warm_start_bound_push": 1e-6,
    "ipopt.warm_start_bound_frac": 1e-6,
    "ipopt.warm_start_slack_bound_push": 1e-6,
    "ipopt.warm_start_slack_bound_frac": 1e-6,
    "ipopt.warm_start_mult_bound_push": 1e-6,
}
"""With the exact Hessian."""
