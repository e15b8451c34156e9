"""Net moments of measured runners over the stride: at L5/S1 (ten runners), of hip, knee and ankle (nine).

Hamner & Delp 2013, J Biomech 46:780, of all strikes together; `experiments/validation/ten_runners.py` makes the tables.
Joint angles were low-passed at 12 Hz; forces are smoothed, so that contact, the beginning of a stride, is read about 2 %
of it early.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from footstrike.errors import InputError, unknown_name
from footstrike.gait.bands import Band
from footstrike.gait.habitual_tables import Curves, by_speed, mixed, rows, weights

TRUNK, LEG = "l5s1_moments.csv", "leg_moments.csv"


@cache
def moment_curves(table: str) -> dict[float, Curves]:
    """{speed: {coordinate: (mean, SD)}} of ``TRUNK`` or ``LEG``: (101,) over a stride from contact, N m/kg.

    Signs are those of the model's coordinates; at L5/S1 those of :func:`footstrike.lumbar.net_load.net_load`.
    """
    return by_speed(rows(table, "validation"), "moment", "sd")


def moment_band(speed: float, coordinate: str) -> Band:
    """Mean and SD between runners of a net moment: a leg's coordinate without its side, or a lumbar one for L5/S1.

    Linear between the measured speeds.

    Raises
    ------
    InputError
        The coordinate has no measured moment, or nobody was measured at so low or high a speed.
    """
    found = {c: t for t in (TRUNK, LEG) for group in moment_curves(t).values() for c in group}
    if coordinate not in found:
        raise unknown_name("moment", coordinate, found)
    curves = moment_curves(found[coordinate])
    measured = tuple(sorted(curves))
    if not measured[0] <= speed <= measured[-1]:
        raise InputError(
            f"speed {speed:g} m/s: net moments were measured from {measured[0]:g} to {measured[-1]:g} m/s"
        )
    mean, sd = mixed(curves, weights(speed, measured), coordinate)
    return Band(np.linspace(0.0, 100.0, len(mean)), mean, sd, "N m/kg")
