"""``footstrike optimize``: the stride that is best for a goal."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from footstrike.cli.output import AsJson, print_json
from footstrike.cli.request_options import Height, Mass, Nearness, Points, RunFile, Sex, Speed, Strike
from footstrike.errors import FootstrikeError, InputError


def optimize(
    strike: Strike,
    objective: Annotated[
        str, typer.Option(metavar="NAME[=WEIGHT],...", help="What is made small; see docs/optimise.md.")
    ] = "peak_compression",
    free: Annotated[
        str, typer.Option(metavar="NAME,...|all", help="What is chosen: modifiers, or the whole motion.")
    ] = "step-length,knee-flexion",
    effort_budget: Annotated[
        str | None, typer.Option(metavar="PCT", help="Effort at most this much above the habitual one.")
    ] = None,
    budget: Annotated[
        str | None, typer.Option(metavar="NAME=PCT,...", help="The same of any other goal.")
    ] = None,
    limits: Annotated[
        str | None, typer.Option(metavar="NAME=LOW:HIGH,...", help="Limits of what is free.")
    ] = None,
    speed: Speed = "3.5",
    nearness: Nearness = None,
    height: Height = None,
    mass: Mass = None,
    sex: Sex = None,
    points: Points = None,
    starts: Annotated[str | None, typer.Option(metavar="N", help="Starts; the best one counts.")] = None,
    out: RunFile = None,
    as_json: AsJson = False,
) -> None:
    """Find the stride in which a load, a cost or a sum of them is least, and print its numbers."""
    from footstrike import api
    from footstrike.cli.progress_line import TerminalProgress
    from footstrike.files import check_writable
    from footstrike.outcomes.metrics import metrics

    if out is not None:
        check_writable(out)
    with TerminalProgress() as progress:
        run = api.optimize(
            objective,
            free,
            _budgets(effort_budget, budget),
            _limits(limits),
            progress.show,
            strike=strike,
            speed=speed,
            nearness=nearness,
            height=height,
            mass=mass,
            sex=sex,
            points=points,
            starts=starts,
        )
    if out is not None:
        run.save(out)
    if as_json:
        print_json(metrics(run))
    elif run.solved:
        from footstrike.cli import printing

        printing.metrics(metrics(run), out)
        printing.optimum(run.solver["optimum"])
    if not run.solved:
        raise FootstrikeError(f"the optimisation was not solved ({run.status}): {run.message}")


def _budgets(effort: str | None, other: str | None) -> str | None:
    both = [f"effort={effort}" if effort is not None else None, other]
    return ",".join(part for part in both if part) or None


def _limits(text: str | None) -> dict[str, tuple[float, float]]:
    found: dict[str, Any] = {}
    for part in (text or "").split(","):
        if not part.strip():
            continue
        name, _, values = part.partition("=")
        try:
            low, high = map(float, values.split(":"))
        except ValueError:
            raise InputError(f"limits {part.strip()!r} cannot be read (allowed: NAME=LOW:HIGH)") from None
        found[name.strip()] = low, high
    return found
