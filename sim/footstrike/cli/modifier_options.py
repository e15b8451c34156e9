"""Options of the command line that are made from the modifiers of a gait: one each, by name, unit and words."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Annotated, Any

import typer

from footstrike.control.modifiers import MODIFIERS


def with_modifiers(command: Callable[..., None]) -> Callable[..., None]:
    """The command with an option for every modifier in place of its ``**asked``."""
    signature = inspect.signature(command, eval_str=True)
    own = [p for p in signature.parameters.values() if p.kind is not inspect.Parameter.VAR_KEYWORD]
    made = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=_option(kind.unit.upper() or "X", kind.words),
        )
        for name, kind in MODIFIERS.items()
    ]
    command.__signature__ = signature.replace(parameters=[*own, *made])  # type: ignore[attr-defined]
    command.__annotations__ = {p.name: p.annotation for p in (*own, *made)}
    return command


def _option(metavar: str, words: str) -> Any:
    return Annotated[str | None, typer.Option(metavar=metavar, help=words)]
