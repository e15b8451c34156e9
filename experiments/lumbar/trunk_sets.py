"""How far the reduced trunk departs from all 238 fascicles along running, and what other choices change.

    python experiments/lumbar/trunk_sets.py

The motions are the tracking targets themselves, differentiated exactly; the lumbar moments do not depend on
the ground force when the motion of the pelvis is given. All loads in body weights.
"""

from __future__ import annotations

import numpy as np

from footstrike.gait.targets import Target, target
from footstrike.lumbar.loads import LEVELS, LumbarResult, lumbar_loads
from footstrike.model.description import Array, Description
from footstrike.model.subject import Subject
from footstrike.muscles.properties import abdominal_wall
from footstrike.workers.client import opensim_worker

FRAMES = 400
CASES = [("rearfoot", 2.5), ("forefoot", 2.5), ("rearfoot", 3.5), ("forefoot", 3.5)]
Motion = tuple[dict[str, Array], dict[str, Array], dict[str, Array]]


def described(trunk: str) -> Description:
    worker = opensim_worker()
    answer: Description = worker.call(
        "describe", worker.call("build_runner", Subject(trunk=trunk, legs="none"))
    )
    return answer


def differentiated(aim: Target) -> Motion:
    """Coordinates, speeds and accelerations of a target, which is a sum of harmonics."""
    series: Motion = ({}, {}, {})
    for name, values in aim.coordinates.items():
        x = np.fft.rfft(values[:-1]) / (len(values) - 1)
        order = np.arange(len(x))
        x[1:] *= 2.0
        wave = np.exp(2j * np.pi * np.outer(np.arange(FRAMES) / FRAMES, order))
        for k, out in enumerate(series):
            out[name] = (wave @ (x * (2j * np.pi / aim.stride_time * order) ** k)).real
    return series


def resultant(result: LumbarResult, level: str, weight: float) -> Array:
    return np.asarray(result.lumbar[level]["resultant"] / weight)


def compare_sets(full: Description, reduced: Description, weight: float) -> None:
    print(
        "strike speed level | peak full, reduced, plain | rms reduced, plain | largest error reduced, plain"
    )
    for strike, speed in CASES:
        motion = differentiated(target(strike, speed))
        results = [
            lumbar_loads(full, *motion),
            lumbar_loads(reduced, *motion),
            lumbar_loads(reduced, *motion, weights={}),
        ]
        reserves = ", ".join(f"{r.reserve_max_nm:.2g}" for r in results)
        saturated = np.mean(results[0].activations.max(axis=1) >= 1.0)
        print(f"{strike} {speed} m/s: reserves {reserves} N m; a fascicle at its limit in {saturated:.0%}")
        for level in LEVELS:
            a, *others = (resultant(r, level, weight) for r in results)
            peaks = ", ".join(f"{x.max():.2f}" for x in (a, *others))
            rms = ", ".join(f"{np.sqrt(np.mean((x - a) ** 2)):.3f}" for x in others)
            largest = ", ".join(f"{np.abs(x - a).max():.2f}" for x in others)
            print(f"  {level} | {peaks} | {rms} | {largest}")


def compare_choices(full: Description, weight: float) -> None:
    choices = {
        "squares": {},
        "power 1.5": {"exponent": 1.5},
        "power 3": {"exponent": 3.0},
        "abdominal wall at least 5 %": {"floor": abdominal_wall(full, 0.05)},
        "abdominal wall at least 10 %": {"floor": abdominal_wall(full, 0.10)},
        "pressure 5 kPa": {"pressure_pa": 5e3},
        "pressure 10 kPa": {"pressure_pa": 1e4},
        "strength x 0.8": {"strength_factor": 0.8},
        "strength x 1.2": {"strength_factor": 1.2},
        "passive fibres": {"passive": True},
    }
    print("L5S1 resultant at 3.0 m/s: peak, mean (rearfoot | forefoot)")
    for name, options in choices.items():
        parts = []
        for strike in ("rearfoot", "forefoot"):
            x = resultant(lumbar_loads(full, *differentiated(target(strike, 3.0)), **options), "L5S1", weight)  # type: ignore[arg-type]
            parts.append(f"{x.max():.2f}, {x.mean():.2f}")
        print(f"  {name}: {' | '.join(parts)}")


def main() -> None:
    full, reduced = described("full"), described("reduced")
    weight = full.mass * float(np.linalg.norm(full.gravity))
    compare_sets(full, reduced, weight)
    compare_choices(full, weight)


if __name__ == "__main__":
    main()
