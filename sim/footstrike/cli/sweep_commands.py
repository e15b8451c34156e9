"""``footstrike sweep``: many simulations described by one file; how far they are; merging of their parts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from footstrike.cli.output import MARKUP, AsJson, print_json
from footstrike.cli.request_options import Dask, Retry, Workers
from footstrike.errors import FootstrikeError

RUN = "run"


class _RunUnlessNamed(TyperGroup):
    """A group whose command ``run`` need not be named: ``sweep FILE`` is ``sweep run FILE``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args or args[0] not in (*self.commands, "--help"):
            args = [RUN, *args]
        parsed: list[str] = super().parse_args(ctx, args)
        return parsed


app = typer.Typer(
    cls=_RunUnlessNamed,
    rich_markup_mode=MARKUP,
    help="Solve many simulations that one file describes: EXPERIMENT.toml [-o DIR]; see run --help.",
    no_args_is_help=False,
)
Experiment = Annotated[
    str,
    typer.Argument(
        metavar="EXPERIMENT.toml", help="File, or the name of a carried one: quick, map.", show_default=False
    ),
]
Folder = Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a sweep.", show_default=False)]


@app.command(RUN)
def run_sweep(
    experiment: Experiment,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Folder; default: footstrike-NAME.")] = None,
    workers: Workers = None,
    shard: Annotated[
        str | None, typer.Option(metavar="I/N", help="Only this part, for jobs of an array.")
    ] = None,
    dask: Dask = None,
    retry: Retry = False,
    as_json: AsJson = False,
) -> None:
    """Solve all cells of a sweep; interrupted, the same command goes on where it stopped."""
    from footstrike.cli.sweep_table import SweepTable
    from footstrike.study.sweep import sweep

    with SweepTable() as table:
        found = sweep(experiment, out, workers=workers, shard=shard, dask=dask, retry=retry, watch=table.show)
    _print(found.status(), as_json)
    failed = table.last.failed if table.last else 0
    if failed:
        raise FootstrikeError(
            f"{failed} of {table.last.total if table.last else 0} simulations were not solved: "
            f"footstrike sweep status {found.folder.path}"
        )


@app.command("status")
def sweep_status(directory: Folder, as_json: AsJson = False) -> None:
    """Show what of a sweep is solved, what failed and why."""
    from footstrike.study.sweep import Sweep

    _print(Sweep(directory).status(), as_json)


@app.command("merge")
def sweep_merge(
    directories: Annotated[
        list[Path], typer.Argument(metavar="DIR...", help="Folders of one sweep.", show_default=False)
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder of the whole.")],
    as_json: AsJson = False,
) -> None:
    """Put folders of one sweep, such as its shards, into one."""
    from footstrike.study.sweep import merge_sweeps

    _print(merge_sweeps(directories, out).status(), as_json)


@app.command("script")
def sweep_script(
    experiment: Experiment,
    shards: Annotated[int, typer.Option(metavar="N", help="Jobs of the array.")],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Folder; default: footstrike-NAME.")] = None,
) -> None:
    """Print a script for sbatch (SLURM) that solves a sweep in an array of jobs."""
    from footstrike.study.plan import make_plan
    from footstrike.study.script import sbatch_script

    plan = make_plan(experiment)
    print(sbatch_script(plan, experiment, out or f"footstrike-{plan.name}", shards), end="")


def _print(status: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(status)
    else:
        from footstrike.cli.sweep_table import print_status

        print_status(status)
