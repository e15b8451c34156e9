"""The one place that imports casadi. Only a CasADi worker process may import this module."""

from __future__ import annotations

import casadi as ca  # noqa: TID251

__all__ = ["ca"]
