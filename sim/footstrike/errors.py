"""Every error that Footstrike raises on purpose. The text says what failed, with which value, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class FootstrikeError(Exception):
    """Base of all errors raised on purpose; ``exit_code`` is what the command line returns."""

    exit_code = 3


class InputError(FootstrikeError):
    """A value, file or folder given by the user cannot be used."""

    exit_code = 2


class ModelError(InputError):
    """A model file or table cannot be understood; the component is named."""


class SolveError(FootstrikeError):
    """A simulation did not reach a solution; nothing is reported from it."""


class WorkerError(FootstrikeError):
    """A worker process died or could not be started."""


def unknown_name(kind: str, name: str, allowed: Iterable[str]) -> InputError:
    """Error for a misspelt name: what is allowed and what was probably meant."""
    options = list(allowed)
    close = get_close_matches(name, options, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    shown = ", ".join(options[:12]) + (", ..." if len(options) > 12 else "")
    return InputError(f"{kind} {name!r} is unknown{hint} (allowed: {shown})")
