"""``footstrike front``: optima and Pareto fronts on the surfaces of a sweep."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from footstrike.cli.output import AsJson, print_json

if TYPE_CHECKING:
    from pandas import DataFrame

    from footstrike.study.front import TradeOffs


def front(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a sweep.", show_default=False)],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="DIR", help="Folder of the files; default: the sweep's."),
    ] = None,
    confirm: Annotated[
        int, typer.Option(metavar="N", help="Solve at most N of the settings, optima first.", min=0)
    ] = 0,
    workers: Annotated[
        int | None, typer.Option(metavar="N", help="Processes that solve; default: its cores.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Find where the back is loaded least and what it costs: optima and fronts of each strike of a sweep."""
    from footstrike.cli.progress_line import TerminalProgress
    from footstrike.cli.sweep_table import SweepTable
    from footstrike.study import confirm as confirmation
    from footstrike.study.front import trade_offs
    from footstrike.study.sweep import Sweep

    with TerminalProgress() as progress:
        found = trade_offs(Sweep(directory), progress.show)
    if confirm:
        with SweepTable() as table:
            solved = confirmation.confirm(found, confirm, workers, table.show)
    else:
        solved = confirmation.confirmed(found)
    files = _write(found, solved, out or directory)
    if as_json:
        rows: list[dict[str, Any]] = found.to_frame().to_dict("records")
        print_json({"best": rows, "confirmed": solved.to_dict("records"), "left_out": found.left_out,
                    "files": [str(f) for f in files]})  # fmt: skip
        return
    from footstrike.cli.front_table import print_trade_offs

    print_trade_offs(found, solved, files)


def _write(found: TradeOffs, solved: DataFrame, out: Path) -> list[Path]:
    from footstrike.files import check_folder, write_atomically
    from footstrike.report.front_figure import front_picture
    from footstrike.study.confirm import settings_to_confirm, to_toml

    check_folder(out)
    parts = {
        "front.csv": found.to_frame().to_csv(index=False, float_format="%.6g").encode(),
        "front.toml": to_toml(settings_to_confirm(found)).encode(),
        "front.png": front_picture(found, "png"),
        "front.svg": front_picture(found, "svg"),
    }
    if len(solved):
        parts["confirmed.csv"] = solved.to_csv(index=False, float_format="%.6g").encode()
    for name, data in parts.items():
        write_atomically(out / name, data)
    return [out / name for name in parts]
