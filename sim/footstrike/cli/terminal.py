"""The process around the command line: its streams, the signals that end it, and the width of its terminal."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from typing import Any

NARROW = 60  # columns below which boxes leave no room for words
STOPS = {"SIGTERM": "terminated", "SIGHUP": "the terminal was closed"}


class StoppedError(BaseException):
    """A signal asks the program to end: everything under way tidies up after itself."""

    def __init__(self, number: int) -> None:
        super().__init__(STOPS[signal.Signals(number).name])
        self.exit_code = 128 + number


def raise_when_stopped() -> None:
    """Turn the signals that end a program into :class:`StoppedError`; one that is ignored stays so (nohup)."""
    for name in STOPS:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _stop)


def _stop(number: int, _frame: Any) -> None:
    raise StoppedError(number)


def open_streams() -> None:
    """Let standard streams that the caller closed lead nowhere, so that no file is opened in their place."""
    for handle in range(3):
        try:
            os.fstat(handle)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, this one
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115


def discard_output() -> None:
    """Let what is still to be printed lead nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def is_narrow() -> bool:
    """Whether the terminal is narrower than NARROW."""
    return shutil.get_terminal_size().columns < NARROW
