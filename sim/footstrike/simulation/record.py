"""What of a run's problem goes into its specification, so that its methods can be told later."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from footstrike.control.problem import TrackProblem
from footstrike.model.subject import Subject


def record(spec: Subject, problem: TrackProblem) -> dict[str, Any]:
    """Choices of the runner and of the optimal control problem; JSON-able."""
    drive = problem.drive
    return {
        "runner": asdict(spec),
        "problem": {
            "weights": {name: w for name, w in problem.objective.weights.items() if _acts(name, w, problem)},
            "tracked_moments": _tracked_moments(problem),
            "ends": problem.ends,
            "intervals": len(problem.breaks) - 1,
            "points_per_interval": problem.points_per_interval,
            "smoothness": problem.smoothness,
            "muscles": len(drive.muscles),
            "compliant_tendons": len(drive.compliant),
            "balanced": list(drive.balanced),
            "tissue": drive.tissue and bool(drive.balanced),
            "activation_time_s": drive.activation_time,
            "deactivation_time_s": drive.deactivation_time,
            "least_activation": drive.floor,
            "duration_bound": problem.duration_bound,
        },
    }


def _acts(name: str, weight: float, problem: TrackProblem) -> bool:
    if name == "moment" and not _tracked_moments(problem):
        return False
    return weight > 0.0 and (bool(problem.drive.muscles) or name not in OF_MUSCLES)


def _tracked_moments(problem: TrackProblem) -> list[str]:
    return sorted({name for reference in problem.references for name in reference.moments})


OF_MUSCLES = ("activation", "reserve")
"""Terms of the objective that nothing enters without muscles."""
