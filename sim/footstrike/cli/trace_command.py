"""``footstrike trace``: where a number of a claims folder comes from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from footstrike.cli.output import AsJson, print_json


def trace(
    value: Annotated[
        str,
        typer.Argument(
            metavar="VALUE",
            help="C6, or a field such as C6.lumbar.L5S1.peak_compression_bw.conversion.effect.",
            show_default=False,
        ),
    ],
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of claims.")] = Path(
        "footstrike-claims"
    ),
    as_json: AsJson = False,
) -> None:
    """Tell where a number of a claims folder comes from: formula, files and their hashes, tables, versions."""
    from footstrike.report.trace import trace as traced

    found = traced(value, directory)
    print_json(found.plain()) if as_json else print(found)
