"""Net moments of measured runners over the stride: at L5/S1 (ten runners), of hip, knee and ankle (nine).

Hamner & Delp 2013, J Biomech 46:780, of all strikes together; `experiments/validation/ten_runners.py` makes the tables.
Joint angles were low-passed at 12 Hz; forces are smoothed, so that contact, the beginning of a stride, is read about 2 %
of it early.
"""

from __future__ import annotations

import csv
from functools import cache

import numpy as np

from footstrike.errors import InputError, unknown_name
from footstrike.gait.bands import Band
from footstrike.gait.tables import Curves, weights
from footstrike.resources import resource

TRUNK = ("targets", "l5s1_moments.csv")
LEG = ("validation", "leg_moments.csv")


@cache
def moment_curves(*table: str) -> dict[float, Curves]:
    """{speed: {coordinate: (mean, SD)}} of ``TRUNK`` or ``LEG``: (101,) over a stride from contact, N m/kg.

    Signs are those of the model's coordinates; at L5/S1 those of :func:`footstrike.lumbar.net_load.net_load`.
    """
    samples: dict[float, dict[str, list[tuple[float, float]]]] = {}
    with resource("experiments", *table).open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            curve = samples.setdefault(float(row["speed_mps"]), {}).setdefault(row["moment"], [])
            curve.append((float(row["mean"]), float(row["sd"])))
    return {
        speed: {name: (np.array(pairs)[:, 0], np.array(pairs)[:, 1]) for name, pairs in group.items()}
        for speed, group in samples.items()
    }


def moment_band(speed: float, coordinate: str) -> Band:
    """Mean and SD between runners of a net moment: a leg's coordinate without its side, or a lumbar one for L5/S1.

    Linear between the measured speeds.

    Raises
    ------
    InputError
        The coordinate has no measured moment, or nobody was measured at so low or high a speed.
    """
    found = {c: t for t in (TRUNK, LEG) for group in moment_curves(*t).values() for c in group}
    if coordinate not in found:
        raise unknown_name("moment", coordinate, found)
    curves = moment_curves(*found[coordinate])
    measured = tuple(sorted(curves))
    if not measured[0] <= speed <= measured[-1]:
        raise InputError(
            f"speed {speed:g} m/s: net moments were measured from {measured[0]:g} to {measured[-1]:g} m/s"
        )
    shares = weights(speed, measured)
    mean, sd = (
        np.sum([share * curves[s][coordinate][k] for s, share in shares.items()], axis=0) for k in (0, 1)
    )
    return Band(np.linspace(0.0, 100.0, len(mean)), mean, sd, "N m/kg")
