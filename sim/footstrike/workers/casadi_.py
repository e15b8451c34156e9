"""The one place that imports casadi. Only a CasADi worker process may import this module."""

from __future__ import annotations

from typing import Any

import casadi  # noqa: TID251

ca: Any = casadi  # its stubs do not know how symbols, matrices and numbers mix

__all__ = ["ca"]
