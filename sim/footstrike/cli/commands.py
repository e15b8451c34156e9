"""The command line: a thin layer over the public functions of the package.

Progress and errors go to standard error, results to standard output. Exit codes: 0 what was asked for was
solved, 1 nobody reads the output, 2 bad input, 3 a solve or the program failed, 128 + n stopped by signal n (130
Ctrl-C). Nothing heavy is imported before it is
needed.
"""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from footstrike.claims.presets import PRESETS, check_preset
from footstrike.cli import cache_commands, front_command, optimize_command, sweep_commands, trace_command
from footstrike.cli.modifier_options import with_modifiers
from footstrike.cli.output import MARKUP as _MARKUP
from footstrike.cli.output import AsJson
from footstrike.cli.output import print_json as _print_json
from footstrike.cli.request_options import (
    Dask,
    Height,
    Mass,
    Nearness,
    Points,
    Retry,
    RunFile,
    Sex,
    Speed,
    Strike,
    Workers,
)
from footstrike.cli.terminal import StoppedError, discard_output, open_streams, raise_when_stopped
from footstrike.errors import FootstrikeError, InputError, ModelError, unknown_name

app = typer.Typer(
    rich_markup_mode=_MARKUP,
    name="footstrike",
    help="What a rearfoot and a forefoot strike do to the lumbar spine, by simulation.",
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
)
model_app = typer.Typer(
    rich_markup_mode=_MARKUP, help="Build, check and show the runner's OpenSim model.", no_args_is_help=False
)
app.add_typer(model_app, name="model")
app.add_typer(cache_commands.app, name="cache")
app.add_typer(sweep_commands.app, name="sweep")


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave with its exit code; a user never sees a traceback."""
    open_streams()
    raise_when_stopped()
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code."""
    try:
        command = typer.main.get_command(app)
        code = command.main(args=arguments or ["--help"], prog_name="footstrike", standalone_mode=False)
        sys.stdout.flush()
    except FootstrikeError as error:
        return _fail(str(error), error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        code = 130
    except StoppedError as stopped:
        return _fail(str(stopped), stopped.exit_code)
    except BrokenPipeError:
        discard_output()
        return 1
    except Exception as error:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC and error.filename is None:
            discard_output()
            return _fail("standard output cannot be written: no space left on device", 3)
        explain = getattr(error, "format_message", None)  # a usage error of the parser
        if explain is not None:
            return _fail(f"{_usage(explain())} (see footstrike --help)", 2)
        return _fail(_unexpected(error), 3)
    if code == 130:
        return _fail("interrupted", 130)
    return code if isinstance(code, int) else 0


def _show_version(asked: bool) -> None:
    if asked:
        from footstrike import __version__

        print(f"footstrike {__version__}")
        raise typer.Exit


@app.callback()
def _top(
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version and exit.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    pass


@app.command()
def claims(
    preset: Annotated[str, typer.Option(help=f"How thorough: {', '.join(PRESETS)}.")] = "quick",
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for runs, tables and the report.")] = Path(
        "footstrike-claims"
    ),
    seed: Annotated[int, typer.Option(metavar="N", help="Of the draws of uncertain inputs.")] = 1,
    workers: Workers = None,
    shard: Annotated[
        str | None, typer.Option(metavar="I/N", help="Solve only this part, and judge nothing yet.")
    ] = None,
    dask: Dask = None,
    retry: Retry = False,
    as_json: AsJson = False,
) -> None:
    """Test the article's claims: simulate, compare, judge, and write the report."""
    check_preset(preset)
    _output_folder(out)
    where = {"seed": seed, "workers": workers, "shard": shard, "dask": dask, "retry": retry}
    result = _with_progress(lambda show: _api().run_claims(preset, out, progress=show, **where))
    if as_json:
        _print_json(result)
    else:
        from footstrike.cli import claims_table

        claims_table.show(result, out)


@app.command()
@with_modifiers
def simulate(
    strike: Strike,
    speed: Speed = "3.5",
    from_strike: Annotated[
        str | None,
        typer.Option("--from", metavar="STRIKE", help="Habitual strike of a runner asked to land otherwise."),
    ] = None,
    free_step: Annotated[
        bool, typer.Option("--free-step", help="Leave the step length to the solver.")
    ] = False,
    nearness: Nearness = None,
    height: Height = None,
    mass: Mass = None,
    sex: Sex = None,
    legs: Annotated[str | None, typer.Option(metavar="muscles|torques", help="What drives the legs.")] = None,
    left_strike: Annotated[
        str | None, typer.Option(metavar="STRIKE", help="Left foot's, if another.")
    ] = None,
    points: Points = None,
    starts: Annotated[
        str | None, typer.Option(metavar="N", help="Initial guesses; the best one counts.")
    ] = None,
    sensitivity: Annotated[
        bool,
        typer.Option("--sensitivity", help="Also how its numbers change with the model and what is asked."),
    ] = False,
    out: RunFile = None,
    as_json: AsJson = False,
    **asked: str | None,
) -> None:
    """Simulate one stride of running and print its numbers."""
    from footstrike.simulation.request import Request

    given = {"strike": strike, "speed": speed, "from_strike": from_strike, "nearness": nearness, "height": height, "mass": mass,
             "sex": sex, "legs": legs, "left_strike": left_strike, "points": points, "starts": starts,
             "free_step": free_step}  # fmt: skip
    request = Request.of(**given, **asked)
    if out is not None:
        _output_file(out)
    run = _with_progress(lambda show: _api().simulate(request, progress=show))
    from footstrike.outcomes.metrics import metrics

    if sensitivity and run.solved:
        from footstrike.simulation.sensitivity import with_sensitivities

        solved = run
        run = _with_progress(lambda show: with_sensitivities(solved, request, show))
    if out is not None:
        run.save(out)
    if as_json:
        _print_json(metrics(run) | ({"sensitivities": run.sensitivities} if run.sensitivities else {}))
    elif run.solved:
        from footstrike.cli import departure, printing

        printing.metrics(metrics(run), out)
        if request.modified:
            departure.show(run, _with_progress(lambda show: _api().habit_of(request, progress=show)))
        if run.sensitivities:
            printing.sensitivities(run.sensitivities)
    if not run.solved:
        raise FootstrikeError(f"the simulation was not solved ({run.status}): {run.message}")


app.command("optimize")(optimize_command.optimize)
app.command("front")(front_command.front)
app.command("trace")(trace_command.trace)


@app.command()
def validate(
    directory: Annotated[
        Path | None, typer.Argument(help="Folder of runs (.h5); without it both strikes are simulated.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compare simulated running with published numbers, row by row; a failing row stays visible."""
    if directory is not None:
        _input_folder(directory)
    rows = _with_progress(lambda show: _api().validate(directory, progress=show))
    if as_json:
        from datetime import date

        from footstrike.runs.store import versions

        made = {"date": date.today().isoformat(), "versions": versions()}
        _print_json({"validation": rows, "provenance": made})
    else:
        from footstrike.cli import printing

        printing.validation(rows)


@app.command()
def report(
    directory: Annotated[Path, typer.Argument(help="Folder of runs (.h5).", show_default=False)],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Default: DIRECTORY/report.html.")] = None,
    figures: Annotated[
        bool, typer.Option("--figures", help="Also DIRECTORY/figures: SVG, PDF, CSV and BibTeX for a paper.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write one self-contained HTML page with figures and a moving runner."""
    beside = {"figures_folder": directory / "figures"} if figures else {}
    _write_page("report", directory, out, as_json, **beside)


@app.command()
def explore(
    directory: Annotated[
        Path | None,
        typer.Argument(
            metavar="[DIR]", help="Folder of a sweep; without it, a solved example.", show_default=False
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Default: DIR/explorer.html.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write one self-contained HTML page: sliders for what was swept, every metric, a map and a moving runner."""
    _write_page("explorer", directory, out, as_json)


def _write_page(kind: str, directory: Path | None, out: Path | None, as_json: bool, **beside: Path) -> None:
    """Write the page of a folder by ``footstrike.write_KIND``, and print its path."""
    if directory is not None:
        _input_folder(directory)
    target = out or (directory or Path()) / f"{kind}.html"
    _output_file(target)
    import footstrike

    path = getattr(footstrike, f"write_{kind}")(directory, target, **beside)
    told = {kind: str(path), **{name.removesuffix("_folder"): str(at) for name, at in beside.items()}}
    _print_json(told) if as_json else print("\n".join(told.values()))


@app.command()
def export(
    run_file: Annotated[Path, typer.Argument(metavar="RUN.h5", show_default=False)],
    directory: Annotated[Path, typer.Argument(metavar="DIR", show_default=False)],
    to: Annotated[str, typer.Option(help="opensim.")] = "opensim",
    as_json: AsJson = False,
) -> None:
    """Write a new folder from which OpenSim's own tools reproduce a run: model, series and set-ups."""
    if to != "opensim":
        raise unknown_name("export format", to, ("opensim",))
    from footstrike.files import check_new_folder
    from footstrike.runs.run import Run

    run = Run.load(run_file)
    check_new_folder(directory)
    files = [str(path) for path in _api().export_opensim(run, directory)]
    _print_json({"files": files}) if as_json else print("\n".join(files))


@app.command()
def cite(
    run_file: Annotated[Path, typer.Argument(metavar="RUN.h5", show_default=False)],
    bibtex: Annotated[bool, typer.Option("--bibtex", help="Only the works to cite, as BibTeX.")] = False,
    as_json: AsJson = False,
) -> None:
    """Tell the methods of a run in words, with the works to cite for it."""
    from footstrike.report.methods import cite as methods_of
    from footstrike.runs.run import Run

    methods = methods_of(Run.load(run_file))
    if as_json:
        keys = [work.key for work in methods.works]
        _print_json({"methods": methods.text, "citations": keys, "bibtex": methods.bibtex})
    else:
        print(methods.bibtex if bibtex else methods, end="")


@model_app.command("build")
def model_build(
    out: Annotated[Path, typer.Option("--out", "-o", help="File (.osim) to write.")] = Path("runner.osim"),
    as_json: AsJson = False,
) -> None:
    """Build the runner's OpenSim model from its tables."""
    _output_file(out)
    path = _with_progress(lambda show: _api().build_model(out, progress=show))
    _print_json({"model": str(path)}) if as_json else print(path)


@model_app.command("check")
def model_check(
    model: Annotated[Path | None, typer.Argument(help="Another .osim; default: the runner.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say what was understood of a model and compare it with OpenSim. Exit 3 if a comparison fails."""
    _input_file(model)
    with _about(model):
        report = _with_progress(lambda show: _api().check_model(model, progress=show))
    if as_json:
        _print_json(report)
    else:
        from footstrike.cli import printing

        printing.model_report(report)
    failed = [row["check"] for row in report["checks"] if not row["passed"]]
    if failed:
        raise FootstrikeError(f"model check failed: {', '.join(failed)}")


@model_app.command("show")
def model_show(
    model: Annotated[Path | None, typer.Argument(help="Another .osim; default: the runner.")] = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="Picture (.png or .svg) to write.")] = Path(
        "runner.png"
    ),
    as_json: AsJson = False,
) -> None:
    """Say what a model consists of, and draw it from the side and the front."""
    _input_file(model)
    _output_file(out)
    with _about(model):
        summary = _api().show_model(model, out)
    if as_json:
        _print_json(summary)
    else:
        from footstrike.cli import printing

        printing.summary(summary)


def _api() -> Any:
    from footstrike import api

    return api


def _with_progress(job: Any) -> Any:
    from footstrike.cli.progress_line import TerminalProgress

    with TerminalProgress() as progress:
        return job(progress.show)


@contextmanager
def _about(file: Path | None) -> Iterator[None]:
    """Name the file in what its reader refuses."""
    try:
        yield
    except ModelError as error:
        if file is None or str(file) in str(error):
            raise
        raise ModelError(f"{file}: {error}") from error


def _output_file(path: Path) -> None:
    from footstrike.files import check_writable

    check_writable(path)


def _output_folder(path: Path) -> None:
    from footstrike.files import check_folder

    check_folder(path)


def _input_folder(path: Path) -> None:
    if not path.is_dir():
        state = "is not a folder" if path.exists() else "does not exist"
        raise InputError(f"folder {path} {state}")


def _input_file(path: Path | None) -> None:
    if path is not None and not path.is_file():
        raise InputError(f"model file {path} {'is not a file' if path.exists() else 'does not exist'}")


def _usage(message: str) -> str:
    """Return the parser's message on one line, without a full stop."""
    text = " ".join(message.split()).rstrip(".")
    return text[:1].lower() + text[1:]


def _fail(message: str, code: int) -> int:
    print(f"error: {' '.join(message.split())}", file=sys.stderr)
    return code


def _unexpected(error: Exception) -> str:
    from footstrike.cli.crash import write_log

    return f"unexpected {type(error).__name__}: {error}; the details are in {write_log(error)}"


if __name__ == "__main__":
    main()
