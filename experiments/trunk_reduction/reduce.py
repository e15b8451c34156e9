"""Represent the 238 trunk fascicles by fewer that load every joint alike.

    python experiments/trunk_reduction/reduce.py [--per-side N] [--models DIR]

Fascicles of one muscle group that cross the same joints are clustered by what one newton of their tension
does at each of these joints (force and moment vector) in the postures of running. Each cluster becomes one
straight path whose points are fitted so that it does what the strength-weighted mean of its members does;
strengths are summed. Everything is deterministic, from the tables alone; no motion of any runner enters. The
left side is the mirror image of the right. errors.py beside this file measures what is lost.
"""

from __future__ import annotations

import argparse
import csv
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.optimize import least_squares

from footstrike.model.placement import Posture, crossed, path_length, posture, wrench
from footstrike.model.rows import (
    LEVELS,
    FascicleRow,
    RunnerTables,
)
from footstrike.model.tables import load_tables

Array = NDArray[np.float64]

POSTURES: dict[str, dict[str, float]] = {  # degrees
    "standing": {},
    "flexed": {"lumbar_extension": -30, "hip_flexion_r": 40},
    "extended": {"lumbar_extension": 15, "hip_flexion_r": -20},
    "bent right": {"lumbar_bending": 15},
    "bent left": {"lumbar_bending": -15},
    "turned left": {"lumbar_rotation": 15, "arm_flex_r": 35},
    "turned right": {"lumbar_rotation": -15, "arm_flex_r": -50},
    "running": {"lumbar_extension": -10, "lumbar_bending": 8, "lumbar_rotation": -10, "hip_flexion_r": 45},
}
HEADER = (
    "fascicle",
    "group",
    "max_isometric_force",
    "optimal_fibre_length",
    "tendon_slack_length",
    "pennation",
    "cost_weight",
    "members",
    "source",
)
SHORT = {
    "external_oblique": "EO",
    "iliocostalis_pars_lumborum": "ILL",
    "iliocostalis_pars_thoracis": "ILR",
    "internal_oblique": "IO",
    "latissimus_dorsi": "LD",
    "longissimus_pars_lumborum": "LTpL",
    "longissimus_pars_thoracis": "LTpT",
    "multifidus": "MF",
    "psoas": "PS",
    "quadratus_lumborum": "QL",
    "rectus_abdominis": "RA",
}
"""How names of fascicles begin, by group."""
JOINTS = (*LEVELS, "abdomen", "hip_r", "acromial_r")
ARM = 0.05  # m, the moment arm that weighs as much as the whole force
HOLD = 0.02  # weight of a 10 mm shift of a path point, so that points without effect stay


@dataclass(frozen=True)
class Cluster:
    """Fascicles of one group that cross the same joints."""

    group: str
    joints: tuple[str, ...]
    members: tuple[FascicleRow, ...]


def effect(path: list[tuple[str, Array]], joints: tuple[str, ...], postures: list[Posture]) -> Array:
    """Force and moment (in units of ARM) at each joint in each posture, per newton, flat."""
    return np.concatenate(
        [np.concatenate([f, m / ARM]) for p in postures for f, m in (wrench(path, p, j) for j in joints)]
    )


def spread(cluster: Cluster, features: dict[str, Array]) -> float:
    """Strength-weighted squared deviation of the members from their mean."""
    weight = np.array([m.max_isometric_force for m in cluster.members])
    x = np.array([features[m.name] for m in cluster.members])
    return float(weight @ ((x - weight @ x / weight.sum()) ** 2).sum(axis=1))


def halves(cluster: Cluster, features: dict[str, Array]) -> list[Cluster]:
    """The cluster cut in two by Ward's linkage."""
    x = np.array([features[m.name] for m in cluster.members])
    label = fcluster(linkage(x, "ward"), 2, criterion="maxclust")
    return [
        replace(cluster, members=tuple(m for m, k in zip(cluster.members, label, strict=True) if k == want))
        for want in (1, 2)
    ]


def clusters(tables: RunnerTables, postures: list[Posture], per_side: int) -> list[Cluster]:
    """One cluster for each group and set of joints crossed, the widest cut until there are enough."""
    start: dict[tuple[str, tuple[str, ...]], list[FascicleRow]] = defaultdict(list)
    for f in tables.fascicles["full"]:
        joints = crossed(f.path, postures[0].beyond, JOINTS)
        if f.name.endswith("_r") and joints != (
            "acromial_r",
        ):  # pure shoulder fascicles do not load the spine
            start[f.group, joints].append(f)
    found = [Cluster(group, joints, tuple(members)) for (group, joints), members in start.items()]
    features = {m.name: effect(list(m.path), c.joints, postures) for c in found for m in c.members}
    while len(found) < per_side:
        widest = max(range(len(found)), key=lambda k: spread(found[k], features))
        if len(found[widest].members) < 2:
            break
        found[widest : widest + 1] = halves(found[widest], features)
    return found


def working_points(path: tuple[tuple[str, tuple[float, float, float]], ...]) -> list[tuple[str, Array]]:
    """The path without points that only ever pull on their own body."""
    keep = [
        k
        for k, (b, _) in enumerate(path)
        if any(0 <= n < len(path) and path[n][0] != b for n in (k - 1, k + 1))
    ]
    return [(path[k][0], np.array(path[k][1])) for k in keep]


def representative(cluster: Cluster, name: str, postures: list[Posture]) -> FascicleRow:
    """One fascicle for the cluster."""
    weight = np.array([m.max_isometric_force for m in cluster.members])
    share = weight / weight.sum()
    target = sum(
        s * effect(list(m.path), cluster.joints, postures)
        for s, m in zip(share, cluster.members, strict=True)
    )
    starts = [working_points(m.path) for m in cluster.members]
    starts.sort(key=lambda p: float(np.linalg.norm(effect(p, cluster.joints, postures) - target)))
    bodies = [b for b, _ in starts[0]]
    x0 = np.concatenate([x for _, x in starts[0]])

    def path(x: Array) -> list[tuple[str, Array]]:
        return list(zip(bodies, x.reshape(-1, 3), strict=True))

    def error(x: Array) -> Array:
        return np.concatenate([effect(path(x), cluster.joints, postures) - target, HOLD * (x - x0) / 0.01])

    x = x0 if len(cluster.members) == 1 else least_squares(error, x0, x_scale=0.01).x
    fitted = tuple((b, tuple(np.round(p, 6))) for b, p in path(x))
    fibre = float(share @ [m.optimal_fibre_length for m in cluster.members])
    pennation = float(share @ [m.pennation for m in cluster.members])
    normal = float(share @ [standing_fibre(m, postures[0]) for m in cluster.members])
    along = np.sqrt((normal * fibre) ** 2 - (fibre * np.sin(pennation)) ** 2)
    tendon = path_length(fitted, postures[0]) - along
    if tendon < 0.001:  # the fitted path is short: keep a little tendon, shorten the fibre with it
        fibre *= (along + tendon - 0.001) / along
        tendon = 0.001
    return FascicleRow(
        name,
        cluster.group,
        float(weight.sum()),
        round(fibre, 6),
        round(float(tendon), 6),
        round(pennation, 6),
        fitted,
        "derived from trunk_fascicles.csv by experiments/trunk_reduction",
        round(float(weight.sum() ** 2 / (weight**2).sum()), 6),
    )


def standing_fibre(f: FascicleRow, standing: Posture) -> float:
    width = f.optimal_fibre_length * np.sin(f.pennation)
    return float(
        np.hypot(path_length(f.path, standing) - f.tendon_slack_length, width) / f.optimal_fibre_length
    )


def mirrored(f: FascicleRow) -> FascicleRow:
    path = tuple((b[:-2] + "_l" if b.endswith("_r") else b, (x, y, -z)) for b, (x, y, z) in f.path)
    return replace(f, name=f.name[:-2] + "_l", path=path)


def write(folder: Path, found: list[Cluster], right: list[FascicleRow]) -> None:
    with (folder / "trunk_reduced_fascicles.csv").open("w", newline="", encoding="utf-8") as stream:
        out = csv.writer(stream, lineterminator="\n")
        out.writerow(HEADER)
        for side in "rl":
            for c, f in zip(found, right, strict=True):
                members = " ".join(m.name[:-2] + f"_{side}" for m in c.members)
                out.writerow(
                    [
                        f.name[:-2] + f"_{side}",
                        f.group,
                        f"{f.max_isometric_force:.7g}",
                        f.optimal_fibre_length,
                        f.tendon_slack_length,
                        f.pennation,
                        f.cost_weight,
                        members,
                        f.source,
                    ]
                )
    with (folder / "trunk_reduced_points.csv").open("w", newline="", encoding="utf-8") as stream:
        out = csv.writer(stream, lineterminator="\n")
        out.writerow(["fascicle", "index", "body", "x", "y", "z", "source"])
        for f in [*right, *map(mirrored, right)]:
            out.writerows([f.name, k, b, *map(float, x), f.source] for k, (b, x) in enumerate(f.path))


def names(found: list[Cluster]) -> list[str]:
    """Names such as ``MF_L5S1_L3L4_2_r``: short for the group, lowest and highest level crossed, number."""
    count: dict[str, int] = defaultdict(int)
    out = []
    for c in found:
        levels = [j for j in c.joints if j in LEVELS]
        stem = "_".join([SHORT[c.group], *dict.fromkeys((levels or ["abdomen"])[:: max(1, len(levels) - 1)])])
        count[stem] += 1
        out.append(f"{stem}_{count[stem]}_r")
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--per-side", type=int, default=56)
    parser.add_argument("--models", type=Path, default=Path(__file__).resolve().parents[2] / "models")
    args = parser.parse_args()
    tables = load_tables(args.models)
    postures = [posture(tables, {k: float(np.radians(v)) for k, v in q.items()}) for q in POSTURES.values()]
    found = clusters(tables, postures, args.per_side)
    right = [representative(c, n, postures) for c, n in zip(found, names(found), strict=True)]
    write(args.models, found, right)
    print(f"{2 * len(right)} fascicles stand for {2 * sum(len(c.members) for c in found)}")


if __name__ == "__main__":
    main()
