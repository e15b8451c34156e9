"""The benchmark's problems, by name, from problems.toml."""

from __future__ import annotations

import tomllib
from pathlib import Path

from problem import Problem
from problem_runner import runner
from problem_walking import walking

TABLE = Path(__file__).with_name("problems.toml")
PROBLEMS = ("walking_torque", "runner_torque", "runner_muscles", "walking_muscles")


def problem(name: str) -> Problem:
    """The problem of that name, one of :data:`PROBLEMS`."""
    kind, drive = name.split("_")
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))[kind]
    return {"runner": runner, "walking": walking}[kind](table, drive == "muscles")
