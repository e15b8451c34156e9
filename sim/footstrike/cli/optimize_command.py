"""``footstrike optimize``: the stride that is best for a goal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from footstrike.cli.output import AsJson, print_json
from footstrike.errors import FootstrikeError, InputError


def optimize(
    strike: Annotated[str, typer.Option(help="rearfoot, forefoot or true_forefoot.", show_default=False)],
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
    speed: Annotated[str, typer.Option(metavar="M/S", help="Running speed, 2.0 to 5.5.")] = "3.5",
    nearness: Annotated[
        str | None,
        typer.Option(metavar="X", help="Weight of the habitual motion, times the usual, 0.1 to 10."),
    ] = None,
    height: Annotated[str | None, typer.Option(metavar="M", help="Height of the runner.")] = None,
    mass: Annotated[str | None, typer.Option(metavar="KG", help="Mass of the runner.")] = None,
    sex: Annotated[str | None, typer.Option(metavar="female|male", help="Proportions of the body.")] = None,
    points: Annotated[str | None, typer.Option(metavar="N", help="Collocation points over a step.")] = None,
    starts: Annotated[str | None, typer.Option(metavar="N", help="Starts; the best one counts.")] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="File (.h5) for the run.")] = None,
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
