"""What the reduced trunk set loses against the full one.

    python experiments/trunk_reduction/errors.py [--models DIR] [--out CSV]

Three measures, each in several postures: the greatest moment that the muscles can make about each lumbar
joint in each direction; the compression of each joint when all muscles pull at the same activation; and the
load of each joint when the muscles balance given trunk moments with the least sum of squared activations.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import lsq_linear

from footstrike.model.placement import Posture, path_length, posture, wrench
from footstrike.model.rows import (
    LEVELS,
    LUMBAR_AXES,
    FascicleRow,
    RunnerTables,
)
from footstrike.model.tables import load_tables

Array = NDArray[np.float64]

POSTURES: dict[str, dict[str, float]] = {  # degrees
    "standing": {},
    "flexed 30": {"lumbar_extension": -30},
    "extended 15": {"lumbar_extension": 15},
    "bent 15": {"lumbar_bending": 15},
    "turned 15": {"lumbar_rotation": 15},
    "running": {
        "lumbar_extension": -8,
        "lumbar_bending": 6,
        "lumbar_rotation": 10,
        "hip_flexion_r": 40,
        "hip_flexion_l": -15,
        "arm_flex_r": -40,
        "arm_flex_l": 30,
    },
}
DIRECTIONS = {
    "extension": (2, 1),
    "flexion": (2, -1),
    "bending right": (0, 1),
    "bending left": (0, -1),
    "rotation left": (1, 1),
    "rotation right": (1, -1),
}
MOMENTS: tuple[tuple[float, float, float], ...] = (  # N m that the muscles give: extension, bending, rotation
    (40, 0, 0),
    (80, 0, 0),
    (120, 0, 0),
    (-25, 0, 0),
    (-50, 0, 0),
    (40, 30, 0),
    (40, -30, 0),
    (40, 0, 15),
    (40, 0, -15),
    (80, 40, 15),
    (80, -40, 15),
    (80, 40, -15),
    (-25, 30, 10),
    (-25, 30, -10),
    (20, 60, 0),
    (20, 0, 25),
)
RESERVE = 1.0  # N m of a missing moment cost as much as a full activation ** 2 of 100 muscles


def radians(q: dict[str, float]) -> dict[str, float]:
    return {k: float(np.radians(v)) for k, v in q.items()}


def wrenches(fascicles: tuple[FascicleRow, ...], at: Posture) -> tuple[Array, Array]:
    """Forces and moments (fascicle, level, 3) at full activation on what is above each level, N and N m."""
    pairs = [[wrench(f.path, at, level) for level in LEVELS] for f in fascicles]
    strength = np.array([f.max_isometric_force for f in fascicles])[:, None, None]
    return strength * np.array([[w[0] for w in row] for row in pairs]), strength * np.array(
        [[w[1] for w in row] for row in pairs]
    )


def trunk_moments(tables: RunnerTables, fascicles: tuple[FascicleRow, ...], q: dict[str, float]) -> Array:
    """Generalised moments (3, fascicle) about the lumbar coordinates at full activation, N m."""
    step, rows = 1e-4, []
    for axis in LUMBAR_AXES:
        name = f"lumbar_{axis}"
        plus, minus = (posture(tables, {**q, name: q.get(name, 0.0) + s}) for s in (step, -step))
        rows.append(
            [
                -f.max_isometric_force * (path_length(f.path, plus) - path_length(f.path, minus)) / (2 * step)
                for f in fascicles
            ]
        )
    return np.array(rows)


def balance(moments: Array, wanted: Array, cost: Array) -> tuple[Array, float]:
    """Activations of least ``cost @ a**2`` that give the moments; the largest moment left over, N m."""
    weight = 10.0 / RESERVE
    A = np.vstack([weight * moments, np.diag(np.sqrt(cost))])
    b = np.concatenate([weight * wanted, np.zeros(moments.shape[1])])
    a = lsq_linear(A, b, (0.0, 1.0), tol=1e-10, max_iter=500).x
    return a, float(np.abs(moments @ a - wanted).max())


def costs(fascicles: tuple[FascicleRow, ...], kind: str) -> Array:
    """Weights of squared activations: ``plain`` 1, ``counted`` the table's, ``volume`` strength x fibre."""
    if kind == "volume":
        volume = np.array([f.max_isometric_force * f.optimal_fibre_length for f in fascicles])
        return np.asarray(238.0 * volume / volume.sum())
    return np.array([f.cost_weight if kind == "counted" else 1.0 for f in fascicles])


def compare(tables: RunnerTables, kind: str = "counted") -> list[list[object]]:
    full, reduced = tables.fascicles["full"], tables.fascicles["reduced"]
    rows: list[list[object]] = []
    loads: list[tuple[Array, Array]] = []
    for label, degrees in POSTURES.items():
        q = radians(degrees)
        at = posture(tables, q)
        (Ff, Mf), (Fr, Mr) = wrenches(full, at), wrenches(reduced, at)
        for k, level in enumerate(LEVELS):
            for name, (axis, sign) in DIRECTIONS.items():
                a, b = (np.maximum(sign * M[:, k, axis], 0.0).sum() for M in (Mf, Mr))
                rows.append(["capacity", label, level, name, "N m", a, b, b / a - 1.0])
            a, b = -Ff[:, k, 1].sum(), -Fr[:, k, 1].sum()
            rows.append(["equal activation", label, level, "compression", "N", a, b, b / a - 1.0])
        Gf, Gr = trunk_moments(tables, full, q), trunk_moments(tables, reduced, q)
        for wanted in map(np.array, MOMENTS):
            af, lf = balance(Gf, wanted, costs(full, kind))
            ar, lr = balance(Gr, wanted, costs(reduced, kind))
            if max(lf, lr) < 2.0:
                loads.append((np.einsum("m,mlk->lk", af, Ff), np.einsum("m,mlk->lk", ar, Fr)))
            else:
                rows.append(
                    ["unbalanced", label, "trunk", " ".join(f"{w:g}" for w in wanted), "N m", lf, lr, 0.0]
                )
    for k, level in enumerate(LEVELS):
        a, b = (np.array([pair[i][k] for pair in loads]) for i in (0, 1))
        for name, x, y in (
            ("resultant", np.linalg.norm(a, axis=1), np.linalg.norm(b, axis=1)),
            ("shear", a[:, 0], b[:, 0]),
        ):
            rows.append(
                [
                    "balanced",
                    f"mean of {len(loads)}",
                    level,
                    name,
                    "N",
                    x.mean(),
                    y.mean(),
                    y.mean() / x.mean() - 1,
                ]
            )
            rows.append(
                [
                    "balanced",
                    f"rms of {len(loads)}",
                    level,
                    name,
                    "N",
                    np.sqrt((x**2).mean()),
                    np.sqrt(((y - x) ** 2).mean()),
                    np.sqrt(((y - x) ** 2).mean() / (x**2).mean()),
                ]
            )
            worst = int(np.argmax(np.abs(y - x)))
            rows.append(["balanced", "worst", level, name, "N", x[worst], y[worst], y[worst] / x[worst] - 1])
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    root = Path(__file__).resolve().parents[2]
    parser.add_argument("--models", type=Path, default=root / "models")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--cost", choices=("plain", "counted", "volume"), default="counted")
    args = parser.parse_args()
    rows = compare(load_tables(args.models), args.cost)
    if args.out:
        with args.out.open("w", newline="", encoding="utf-8") as stream:
            out = csv.writer(stream, lineterminator="\n")
            out.writerow(["measure", "posture", "level", "quantity", "units", "full", "reduced", "relative"])
            out.writerows([*r[:5], *(f"{v:.4g}" for v in r[5:])] for r in rows)
    for measure in ("capacity", "equal activation"):
        e = np.array([[float(r[7]), float(r[5])] for r in rows if r[0] == measure])
        print(
            measure,
            f"largest error {100 * np.abs(e[:, 0]).max():.1f} %,",
            f"rms {100 * np.sqrt((e[:, 0] ** 2).mean()):.2f} %",
        )
    for r in rows:
        if r[0] in ("balanced", "unbalanced"):
            print(*r[:5], f"{r[5]:.1f} {r[6]:.1f} {100 * float(r[7]):+.1f} %")


if __name__ == "__main__":
    main()
