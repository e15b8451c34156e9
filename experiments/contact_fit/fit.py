"""Estimate the foot's contact parameters from the measured ground forces of both strike patterns at three speeds.

Aim. Where and how stiff the soles are cannot be measured on the runner; what they do to the ground force can. So six
gaits are tracked at once, both patterns at 2.5, 3.5 and 4.5 m/s, with sphere positions, stiffness and dissipation as
shared variables: one foot must land both ways and at all speeds. A weak prior keeps what the forces do not tell near
its anatomical start. Other starts of the contact parameters show whether the answer depends on where it began.

    python experiments/contact_fit/fit.py [--starts 2] [--out models/contact.toml]

takes some minutes and writes the table that the builder of the runner reads.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np

from footstrike.control.problem import FreeContact, TrackProblem, change_names, changed, default_breaks
from footstrike.control.program import CHANGE_BOUNDS
from footstrike.control.reference import step_reference
from footstrike.control.solution import Solution
from footstrike.files import write_atomically
from footstrike.gait.targets import HABITUAL, target
from footstrike.model.description import Description
from footstrike.model.subject import Subject
from footstrike.workers.client import casadi_worker, opensim_worker

GROUPS = {"heel": "heel", "midfoot": "midfoot", "met1": "met", "met5": "met", "toe": "toe"}
SPEEDS = (2.5, 3.5, 4.5)
SCATTER = 0.1  # SD of another start, of the bound of a change
AT_BOUND = 0.95  # a change beyond this share of its bound is not an estimate
ROOT = Path(__file__).resolve().parents[2]


def estimate(anatomical: Description, present: Description, starts: int) -> list[Solution]:
    """Track all gaits with shared contact parameters; the best solution comes first.

    Changes are those of the anatomical spheres. The first start is the present table, the others lie scattered
    around it; every gait begins where it runs on the present table.
    """
    references = tuple(step_reference(target(strike, speed)) for speed in SPEEDS for strike in HABITUAL)
    alone = [_track(TrackProblem(present, (r,), default_breaks())) for r in references]
    begin = replace(alone[0], gaits=tuple(s.gaits[0] for s in alone))
    together = TrackProblem(anatomical, references, default_breaks(), contact=FreeContact(GROUPS))
    random, at = np.random.default_rng(1), changes_between(anatomical, present)
    found = []
    for k in range(starts):
        start = {n: c + (SCATTER * bound(n) * random.normal() if k else 0.0) for n, c in at.items()}
        start = {n: float(np.clip(c, -0.9 * bound(n), 0.9 * bound(n))) for n, c in start.items()}
        found.append(_track(replace(together, guess=replace(begin, contact=start))))
        outcome = found[-1].outcome
        print(
            f"start {k}: {outcome.status}, {outcome.iterations} iterations, objective {outcome.objective:.5f}"
        )
    return sorted(found, key=lambda s: (not s.nlp.success, s.nlp.objective))


def changes_between(anatomical: Description, present: Description) -> dict[str, float]:
    """The changes that lead from one model's spheres to another's."""
    out = {}
    for before, after in zip(anatomical.spheres, present.spheres, strict=True):
        group = GROUPS[before.name.rsplit("_", 1)[0]]
        out[f"log_stiffness_{group}"] = float(np.log(after.stiffness / before.stiffness))
        out[f"x_{group}"] = float(after.location[0] - before.location[0])
        out[f"y_{group}"] = float(after.location[1] - before.location[1])
        out[f"log_dissipation_{group}"] = float(np.log(after.dissipation / before.dissipation))
    return {name: out[name] for name in change_names(FreeContact(GROUPS))}


def bound(change: str) -> float:
    """Largest size that the estimation allows a change."""
    return next(size for kind, size in CHANGE_BOUNDS.items() if change.startswith(f"{kind}_"))


def compare(found: list[Solution]) -> None:
    """Print every change as a share of its bound, solution by solution."""
    for name in found[0].contact:
        shares = [s.contact[name] / bound(name) for s in found]
        note = "  AT ITS BOUND" if abs(shares[0]) > AT_BOUND else ""
        print(f"  {name:22s}", " ".join(f"{share:+.4f}" for share in shares), f"x {bound(name):g}{note}")


def _track(problem: TrackProblem) -> Solution:
    with casadi_worker() as worker:
        return worker.call("track", problem, progress=_say)


def table(description: Description, solved: Solution) -> str:
    """models/contact.toml with the estimated values of the right foot (the left one mirrors it)."""
    lines = [
        "# Contact spheres estimated by experiments/contact_fit/fit.py from the group-mean ground forces of both",
        f"# strike patterns at {', '.join(f'{v:g}' for v in SPEEDS)} m/s (Fukuchi et al. 2017, doi:10.7717/peerj.3298);",
        "# right foot, SI units.",
        f"# Objective {solved.nlp.objective:.4f}, {solved.nlp.iterations} iterations, {solved.nlp.words}.",
    ]
    for sphere in description.spheres:
        name, side = sphere.name.rsplit("_", 1)
        if side == "r":
            s = changed(sphere, FreeContact(GROUPS), solved.contact)
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
    options.add_argument("--starts", type=int, default=2)
    options.add_argument("--out", type=Path, default=ROOT / "models" / "contact.toml")
    args = options.parse_args()
    worker = opensim_worker()
    anatomical, present = (
        worker.call("describe", worker.call("build_runner", Subject(fitted_contact=fitted, legs="none")))
        for fitted in (False, True)
    )
    found = estimate(anatomical, present, args.starts)
    compare(found)
    if not found[0].nlp.success:
        raise SystemExit(f"the fit did not converge: {found[0].nlp.words}")
    write_atomically(args.out, table(anatomical, found[0]).encode())


def _say(event: dict[str, object]) -> None:
    print(event.get("stage"), event.get("iteration", ""), event.get("objective", ""), flush=True)


if __name__ == "__main__":
    main()
