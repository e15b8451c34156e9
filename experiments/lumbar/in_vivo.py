"""Standing, bending, holding and walking against measured spines, and what could explain the differences.

    python experiments/lumbar/in_vivo.py [--figure docs/img/in_vivo.png]

Prints, for the default and for one change at a time, compression at L4/5 in body weights (and the peak of walking at
L4/5 and L3/4); the published values and their sources are in docs/validation.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from scipy.constants import g
from sensitivity import fbls_thorax, heavier_trunk

from footstrike.claims.definitions import validation_rows
from footstrike.lumbar.activities import (
    POSTURES,
    STANDER,
    WALKER,
    HeldPosture,
    periodic,
    posture_loads,
    walking_motion,
)
from footstrike.lumbar.loads import LumbarOptions, lumbar_loads
from footstrike.model.description import Description
from footstrike.model.subject import Subject
from footstrike.workers.client import opensim_worker

SHOWN = {  # row of the validation table: words of the figure
    "15d": "standing",
    "15e": "bent 30 deg",
    "15h": "holding 20 kg",
    "15b": "walking, peak L4/5",
    "15a": "walking, peak L3/4",
}
Body = Callable[[Description], Description]


def leaning(posture: HeldPosture, degrees: float) -> HeldPosture:
    """The posture with the whole body above the legs turned forward."""
    turned = {**posture.degrees, "pelvis_tilt": posture.degrees.get("pelvis_tilt", 0.0) - degrees}
    return replace(posture, degrees=turned)


def described(spec: Subject) -> Description:
    """A runner as plain data."""
    worker = opensim_worker()
    answer: Description = worker.call("describe", worker.call("build_runner", spec))
    return answer


def in_body_weights(
    stander: Description, walker: Description, body: Body = lambda d: d, lean: float = 0.0, **options: Any
) -> dict[str, float]:
    """Compression by row of the validation table. Body weight is that of the unchanged runner."""
    weights = [d.mass * g for d in (stander, walker)]
    out = {}
    for row, posture in zip(("15d", "15e", "15h"), POSTURES.values(), strict=True):
        levels = posture_loads(body(stander), leaning(posture, lean), **options).lumbar
        out[row] = float(levels["L4L5"]["compression"][0]) / weights[0]
    changed = body(walker)
    walking = lumbar_loads(
        changed, *periodic(walking_motion(), changed), options=LumbarOptions(**options)
    ).lumbar
    for row, level in (("15b", "L4L5"), ("15a", "L3L4")):
        out[row] = float(walking[level]["compression"].max()) / weights[1]
    return out


def main() -> None:
    """Print the table; draw the figure if asked for."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--figure", type=Path)
    args = options.parse_args()
    pair = described(STANDER), described(WALKER)
    cases: dict[str, dict[str, Any]] = {
        "default": {},
        "leaning 5 deg forward": {"lean": 5.0},
        "leaning 5 deg back": {"lean": -5.0},
        "thorax of FBLS": {"body": fbls_thorax},
        "trunk mass x 1.13": {"body": heavier_trunk},
        "every trunk muscle at least 1 %": {"floor": 0.01},
        "every trunk muscle at least 2 %": {"floor": 0.02},
        "every trunk muscle at least 5 %": {"floor": 0.05},
        "trunk mass x 1.13, and 2 %": {"body": heavier_trunk, "floor": 0.02},
        "pressure 5 kPa": {"pressure_pa": 5e3},
        "disc springs": {"discs": "stiffness"},
    }
    found = {name: in_body_weights(*pair, **how) for name, how in cases.items()}
    print(f"| change | {' | '.join(SHOWN.values())} |")
    print("|---" * (len(SHOWN) + 1) + "|")
    for name, values in found.items():
        print(f"| {name} | {' | '.join(f'{values[row]:.2f}' for row in SHOWN)} |")
    if args.figure:
        draw(found, args.figure)


def draw(found: dict[str, dict[str, float]], path: Path) -> None:
    """Published ranges as bars, ours as points."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    published = {row.id: row.expected[0] for row in validation_rows()}
    figure, axes = plt.subplots(figsize=(6.5, 3.0), layout="constrained")
    for place, row in enumerate(SHOWN):
        low, high = published[row].low or 0.0, published[row].high or 0.0
        axes.barh(
            place, high - low, left=low, height=0.5, color="0.82", label="published" if place == 0 else None
        )
    marks = {
        "default": ("o", "Footstrike"),
        "trunk mass x 1.13, and 2 %": ("D", "heavier trunk and 2 % activation"),
    }
    for name, (mark, label) in marks.items():
        axes.plot([found[name][row] for row in SHOWN], range(len(SHOWN)), mark, color="#7a3b2e", label=label,
                  fillstyle="full" if mark == "o" else "none")  # fmt: skip
    axes.set_yticks(range(len(SHOWN)), list(SHOWN.values()))
    axes.invert_yaxis()
    axes.set_xlim(0.0, 3.2)
    axes.set_xlabel("compression, body weights")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=8, loc="upper right")
    figure.savefig(path, dpi=150)


if __name__ == "__main__":
    main()
