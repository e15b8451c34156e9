"""Estimate the foot's contact parameters from the measured ground forces of both strike patterns.

Aim. Where and how stiff the soles are cannot be measured on the runner; what they do to the ground force can. So
both patterns are tracked at once, at 3.5 m/s, with sphere positions, stiffness and dissipation as shared variables:
one foot must land both ways. A weak prior keeps what the forces do not tell near its anatomical start.

    python experiments/contact_fit/fit.py [--speed 3.5] [--out models/contact.toml]

takes some minutes and writes the table that the builder of the runner reads.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from footstrike.control.problem import Contact, Solved, TrackProblem, changed, default_breaks
from footstrike.control.reference import step_reference
from footstrike.engines.client import casadi_worker, opensim_worker
from footstrike.files import write_atomically
from footstrike.gait.targets import STRIKES, target
from footstrike.model.description import Description
from footstrike.model.runner import RunnerSpec

GROUPS = {"heel": "heel", "midfoot": "midfoot", "met1": "met", "met5": "met", "toe": "toe"}
ROOT = Path(__file__).resolve().parents[2]


def estimate(description: Description, speed: float) -> Solved:
    """Track both patterns with shared contact parameters, from the motions that the anatomical start allows."""
    given = TrackProblem(
        description,
        tuple(step_reference(target(strike, speed)) for strike in STRIKES),
        default_breaks(),
        ipopt={"ipopt.tol": 1e-3},
    )
    start = _track(given)
    return _track(replace(given, contact=Contact(GROUPS), guess=start))


def _track(problem: TrackProblem) -> Solved:
    with casadi_worker() as worker:
        return worker.call("track", problem, progress=_say)


def table(description: Description, solved: Solved, speed: float) -> str:
    """models/contact.toml with the estimated values of the right foot (the left one mirrors it)."""
    lines = [
        "# Contact spheres estimated by experiments/contact_fit/fit.py from the group-mean ground forces of both",
        f"# strike patterns at {speed:g} m/s (Fukuchi et al. 2017, doi:10.7717/peerj.3298); right foot, SI units.",
        f"# Objective {solved.outcome.objective:.4f}, {solved.outcome.iterations} iterations, {solved.outcome.status}.",
    ]
    for sphere in description.spheres:
        name, side = sphere.name.rsplit("_", 1)
        if side == "r":
            s = changed(sphere, Contact(GROUPS), solved.contact)
            values = {
                "x": s.location[0],
                "y": s.location[1],
                "stiffness": s.stiffness,
                "dissipation": s.dissipation,
            }
            lines += ["", f"[{name}]", *(f"{key} = {float(value):.6g}" for key, value in values.items())]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Read the options, estimate, write."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--speed", type=float, default=3.5)
    options.add_argument("--out", type=Path, default=ROOT / "models" / "contact.toml")
    args = options.parse_args()
    worker = opensim_worker()
    start = worker.call("describe", worker.call("build_runner", replace(RunnerSpec(), fitted_contact=False)))
    solved = estimate(start, args.speed)
    if not solved.outcome.success:
        raise SystemExit(f"the fit did not converge: {solved.outcome.status}")
    write_atomically(args.out, table(start, solved, args.speed).encode())


def _say(event: dict[str, object]) -> None:
    print(event.get("stage"), event.get("iteration", ""), event.get("objective", ""), flush=True)


if __name__ == "__main__":
    main()
