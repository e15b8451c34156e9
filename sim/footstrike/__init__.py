"""Musculoskeletal simulation of running: what a rearfoot and a forefoot strike do to the lumbar spine.

The names below are loaded when they are first used; importing the package loads neither OpenSim nor CasADi.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOMES = {
    "simulate": "api",
    "optimize": "api",
    "run_claims": "api",
    "validate": "api",
    "build_model": "api",
    "check_model": "api",
    "show_model": "api",
    "export_opensim": "api",
    "cache_info": "api",
    "clear_cache": "api",
    "write_explorer": "report.explorer",
    "write_report": "report.page",
    "trace": "report.trace",
    "metric": "outcomes.registry",
    "metrics": "outcomes.metrics",
    "metrics_table": "outcomes.metrics",
    "cite": "report.methods",
    "sweep": "study.sweep",
    "merge_sweeps": "study.sweep",
    "Sweep": "study.sweep",
    "surfaces": "study.surfaces",
    "sensitivities": "simulation.sensitivity",
    "trade_offs": "study.front",
    "Request": "simulation.request",
    "SolverOptions": "simulation.request",
    "StepLength": "control.modifiers",
    "Cadence": "control.modifiers",
    "KneeFlexion": "control.modifiers",
    "FootStrikeAngle": "control.modifiers",
    "TrunkLean": "control.modifiers",
    "Rotation": "control.modifiers",
    "ArmSwing": "control.modifiers",
    "Modifier": "control.modifiers",
    "Run": "runs.run",
    "scale_to_static": "model.static_trial",
    "Subject": "model.subject",
    "Target": "gait.targets",
    "target": "gait.targets",
    "FootstrikeError": "errors",
    "InputError": "errors",
    "ModelError": "errors",
    "SolveError": "errors",
    "WorkerError": "errors",
}

if TYPE_CHECKING:
    from footstrike.api import (
        build_model,
        cache_info,
        check_model,
        clear_cache,
        export_opensim,
        optimize,
        run_claims,
        show_model,
        simulate,
        validate,
    )
    from footstrike.control.modifiers import (
        ArmSwing,
        Cadence,
        FootStrikeAngle,
        KneeFlexion,
        Modifier,
        Rotation,
        StepLength,
        TrunkLean,
    )
    from footstrike.errors import FootstrikeError, InputError, ModelError, SolveError, WorkerError
    from footstrike.gait.targets import Target, target
    from footstrike.model.static_trial import scale_to_static
    from footstrike.model.subject import Subject
    from footstrike.outcomes.metrics import metrics, metrics_table
    from footstrike.outcomes.registry import metric
    from footstrike.report.explorer import write_explorer
    from footstrike.report.methods import cite
    from footstrike.report.page import write_report
    from footstrike.report.trace import trace
    from footstrike.runs.run import Run
    from footstrike.simulation.request import Request, SolverOptions
    from footstrike.simulation.sensitivity import sensitivities
    from footstrike.study.front import trade_offs
    from footstrike.study.surfaces import surfaces
    from footstrike.study.sweep import Sweep, merge_sweeps, sweep

__all__ = [
    "ArmSwing",
    "Cadence",
    "FootStrikeAngle",
    "FootstrikeError",
    "InputError",
    "KneeFlexion",
    "ModelError",
    "Modifier",
    "Request",
    "Rotation",
    "Run",
    "SolveError",
    "SolverOptions",
    "StepLength",
    "Subject",
    "Sweep",
    "Target",
    "TrunkLean",
    "WorkerError",
    "__version__",
    "build_model",
    "cache_info",
    "check_model",
    "cite",
    "clear_cache",
    "export_opensim",
    "merge_sweeps",
    "metric",
    "metrics",
    "metrics_table",
    "optimize",
    "run_claims",
    "scale_to_static",
    "sensitivities",
    "show_model",
    "simulate",
    "surfaces",
    "sweep",
    "target",
    "trace",
    "trade_offs",
    "validate",
    "write_explorer",
    "write_report",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'footstrike' has no attribute {name!r}")
    value = getattr(import_module(f"footstrike.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
