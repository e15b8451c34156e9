"""What objects show of themselves in a session fits on a line or two."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, fields, is_dataclass, replace
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from synthetic import analytic_run
from trolley import AT_REST, answer, problem

import footstrike as fs
from footstrike.brief import brief
from footstrike.control.reference import step_reference
from footstrike.gait.bands import force_band, joint_band
from footstrike.gait.targets import target
from footstrike.lumbar.loads import lumbar_loads
from footstrike.model.rows import RunnerTables
from footstrike.simulation.problems import Model
from footstrike.stages import PACKAGE
from footstrike.workers.client import Worker

LIMIT = 420  # characters: a few lines of a terminal
INSIDE = (
    "opensim.",
    "workers.",
    "check.picture",
    "muscles.path_fit",
    "report.page",
    "control.nlp",
)  # nobody meets these


def dataclasses_of_the_package() -> dict[str, tuple[str, list[str]]]:
    """By name, its module and the annotations of its fields."""
    found = {}
    for path in sorted(p for p in PACKAGE.rglob("*.py") if "_carried" not in p.parts):
        module = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and any(
                "dataclass" in ast.unparse(d) for d in node.decorator_list
            ):
                kinds = [ast.unparse(n.annotation) for n in node.body if isinstance(n, ast.AnnAssign)]
                found[f"{module}.{node.name}"] = module, kinds
    return found


def holding_much() -> list[str]:
    """Dataclasses with arrays or tables, and those that hold such ones."""
    known = dataclasses_of_the_package()
    found: set[str] = set()
    while True:
        names = {name.rpartition(".")[2] for name in found}
        more = {
            name
            for name, (_, kinds) in known.items()
            if any(
                re.search(r"Array|dict\[|Mapping\[", k) or set(re.findall(r"\w+", k)) & names for k in kinds
            )
        }
        if more == found:
            break
        found = more
    public = [name for name in found if not name.rpartition(".")[2].startswith("_")]
    return sorted(name for name in public if not name.startswith(INSIDE))


@pytest.mark.parametrize("name", holding_much())
def test_what_holds_arrays_says_itself_briefly(name: str) -> None:
    module, _, kind = name.rpartition(".")
    cls: Any = getattr(import_module(f"footstrike.{module}"), kind)
    assert cls.__repr__ is brief or kind == "Run"


@pytest.fixture(scope="module")
def things(worker: Worker, tables: RunnerTables) -> dict[str, Any]:
    text = worker.call("build_runner", fs.Subject(legs="hamner"))
    description = worker.call("describe", text)
    trunk = worker.call("describe", worker.call("build_runner", fs.Subject()))
    aim = target("forefoot", 3.5)
    frames = {name: curve[:3] for name, curve in aim.coordinates.items()}
    still = {name: np.zeros(3) for name in frames}
    solved = answer(
        replace(problem(), objective=problem().objective.weighted(motion=1.0), prescribed=AT_REST)
    )
    run = replace(analytic_run(), model_osim=text, message="converged" + "; but" * 1000)
    return {
        "run": run,
        "target": aim,
        "bands": (force_band("rearfoot", 3.5, "fy"), joint_band("rearfoot", 3.5, "knee_angle_r")),
        "description": description,
        "model": Model(text, description),
        "tables": tables,
        "reference": step_reference(aim),
        "problem": problem(),
        "solved": solved,
        "loads": lumbar_loads(trunk, frames, still, still, []),
        "request": fs.Request.of(strike="rearfoot", left_strike="forefoot", height=1.7),
    }


def inside(thing: Any, depth: int = 4) -> list[Any]:
    """Objects of the package in an object, itself included."""
    if is_dataclass(thing) and not isinstance(thing, type):
        parts = [getattr(thing, field.name) for field in fields(thing)]
        return [thing, *(found for part in parts if depth for found in inside(part, depth - 1))]
    if isinstance(thing, dict):
        return [found for part in thing.values() for found in inside(part, depth)]
    return (
        [found for part in thing for found in inside(part, depth)] if isinstance(thing, tuple | list) else []
    )


def test_every_object_fits_on_a_few_lines(things: dict[str, Any]) -> None:
    shown = {name: repr(thing) for name, thing in things.items() if name != "bands"}
    assert {name: len(text) for name, text in shown.items() if len(text) > LIMIT or "\n" in text} == {}
    every = {type(part).__name__: repr(part) for thing in things.values() for part in inside(thing)}
    assert len(every) > 25
    assert {name: len(text) for name, text in every.items() if len(text) > LIMIT or "\n" in text} == {}


def test_a_run_says_what_it_is(things: dict[str, Any]) -> None:
    text = repr(analytic_run())
    assert text.startswith("<Run: rearfoot at 3.5 m/s, solved (")
    assert "1401 samples" in text
    assert repr(replace(analytic_run(), spec={}, message=""))  # whatever it lacks


def test_arrays_show_their_shape_and_texts_their_length() -> None:
    @dataclass
    class Thing:
        a: Any
        b: Any
        c: Any
        d: Any

        __repr__ = brief

    text = repr(Thing(np.zeros((3, 2)), "x" * 100, {"k": 1}, 0.5))
    assert "a=array(3, 2)" in text
    assert "(100 characters)" in text
    assert text.endswith("c=[1], d=0.5)")
    assert len(repr(Thing(*(["y" * 39] * 4)))) < LIMIT
