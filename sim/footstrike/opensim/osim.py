"""The one place that imports opensim. Only the OpenSim worker process may import this module."""

from __future__ import annotations

import opensim as osim  # noqa: TID251

osim.Logger.setLevelString("Error")

__all__ = ["osim"]
