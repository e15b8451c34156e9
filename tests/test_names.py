"""No name stands for two things, and no function has a long list of parameters."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import footstrike

PACKAGE = Path(footstrike.__file__).parent
MOST_PARAMETERS = 8

SAME_KIND = {"__init__", "tasks"}  # what each of the two workers can be asked
LONG = {
    "cli.commands.simulate",  # typer: one parameter for each option of the command line
    "cli.optimize_command.optimize",
}


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        if "_carried" in path.parts:  # scripts of experiments that an installed copy carries
            continue
        name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        yield name, ast.parse(path.read_text(encoding="utf-8"))


def repeated(named: Iterator[tuple[str, str]]) -> dict[str, list[str]]:
    homes = defaultdict(list)
    for name, home in named:
        homes[name].append(home)
    return {name: where for name, where in homes.items() if len(where) > 1}


def test_every_class_has_a_name_of_its_own() -> None:
    classes = (
        (node.name, module)
        for module, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    )
    assert not repeated(classes)


def test_every_module_has_a_name_of_its_own() -> None:
    assert repeated((module.split(".")[-1], module) for module, _ in modules()).keys() == SAME_KIND


def test_no_function_takes_more_than_eight_parameters() -> None:
    long = {
        f"{module}.{node.name}"
        for module, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and len(parameters(node)) > MOST_PARAMETERS
    }
    assert long == LONG


def parameters(function: ast.FunctionDef) -> list[str]:
    given = function.args
    listed = [*given.posonlyargs, *given.args, *given.kwonlyargs]
    return [p.arg for p in listed if p.arg not in ("self", "cls")]
