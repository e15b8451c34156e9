"""Options that several commands have which simulate a runner: each written once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Strike = Annotated[str, typer.Option(help="rearfoot, forefoot or true_forefoot.", show_default=False)]
Speed = Annotated[str, typer.Option(metavar="M/S", help="Running speed, 2.0 to 5.5.")]
Nearness = Annotated[
    str | None, typer.Option(metavar="X", help="Weight of the habitual motion, times the usual, 0.1 to 10.")
]
Height = Annotated[str | None, typer.Option(metavar="M", help="Height of the runner.")]
Mass = Annotated[str | None, typer.Option(metavar="KG", help="Mass of the runner.")]
Sex = Annotated[str | None, typer.Option(metavar="female|male", help="Proportions of the body.")]
Points = Annotated[str | None, typer.Option(metavar="N", help="Collocation points over a step.")]
Workers = Annotated[
    int | None, typer.Option(metavar="N", help="Processes on this computer; default: its cores.")
]
Dask = Annotated[
    str | None, typer.Option(metavar="ADDRESS", help="Scheduler of Dask that simulations are solved on.")
]
Retry = Annotated[bool, typer.Option("--retry", help="Try failed simulations again.")]
RunFile = Annotated[Path | None, typer.Option("--out", "-o", help="File (.h5) for the run.")]
