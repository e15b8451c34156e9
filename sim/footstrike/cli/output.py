"""What all commands share in how they print."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from footstrike.cli.terminal import is_narrow

MARKUP: Any = None if is_narrow() else "rich"

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")]


def print_json(value: Any) -> None:
    """Print one JSON object on standard output."""
    from footstrike.files import to_json

    print(to_json(value, indent=2))
