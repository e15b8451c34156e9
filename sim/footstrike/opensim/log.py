"""What OpenSim logs instead of raising it. Runs in the OpenSim worker."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from footstrike.opensim.osim import osim

_HARMLESS = re.compile(r"^Couldn't find file|^GeometryPath '.*' has subcomponents with duplicate name")
_FREE_JOINT = re.compile(r"Body '([^']*)' not connected by a Joint")
_RENAMED = re.compile(r"^(\w+) '([^']*)' has subcomponents with duplicate name '([^']*)'")


class Log:
    """Warnings and errors of OpenSim, one line each, without those about pictures and names of path points."""

    def __init__(self, sink: object) -> None:
        self._sink = sink

    @property
    def lines(self) -> list[str]:
        """Every line once, in order."""
        said = str(self._sink.getString()).splitlines()  # type: ignore[attr-defined]
        return list(
            dict.fromkeys(line.strip() for line in said if line.strip() and not _HARMLESS.match(line))
        )

    @property
    def loose_bodies(self) -> list[str]:
        """Bodies that OpenSim hung on the ground by a joint of its own."""
        return [name for line in self.lines for name in _FREE_JOINT.findall(line)]

    @property
    def renamed(self) -> list[tuple[str, str, str]]:
        """Type and name of the owner, and the name that two of its components have."""
        return [found.groups() for line in self.lines if (found := _RENAMED.match(line))]  # type: ignore[misc]

    @property
    def other(self) -> list[str]:
        """Lines about anything else."""
        return [line for line in self.lines if not _FREE_JOINT.search(line) and not _RENAMED.match(line)]


@contextmanager
def listening() -> Iterator[Log]:
    """Collect what OpenSim logs while the context is open."""
    sink, level = osim.StringLogSink(), osim.Logger.getLevelString()
    osim.Logger.setLevelString("Warn")
    osim.Logger.addSink(sink)
    try:
        yield Log(sink)
    finally:
        osim.Logger.removeSink(sink)
        osim.Logger.setLevelString(level)
