"""Passive moments: of tissue at the ends of the joints' ranges, and of springs.

That of tissue is a pair of exponentials, ``k1 exp(k2 (q - q2)) + k3 exp(k4 (q - q1))``, with the constants of
models/passive_moments.csv: those of Anderson (1999, PhD thesis, University of Texas at Austin) and Anderson & Pandy (1999,
Comput Methods Biomech Biomed Engin 2:201), as used for running and walking by Falisse et al. (2019, J R Soc Interface
16:20190402); knee flexion is negative here as there. Moments in N m act on the coordinate; angles in rad.

Extension of the hip is resisted as measured, by the exponential of Riener & Edrich (1999, J Biomech 32:539; ten
people, their term for extension with the knee bent by 25 deg): 14 N m at 17 deg of extension, where Anderson's
constants and passive fibres give 2, so that muscles would have to make all of the moment that starts the swing.
"""

from __future__ import annotations

from functools import cache

from footstrike.control.problem import Drive
from footstrike.dynamics.scalars import Scalar, exp
from footstrike.model.csv_rows import rows
from footstrike.model.sides import without_side
from footstrike.resources import resource

CITES = ("anderson1999", "riener1999", "falisse2019")

_COLUMNS = ("k1_nm", "k2_per_rad", "k3_nm", "k4_per_rad", "q1_rad", "q2_rad")


@cache
def tissue_constants() -> dict[str, tuple[float, ...]]:
    """k1, k2, k3, k4, q1 and q2 (N m, 1/rad, rad) by coordinate without its side."""
    return {
        row.text("coordinate"): tuple(map(row.number_of, _COLUMNS))
        for row in rows(resource("models", "passive_moments.csv"))
    }


def passive_moment(coordinate: str, angle: Scalar) -> Scalar | None:
    """Moment on a coordinate (N m) at its angle (rad); None where nothing is published."""
    constants = tissue_constants().get(without_side(coordinate))
    if constants is None:
        return None
    k1, k2, k3, k4, q1, q2 = constants
    return k1 * exp(k2 * (angle - q2)) + k3 * exp(k4 * (angle - q1))


def passive_torque(drive: Drive, coordinate: str, angle: Scalar, rate: Scalar) -> Scalar:
    """What tissue and springs do on a coordinate (N m) at its angle and rate.

    Tissue counts where muscles supply the moment; actuators stand for it.
    """
    tissue = passive_moment(coordinate, angle) if drive.tissue and coordinate in drive.balanced else None
    total = 0.0 if tissue is None else tissue
    spring = drive.springs.get(coordinate)
    return total if spring is None else total - spring.stiffness * angle - spring.damping * rate
