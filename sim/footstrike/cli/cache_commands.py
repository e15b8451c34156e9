"""``footstrike cache``: what the cache holds, and emptying it."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from footstrike.cli.output import MARKUP, AsJson, print_json
from footstrike.errors import InputError

app = typer.Typer(
    rich_markup_mode=MARKUP, help="Show or empty the cache of earlier results.", no_args_is_help=False
)


@app.command("info")
def cache_info(as_json: AsJson = False) -> None:
    """Show where the cache lies, what it holds by stage, and its limit (FOOTSTRIKE_CACHE_LIMIT, GB)."""
    from footstrike import api

    found = api.cache_info()
    if as_json:
        print_json(found)
    else:
        from footstrike.cli import printing

        printing.cache(found)


@app.command("clear")
def cache_clear(
    stage: Annotated[str | None, typer.Argument(help="Only results of this stage; default: all.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove earlier results; what needs them makes them again."""
    from footstrike import api

    if not yes and not _agreed(api.cache_info(), stage):
        removed = {"results": 0, "bytes": 0}
    else:
        removed = api.clear_cache(stage)
    print_json(removed) if as_json else print(f"removed: {_amount(removed)}")


def _agreed(found: dict[str, Any], stage: str | None) -> bool:
    from footstrike.cache.contents import check_stage

    part = found if stage is None else found["stages"][check_stage(stage)]
    if part["results"] == 0:
        return True
    what = f"{_amount(part)} from {found['folder']}"
    if not sys.stdin.isatty():
        raise InputError(f"there is no terminal to ask on: say --yes to remove {what}")
    return typer.confirm(f"Remove {what}?", err=True)


def _amount(found: dict[str, Any]) -> str:
    from rich.filesize import decimal

    return f"{found['results']} result{'' if found['results'] == 1 else 's'} ({decimal(found['bytes'])})"
