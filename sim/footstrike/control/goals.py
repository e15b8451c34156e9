"""What a gait can be optimised for or limited in, by name: each a small class that says which loads it is made of.

A goal is added by a class here; it is then an objective, a limit, and a name of the command line.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Literal

from footstrike.control.aims import Aim
from footstrike.control.load_maker import LoadMaker
from footstrike.control.point_loads import Load
from footstrike.errors import InputError, unknown_name
from footstrike.model.rows import LEVELS

SIDES = ("r", "l")
_FORM = re.compile(r"(?P<name>[a-z_]+)(\.(?P<level>[A-Za-z0-9]+))?(\^(?P<exponent>\d+))?")


@dataclass(frozen=True)
class Goal(ABC):
    """A number of a gait that may be made small.

    Attributes
    ----------
    name, words
        What it is called, and what it means.
    unit
        Of its value.
    metric
        Result of a run that tells the same.
    kind
        Whether its largest value counts, or its mean over the stride.
    level
        Of the lumbar spine, where it is one of a level.
    exponent
        Power of the load, where it has one.
    """

    name: ClassVar[str]
    words: ClassVar[str]
    unit: ClassVar[str] = "BW"
    metric: ClassVar[str | None] = None
    kind: ClassVar[Literal["peak", "mean"]] = "peak"
    of_level: ClassVar[bool] = False
    exponents: ClassVar[tuple[int, int] | None] = None

    level: str = ""
    exponent: int = 0

    def __post_init__(self) -> None:
        if self.of_level and self.level not in LEVELS:
            raise unknown_name("level", self.level, LEVELS)
        if not self.of_level and self.level:
            raise InputError(f"objective {self.name} has no level: leave {self.level!r} out")
        if self.exponents is None and self.exponent:
            raise InputError(f"objective {self.name} has no exponent: leave ^{self.exponent} out")
        if self.exponents and not self.exponents[0] <= self.exponent <= self.exponents[1]:
            least, most = self.exponents
            raise InputError(
                f"exponent {self.exponent} of {self.name} cannot be used (allowed: {least} to {most})"
            )

    def __str__(self) -> str:
        level = f".{self.level}" if self.level else ""
        return self.name + level + (f"^{self.exponent}" if self.exponent else "")

    @property
    def told_by(self) -> str | None:
        """The result of a run that tells the same, by its full name."""
        return f"lumbar.{self.level}.{self.metric}" if self.level and self.metric else self.metric

    @abstractmethod
    def loads(self, make: LoadMaker) -> tuple[Load, ...]:
        """The loads of which it is made, before them those that these are made of."""

    def made_of(self, loads: tuple[Load, ...]) -> tuple[str, ...]:
        """Which of the loads count: all, if not said otherwise."""
        return tuple(load.name for load in loads)

    def factor(self, make: LoadMaker) -> float:
        """What its value is multiplied by where it is told."""
        return 1.0

    def aim(self, make: LoadMaker, weight: float, most: float | None) -> Aim:
        """The aim of a problem."""
        own = self.made_of(self.loads(make))
        return Aim(str(self), self.kind, own, weight, most, self.factor(make), self.unit)


@dataclass(frozen=True)
class PeakCompression(Goal):
    """Largest compression of a level, along the chord of joint centres."""

    name, words, metric = "peak_compression", "Largest compression of a level.", "peak_compression_bw"
    of_level = True

    def loads(self, make: LoadMaker) -> tuple[Load, ...]:
        """The compression."""
        return (make.level(self.level, "compression"),)


@dataclass(frozen=True)
class PeakShear(Goal):
    """Largest anterior shear of a level, across the chord."""

    name, words, metric = "peak_shear", "Largest anterior shear of a level.", "peak_anterior_shear_bw"
    of_level = True

    def loads(self, make: LoadMaker) -> tuple[Load, ...]:
        """The shear."""
        return (make.level(self.level, "anterior_shear"),)


@dataclass(frozen=True)
class PeakResultant(Goal):
    """Largest force of a level."""

    name, words, metric = "peak_resultant", "Largest force of a level.", "peak_resultant_bw"
    of_level = True

    def loads(self, make: LoadMaker) -> tuple[Load, ...]:
        """The components, and their resultant."""
        return make.resultant(self.level)

    def made_of(self, loads: tuple[Load, ...]) -> tuple[str, ...]:
        """The resultant."""
        return (loads[-1].name,)


@dataclass(frozen=True)
class Impulse(Goal):
    """Compression of a level times time, over a kilometre."""

    name, words, metric = (
        "impulse_per_km",
        "Compression of a level times time, in 1 km.",
        "impulse_per_km_bw_s",
    )
    unit, kind, of_level = "BW s", "mean", True

    def loads(self, make: LoadMaker) -> tuple[Load, ...]:
        """The compression."""
        return (make.level(self.level, "compression"),)

    def factor(self, make: LoadMaker) -> float:
        """Seconds in a kilometre."""
        return 1000.0 / make.speed


@dataclass(frozen=True)
class DamagePerKm(Goal):
    """Compression of a level to a power, times time, over a kilometre."""

    name, words = "damage_per_km", "Compression of a level to a power ^M, times time, in 1 km."
    unit, kind, of_level, exponents = "BW^m s", "mean", True, (2, 12)

    def loads(self, make: LoadMaker) -> tuple[Load, ...]:
        """The compression, and its power."""
        return make.damage(self.level, self.exponent)

    def made_of(self, loads: tuple[Load, ...]) -> tuple[str, ...]:
        """The power."""
        return (loads[-1].name,)

    def factor(self, make: LoadMaker) -> float:
        """Seconds in a kilometre, in powers of the body weight."""
        return make.damage(self.level, self.exponent)[-1].scale ** self.exponent * 1000.0 / make.speed


@dataclass(frozen=True)
class MetabolicCost(Goal):
    """Net metabolic cost of a distance."""

    name, words = "metabolic_cost", "Net metabolic cost."
    unit, metric, kind = "J/kg/m", "metabolic_cost_j_per_kg_m", "mean"

    def loads(self, make: LoadMaker) -> tuple[Load, ...]:
        """The metabolic rate of all muscles."""
        return (make.metabolic_rate(),)


@dataclass(frozen=True)
class MuscleEffort(Goal):
    """Squared activations of all muscles."""

    name, words, unit, kind = "effort", "Mean of the muscles' squared activations.", "1", "mean"

    def loads(self, make: LoadMaker) -> tuple[Load, ...]:
        """The effort."""
        return (make.effort(),)


@dataclass(frozen=True)
class BrakingGoal(Goal):
    """Backward force on the feet."""

    name, words, kind = "braking", "Mean backward force on both feet.", "mean"

    def loads(self, make: LoadMaker) -> tuple[Load, ...]:
        """The force on each foot."""
        return tuple(make.braking(side) for side in SIDES)


@dataclass(frozen=True)
class KneeForce(Goal):
    """Largest force of a knee along the tibia."""

    name, words, metric = "knee_force", "Largest force of the knee along the tibia.", "knee_contact_peak_bw"

    def loads(self, make: LoadMaker) -> tuple[Load, ...]:
        """The force of each knee."""
        return tuple(make.bone("knee", "tibia", side) for side in SIDES)


@dataclass(frozen=True)
class PatellofemoralForce(Goal):
    """Largest force behind a patella."""

    name, words, metric = (
        "patellofemoral_force",
        "Largest force behind the patella.",
        "patellofemoral_peak_bw",
    )

    def loads(self, make: LoadMaker) -> tuple[Load, ...]:
        """The force behind each patella."""
        return tuple(make.patella(side) for side in SIDES)


@dataclass(frozen=True)
class AchillesForce(Goal):
    """Largest force of an Achilles tendon."""

    name, words, metric = "achilles_force", "Largest force of the Achilles tendon.", "achilles_peak_bw"

    def loads(self, make: LoadMaker) -> tuple[Load, ...]:
        """The force of each tendon."""
        return tuple(make.achilles(side) for side in SIDES)


GOALS: dict[str, type[Goal]] = {
    kind.name: kind
    for kind in (
        PeakCompression,
        PeakShear,
        PeakResultant,
        Impulse,
        DamagePerKm,
        MetabolicCost,
        MuscleEffort,
        BrakingGoal,
        KneeForce,
        PatellofemoralForce,
        AchillesForce,
    )
}
"""All that a gait can be optimised for or limited in, by name."""

DEFAULT_LEVEL, DEFAULT_EXPONENT = "L5S1", 4


def goal(text: str) -> Goal:
    """The goal of a text ``NAME[.LEVEL][^EXPONENT]``; L5S1 and 4 where it has them and does not say which.

    Raises
    ------
    InputError
        Names what is not understood, and what is allowed.
    """
    name = text.split(".")[0].split("^")[0].replace("-", "_")
    if name not in GOALS:
        raise unknown_name("objective", name, GOALS)
    found = _FORM.fullmatch(text.replace("-", "_"))
    if found is None:
        raise InputError(f"objective {text!r} cannot be read (allowed: NAME[.LEVEL][^EXPONENT])")
    kind = GOALS[name]
    level = found["level"] or (DEFAULT_LEVEL if kind.of_level else "")
    exponent = int(found["exponent"] or (DEFAULT_EXPONENT if kind.exponents else 0))
    return kind(level, exponent)


def loads_of(goals: Iterable[Goal], make: LoadMaker) -> tuple[Load, ...]:
    """The loads of all goals, each once, those that others are made of first."""
    return tuple({load.name: load for one in goals for load in one.loads(make)}.values())
