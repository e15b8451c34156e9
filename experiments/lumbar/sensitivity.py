"""What the L5/S1 peak of running depends on: one choice changed at a time, the motion kept.

    footstrike simulate --strike rearfoot --speed 3.5 --legs torques -o rearfoot.h5
    footstrike simulate --strike forefoot --speed 3.5 --legs torques -o forefoot.h5
    python experiments/lumbar/sensitivity.py rearfoot.h5 forefoot.h5

The solved motions are analysed again; forces on the feet do not matter to the spine when the motion of the pelvis is
given. Prints a table in Markdown: peak resultant at L5/S1 of both strikes and their difference, peak compression along
the chord, and the moment that no muscle supplies (frames with more than 1 N m are not to be trusted).
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from footstrike.lumbar.loads import LumbarOptions, LumbarResult, lumbar_loads
from footstrike.model.description import Body, Description
from footstrike.model.subject import Subject
from footstrike.muscles.properties import abdominal_wall
from footstrike.runs.run import Run
from footstrike.workers.client import opensim_worker

RECTUS_N = 297.0  # per side, as in the tables (docs/theory-runner.md)
FBLS_THORAX = {  # Raabe & Chaudhari 2016, and models/bodies.csv
    "com_y": (0.32, 0.4337),
    "ixx": (1.19239, 0.5148),
    "iyy": (0.513346, 0.6491),
    "izz": (1.1632, 0.4775),
}
TRUNK = ("torso", "lumbar5", "lumbar4", "lumbar3", "lumbar2", "lumbar1")
HEAVIER = 1.13  # de Leva 1996, against the mass above L4/5 of the tables


def described(run: Run, **choices: Any) -> Description:
    """The run's runner with other choices."""
    spec = Subject(height=run.spec.get("height_m"), mass=run.spec.get("mass_kg"), **choices)
    worker = opensim_worker()
    answer: Description = worker.call("describe", worker.call("build_runner", spec))
    return answer


def rectus(d: Description, newtons: float) -> dict[str, float]:
    """Strength factors that give the rectus abdominis so much force per side."""
    return {m.name: newtons / RECTUS_N for m in d.muscles if m.group == "rectus_abdominis"}


def heavier_trunk(d: Description) -> Description:
    """The runner with the masses of thorax and vertebrae multiplied (docs/validation.md)."""
    return replace(d, bodies=tuple(_heavier(b) if b.name in TRUNK else b for b in d.bodies))


def _heavier(body: Body) -> Body:
    return replace(body, mass=body.mass * HEAVIER, inertia=body.inertia * HEAVIER)


def fbls_thorax(d: Description) -> Description:
    """The runner with the thorax as published with the vertebrae: too low, and with the inertia of a whole trunk."""
    height, *moments = (published / now for published, now in FBLS_THORAX.values())
    return replace(
        d, bodies=tuple(_like_fbls(b, height, moments) if b.name == "torso" else b for b in d.bodies)
    )


def _like_fbls(b: Body, height: float, moments: list[float]) -> Body:
    return replace(b, com=b.com * [1.0, height, 1.0], inertia=b.inertia * np.diag(moments))


def choices(d: Description) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """By name: what is changed in the runner, and in the analysis of runner ``d``."""
    analysis: dict[str, dict[str, Any]] = {
        "default": {},
        "strength of all x 0.8": {"strength_factor": 0.8},
        "strength of all x 1.2": {"strength_factor": 1.2},
        "strength of all x 1.5": {"strength_factor": 1.5},
        "rectus abdominis 163 N per side (FBLS), not 297": {"strength_factor": rectus(d, 163.0)},
        "rectus abdominis 662 N per side (lifting model)": {"strength_factor": rectus(d, 662.0)},
        "abdominal wall at least 5 %": {"floor": abdominal_wall(d, 0.05)},
        "abdominal wall at least 10 %": {"floor": abdominal_wall(d, 0.10)},
        "every trunk muscle at least 2 %": {"floor": 0.02},
        "pressure 5 kPa": {"pressure_pa": 5e3},
        "pressure 10 kPa": {"pressure_pa": 1e4},
        "pressure 5 kPa and wall at least 5 %": {"pressure_pa": 5e3, "floor": abdominal_wall(d, 0.05)},
        "cost: power 1.5": {"exponent": 1.5},
        "cost: power 3": {"exponent": 3.0},
        "cost: plain squares of the lumped fascicles": {"weights": {}},
        "passive fibres": {"passive": True},
        "disc springs, low end": {"discs": "low"},
        "disc springs, middle": {"discs": "stiffness"},
        "disc springs, high end": {"discs": "high"},
    }
    return {name: ({}, options) for name, options in analysis.items()} | {
        "rhythm of the lifting model": ({"rhythm": "lfb"}, {}),
        "full trunk, 238 fascicles": ({"trunk": "full"}, {}),
    }


TRUNKS = {"thorax of FBLS": fbls_thorax, "trunk mass x 1.13": heavier_trunk}  # why these: docs/validation.md


def main() -> None:
    """Analyse both runs with each choice and print the table."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("rearfoot", type=Path)
    options.add_argument("forefoot", type=Path)
    args = options.parse_args()
    runs = [Run.load(args.rearfoot), Run.load(args.forefoot)]
    models = [described(run) for run in runs]
    print(
        "| choice | peak rearfoot, BW | forefoot | difference | compression rearfoot | forefoot | left over, N m |"
    )
    print("|---|---|---|---|---|---|---|")
    for name in choices(models[0]):
        results = []
        for run, d in zip(runs, models, strict=True):
            of_runner, of_analysis = choices(d)[name]
            results.append(analysed(run, described(run, **of_runner) if of_runner else d, of_analysis))
        tell(name, runs, results)
    for name, change in TRUNKS.items():
        tell(name, runs, [analysed(run, change(d), {}) for run, d in zip(runs, models, strict=True)])


def tell(name: str, runs: list[Run], results: list[LumbarResult]) -> None:
    """Print one row."""
    (rear, fore), (rear_c, fore_c), left = (
        [peak(r, run, what) for r, run in zip(results, runs, strict=True)]
        for what in ("resultant", "compression", None)
    )
    print(
        f"| {name} | {rear:.2f} | {fore:.2f} | {fore - rear:+.2f} | {rear_c:.2f} | {fore_c:.2f} | "
        f"{left[0]:.1f}, {left[1]:.1f} |"
    )


def analysed(run: Run, d: Description, how: dict[str, Any]) -> LumbarResult:
    """The run's motion on a runner."""
    return lumbar_loads(d, run.coordinates, run.speeds, run.accelerations, options=LumbarOptions(**how))


def peak(result: LumbarResult, run: Run, what: str | None) -> float:
    """Peak at L5/S1 in body weights; the largest reserve, N m, if nothing is named."""
    if what is None:
        return result.reserve_max_nm
    return float(result.lumbar["L5S1"][what].max() / (run.mass * 9.80665))


if __name__ == "__main__":
    main()
