"""What cached results depend on beside the values they are made from: code, tables and libraries, stage by stage."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from footstrike.resources import resource

PACKAGE = Path(__file__).resolve().parent
LIBRARIES = ("opensim", "casadi", "numpy", "scipy")

PLUMBING = frozenset(
    {
        "brief",
        "cache.contents",
        "cache.entries",
        "cache.location",
        "cache.lock",
        "cache.results",
        "cache.unfinished",
        "control.derivative_cache",
        "workers.client",
        "muscles.path_cache",
        "workers.wire",
        "errors",
        "files",
        "progress",
        "resources",
        "simulation.gait_cache",
        "simulation.reporter",
        "stages",
    }
)
"""Modules that carry results about and put no number into them."""


@dataclass(frozen=True)
class Stage:
    """A step whose result is cached.

    Attributes
    ----------
    made_by
        Modules that make the result; what they import belongs to them. Tasks that they ask of a worker are named here, too.
    given
        Modules that only made the values which the stage gets, whose content is part of its key: not followed.
    tables
        Carried files that the stage reads itself.
    """

    made_by: tuple[str, ...]
    given: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()


_ASKED_AND_BUILT = (
    "control.drive",
    "simulation.request",
    "gait.habitual_tables",
    "gait.targets",
    "model.subject",
    "muscles.running_paths",
    "model.scaling",
    "model.factors",
    "gait.variation",
)
"""What a problem is made from; the problem itself, with the model and the curves in it, is part of the key."""
RUNNER = (
    "models/bodies.csv",
    "models/contact.csv",
    "models/contact.toml",
    "models/coordinates.csv",
    "models/couplers.csv",
    "models/joint_axes.csv",
    "models/joint_functions.toml",
    "models/joints.csv",
    "models/landmarks.csv",
    "models/leg_muscles.csv",
    "models/leg_points.csv",
    "models/rhythm.csv",
    "models/trunk_fascicles.csv",
    "models/trunk_points.csv",
    "models/trunk_reduced_fascicles.csv",
    "models/trunk_reduced_points.csv",
)
"""What :func:`footstrike.model.tables.load_tables` reads."""

_CURVES = "models/muscle_curves.toml"
_DYNAMICS = (
    _CURVES,
    "models/contact_smoothing.toml",
    "models/passive_moments.csv",
    "models/activation.toml",
    "models/actuators.csv",
)
"""What the equations of motion at a point hold beside the model."""

_LOADS = ("models/discs.csv", "models/metabolic_rate.toml", "models/muscle_energetics.csv")
"""What loads of a point hold (:mod:`footstrike.control.point_loads`)."""

_OUTCOMES = (
    "models/leg_tissue.toml",
    "models/patella.toml",
    "experiments/targets/foot_strike.csv",
    "models/abdominal_pressure.csv",
    "models/disc_stiffness.csv",
    "models/discs.csv",
    "models/metabolic_rate.toml",
    "models/motion_range.csv",
    "models/muscle_energetics.csv",
)

STAGES = {
    "paths": Stage(("opensim.path_polynomials",), tables=(_CURVES, "models/motion_range.csv")),
    "running_paths": Stage(
        ("muscles.running_paths", "opensim.muscle_paths"), tables=(_CURVES, "models/motion_range.csv")
    ),
    "functions": Stage(
        ("control.point", "control.nlp"),
        given=("control.basis", "control.reference"),
        tables=(*_DYNAMICS, *_LOADS),
    ),
    "gaits": Stage(
        ("simulation.attempts", "control.track", "opensim.muscle_paths"),
        given=_ASKED_AND_BUILT,
        tables=(
            *_DYNAMICS,
            *_LOADS,
            "models/motion_range.csv",
            "models/patella.toml",
            "experiments/targets/foot_strike.csv",
        ),
    ),
    "sensitivities": Stage(
        ("simulation.sensitivity", "control.prediction", "opensim.muscle_paths", "opensim.inverse_dynamics"),
        given=_ASKED_AND_BUILT,
        tables=(*RUNNER, *_DYNAMICS, *_OUTCOMES),
    ),
    "runs": Stage(
        ("simulation.pipeline", "control.track", "opensim.muscle_paths", "opensim.inverse_dynamics"),
        given=_ASKED_AND_BUILT,
        tables=(*RUNNER, *_DYNAMICS, *_OUTCOMES),
    ),
}
"""By the folder of the cache that holds the results."""


@cache
def fingerprint(stage: str) -> str:
    """Hash of everything that a stage depends on beside its values."""
    known = STAGES[stage]
    digest = hashlib.sha256(repr(library_versions()).encode())
    digest.update(code(known).encode())
    for name in known.tables:
        digest.update(resource(*name.split("/")).read_bytes())
    return digest.hexdigest()


def library_versions() -> dict[str, str]:
    """Versions of the libraries that numbers depend on."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def code(stage: Stage, package: Path = PACKAGE) -> str:
    """Hash of a stage's modules, without their comments and docstrings."""
    digest = hashlib.sha256()
    for name in sorted(modules(stage, package)):
        digest.update(f"{name}\n{_meaning(_source(name, package))}".encode())
    return digest.hexdigest()


def modules(stage: Stage, package: Path = PACKAGE) -> set[str]:
    """Names of the modules (in the package) that make a stage's result."""
    found: set[str] = set()
    ahead = list(stage.made_by)
    while ahead:
        name = ahead.pop()
        if name in found or name in PLUMBING or name in stage.given:
            continue
        found.add(name)
        ahead.extend(_imported(_source(name, package), package))
    return found


def _source(name: str, package: Path) -> Path:
    """File of a module, or of what a folder passes on."""
    path = package.joinpath(*name.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _imported(file: Path, package: Path) -> Iterator[str]:
    """Modules of the package that a module loads."""
    for node in _at_run_time(_tree(file)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(package.name):
            home = node.module.split(".")[1:]
            for alias in node.names:
                own = ".".join([*home, alias.name])
                yield from [own] if _source(own, package).is_file() else [".".join(home)] if home else []


def _at_run_time(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those that only a type checker sees."""
    for child in ast.iter_child_nodes(node):
        if (
            isinstance(child, ast.If)
            and isinstance(child.test, ast.Name)
            and child.test.id == "TYPE_CHECKING"
        ):
            continue
        yield child
        yield from _at_run_time(child)


@cache
def _tree(file: Path) -> ast.Module:
    return ast.parse(file.read_bytes())


@cache
def _meaning(file: Path) -> str:
    """A module's code without comments, blank lines and strings that nothing reads."""
    tree = _tree(file)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [n for n in body if not _is_text(n)]  # type: ignore[attr-defined]
    return ast.dump(tree)


def _is_text(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )
