"""What can be asked of a gait: each thing a small class that says what it constrains and how the reference moves along.

A modifier is added by a class here; the command line, files and the record of a run take its name, unit and words from it.
What needs numpy is loaded where it is needed: the command line reads this module for its help.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from math import radians
from typing import TYPE_CHECKING, Any, ClassVar

from footstrike.errors import InputError, unknown_name

if TYPE_CHECKING:
    from footstrike.control.problem import TrackProblem

Contacts = Mapping[str, float]
"""Phase of the cycle at which each foot meets the ground, by side (``r``, ``l``); half a cycle has the right one."""


@dataclass(frozen=True)
class Modifier(ABC):
    """Something asked of a gait.

    Attributes
    ----------
    name, unit, words
        What it is called, its unit (as a suffix of names), and what it means.
    phrase
        How it is told with its value, within a sentence.
    least, most
        Limits of its value.
    metric
        Result that says how far it was met.
    """

    name: ClassVar[str]
    unit: ClassVar[str]
    words: ClassVar[str]
    phrase: ClassVar[str]
    least: ClassVar[float]
    most: ClassVar[float]
    metric: ClassVar[str | None] = None

    value: float

    def __post_init__(self) -> None:
        if not self.least <= self.value <= self.most:
            shown = f"{self.name} {self.value:g} {self.unit}".rstrip()
            raise InputError(f"{shown} cannot be used (allowed: {self.allowed()})")

    @classmethod
    def key(cls) -> str:
        """Name with its unit, as a run records it."""
        return f"{cls.name}_{cls.unit}" if cls.unit else cls.name

    @classmethod
    def allowed(cls) -> str:
        """What its value may be."""
        return f"a number from {cls.least:g} to {cls.most:g} {cls.unit}".rstrip()

    def __str__(self) -> str:
        return self.phrase.format(self.value)

    @abstractmethod
    def applied(self, problem: TrackProblem, contacts: Contacts) -> TrackProblem:
        """The problem in which it holds, its references moved along."""


@dataclass(frozen=True)
class StepLength(Modifier):
    """Distance of a step: the cycle's duration follows from the speed."""

    name, unit, words = "step_length", "m", "Prescribed step length."
    phrase = "step length {:g} m"
    least, most, metric = 0.3, 3.0, "step_length_m"

    def applied(self, problem: TrackProblem, contacts: Contacts) -> TrackProblem:
        """Every gait as long as its steps take."""
        from footstrike.control import modification

        (reference,) = problem.references
        assert reference.speed is not None
        return modification.with_step_time(problem, self.value / reference.speed)


@dataclass(frozen=True)
class Cadence(Modifier):
    """Steps a minute: the cycle's duration."""

    name, unit, words = "cadence", "spm", "Prescribed steps per minute."
    phrase = "{:g} steps per minute"
    least, most, metric = 120.0, 240.0, "cadence_spm"

    def applied(self, problem: TrackProblem, contacts: Contacts) -> TrackProblem:
        """Every gait as long as its steps take."""
        from footstrike.control import modification

        return modification.with_step_time(problem, 60.0 / self.value)


@dataclass(frozen=True)
class KneeFlexion(Modifier):
    """Flexion of the knee at initial contact.

    The reference moves along as runners vary from step to step (experiments/targets/covariation.py): part of the
    change is the thigh's, the rest the shank's; the ankle leaves the foot as it lands.
    """

    name, unit, words = "knee_flexion", "deg", "Knee flexion at initial contact."
    phrase = "knee flexion at contact {:g} deg"
    least, most, metric = 0.0, 60.0, "knee_flexion_contact_deg"

    def applied(self, problem: TrackProblem, contacts: Contacts) -> TrackProblem:
        """The knee's angle prescribed at every contact; knee flexion is negative there."""
        from footstrike.control import modification

        return modification.with_knee_flexion(problem, radians(self.value), contacts)


@dataclass(frozen=True)
class FootStrikeAngle(Modifier):
    """Angle between foot and ground at initial contact, toe up positive, as between shoe markers.

    The reference moves along as runners vary from step to step (experiments/targets/covariation.py): of a toe that points
    down, 79 % is the ankle's, and the knee bends by a third of it. It is ready before it lands, and rolls off after.
    """

    name, unit, words = "foot_strike_angle", "deg", "Foot-strike angle between shoe markers, toe up +."
    phrase = "foot-strike angle {:g} deg between shoe markers"
    least, most, metric = -15.0, 30.0, "foot_strike_angle_markers_deg"

    def applied(self, problem: TrackProblem, contacts: Contacts) -> TrackProblem:
        """The pitch of the skeleton's foot held at every contact, in place of the strike's range."""
        from footstrike.control import modification
        from footstrike.gait.foot_strike import on_skeleton

        return modification.with_foot_pitch(problem, radians(on_skeleton(self.value)), contacts)


@dataclass(frozen=True)
class TrunkLean(Modifier):
    """Mean forward lean of the trunk over the stride.

    The lumbar spine takes all of the change: between ten runners the pelvis does not lean along (its share is -0.3 to
    -0.5 at 2 to 5 m/s, correlation -0.15 to -0.46; Hamner & Delp 2013).
    """

    name, unit, words = "trunk_lean", "deg", "Mean forward lean of the trunk."
    phrase = "mean trunk lean {:g} deg"
    least, most, metric = -15.0, 35.0, "trunk_lean_mean_deg"

    def applied(self, problem: TrackProblem, contacts: Contacts) -> TrackProblem:
        """The mean thorax tilt held."""
        from footstrike.control import modification

        return modification.with_lean(problem, radians(self.value))


@dataclass(frozen=True)
class Rotation(Modifier):
    """Amplitude of the axial rotation of pelvis and lumbar spine, in times of the habitual one."""

    name, unit, words = "rotation", "", "Rotation of pelvis and trunk, times the habitual (0 held)."
    phrase = "trunk rotation {:g} times the habitual one"
    least, most = 0.0, 2.0

    def applied(self, problem: TrackProblem, contacts: Contacts) -> TrackProblem:
        """The part of the motion that has the habitual course is held at that amplitude."""
        from footstrike.control import modification

        return modification.with_amplitude(problem, self.value, (("pelvis_rotation",), ("lumbar_rotation",)))


@dataclass(frozen=True)
class ArmSwing(Modifier):
    """Amplitude of the swing of shoulders and elbows, in times of the habitual one."""

    name, unit, words = "arm_swing", "", "Arm swing, times the habitual (0 held)."
    phrase = "arm swing {:g} times the habitual one"
    least, most = 0.0, 2.0

    def applied(self, problem: TrackProblem, contacts: Contacts) -> TrackProblem:
        """The part of the motion that has the habitual course is held at that amplitude."""
        from footstrike.control import modification

        kinds = ("arm_flex", "arm_add", "arm_rot", "elbow_flex")
        return modification.with_amplitude(problem, self.value, tuple((f"{k}_r", f"{k}_l") for k in kinds))


@dataclass(frozen=True)
class VerticalOscillation(Modifier):
    """Amplitude of the pelvis' movement up and down, in times of the habitual one."""

    name, unit, words = "vertical_oscillation", "", "Up and down of the pelvis, times the habitual."
    phrase = "vertical oscillation {:g} times the habitual one"
    least, most = 0.5, 1.5

    def applied(self, problem: TrackProblem, contacts: Contacts) -> TrackProblem:
        """The part of the motion that has the habitual course is held at that amplitude."""
        from footstrike.control import modification

        return modification.with_amplitude(problem, self.value, (("pelvis_ty",),))


MODIFIERS: dict[str, type[Modifier]] = {
    kind.name: kind
    for kind in (
        StepLength,
        Cadence,
        KneeFlexion,
        FootStrikeAngle,
        TrunkLean,
        Rotation,
        ArmSwing,
        VerticalOscillation,
    )
}
"""All that can be asked for, by name."""


def modifier(name: str, value: float) -> Modifier:
    """The modifier of a name."""
    if name not in MODIFIERS:
        raise unknown_name("modifier", name, MODIFIERS)
    return MODIFIERS[name](value)


def recorded(specification: Mapping[str, Any]) -> tuple[Modifier, ...]:
    """What a run's specification says was asked of its gait."""
    values = {kind: specification.get(kind.key()) for kind in MODIFIERS.values()}
    return tuple(kind(value) for kind, value in values.items() if value is not None)
