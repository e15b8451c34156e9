"""What an optimised gait pays for or is limited in, and what of it may be chosen: plain data of its problem."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from footstrike.brief import brief
from footstrike.model.description import Array


@dataclass(frozen=True)
class Aim:
    """One number of a gait, made of loads of its points.

    A ``peak`` is a variable that no load at any point exceeds, the largest where it is paid for or limited; a ``mean`` is that
    over the cycle of the mean of the loads.

    Attributes
    ----------
    name
        What it is called, such as ``peak_compression.L5S1``.
    kind, loads
        How it is made, and of which loads, by name.
    weight
        How much it counts in the objective, per its value in the habitual gait.
    most
        The largest value allowed, in values of the habitual gait; None if it is not limited.
    factor, unit
        What a value is multiplied by where it is told, and the unit of that.
    """

    __repr__ = brief

    name: str
    kind: Literal["peak", "mean"]
    loads: tuple[str, ...]
    weight: float = 0.0
    most: float | None = None
    factor: float = 1.0
    unit: str = "BW"


@dataclass(frozen=True)
class Choice:
    """Something of a gait that is chosen within limits: a variable on which reference and constraints depend linearly.

    Attributes
    ----------
    name
        Of the modifier whose value it is.
    start, low, high
        Value for which the problem is stated, and its limits.
    coordinates
        Change of the reference's coordinates (P,) per unit, by name.
    prescribed, averages
        Change of what is prescribed, and of averages, per unit, in the problem's order.
    """

    __repr__ = brief

    name: str
    start: float
    low: float
    high: float
    coordinates: Mapping[str, Array] = field(default_factory=dict)
    prescribed: tuple[float, ...] = ()
    averages: tuple[float, ...] = ()
